"""What an administrator sets holds for citizens in the running product, without a restart."""

import asyncio
import time

import pytest

from bot.people.staff import well
from tests.integration.clerk import signed_in
from tests.integration.conftest import Town

pytestmark = [pytest.mark.slow, pytest.mark.encoder, pytest.mark.asyncio(loop_scope="package")]
PATIENT = 120.0
HOURS = "/console/settings/hours"
ASKED = "hat die stadtbücherei am montag auf?"


async def test_hours_hold_in_the_running_workers(town: Town) -> None:
    async def told(words: str) -> float:
        """Seconds until the answer holds these words; each try is another citizen's first message, since a messenger
        takes no more than one a second in a chat."""
        began = time.monotonic()
        async with asyncio.timeout(PATIENT):
            while True:
                erika = town.sim.citizen("telegram", "Erika Buch")
                await erika.say(ASKED)
                answer = await erika.reads(lambda seen: "Stadtbücherei" in seen.text, PATIENT)
                if words in answer.text:
                    return time.monotonic() - began

    await told("geschlossen")
    async with signed_in(town.running, "ada", "admin", "Ada Busch") as ada:
        page = well(await ada.browser.open(f"{HOURS}?office=stadtbuecherei"))
        well(await ada.browser.submit(page.form(HOURS), "save", mon="10-12", why="Bücherflohmarkt"))
        print(f"set in the console, and told {await told('10–12 Uhr'):.2f} s later")
        page = well(await ada.browser.open(HOURS))
        well(await ada.browser.submit(page.form("/restore")))
        await told("geschlossen")
