"""Days and times as people write them. Today is Tuesday, 24 November 2026."""

from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.days import When, decode, easter, encode, find_days

TODAY = date(2026, 11, 24)
PIECES = ("am", "24.", "12", "31", "uhr", "halb", "morgen", "freitag", "bis", "und", "in", ":", ".")
days = st.dates(date(2026, 1, 1), date(2031, 12, 31))


def found(text: str, language: str = "de", today: date = TODAY) -> When:
    said = find_days(text, today, language)
    return said.when if said else When()


def dates(text: str, language: str = "de", today: date = TODAY) -> list[str]:
    return [day.isoformat() for day in found(text, language, today).days]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("hat das bürgeramt am freitag auf", "2026-11-27"),
        ("bürgeramt morgen offen?", "2026-11-25"),
        ("übermorgen", "2026-11-26"),
        ("bis wann heute", "2026-11-24"),
        ("dienstag", "2026-11-24"),  # today included
        ("nächsten dienstag", "2026-12-01"),
        ("kommenden donnerstag", "2026-11-26"),
        ("übernächsten donnerstag", "2026-12-03"),
        ("freitag nächste woche", "2026-12-04"),
        ("nächste woche freitag", "2026-12-04"),
        ("freitag in einer woche", "2026-12-04"),
        ("heute in 14 tagen", "2026-12-08"),
        ("am do offen", "2026-11-26"),
        ("freitga", "2026-11-27"),
        ("am donerstag", "2026-11-26"),
        ("sonnabend", "2026-11-28"),
        ("am 24.12. auf?", "2026-12-24"),
        ("24.12", "2026-12-24"),
        ("24.12.26", "2026-12-24"),
        ("am 3. oktober", "2027-10-03"),  # gone by: next year
        ("3 okt", "2027-10-03"),
        ("am dritten oktober", "2027-10-03"),
        ("am 2.", "2026-12-02"),
        ("2026-12-24", "2026-12-24"),
        ("24.12.2025", "2025-12-24"),
        ("29.2.", "2028-02-29"),
        ("karfreitag", "2027-03-26"),
        ("rosenmontag", "2027-02-08"),
        ("heiligabend", "2026-12-24"),
        ("tag der deutschen einheit", "2027-10-03"),
    ],
)
def test_a_day_in_german(text: str, day: str) -> None:
    assert dates(text) == [day]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("is the office open on friday", "2026-11-27"),
        ("open tomorrow?", "2026-11-25"),
        ("the day after tomorrow", "2026-11-26"),
        ("next tuesday", "2026-12-01"),
        ("on december 24th", "2026-12-24"),
        ("24th of december", "2026-12-24"),
        ("the 2nd", "2026-12-02"),
        ("christmas eve", "2026-12-24"),
        ("good friday", "2027-03-26"),
        ("in two weeks", "2026-12-08"),
    ],
)
def test_a_day_in_english(text: str, day: str) -> None:
    assert dates(text, "en") == [day]


@pytest.mark.parametrize(
    ("text", "first", "last", "count"),
    [
        ("zwischen den jahren", "2026-12-27", "2026-12-31", 5),
        ("am wochenende", "2026-11-28", "2026-11-29", 2),
        ("nächste woche", "2026-11-30", "2026-12-06", 7),
        ("an weihnachten", "2026-12-24", "2026-12-26", 3),
        ("montag und mittwoch", "2026-11-25", "2026-11-30", 2),
        ("24. und 31.12.", "2026-12-24", "2026-12-31", 2),
        ("vom 24. bis 31.12.", "2026-12-24", "2026-12-31", 8),
        ("montag bis mittwoch", "2026-11-30", "2026-12-02", 3),
        ("ostern", "2027-03-26", "2027-03-29", 4),
    ],
)
def test_several_days(text: str, first: str, last: str, count: int) -> None:
    got = dates(text)
    assert (got[0], got[-1], len(got)) == (first, last, count)


@pytest.mark.parametrize(
    ("text", "part", "at"),
    [
        ("übermorgen früh", "early", None),
        ("morgen früh", "early", None),
        ("heute morgen", "early", None),
        ("freitag morgen", "early", None),
        ("donnerstag nachmittag", "afternoon", None),
        ("freitagnachmittag", "afternoon", None),
        ("abends", "evening", None),
        ("morgen um 8:30", "", time(8, 30)),
        ("samstag 10 uhr", "", time(10)),
        ("um 15 uhr 30", "", time(15, 30)),
        ("um halb vier", "", time(15, 30)),
        ("um drei uhr", "", time(15)),
        ("um 9.30 uhr", "", time(9, 30)),
        ("tomorrow at 3pm", "", time(15)),
        ("friday at 9 am", "", time(9)),
    ],
)
def test_parts_and_times(text: str, part: str, at: time | None) -> None:
    when = found(text)
    assert (when.part, when.at) == (part, at)


def test_now_means_this_moment_unless_another_day_is_named() -> None:
    assert found("ist jetzt jemand da").now
    assert found("hat heute noch jemand auf").now
    assert not found("hat morgen noch jemand auf").now


@pytest.mark.parametrize(
    "text",
    [
        "", "so machen wir das", "wann kann ich meinen perso abholen", "3 kinder", "2 ausweise", "faster",
        "24 jahre alt", "2 männer", "99.99.9999", "0.0.", "½", "tel 0221 4710 100",
    ],
)  # fmt: skip
def test_no_day_where_none_is_named(text: str) -> None:
    assert find_days(text, TODAY, "de") is None


@given(
    st.text(max_size=60) | st.lists(st.sampled_from(PIECES)).map(" ".join),
    days,
)
def test_no_text_is_too_strange(text: str, today: date) -> None:
    said = find_days(text, today, "de")
    if said:
        assert list(said.when.days) == sorted(set(said.when.days))
        assert said.when.days or said.when.part


@given(days, st.sampled_from(["montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag"]))
def test_a_weekday_is_the_next_one_from_today_on(today: date, name: str) -> None:
    (day,) = found(name, today=today).days
    assert 0 <= (day - today).days < 7
    (after,) = found(f"nächsten {name}", today=today).days
    assert 0 < (after - today).days <= 7
    assert day.weekday() == after.weekday()


@given(days, days)
def test_a_date_without_a_year_is_the_next_one(today: date, day: date) -> None:
    (next_one,) = found(f"am {day.day}.{day.month}.", today=today).days
    assert (next_one.day, next_one.month) == (day.day, day.month)
    assert next_one >= today


@given(
    days, st.sampled_from(["karfreitag", "ostermontag", "rosenmontag", "silvester", "zwischen den jahren", "pfingsten"])
)
def test_named_days_are_never_past_and_within_a_year(today: date, name: str) -> None:
    got = found(name, today=today).days
    assert got
    assert today <= got[0] <= today + timedelta(days=390)


@given(
    st.lists(days, min_size=1, max_size=3, unique=True).map(sorted),
    st.sampled_from(["", "early", "afternoon"]),
    st.none() | st.times(),
)
def test_what_a_button_carries_reads_back(listed: list[date], part: str, at: time | None) -> None:
    at = at.replace(second=0, microsecond=0) if at and not part else None
    when = When(tuple(listed), part, at)
    told = encode(when)
    assert len(told.encode()) <= 25  # with an office and an aspect it fits a button of 64 bytes
    assert decode(told, TODAY) == when


def test_easter() -> None:
    assert [easter(y) for y in (2024, 2025, 2026, 2027, 2038)] == [
        date(2024, 3, 31), date(2025, 4, 20), date(2026, 4, 5), date(2027, 3, 28), date(2038, 4, 25),
    ]  # fmt: skip
