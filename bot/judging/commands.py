"""/mensch and its like, and one's own data."""

from dataclasses import replace
from datetime import datetime

from bot.conversation import Conversation, Reason, Status
from bot.effects import Choice, Erase, Record, Reply, Say, Turn
from bot.events import CitizenWrote
from bot.judging.choices import HUMAN, NO_HUMAN
from bot.judging.handing import back, handoff, withdrawn
from bot.judging.language import ask_language, set_language
from bot.policy import Policy, Townhall
from nlu.manner import EASY

ERASE = Choice("d:yes", "button.erase")
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
        return handoff(back(c), Reason.ASKED, townhall, now, at_once=True)
    if name == "sprache":
        wanted = e.message.argument.strip().casefold()
        if wanted.startswith(EASY):
            return set_language(c, EASY, policy, townhall)
        return set_language(c, wanted[:2], policy, townhall) if wanted else ask_language(c, policy)
    if name == "meinedaten":
        return export(c)
    if name == "loeschen":
        return erase(c, now)
    if name == "stop":
        return stop(c)
    return Turn(c, (Say(Reply("help")),))


def stop(c: Conversation) -> Turn:
    """No messages any more, until the citizen writes again; who waited waits no more."""
    turn = Turn(withdrawn(c), (Record("withdrawn"),)) if c.status is Status.WAITING else Turn(c)
    kept = None if c.asks else turn.conversation.intake
    stopped = replace(turn.conversation, stopped=True, intake=kept)
    return Turn(stopped, (*turn.effects, Say(Reply("stopped"), urgent=True)))


def export(c: Conversation) -> Turn:
    """All that is stored, as a file."""
    return Turn(c, (Say(Reply("export", file="export"), urgent=True),))


def data_rights(c: Conversation, erases: bool = False) -> Turn:
    """See or erase? Of erasing alone, where that is wished, a yes is enough."""
    if erases:
        return Turn(c, (Say(Reply("data_rights.erase", choices=(ERASE, NO_HUMAN))),))
    return Turn(c, (Say(Reply("data_rights", choices=(Choice("d:export", "button.export"), ERASE))),))


def offers_erasing(c: Conversation) -> bool:
    """Was nothing but erasing offered just now?"""
    return [data for data, _ in c.shown] == [ERASE.data, NO_HUMAN.data]


def erase(c: Conversation, now: datetime) -> Turn:
    """Only what is needed to go on talking stays: who it is and in which language. Nobody who waited waits any more."""
    fresh = Conversation(c.id, c.channel, c.chat, language=c.language, language_fixed=c.language_fixed, easy=c.easy)
    # The receipt is an answer: a messenger with a window takes it only within so long after the citizen's last message.
    fresh = replace(fresh, epoch=c.epoch + 1, disclosed=now, burst=c.burst, last_citizen=c.last_citizen)
    told = {"at": now.isoformat(), "receipt": f"{c.id[:4]}-{int(now.timestamp()):x}".upper()}
    receipt = Reply("erase.receipt", told, before="erase.queue" if c.is_open else "")
    return Turn(fresh, (Erase(), Say(receipt, urgent=True)))
