"""What an administrator saves is told everywhere at once: by the bot, its promises and the ask box, in any process."""

from dataclasses import replace

from bot.answers import Answers
from bot.ask import Examiner
from bot.composition import Core
from bot.drafts import Drafts
from bot.rasa import names
from faq.town import Notice
from faq.town.model import SHOWN
from nlu.keywords import KeywordNlu
from tests.console.house import House
from tests.console.settings_form import PLACE, opened, sent
from tests.house import House as Citizen
from tests.house import house as town_house

ASKED = "habt ihr am freitag offen?"


class Rooms:
    """A process that was up before anybody changed anything: its ask box, and citizens who come to it."""

    def __init__(self, core: Core) -> None:
        self._answers = Answers(core.catalogue, core.town)
        self._drafts = Drafts(core.catalogue, self._answers, patience=None)
        self._examiner = Examiner(core.turns, KeywordNlu(names(core.settings)), self._answers, self._drafts)

    async def told(self, question: str) -> str:
        """What the ask box would have the bot say."""
        return str((await self._examiner.describe(question))["reply"]["text"])

    def close(self) -> None:
        self._drafts.close()
        self._answers.close()


async def test_every_room_tells_what_holds_now(at_work: House) -> None:
    ada = await at_work.signed_in("ada")
    async with town_house(at_work.core.settings) as citizen:
        rooms = [Rooms(at_work.core), Rooms(citizen.core)]
        for number in (1, 2, 3):
            if number == 2:
                page = await opened(ada, "special_days")
                row = page.rows()
                day = {f"{row}.date": "2026-11-27", f"{row}.reason": "Betriebsausflug"}
                assert (await sent(ada, "special_days", page, **day)).status == 303
            elif number == 3:
                await ada.get(PLACE + "special_days")
                assert (await ada.post(PLACE + "special_days/1/restore", {"based_on": "2"})).status == 303
            await citizen.core.live_town.refresh()  # what its follow() does every 0.4 s
            *_, said = await citizen.citizen(ASKED)
            for text in (said.text, *[await room.told(ASKED) for room in rooms]):
                assert ("Betriebsausflug" in text) == (number == 2), (number, text)
            assert await promised(citizen) == ("Mo., 30.11." if number == 2 else "Fr., 27.11.")
        # A notice is told before any answer: what editors ask for is the answer.
        water = Notice("wasser", "crisis", None, None, frozenset(SHOWN), {"de": "Abkochen."})
        at_work.core.calendar.take(replace(at_work.core.town, notices=(water,)))
        assert await rooms[0].told(ASKED) == await rooms[1].told(ASKED)
        for room in rooms:
            room.close()


async def promised(citizen: Citizen) -> str:
    """The day on which a person is promised to whoever asks on Thursday night; the clock goes back afterwards."""
    before = citizen.clock.now
    citizen.clock.move(days=3, hours=11)
    *_, told = await citizen.citizen("/mensch")
    found = [day for day in ("Fr., 27.11.", "Mo., 30.11.") if day in told.text]
    await citizen.citizen("/loeschen")
    citizen.clock.now = before
    assert len(found) == 1, told.text
    return found[0]
