"""Who leaves an open page untouched counts as away until they touch it; who said why they are away stays so."""

from datetime import timedelta

from bot.console.roster import Roster
from bot.store.presence import IDLE
from tests.console.house import NOW, House, Visitor
from tests.console.test_inbox import claimed, why
from tests.console.test_passing import options, post

LOOK = {"X-Stadtbote-Live": "look"}
AFTER = timedelta(minutes=15)
SHORT = timedelta(seconds=1)


async def open_page(work: House, name: str) -> Visitor:
    """Signed in, with a page that stays open whatever the clock says."""
    visitor = await work.signed_in(name)
    await work.core.store.beat(name, "p", NOW + timedelta(days=2), NOW)
    return visitor


async def away(work: House, name: str) -> str:
    return (await work.core.store.people(work.clock()))[name]


async def test_an_untouched_page_is_away_and_back_at_the_first_touch(at_work: House) -> None:
    kim, ada = await open_page(at_work, "kim"), await open_page(at_work, "ada")
    roster = Roster(at_work.accounts, at_work.core.store)
    conversation = await claimed(at_work, kim)
    other = await at_work.citizen("2", "hallo")
    at_work.clock.at = NOW + AFTER - SHORT
    await kim.post(f"/console/inbox/{conversation}/seen", headers=LOOK)  # what the page says by itself is no touch
    await kim.get("/console/inbox", headers=LOOK)
    assert await away(at_work, "kim") == ""
    assert await roster.somebody("buergeramt", at_work.clock())
    at_work.clock.at = NOW + AFTER
    assert await away(at_work, "kim") == IDLE
    assert not await roster.somebody("buergeramt", at_work.clock())  # nobody is promised to people who are not there
    page = await ada.text(f"/console/inbox/{other}")
    assert options(page)["clerk:kim"] == ("Kim B. · weg: untätig", False)
    assert "Kim B. ist gerade weg (untätig)" in why(await post(ada, other, "transfer", to="clerk:kim"), "pass-why")
    assert (await at_work.conversation(conversation)).owner == "kim"  # presence takes nothing away, leases do
    assert (await kim.post("/console/presence/active", headers=LOOK)).status == 200
    assert await away(at_work, "kim") == ""
    assert "weitergegeben" in await post(ada, other, "transfer", to="clerk:kim")


async def test_any_page_that_somebody_opens_and_any_form_is_a_touch(at_work: House) -> None:
    kim = await open_page(at_work, "kim")
    at_work.clock.at = NOW + AFTER
    assert await away(at_work, "kim") == IDLE
    await kim.get("/console/inbox")
    assert await away(at_work, "kim") == ""
    at_work.clock.at = NOW + 2 * AFTER
    assert await away(at_work, "kim") == IDLE
    await claimed(at_work, kim)
    assert await away(at_work, "kim") == ""


async def test_a_stream_that_connects_again_touches_nothing(at_work: House) -> None:
    kim = await open_page(at_work, "kim")
    at_work.clock.at = NOW + AFTER
    async with kim.client.get("/console/events?here") as stream:
        assert stream.status == 200
        assert await away(at_work, "kim") == IDLE


async def test_who_said_why_stays_away_for_that_and_whose_page_is_closed_is_gone(at_work: House) -> None:
    kim = await open_page(at_work, "kim")
    await kim.post("/console/presence", {"reason": "meeting", "next": "/console/inbox"})
    at_work.clock.at = NOW + AFTER
    assert await away(at_work, "kim") == "meeting"
    await kim.post("/console/presence/active", headers=LOOK)
    assert await away(at_work, "kim") == "meeting"
    await kim.post("/console/presence", {"reason": "", "next": "/console/inbox"})
    assert await away(at_work, "kim") == ""
    at_work.clock.at = NOW + timedelta(days=2)
    assert await at_work.core.store.people(at_work.clock()) == {}


async def test_idle_is_nothing_that_one_chooses(at_work: House) -> None:
    kim = await open_page(at_work, "kim")
    assert f'value="{IDLE}"' not in await kim.text("/console/inbox")
    assert (await kim.post("/console/presence", {"reason": IDLE, "next": ""})).status == 400
