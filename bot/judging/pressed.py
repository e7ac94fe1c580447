"""What a button does, pressed or typed."""

from dataclasses import replace
from datetime import datetime

from bot.conversation import Candidate, Conversation, Reason, Status
from bot.effects import Record, Reply, Say, Turn
from bot.events import CitizenWrote
from bot.judging.answering import answer, rejected, which
from bot.judging.asking import BEGIN, begun
from bot.judging.choices import HUMAN, UNCLEAR
from bot.judging.commands import erase, export
from bot.judging.handing import handoff, offer, pending, withdrawn
from bot.judging.language import set_language
from bot.judging.offices import picked
from bot.policy import Policy, Townhall


def pressed(c: Conversation, choice: str, e: CitizenWrote, policy: Policy, townhall: Townhall, now: datetime) -> Turn:
    """The turn for a button's data; an unknown one gets a reply, too."""
    kind, _, rest = choice.partition(":")
    match choice:
        case "n" if c.offered and not c.rejected:  # what was asked goes on with the words that follow
            c = replace(c, rejected=tuple(o.entry for o in c.offered), offered=(), about=c.question)
            return offer(c, "rejected.rephrase", Reason.REJECTED)
        case "n":
            reason = Reason.REJECTED if c.rejected else Reason.NOT_UNDERSTOOD
            return handoff(c, reason, townhall, now)
        case "f:+":
            return Turn(replace(c, shown=()), (Say(Reply("feedback.thanks")), Record("feedback_good", text=c.entry)))
        case "f:-":
            return rejected(c, e, townhall, now)
        case "h:yes" | "h:ask":
            return handoff(c, pending(c), townhall, now)
        case "h:no":
            return Turn(replace(c, misses=0, pending=""), (Say(Reply("ask.again")),))
        case "h:cancel" if c.status is Status.WAITING:
            return Turn(withdrawn(c), (Record("withdrawn"), Say(Reply("handoff.withdrawn"))))
        case "d:yes":
            return erase(c, now)
        case "d:export":
            return export(c)
        case _ if choice == UNCLEAR:
            return Turn(c, (Say(which(c.offered, "clarify.which")),))
    if kind == "a":
        option = next((o for o in c.offered if o.entry == rest), None)
        chosen = Candidate(rest, "", option.title if option else "", 1.0, option.topic if option else "")
        return answer(c, chosen, townhall, now)
    if turn := picked(c, choice, townhall):
        return turn
    if choice.startswith(BEGIN) and (form := townhall.form_named(choice.removeprefix(BEGIN))):
        return begun(c, form, Reason.ASKED)
    if kind == "l":
        return set_language(c, rest, policy, townhall)
    return Turn(c, (Say(Reply("button.gone", choices=(HUMAN,))),))
