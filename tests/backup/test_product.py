"""The whole way with the running product: a day at the town hall, a backup, a fire, a restore, the next day."""

import os
import shutil
import signal
from pathlib import Path

import pytest

from bot.conversation import Status, conversation_id
from bot.message import DeliveryState
from bot.people.staff import Staff
from bot.simulator import UNLIMITED, Citizen, Simulator
from bot.simulator.faults import Fault
from tests.integration.product import Product, gone, product, stadtbote, tree

pytestmark = pytest.mark.slow
HELP, PRIVACY, NUMBER = "/hilfe", "/datenschutz", "Ihre Nummer ist"
PASSWORD = "kim sitzt am Schalter 4"
HELP_SAYS, PRIVACY_SAYS = "Perso verloren, was tun?", "speichert dieses Gespräch"
ENTRY = '{"id": "brandschutz", "question": "Wer prüft den Brandschutz?", "answer": "Die Feuerwehr."}\n'


def times(citizen: Citizen, text: str) -> int:
    return sum(text in seen.text for seen in citizen.seen)


async def command(running: Product, *arguments: str) -> str:
    status, output = await stadtbote(*arguments, environment=running.environment, folder=running.home)
    assert status == 0, output
    return output


async def test_what_burned_is_there_again_and_nobody_is_told_twice(tmp_path: Path) -> None:
    home, file = tmp_path / "home", tmp_path / "backup.tar.gz"
    async with Simulator(rates=UNLIMITED) as sim:
        erika, max_, nina = (sim.citizen("telegram", name) for name in ("Erika Muster", "Max Muster", "Nina Muster"))
        async with product(sim, home=home, interrupt=False) as running, running.core() as core:
            await running.serves()
            await running.users_add("kim", "clerk", PASSWORD, "Kim Berger")
            (home / "neu.jsonl").write_text(ENTRY, "utf-8")
            await command(running, "faq", "import", str(home / "neu.jsonl"), "--publish")
            await erika.say("/mensch")
            await erika.reads(NUMBER, 60)
            # Max's reply waits for the platform, Nina's message for a worker: both while the backup is made.
            sim.telegram.faults.plan(Fault("throttle", seconds=3), citizen=max_.key)
            await max_.say(HELP)
            await sim.until(lambda: not sim.telegram.faults.planned, 60)
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
            await max_.reads(HELP_SAYS, 60)
            await nina.reads(HELP_SAYS, 60)
            names = {citizen: conversation_id(core.secret, "telegram", citizen.key) for citizen in (erika, max_, nina)}
            transcript = await core.store.transcript(names[erika])
            family = tree(running.process.pid)
            os.kill(running.process.pid, signal.SIGKILL)
            await gone(family)
        shutil.rmtree(home)
        before = {citizen: len(citizen.seen) for citizen in names}

        home.mkdir()
        said = await command(running, "restore", str(file))
        assert "made safe" in said
        assert {one.name for one in home.iterdir()} == {"secret.key", "stadtbote.sqlite", "valkey", "stadtbote.lock"}
        async with product(sim, home=home) as running, running.core() as core:
            await running.serves()
            assert await core.store.transcript(names[erika]) == transcript
            entry = core.catalogue.get("brandschutz")
            assert entry is not None
            assert entry.live is not None
            kim = Staff(running.url)
            await kim.sign_in("kim", PASSWORD)
            await kim.close()
            await erika.say("/mensch")
            await erika.reads("liegt schon bei einem Menschen", 60)
            held = (await core.store.load(names[erika])).conversation
            assert held is not None
            assert held.status is Status.WAITING
            # Whoever writes again is answered, and only to what they write now: each lane works its queue in order.
            for citizen in (max_, nina):
                await citizen.say(PRIVACY)
                await citizen.reads(PRIVACY_SAYS, 60)
                assert times(citizen, HELP_SAYS) == 1
            assert DeliveryState.UNKNOWN in set((await core.store.deliveries(names[max_])).values())
            (letter,) = await core.store.dead()
            assert (letter.conversation, letter.reason) == (names[nina], "restored from a backup")
            ages = await core.store.ages()
            assert (ages.inbox, ages.outbox) == (0, 0)
        assert all(len(citizen.seen) > before[citizen] for citizen in names)
