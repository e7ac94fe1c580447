"""The whole product, unchanged, on a three-node cluster and through a failover of Sentinel."""

import asyncio
from collections.abc import Iterable

import aiohttp
import pytest
import redis

from bot.composition import Core
from bot.conversation import conversation_id
from bot.simulator import UNLIMITED, Citizen, Simulator
from bot.simulator.whatsapp_hooks import Element, body_of, encode, sign
from tests.integration.clerk import signed_in
from tests.integration.product import Product
from tests.redis.apart import apart
from tests.valkey import Topology, cluster, sentinel

pytestmark = pytest.mark.slow
PATIENT = 180.0


async def test_a_citizen_is_answered_and_handed_to_a_clerk_on_a_cluster() -> None:
    with cluster() as topology:
        async with Simulator(rates=UNLIMITED) as sim, apart(sim, topology.url) as running, running.core() as core:
            crowd = [sim.citizen("telegram", f"Bürger {n} Mustermann") for n in range(12)]
            erika = crowd[0]
            for citizen in crowd:
                await citizen.say("sperrmüll abholen lassen")
            for citizen in crowd:
                await citizen.reads("Sperrmüll", PATIENT)
            await erika.say("/mensch")
            number = (await erika.reads("Ihre Nummer ist", PATIENT)).text
            assert number
            async with signed_in(running, "kim", "clerk", "Kim Berger") as kim:
                waiting = await kim.row("", "waiting", PATIENT)
                await kim.do("claim", waiting.id)
                await kim.do("reply", waiting.id, text="Wir holen ihn am Montag.")
                await erika.reads("Wir holen ihn am Montag.", PATIENT)
                await kim.do("resolve", waiting.id)
            assert await everybody_heard(core, crowd, ["sperrmüll abholen lassen"])
            for citizen in crowd[1:]:
                assert len([seen for seen in citizen.seen if "Sperrmüll" in seen.text]) == 1
            await running.reaches(lambda status, body: status == 200, PATIENT)
        held = [int(str(server.ask("DBSIZE"))) for server in topology.servers]
        assert min(held) > 0, f"not spread over the nodes: {held}"


async def test_a_failover_is_said_and_healed_and_loses_nothing_that_reached_the_replica() -> None:
    """The primary is killed when its replica has all it holds: what was acknowledged up to then must be there."""
    with sentinel() as topology:
        async with Simulator(rates=UNLIMITED) as sim, apart(sim, topology.url) as running, running.core() as core:
            crowd = [sim.citizen("telegram", f"Bürgerin {n} Mustermann") for n in range(8)]
            crowd += [sim.citizen("whatsapp", f"Bürger {n} Mustermann") for n in range(8)]
            for citizen in crowd:
                await citizen.say("guten tag")
            for citizen in crowd:
                await citizen.reads("Stadtbote", PATIENT)
            writing = asyncio.create_task(write(crowd))
            watching = asyncio.create_task(watch(running, sim))
            await asyncio.sleep(0.3)
            await asyncio.to_thread(kill_at_rest, topology)
            refusals = await watching
            assert refusals, "nobody was told that the store is away"
            await asyncio.wait_for(writing, PATIENT)
            await asyncio.wait_for(sim.taken(PATIENT), PATIENT)
            for citizen in crowd:
                await citizen.say("auf wiedersehen")
                await citizen.reads("Auf Wiedersehen", PATIENT)
            assert await everybody_heard(core, crowd, ["guten tag", "danke schön", "auf wiedersehen"])
            for citizen in crowd:
                thanked = [seen for seen in citizen.seen if "Gern geschehen" in seen.text]
                unknown = "unknown" in (await core.store.deliveries(name_of(core, citizen))).values()
                # A send that the kill cut off is unknown and never repeated.
                assert len(thanked) == 1 or (unknown and not thanked)
            await running.reaches(lambda status, body: status == 200, PATIENT)


def name_of(core: Core, citizen: Citizen) -> str:
    """The id of a citizen's conversation."""
    return conversation_id(core.secret, citizen.account.platform, citizen.key)


async def everybody_heard(core: Core, crowd: Iterable[Citizen], begin: list[str]) -> bool:
    """Each citizen's words are kept once and in order."""
    for citizen in crowd:
        lines = await core.store.transcript(name_of(core, citizen))
        said = [line.text for line in lines if line.by == "citizen"]
        assert said[: len(begin)] == begin, f"{citizen}: {said}"
    return True


async def write(crowd: list[Citizen]) -> None:
    """One after the other, before, during and after the failover."""
    for citizen in crowd:
        await citizen.say("danke schön")
        await asyncio.sleep(0.15)


async def watch(running: Product, sim: Simulator) -> int:
    """Post webhooks until the store was away and is back: how often it was 503. Anything else is a failure."""
    hooks, refusals, n = sim.whatsapp.hooks, 0, 0
    async with asyncio.timeout(PATIENT):
        while True:
            n += 1
            message = {"from": "49123", "id": f"wamid.watch{n}", "timestamp": "1795500000", "type": "text"}
            raw = encode(
                body_of([Element("messages", "49123", message | {"text": {"body": "hallo"}}, {})], hooks.number)
            )
            headers = {"X-Hub-Signature-256": sign(hooks.app_secret, raw)}
            async with running.session.post(
                f"{running.url}/channels/whatsapp", data=raw, headers=headers, timeout=aiohttp.ClientTimeout(60)
            ) as answer:
                assert answer.status in (200, 503)
                refusals += answer.status == 503
                if answer.status == 200 and refusals:
                    return refusals
            await asyncio.sleep(0.1)


def kill_at_rest(topology: Topology) -> None:
    """SIGKILL to the primary, at a moment at which the replica has everything."""
    primary, replica = topology.servers
    with (
        redis.Redis(port=primary.port, decode_responses=True) as one,
        redis.Redis(port=replica.port, decode_responses=True) as other,
    ):
        one.client_pause(60_000, all=False)  # writes wait, none is answered
        while one.info("replication")["master_repl_offset"] != other.info("replication")["slave_repl_offset"]:
            pass
    primary.kill()
