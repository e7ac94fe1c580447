"""What words mean for the conversation: a person is needed, chit-chat, a follow-up, or a question for the FAQ."""

from dataclasses import replace
from datetime import datetime

from bot.conversation import Conversation, Reason
from bot.effects import Reply, Say, Turn
from bot.events import CitizenWrote
from bot.judging.answering import first_of, found, rejected, sure, which
from bot.judging.choices import ASK_HUMAN, HUMAN, NONE, names_a_place
from bot.judging.commands import data_rights, erase, offers_erasing, stop
from bot.judging.denying import DOUBT, denies, doubted, turns_all_down
from bot.judging.followups import followed
from bot.judging.handing import handoff, offer, pending
from bot.judging.language import ask_language, set_language, wished
from bot.judging.offices import about_office
from bot.judging.pinning import pinned
from bot.judging.pressed import pressed
from bot.message import Kind
from bot.policy import Policy, Townhall
from nlu.manner import BETTER, EASY, HELP, NEUTRAL, STOP

SURE_COMPLAINT = 0.8  # the confidence in it from which nobody is asked whether a person should read it
SURE_CHAT = 0.7  # less sure than this, a greeting with a matter beside it is about the matter
LIKELY = 0.1  # the probability from which on a match tells who takes a complaint
BESIDE = {"greet", "affirm", "deny"}
"""What may stand before a matter: "nein, gebrauchtes Auto"."""
UNSURE = {"greet", "thanks", "goodbye"}
"""What the model also hears in two words of another kind: "perso weg"."""
CHIT_CHAT = {"greet", "goodbye", "thanks", "affirm", "deny", "small_talk", "insult"}


def spoken(c: Conversation, e: CitizenWrote, policy: Policy, townhall: Townhall, now: datetime) -> Turn:
    """The turn for words that chose no button; the first judgement that has one decides."""
    if e.message.kind is Kind.UNSUPPORTED:
        return Turn(c, (Say(Reply(f"unsupported.{e.message.what or 'other'}", choices=(HUMAN,))),))
    if not e.masked.strip():
        return Turn(c, (Say(Reply("empty", choices=(HUMAN,))),))
    intent = e.understanding.intent if e.understanding else "faq_question"
    if e.manner.wants == STOP:
        return stop(c)
    if intent != "ask_human" and (turn := pinned(c, e, townhall)):
        return turn
    if turn := _for_people(c, e, intent, policy, townhall, now):
        return turn
    if turn := _about_us(c, e, intent, policy, townhall):
        return turn
    again = (
        intent == "deny" and c.entry and (c.rejected or _names_another(c, e))
    )  # "nein, auch nicht", "nein, das Auto"
    if again or (denies(c, e) and c.entry) or (intent == "reject_answer" and (c.entry or c.offered)):
        return rejected(c, e, townhall, now)
    if denies(c, e):  # what was told of an office
        return offer(replace(c, office="", office_asked=""), "rejected.rephrase", Reason.REJECTED)
    if turns_all_down(c, e):
        return rejected(c, e, townhall, now) if c.rejected else pressed(c, NONE.data, e, policy, townhall, now)
    if intent == "affirm" and not e.manner.aspects:
        if offers_erasing(c) and _confidence(e) >= DOUBT:
            return erase(c, now)
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
    likely = e.findings.matches[0].topic if e.findings and _finds(e) else ""
    if intent == "ask_human":  # "einen Menschen bitte, es geht um Anwohnerparken" goes to who does that
        return handoff(replace(c, topic=likely or c.topic), Reason.ASKED, townhall, now, at_once=True)
    best = first_of(e)
    if e.manner.personal and not (best and best.score >= policy.verbatim):
        return handoff(replace(c, topic=likely or _still(c, e)), Reason.PERSONAL, townhall, now)
    if intent == "complain" and not best:
        c = replace(c, topic=(_topic(e) if e.manner.names else "") or _still(c, e))
        plain = _confidence(e) >= SURE_COMPLAINT
        return handoff(c, Reason.COMPLAINT, townhall, now) if plain else offer(c, "sorry", Reason.COMPLAINT)
    return None


def _topic(e: CitizenWrote) -> str:
    """The topic of what is likeliest found, "" where nothing is likely enough to choose a team by."""
    first = e.findings.matches[0] if e.findings and e.findings.matches else None
    return first.topic if first and first.score >= LIKELY else ""


def _confidence(e: CitizenWrote) -> float:
    return e.understanding.confidence if e.understanding else 0.0


def _still(c: Conversation, e: CitizenWrote) -> str:
    """The topic at hand, where the words can mean it: those that name a matter of their own do not."""
    return c.topic if e.manner.points or not e.manner.names else ""


def _about_us(c: Conversation, e: CitizenWrote, intent: str, policy: Policy, townhall: Townhall) -> Turn | None:
    """The conversation itself: its language, one's data."""
    wanted = wished(e)
    if wanted and e.manner.bare:
        return set_language(c, wanted, policy, townhall)
    beside = bool(e.manner.language and e.manner.names and _finds(e))  # "échanger mon permis français"
    if intent == "change_language" and not (wanted or e.manner.learns or beside):
        return ask_language(c, policy)
    if intent == "data_rights" and not first_of(e):
        return data_rights(c, e.manner.erases)
    return None


def _finds(e: CitizenWrote) -> bool:
    """Does the search know something that may be meant?"""
    return e.findings is not None and e.findings.decision != "withhold"


def _wanted(c: Conversation, e: CitizenWrote, policy: Policy) -> Turn | None:
    """Words about the conversation that name no matter: a call for help, "ihr könnt ja gar nichts", "das zweite"."""
    if e.manner.wants == HELP:
        return Turn(replace(c, misses=0), (Say(Reply("help", choices=(HUMAN,))),))
    if e.manner.wants == BETTER:
        return _sorry(c)
    if e.manner.wants == NEUTRAL and not first_of(e):
        return Turn(replace(c, misses=0), (Say(Reply("neutral")),))
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


def _chat(c: Conversation, e: CitizenWrote, intent: str, policy: Policy) -> Turn | None:
    brief = len(e.masked.split()) <= policy.chit_chat_words
    asks = e.manner.aspects and (c.entry or intent in BESIDE)  # "hallo, was kostet das"
    known = _finds(e) or (intent == "greet" and not brief)  # a question that nothing is known for is still one
    unsure = _confidence(e) < SURE_CHAT and e.manner.names and known and intent in UNSURE
    matter = asks or unsure or (intent in BESIDE and _names_another(c, e)) or (c.entry and doubted(e, intent))
    small = intent in CHIT_CHAT and (brief or not first_of(e)) and not matter
    if intent != "ask_bot_identity" and not small:
        return None
    key = {"greet": "greeting", "affirm": "ask.again", "deny": "ask.again"}.get(intent, intent)
    choices = (HUMAN,) if intent in ("greet", "insult", "ask_bot_identity") else ()
    return Turn(replace(c, misses=0), (Say(Reply(key, choices=choices)),))
