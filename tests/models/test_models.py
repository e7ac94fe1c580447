"""The conversations again, with the real Rasa and the real encoder."""

import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.ports import free_port
from bot.processes.models import encoder_loader
from bot.rasa import URL, names, rasa_python, trained_model
from bot.settings import Settings, read
from faq.catalogue import Catalogue
from faq.retrieval.index import Index
from nlu.client import RasaNlu
from nlu.keywords import KeywordNlu
from nlu.rasa_training import rasa_command
from tests.conversations.test_conversations import CONVERSATIONS, load, play
from tests.house import corpus_state, house

pytestmark = [pytest.mark.rasa, pytest.mark.encoder, pytest.mark.slow]
OWN = load(Path(__file__).parent)
PATIENCE = 240  # seconds for training and start on a busy machine; only a limit, nothing is measured


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return corpus_state(tmp_path_factory.mktemp("town"))


@pytest.fixture(scope="module")
def index(town: Settings) -> Index:
    encoder, cache = encoder_loader(read({}))
    catalogue = Catalogue.open(town.database)
    try:
        return Index.build(tuple(catalogue.live()), encoder, cache)
    finally:
        catalogue.close()


@pytest.fixture(scope="module")
def rasa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """(address, token) of a Rasa with the shipped model."""
    settings = replace(read({}), home=tmp_path_factory.mktemp("rasa"))
    python, port, token = rasa_python(settings), free_port(), "a-token-for-this-test-alone"
    assert python is not None, "Rasa's environment is missing: run `make rasa`"
    command, environment = rasa_command(trained_model(settings, python, print), port, token, python)
    log = (settings.home / "rasa.log").open("wb")
    process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=log, stderr=log)
    try:
        _ready(URL.format(port=port), token, process)
        yield URL.format(port=port), token
    finally:
        process.kill()
        process.wait(60)
        log.close()


def _ready(url: str, token: str, process: "subprocess.Popen[bytes]") -> None:
    import asyncio

    async def ask() -> bool:
        try:
            async with (
                aiohttp.ClientSession() as session,
                session.post(f"{url}/model/parse?token={token}", json={"text": "hallo"}) as answer,
            ):
                return answer.status == 200
        except aiohttp.ClientError:
            return False

    late = time.monotonic() + PATIENCE
    while not asyncio.run(ask()):
        assert process.poll() is None, "Rasa ended"
        assert time.monotonic() < late, "Rasa is not ready"
        time.sleep(0.5)


@pytest.mark.parametrize("talk", [*CONVERSATIONS, *OWN])
async def test_conversation(talk: dict[str, Any], town: Settings, index: Index, rasa: tuple[str, str]) -> None:
    nlu = RasaNlu(rasa[0], rasa[1], fallback=KeywordNlu(names(town)), timeout=20)
    try:
        async with house(town, nlu=nlu, index=index) as running:
            await play(talk["steps"], running)
        assert nlu.healthy
    finally:
        await nlu.close()
