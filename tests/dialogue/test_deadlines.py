"""What time alone brings about: claims taken back, silent citizens reminded, silent conversations closed."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation import Conversation, NotNow, Status
from bot.deadlines import next_look, overdue, urgency
from bot.dialogue import step
from bot.events import (
    CitizenFellSilent,
    CitizenStayedAway,
    ClerkClaimed,
    ClerkFellSilent,
    ClerkSeen,
    ClerkWrote,
    Event,
    LeaseExpired,
)
from tests.dialogue.builders import FRESH, MONDAY, OPEN, POLICY, command, wrote

MINUTE = timedelta(minutes=1)


def happens(c: Conversation, event: Event, now: datetime) -> tuple[Conversation, list[str]]:
    turn = step(c, event, POLICY, OPEN, now)
    return turn.conversation, [r.key for r in turn.replies]


def assigned() -> Conversation:
    """A citizen asked for a person at MONDAY, Kim took it a minute later."""
    c, _ = happens(FRESH, command("mensch"), MONDAY)
    c, _ = happens(c, ClerkClaimed("kim", "Kim"), MONDAY + MINUTE)
    return c


def there(c: Conversation, until: datetime) -> Conversation:
    """Kim's page is open until then."""
    return happens(c, ClerkSeen("kim"), until)[0]


def test_nobody_is_looked_at_while_nobody_owns() -> None:
    waiting, _ = happens(FRESH, command("mensch"), MONDAY)
    for c in (FRESH, waiting):
        assert next_look(c, POLICY) is None
        assert overdue(c, POLICY, MONDAY + timedelta(days=99)) is None


def test_a_clerk_who_is_gone_loses_the_claim_and_the_citizen_keeps_the_place() -> None:
    c = assigned()
    at = next_look(c, POLICY)
    assert at == c.lease_until
    assert overdue(c, POLICY, at - MINUTE) is None
    event = overdue(c, POLICY, at)
    assert event == LeaseExpired()
    back, said = happens(c, event, at)
    assert (back.status, back.owner, back.waiting_since) == (Status.WAITING, "", MONDAY)
    assert said == ["handoff.requeued"]
    assert next_look(back, POLICY) is None


def test_a_clerk_who_is_there_but_says_nothing_loses_it_too() -> None:
    c = assigned()
    silent = MONDAY + MINUTE + POLICY.silence
    c = there(c, silent - MINUTE)
    assert overdue(c, POLICY, silent - timedelta(seconds=1)) is None
    event = overdue(there(c, silent), POLICY, silent)
    assert event == ClerkFellSilent()
    back, said = happens(there(c, silent), event, silent)
    assert (back.status, back.waiting_since, back.clerk_owes) == (Status.WAITING, MONDAY, None)
    assert said == ["handoff.requeued"]


def test_the_clerks_time_runs_from_the_first_word_that_was_not_answered() -> None:
    c = assigned()
    now = MONDAY + 5 * MINUTE
    c, _ = happens(c, ClerkWrote("kim", "Kim", "Guten Tag"), now)
    assert (c.clerk_owes, c.citizen_owes) == (None, now)
    for minutes in (6, 7, 8):
        c, _ = happens(c, wrote("und noch etwas"), MONDAY + minutes * MINUTE)
    assert (c.clerk_owes, c.citizen_owes) == (MONDAY + 6 * MINUTE, None)


def test_a_silent_citizen_is_reminded_once_and_then_closed() -> None:
    c, _ = happens(assigned(), ClerkWrote("kim", "Kim", "Und Ihre Adresse?"), MONDAY + 2 * MINUTE)
    remind = MONDAY + 2 * MINUTE + POLICY.reminder
    c = there(c, remind)
    assert overdue(c, POLICY, remind) == CitizenFellSilent()
    c, said = happens(c, CitizenFellSilent(), remind)
    assert said == ["handoff.reminder"]
    assert c.status is Status.ASSIGNED
    assert overdue(c, POLICY, remind) is None
    close = remind + POLICY.closing
    c = there(c, close)
    assert overdue(c, POLICY, close - timedelta(seconds=1)) is None
    closed, said = happens(c, CitizenStayedAway(), close)
    assert said == ["handoff.closed_silent"]
    assert (closed.status, closed.owner, closed.resolved_at) == (Status.RESOLVED, "", close)
    again, said = happens(closed, wrote("hallo", "greet"), close + MINUTE)
    assert again.status is Status.BOT  # the bot comes back
    assert said


def test_a_word_of_the_citizen_ends_the_waiting() -> None:
    c, _ = happens(assigned(), ClerkWrote("kim", "Kim", "Und Ihre Adresse?"), MONDAY + 2 * MINUTE)
    c, _ = happens(
        there(c, MONDAY + POLICY.reminder + 3 * MINUTE), CitizenFellSilent(), MONDAY + POLICY.reminder + 3 * MINUTE
    )
    c, _ = happens(c, wrote("Rathausplatz 1"), MONDAY + POLICY.reminder + 4 * MINUTE)
    assert (c.reminded, c.citizen_owes) == (None, None)
    assert (
        overdue(there(c, MONDAY + POLICY.reminder + 5 * MINUTE), POLICY, MONDAY + POLICY.reminder + 5 * MINUTE) is None
    )


@pytest.mark.parametrize("event", [LeaseExpired(), ClerkFellSilent(), CitizenFellSilent(), CitizenStayedAway()])
def test_a_clock_that_looked_too_early_changes_nothing(event: Event) -> None:
    for c in (assigned(), FRESH):
        with pytest.raises(NotNow):
            step(c, event, POLICY, OPEN, MONDAY + MINUTE)


@given(
    st.lists(st.tuples(st.sampled_from(("citizen", "clerk", "seen", "clock")), st.integers(0, 6 * 3600)), max_size=30)
)
def test_nothing_waits_for_ever(happened: list[tuple[str, int]]) -> None:
    """However it went: left alone, the clock brings every claim to its end in at most three looks."""
    c, now = assigned(), MONDAY + MINUTE
    for what, seconds in happened:
        now += timedelta(seconds=seconds)
        try:
            event: Event | None = {
                "citizen": wrote("hallo"),
                "clerk": ClerkWrote("kim", "Kim", "Ja."),
                "seen": ClerkSeen("kim"),
            }.get(what) or overdue(c, POLICY, now)
            if event is not None:
                c, _ = happens(c, event, now)
        except NotNow:
            continue
    looks = 0
    while (at := next_look(c, POLICY)) is not None:
        looks += 1
        assert looks <= 3
        now = max(now, at)
        event = overdue(c, POLICY, now)
        assert event is not None
        c, _ = happens(c, event, now)
    assert c.status is not Status.ASSIGNED


def test_the_promise_and_the_window_decide_who_comes_first() -> None:
    c, _ = happens(FRESH, command("mensch"), MONDAY)
    assert c.last_citizen is not None
    day = 86400.0
    assert urgency(c, None) == (c.due or MONDAY).timestamp()
    assert urgency(c, day) == min((c.due or MONDAY + timedelta(days=9)).timestamp(), c.last_citizen.timestamp() + day)
