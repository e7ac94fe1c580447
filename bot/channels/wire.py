"""Reading what platforms post: JSON that every later step can also write."""

import base64
import hashlib
import json
from typing import Any

from bot.channels.channel import Unparseable
from bot.message import Arrival

MAX_DEPTH = 64
NOBODY = "?"  # the chat of what cannot be read
_BODY = "body"


def read_json(raw: bytes) -> Any:
    """The JSON of a webhook's body; raises Unparseable for anything else, and for nesting that nobody needs."""
    try:
        # deeper than Python's own limit, JSON that was read could not be written to the inbox again
        if raw.count(b"{") + raw.count(b"[") > MAX_DEPTH and _depth(raw) > MAX_DEPTH:
            raise Unparseable("nested too deeply")
        return json.loads(raw, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise Unparseable("no JSON") from None


def unreadable(channel: str, raw: bytes) -> Arrival:
    """A whole body that nobody can take apart, as a dead letter; its name is what it holds."""
    name = hashlib.blake2b(raw, digest_size=16).hexdigest()
    return Arrival(channel, name, NOBODY, {_BODY: base64.b64encode(raw).decode("ascii")})


def body_of(arrival: Arrival) -> bytes | None:
    """The bytes that unreadable() kept; None for any other arrival."""
    if arrival.chat != NOBODY or set(arrival.payload) != {_BODY}:
        return None
    return base64.b64decode(arrival.payload[_BODY])


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
