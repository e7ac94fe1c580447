"""On to a team or a colleague, and back again."""

from datetime import timedelta

import pytest

from bot.conversation import Conversation, NotNow, Outcome, Status
from bot.dialogue import step
from bot.effects import Record, Say, Turn
from bot.events import (
    ClerkClaimed,
    ClerkHandedBack,
    ClerkReleased,
    ClerkReopened,
    ClerkResolved,
    ClerkSeen,
    ClerkTransferred,
    ClerkUndid,
    ClerkWrote,
    Event,
    NoteWithdrawn,
)
from tests.dialogue.builders import FRESH, MONDAY, POLICY, TWO_TEAMS, keys, wrote

HUMAN = wrote("mensch", "ask_human")
KIM = ClerkClaimed("kim", "Kim B.")
TO_EVE = ClerkTransferred("kim", "Kim B.", "t", "eve", "Eve C.")
TO_OTHERS = ClerkTransferred("kim", "Kim B.", "u")
EVE_LOOKS = ClerkSeen("eve", "Eve C.", looked=True)


def after(*events: Event, c: Conversation = FRESH) -> Turn:
    turn = Turn(c)
    for n, event in enumerate(events):
        turn = step(turn.conversation, event, POLICY, TWO_TEAMS, MONDAY + timedelta(minutes=n))
    return turn


def records(turn: Turn) -> list[tuple[str, str]]:
    return [(e.key or e.by, e.text) for e in turn.effects if isinstance(e, Record)]


def refused(event: Event, c: Conversation) -> NotNow:
    with pytest.raises(NotNow) as caught:
        after(event, c=c)
    return caught.value


def test_a_colleague_has_it_at_once_and_the_citizen_is_told_when_they_look() -> None:
    mine = after(HUMAN, KIM).conversation
    turn = after(TO_EVE, c=mine)
    theirs = turn.conversation
    assert (theirs.status, theirs.owner, theirs.unseen) == (Status.ASSIGNED, "eve", True)
    assert theirs.epoch == mine.epoch + 1
    assert theirs.waiting_since == mine.waiting_since
    assert (records(turn), keys(turn)) == ([("passed_on", "Eve C.")], [])
    assert refused(ClerkWrote("kim", "Kim B.", "Noch etwas"), theirs).why == "other.owner"
    assert keys(after(ClerkSeen("eve", "Eve C."), c=theirs)) == []  # her list is open: she has not looked
    looked = after(EVE_LOOKS, c=theirs)
    assert keys(looked) == ["handoff.joined"]
    assert keys(after(EVE_LOOKS, c=looked.conversation)) == []
    assert keys(after(ClerkWrote("eve", "Eve C.", "Guten Tag"), c=theirs)) == ["handoff.joined", "clerk"]


def test_a_colleague_who_is_away_or_gone_is_not_given_anything() -> None:
    mine = after(HUMAN, KIM).conversation
    gone = ClerkTransferred("kim", "Kim B.", "t", "eve", "Eve C.", there=False)
    away = ClerkTransferred("kim", "Kim B.", "t", "eve", "Eve C.", there=False, away="pause", anyway=True)
    assert (refused(gone, mine).why, refused(gone, mine).facts["name"]) == ("colleague.gone", "Eve C.")
    assert (refused(away, mine).why, refused(away, mine).facts["reason"]) == ("colleague.away", "pause")


def test_a_team_without_anybody_gets_it_only_when_that_is_meant() -> None:
    mine = after(HUMAN, KIM).conversation
    why = refused(ClerkTransferred("kim", "Kim B.", "u", there=False), mine)
    assert (why.why, why.facts) == ("team.closed", {"team": "Bauamt", "opens": MONDAY + timedelta(days=1)})
    assert refused(ClerkTransferred("kim", "Kim B.", "t", there=False), mine).why == "team.unknown"
    turn = after(ClerkTransferred("kim", "Kim B.", "u", there=False, anyway=True), c=mine)
    c = turn.conversation
    assert (c.status, c.team, c.owner, c.waiting_since) == (Status.WAITING, "u", "", mine.waiting_since)
    assert c.due == MONDAY + timedelta(days=1)  # what the citizen is told
    assert keys(turn) == ["handoff.passed_on_closed"]


def test_who_waits_is_passed_on_by_anybody_who_sees_it_with_a_note() -> None:
    waiting = after(HUMAN).conversation
    turn = after(ClerkTransferred("kim", "Kim B.", "u", note="geht um einen Baum"), c=waiting)
    assert records(turn) == [("note", "geht um einen Baum"), ("transferred", "u")]
    assert refused(ClerkTransferred("kim", "Kim B.", "t"), waiting).why == "same.team"
    assert refused(ClerkTransferred("kim", "Kim B.", "nowhere"), waiting).why == "no.team"
    eves = after(TO_EVE, c=waiting).conversation
    assert refused(TO_OTHERS, eves).why == "other.owner"
    assert after(ClerkTransferred("lea", "Lea", "u", leads=True), c=eves).conversation.team == "u"
    assert refused(ClerkTransferred("eve", "Eve C.", "t", "eve", "Eve C."), eves).why == "same.owner"
    bots = after(wrote("hallo", "greet")).conversation
    assert refused(TO_EVE, bots).why == "not.assigned"
    assert refused(ClerkTransferred("lea", "Lea", "u", leads=True), bots).why == "not.assigned"


@pytest.mark.parametrize(
    ("verb", "event"),
    [
        ("release", ClerkReleased("kim", "Kim B.")),
        ("transfer", TO_OTHERS),
        ("transfer", TO_EVE),
        ("back", ClerkHandedBack("kim", "Kim B.")),
        ("resolve", ClerkResolved("kim", "Kim B.", Outcome.SPAM)),
    ],
)
def test_a_mistake_is_undone_with_the_old_waiting_time(verb: str, event: Event) -> None:
    undo = ClerkUndid("kim", "Kim B.", verb)
    mine = after(HUMAN, KIM).conversation
    done = after(event, c=mine).conversation
    assert refused(ClerkUndid("eve", "Eve C.", verb), done).why == "not.undoable"
    assert refused(ClerkUndid("kim", "Kim B.", "other"), done).why == "not.undoable"
    back = after(undo, c=done).conversation
    assert (back.status, back.owner, back.team, back.reason) == (mine.status, "kim", "t", mine.reason)
    assert (back.waiting_since, back.due, back.outcome) == (mine.waiting_since, mine.due, "")
    assert refused(undo, back).why == "not.undoable"
    if verb == "transfer" or verb == "release":
        taken = (EVE_LOOKS,) if event is TO_EVE else (ClerkClaimed("eve", "Eve C."),)
        assert refused(undo, after(*taken, c=done).conversation).why == "not.undoable"


@pytest.mark.parametrize("event", [TO_OTHERS, TO_EVE, ClerkHandedBack("kim", "K"), ClerkResolved("kim", "K")])
def test_who_waited_waits_again(event: Event) -> None:
    waiting = after(HUMAN).conversation
    done = after(event, c=waiting).conversation
    assert done.before
    back = after(ClerkUndid("kim", "Kim B.", done.before.verb), c=done).conversation
    assert (back.status, back.owner, back.team) == (Status.WAITING, "", "t")
    assert (back.waiting_since, back.lease_until) == (waiting.waiting_since, None)


def test_undone_before_anybody_was_told_says_nothing_to_the_citizen() -> None:
    mine = after(HUMAN, KIM).conversation
    undo = ClerkUndid("kim", "Kim B.", "transfer")
    assert keys(after(TO_EVE, undo, c=mine)) == []
    assert keys(after(TO_OTHERS, undo, c=mine)) == ["handoff.joined"]
    assert keys(after(ClerkReleased("kim", "Kim B."), ClerkUndid("kim", "Kim B.", "release"), c=mine)) == []
    assert keys(after(ClerkHandedBack("kim", "Kim B."), ClerkUndid("kim", "Kim B.", "back"), c=mine)) == [
        "handoff.joined"
    ]


def test_the_outcome_stays_until_it_is_opened_again_and_spam_gets_no_farewell() -> None:
    mine = after(HUMAN, KIM).conversation
    for outcome in Outcome:
        turn = after(ClerkResolved("kim", "Kim B.", outcome), c=mine)
        assert turn.conversation.outcome == outcome
        assert records(turn) == [("resolved", outcome)]
        assert keys(turn) == ([] if outcome is Outcome.SPAM else ["handoff.resolved"])
        assert after(wrote("hallo", "greet"), c=turn.conversation).conversation.outcome == ""


def test_who_was_told_that_it_is_over_learns_that_it_is_not() -> None:
    taken = after(HUMAN, KIM).conversation
    for outcome, told in ((Outcome.ANSWERED, ["handoff.joined"]), (Outcome.SPAM, [])):
        resolved = after(ClerkResolved("kim", "Kim B.", outcome), c=taken).conversation
        assert keys(after(ClerkUndid("kim", "Kim B.", "resolve"), c=resolved)) == told
        reopened = after(ClerkReopened("eve", "Eve C."), c=resolved)
        assert [e.reply.params["name"] for e in reopened.effects if isinstance(e, Say)] == ["Eve C."]
    unclaimed = after(HUMAN, ClerkResolved("kim", "Kim B.")).conversation
    assert keys(after(ClerkUndid("kim", "Kim B.", "resolve"), c=unclaimed)) == ["handoff.passed_on"]


def test_a_note_taken_back_is_one_more_line() -> None:
    assert records(after(NoteWithdrawn("kim", "Kim B.", "l1"), c=FRESH)) == [("note_withdrawn", "l1")]
