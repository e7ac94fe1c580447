"""Releases come and go while citizens ask: each message is answered by one of them, on a real Valkey.

Also: a worker that stands still between a publication and its own switch, and one that dies there.
"""

import asyncio
import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.answers import Answers
from bot.composition import Core, build_core
from bot.conversation import Line, conversation_id
from bot.inforce import held
from bot.message import Arrival
from bot.reception import Reception
from bot.settings import Settings
from bot.store.redis import RedisStore
from bot.worker import Worker
from faq.catalogue import Catalogue
from faq.encoder import HashingEncoder
from faq.entry import Draft, Facts, Text
from faq.releases import Releases, Step
from faq.trust import Fit, fingerprints
from faq.vectors import VectorCache
from nlu.keywords import KeywordNlu
from nlu.understand import Understanding
from tests.faq.town import content
from tests.house import Notebook

QUESTIONS = {
    "hund": "Wie melde ich meinen Hund an?",
    "kita": "Wie bekomme ich einen Platz in der Kita?",
    "ausweis": "Wie beantrage ich einen Personalausweis?",
}


class Slow(KeywordNlu):
    """Understands after a while, in which releases come and go."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self._chance = chance

    def of(self, name: str) -> "Slow":
        return self

    async def understand(self, text: str, language: str | None = None) -> Understanding:
        await asyncio.sleep(self._chance.random() * 0.03)
        return await super().understand(text, language)


@dataclass
class Town:
    core: Core
    releases: Releases
    answers: list[Answers]
    workers: list[Worker]

    def drafted(self, turn: int) -> dict[str, str | None]:
        """A new version of every entry: each says which turn it is of."""
        return {entry: self.draft(entry, turn).id for entry in QUESTIONS}

    def draft(self, entry: str, turn: int):  # type: ignore[no-untyped-def]
        text = Text("de", QUESTIONS[entry], (), f"Das ist Fassung {turn}.", Facts(fee=f"{turn},00 €"))
        state = self.core.catalogue.get(entry)
        wanted = replace(content(), texts={"de": text})
        return self.core.catalogue.save_draft(entry, wanted, "kim", state.head.id if state else None)

    def published(self, turn: int) -> str:
        """As editors do it: proposed, proved, signed and published."""
        made = self.releases.propose(self.drafted(turn), "kim", f"Turn {turn}")
        self.releases.record(made.id, Step.PROVED, "worker", detail=json.dumps({"verdict": "same"}))
        self.releases.publish(made.id, "toni", four_eyes=True)
        return made.id

    async def lines(self, chat: str) -> list[Line]:
        ident = conversation_id(self.core.secret, Notebook.name, chat)
        return await self.core.store.transcript(ident)

    async def asks(self, chat: str, number: int, text: str = "", **payload: str) -> None:
        told = {"text": text, "at": datetime.now(UTC).isoformat(), **payload}
        arrival = Arrival(Notebook.name, f"{chat}-{number}", chat, told)
        await self.core.deliver(arrival)

    async def answered(self, chat: str, number: int) -> Line:
        """The last line that the bot said, once it has said something to so many messages."""
        async with asyncio.timeout(60):
            while True:
                lines = await self.lines(chat)
                if sum(line.by == "citizen" for line in lines) >= number and lines[-1].by == "bot":
                    return lines[-1]
                await asyncio.sleep(0.01)


@asynccontextmanager
async def town(
    folder: Path, redis_url: str, workers: int = 1, chance: random.Random | None = None
) -> AsyncIterator[Town]:
    settings = replace(Settings(), home=folder, cache=folder, secret="x" * 32, nlu_url="off", redis_url=redis_url)
    first = Catalogue.open(settings.database)
    first.load([Draft(e, content(q, "Das ist Fassung 0.", variants=())) for e, q in QUESTIONS.items()], "x", True)
    first.close()
    notebook, found = Notebook(), list[Answers]()
    core = build_core(
        settings,
        find=lambda _: lambda entry, revision: found[0].revision(entry, revision),
        store=RedisStore(redis_url, settings.lanes, settings.retention_days, lambda _: None),
        channels={notebook.name: notebook},
    )
    core.turns.policy = replace(core.policy, flood_count=10_000)  # they ask faster than anybody types
    made = []
    for number in range(workers):
        answers = Answers(core.catalogue, core.town)
        await answers.attach(lambda: (HashingEncoder(), VectorCache(folder / "vectors.sqlite")))
        found.append(answers)
        reception = Reception(core.turns, Slow(chance or random.Random(number)), answers, core.deliver)
        made.append(Worker(f"w{number}", core.store, reception, core.channels, 0.05))
    running = [asyncio.create_task(worker.run()) for worker in made]
    try:
        yield Town(core, Releases(core.catalogue.engine), found, made)
    finally:
        for worker in made:
            worker.stop()
        await asyncio.gather(*running)
        for answers in found:
            answers.close()
        await core.close()


def check(town: Town, lines: list[Line]) -> int:
    """Every answer names one release, holds its revision's words, and was found in the same; returns how many."""
    answered, asked = 0, lines[0]
    manifests: dict[str, dict[str, str]] = {}
    for line in lines:
        asked = line if line.by == "citizen" else asked
        if line.by != "bot" or not line.entry or line.what == "feedback.thanks":
            continue
        answered += 1
        assert line.release, (line.what, line.text)
        manifest = manifests.setdefault(line.release, dict(town.releases.manifest(line.release)))
        assert manifest.get(line.entry) == line.revision
        revision = town.core.catalogue.revision(line.revision)
        assert revision is not None
        told = revision.text("de").facts.fee if line.what == "follow_up" else revision.text("de").answer
        assert told in line.text
        assert {match["release"] for match in asked.matches} <= {line.release}
    return answered


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_each_answer_is_of_one_release(
    tmp_path: Path, redis_url: str, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr("bot.following.POLL_SECONDS", 0.01)
    monkeypatch.setattr("bot.following.BREATH_SECONDS", 0.0)
    chance = random.Random(seed)
    async with town(tmp_path, redis_url, chance=chance) as here:
        following = asyncio.create_task(here.answers[0].follow())
        done = asyncio.Event()

        async def edits() -> None:
            for turn in range(1, 13):
                deed = chance.choice(("published", "published", "rollback", "one"))
                if deed == "published":
                    await asyncio.to_thread(here.published, turn)
                elif deed == "rollback":
                    back = await asyncio.to_thread(here.releases.activations, 4)
                    await asyncio.to_thread(here.releases.rollback, back[-1].release, "toni", "Zurück")
                else:
                    draft = await asyncio.to_thread(here.draft, "hund", turn)
                    await asyncio.to_thread(here.core.catalogue.publish, "hund", draft.id, "kim")
                while here.answers[0].serial != here.core.catalogue.serial():
                    await asyncio.sleep(0.01)
            done.set()

        async def citizen(chat: str) -> None:
            number = 0
            while not done.is_set():
                for text in (QUESTIONS[chance.choice(sorted(QUESTIONS))], "Was kostet das?"):
                    number += 1
                    await here.asks(chat, number, text)
                    await here.answered(chat, number)

        editing = asyncio.create_task(edits())
        async with asyncio.TaskGroup() as citizens:
            for name in range(8):
                citizens.create_task(citizen(f"chat-{name}"))
        await editing
        following.cancel()
        every = [await here.lines(f"chat-{name}") for name in range(8)]
        assert sum(check(here, lines) for lines in every) >= 8 * 2
        assert len({line.release for lines in every for line in lines if line.release}) > 1
        assert held() is None


async def test_a_button_and_a_follow_up_are_told_by_the_release_in_force(tmp_path: Path, redis_url: str) -> None:
    async with town(tmp_path, redis_url) as here:
        (answers,) = here.answers
        await here.asks("maria", 1, QUESTIONS["hund"])
        first = await here.answered("maria", 1)
        second = await asyncio.to_thread(here.published, 7)
        await answers.refresh()
        await here.asks("maria", 2, "Was kostet das?")
        follow_up = await here.answered("maria", 2)
        assert (first.release != second, follow_up.release, "7,00" in follow_up.text) == (True, second, True)
        await here.asks("maria", 3, choice="a:kita")
        chosen = await here.answered("maria", 3)
        assert (chosen.release, chosen.revision) == (second, answers.in_force.live["kita"].id)
        loaded = await here.core.store.load(conversation_id(here.core.secret, Notebook.name, "maria"))
        assert loaded.conversation is not None
        assert loaded.conversation.revision == chosen.revision
        check(here, await here.lines("maria"))


async def test_a_proved_release_is_ready_before_it_is_published(tmp_path: Path, redis_url: str) -> None:
    async with town(tmp_path, redis_url) as here:
        (answers,) = here.answers
        made = await asyncio.to_thread(here.releases.propose, here.drafted(1), "kim", "")
        await answers.stage()
        assert answers.staged == ""  # not proved yet
        here.releases.record(made.id, Step.PROVED, "worker", detail=json.dumps({"verdict": "same"}))
        await answers.stage()
        assert answers.staged == made.id
        here.releases.publish(made.id, "toni", four_eyes=True)
        updated = answers.updated

        async def never(*_: object) -> None:
            raise AssertionError("the index was made again")

        answers.updated = never  # type: ignore[assignment]
        await answers.refresh()
        answers.updated = updated  # type: ignore[method-assign]
        assert (answers.in_force.name, answers.staged) == (made.id, "")
        assert (await answers.find(QUESTIONS["hund"], "de")).matches[0].revision == answers.in_force.live["hund"].id
        # What was ready upon a release that is no more is let go.
        next_one = here.releases.propose(here.drafted(2), "kim", "")
        here.releases.record(next_one.id, Step.PROVED, "worker", detail=json.dumps({"verdict": "same"}))
        await answers.stage()
        here.core.catalogue.archive("kita", "kim")
        await answers.refresh()
        await answers.stage()
        assert answers.staged == ""
        assert set(answers.in_force.live) == {"hund", "ausweis"}


async def test_a_worker_that_stands_still_answers_by_the_release_that_it_knows(tmp_path: Path, redis_url: str) -> None:
    """One of two has switched: what each says is all of its own release. The other takes over at its next look."""
    async with town(tmp_path, redis_url, workers=2) as here:
        before = here.releases.live()
        assert before is not None
        after = await asyncio.to_thread(here.published, 1)
        await here.answers[0].refresh()
        for number in range(12):
            await here.asks(f"chat-{number}", 1, QUESTIONS["hund"])
        for number in range(12):
            await here.answered(f"chat-{number}", 1)
        every = [await here.lines(f"chat-{number}") for number in range(12)]
        assert sum(check(here, lines) for lines in every) == 12
        assert {line.release for lines in every for line in lines if line.by == "bot" and line.release} <= {
            before.id,
            after,
        }
        await here.answers[1].refresh()
        assert [answers.in_force.name for answers in here.answers] == [after, after]
        assert [answers.serial for answers in here.answers] == [here.core.catalogue.serial()] * 2


async def test_a_worker_that_died_between_publication_and_switch_comes_back_with_the_new_one(
    tmp_path: Path, redis_url: str
) -> None:
    async with town(tmp_path, redis_url) as here:
        after = await asyncio.to_thread(here.published, 1)
        assert here.answers[0].in_force.name != after
        again = Answers(here.core.catalogue, here.core.town)
        assert (again.in_force.name, again.serial) == (after, here.core.catalogue.serial())
        assert "Fassung 1" in again.in_force.live["hund"].text("de").answer
        again.close()


async def test_thresholds_come_with_the_release_that_is_pinned_to_them(tmp_path: Path, redis_url: str) -> None:
    async with town(tmp_path, redis_url) as here:
        entries = fingerprints(here.core.catalogue.live())
        kept = [Fit(HashingEncoder().name, entries, {}, name=name, spare=name != "new") for name in ("new", "old")]
        answers = Answers(here.core.catalogue, here.core.town, fits=kept[:1], more=lambda: kept)
        await answers.attach(lambda: (HashingEncoder(), VectorCache(tmp_path / "vectors.sqlite")))

        def named() -> str:
            return answers.in_force.fit.name if answers.in_force.fit else ""

        assert named() == "new"
        before = here.releases.live()
        here.releases.pin("old", "calibrate", "")
        await answers.refresh()
        assert named() == "old"
        assert before
        here.releases.rollback(before.id, "toni", "Zurück")
        await answers.refresh()
        assert named() == "new"
        here.releases.pin("nowhere", "calibrate", "")
        await answers.refresh()
        assert named() == "new"
        answers.close()
