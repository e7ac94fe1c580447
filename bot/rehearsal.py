"""What the bot would do with a first message of these words: read, understood and judged like one, and nothing kept.

Looks, as bot.reception does, at the words alone, then asks the models; bot.judgement decides.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime

from bot.answers import Answers
from bot.conversation import Conversation
from bot.dialogue import step
from bot.effects import OpenHandoff, Reply, Turn
from bot.events import CitizenWrote, Findings
from bot.hearing import alarm, named
from bot.message import Kind, Message, Spoken
from bot.notices import mark
from bot.offices.directory import Directories
from bot.offices.telling import OFFICE_KEYS
from bot.policy import townhall_at
from bot.reception import QUESTIONS
from bot.turns import Turns
from nlu.alarms import emergency_kind
from nlu.sharing import questions_in
from nlu.text import spoken_after
from nlu.understand import Nlu, Nlus

CHANNEL = "ask"
DEEDS = {
    "answer": "answer",
    "clarify": "clarify",
    "clarify.one": "clarify",
    "miss": "withhold",
    "out_of_scope": "withhold",
    "other_town": "withhold",
}
"""What was done, by the key of what was said."""
Look = Callable[[str, str], Awaitable[Findings]]
"""Question and language to what is found for them."""


@dataclass(frozen=True)
class Rehearsed:
    """`deed` is emergency, office, person, answer, clarify, withhold or talk (whatever else the phrasebook has, by its
    `key`); `reason` is why a person is needed; `spoken` are the first words of it, None for a person."""

    deed: str
    key: str = ""
    reason: str = ""
    spoken: Spoken | None = None


class Rehearsal:
    """Reads and judges for one process."""

    def __init__(self, turns: Turns, nlu: Nlus, answers: Answers) -> None:
        self._turns, self._nlu, self._answers = turns, nlu, answers
        self._directories = Directories(turns.calendar)

    async def read(self, question: str, language: str) -> CitizenWrote:
        """All that is found out about a masked question before the corpus is searched; `language` "" detects it."""
        nlu = self._nlu.of(self._answers.in_force.nlu)
        now = self._turns.now()
        language = language or spoken_after(question, "")
        message = Message(CHANNEL, CHANNEL, CHANNEL, Kind.TEXT, now, question)
        understanding = await nlu.understand(question, language or None)
        emergency = await alarm(question, emergency_kind(question) or "", understanding, self._answers.meaning)
        known = CitizenWrote(message, question, language or understanding.language, emergency, understanding)
        heard = self._named(known, question, now)
        parts = questions_in(question)
        if len(parts) < 2 or emergency:
            return heard
        several = [await self._part(self._named(known, part, now), nlu) for part in parts[:QUESTIONS]]
        return replace(heard, parts=tuple(several), unread=len(parts) > QUESTIONS)

    async def judged(self, heard: CitizenWrote, findings: Findings, look: Look) -> Rehearsed:
        """What would be done and said first, with these findings; `look` searches for its single questions."""
        parts = tuple([replace(p, findings=await look(p.masked, p.language)) for p in heard.parts])
        now = self._turns.now()
        fresh = Conversation(
            CHANNEL, CHANNEL, CHANNEL, language=heard.language, language_fixed=True, disclosed=now, started=now
        )
        hall = townhall_at(self._turns.calendar, now)
        fresh = replace(fresh, noticed=tuple(mark(notice) for notice in hall.notices))  # what is asked is what follows
        event = replace(heard, findings=findings, parts=parts)
        turn = step(fresh, event, self._turns.policy, hall, now)
        return self._told(turn, heard.language, now)

    async def _part(self, part: CitizenWrote, nlu: Nlu) -> CitizenWrote:
        return replace(part, understanding=await nlu.understand(part.masked, part.language))

    def _named(self, whole: CitizenWrote, text: str, now: datetime) -> CitizenWrote:
        today = now.astimezone(self._turns.calendar.zone).date()
        return named(whole, text, self._directories.now(), today)

    def _told(self, turn: Turn, language: str, now: datetime) -> Rehearsed:
        reply = turn.replies[0] if turn.replies else None
        if reply is None:
            return Rehearsed("talk")
        if any(isinstance(effect, OpenHandoff) for effect in turn.effects) and not _is_alarm(reply):
            # How long the queue is, and a number in it, is nothing to rehearse.
            return Rehearsed("person", reply.key, str(turn.conversation.reason or ""))
        spoken = self._turns.phrasebook.compose(reply, language, now)
        return Rehearsed(_deed(reply), reply.key, spoken=spoken)


def _is_alarm(reply: Reply) -> bool:
    return reply.key.startswith("emergency.")


def _deed(reply: Reply) -> str:
    if _is_alarm(reply):
        return "emergency"
    if reply.key in OFFICE_KEYS:
        return "office"
    return DEEDS.get(reply.key, "talk")
