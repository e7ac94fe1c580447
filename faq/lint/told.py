"""Findings as JSON, for machines and for keeping, and back."""

import dataclasses
from collections.abc import Mapping
from datetime import date
from typing import Any

from faq.lint.finding import (
    DropWording,
    Finding,
    Fix,
    Level,
    MergeWordings,
    OpenEntry,
    ReplaceLink,
    Reviewed,
    SideBySide,
)

FIXES: Mapping[str, type[Fix]] = {
    "open": OpenEntry,
    "side_by_side": SideBySide,
    "drop_wording": DropWording,
    "merge_wordings": MergeWordings,
    "replace_link": ReplaceLink,
    "reviewed": Reviewed,
}
"""What a fix is called, outside and in the console's words (lint.fix.<name>)."""

_NAMES = {kind: name for name, kind in FIXES.items()}


def fix_name(fix: Fix) -> str:
    """What this one is called."""
    return _NAMES[type(fix)]


def to_json(finding: Finding) -> dict[str, Any]:
    """Plain values; `id` is stable as long as the texts are."""
    return {
        "id": finding.id,
        "rule": finding.rule,
        "level": finding.level.value,
        "entries": list(finding.entries),
        "key": finding.key,
        "values": dict(finding.values),
        "fixes": [{"kind": fix_name(fix)} | _plain(fix) for fix in finding.fixes],
        "of": list(finding.of),
    }


def from_json(told: Mapping[str, Any]) -> Finding:
    """The inverse."""
    return Finding(
        told["rule"],
        Level(told["level"]),
        tuple(told["entries"]),
        told["key"],
        tuple(_fix(one) for one in told["fixes"]),
        dict(told["values"]),
        tuple(told["of"]),
    )


def _plain(fix: Fix) -> dict[str, str]:
    fields = dataclasses.asdict(fix)
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in fields.items()}


def _fix(told: Mapping[str, Any]) -> Fix:
    kind = FIXES[told["kind"]]
    values = {name: value for name, value in told.items() if name != "kind"}
    if kind is Reviewed:
        values |= {name: date.fromisoformat(values[name]) for name in ("on", "until")}
    made: Fix = kind(**values)
    return made
