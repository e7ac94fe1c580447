"""The working calendar: slots, holidays, days off, special days, clock changes."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.calendar import Calendar
from bot.policy import townhall_at
from faq.town import Office, Slot, SpecialDay, Town
from faq.town.load import LAENDER
from tests.offices.towns import SAMPLE, towns

CALENDAR = Calendar(SAMPLE)
BERLIN = ZoneInfo("Europe/Berlin")
HALL = SAMPLE.offices["buergeramt"]
moments = st.datetimes(datetime(2026, 1, 1), datetime(2031, 1, 1), timezones=st.just(UTC))
# An hour around each turn of the clocks, and the turn of the year, by the minute.
turns = st.sampled_from([datetime(2026, 3, 29, 1), datetime(2026, 10, 25, 1), datetime(2026, 12, 31, 23)])
near_turns = st.builds(
    lambda at, minutes: at.replace(tzinfo=UTC) + timedelta(minutes=minutes), turns, st.integers(-4000, 4000)
)
offices = st.sampled_from(list(SAMPLE.offices.values()))


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=BERLIN)  # type: ignore[arg-type]


def test_open_between_the_slots_edges_and_closed_at_noon() -> None:
    assert CALENDAR.open_until(HALL, local(2026, 11, 23, 8, 0)) == local(2026, 11, 23, 12, 0)
    assert CALENDAR.open_until(HALL, local(2026, 11, 23, 12, 0)) is None
    assert CALENDAR.next_open(HALL, local(2026, 11, 23, 12, 0)) == local(2026, 11, 23, 13, 0)
    assert CALENDAR.next_open(HALL, local(2026, 11, 23, 8, 0)) == local(2026, 11, 23, 13, 0)  # strictly later
    assert CALENDAR.next_open(HALL, local(2026, 11, 20, 12, 0)) == local(2026, 11, 23, 8, 0)  # over the week-end


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2027, 5, 27), "Fronleichnam"),  # North Rhine-Westphalia has it, Berlin has not
        (date(2026, 12, 25), "Weihnachtstag"),
        (date(2027, 2, 8), "Rosenmontag"),
        (date(2026, 12, 31), "Silvester"),
    ],
)
def test_holidays_of_land_and_town_close(day: date, name: str) -> None:
    assert name in CALENDAR.day_off(day)
    assert name in CALENDAR.hours(HALL, day).reason
    assert CALENDAR.slots(HALL, day) == ()


def test_no_holiday_of_another_land() -> None:
    assert CALENDAR.day_off(date(2027, 3, 8)) == ""  # women's day is Berlin's


@pytest.mark.parametrize(
    ("day", "lands"),
    [
        (date(2027, 1, 6), {"BW", "BY", "ST"}),
        (date(2027, 3, 8), {"BE", "MV"}),
        (date(2026, 9, 20), {"TH"}),
        (date(2026, 10, 31), {"BB", "HB", "HH", "MV", "NI", "SH", "SN", "ST", "TH"}),
        (date(2026, 11, 1), {"BW", "BY", "NW", "RP", "SL"}),
        (date(2026, 11, 18), {"SN"}),
        (date(2026, 12, 25), LAENDER),
    ],
)
def test_each_land_has_its_own_holidays(day: date, lands: set[str]) -> None:
    town = replace(SAMPLE, local_holidays=())
    assert {land for land in LAENDER if Calendar(replace(town, land=land)).day_off(day)} == set(lands)


def test_special_days_go_before_holidays_and_the_offices_own_before_those_of_all() -> None:
    market, hall = SAMPLE.offices["wertstoffhof"], HALL
    assert CALENDAR.slots(market, date(2026, 12, 24)) == (Slot(time(9), time(12)),)
    assert CALENDAR.slots(hall, date(2026, 12, 24)) == ()
    assert CALENDAR.hours(hall, date(2026, 12, 2)).reason == "Personalversammlung"
    assert CALENDAR.hours(hall, date(2026, 12, 2), "en").reason == "staff meeting"
    assert CALENDAR.slots(market, date(2026, 12, 2)) == (Slot(time(9), time(17)),)
    assert CALENDAR.slots(hall, date(2026, 12, 5)) == (Slot(time(9), time(13)),)  # a Saturday
    assert CALENDAR.closed_for_all(date(2026, 12, 2)) == "Personalversammlung"
    assert CALENDAR.closed_for_all(date(2026, 12, 24)) == "Heiligabend"
    assert CALENDAR.closed_for_all(date(2026, 12, 9)) == ""  # one office's day


def test_promises_of_a_handoff_keep_to_special_days() -> None:
    desk = townhall_at(CALENDAR, local(2026, 12, 2, 9)).desks["buergeramt"]  # a Wednesday, with a staff meeting
    assert (desk.open, desk.opens) == (False, local(2026, 12, 3, 8))
    saturday = townhall_at(CALENDAR, local(2026, 12, 5, 9)).desks["buergeramt"]
    assert saturday.open


@pytest.mark.parametrize(("day", "hours"), [((2027, 3, 30), 2), ((2026, 10, 26), 1)])
def test_after_the_clocks_change_it_opens_at_eight_local_time(day: tuple[int, int, int], hours: int) -> None:
    opens = CALENDAR.next_open(HALL, local(*day, 3) - timedelta(days=2))
    assert opens == local(*day, 8)
    assert opens.utcoffset() == timedelta(hours=hours)


def test_the_hour_that_comes_twice_and_the_one_that_is_left_out() -> None:
    night = replace(HALL, hours={6: (Slot(time(2, 15), time(3, 30)),)})
    again = datetime(2026, 10, 25, 2, 45, tzinfo=BERLIN, fold=1)  # the second time that it is a quarter to three
    until = CALENDAR.open_until(night, again)
    assert until == local(2026, 10, 25, 3, 30)
    assert CALENDAR.next_open(night, again) == local(2026, 11, 8, 2, 15)  # the 1st is All Saints'
    skipped = replace(HALL, hours={6: (Slot(time(2, 30), time(3, 15)),)})
    assert CALENDAR.open_until(skipped, local(2026, 3, 29, 3, 5)) is None


def test_slots_that_touch_at_midnight_are_one_opening() -> None:
    night = replace(HALL, hours={3: (Slot(time(20), time(0)),), 4: (Slot(time(0), time(2)),)})
    assert CALENDAR.open_until(night, local(2026, 11, 19, 23, 0)) == local(2026, 11, 20, 2, 0)
    assert CALENDAR.next_open(night, local(2026, 11, 19, 23, 0)) == local(2026, 11, 26, 20, 0)


def test_an_office_that_never_opens_and_one_that_never_closes() -> None:
    plain = Calendar(replace(SAMPLE, local_holidays=(), special_days=()))
    never = replace(HALL, hours={})
    assert plain.next_open(never, local(2026, 11, 23, 9)) is None
    assert plain.open_until(never, local(2026, 11, 23, 9)) is None
    assert CALENDAR.next_open(never, local(2026, 11, 23, 9)) == local(2026, 12, 5, 9)  # the extra Saturday
    always = replace(HALL, hours=dict.fromkeys(range(7), (Slot(time(0), time(0)),)))
    assert plain.open_until(always, local(2026, 11, 23, 9)) == local(2026, 12, 25, 0)  # until Christmas Day
    assert plain.next_open(always, local(2026, 11, 23, 9)) == local(2026, 12, 27, 0)


def test_open_past_midnight() -> None:
    late = replace(HALL, hours={3: (Slot(time(18), time(2)),), 4: (Slot(time(9), time(12)),)})
    for clock in ((2026, 11, 19, 23), (2026, 11, 20, 1, 59)):
        assert CALENDAR.open_until(late, local(*clock)) == local(2026, 11, 20, 2)
    assert CALENDAR.open_until(late, local(2026, 11, 20, 2)) is None
    assert CALENDAR.next_open(late, local(2026, 11, 20, 1)) == local(2026, 11, 20, 9)
    clocks_back = replace(HALL, hours={5: (Slot(time(22), time(3, 30)),)})  # the night of 25 October has 25 hours
    assert CALENDAR.open_until(clocks_back, local(2026, 10, 24, 22)) == local(2026, 10, 25, 3, 30)
    lasted = local(2026, 10, 25, 3, 30).astimezone(UTC) - local(2026, 10, 24, 22).astimezone(UTC)
    assert lasted == timedelta(hours=6, minutes=30)


@given(
    st.dates(date(2026, 12, 18), date(2026, 12, 31)),
    st.dates(date(2027, 1, 1), date(2027, 1, 20)),
    st.sampled_from(list(SAMPLE.offices.values())),
    st.integers(0, 60 * 24 * 40),
    st.booleans(),
)
def test_a_closure_over_new_year_holds_to_its_last_day(
    first: date, last: date, office: Office, minutes: int, own: bool
) -> None:
    closed = SpecialDay(first, last, (), frozenset({office.id} if own else ()), "Betriebsferien", "holidays")
    calendar = Calendar(replace(SAMPLE, special_days=(closed,)))
    now = local(2026, 12, 15) + timedelta(minutes=minutes)
    opens = calendar.next_open(office, now)
    assert opens is not None
    assert not first <= opens.date() <= last
    if first <= now.astimezone(BERLIN).date() <= last:
        assert calendar.open_until(office, now) is None
        after = [last + timedelta(days=n) for n in range(1, 9)]
        assert opens.date() == next(day for day in after if calendar.slots(office, day))


@given(towns(), moments | near_turns)
@example((SAMPLE, HALL), datetime(2026, 10, 25, 0, 30, tzinfo=UTC))
def test_the_next_opening_is_later_inside_a_slot_and_the_first(made: tuple[Town, Office], now: datetime) -> None:
    town, office = made
    calendar = Calendar(town)
    opens, until = calendar.next_open(office, now), calendar.open_until(office, now)
    instant = now.astimezone(UTC)
    if until is not None:
        assert until.astimezone(UTC) > instant
        assert calendar.open_until(office, until) is None  # it is over then: slots that touch were counted as one
        assert calendar.open_until(office, now + (until.astimezone(UTC) - instant) / 2) == until
        instant = until.astimezone(UTC)
    if opens is None:
        for ahead in range(1, 50):
            noon = now.astimezone(BERLIN).date() + timedelta(days=ahead)
            spans = [s for s in calendar.slots(office, noon) if _lasts(calendar, noon, s)]
            assert not spans or until is not None
        return
    assert opens.astimezone(UTC) >= instant
    assert calendar.open_until(office, opens) is not None
    day = opens.date()
    assert any(slot.start == opens.time() for slot in calendar.slots(office, day)) or _is_skipped(opens)
    gap = (opens.astimezone(UTC) - instant).total_seconds()
    for share in (0.01, 0.3, 0.6, 0.99):  # nothing opens between
        between = instant + timedelta(seconds=gap * share)
        if instant < between < opens.astimezone(UTC):
            assert calendar.open_until(office, between) is None


def _lasts(calendar: Calendar, day: date, slot: Slot) -> bool:
    end = calendar.instant(day + timedelta(days=1) if slot.end == time(0) else day, slot.end)
    return end.astimezone(UTC) > calendar.instant(day, slot.start).astimezone(UTC)


def _is_skipped(at: datetime) -> bool:
    """Within the hour after the clocks went forward: a slot that begins in the skipped hour begins then."""
    return (at.month, at.hour) == (3, 3)


@given(towns(), moments | near_turns)
def test_open_means_that_a_slot_of_the_day_holds_the_moment(made: tuple[Town, Office], now: datetime) -> None:
    town, office = made
    calendar = Calendar(town)
    day = now.astimezone(BERLIN).date()
    if calendar.open_until(office, now) is not None:
        evening = calendar.slots(office, day - timedelta(days=1))
        assert calendar.slots(office, day) or (evening and evening[-1].overnight)
    hours = calendar.hours(office, day)
    if not hours.special and calendar.day_off(day):
        assert hours.slots == ()
        assert hours.reason == calendar.day_off(day)


@given(offices, moments)
def test_every_sample_office_opens_within_the_fortnight(office: Office, now: datetime) -> None:
    opens = CALENDAR.next_open(office, now)
    assert opens is not None
    assert timedelta(0) < opens - now < timedelta(days=14)
