"""Questions about an office rather than a matter: when it is open."""

from dataclasses import replace

from bot.conversation import Conversation
from bot.events import CitizenWrote, Reply, Say, Turn
from bot.policy import Townhall


def about_office(c: Conversation, e: CitizenWrote, townhall: Townhall) -> Turn | None:
    """The turn where an office's hours are asked for and it is known which one's; else None: the FAQ may know.

    "hat das Amt noch offen?" after an answer means the office of its topic.
    """
    if e.understanding is None or e.understanding.intent != "ask_opening_hours":
        return None
    office = e.office or (townhall.topic_office.get(c.topic, "") if c.entry else "")
    return Turn(replace(c, misses=0), (Say(Reply("hours", office=office)),)) if office else None
