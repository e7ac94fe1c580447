"""While a citizen waits for a person: silence, but for those who ask whether anybody comes, and those who step back.

What else they write goes to the clerk. Once a clerk is there, the bot says nothing at all.
"""

from dataclasses import replace
from datetime import datetime

from bot.conversation import Conversation
from bot.effects import Record, Reply, Say, Turn
from bot.events import CitizenWrote
from bot.judging.calling import number_given
from bot.judging.choices import CANCEL
from bot.judging.commands import stop
from bot.judging.handing import withdrawn
from bot.policy import Policy, Townhall
from nlu.manner import STOP, WAITS, WITHDRAW
from nlu.text import words


def waited(c: Conversation, e: CitizenWrote, policy: Policy, townhall: Townhall, now: datetime) -> Turn:
    """The turn for words of one who waits; without a reply where they are for the clerk."""
    if e.manner.wants == STOP:
        return stop(c)
    if e.manner.wants == WITHDRAW and "?" not in e.masked:
        return Turn(withdrawn(c), (Record("withdrawn"), Say(Reply("handoff.withdrawn"))))
    if turn := number_given(c, e, townhall, now):
        return turn
    lately = c.waiting_told is not None and now - c.waiting_told < policy.still_waiting
    if lately or not _asks(e):
        return Turn(c)
    desk = townhall.desks.get(c.team)
    key = "handoff.still" if desk and desk.open else "handoff.already"
    params = {"number": str(c.number)}
    if desk and desk.opens and not desk.open:
        key, params = "handoff.still_closed", {**params, "opens": desk.opens.isoformat()}
    told = Reply(key, params, (CANCEL,))
    return Turn(replace(c, waiting_told=now), (Say(told),))


def _asks(e: CitizenWrote) -> bool:
    """Is it asked whether anybody comes? "???" and "hallo?" ask so, too."""
    greets = e.understanding is not None and e.understanding.intent == "greet" and not e.manner.names
    return e.manner.wants == WAITS or ("?" in e.masked and (greets or not words(e.masked)))
