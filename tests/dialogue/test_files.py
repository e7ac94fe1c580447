"""Files are fetched for people: while one has the conversation or it waits for one, or when a clerk asks."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.attachments.attachment import Attachment, Fate
from bot.conversation import Conversation, NotNow, Status
from bot.dialogue import step
from bot.effects import Bring, Say, Turn
from bot.events import AttachmentWanted, CitizenWrote, ClerkClaimed, ClerkWrote, Event
from bot.message import Kind
from tests.dialogue.builders import FRESH, MONDAY, OPEN, POLICY, command, message, wrote

PHOTO = Attachment("aa", "bild.jpg", source="ref")


def happens(c: Conversation, event: Event) -> Turn:
    return step(c, event, POLICY, OPEN, MONDAY)


def photo(caption: str = "", intent: str = "faq_question") -> CitizenWrote:
    heard = wrote(caption, intent) if caption else CitizenWrote(message("", Kind.UNSUPPORTED, what="photo"))
    return replace(heard, message=replace(heard.message, attachments=(PHOTO,)))


def brought(turn: Turn) -> tuple[Attachment, ...]:
    return tuple(a for effect in turn.effects if isinstance(effect, Bring) for a in effect.attachments)


def test_the_bot_fetches_nothing_and_says_what_works() -> None:
    turn = happens(FRESH, photo())
    assert brought(turn) == ()
    assert "unsupported.photo" in [reply.key for reply in turn.replies]


def test_who_waits_and_who_is_helped_is_seen() -> None:
    waiting = happens(FRESH, command("mensch")).conversation
    turn = happens(waiting, photo("ist das richtig?"))
    assert (brought(turn), turn.replies) == ((PHOTO,), ())  # one voice: the bot says nothing
    assigned = happens(waiting, ClerkClaimed("kim", "Kim")).conversation
    assert brought(happens(assigned, photo())) == (PHOTO,)


def test_a_caption_that_asks_for_a_person_brings_its_photo_along() -> None:
    turn = happens(FRESH, photo("ich will mit einem menschen sprechen", "ask_human"))
    assert turn.conversation.status is Status.WAITING
    assert brought(turn) == (PHOTO,)


def test_a_flood_is_not_fetched() -> None:
    c = happens(FRESH, command("mensch")).conversation
    fetched = 0
    for _ in range(POLICY.flood_count + 10):
        turn = happens(c, photo())
        c, fetched = turn.conversation, fetched + len(brought(turn))
    assert fetched < POLICY.flood_count


@pytest.mark.parametrize("fate", list(Fate))
def test_a_clerk_may_ask_for_what_is_not_there(fate: Fate) -> None:
    waiting = happens(FRESH, command("mensch")).conversation
    wanted = AttachmentWanted("kim", "Kim", replace(PHOTO, fate=fate))
    if fate in (Fate.HELD, Fate.FAILED):
        assert brought(happens(waiting, wanted)) == (wanted.attachment,)
    else:
        with pytest.raises(NotNow, match=r"file\.not_wanted"):
            happens(waiting, wanted)
    with pytest.raises(NotNow):
        happens(waiting, AttachmentWanted("kim", "Kim", replace(PHOTO, fate=Fate.FAILED, source="")))


def test_a_clerks_file_is_an_answer_like_any_other() -> None:
    c = happens(happens(FRESH, command("mensch")).conversation, ClerkClaimed("kim", "Kim")).conversation
    file = replace(PHOTO, fate=Fate.READY, digest="d" * 64, source="")
    turn = happens(c, ClerkWrote("kim", "Kim", "", epoch=c.epoch, attachment=file))
    (said,) = (effect for effect in turn.effects if isinstance(effect, Say))
    assert (said.by, said.reply.attachment) == ("clerk", file)
    assert turn.conversation.clerk_owes is None
    assert turn.conversation.citizen_owes == MONDAY
    for event, why in (
        (ClerkWrote("eve", "Eve", "", epoch=c.epoch, attachment=file), "not.assigned"),
        (ClerkWrote("kim", "Kim", "", epoch=c.epoch - 1, attachment=file), "stale.page"),
        (ClerkWrote("kim", "Kim", "", epoch=c.epoch), "empty.reply"),
    ):
        with pytest.raises(NotNow) as refused:
            step(c, event, POLICY, OPEN, MONDAY + timedelta(minutes=1))
        assert refused.value.why in (why, "other.owner")
