"""What every message changes, whatever it says: when, in which language, how many at once, and the disclosure."""

from dataclasses import replace
from datetime import datetime

from bot.conversation import Conversation, Status
from bot.events import CitizenWrote
from bot.judging.rating import rated_number
from bot.message import Kind
from bot.policy import Policy
from nlu.manner import BETTER, HELP


def arrived(c: Conversation, e: CitizenWrote, policy: Policy, now: datetime) -> tuple[Conversation, bool]:
    """The conversation after the message has arrived, and whether it is one of a flood."""
    language = c.language
    if not c.language_fixed:
        hint = e.message.language if e.message.language in policy.languages else ""
        language = e.language or c.language or hint or policy.languages[0]
    burst = _burst(c, policy, now)
    if not c.last_citizen or now - c.last_citizen > policy.opinion:
        c = replace(c, opinion=0)  # it was meant to be said then
    if c.last_citizen and now - c.last_citizen > policy.disclose_after:
        c = replace(c, rejected=(), passed=(), misses=0)  # what was turned down days ago may be asked for again
    c = replace(
        c,
        started=c.started or now,
        last_citizen=now,
        language=language,
        sender=e.message.sender or c.sender,
        burst=burst,
        stopped=False,
        district=e.district or c.district,
    )
    if c.status is Status.ASSIGNED and not rated_number(e.message.choice):  # a rating asks for no word
        c = replace(c, clerk_owes=c.clerk_owes or now, citizen_owes=None, reminded=None)
    return c, len(burst) > policy.flood_count


def is_flood(c: Conversation, policy: Policy, now: datetime) -> bool:
    """Would one more message now be one too many? Such a one is not worth a model's time."""
    return len(_burst(c, policy, now)) > policy.flood_count


def _burst(c: Conversation, policy: Policy, now: datetime) -> tuple[float, ...]:
    recent = tuple(t for t in c.burst if now.timestamp() - t <= policy.flood_seconds)
    # One more than the limit is enough to know; the state must not grow with the flood.
    return (*recent, now.timestamp())[-(policy.flood_count + 2) :]


def must_disclose(c: Conversation, policy: Policy, now: datetime) -> bool:
    """Has the citizen not been told for long that a machine speaks?"""
    return c.disclosed is None or now - c.disclosed > policy.disclose_after


def introduces(e: CitizenWrote, policy: Policy) -> bool:
    """Will the reply itself say that a machine speaks, or is it a receipt that says nothing else?"""
    if e.message.kind is Kind.COMMAND:
        return e.message.text in ("start", "loeschen", "stop")
    u = e.understanding
    if u is None or e.manner.wants in (HELP, BETTER) or u.intent not in ("greet", "ask_bot_identity"):
        return False
    return u.intent == "ask_bot_identity" or len(e.masked.split()) <= policy.chit_chat_words
