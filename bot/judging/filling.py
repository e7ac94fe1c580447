"""What a citizen writes while an intake form asks. A person, a step back, an emergency and "stop" always win."""

from dataclasses import replace
from datetime import datetime

from bot.conversation import Conversation, Reason
from bot.effects import Reply, Say, Turn
from bot.events import CitizenWrote
from bot.judging.answering import first_of
from bot.judging.asking import NOW, SKIP, asked
from bot.judging.choices import ASK_HUMAN, CANCEL, HUMAN
from bot.judging.commands import stop
from bot.judging.handing import handoff
from bot.judging.pressed import pressed
from bot.message import Kind
from bot.policy import Policy, Townhall
from faq.town import Form
from nlu.manner import STOP, WITHDRAW
from nlu.text import words

SURE_HUMAN = 0.7  # the confidence in it from which an answer is taken for the wish for a person
TAKEN = frozenset({"location", "contact"})  # what has neither words nor files and is an answer all the same
STAYS = ("l:", "d:", "f:+")  # buttons that are about something else and leave the form where it is


def open_form(c: Conversation, townhall: Townhall) -> Form | None:
    """The form that is being asked; None where there is none, or the town has changed it so that nothing is left."""
    form = townhall.form_named(c.intake.form) if c.intake and c.intake.asking else None
    return form if form and c.intake and len(c.intake.answers) < len(form.questions) else None


def filled(c: Conversation, e: CitizenWrote, choice: str, policy: Policy, townhall: Townhall, now: datetime) -> Turn:
    """The turn for whatever comes in while a form asks."""
    form = open_form(c, townhall)
    if form is None:
        return to_people(c, townhall, now)
    if choice:
        return _pressed(c, form, choice, e, policy, townhall, now)
    if e.message.kind is Kind.EDIT:
        answers = {line for _, line in c.intake.answers} if c.intake else set()
        return Turn(c) if e.message.edits in answers else Turn(c, (asked(c, form),))
    if e.message.kind is Kind.UNSUPPORTED or not e.masked.strip():
        if e.message.attachments or e.message.what in TAKEN:
            return _answered(c, form, e.message.id, townhall, now)
        key = f"unsupported.{e.message.what or 'other'}" if e.message.kind is Kind.UNSUPPORTED else "empty"
        return Turn(c, (Say(Reply(key)), asked(c, form)))
    return _spoken(c, form, e, policy, townhall, now)


def to_people(c: Conversation, townhall: Townhall, now: datetime) -> Turn:
    """Into the queue with what was answered so far."""
    assert c.intake is not None
    return handoff(c, Reason(c.intake.reason), townhall, now, at_once=True)


def _pressed(
    c: Conversation, form: Form, choice: str, e: CitizenWrote, policy: Policy, townhall: Townhall, now: datetime
) -> Turn:
    assert c.intake is not None
    if choice == f"{SKIP}{len(c.intake.answers)}":
        return _answered(c, form, "", townhall, now)
    if choice.startswith(SKIP):
        return Turn(c, (asked(c, form),))
    if choice in (NOW, HUMAN.data, ASK_HUMAN.data):
        return to_people(c, townhall, now)
    if choice == CANCEL.data:
        return _left(c)
    return pressed(c if choice.startswith(STAYS) else replace(c, intake=None), choice, e, policy, townhall, now)


def _spoken(c: Conversation, form: Form, e: CitizenWrote, policy: Policy, townhall: Townhall, now: datetime) -> Turn:
    if e.manner.wants == STOP:
        return stop(c)
    if e.manner.wants == WITHDRAW and "?" not in e.masked:
        return _left(c)
    said, u = " ".join(words(e.masked)), e.understanding
    if said in policy.skip_words:
        return _answered(c, form, "", townhall, now)
    if said in policy.now_words or (u and u.intent == "ask_human" and u.confidence >= SURE_HUMAN):
        return to_people(c, townhall, now)
    best = first_of(e) if "?" in e.masked else None
    if best and best.topic not in townhall.people_topics:
        # A question in between: the form's own matter stays at hand.
        answer = Reply("answer", entry=best.entry, revision=best.revision, easy=c.easy)
        return Turn(c, (Say(answer), asked(c, form)))
    return _answered(c, form, e.message.id, townhall, now)


def _answered(c: Conversation, form: Form, line: str, townhall: Townhall, now: datetime) -> Turn:
    assert c.intake is not None
    intake = c.intake.answered(form.questions[len(c.intake.answers)].id, line)
    c = replace(c, intake=intake)
    if len(intake.answers) == len(form.questions):
        return to_people(c, townhall, now)
    return Turn(c, (asked(c, form),))


def _left(c: Conversation) -> Turn:
    return Turn(replace(c, intake=None), (Say(Reply("ask.again")),))
