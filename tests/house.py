"""The whole house in one process: memory store, real reception, worker, dialogue and corpus, a notebook as channel.

Conversations (tests/conversations/*.yml) are played in it; see tests/conversations/README.md for their form.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.answers import Answers
from bot.channels.channel import Deliver, Unverified
from bot.channels.commands import command
from bot.composition import Core, build_core
from bot.conversation import Line, conversation_id
from bot.handoff.desk import Clerk
from bot.message import Arrival, DeliveryReport, Kind, Limits, Message, Part, Spoken
from bot.rasa import names
from bot.reception import Reception
from bot.render import plain
from bot.settings import Settings
from bot.state import prepare_state
from bot.store.memory import MemoryStore
from bot.worker import Worker
from faq.catalogue import Catalogue
from faq.retrieval.index import Index
from nlu.keywords import KeywordNlu
from nlu.understand import Nlu

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # 10 o'clock in Lindenfurt


class Notebook:
    """A channel that writes down what it is told to send."""

    name = "notebook"
    limits = Limits(text=4096, buttons=10, label=60)

    def __init__(self) -> None:
        self.sent: list[tuple[str, Part]] = []

    def accept(self, raw: bytes, headers: Mapping[str, str]) -> Iterable[Arrival]:
        raise Unverified

    def report(self, arrival: Arrival) -> DeliveryReport | None:
        return None

    def parse(self, arrival: Arrival) -> Message | DeliveryReport | None:
        payload = arrival.payload
        at = datetime.fromisoformat(payload["at"])
        known: dict[str, Any] = {"kind": Kind.TEXT, "text": payload.get("text", "")}
        if payload.get("choice"):
            known = {"kind": Kind.CHOICE, "choice": payload["choice"]}
        elif payload.get("what"):
            known = {"kind": Kind.UNSUPPORTED, "what": payload["what"]}
        elif order := command(payload.get("text", "")):
            known = {"kind": Kind.COMMAND, "text": order[0], "argument": order[1]}
        return Message(arrival.id, self.name, arrival.chat, at=at, sender="Maria M.", **known)

    def render(self, spoken: Spoken) -> tuple[Part, ...]:
        return ({"text": plain(spoken.document)},)

    async def send(self, chat: str, part: Part) -> str:
        self.sent.append((chat, part))
        return str(len(self.sent))

    async def acknowledge(self, message: Message) -> None:
        """Nothing to tell."""

    async def connect(self, webhook: str) -> None:
        """Nobody to tell."""

    async def poll(self, deliver: Deliver) -> None:
        """Nothing to fetch."""

    async def close(self) -> None:
        """Nothing to close."""


class House:
    """One citizen's conversation in a running house; `now` is moved by hand."""

    def __init__(self, core: Core, worker: Worker, chat: str, clock: "Clock") -> None:
        self.core, self._worker, self.chat, self.clock = core, worker, chat, clock
        self._ids = itertools.count(1)
        self._heard = 0
        self.id = conversation_id(core.secret, Notebook.name, chat)

    async def citizen(self, text: str = "", **payload: str) -> list[Line]:
        """A message arrives and is handled; returns what the citizen was told because of it."""
        arrival = Arrival(
            Notebook.name, str(next(self._ids)), self.chat, {"text": text, "at": self.clock.now.isoformat(), **payload}
        )
        await self.core.deliver(arrival)
        await self._worker.idle()
        return await self.told()

    async def press(self, label: str) -> list[Line]:
        """A button of the latest messages is pressed."""
        held = await self.core.store.load(self.id)
        assert held.conversation is not None
        data = {shown: data for data, shown in held.conversation.shown}
        assert label in data, f"no button {label!r} among {sorted(data)}"
        return await self.citizen(choice=data[label])

    async def told(self) -> list[Line]:
        """What was said to the citizen since the last time."""
        await self._worker.idle()
        lines = [x for x in await self.core.store.transcript(self.id) if x.by in ("bot", "clerk")]
        fresh = lines[self._heard :] if len(lines) >= self._heard else lines
        self._heard = len(lines)
        return fresh

    async def clerk(self, verb: str, text: str = "") -> list[Line]:
        """Kim does something."""
        kim, desk = Clerk("kim", "Kim B."), self.core.desk
        if verb == "writes":
            await desk.write(kim, self.id, text)
        elif verb == "notes":
            await desk.note(kim, self.id, text)
        else:
            verbs = {
                "claims": desk.claim,
                "releases": desk.release,
                "hands back": desk.hand_back,
                "resolves": desk.resolve,
                "reopens": desk.reopen,
            }
            await verbs[verb](kim, self.id)  # type: ignore[operator]
        return await self.told()

    def town(self, **documents: Any) -> None:
        """From now on these sections hold in this house alone."""
        live = self.core.live_town
        live.calendar.take(live.imagined(documents))

    async def status(self) -> str:
        """Who is acting."""
        held = await self.core.store.load(self.id)
        assert held.conversation is not None
        return str(held.conversation.status)


class Clock:
    """A time that stands until it is moved."""

    def __init__(self) -> None:
        self.now = MONDAY

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


def corpus_state(folder: Path) -> Settings:
    """Settings with a state directory that holds the sample town; made once per test run."""
    settings = replace(Settings(), home=folder, cache=folder / "cache", secret="x" * 32, nlu_url="off")
    prepare_state(settings, lambda _: None)
    return settings


def words_index(settings: Settings) -> Index:
    """An index of the live corpus by words alone."""
    catalogue = Catalogue.open(settings.database)
    try:
        return Index.build(tuple(catalogue.live()), None)
    finally:
        catalogue.close()


@asynccontextmanager
async def house(
    settings: Settings, chat: str = "maria", nlu: Nlu | None = None, index: Index | None = None
) -> AsyncIterator[House]:
    """A running house; with an index of its corpus that was built before, it is up at once."""
    clock, found, notebook, store = Clock(), [], Notebook(), MemoryStore()  # type: ignore[var-annotated]
    core = build_core(
        settings,
        find=lambda _: lambda entry, revision: found[0].revision(entry, revision),
        store=store,
        channels={notebook.name: notebook},
        now=clock,
    )
    answers = Answers(core.catalogue, core.town, index)
    found.append(answers)
    reception = Reception(core.turns, nlu or KeywordNlu(names(settings)), answers, core.deliver, answers.meaning)
    worker = Worker("test", store, reception, core.channels, wait=0.05)
    running = asyncio.create_task(worker.run())
    try:
        yield House(core, worker, chat, clock)
    finally:
        worker.stop()
        await running
        answers.close()
        await core.close()
