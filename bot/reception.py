"""One message from arrival to done: parse, understand, search, step, keep. Citizens' words never reach a log."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, replace
from typing import Protocol

from bot.channels.channel import Unparseable
from bot.channels.wire import body_of
from bot.conversation import Conversation, Line, Status
from bot.events import CitizenWrote, Event, Findings
from bot.hearing import alarm, named
from bot.inforce import InForce
from bot.judgement import CARED_FOR, is_flood, question_for
from bot.judging.choices import choice_of
from bot.judging.rating import rated_number
from bot.message import Arrival, DeliveryReport, Kind, Message
from bot.offices.directory import Directories
from bot.privacy.masking import mask
from bot.store.protocol import Store, Ticket
from bot.turns import Turns
from nlu.alarms import emergency_kind
from nlu.meaning import MeaningOf, no_meaning
from nlu.sharing import questions_in
from nlu.text import cap, spoken_after
from nlu.understand import Nlu, Nlus

log = logging.getLogger(__name__)
LONGEST = 4000  # characters kept of one message; the models see fewer
QUESTIONS = 3  # of one message that are looked up; whoever asks more is told so


class Answers(Protocol):
    """Retrieval as reception needs it."""

    def holding(self) -> AbstractContextManager[InForce]:
        """Whatever is done inside answers by the release that is in force at its beginning."""
        ...

    async def find(self, text: str, language: str) -> Findings:
        """What the corpus has for this masked question. Never raises because the encoder is down."""
        ...


class Reception:
    """Handles arrivals."""

    def __init__(
        self,
        turns: Turns,
        nlu: Nlus,
        answers: Answers,
        deliver: Callable[[Arrival], Awaitable[bool]],
        meaning: MeaningOf = no_meaning,
    ) -> None:
        """`deliver` writes an arrival to the inbox, as the edge does; `meaning` is for a second look for alarms."""
        self._turns, self._nlu, self._answers, self._deliver, self._meaning = turns, nlu, answers, deliver, meaning
        self._store: Store = turns.store
        self._metrics = turns.metrics
        self._directories = Directories(turns.calendar)
        self._background: set[asyncio.Task[None]] = set()

    async def handle(self, ticket: Ticket) -> None:
        """Bring one arrival to its end. Raises StoreUnavailable, AlreadyDone and Fenced; any other exception is a
        fault of ours."""
        arrival, conversation = ticket.arrival, ticket.conversation
        channel = self._turns.channels.get(arrival.channel)
        if channel is None:
            await self._store.bury(conversation, arrival, "the channel is switched off", ticket)
            self._metrics.dead_letters.labels(arrival.channel, "channel_off").inc()
            return
        try:
            if (body := body_of(arrival)) is not None:
                # A dead letter that is replayed: perhaps it can be read by now.
                for element in channel.unpack(body):
                    await self._deliver(element)
                await self._store.finish(ticket)
                return
            parsed = channel.parse(arrival)
        except Unparseable as error:
            log.warning("dead letter", extra={"conversation": conversation, "reason": str(error)})
            await self._store.bury(conversation, arrival, str(error), ticket)
            self._metrics.dead_letters.labels(arrival.channel, "unreadable").inc()
            return
        if parsed is None:
            await self._store.finish(ticket)
        elif isinstance(parsed, DeliveryReport):
            await self._store.report(conversation, parsed.external, parsed.state, parsed.reason)
            await self._store.finish(ticket)
        else:
            if parsed.kind is Kind.CHOICE:
                # Platforms give the age of the button's message, not of the press.
                parsed = replace(parsed, at=self._turns.now())
            with self._answers.holding() as force:
                await self._message(conversation, parsed, ticket, force)
            if parsed.callback:
                task = asyncio.create_task(channel.acknowledge(parsed))
                self._background.add(task)
                task.add_done_callback(self._background.discard)

    async def _message(self, conversation: str, message: Message, ticket: Ticket, force: InForce) -> None:
        read, nlu = replace(self._read(message), release=force.name), self._nlu.of(force.nlu)
        understood: list[CitizenWrote] = []
        parts: list[CitizenWrote] = []
        found: dict[str, Findings] = {}

        async def looked_up(c: Conversation, heard: CitizenWrote) -> CitizenWrote:
            question = question_for(c, heard)
            if question and question not in found:
                found[question] = await self._answers.find(question, heard.language or c.language or "de")
            return replace(heard, findings=found.get(question))

        async def judge(c: Conversation) -> Event:
            # Judged again when somebody else wrote in between: what was found out stays true.
            if is_flood(c, self._turns.policy, self._turns.now()):
                return read
            if number := rated_number(choice_of(c, read, self._turns.policy)):
                last = c.handoff if c.handoff and c.handoff.number == number else None
                return replace(read, rated=last or await self._store.handoff(conversation, number))
            if not understood:
                understood.append(await self._understood(_in_language_of(c, read), nlu))
            heard = await looked_up(c, understood[0])
            if heard.emergency or c.asks or c.status in (Status.WAITING, Status.ASSIGNED):
                return heard
            several = self._parts(heard)
            if not parts:
                parts.extend([await self._understood(part, nlu) for part in several[:QUESTIONS]])
            asked = tuple([await looked_up(c, part) for part in parts])
            return replace(heard, parts=asked, unread=len(several) > QUESTIONS)

        fresh = Conversation(conversation, message.channel, message.chat)
        turn = await self._turns.apply(conversation, judge, fresh, _line, ticket)
        heard = understood[0] if understood else read
        log.info("handled", extra=_facts(turn.conversation, heard, turn.replies[-1].key if turn.replies else ""))

    def _read(self, message: Message) -> CitizenWrote:
        """What can be known without conversation and models."""
        masked = cap(mask(message.text), LONGEST)
        if message.kind not in (Kind.TEXT, Kind.EDIT) or not masked.strip():
            return CitizenWrote(message, masked)
        language = spoken_after(masked, "")
        emergency = emergency_kind(masked) or ""
        return self._heard(CitizenWrote(message, masked, language, emergency), masked)

    def _heard(self, whole: CitizenWrote, text: str) -> CitizenWrote:
        """What the words of a message, or of one of its questions, name and lean on."""
        today = self._turns.now().astimezone(self._turns.calendar.zone).date()
        return named(whole, text, self._directories.now(), today)

    async def _understood(self, read: CitizenWrote, nlu: Nlu) -> CitizenWrote:
        """With what the models make of the words, unless seconds count."""
        if read.message.kind not in (Kind.TEXT, Kind.EDIT) or not read.masked.strip():
            return read
        if read.emergency and read.emergency not in CARED_FOR:
            return read
        understanding = await nlu.understand(read.masked, read.language or None)
        self._metrics.understood.labels(understanding.source).inc()
        emergency = await alarm(read.masked, read.emergency, understanding, self._meaning)
        return replace(read, emergency=emergency, understanding=understanding)

    def _parts(self, heard: CitizenWrote) -> list[CitizenWrote]:
        """Its questions, where there are several; the language is the whole message's."""
        if heard.message.kind not in (Kind.TEXT, Kind.EDIT):
            return []
        parts = questions_in(heard.masked)
        return [self._heard(heard, part) for part in parts] if len(parts) > 1 else []


def _in_language_of(c: Conversation, read: CitizenWrote) -> CitizenWrote:
    """With the language to go on in: "ok" says nothing about it, but the conversation so far does."""
    is_text = read.message.kind in (Kind.TEXT, Kind.EDIT)
    return replace(read, language=spoken_after(read.masked, c.language)) if is_text else read


def _line(event: Event) -> Line:
    assert isinstance(event, CitizenWrote)
    m, u = event.message, event.understanding
    understanding: Mapping[str, object] = {}
    if u:
        understanding = {
            "intent": u.intent,
            "confidence": round(u.confidence, 3),
            "language": u.language,
            "source": u.source,
            "entities": [{"kind": e.kind, "value": e.value} for e in u.entities],
        }
    matches = tuple(asdict(c) for c in event.findings.matches[:3]) if event.findings else ()
    text = m.text if m.kind is not Kind.COMMAND else f"/{m.text} {m.argument}".strip()
    return Line(
        m.id,
        "citizen",
        m.at,
        cap(text, LONGEST) or m.choice,
        event.masked,
        m.sender,
        understanding=understanding,
        matches=matches,
        edits=m.edits,
        what=m.what or (str(m.kind) if m.kind is not Kind.TEXT else ""),
        attachments=tuple(a.id for a in m.attachments),
    )


def _facts(c: Conversation, heard: CitizenWrote, reply: str) -> dict[str, object]:
    u = heard.understanding
    return {
        "conversation": c.id,
        "channel": c.channel,
        "intent": u.intent if u else "",
        "confidence": round(u.confidence, 2) if u else None,
        "understood_by": u.source if u else "",
        "reply": reply,
        "entry": c.entry if c.status is Status.BOT else "",
        "status": str(c.status),
    }
