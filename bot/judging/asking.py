"""The questions of an intake form, put to the citizen one by one."""

from dataclasses import replace

from bot.conversation import Conversation, Reason
from bot.effects import Choice, Reply, Say, Turn
from bot.handoff.intake import Intake
from bot.judging.choices import CANCEL
from faq.town import Form

SKIP = "i:skip:"
"""A button's data, the number of its question behind it: pressed late, it skips no other."""
NOW = "i:now"
BEGIN = "i:go:"
"""A button's data, the form's id behind it."""


def begun(c: Conversation, form: Form, reason: Reason) -> Turn:
    """The form's first question, with what it is good for."""
    c = replace(c, intake=Intake(form.id, reason), offered=(), misses=0, pending="")
    return Turn(c, (asked(c, form, "intake.intro"),))


def asked(c: Conversation, form: Form, before: str = "") -> Say:
    """The next question that is open."""
    assert c.intake is not None
    n = len(c.intake.answers)
    told = {"n": str(n + 1), "of": str(len(form.questions)), "question": form.questions[n].text(c.language)}
    buttons = (
        Choice(f"{SKIP}{n}", "button.skip"),
        Choice(NOW, "button.now"),
        CANCEL,
    )
    return Say(Reply("intake.question", told, buttons, before=before))
