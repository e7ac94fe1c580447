"""Call-backs: who is offered one, what a number becomes, and what a clerk says of the call."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.conversation import Conversation, NotNow, Status
from bot.dialogue import step
from bot.effects import OpenHandoff, Turn
from bot.events import ClerkCalled, ClerkClaimed, ClerkUndid, Event
from bot.handoff.callback import AGAIN, CALLING, Call, Callback
from bot.handoff.noting import noted
from bot.policy import Townhall
from tests.dialogue.builders import CLOSED, FRESH, MONDAY, OPEN, POLICY, command, keys, pressed, wrote

PHONE = "0171 2345678"
MINUTE = timedelta(minutes=1)


def happens(c: Conversation, *events: Event, townhall: Townhall = CLOSED) -> Turn:
    """Events a minute apart, with the facts that Turns keeps; the last turn."""
    turn = Turn(c)
    for n, event in enumerate(events):
        before, now = turn.conversation, MONDAY + n * MINUTE
        turn = step(before, event, POLICY, townhall, now)
        after = turn.conversation
        if any(isinstance(e, OpenHandoff) for e in turn.effects):
            after = replace(after, number=before.number + 1)
        turn = replace(turn, conversation=noted(before, after, event, townhall, now))
    return turn


def calls(call: Call) -> ClerkCalled:
    return ClerkCalled("kim", "Kim B.", call)


def wanted() -> Conversation:
    return happens(FRESH, command("mensch"), wrote(f"{PHONE}, ab 14 Uhr")).conversation


def test_no_gap_is_left_where_the_number_stood() -> None:
    asked = happens(FRESH, command("mensch"), wrote(f"Ja, rufen Sie mich an, {PHONE}, am besten vormittags."))
    assert asked.conversation.callback is not None
    assert asked.conversation.callback.wanted == "Ja, rufen Sie mich an, am besten vormittags"


def test_a_number_after_the_offer_becomes_a_call_back_and_the_citizen_is_told_once() -> None:
    turn = happens(FRESH, command("mensch"), wrote(f"Bitte ab 14 Uhr: {PHONE}"))
    assert turn.conversation.callback == Callback(PHONE, MONDAY + MINUTE, "Bitte ab 14 Uhr")
    assert keys(turn) == ["callback.noted"]
    again = happens(turn.conversation, wrote(PHONE))
    assert (again.effects, again.conversation.callback) == ((), turn.conversation.callback)
    assert keys(happens(wanted(), wrote("noch etwas"))) == []
    other = happens(wanted(), wrote("+49 171 99"), wrote("+49 171 9999999"))
    assert keys(other) == ["callback.changed"]
    assert other.conversation.callback == Callback("+49 171 9999999", MONDAY + MINUTE, "ab 14 Uhr")


def test_nobody_is_called_who_was_offered_no_call() -> None:
    for turn in (
        happens(FRESH, wrote(PHONE)),
        happens(FRESH, command("mensch"), wrote(PHONE), townhall=OPEN),
        happens(FRESH, command("mensch"), ClerkClaimed("kim", "Kim B."), wrote(PHONE)),
    ):
        assert turn.conversation.callback is None
    opened = happens(happens(FRESH, command("mensch")).conversation, wrote(PHONE), townhall=OPEN)
    assert keys(opened) == ["callback.noted_open"]  # asked in the night, answered in the morning


def test_tries_are_counted_and_who_was_reached_was_answered() -> None:
    c = happens(wanted(), calls(Call.NOT_REACHED), calls(Call.NOT_REACHED)).conversation
    assert c.callback is not None
    assert (c.callback.tries, c.callback.tried, c.status) == (2, MONDAY + MINUTE, Status.WAITING)
    turn = happens(c, calls(Call.REACHED))
    assert turn.conversation.callback is not None
    assert turn.conversation.callback.reached == MONDAY
    assert keys(turn) == []
    assert turn.conversation.handoff is not None
    assert turn.conversation.handoff.replied == turn.conversation.handoff.claimed == MONDAY


def test_done_closes_what_waits_for_nothing_else_and_can_be_undone() -> None:
    turn = happens(wanted(), calls(Call.DONE))
    c = turn.conversation
    assert (c.status, keys(turn)) == (Status.RESOLVED, ["handoff.resolved"])
    assert c.handoff is not None
    assert c.handoff.outcome == "answered"
    back = happens(c, ClerkUndid("kim", "Kim B.", "resolve")).conversation
    assert (back.status, back.callback) == (Status.WAITING, wanted().callback)


def test_done_leaves_a_clerk_the_conversation() -> None:
    c = happens(wanted(), ClerkClaimed("ada", "Ada"), calls(Call.DONE)).conversation
    assert (c.status, c.owner) == (Status.ASSIGNED, "ada")
    assert c.callback is not None
    assert c.callback.done
    with pytest.raises(NotNow, match=r"no\.callback"):
        happens(c, calls(Call.REACHED))


@pytest.mark.parametrize("call", list(Call))
def test_a_call_that_nobody_wants_is_refused(call: Call) -> None:
    closed = happens(wanted(), calls(Call.DONE)).conversation
    for c in (FRESH, happens(FRESH, command("mensch")).conversation, closed):
        with pytest.raises(NotNow, match=r"no\.callback"):
            happens(c, ClerkCalled("eve", "Eve", call))


def test_who_steps_back_or_erases_is_not_called() -> None:
    assert happens(wanted(), pressed("h:cancel")).conversation.callback is None
    assert happens(wanted(), command("loeschen"), pressed("d:yes")).conversation.callback is None
    again = happens(happens(wanted(), calls(Call.DONE)).conversation, command("mensch")).conversation
    assert again.callback is None


def test_it_is_kept_with_the_conversation() -> None:
    c = happens(wanted(), calls(Call.NOT_REACHED), calls(Call.REACHED)).conversation
    assert Conversation.from_json(c.to_json()) == c


def test_two_clerks_do_not_call_the_same_citizen() -> None:
    c = happens(wanted(), calls(Call.CALLING)).conversation
    assert c.callback is not None
    assert c.callback.called_by(MONDAY) == "kim"
    assert not c.callback.is_due(MONDAY)
    eve = ClerkCalled("eve", "Eve", Call.CALLING)
    with pytest.raises(NotNow, match=r"other\.caller"):
        happens(c, eve)
    assert happens(c, calls(Call.CALLING)).conversation.callback == c.callback
    assert c.callback.is_due(MONDAY + CALLING)  # she forgot to say what became of it
    after = happens(c, calls(Call.NOT_REACHED)).conversation
    assert after.callback is not None
    assert after.callback.called_by(MONDAY) == ""


def test_who_is_not_reached_is_called_again_later_and_told_after_the_third_time() -> None:
    turn = happens(wanted(), calls(Call.NOT_REACHED))
    call = turn.conversation.callback
    assert call is not None
    assert keys(turn) == []
    assert not call.is_due(MONDAY + AGAIN - MINUTE)
    assert call.is_due(MONDAY + AGAIN)
    told = [keys(happens(wanted(), *[calls(Call.NOT_REACHED)] * n)) for n in range(1, 6)]
    assert told == [[], [], ["callback.unreached"], [], []]
    third = happens(wanted(), *[calls(Call.NOT_REACHED)] * 3)
    other = happens(third.conversation, wrote("0171 9999999")).conversation
    assert other.callback is not None
    assert (other.callback.tries, other.callback.is_due(MONDAY)) == (0, True)


@pytest.mark.parametrize("call", list(Call))
@pytest.mark.parametrize("before", [(), (calls(Call.CALLING),), (ClerkClaimed("kim", "Kim B."),)])
def test_what_was_said_of_a_call_is_undone(call: Call, before: tuple[Event, ...]) -> None:
    was = happens(wanted(), *before).conversation
    done = happens(was, calls(call)).conversation
    assert done.before is not None
    back = happens(done, ClerkUndid("kim", "Kim B.", done.before.verb)).conversation
    assert (back.callback, back.handoff, back.status, back.owner) == (
        was.callback,
        was.handoff,
        was.status,
        was.owner,
    )
    with pytest.raises(NotNow, match=r"not\.undoable"):
        happens(done, ClerkUndid("eve", "Eve", done.before.verb))


def test_a_new_number_is_not_undone_away() -> None:
    c = happens(wanted(), calls(Call.NOT_REACHED), wrote("0171 9999999")).conversation
    with pytest.raises(NotNow, match=r"not\.undoable"):
        happens(c, ClerkUndid("kim", "Kim B.", "call"))
    assert c.callback is not None
    assert c.callback.phone == "0171 9999999"
