"""The working calendar: slots, holidays, days off, clock changes."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calendar import Calendar
from bot.composition import SAMPLE_TOWN
from faq.town import load_town

TOWN = load_town(SAMPLE_TOWN / "town.yml")
CALENDAR = Calendar(TOWN)
BERLIN = ZoneInfo("Europe/Berlin")
HALL = TOWN.offices["buergeramt"]
moments = st.datetimes(datetime(2026, 1, 1), datetime(2031, 1, 1), timezones=st.just(UTC))
offices = st.sampled_from(list(TOWN.offices.values()))


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=BERLIN)  # type: ignore[arg-type]


def test_open_between_the_slots_edges_and_closed_at_noon() -> None:
    assert CALENDAR.open_until(HALL, local(2026, 11, 23, 8, 0)) == local(2026, 11, 23, 12, 0)
    assert CALENDAR.open_until(HALL, local(2026, 11, 23, 12, 0)) is None
    assert CALENDAR.next_open(HALL, local(2026, 11, 23, 12, 0)) == local(2026, 11, 23, 13, 0)
    assert CALENDAR.next_open(HALL, local(2026, 11, 20, 12, 0)) == local(2026, 11, 23, 8, 0)  # over the week-end


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2027, 5, 27), "Fronleichnam"),  # North Rhine-Westphalia has it, Berlin has not
        (date(2026, 12, 24), "Heiligabend"),
        (date(2027, 2, 8), "Rosenmontag"),
        (date(2026, 12, 25), "Weihnachtstag"),
    ],
)
def test_holidays_of_land_and_town_close(day: date, name: str) -> None:
    assert name in CALENDAR.day_off(day)
    assert CALENDAR.slots(HALL, day) == ()


def test_no_holiday_of_another_land() -> None:
    assert CALENDAR.day_off(date(2027, 3, 8)) == ""  # women's day is Berlin's


@pytest.mark.parametrize(("day", "hours"), [((2027, 3, 29), 2), ((2026, 10, 26), 1)])
def test_after_the_clocks_change_it_opens_at_eight_local_time(day: tuple[int, int, int], hours: int) -> None:
    opens = CALENDAR.next_open(HALL, local(*day, 3) - timedelta(days=2))
    if CALENDAR.day_off(date(*day)):
        assert opens is not None
        assert opens.hour == 8
    else:
        assert opens == local(*day, 8)
        assert opens is not None
        assert opens.utcoffset() == timedelta(hours=hours)


@given(offices, moments)
def test_the_next_opening_is_later_open_and_the_first(office: object, now: datetime) -> None:
    opens = CALENDAR.next_open(office, now)  # type: ignore[arg-type]
    assert opens is not None
    assert opens > now
    assert CALENDAR.open_until(office, opens) is not None  # type: ignore[arg-type]
    before = opens - timedelta(minutes=1)
    if before > now:
        end = CALENDAR.open_until(office, before)  # type: ignore[arg-type]
        assert end is None or end <= opens


@given(offices, moments)
def test_open_means_a_slot_of_that_day_holds_the_moment(office: object, now: datetime) -> None:
    until = CALENDAR.open_until(office, now)  # type: ignore[arg-type]
    if until is not None:
        assert now < until <= now + timedelta(hours=12)
        assert CALENDAR.day_off(now.astimezone(BERLIN).date()) == ""
