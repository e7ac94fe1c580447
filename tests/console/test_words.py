"""The console's words: both languages whole, every key that is named there, numbers as people write them."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.console import app, faq_bulk, pages
from bot.console.accounts import Role
from bot.console.roster import REASONS
from bot.console.words import Words, texts
from bot.conversation import Outcome, Reason, Status
from bot.handoff.callback import Call
from bot.message import DeliveryState
from bot.store.presence import IDLE, Doing
from faq.entry import Status as EntryStatus
from nlu.understand import ENTITIES, FALLBACK, INTENTS

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def test_both_languages_say_the_same_things() -> None:
    german, english = texts("de"), texts("en")
    assert set(german) == set(english)
    for key in german:
        places = [set(re.findall(r"\{(\w+)\}", t[key])) for t in (german, english)]
        assert places[0] == places[1], key
        assert german[key].strip(), key


def test_every_key_that_is_named_is_there() -> None:
    folder = Path(app.__file__).parent
    named = set()
    for path in [*folder.glob("*.py"), *pages.TEMPLATES.rglob("*.html")]:
        text = path.read_text("utf-8")
        named |= set(re.findall(r"\b(?:t|words)\(\s*[\"']([\w.]+)[\"']\s*[,)]", text))
        named |= {f"{key}.one" for key in re.findall(r"\.count\(\s*[\"']([\w.]+)[\"']", text)}
    assert len(named) > 100
    assert not named - set(texts("de"))


def test_every_deed_of_the_audit_has_words() -> None:
    """Names that are put together (`f"gaps_{what}"`) are looked at where they are made."""
    named = set(faq_bulk.DEEDS.values())
    for path in Path(app.__file__).parent.rglob("*.py"):
        text = path.read_text("utf-8")
        named |= set(re.findall(r"audit\.record\(\s*[^\s,]+,\s*\"(\w+)\"", text))
    assert {"faq_submitted", "faq_taken_back", "faq_restored", "signin"} <= named
    assert not {f"deed.{name}" for name in named} - set(texts("de"))


@pytest.mark.parametrize(
    ("prefix", "names"),
    [
        ("role", Role),
        ("reason", Reason),
        ("status", Status),
        ("outcome", Outcome),
        ("others", Doing),
        ("callbacks", Call),
        ("presence.reason", (*REASONS, IDLE)),
        ("delivery", DeliveryState),
        ("faq.state", EntryStatus),
        ("intent", (*INTENTS, FALLBACK)),
        ("entity", ENTITIES),
    ],
)
def test_every_member_has_a_word(prefix: str, names: tuple[str, ...]) -> None:
    assert not {f"{prefix}.{name}" for name in names} - set(texts("de"))


def test_numbers_and_times() -> None:
    de, en = Words("de", BERLIN, NOW), Words("en", BERLIN, NOW)
    assert (de.number(1234.5, 1), en.number(1234.5, 1)) == ("1.234,5", "1,234.5")
    assert (de.percent(0.62), en.percent(0.999), en.percent(1)) == ("62\u202f%", "99%", "100%")
    assert en.percent(6 / 5) == "120%"  # six times handed over in five conversations
    assert de.exact(NOW) == "Di., 24.11.2026, 10:00 Uhr"
    assert en.exact(NOW) == "Tue, 24 Nov 2026, 10:00"
    assert de.moment(NOW) == "10:00"
    assert de.moment(NOW - timedelta(days=1)) == "23.11. 10:00"
    assert de.coming(NOW + timedelta(days=1)) == "morgen 10:00 Uhr"
    assert de.coming(NOW + timedelta(days=3)) == "Fr., 27.11., 10:00 Uhr"
    spans = {
        30: "unter 1 min",
        60: "1 min",
        3599: "59 min",
        3600: "1 h",
        4000: "1 h 6 min",
        90000: "1 Tag",
        -5: "unter 1 min",
    }
    assert {s: de.span(s) for s in spans} == spans
    assert Words("xx", BERLIN, NOW).language == "de"


def test_what_is_filled_in_stays_what_it_is() -> None:
    de = Words("de", BERLIN, NOW)
    assert de("event.transferred", name="{about}", about="{name}") == "{about} hat an {name} weitergeleitet"
    with pytest.raises(KeyError):
        de("nothing.here")
    assert de.maybe("nothing.here", "so") == "so"
