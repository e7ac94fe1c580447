"""What the ask box shows, made of bot.ask's answer: sentences, the measures of the drawing, and what drafts change."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from bot.console.inbox import signals
from bot.console.whynot_view import not_said
from bot.console.words import Words

WIDTH = 600  # units of the bar's drawing
NOTICED = 0.005  # a certainty that moves by less reads the same

# A web process may be newer than the worker that answers while both are replaced one after the other.
_NO_REPLY: Mapping[str, Any] = {"deed": "", "key": "", "reason": "", "text": "", "buttons": (), "language": ""}


def explained(found: Mapping[str, Any], t: Words) -> dict[str, Any]:
    """bot.ask.Examiner.describe's answer for ask.html."""
    drafts: Mapping[str, Any] = found.get("drafts") or {}
    ready = "ranking" in drafts
    places = {m["entry"]: place for place, m in enumerate(found["ranking"], 1)}
    live = _side(found, t)
    shown: dict[str, Any] = {
        "asked": found["question"],
        "language": t.maybe(f"language.{found['language']}", str(found["language"])),
        "live": live,
        "words_only": bool(found.get("words_only")),
        "compared": ready,
        "state": str(drafts.get("state", "")),
        "pending": t.count("ask.pending", drafts["pending"]) if drafts.get("pending") else "",
        "drafts": None,
        "changes": [],
        "meant": _meant(found["understanding"], t),
    }
    if ready:
        shown["drafts"] = _side(drafts, t)
        shown["changes"] = _changes(found, drafts, t)
        _mark_moves(shown["drafts"]["rows"], places, t)
        kept = {m["entry"] for m in drafts["ranking"]}
        for row in live["rows"]:
            row["marks"] += [] if row["entry"] in kept else [("late", "−", t("ask.moved.out"))]
    return shown


def _side(finding: Mapping[str, Any], t: Words) -> dict[str, Any]:
    """One corpus' column: live or with drafts."""
    ranking, decision = finding["ranking"], str(finding["decision"])
    reply = finding.get("reply") or _NO_REPLY
    deed = str(reply["deed"]) or decision
    score = _score(finding)
    limits = [(name, float(finding["thresholds"][name])) for name in ("clarify", "answer")]
    marks = [(name, round(at * WIDTH), t.percent(at)) for name, at in limits]
    return {
        "deed": deed,
        "decision": decision,
        "sentence": _sentence(deed, finding, t),
        "alone": _sentence(decision, finding, t) if deed != decision else "",
        "text": reply["text"],
        "text_language": reply["language"],
        "buttons": reply["buttons"],
        "score": t.percent(score),
        "bar": round(score * WIDTH),
        "width": WIDTH,
        "marks": marks,
        "fitted": _fitted(finding.get("fitted"), t),
        "why_not": not_said(finding["why_not"], t) if finding.get("why_not") else None,
        "rows": [
            {
                "entry": m["entry"],
                "title": m["title"],
                "score": t.percent(float(m["score"])),
                "why": signals(m["why"], t),
                "marks": [
                    *([("draft", "", t("ask.draft"))] if m.get("draft") else []),
                    *([("plain", "", t("ask.offered"))] if _is_offered(m, decision, finding) else []),
                ],
            }
            for m in ranking
        ],
    }


def _fitted(fitted: Mapping[str, str] | None, t: Words) -> str:
    """Where the thresholds come from; an older worker does not say."""
    if not fitted:
        return ""
    day = t.day(date.fromisoformat(fitted["on"])) if fitted["on"] else ""
    return t.maybe(f"ask.fitted.{fitted['by']}{'_on' if day else ''}", "", day=day)


def _is_offered(match: Mapping[str, Any], decision: str, finding: Mapping[str, Any]) -> bool:
    return decision == "clarify" and match["entry"] in finding.get("options", ())


def _score(finding: Mapping[str, Any]) -> float:
    """How sure the search is of its first match."""
    return float(finding["ranking"][0]["score"]) if finding["ranking"] else 0.0


def _sentence(deed: str, finding: Mapping[str, Any], t: Words) -> str:
    title = finding["ranking"][0]["title"] if finding["ranking"] else ""
    reason = (finding.get("reply") or _NO_REPLY)["reason"]
    why = t.maybe(f"reason.{reason}", str(reason))
    return t.maybe(f"ask.decision.{deed}", deed, title=title, score=t.percent(_score(finding)), reason=why)


def _mark_moves(rows: list[dict[str, Any]], places: Mapping[str, int], t: Words) -> None:
    """Beside each row how its place differs from the live one."""
    for place, row in enumerate(rows, 1):
        before = places.get(row["entry"])
        if before is None:
            row["marks"].append(("new", "+", t("ask.moved.new")))
        elif before != place:
            way, sign = ("up", "↑") if before > place else ("down", "↓")
            row["marks"].append(("moved", sign, t(f"ask.moved.{way}", before=before)))


def _changes(live: Mapping[str, Any], drafts: Mapping[str, Any], t: Words) -> list[str]:
    """What the drafts change for this question, in sentences; one that says so where they change nothing."""
    told: list[str] = []
    before, after = _deed(live), _deed(drafts)
    if before != after:
        told.append(t("ask.changed.decision", before=_name(before, t), after=_name(after, t)))
    old, new = (f["ranking"][0] if f["ranking"] else None for f in (live, drafts))
    if new and (old is None or old["entry"] != new["entry"]):
        key = "ask.changed.first" if old else "ask.changed.only"
        told.append(t(key, before=old["title"] if old else "", after=new["title"]))
    elif new and old and old["revision"] != new["revision"]:
        told.append(t("ask.changed.text", title=new["title"]))
    elif old and new is None:
        told.append(t("ask.changed.nothing_found", before=old["title"]))
    was, now = _score(live), _score(drafts)
    if abs(now - was) >= NOTICED and t.percent(was) != t.percent(now):
        way = "surer" if now > was else "less_sure"
        told.append(t(f"ask.changed.{way}", before=t.percent(was), after=t.percent(now)))
    elif not told and [m["entry"] for m in live["ranking"]] != [m["entry"] for m in drafts["ranking"]]:
        told.append(t("ask.changed.order"))
    return told or [t("ask.changed.none")]


def _deed(finding: Mapping[str, Any]) -> str:
    return str((finding.get("reply") or _NO_REPLY)["deed"]) or str(finding["decision"])


def _name(deed: str, t: Words) -> str:
    return t.maybe(f"ask.deed.{deed}", deed)


def _meant(meant: Mapping[str, Any], t: Words) -> dict[str, Any]:
    """What was understood, as facts with their headings."""
    emergency, parts = str(meant.get("emergency") or ""), [str(part) for part in meant.get("parts") or ()]
    return {
        "intent": t.maybe(f"intent.{meant['intent']}", str(meant["intent"])),
        "confidence": t.percent(float(meant["confidence"])),
        "source": t.maybe(f"understood_by.{meant['source']}", ""),
        "others": [
            (t.maybe(f"intent.{o['intent']}", str(o["intent"])), t.percent(float(o["confidence"])))
            for o in meant["ranking"][1:4]
        ],
        "entities": [(t.maybe(f"entity.{e['kind']}", str(e["kind"])), str(e["value"])) for e in meant["entities"]],
        "emergency": t.maybe(f"ask.emergency.{emergency}", emergency) if emergency else "",
        "office": _office(meant.get("office"), t),
        "parts": parts,
    }


def _office(asked: Mapping[str, Any] | None, t: Words) -> list[tuple[str, str]]:
    """What was asked about an office or a place: heading and words."""
    if not asked:
        return []
    days = [t.day(date.fromisoformat(day)) for day in asked["days"]]
    time = [t("ask.now")] if asked["now"] else [*days, t.maybe(f"ask.part.{asked['part']}", ""), asked["at"]]
    facts = [
        ("ask.about", t.maybe(f"ask.aspect.{asked['aspect']}", "")),
        ("entity.office", ", ".join(asked["offices"])),
        ("ask.kind", asked["place"]),
        ("entity.district", asked["district"]),
        ("ask.when", " ".join(part for part in time if part)),
    ]
    return [(t(heading), said) for heading, said in facts if said]
