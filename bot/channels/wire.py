"""Reading what platforms post: JSON that every later step can also write."""

import json
from typing import Any

from bot.channels.channel import Unparseable

MAX_DEPTH = 64


def read_json(raw: bytes) -> Any:
    """The JSON of a webhook's body; raises Unparseable for anything else, and for nesting that nobody needs."""
    try:
        # deeper than Python's own limit, JSON that was read could not be written to the inbox again
        if raw.count(b"{") + raw.count(b"[") > MAX_DEPTH and _depth(raw) > MAX_DEPTH:
            raise Unparseable("nested too deeply")
        return json.loads(raw, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise Unparseable("no JSON") from None


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


def _depth(raw: bytes) -> int:
    """The deepest nesting; brackets inside strings do not count."""
    depth = deepest = 0
    quoted = escaped = False
    for byte in raw:
        if quoted:
            quoted, escaped = escaped or byte != 0x22, byte == 0x5C and not escaped
        elif byte == 0x22:
            quoted = True
        elif byte in b"{[":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"}]":
            depth -= 1
    return deepest
