"""Canned responses in the composer, as plain forms."""

import html
import re
from pathlib import Path

from bot.handoff.canned import unfilled
from tests.console.house import House, house, later
from tests.console.test_inbox import claimed, why


def typed(page: str) -> str:
    found = re.search(r'<textarea id="reply".*?>(.*?)</textarea>', page, re.S)
    return html.unescape(found[1]) if found else ""


async def test_a_response_is_filled_in_behind_what_was_typed(at_work: House) -> None:
    kim = await at_work.signed_in("kim")
    conversation = await claimed(at_work, kim)
    url = f"/console/inbox/{conversation}"
    page = await kim.text(url)
    assert 'data-text="Guten Tag Alex, ich bin Kim B. vom Bürgeramt. Ich sehe mir das an."' in page
    answer = await kim.post(url + "/fill", {"text": "Moin <b>\r\n", "canned": "nachreichen"})
    assert answer.status == 200
    assert typed(await answer.text()) == (
        "Moin <b>\nMir fehlt noch eine Unterlage. Sie können hier ein Foto davon schicken. Ihre Nummer ist 1001."
    )
    empty = await kim.post(url + "/fill", {"text": "  ", "canned": "gruss"})
    assert typed(await empty.text()).startswith("Guten Tag Alex")
    assert not [line for line in await at_work.core.store.transcript(conversation) if line.by == "clerk"]


async def test_what_does_not_fit_is_said_and_loses_nothing(at_work: House) -> None:
    kim = await at_work.signed_in("kim")
    url = f"/console/inbox/{await claimed(at_work, kim)}"
    for chosen, text, said in [
        ("", "Entwurf", "Wählen Sie erst"),
        ("gibtsnicht", "Entwurf", "Wählen Sie erst"),
        ("gruss", "x" * 3990, "zu lang"),
    ]:
        answer = await kim.post(url + "/fill", {"text": text, "canned": chosen})
        page = await answer.text()
        assert (answer.status, typed(page)) == (409, text)
        assert said in why(page, "reply-why")


async def test_only_who_is_in_charge_is_given_the_citizens_name(at_work: House) -> None:
    kim, ada = await at_work.signed_in("kim"), await at_work.signed_in("ada")
    url = f"/console/inbox/{await claimed(at_work, kim)}"
    assert "Guten Tag Alex" not in await ada.text(url)
    answer = await ada.post(url + "/fill", {"text": "", "canned": "gruss"})
    assert answer.status == 409
    assert "Alex" not in await answer.text()


async def test_a_place_that_is_still_open_does_not_reach_the_citizen(at_work: House) -> None:
    kim = await at_work.signed_in("kim")
    conversation = await claimed(at_work, kim, sender="")
    url = f"/console/inbox/{conversation}"
    page = await kim.text(url)
    assert 'data-text="Guten Tag {name}, ich bin Kim B.' in page
    epoch = re.search(r'name="epoch" value="(\d+)"', page)
    assert epoch
    answer = await kim.post(url + "/reply", {"text": "Guten Tag {name}!", "epoch": epoch[1]})
    assert answer.status == 409
    assert "auszufüllen: {name}" in why(await answer.text(), "reply-why")
    assert (await kim.post(url + "/reply", {"text": "Guten Tag {Name}! {x}", "epoch": epoch[1]})).status == 303


def test_only_places_of_ours_are_open_places() -> None:
    assert (unfilled("{x} {amt} {name}"), unfilled("{x} {{}} {Name}")) == ("{amt}", "")


async def test_after_the_window_nothing_is_said_freely(tmp_path: Path, redis_url: str) -> None:
    async with house(tmp_path, redis_url, window=3600) as work:
        kim = await work.signed_in("kim")
        conversation = await claimed(work, kim)
        url = f"/console/inbox/{conversation}"
        work.clock.at = later(3000)
        page = await kim.text(url)
        assert 'data-left="600"' in page
        assert "Antworten noch 10 min möglich" in page
        epoch = re.search(r'name="epoch" value="(\d+)"', page)
        assert epoch
        work.clock.at = later(3600)
        page = await kim.text(url)
        assert 'data-left="0"' in page
        assert re.search(r"<button[^>]*disabled[^>]*>Senden", page)
        for verb in ("reply", "send", "file"):
            answer = await kim.post(f"{url}/{verb}", {"text": "Guten Tag", "epoch": epoch[1], "entry": "x"})
            assert answer.status == 409
            assert "Antwortfenster" in await answer.text()
        answer = await kim.post(f"{url}/reply", {"text": "Guten Tag", "epoch": epoch[1]})
        assert typed(await answer.text()) == "Guten Tag"
        await work.citizen("1", "ich bin wieder da")
        page = await kim.text(url)
        assert 'data-left="3600"' in page
        assert (await kim.post(f"{url}/reply", {"text": "Guten Tag", "epoch": epoch[1]})).status == 303


async def test_after_the_window_a_template_goes_filled_in(tmp_path: Path, redis_url: str) -> None:
    async with house(tmp_path, redis_url, window=3600) as work:
        kim = await work.signed_in("kim")
        conversation = await claimed(work, kim)
        url = f"/console/inbox/{conversation}"
        assert "Freigegebene Vorlagen" not in await kim.text(url)
        work.clock.at = later(3600)
        page = await kim.text(url)
        assert "Freigegebene Vorlagen" in page
        assert 'name="place-name" value="Alex"' in page
        epoch = re.search(r'name="epoch" value="(\d+)"', page)
        assert epoch
        form = {"template": "antwort_liegt_bereit", "epoch": epoch[1], "place-name": "Frau <Öz>", "place-nummer": "7"}
        answer = await kim.post(f"{url}/template", form)
        assert answer.status == 409
        page = await answer.text()
        assert "{stadt} ist noch leer" in page
        assert 'name="place-name" value="Frau &lt;Öz&gt;"' in page
        answer = await kim.post(f"{url}/template", {**form, "place-stadt": "Stadt Lindenfurt"})
        assert answer.status == 303
        (line,) = [x for x in await work.core.store.transcript(conversation) if x.by == "clerk"]
        assert line.text.startswith("Guten Tag Frau <Öz>, zu Ihrer Anfrage 7 bei der Stadt Lindenfurt gibt es")
        unknown = await kim.post(f"{url}/template", {**form, "template": "gibtsnicht"})
        assert unknown.status == 409


async def test_a_messenger_without_a_window_needs_no_template(at_work: House) -> None:
    kim = await at_work.signed_in("kim")
    conversation = await claimed(at_work, kim)
    epoch = str((await at_work.conversation(conversation)).epoch)
    form = {"template": "antwort_liegt_bereit", "epoch": epoch}
    answer = await kim.post(f"/console/inbox/{conversation}/template", form)
    assert answer.status == 409
    assert "braucht keine" in await answer.text()
