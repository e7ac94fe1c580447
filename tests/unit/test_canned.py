"""Canned responses and promises, as the composer and the queue get them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.calendar import Calendar
from bot.conversation import Conversation
from bot.handoff.canned import canned, filled, values
from bot.handoff.promises import promised
from faq.town import Canned
from faq.town.desks import PLACES
from tests.offices.towns import SAMPLE, towns

VALUES = {"name": "Maria", "nummer": "4711", "amt": "Bürgeramt", "clerk": "Kim B."}


def test_a_teams_own_come_before_those_for_all() -> None:
    theirs = canned(SAMPLE, "buergeramt", "de", VALUES)
    assert [r.id for r in theirs] == ["termin-ausweis", "gruss", "anrufen", "nachreichen"]
    others = canned(SAMPLE, "bauen-umwelt", "en", VALUES)
    assert "termin-ausweis" not in {r.id for r in others}
    greeting = next(r for r in others if r.id == "gruss")
    assert (greeting.shortcut, greeting.language, greeting.missing) == ("gt", "en", ())
    assert greeting.text == "Hello Maria, I am Kim B. of Bürgeramt. I am looking into it."


def test_what_nobody_knows_stands_there_for_the_clerk_to_see() -> None:
    response = Canned("x", "X", "", "", {"de": "Guten Tag {name}, {name}! Tel. {telefon}"})
    told = filled(response, "ar", {"name": "", "telefon": "115"})
    assert (told.text, told.missing, told.language) == ("Guten Tag {name}, {name}! Tel. 115", ("name",), "de")


def test_what_is_known_of_a_conversation() -> None:
    c = Conversation("x", "telegram", "1", sender="Maria", number=4711, team="bauen-umwelt")
    known = values(SAMPLE, c, "Kim B.")
    assert set(known) == set(PLACES)
    assert (known["amt"], known["telefon"], known["nummer"]) == ("Bauamt", SAMPLE.offices["bauamt"].phone, "4711")
    nowhere = values(SAMPLE, replace(c, team="gone", number=0, sender=""), "Kim B.")
    assert (nowhere["amt"], nowhere["telefon"], nowhere["nummer"]) == ("", SAMPLE.phone, "")


@given(st.dictionaries(st.sampled_from(PLACES), st.text(max_size=20)))
def test_what_is_filled_in_opens_no_place(known: dict[str, str]) -> None:
    text = " | ".join(f"{{{place}}}" for place in PLACES)
    told = filled(Canned("x", "X", "", "", {"de": text}), "de", known)
    assert told.text == " | ".join(known.get(place) or f"{{{place}}}" for place in PLACES)
    assert set(told.missing) == {place for place in PLACES if not known.get(place)}


def test_a_promise_is_kept_in_opening_hours() -> None:
    calendar = Calendar(SAMPLE)
    friday = datetime(2026, 11, 27, 10, 45, tzinfo=UTC)  # 11:45, a quarter of an hour before it shuts until Monday
    assert promised(calendar, "buergeramt", "abfall", friday) == datetime(2026, 11, 30, 7, 15, tzinfo=UTC)
    assert promised(calendar, "familie-soziales", "kinderbetreuung", friday) < (  # type: ignore[operator]
        promised(calendar, "familie-soziales", "schule", friday)
    )
    assert promised(calendar, "nobody", "", friday) is None
    assert promised(Calendar(replace(SAMPLE, promises=())), "buergeramt", "", friday) is None


@settings(max_examples=25)
@given(towns(), st.integers(1, 2400), st.integers(0, 400))
def test_so_many_minutes_open_lie_between(made: tuple, minutes: int, hours: int) -> None:  # type: ignore[type-arg]
    """Counted minute by minute: `after` is the instant at which the office has been open for so long."""
    town, office = made
    calendar = Calendar(town)
    now = datetime(2026, 3, 20, tzinfo=UTC) + timedelta(hours=hours)
    until = calendar.after(office, now, minutes)
    if until is None:
        return
    open_, at = 0, now
    while at < until and open_ <= minutes:
        if calendar.open_until(office, at):
            open_ += 1
        at += timedelta(minutes=1)
        if not calendar.open_until(office, at) and (opens := calendar.next_open(office, at)) and opens < until:
            at = max(at, opens.astimezone(UTC))
    assert open_ == minutes
