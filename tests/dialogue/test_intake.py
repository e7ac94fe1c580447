"""A form before the handoff: files, edits, what the town changes meanwhile, and what is kept of it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.attachments.attachment import Attachment
from bot.conversation import Conversation, Reason, Status
from bot.deadlines import next_look, overdue
from bot.dialogue import step
from bot.effects import Bring, OpenHandoff, Turn
from bot.events import CitizenWrote, Event, FormLeft
from bot.message import Kind
from faq.town import Form, Question
from tests.dialogue.builders import FRESH, MONDAY, OPEN, POLICY, command, keys, message, play, pressed, wrote

FORM = Form(
    "schaden",
    (),
    ("a",),
    {"de": "Hier melden"},
    tuple(Question(name, name.title(), name.title(), {"de": f"{name}?"}) for name in ("ort", "was", "foto")),
)
HALL = replace(OPEN, forms=(FORM,))
ASKS = (wrote("loch", "faq_question", "answer", ("a",)), pressed("i:go:schaden"))


def after(*events: Event, c: Conversation = FRESH) -> Turn:
    return play(*events, conversation=c, townhall=HALL)


def said(ident: str, text: str, **values: str) -> CitizenWrote:
    event = wrote(text)
    return replace(event, message=replace(event.message, id=ident, **values))


def photo(ident: str) -> CitizenWrote:
    found = Attachment(f"file-{ident}", "bild.jpg", source="x")
    return CitizenWrote(replace(message("", Kind.UNSUPPORTED), id=ident, what="photo", attachments=(found,)))


def test_the_answers_are_lines_of_the_transcript_in_the_forms_order() -> None:
    turn = after(*ASKS, said("m1", "Am Markt 1"), pressed("i:skip:1"), photo("m3"))
    c = turn.conversation
    assert (c.status, c.reason, c.asks) == (Status.WAITING, Reason.ASKED, False)
    assert c.intake is not None
    assert c.intake.answers == (("ort", "m1"), ("was", ""), ("foto", "m3"))
    assert any(isinstance(e, OpenHandoff) for e in turn.effects)
    assert Conversation.from_json(c.to_json()) == c


def test_a_photo_is_fetched_whichever_question_it_answers() -> None:
    turn = after(*ASKS, photo("m1"))
    assert [e.attachments[0].id for e in turn.effects if isinstance(e, Bring)] == ["file-m1"]
    assert turn.conversation.status is Status.BOT


def test_an_edit_of_an_answer_is_no_further_answer() -> None:
    turn = after(*ASKS, said("m1", "Am Markt 1"), said("m2", "Am Markt 2", kind=Kind.EDIT, edits="m1"))
    assert (turn.conversation.intake, keys(turn)) == (after(*ASKS, said("m1", "x")).conversation.intake, [])
    assert keys(after(*ASKS, said("m2", "Am Markt 2", kind=Kind.EDIT, edits="m0"))) == ["intake.question"]


def test_a_button_pressed_twice_skips_one_question() -> None:
    turn = after(*ASKS, pressed("i:skip:0"), pressed("i:skip:0"))
    assert turn.conversation.intake is not None
    assert turn.conversation.intake.answers == (("ort", ""),)


def test_a_form_that_the_town_took_away_stops_nobody() -> None:
    asking = after(*ASKS).conversation
    assert play(said("m1", "Am Markt"), conversation=asking).conversation.status is Status.WAITING
    shorter = replace(OPEN, forms=(replace(FORM, questions=FORM.questions[:1]),))
    one = after(said("m1", "Am Markt"), c=asking).conversation
    assert play(said("m2", "Loch"), conversation=one, townhall=shorter).conversation.status is Status.WAITING


def test_the_clock_looks_at_a_form_that_nobody_goes_on_with() -> None:
    asking = after(*ASKS).conversation
    assert asking.last_citizen is not None
    at = asking.last_citizen + POLICY.form_left
    assert next_look(asking, POLICY) == at
    assert overdue(asking, POLICY, at - timedelta(seconds=1)) is None
    assert keys(step(asking, FormLeft(), POLICY, HALL, at)) == ["handoff.open"]


@pytest.mark.parametrize("event", [command("stop"), command("loeschen"), wrote("stop"), pressed("h:cancel")])
def test_whoever_wants_no_more_is_asked_no_more(event: Event) -> None:
    turn = after(*ASKS, event)
    assert (turn.conversation.intake, turn.conversation.status) == (None, Status.BOT)
    assert next_look(turn.conversation, POLICY) is None


def test_the_same_form_is_not_asked_twice_for_one_matter_and_is_for_the_next() -> None:
    waiting = after(*ASKS, said("m1", "Am Markt"), pressed("i:now")).conversation
    again = after(pressed("h:cancel"), pressed("h:yes"), c=waiting)
    assert (again.conversation.status, again.conversation.intake) == (Status.WAITING, waiting.intake)
    other = after(pressed("h:cancel"), wrote("loch", "faq_question", "answer", ("a",)), pressed("h:yes"), c=waiting)
    assert other.conversation.asks
    unasked = after(pressed("h:cancel"), wrote("was", found=("b",), decision="answer"), pressed("h:yes"), c=waiting)
    assert unasked.conversation.intake is None


def test_a_person_who_is_asked_for_in_words_comes_without_a_form() -> None:
    found = wrote("loch", "faq_question", "answer", ("a",))
    assert after(found, command("mensch")).conversation.status is Status.WAITING
    assert after(found, wrote("mensch", "ask_human")).conversation.status is Status.WAITING
    assert after(found, pressed("h:yes")).conversation.asks


def test_a_topic_for_people_alone_is_asked_about_first() -> None:
    hall = replace(HALL, people_topics=frozenset({"ausweise"}), forms=(replace(FORM, topics=("ausweise",)),))
    turn = play(wrote("loch", "faq_question", "answer", ("b",)), conversation=FRESH, townhall=hall)
    assert keys(turn) == ["disclosure", "intake.question"]
    assert turn.conversation.started == MONDAY
