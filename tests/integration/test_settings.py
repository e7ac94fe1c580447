"""What an administrator sets holds for citizens in the running product, without a restart."""

import asyncio
import time
from datetime import datetime, timedelta

import pytest

from bot.people.staff import well
from tests.integration.clerk import signed_in
from tests.integration.conftest import Town

pytestmark = [pytest.mark.slow, pytest.mark.encoder, pytest.mark.asyncio(loop_scope="package")]
PATIENT = 120.0
HOURS = "/console/settings/hours"


def asked(town: Town) -> str:
    """About the first Monday to come on which the week's hours hold: on a holiday they would not be told."""
    calendar = town.core.calendar
    office, today = calendar.town.offices["stadtbuecherei"], datetime.now(calendar.zone).date()
    days = (today + timedelta(days=n) for n in range(1, 60))
    day = next(day for day in days if day.weekday() == 0 and not calendar.hours(office, day).reason)
    return f"hat die stadtbücherei am {day.day}.{day.month}. auf?"


async def test_hours_hold_in_the_running_workers(town: Town) -> None:
    question = asked(town)

    async def told(words: str) -> float:
        """Seconds until the answer holds these words; each try is another citizen's first message, since a messenger
        takes no more than one a second in a chat."""
        began = time.monotonic()
        async with asyncio.timeout(PATIENT):
            while True:
                erika = town.sim.citizen("telegram", "Erika Buch")
                await erika.say(question)
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
