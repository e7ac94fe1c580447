"""What editors read beside a link."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.console.links_view import links_said
from bot.console.words import Words
from faq.links.found import Found
from faq.links.kept import Look
from faq.links.look import State

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
T = Words("de", ZoneInfo("Europe/Berlin"), NOW)


def said(look: Look | None, on: bool = True) -> tuple[str, str]:
    ((one,),) = links_said((Found("source", "https://a.de"),), {"https://a.de": look} if look else {}, on, T).values()
    return one.words, one.tone


def look(state: State, failures: int = 0) -> Look:
    return Look("https://a.de", state, 0, "https://b.de" if state is State.MOVED else "", failures, NOW)


def test_each_outcome_in_words() -> None:
    assert said(look(State.OK)) == ("erreichbar, geprüft 10:00", "done")
    assert said(look(State.MOVED)) == ("umgezogen nach https://b.de, geprüft 10:00", "waiting")
    assert said(look(State.GONE)) == ("gibt es nicht mehr, geprüft 10:00", "late")
    assert said(look(State.UNREACHABLE, 1)) == ("antwortete zuletzt nicht, wird bald noch einmal geprüft", "waiting")
    assert said(look(State.UNREACHABLE, 2)) == ("nicht erreichbar, geprüft 10:00", "late")
    assert said(look(State.SAMPLE)) == ("Beispiel-Adresse, wird nicht geprüft", "soft")
    assert said(None) == ("wird gleich geprüft", "soft")
    assert said(None, on=False) == ("Die Prüfung von Links ist abgeschaltet.", "soft")
