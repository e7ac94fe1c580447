"""What a citizen thinks of a handoff: when it is asked, what a press does, and what it leaves alone."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.conversation import Conversation, NotNow, Outcome, Status
from bot.dialogue import step
from bot.effects import Rated, Record, Turn
from bot.events import CitizenWrote, ClerkClaimed, ClerkResolved, ClerkUndid
from bot.handoff.fact import Handoff
from tests.dialogue.builders import FRESH, MONDAY, OPEN, POLICY, keys, play, pressed, wrote

FACT = Handoff(4711, "t", "", "telegram", "asked", MONDAY)
OLDER = replace(FACT, number=4700)
LATER = MONDAY + timedelta(minutes=5)
KIM = ClerkClaimed("kim", "Kim B.")


def done(outcome: Outcome = Outcome.ANSWERED, fact: Handoff | None = FACT) -> Turn:
    waiting = play(wrote("mensch", "ask_human")).conversation
    waiting = replace(waiting, number=4711, handoff=fact)
    return play(KIM, ClerkResolved("kim", "Kim B.", outcome), conversation=waiting)


def press(c: Conversation, data: str, fact: Handoff | None = FACT) -> Turn:
    return step(c, replace(pressed(data), rated=fact), POLICY, OPEN, LATER)


def asks(turn: Turn) -> list[str]:
    return [choice.data for choice in turn.replies[-1].choices] if turn.replies else []


def test_it_is_asked_with_the_clerks_last_word_and_not_after_spam() -> None:
    assert asks(done()) == ["r:4711:+", "r:4711:-", "h:yes"]
    assert done(Outcome.SPAM).replies == ()
    assert asks(done(fact=replace(FACT, rating="bad"))) == ["h:yes"]
    assert asks(done(fact=OLDER)) == ["h:yes"]
    assert asks(done(fact=None)) == ["h:yes"]


@pytest.mark.parametrize(("data", "rating"), [("r:4711:+", "good"), ("r:4711:-", "bad")])
def test_a_press_is_a_fact_of_that_handoff_and_takes_no_undo_away(data: str, rating: str) -> None:
    resolved = done().conversation
    turn = press(resolved, data)
    assert [e.handoff.rating for e in turn.effects if isinstance(e, Rated)] == [rating]
    assert turn.conversation.handoff == replace(FACT, rating=rating, rated=LATER)
    assert turn.conversation.status is Status.RESOLVED
    back = step(turn.conversation, ClerkUndid("kim", "Kim B.", "resolve"), POLICY, OPEN, MONDAY)
    assert back.conversation.status is Status.ASSIGNED


def test_an_older_one_leaves_the_last_one_alone() -> None:
    turn = press(done().conversation, "r:4700:+", OLDER)
    assert [e.handoff for e in turn.effects if isinstance(e, Rated)] == [replace(OLDER, rating="good", rated=LATER)]
    assert turn.conversation.handoff == FACT


def test_over_a_clerks_head_nothing_is_said_and_no_word_is_owed() -> None:
    mine = play(KIM, conversation=replace(done().conversation, clerk_owes=None, status=Status.WAITING)).conversation
    mine = replace(mine, clerk_owes=None, citizen_owes=MONDAY)
    turn = press(mine, "r:4711:+")
    assert turn.replies == ()
    assert any(isinstance(e, Rated) for e in turn.effects)
    assert (turn.conversation.clerk_owes, turn.conversation.citizen_owes) == (None, MONDAY)


@pytest.mark.parametrize("data", ["r:", "r:x:+", "r:4712:+", "r:99999999999999:+", "r:²:+", "r:4711"])
def test_a_button_of_no_handoff_does_no_harm(data: str) -> None:
    turn = press(done().conversation, data, FACT if data == "r:4711" else None)
    assert keys(turn) in (["button.gone"], ["ask.again"])
    assert not any(isinstance(e, Rated) for e in turn.effects)


def test_words_are_taken_only_where_they_were_asked_for() -> None:
    def says(c: Conversation, event: CitizenWrote, minutes: int = 6) -> Turn:
        return step(c, event, POLICY, OPEN, MONDAY + timedelta(minutes=minutes))

    asked = press(press(done().conversation, "r:4711:+").conversation, "r:4711:w").conversation
    assert asked.opinion == 4711
    told = says(asked, wrote("sehr nett"))
    assert [e.key for e in told.effects if isinstance(e, Record)] == ["rating_words"]
    assert (keys(told), told.conversation.opinion) == (["rating.noted"], 0)
    assert says(asked, wrote("mensch", "ask_human")).conversation.status is Status.WAITING
    assert keys(says(asked, wrote("was kostet das?", found=("a",), decision="answer"))) == ["answer"]
    assert "rating.noted" not in keys(says(asked, wrote("sehr nett"), minutes=70))
    refused = press(asked, "r:4711:n")
    assert (keys(refused), refused.conversation.opinion) == (["ask.again"], 0)


def test_a_rating_of_nobody_is_no_transition() -> None:
    with pytest.raises(NotNow):
        step(FRESH, ClerkResolved("kim", "Kim B."), POLICY, OPEN, MONDAY)
