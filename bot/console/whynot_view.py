"""Why an expected entry did not answer, in words, and what can be done about it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from bot.console.words import Words

SHOWN = 4  # signals beside the winner's: those in which the two differ most


def not_said(told: Mapping[str, Any], t: Words) -> dict[str, Any]:
    """bot.whynot.why_not's answer for ask.html and the command line."""
    standing: Mapping[str, Any] | None = told["standing"]
    return {
        "entry": told["entry"],
        "title": told["title"],
        "place": _place(standing, t) if standing else "",
        "reasons": [_reason(one["key"], one["values"], t) for one in told["reasons"]],
        "signals": _signals(standing, t) if standing and standing["place"] > 1 else [],
        "wins": any(one["key"] == "wins" for one in told["reasons"]),
        "wording": told["wording"],
    }


def _place(standing: Mapping[str, Any], t: Words) -> str:
    score = t.percent(float(standing["score"]))
    return t("whynot.place", place=t.number(standing["place"]), of=t.number(standing["of"]), score=score)


def _reason(key: str, values: Mapping[str, Any], t: Words) -> str:
    return t.maybe(f"whynot.reason.{key}", key, **{name: _value(name, value, t) for name, value in values.items()})


def _value(name: str, value: Any, t: Words) -> str:
    if name == "words":
        return t("whynot.and").join(t("whynot.quoted", word=word) for word in value)
    if name in ("score", "limit"):
        return t.percent(float(value))
    if name == "day":
        return t.day(date.fromisoformat(value))
    if name in ("signal", "deed"):
        return t.maybe(f"{name if name == 'signal' else 'ask.deed'}.{value}", str(value))
    return t.maybe(f"faq.state.{value}", str(value)) if name == "status" else str(value)


def _signals(standing: Mapping[str, Any], t: Words) -> list[tuple[str, str, str]]:
    """Signal, what it gave this entry, what the winner; points, of which more are better."""
    own, first = standing["signals"], standing["winner_signals"]
    apart = sorted(first, key=lambda name: -abs(first[name] - own.get(name, 0.0)))[:SHOWN]
    return [
        (t.maybe(f"signal.{name}", name), t.number(own.get(name, 0.0), 2), t.number(first[name], 2))
        for name in apart
        if abs(first[name] - own.get(name, 0.0)) >= 0.005
    ]
