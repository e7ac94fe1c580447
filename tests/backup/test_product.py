"""The whole way with the running product: a day at the town hall, a backup, a fire, a restore, the next day."""

import asyncio
import os
import shutil
import signal
from pathlib import Path

import pytest

from bot.composition import Core
from bot.conversation import Status, conversation_id
from bot.message import DeliveryState
from bot.people.staff import Staff
from bot.settings import PREFIX
from bot.simulator import UNLIMITED, Citizen, Simulator
from bot.simulator.faults import Fault
from tests.integration.product import Product, gone, product, stadtbote, tree
from tests.postgres import Postgres

pytestmark = pytest.mark.slow
HELP, PRIVACY, NUMBER = "/hilfe", "/datenschutz", "Ihre Nummer ist"
PASSWORD = "kim sitzt am Schalter 4"
WORDS_ALONE = {"encoder": "off"}  # what is asked here needs no meaning, and the encoder takes long to load
HELP_SAYS, PRIVACY_SAYS = "Perso verloren, was tun?", "speichert dieses Gespräch"
ENTRY = '{"id": "brandschutz", "question": "Wer prüft den Brandschutz?", "answer": "Die Feuerwehr."}\n'


def times(citizen: Citizen, text: str) -> int:
    return sum(text in seen.text for seen in citizen.seen)


async def settled(core: Core, conversation: str, *passing: DeliveryState) -> None:
    """Until none of the conversation's parts is in these states."""
    async with asyncio.timeout(180):
        while set((await core.store.deliveries(conversation)).values()) & set(passing):
            await asyncio.sleep(0.05)


async def command(running: Product, *arguments: str) -> str:
    status, output = await stadtbote(*arguments, environment=running.environment, folder=running.home)
    assert status == 0, output
    return output


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
async def test_what_burned_is_there_again_and_nobody_is_told_twice(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    server: Postgres | None = request.getfixturevalue("postgres_server") if database == "postgresql" else None
    home, file = tmp_path / "home", tmp_path / "backup.tar.gz"
    async with Simulator(rates=UNLIMITED) as sim:
        erika, max_, nina = (sim.citizen("telegram", name) for name in ("Erika Muster", "Max Muster", "Nina Muster"))
        place = WORDS_ALONE | ({"database_url": server.make_empty()} if server else {})
        async with product(sim, home=home, interrupt=False, **place) as running, running.core() as core:
            await running.serves()
            await running.users_add("kim", "clerk", PASSWORD, "Kim Berger")
            (home / "neu.jsonl").write_text(ENTRY, "utf-8")
            await command(running, "faq", "import", str(home / "neu.jsonl"), "--publish")
            await erika.say("/mensch")
            await erika.reads(NUMBER, 180)
            # Max's reply waits for the platform, Nina's message for a worker: both while the backup is made.
            names = {citizen: conversation_id(core.secret, "telegram", citizen.key) for citizen in (erika, max_, nina)}
            sim.telegram.faults.plan(Fault("throttle", seconds=15), citizen=max_.key)
            await max_.say(HELP)
            await sim.until(lambda: not sim.telegram.faults.planned, 180)
            await settled(core, names[max_], DeliveryState.SENDING)  # the worker knows that it must wait
            assert DeliveryState.QUEUED in set((await core.store.deliveries(names[max_])).values())
            worker = running.child("worker")
            os.kill(worker, signal.SIGSTOP)
            try:
                await nina.say(HELP)
                await sim.telegram.taken(60)
                said = await command(running, "backup", str(file))
                assert "not in it" in said
                assert file.stat().st_mode & 0o777 == 0o600
                refused, output = await stadtbote(
                    "restore", str(file), "--replace", environment=running.environment, folder=home
                )
                assert (refused, "Another Stadtbote runs" in output) == (1, True)
            finally:
                os.kill(worker, signal.SIGCONT)
            # Life goes on until the fire: what was unsent is sent, what was unhandled is answered.
            await max_.reads(HELP_SAYS, 180)
            await nina.reads(HELP_SAYS, 180)
            transcript = await core.store.transcript(names[erika])
            family = tree(running.process.pid)
            os.kill(running.process.pid, signal.SIGKILL)
            await gone(family)
        shutil.rmtree(home)
        before = {citizen: len(citizen.seen) for citizen in names}

        home.mkdir()
        place = WORDS_ALONE | ({"database_url": server.make_empty()} if server else {})
        running.environment |= {PREFIX + name.upper(): value for name, value in place.items()}
        said = await command(running, "restore", str(file))
        assert "made safe" in said
        held = {"secret.key", "valkey", "stadtbote.lock"} | ({"stadtbote.sqlite"} if not server else set())
        assert {one.name for one in home.iterdir()} == held
        async with product(sim, home=home, **place) as running, running.core() as core:
            await running.serves()
            assert await core.store.transcript(names[erika]) == transcript
            entry = core.catalogue.get("brandschutz")
            assert entry is not None
            assert entry.live is not None
            kim = Staff(running.url)
            await kim.sign_in("kim", PASSWORD)
            await kim.close()
            await erika.say("/mensch")
            await erika.reads("liegt schon bei einem Menschen", 180)
            conversation = (await core.store.load(names[erika])).conversation
            assert conversation is not None
            assert conversation.status is Status.WAITING
            # Whoever writes again is answered, and only to what they write now: each lane works its queue in order.
            for citizen in (max_, nina):
                await citizen.say(PRIVACY)
                await citizen.reads(PRIVACY_SAYS, 180)
                await settled(core, names[citizen], DeliveryState.SENDING, DeliveryState.QUEUED)
                assert times(citizen, HELP_SAYS) == 1
            assert DeliveryState.UNKNOWN in set((await core.store.deliveries(names[max_])).values())
            (letter,) = await core.store.dead()
            assert (letter.conversation, letter.reason) == (names[nina], "restored from a backup")
            await settled(core, names[erika], DeliveryState.SENDING, DeliveryState.QUEUED)
            ages = await core.store.ages()
            assert (ages.inbox, ages.outbox) == (0, 0)
        assert all(len(citizen.seen) > before[citizen] for citizen in names)
