"""Why an entry that somebody expected did not answer, as reasons with what fills their words. Pure.

The words are the console's: whynot.<key>.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from faq.catalogue import State
from faq.entry import Status
from faq.retrieval.standing import Standing

SEARCHED = frozenset({"answer", "clarify", "withhold"})
"""What the bot does by what the search found; all else comes before it."""


def why_not(
    entry: str, state: State | None, standing: Standing | None, finding: Mapping[str, Any], today: date
) -> dict[str, Any]:
    """JSON: the entry, where it stands (None where it cannot answer at all), each reason, and whether another wording
    could help. `finding` is bot.ask's, of the corpus in which it was looked for."""
    title = (state.live or state.head).text("de").question if state else ""
    return {
        "entry": entry,
        "title": title,
        "standing": asdict(standing) | {"score": _score(standing, finding)} if standing else None,
        "reasons": _reasons(state, standing, finding, today),
        "wording": standing is not None and standing.place > 1 and not standing.verbatim,
    }


def _score(standing: Standing, finding: Mapping[str, Any]) -> float:
    first = float(finding["ranking"][0]["score"]) if finding["ranking"] else 0.0
    return round(first * standing.ratio, 4)


def _reasons(
    state: State | None, standing: Standing | None, finding: Mapping[str, Any], today: date
) -> list[dict[str, Any]]:
    if state is None:
        return [_reason("unknown")]
    found = []
    deed = str((finding.get("reply") or {}).get("deed", ""))
    if deed and deed not in SEARCHED:
        found.append(_reason("other_way", deed=deed))
    if standing is None:
        return [*found, _absent(state, today)]
    limits, score = finding["thresholds"], _score(standing, finding)
    if standing.place == 1:
        if score >= float(limits["answer"]):
            return found or [_reason("wins")]
        key = "below_answer" if score >= float(limits["clarify"]) else "below"
        limit = limits["answer" if key == "below_answer" else "clarify"]
        return [*found, _reason(key, score=score, limit=float(limit)), *_words(standing)]
    if standing.verbatim:
        return [*found, _reason("verbatim", winner=standing.winner)]
    return [*found, *_words(standing), *_weaker(standing)]


def _absent(state: State, today: date) -> dict[str, Any]:
    live = state.live
    if live is None:
        return _reason("archived" if state.status is Status.ARCHIVED else "unpublished", status=state.status.value)
    if live.valid_from and live.valid_from > today:
        return _reason("not_yet", day=live.valid_from.isoformat())
    if live.valid_until and live.valid_until < today:
        return _reason("no_more", day=live.valid_until.isoformat())
    return _reason("not_taken")


def _words(standing: Standing) -> list[dict[str, Any]]:
    found = []
    if standing.unsaid:
        found.append(_reason("unsaid", words=list(standing.unsaid)))
    if standing.unworded:
        found.append(_reason("unworded", words=list(standing.unworded)))
    return found


def _weaker(standing: Standing) -> list[dict[str, Any]]:
    """The signal by which the winner is ahead most."""
    ahead = {name: value - standing.signals.get(name, 0.0) for name, value in standing.winner_signals.items()}
    name = max(ahead, key=lambda one: ahead[one], default="")
    return [_reason("weaker", signal=name, winner=standing.winner)] if name and ahead[name] > 0 else []


def _reason(key: str, **values: Any) -> dict[str, Any]:
    return {"key": key, "values": values}
