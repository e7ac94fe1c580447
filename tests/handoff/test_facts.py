"""The facts of handoffs and the figures of a day, against values counted by hand."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import example, given
from hypothesis import strategies as st

from bot.conversation import Conversation, NotNow, Outcome
from bot.dialogue import step
from bot.effects import OpenHandoff
from bot.events import (
    ClerkClaimed,
    ClerkHandedBack,
    ClerkReleased,
    ClerkResolved,
    ClerkTransferred,
    ClerkUndid,
    ClerkWrote,
    Event,
)
from bot.handoff.day import Spread, day_of, percentile
from bot.handoff.fact import Handoff
from bot.handoff.noting import noted
from tests.dialogue.builders import FRESH, MONDAY, POLICY, TWO_TEAMS, command, pressed, wrote

BERLIN = ZoneInfo("Europe/Berlin")
HUMAN, KIM = wrote("mensch", "ask_human"), ClerkClaimed("kim", "Kim B.")
ANSWER = ClerkWrote("kim", "Kim B.", "Guten Tag")


def minutes(n: float) -> datetime:
    return MONDAY + timedelta(minutes=n)


def life(*events: Event, c: Conversation = FRESH) -> Conversation:
    """Events a minute apart, with the fact that Turns keeps; what is refused leaves everything as it is."""
    for n, event in enumerate(events):
        try:
            turn = step(c, event, POLICY, TWO_TEAMS, minutes(n))
        except NotNow:
            continue
        after = turn.conversation
        if any(isinstance(e, OpenHandoff) for e in turn.effects):
            after = replace(after, number=c.number + 1)
        c = noted(c, after, event, TWO_TEAMS, minutes(n))
    return c


def fact(*events: Event) -> Handoff:
    found = life(*events).handoff
    assert found is not None
    return found


def test_from_the_wish_to_the_outcome() -> None:
    h = fact(HUMAN, KIM, ANSWER, ANSWER, ClerkResolved("kim", "Kim B.", Outcome.FORWARDED))
    assert (h.number, h.team, h.channel, h.reason) == (1, "t", "telegram", "asked")
    assert (h.opened, h.claimed, h.replied, h.ended) == (minutes(0), minutes(1), minutes(2), minutes(4))
    assert h.outcome == "forwarded"


def test_how_it_ends_otherwise() -> None:
    assert fact(HUMAN, pressed("h:cancel")).outcome == "withdrawn"
    assert fact(HUMAN, command("stop")).outcome == "withdrawn"
    back = fact(HUMAN, KIM, ClerkHandedBack("kim", "Kim B."))
    assert (back.outcome, back.ended, back.replied) == ("back", minutes(2), None)


def test_undone_it_goes_on_and_whoever_claims_first_counts() -> None:
    h = fact(HUMAN, KIM, ClerkReleased("kim", "K"), ClerkClaimed("eve", "Eve"), ClerkTransferred("eve", "Eve", "u"))
    assert (h.claimed, h.team, h.ended) == (minutes(1), "u", None)
    resolved = (HUMAN, KIM, ClerkResolved("kim", "K"))
    assert fact(*resolved).ended
    again = fact(*resolved, ClerkUndid("kim", "K", "resolve"))
    assert (again.ended, again.outcome, again.claimed) == (None, "", minutes(1))


def test_a_clerk_who_steps_into_the_bots_conversation_begins_one_for_which_nobody_waited() -> None:
    hello = wrote("hallo", "greet")
    h = fact(hello, KIM, ANSWER)
    assert (h.number, h.reason, h.opened, h.claimed, h.replied) == (1, "", minutes(1), minutes(1), minutes(2))
    day = day_of([h], BERLIN)
    assert (day.opened, day.waiting.count, day.reply.count) == (0, 0, 0)
    h = fact(HUMAN, KIM, ClerkResolved("kim", "K"), hello, KIM, ANSWER, ClerkHandedBack("kim", "K"))
    assert (h.number, h.outcome, h.ended, h.replied) == (2, "back", minutes(6), minutes(5))


def test_what_is_erased_has_no_fact() -> None:
    assert life(HUMAN, command("loeschen"), pressed("d:yes")).handoff is None


def test_it_survives_being_written_down() -> None:
    c = life(HUMAN, KIM, ANSWER)
    assert Conversation.from_json(c.to_json()) == c


EVENTS = st.sampled_from(
    (
        HUMAN,
        KIM,
        ANSWER,
        wrote("hallo", "greet"),
        pressed("h:cancel"),
        command("loeschen"),
        pressed("d:yes"),
        ClerkReleased("kim", "K"),
        ClerkHandedBack("kim", "K"),
        ClerkResolved("kim", "K"),
        ClerkUndid("kim", "K", "resolve"),
        ClerkUndid("kim", "K", "back"),
        ClerkTransferred("kim", "K", "u"),
    )
)


@given(st.lists(EVENTS, max_size=25))
@example([HUMAN, pressed("h:cancel"), KIM, ClerkReleased("kim", "K")])
@example([HUMAN, pressed("h:cancel"), KIM, ClerkTransferred("kim", "K", "u")])
@example([KIM, ClerkReleased("kim", "K")])
def test_a_fact_is_as_its_conversation_and_its_times_are_in_order(events: list[Event]) -> None:
    c = life(*events)
    h = c.handoff
    assert c.is_open == (h is not None and h.ended is None)
    if h is None:
        return
    times = [t for t in (h.opened, h.claimed, h.replied) if t]
    assert times == sorted(times)
    assert h.ended is None or h.ended >= max(times)
    assert (h.ended is None) == (h.outcome == "")


# --- a synthetic day ----------------------------------------------------------------------------------------------


def at(hour: int, minute: int = 0) -> datetime:
    """By the town's clock, on a Tuesday."""
    return datetime(2026, 11, 24, hour, minute, tzinfo=BERLIN).astimezone(UTC)


def handoff(
    number: int,
    opened: datetime,
    claimed: datetime | None = None,
    replied: datetime | None = None,
    begins: datetime | None = None,
    outcome: str = "",
) -> Handoff:
    ended = (replied or claimed or opened) + timedelta(minutes=5) if outcome else None
    return Handoff(number, "buergeramt", "", "web", "asked", opened, None, claimed, replied, ended, outcome, begins)


DAY = [
    # At three in the night, promised for eight: claimed 8:05, so it waited five minutes.
    handoff(1, at(3), at(8, 5), at(8, 10), begins=at(8), outcome="answered"),
    handoff(2, at(6), at(7, 50), at(7, 55), begins=at(8), outcome="answered"),  # earlier than promised: not at all
    handoff(3, at(8, 30), at(8, 31), at(8, 35), outcome="answered"),  # 1, 5
    handoff(4, at(9), at(9, 2), at(9, 3), outcome="not_ours"),  # 2, 3
    handoff(5, at(9, 10), at(9, 40), at(10), outcome="answered"),  # 30, 50
    handoff(6, at(10), at(10, 3)),  # 3, no answer yet
    handoff(7, at(10, 5)),  # waits
    handoff(8, at(10, 6), outcome="withdrawn"),
]


def test_a_day_counted_by_hand() -> None:
    day = day_of(DAY, BERLIN)
    assert day.opened == 8
    # Waiting: 0, 1, 2, 3, 5, 30 minutes. The third of six is the median, the sixth the 90th percentile.
    assert day.waiting == Spread(2 * 60, 30 * 60, 6)
    # First answer: 0, 3, 5, 10, 50 minutes.
    assert day.reply == Spread(5 * 60, 50 * 60, 5)
    assert day.outcomes == {"answered": 4, "not_ours": 1, "withdrawn": 1}
    hours = {h.hour: (h.opened, h.replied, h.ended) for h in day.hours}
    assert list(hours) == list(range(3, 19))
    assert {n: counts for n, counts in hours.items() if any(counts)} == {
        3: (1, 0, 0),
        6: (1, 0, 0),
        7: (0, 1, 0),
        8: (1, 2, 3),
        9: (2, 1, 1),
        10: (3, 1, 2),
    }


def test_a_day_without_anything() -> None:
    day = day_of([], BERLIN)
    assert (day.opened, day.waiting, day.reply) == (0, Spread(None, None, 0), Spread(None, None, 0))
    assert [h.hour for h in day.hours] == list(range(8, 19))


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0.01, 1))
def test_a_percentile_occurred_and_covers_its_share(values: list[float], share: float) -> None:
    found = percentile(values, share)
    assert found in values
    assert sum(v <= found for v in values) >= math.floor(share * len(values))
    assert sum(v < found for v in values) < share * len(values)
