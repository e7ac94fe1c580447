"""/mensch and its like, and one's own data."""

from dataclasses import replace
from datetime import datetime

from bot.conversation import Conversation, Reason, Status
from bot.events import Choice, CitizenWrote, Erase, Record, Reply, Say, Turn
from bot.judging.choices import HUMAN
from bot.judging.handing import back, handoff, withdrawn
from bot.judging.language import ask_language, set_language
from bot.policy import Policy, Townhall
from nlu.manner import EASY

PLAIN = {"hilfe": "help", "datenschutz": "privacy"}


def commanded(c: Conversation, e: CitizenWrote, policy: Policy, townhall: Townhall, now: datetime) -> Turn:
    """The turn for a command."""
    name = e.message.text
    if name == "start":
        return Turn(replace(c, disclosed=now), (Say(Reply("greeting", choices=(HUMAN,))),))
    if name in PLAIN:
        return Turn(c, (Say(Reply(PLAIN[name])),))
    if name == "mensch":
        if c.status in (Status.WAITING, Status.ASSIGNED):
            return Turn(c, (Say(Reply("handoff.already", {"number": str(c.number)})),))
        return handoff(back(c), Reason.ASKED, townhall, now)
    if name == "sprache":
        wanted = e.message.argument.strip().casefold()
        if wanted.startswith(EASY):
            return set_language(c, EASY, policy)
        return set_language(c, wanted[:2], policy) if wanted else ask_language(c, policy)
    if name == "meinedaten":
        return export(c)
    if name == "loeschen":
        return erase(c, now)
    if name == "stop":
        turn = Turn(c)
        if c.status is Status.WAITING:
            turn = Turn(withdrawn(c), (Record("withdrawn"),))
        stopped = replace(turn.conversation, stopped=True)
        return Turn(stopped, (*turn.effects, Say(Reply("stopped"), urgent=True)))
    return Turn(c, (Say(Reply("help")),))


def export(c: Conversation) -> Turn:
    """All that is stored, as a file."""
    return Turn(c, (Say(Reply("export", file="export"), urgent=True),))


def data_rights(c: Conversation) -> Turn:
    """See or erase?"""
    buttons = (Choice("d:export", "button.export"), Choice("d:yes", "button.erase"))
    return Turn(c, (Say(Reply("data_rights", choices=buttons)),))


def erase(c: Conversation, now: datetime) -> Turn:
    """Only what is needed to go on talking stays: who it is and in which language. Nobody who waited waits any more."""
    fresh = Conversation(c.id, c.channel, c.chat, language=c.language, language_fixed=c.language_fixed, easy=c.easy)
    fresh = replace(fresh, epoch=c.epoch + 1, disclosed=now, burst=c.burst)
    told = {"at": now.isoformat(), "receipt": f"{c.id[:4]}-{int(now.timestamp()):x}".upper()}
    receipt = Reply("erase.receipt", told, before="erase.queue" if c.is_open else "")
    return Turn(fresh, (Erase(), Say(receipt, urgent=True)))
