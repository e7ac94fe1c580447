"""What words mean for the conversation: a person is needed, chit-chat, a follow-up, or a question for the FAQ."""

from dataclasses import replace
from datetime import datetime

from bot.conversation import Conversation, Reason
from bot.events import CitizenWrote, Reply, Say, Turn
from bot.judging.answering import first_of, found, rejected, sure, which
from bot.judging.choices import ASK_HUMAN, HUMAN, names_a_place
from bot.judging.commands import data_rights
from bot.judging.followups import followed
from bot.judging.handing import handoff, offer, pending
from bot.judging.language import ask_language, set_language, wished
from bot.judging.offices import about_office
from bot.judging.pressed import pressed
from bot.message import Kind
from bot.policy import Policy, Townhall
from nlu.manner import BETTER, EASY, HELP

SURE_COMPLAINT = 0.8  # the confidence in it from which nobody is asked whether a person should read it
DOUBT = 0.6  # less sure than this, a yes or no is doubted
BESIDE = {"greet", "affirm", "deny"}
"""What may stand before a matter: "nein, gebrauchtes Auto"."""
CHIT_CHAT = {"greet", "goodbye", "thanks", "affirm", "deny", "small_talk", "insult"}


def spoken(c: Conversation, e: CitizenWrote, policy: Policy, townhall: Townhall, now: datetime) -> Turn:
    """The turn for words that chose no button; the first judgement that has one decides."""
    if e.message.kind is Kind.UNSUPPORTED:
        return Turn(c, (Say(Reply(f"unsupported.{e.message.what or 'other'}", choices=(HUMAN,))),))
    if not e.masked.strip():
        return Turn(c, (Say(Reply("empty", choices=(HUMAN,))),))
    intent = e.understanding.intent if e.understanding else "faq_question"
    if turn := _for_people(c, e, intent, policy, townhall, now):
        return turn
    if turn := _about_us(c, e, intent, policy):
        return turn
    again = (
        intent == "deny" and c.entry and (c.rejected or _names_another(c, e))
    )  # "nein, auch nicht", "nein, das Auto"
    if again or (intent == "reject_answer" and (c.entry or c.offered)):
        return rejected(c, e, townhall, now)
    if intent == "affirm" and not e.manner.aspects:
        if c.pending or any(data == ASK_HUMAN.data for data, _ in c.shown):
            return handoff(c, pending(c), townhall, now)
        if len(c.offered) == 1:
            return pressed(c, f"a:{c.offered[0].entry}", e, policy, townhall, now)
        if c.offered:
            return Turn(c, (Say(which(c.offered, "clarify.which")),))
    if intent == "reject_answer" and not e.manner.names:
        return _sorry(c)  # nothing is at hand that could be turned down
    c = replace(c, pending="", about="")
    # Who was asked "which office?" answers with its name, whatever the model makes of that.
    named = e.asked and (e.asked.names_it or c.office or (c.office_asked and e.asked.offices))
    if named and (turn := about_office(c, e, policy, townhall)):
        return turn
    if turn := _wanted(c, e, policy):
        return turn
    if turn := _chat(c, e, intent, policy):
        return turn
    if e.manner.language == EASY:
        c = replace(c, easy=True, language="de", language_fixed=True)
    about, after = about_office(c, e, policy, townhall), followed(c, e, policy, townhall, now)
    if c.entry and not (c.office or c.office_asked):
        about, after = after, about  # "bis wann?" means the matter, unless an office was spoken of just now
    return about or after or found(c, e, policy, townhall, now)


def _for_people(
    c: Conversation, e: CitizenWrote, intent: str, policy: Policy, townhall: Townhall, now: datetime
) -> Turn | None:
    """A person was asked for, or only a person can help."""
    if intent == "ask_human":
        return handoff(c, Reason.ASKED, townhall, now)
    best = first_of(e)
    if e.manner.personal and not (best and best.score >= policy.verbatim):
        likely = e.findings.matches[0].topic if e.findings and e.findings.decision != "withhold" else ""
        return handoff(replace(c, topic=likely or _still(c, e)), Reason.PERSONAL, townhall, now)
    if intent == "complain" and not best:
        c = replace(c, topic=_still(c, e))
        plain = e.understanding is not None and e.understanding.confidence >= SURE_COMPLAINT
        return handoff(c, Reason.COMPLAINT, townhall, now) if plain else offer(c, "sorry", Reason.COMPLAINT)
    return None


def _still(c: Conversation, e: CitizenWrote) -> str:
    """The topic at hand, where the words can mean it: those that name a matter of their own do not."""
    return c.topic if e.manner.points or not e.manner.names else ""


def _about_us(c: Conversation, e: CitizenWrote, intent: str, policy: Policy) -> Turn | None:
    """The conversation itself: its language, one's data."""
    wanted = wished(e)
    if wanted and e.manner.bare:
        return set_language(c, wanted, policy)
    if intent == "change_language" and not wanted and not e.manner.learns:
        return ask_language(c, policy)
    if intent == "data_rights" and not first_of(e):
        return data_rights(c)
    return None


def _wanted(c: Conversation, e: CitizenWrote, policy: Policy) -> Turn | None:
    """Words about the conversation that name no matter: a call for help, "ihr könnt ja gar nichts", "das zweite"."""
    if e.manner.wants == HELP:
        return Turn(replace(c, misses=0), (Say(Reply("help", choices=(HUMAN,))),))
    if e.manner.wants == BETTER:
        return _sorry(c)
    if names_a_place(e, policy) and not (e.asked or e.manner.aspects):
        return Turn(replace(c, misses=0), (Say(Reply("choice.none")),))
    return None


def _sorry(c: Conversation) -> Turn:
    """We were no help so far: other words may be, or a person."""
    return offer(c, "sorry", Reason.REJECTED if c.entry or c.rejected else Reason.NOT_UNDERSTOOD)


def _names_another(c: Conversation, e: CitizenWrote) -> bool:
    """Do the words name a matter that is surely known, and another than the one at hand?"""
    best = sure(c, e)
    return best is not None and e.manner.names and best.entry != c.entry


def _doubtful(e: CitizenWrote, intent: str) -> bool:
    """ "Geht das": a yes or a no that points back is more likely a question, where the model doubts it itself."""
    confidence = e.understanding.confidence if e.understanding else 0.0
    return intent in ("affirm", "deny") and e.manner.points and confidence < DOUBT


def _chat(c: Conversation, e: CitizenWrote, intent: str, policy: Policy) -> Turn | None:
    brief = len(e.masked.split()) <= policy.chit_chat_words
    matter = (intent in BESIDE and _names_another(c, e)) or (c.entry and (e.manner.aspects or _doubtful(e, intent)))
    small = intent in CHIT_CHAT and (brief or not first_of(e)) and not matter
    if intent != "ask_bot_identity" and not small:
        return None
    key = {"greet": "greeting", "affirm": "ask.again", "deny": "ask.again"}.get(intent, intent)
    choices = (HUMAN,) if intent in ("greet", "insult", "ask_bot_identity") else ()
    return Turn(replace(c, misses=0), (Say(Reply(key, choices=choices)),))
