"""How long it takes is measured, told in round figures, never in closed time, and grows with the queue."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.calendar import Calendar
from bot.conversation import Conversation, Status
from bot.deadlines import place, urgency
from bot.handoff.fact import Handoff
from bot.handoff.outlook import ENOUGH, STEPS, Outlook, Pace, outlook, pace, rounded
from bot.policy import townhall_at
from faq.town import Office, Promise, Town
from tests.offices.towns import SAMPLE, towns

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # 10 by the town's clock, open until 12 and from 13 on
HALL = SAMPLE.offices["buergeramt"]
moments = st.datetimes(datetime(2026, 3, 20), datetime(2027, 1, 10), timezones=st.just(UTC))


def at(minutes: float) -> datetime:
    return MONDAY + timedelta(minutes=minutes)


def handoff(opened: float, claimed: float | None = None, ended: float | None = None) -> Handoff:
    end = None if ended is None else at(ended)
    return Handoff(1, "t", "", "web", "asked", at(opened), None, None if claimed is None else at(claimed), None, end)


def test_only_open_time_in_which_somebody_waited_counts() -> None:
    spans = [(at(0), at(60)), (at(120), at(180))]
    facts = [
        handoff(-30, 5),  # from the opening on: 0 to 5
        handoff(3, 10),  # together with the first: 5 to 10
        handoff(20, 22),
        handoff(50, 130),  # 50 to 60, 120 to 130
        handoff(70, 90),  # came and was taken while it was closed
        handoff(140, None, 145),  # went away untaken
        handoff(170),  # waits still
    ]
    assert pace(facts, spans, at(175)) == Pace((10 + 2 + 10 + 10 + 5 + 5) * 60.0, 4)


def test_too_little_is_no_measure() -> None:
    assert Pace(600.0, ENOUGH - 1).each is None
    assert Pace(600.0, ENOUGH).each == 120.0
    assert outlook(Calendar(SAMPLE), HALL, None, 3, MONDAY) == Outlook()


def test_what_does_not_fit_before_the_office_closes_is_for_its_next_opening() -> None:
    calendar = Calendar(SAMPLE)
    assert outlook(calendar, HALL, 600.0, 2, MONDAY) == Outlook(30)
    over_noon = outlook(calendar, HALL, 600.0, 14, MONDAY)  # 150 minutes, rounded up to three hours
    assert (over_noon.minutes, over_noon.opens) == (None, datetime(2026, 11, 23, 12, tzinfo=UTC))


@given(st.floats(0.01, 5000))
def test_a_round_figure_is_never_less_and_says_itself(minutes: float) -> None:
    told = rounded(minutes)
    assert told >= minutes
    assert told in STEPS or told % 60 == 0
    assert rounded(told) == told


@given(towns(), moments, st.floats(1, 20_000), st.integers(0, 60))
def test_the_turn_is_never_in_closed_time_never_past_and_grows_with_the_queue(
    made: tuple[Town, Office], now: datetime, each: float, ahead: int
) -> None:
    town, office = made
    calendar = Calendar(town)

    def turn(before: int) -> datetime | None:
        seen = outlook(calendar, office, each, before, now)
        assert seen.minutes is None or seen.opens is None
        if seen.minutes is not None:
            until = calendar.open_until(office, now)
            assert until is not None
            assert now + timedelta(minutes=seen.minutes) <= until
            return now + timedelta(minutes=seen.minutes)
        if seen.opens is not None:
            assert seen.opens >= now
            assert calendar.open_until(office, seen.opens) is not None
        return seen.opens

    first, second = turn(ahead), turn(ahead + 1)
    # Who is told an opening comes in it, after all who are told minutes of the one before.
    assert first is None or second is None or first <= second
    assert first is not None or second is None


@given(towns(), moments, st.integers(1, 2400), st.integers(0, 600))
def test_a_promise_lies_in_opening_hours_and_never_before_now(
    made: tuple[Town, Office], now: datetime, minutes: int, later: int
) -> None:
    town, office = made
    team = replace(next(iter(SAMPLE.teams.values())), office=office.id)
    calendar = Calendar(replace(town, teams={team.id: team}, topics={}, promises=(Promise(team.id, "", minutes),)))
    hall = townhall_at(calendar, now)
    due = hall.due(team.id, "ausweise")
    if calendar.after(office, now, minutes) is None:
        assert due == hall.begins(team.id)  # hours so rare: that it is read when it opens is all there is to say
        return
    assert due is not None
    assert due > now
    assert calendar.open_until(office, due - timedelta(seconds=1)) is not None  # the end of an opening still is in it
    spans = calendar.open_between(office, now, due)
    assert sum(((end - start) for start, end in spans), timedelta()) == timedelta(minutes=minutes)
    after = calendar.after(office, now + timedelta(minutes=later), minutes)
    assert after is None or after >= due  # who comes later is promised no earlier time


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 86400 * 30)), min_size=2, max_size=6),
    st.sampled_from([None, 86400.0]),
)
def test_the_place_goes_by_urgency_then_by_waiting_time(those: list[tuple[int, int]], window: float | None) -> None:
    found = []
    for day, waited in those:
        c = Conversation("00aa", "web", "1", Status.WAITING, due=at(1440 * day), waiting_since=at(-waited / 60))
        found.append(replace(c, last_citizen=at(0)))
    for a in found:
        for b in found:
            if urgency(a, window) == urgency(b, window):
                assert a.waiting_since is not None
                assert b.waiting_since is not None
                if b.waiting_since - a.waiting_since > timedelta(seconds=5):
                    assert place(a, window) < place(b, window)
            elif urgency(a, window) + 1 <= urgency(b, window):
                assert place(a, window) < place(b, window)
