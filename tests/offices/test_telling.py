"""Answers about offices and places in words: each office, each way to ask, each language."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calendar import Calendar
from bot.conversation import Conversation
from bot.effects import Reply
from bot.judging.offices import DISTRICTS, _which
from bot.phrasebook import Phrasebook, load_languages
from bot.policy import townhall_at
from bot.render import plain
from faq.town import Slot, Town
from nlu.days import When, encode
from tests.offices.towns import SAMPLE, towns

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LANGUAGES = load_languages()
aspects = st.sampled_from(["", "hours", "until", "next", "where", "phone"])
whens = st.builds(
    When,
    st.lists(st.dates(date(2026, 11, 20), date(2027, 11, 1)), max_size=3, unique=True).map(lambda d: tuple(sorted(d))),
    st.sampled_from(["", "early", "noon", "afternoon", "evening"]),
) | st.builds(lambda day, at: When((day,), at=at), st.dates(date(2026, 11, 20), date(2027, 1, 9)), st.times())


def book(town: Town) -> Phrasebook:
    return Phrasebook(LANGUAGES, Calendar(town), lambda entry, revision: None, 30)


BOOK = book(SAMPLE)


def words(
    office: str, aspect: str = "hours", when: When | None = None, language: str = "de", now: datetime = MONDAY
) -> str:
    params = {"aspect": aspect, "when": encode(when) if when else ""}
    return plain(BOOK.compose(Reply("hours", params, office=office), language, now).document)


def test_the_week_with_the_days_that_are_different() -> None:
    text = words("buergeramt")
    assert text.startswith("Bürgeramt: jetzt geöffnet, heute bis 12 Uhr.")
    assert "Do. 8–12, 13–18 Uhr" in text
    assert "Mi., 2.12.: geschlossen (Personalversammlung)" in text
    assert "Sa., 5.12.: 9–13 Uhr (zusätzlicher Samstag)" in text
    assert "Rathausplatz 1, 12345 Lindenfurt\nTelefon: 0221 4710 100" in text
    assert "Termin buchen" in text


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_a_day_that_no_calendar_has_is_said_to_be_none_and_the_hours_follow(language: str) -> None:
    told = words("standesamt", when=When(unreal=(31, 4, 0)), language=language)
    without = words("standesamt", language=language)
    assert told.endswith(without)
    assert "31" in told.removesuffix(without)
    assert "2027" in words("standesamt", when=When(unreal=(29, 2, 2027)), language=language)
    asked = BOOK.compose(Reply("office.which", {"when": "!31040000"}), language, MONDAY)
    assert "31" in plain(asked.document)


def test_who_asks_in_another_district_is_sent_to_the_nearest_office() -> None:
    params = {"aspect": "hours", "when": "", "district": "westheide"}
    text = plain(BOOK.compose(Reply("hours", params, office="buergeramt-nord"), "de", MONDAY).document)
    assert text.startswith("Bürgeramt: Im Stadtteil Westheide gibt es keinen Standort. Bitte kommen Sie hierher:")
    assert text.index("Nordmarkt 7") < text.index("Bürgeramt Nord: jetzt geöffnet")
    here = params | {"district": "nordstadt"}
    assert "Stadtteil" not in plain(BOOK.compose(Reply("hours", here, office="buergeramt-nord"), "de", MONDAY).document)


def test_english_times_are_written_out() -> None:
    text = words("buergeramt", language="en")
    assert "Thu 8:00–12:00, 13:00–18:00" in text
    assert "Wed, 2 Dec: closed (staff meeting)" in text
    assert "Citizens' office (Bürgeramt im Rathaus)" in text


def test_the_branch_is_named_only_where_it_is_open_and_the_first_is_not() -> None:
    saturday, friday = When((date(2026, 11, 28),)), When((date(2026, 11, 27),))
    assert "Bürgeramt Nord, 9–12 Uhr" in words("buergeramt", when=saturday)
    assert "Nord" not in words("buergeramt", when=friday)
    assert "Nord" not in words("standesamt", when=saturday)
    assert "Bürgeramt, 8–12 Uhr" in words("buergeramt-nord", when=friday)
    today = date(2026, 11, 23)
    assert "Nord" not in words("buergeramt", when=When((today,), now=True))  # both are open
    assert "Bürgeramt, 8–12, 13–16 Uhr" in words("buergeramt-nord", when=When((today,), at=time(14)))
    evening = When((date(2026, 11, 24),), at=time(17))
    assert "Bürgeramt Nord, 13–18 Uhr" in words("buergeramt", when=evening)


@given(towns(), aspects, whens, st.sampled_from(sorted(LANGUAGES)), st.integers(0, 300_000))
def test_every_question_about_every_office_has_words(
    made: tuple[Town, object], aspect: str, when: When, language: str, minutes: int
) -> None:
    town, _ = made
    now = MONDAY + timedelta(minutes=minutes)
    params = {"aspect": aspect, "when": encode(when), "district": "krummbach" if minutes % 2 else ""}
    text = plain(book(town).compose(Reply("hours", params, office="buergeramt"), language, now).document)
    assert "{" not in text
    assert "**" not in text  # Markdown that was not understood
    assert "0221 4710 100" in text  # how to reach it is always said


@pytest.mark.parametrize("language", sorted(LANGUAGES))
@pytest.mark.parametrize("kind", sorted(SAMPLE.kinds))
def test_places_have_words(kind: str, language: str) -> None:
    for district in ("", *SAMPLE.districts):
        key = "places.here" if district else "places.some"
        reply = Reply(key, {"kind": kind, "district": district})
        text = plain(BOOK.compose(reply, language, MONDAY).document)
        assert "{" not in text
        here = [p for p in SAMPLE.kinds[kind].places if p.district == district]
        assert all(p.address in text for p in here)
        assert len(text.splitlines()) > 1


def test_a_buttons_data_fits_every_messenger() -> None:
    long = "a" * 30  # the longest id that a town.yml may have
    office = replace(SAMPLE.offices["buergeramt"], id=long)
    hall = townhall_at(Calendar(replace(SAMPLE, offices={**SAMPLE.offices, long: office})), MONDAY)
    days = tuple(date(2026, 12, 1) + timedelta(days=7 * n) for n in range(3))
    turn = _which(Conversation("1", "x", "y"), (long,), "until", encode(When(days, at=time(15, 30))), hall)
    assert all(len(choice.data.encode()) <= 64 for choice in turn.replies[0].choices)
    assert len(SAMPLE.districts) <= DISTRICTS


def test_by_appointment_only_is_said_in_every_language() -> None:
    town = replace(SAMPLE, offices={**SAMPLE.offices, "schulamt": replace(SAMPLE.offices["schulamt"], hours={})})
    office = replace(town.offices["schulamt"], appointment_only=True, appointment="https://www.lindenfurt.example/t")
    town = replace(town, offices={**town.offices, "schulamt": office}, special_days=())
    for language in LANGUAGES:
        only = BOOK.said("office.by_appointment", language, {})
        told = book(town).compose(Reply("hours", {"aspect": "hours", "when": ""}, office="schulamt"), language, MONDAY)
        assert plain(only) in plain(told.document)
        assert plain(only) not in words("buergeramt", language=language)


def test_at_night_it_is_open_still_since_the_evening_before() -> None:
    late = replace(SAMPLE.offices["wertstoffhof"], hours={0: (Slot(time(18), time(2)),), 1: (Slot(time(9), time(12)),)})
    for hours in (late.hours, {0: late.hours[0]}):
        town = replace(SAMPLE, offices={**SAMPLE.offices, late.id: replace(late, hours=hours)})
        night = MONDAY.replace(hour=0, minute=30) + timedelta(days=1)  # half past one in Lindenfurt
        params = {"aspect": "hours", "when": encode(When((date(2026, 11, 24),)))}
        told = plain(book(town).compose(Reply("hours", params, office=late.id), "de", night).document)
        assert "Wertstoffhof: jetzt geöffnet, heute bis 2 Uhr." in told
