"""How values are kept as JSON, and read again by an older or a newer version of this program."""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from functools import cache
from typing import Any


def shallow(value: Any) -> dict[str, Any]:
    """A dataclass's fields as they are: asdict() copies all they hold, which takes longer than writing it."""
    return {name: getattr(value, name) for name in _names(value.__class__)}


def written(values: Mapping[str, Any]) -> str:
    """Compact JSON; times in ISO 8601, values inside as mappings."""
    return json.dumps(values, default=_plain, ensure_ascii=False, separators=(",", ":"))


def known(kind: type, raw: Mapping[str, Any], *times: str) -> dict[str, Any]:
    """The fields that this version of `kind` has; `times` are those that hold one. What a newer version wrote besides
    is left out, and what an older one did not write takes its default: while one replaces the other, both read it."""
    found = {name: raw[name] for name in _names(kind) if name in raw}
    for name in times:
        if name in found:
            found[name] = datetime.fromisoformat(found[name]) if found[name] else None
    return found


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(f.name for f in fields(kind))


def _plain(value: object) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if is_dataclass(value):
        return shallow(value)
    raise TypeError(type(value).__name__)
