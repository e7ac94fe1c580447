"""Who is here, passing on, taking back: as plain pages, without a script."""

import asyncio
import re
from datetime import timedelta

import pytest

from bot.console.roster import OPEN_PAGE, PLAIN_PAGE
from bot.conversation import Status
from tests.console.house import NOW, PASSWORD, House, Visitor, later
from tests.console.test_inbox import claimed, groups, why
from tests.console.test_live import stream

TEAM = "bauen-umwelt"


async def post(visitor: Visitor, conversation: str, verb: str, /, **fields: str) -> str:
    """A verb's form; returns the page on which it ends."""
    response = await visitor.post(f"/console/inbox/{conversation}/{verb}", fields)
    if response.status == 303:
        return await visitor.text(response.headers["Location"])
    assert response.status == 409, response.status
    return await response.text()


def options(page: str) -> dict[str, tuple[str, bool]]:
    """Of the choice to whom it goes: value -> (label, possible)."""
    found = re.findall(r'<option value="([^"]+)"( disabled)?[^>]*>([^<]*)</option>', page)
    return {value: (label, not disabled) for value, disabled, label in found}


async def test_a_colleague_who_is_here_gets_it_at_once_as_new(at_work: House) -> None:
    ada, kim = await at_work.signed_in("ada"), await at_work.signed_in("kim")
    conversation = await claimed(at_work, kim)
    page = await kim.text(f"/console/inbox/{conversation}")
    assert options(page)["clerk:ada"] == ("Ada B.", True)
    assert "clerk:kim" not in options(page)
    assert "clerk:lea" not in options(page)  # she is not here
    page = await post(kim, conversation, "transfer", to="clerk:ada", text="sie kennt den Fall")
    assert "ist weitergegeben" in page
    assert "Kim B. hat an Ada B. weitergegeben" in page
    assert "sie kennt den Fall" in page
    assert (await at_work.conversation(conversation)).owner == "ada"
    listed = await ada.text("/console/inbox")
    assert groups(listed)["mine"] == [conversation]
    assert '<span class="badge new">neu</span>' in listed
    await ada.get(f"/console/inbox/{conversation}")
    assert not (await at_work.conversation(conversation)).unseen
    assert '<span class="badge new">neu</span>' in await ada.text("/console/inbox")  # not answered yet
    assert "Rückgängig" not in await kim.text(f"/console/inbox/{conversation}")
    assert "nicht mehr rückgängig" in why(await post(kim, conversation, "undo", verb="transfer"))


async def test_nobody_is_given_what_they_are_not_there_for(at_work: House) -> None:
    ada, kim = await at_work.signed_in("ada"), await at_work.signed_in("kim")
    conversation = await claimed(at_work, kim)
    page = await post(kim, conversation, "transfer", to="clerk:lea", text="bitte")
    assert "Lea B. ist nicht da" in why(page, "pass-why")
    assert ">bitte</textarea>" in page
    await ada.post("/console/presence", {"reason": "meeting", "next": "/console/inbox"})
    page = await kim.text(f"/console/inbox/{conversation}")
    assert options(page)["clerk:ada"] == ("Ada B. · weg: Besprechung", False)
    page = await post(kim, conversation, "transfer", to="clerk:ada")
    assert "gerade weg (Besprechung)" in why(page, "pass-why")
    for target in ("", "clerk:eda", "clerk:nobody", "team:nowhere", "kim"):
        assert "Wählen Sie" in why(await post(kim, conversation, "transfer", to=target), "pass-why")
    assert (await at_work.conversation(conversation)).owner == "kim"


async def test_a_team_of_which_nobody_is_here_is_a_second_choice(at_work: House) -> None:
    at_work.accounts.add("amt", PASSWORD, "clerk", teams=["buergeramt"])
    amt = await at_work.signed_in("amt")
    at_work.clock.at = later(9 * 3600)  # 19 o'clock: every office is closed
    conversation = await claimed(at_work, amt)
    page = await amt.text(f"/console/inbox/{conversation}")
    assert options(page)[f"team:{TEAM}"][0].endswith("niemand da")
    page = await post(amt, conversation, "transfer", to=f"team:{TEAM}", text="ein Baum")
    assert re.search(r"niemand da: Bauen und Umwelt\. Wieder geöffnet: .*Uhr", why(page, "pass-why"))
    assert re.search(r'<button name="anyway" value="1" id="anyway">', page)
    assert re.search(rf'value="team:{TEAM}" selected', page)
    page = await post(amt, conversation, "transfer", to=f"team:{TEAM}", text="ein Baum", anyway="1")
    c = await at_work.conversation(conversation)
    assert (c.team, c.status) == (TEAM, Status.WAITING)
    assert c.due
    # It is out of their sight; the list still lets them take it back.
    assert f"/console/inbox/{conversation}/undo" in page
    assert (await amt.get(f"/console/inbox/{conversation}")).status == 404
    await post(amt, conversation, "undo", verb="transfer")
    c = await at_work.conversation(conversation)
    assert (c.owner, c.team, c.waiting_since) == ("amt", "buergeramt", NOW + timedelta(hours=9))


async def test_who_gives_it_away_is_not_the_one_who_is_there_for_it(at_work: House) -> None:
    kim = await at_work.signed_in("kim")  # of every team, and alone
    conversation = await claimed(at_work, kim)
    page = await kim.text(f"/console/inbox/{conversation}")
    assert options(page)[f"team:{TEAM}"][0].endswith("niemand da")
    assert "niemand da" in why(await post(kim, conversation, "transfer", to=f"team:{TEAM}"), "pass-why")
    await at_work.signed_in("ada")
    assert "ist weitergegeben" in await post(kim, conversation, "transfer", to=f"team:{TEAM}")


async def test_another_teams_undo_is_nobody_elses(at_work: House) -> None:
    at_work.accounts.add("amt", PASSWORD, "clerk", teams=["buergeramt"])
    at_work.accounts.add("ute", PASSWORD, "clerk", teams=["buergeramt"])
    amt, ute = await at_work.signed_in("amt"), await at_work.signed_in("ute")
    conversation = await claimed(at_work, amt)
    await post(amt, conversation, "transfer", to=f"team:{TEAM}", anyway="1")
    assert "/undo" not in await ute.text(f"/console/inbox?did={conversation}")
    assert (await ute.post(f"/console/inbox/{conversation}/undo", {"verb": "transfer"})).status == 404
    for odd in ("", "x", "../..", "0" * 20):
        assert "/undo" not in await amt.text(f"/console/inbox?did={odd}")


async def test_who_waits_is_passed_on_from_the_queue(at_work: House) -> None:
    await at_work.signed_in("ada")
    kim = await at_work.signed_in("kim")
    conversation = await at_work.citizen("1", "der baum")
    page = await post(kim, conversation, "transfer", to=f"team:{TEAM}", text="bitte ihr")
    assert "an Bauen und Umwelt weitergeleitet" in page
    assert (await at_work.conversation(conversation)).team == TEAM
    page = await post(kim, conversation, "undo", verb="transfer")
    assert "Kim B. hat rückgängig gemacht: Weitergeben" in page
    assert (await at_work.conversation(conversation)).team == "buergeramt"


async def test_a_lead_reassigns_and_a_clerk_does_not(at_work: House) -> None:
    lea, kim, ada = [await at_work.signed_in(name) for name in ("lea", "kim", "ada")]
    conversation = await claimed(at_work, ada)
    assert "jemand anderes" in why(await post(kim, conversation, "transfer", to="clerk:lea"))
    assert 'id="pass-on"' not in await kim.text(f"/console/inbox/{conversation}")
    await post(lea, conversation, "transfer", to="clerk:kim")
    assert (await at_work.conversation(conversation)).owner == "kim"


@pytest.mark.parametrize(("verb", "status"), [("release", "waiting"), ("back", "bot"), ("resolve", "resolved")])
async def test_one_line_takes_a_mistake_back(at_work: House, verb: str, status: str) -> None:
    kim = await at_work.signed_in("kim")
    conversation = await claimed(at_work, kim)
    page = await post(kim, conversation, verb)
    assert (await at_work.conversation(conversation)).status == status
    assert page.count('data-verb="undo"') == 1
    page = await post(kim, conversation, "undo", verb=verb)
    assert (await at_work.conversation(conversation)).owner == "kim"
    assert 'data-verb="undo"' not in page


async def test_outcomes(at_work: House) -> None:
    kim = await at_work.signed_in("kim")
    conversation = await claimed(at_work, kim)
    assert "Dieses Ergebnis gibt es nicht" in why(await post(kim, conversation, "resolve", outcome="magic"))
    page = await post(kim, conversation, "resolve", outcome="not_ours")
    assert "Kim B. hat als erledigt markiert: nicht unsere Sache" in page
    assert (await at_work.conversation(conversation)).outcome == "not_ours"


async def test_a_note_is_withdrawn_by_its_writer_only(at_work: House) -> None:
    kim, ada = await at_work.signed_in("kim"), await at_work.signed_in("ada")
    conversation = await claimed(at_work, kim)
    page = await post(kim, conversation, "note", text="falsches Gespräch")
    (line,) = re.findall(r'name="line" value="(\w+)"', page)
    assert 'name="line"' not in await ada.text(f"/console/inbox/{conversation}")
    assert "nur, wer sie geschrieben hat" in why(await post(ada, conversation, "withdraw", line=line))
    page = await post(kim, conversation, "withdraw", line=line)
    assert "falsches Gespräch" not in page
    assert "Kim B. hat eine Notiz zurückgezogen" in page
    assert "nur, wer sie geschrieben hat" in why(await post(kim, conversation, "withdraw", line=line))
    kept = [x.text for x in await at_work.core.store.transcript(conversation) if x.by == "note"]
    assert kept == ["falsches Gespräch"]  # the record keeps it


async def test_the_header_says_whether_one_is_here(at_work: House) -> None:
    kim, eda = await at_work.signed_in("kim"), await at_work.signed_in("eda")
    assert 'id="presence"' not in await eda.text("/console/faq")
    page = await kim.text("/console/inbox?q=x")
    assert '<span class="sr">Sie sind: </span><span class="state">da</span></summary>' in page
    response = await kim.post("/console/presence", {"reason": "pause", "next": "/console/inbox?q=x"})
    assert response.headers["Location"] == "/console/inbox?q=x"
    assert '<span class="sr">Sie sind: </span><span class="state">Pause</span></summary>' in await kim.text(
        "/console/account"
    )
    assert (await kim.post("/console/presence", {"reason": "holiday", "next": ""})).status == 400
    response = await kim.post("/console/presence", {"reason": "", "next": "https://evil.example/"})
    assert response.headers["Location"] == "/console"
    assert "Ich bin wieder da" not in await kim.text("/console/inbox")


async def test_a_browser_that_dies_is_gone_by_itself(at_work: House) -> None:
    async def here() -> set[str]:
        return set(await at_work.core.store.people(at_work.clock()))

    kim = await at_work.signed_in("kim")
    assert await here() == {"kim"}  # a page without a stream counts for a while
    at_work.clock.at = NOW + PLAIN_PAGE
    assert await here() == set()
    # What a page says while it closes is no sign of life.
    await kim.post(f"/console/inbox/{await at_work.citizen('1', 'hallo')}/here", {"doing": ""})
    assert await here() == set()
    at_work.clock.at = NOW
    async with stream(kim):
        at_work.clock.at = NOW + PLAIN_PAGE
        while await here() != set():
            await asyncio.sleep(0.01)
    at_work.clock.at = NOW
    async with stream(kim):
        while "kim" not in await here():
            await asyncio.sleep(0.01)
        at_work.clock.at = NOW + OPEN_PAGE - timedelta(seconds=1)
        assert await here() == {"kim"}
    at_work.clock.at = NOW + OPEN_PAGE
    assert await here() == set()


async def test_two_at_one_conversation_see_each_other(at_work: House) -> None:
    kim, ada = await at_work.signed_in("kim"), await at_work.signed_in("ada")
    conversation = await at_work.citizen("1", "hallo")
    url = f"/console/inbox/{conversation}"
    assert "sieht das auch an" not in await kim.text(url)
    page = await ada.text(url)
    assert "<bdi>Kim B.</bdi> sieht das auch an" in page
    await kim.post(url + "/here", {"doing": "typing"}, headers={"X-Stadtbote-Live": "look"})
    told = await ada.get(url + "/people", headers={"X-Stadtbote-Live": "look"})
    assert "<bdi>Kim B.</bdi> schreibt gerade" in await told.text()
    at_work.clock.at = later(10)
    assert "schreibt gerade" not in await ada.text(url)
    at_work.clock.at = later(60)
    assert "sieht das auch an" not in await ada.text(url)
    await kim.get(url)
    await kim.post(url + "/here", {"doing": ""}, headers={"X-Stadtbote-Live": "look"})
    assert "sieht das auch an" not in await ada.text(url)
    at_work.accounts.add("bau", PASSWORD, "clerk", teams=[TEAM])
    bau = await at_work.signed_in("bau")
    assert (await bau.post(url + "/here", {"doing": "looking"})).status == 404
    assert (await bau.get(url + "/people")).status == 404


async def test_the_stream_names_where_somebody_types(at_work: House) -> None:
    kim, ada = await at_work.signed_in("kim"), await at_work.signed_in("ada")
    conversation = await at_work.citizen("1", "hallo")
    async with stream(kim) as events:
        for doing in ("typing", "looking") * 50:  # until the stream's listener is there
            await ada.post(f"/console/inbox/{conversation}/here", {"doing": doing})
            if ("people", conversation) in await events.until(("people", conversation), ("look", "")):
                break
        else:
            raise AssertionError


async def test_a_sign_of_life_is_no_news(at_work: House) -> None:
    kim = await at_work.signed_in("kim")
    conversation = await claimed(at_work, kim)
    changes = at_work.core.store.changes()
    assert await anext(changes) is None
    await kim.post(f"/console/inbox/{conversation}/seen")
    await kim.post(f"/console/inbox/{conversation}/note", {"text": "x"})
    heard = await asyncio.wait_for(anext(changes), 60)
    assert heard is not None
    assert heard.version == (await at_work.core.store.load(conversation)).version
    await changes.aclose()  # type: ignore[attr-defined]
