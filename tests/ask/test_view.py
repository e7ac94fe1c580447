"""What the ask box makes of a worker's answer: sentences, marks and measures."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.console.ask_view import WIDTH, explained
from bot.console.words import Words, texts
from bot.effects import Reply
from bot.rehearsal import _deed
from faq.retrieval.fusion import FULL, WORDS_ONLY, shipped
from nlu.alarms import KINDS
from tests.house import MONDAY

DE = Words("de", ZoneInfo("Europe/Berlin"), MONDAY)
EN = Words("en", ZoneInfo("Europe/Berlin"), MONDAY)
MEANT = {"intent": "faq_question", "confidence": 0.9, "source": "rasa", "entities": [], "ranking": []}
DEEDS = ("answer", "clarify", "withhold", "emergency", "office", "person", "talk")


def match(entry: str, score: float, revision: str = "1") -> dict[str, Any]:
    return {
        "entry": entry,
        "revision": revision,
        "title": f"Frage {entry}?",
        "topic": "t",
        "score": score,
        "why": {"strength": 1.0},
        "draft": revision != "1",
    }


def finding(*matches: dict[str, Any], deed: str = "answer", decision: str = "answer") -> dict[str, Any]:
    reply = {"deed": deed, "key": deed, "reason": "", "text": "Ja.", "buttons": [], "language": "de"}
    limits = {"answer": 0.8, "clarify": 0.2}
    return {
        "decision": decision,
        "words_only": False,
        "thresholds": limits,
        "ranking": list(matches),
        "options": [],
        "reply": reply,
    }


def shown(live: dict[str, Any], drafts: dict[str, Any] | None = None, **meant: Any) -> dict[str, Any]:
    compared = None if drafts is None else {"state": "ready", "pending": 2, **drafts}
    found = {"question": "q", "language": "de", "understanding": MEANT | meant, "drafts": compared, **live}
    return explained(found, DE)


def marks(side: dict[str, Any]) -> dict[str, list[str]]:
    return {row["entry"]: [said for _, _, said in row["marks"]] for row in side["rows"]}


def test_rows_say_how_they_moved() -> None:
    found = shown(
        finding(match("a", 0.9), match("b", 0.3), match("c", 0.2), match("d", 0.1)),
        finding(match("b", 0.9), match("a", 0.3), match("neu", 0.2, "2"), match("d", 0.1)),
    )
    assert marks(found["drafts"]) == {
        "b": ["bisher Platz 2"],
        "a": ["bisher Platz 1"],
        "neu": ["Entwurf", "neu unter den ersten"],
        "d": [],
    }
    assert marks(found["live"]) == {"a": [], "b": [], "c": ["mit den Entwürfen nicht mehr dabei"], "d": []}


@pytest.mark.parametrize(
    ("live", "drafts", "says"),
    [
        (finding(match("a", 0.9)), finding(match("a", 0.9)), ["ändert sich nichts"]),
        (finding(match("a", 0.9)), finding(match("b", 0.9)), ["„Frage b?“ statt „Frage a?“"]),
        (finding(match("a", 0.9)), finding(match("a", 0.9, "2")), ["bleibt „Frage a?“"]),
        (finding(match("a", 0.5)), finding(match("a", 0.9)), ["sicherer: 90\u202f% statt 50\u202f%"]),
        (finding(match("a", 0.9)), finding(match("a", 0.5)), ["weniger sicher: 50\u202f% statt 90\u202f%"]),
        (finding(), finding(match("a", 0.0)), ["Bisher passt nichts"]),
        (finding(match("a", 0.0)), finding(), ["nichts würde passen"]),
        (
            finding(match("a", 0.9), match("b", 0.2), match("c", 0.1)),
            finding(match("a", 0.9), match("c", 0.2), match("b", 0.1)),
            ["Nur weiter hinten"],
        ),
        (
            finding(match("a", 0.9)),
            finding(match("a", 0.3), deed="clarify", decision="clarify"),
            ["Bisher: antwortet. Dann: fragt nach.", "weniger sicher"],
        ),
    ],
)
def test_what_changes_is_said(live: dict[str, Any], drafts: dict[str, Any], says: list[str]) -> None:
    changes = shown(live, drafts)["changes"]
    assert len(changes) == len(says)
    assert all(part in change for part, change in zip(says, changes, strict=True)), changes


def test_what_the_search_alone_would_do_stands_beside_another_deed() -> None:
    assert shown(finding(match("a", 0.9)))["live"]["alone"] == ""
    asked = shown(finding(match("a", 0.9), deed="office"))["live"]
    assert "Kalender" in asked["sentence"]
    assert "Frage a?" in asked["alone"]


def test_the_bar_has_both_thresholds() -> None:
    live = shown(finding(match("a", 0.5)))["live"]
    assert live["bar"] == WIDTH / 2
    assert [(name, x) for name, x, _ in live["marks"]] == [("clarify", 120), ("answer", 480)]


@pytest.mark.parametrize("words", [DE, EN], ids=["de", "en"])
def test_it_says_whose_thresholds_hold(words: Words) -> None:
    def said(by: str, on: str = "") -> str:
        found = {"question": "q", "language": "de", "understanding": MEANT, "drafts": None, **finding(match("a", 0.9))}
        return str(explained(found | {"fitted": {"by": by, "on": on}}, words)["live"]["fitted"])

    told = [said(by, on) for by in ("own", "outdated") for on in ("", "2026-11-20")] + [said("general")]
    assert len(set(told)) == 5
    assert all(told)
    assert words.day(date(2026, 11, 20)) in told[1]
    assert "{" not in "".join(told)


def test_an_office_is_named_with_the_day() -> None:
    office = {
        "aspect": "hours",
        "offices": ["Bürgeramt"],
        "place": "",
        "district": "",
        "days": ["2026-11-27"],
        "part": "morning",
        "at": "",
        "now": False,
    }
    meant = shown(finding(), office=office, emergency="danger", parts=["a?", "b?"])["meant"]
    assert meant["office"] == [
        ("Gefragt nach", "Öffnungszeiten"),
        ("Amt", "Bürgeramt"),
        ("Wann", "27.11.2026 vormittags"),
    ]
    assert (meant["emergency"], meant["parts"]) == ("Gefahr für Leib und Leben", ["a?", "b?"])


def test_an_older_workers_answer_is_shown_too() -> None:
    old = finding(match("a", 0.9))
    del old["reply"]
    found = shown(old)
    assert (found["live"]["deed"], found["compared"], found["meant"]["office"]) == ("answer", False, [])


@pytest.mark.parametrize("language", ["de", "en"])
def test_there_are_words_for_every_deed_alarm_and_state(language: str) -> None:
    words = texts(language)
    assert {f"ask.decision.{deed}" for deed in DEEDS} | {f"ask.deed.{deed}" for deed in DEEDS} <= set(words)
    assert {f"ask.emergency.{kind}" for kind in KINDS} <= set(words)
    assert {f"ask.drafts.{state}" for state in ("none", "building", "failed")} <= set(words)


@pytest.mark.parametrize("kind", [FULL, WORDS_ONLY])
def test_every_signal_has_a_name(kind: str) -> None:
    assert {f"signal.{name}" for name in shipped(kind).weights} <= set(texts("de"))


@pytest.mark.parametrize(
    ("key", "deed"),
    [
        ("emergency.poison", "emergency"),
        ("hours", "office"),
        ("clarify", "clarify"),
        ("miss", "withhold"),
        ("help", "talk"),
    ],
)
def test_a_reply_is_one_of_the_deeds(key: str, deed: str) -> None:
    assert _deed(Reply(key)) == deed
