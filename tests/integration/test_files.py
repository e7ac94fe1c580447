"""Files through the whole product: fetched by the worker, shown by the web process, sent back, erased."""

import asyncio

import pytest

from bot.simulator import File
from bot.simulator.samples import sample
from tests.integration.conftest import Town
from tests.integration.test_day import PATIENT

pytestmark = [pytest.mark.slow, pytest.mark.encoder, pytest.mark.asyncio(loop_scope="package")]


@pytest.mark.parametrize("platform", ["telegram", "whatsapp"])
async def test_a_photo_to_the_clerk_and_a_form_to_the_citizen(town: Town, platform: str) -> None:
    erika, kim = town.sim.citizen(platform, "Erika"), town.kim
    await erika.say("/mensch")
    await erika.reads("Ihre Nummer ist", PATIENT)
    conversation = town.conversation(erika)
    await erika.send_photo("Schlagloch")
    await kim.reads(conversation, "Schlagloch", PATIENT)
    await kim.reads(conversation, ".jpg", PATIENT)
    image = None
    async with asyncio.timeout(PATIENT):
        while image is None:  # until it is fetched
            image = (await kim.look(conversation)).root.one("img", loading="lazy")
            await asyncio.sleep(0.05)
    async with kim.browser.session.get(town.running.url + image.attributes["src"]) as answer:
        assert answer.status == 200
        assert (await answer.read()).startswith(b"\xff\xd8\xff")
        assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    await kim.do("claim", conversation)
    await kim.send_file(conversation, "Antrag.pdf", "application/pdf", sample("document", 3))
    seen = await erika.reads(lambda message: message.file is not None, PATIENT)
    assert seen.file == File("Antrag.pdf", "application/pdf", sample("document", 3))
    folder = town.core.settings.files / conversation[:2] / conversation
    assert len(list(folder.iterdir())) == 2
    await erika.say("/loeschen")
    await erika.reads("gelöscht", PATIENT)
    async with asyncio.timeout(PATIENT):
        while folder.exists():
            await asyncio.sleep(0.05)
