"""Fetching: what breaks is tried again and then said, what is too much is never taken, what is erased stays gone."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.attachments.tidying import tidy_files
from bot.simulator import Citizen, Fault, File
from bot.simulator.samples import sample
from tests.attachments.house import LARGEST, House

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(document.cookie)</script>"


def vault(home: House) -> list[Path]:
    """All files that lie in the vault, those on their way in too."""
    folder = home.core.settings.files
    return [path for path in folder.rglob("*") if path.is_file()]


async def photo(citizen: Citizen, content: bytes, name: str = "bild.jpg") -> None:
    await citizen.send("document", file=File(name, "image/jpeg", content))


@pytest.mark.parametrize("platform", ["telegram", "whatsapp"])
@pytest.mark.parametrize("content", [SVG, HTML, b"GIF\x00MZ", b"MZ\x90\x00" + bytes(300)])
async def test_neither_name_nor_type_make_a_picture(at_home: House, platform: str, content: bytes) -> None:
    erika = await at_home.citizen(platform)
    await photo(erika, content)
    file = await at_home.file(at_home.id(platform, erika.key), "refused")
    assert (file.reason, file.digest) == ("type", "")
    assert vault(at_home) == []
    kim = await at_home.clerk()
    conversation = at_home.id(platform, erika.key)
    page = await kim.text(f"/console/inbox/{conversation}")
    assert "Diese Art Datei nehmen wir nicht an." in page
    assert "<img" not in page.partition('id="transcript"')[2]
    for path in (f"files/{file.id}", f"files/{file.id}/image"):
        assert (await kim.get(f"/console/inbox/{conversation}/{path}")).status == 404


@pytest.mark.parametrize("platform", ["telegram", "whatsapp"])
async def test_too_large_by_its_own_account_or_by_what_comes(at_home: House, platform: str) -> None:
    erika = await at_home.citizen(platform)
    await photo(erika, sample("photo", 1) + bytes(LARGEST))
    file = await at_home.file(at_home.id(platform, erika.key), "refused")
    assert file.reason == "size"
    assert vault(at_home) == []


async def test_what_a_platform_cannot_hand_out_now_it_hands_out_later(at_home: House) -> None:
    erika = await at_home.citizen("telegram")
    at_home.simulator.telegram.faults.plan(Fault("error", status=502), times=2, call="getFile")
    await erika.send_photo()
    file = await at_home.file(at_home.id("telegram", erika.key), "ready")
    assert file.tries == 2


async def test_what_fails_for_good_is_said_and_loaded_again_on_demand(at_home: House) -> None:
    erika = await at_home.citizen("telegram")
    conversation = at_home.id("telegram", erika.key)
    kept = dict(at_home.simulator.telegram.files)
    at_home.simulator.telegram.faults.plan(Fault("cut"), times=None, call="getFile")
    await erika.send_photo("hier ist es")
    file = await at_home.file(conversation, "failed")
    assert (file.reason, file.tries) == ("network", 5)
    kim = await at_home.clerk()
    page = await kim.text(f"/console/inbox/{conversation}")
    assert "Konnte nicht geladen werden. Der Messenger war nicht zu erreichen." in page
    assert "hier ist es" in page
    assert "erneut laden" in page
    at_home.simulator.telegram.faults.calm()
    again = await kim.post(f"/console/inbox/{conversation}/fetch", {"file": file.id})
    assert again.status == 303
    assert (await at_home.file(conversation, "ready")).tries == 0
    twice = await kim.post(f"/console/inbox/{conversation}/fetch", {"file": file.id})
    assert twice.status == 409
    assert (await kim.post(f"/console/inbox/{conversation}/fetch", {"file": "0" * 16})).status == 404
    assert kept.keys() < at_home.simulator.telegram.files.keys()


async def test_a_file_that_the_platform_forgot_is_not_asked_for_again_and_again(at_home: House) -> None:
    erika = await at_home.citizen("whatsapp")
    await erika.send_voice()
    conversation = at_home.id("whatsapp", erika.key)
    at_home.simulator.whatsapp.media.clear()
    file = await at_home.file(conversation, "failed", "ready")
    if file.fate == "ready":  # it was quicker
        return
    assert (file.reason, file.tries) == ("gone", 0)


async def test_what_was_sent_to_the_bot_waits_until_a_clerk_wants_it(at_home: House) -> None:
    erika = at_home.simulator.citizen("telegram", "Erika")
    await erika.send_photo()
    told = await erika.reads("Bild")
    assert "ansehen" in told.text
    conversation = at_home.id("telegram", erika.key)
    file = await at_home.file(conversation, "held")
    await erika.say("/mensch")
    await at_home.until(lambda: at_home.waits("telegram", erika.key))
    assert vault(at_home) == []
    kim = await at_home.clerk()
    page = await kim.text(f"/console/inbox/{conversation}")
    assert "Noch nicht geladen" in page
    await kim.post(f"/console/inbox/{conversation}/fetch", {"file": file.id})
    await at_home.file(conversation, "ready")


async def test_so_many_files_come_in_by_themselves(at_home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever sends more can fill no disk by it; a clerk has the rest fetched one by one."""
    monkeypatch.setattr("bot.turns.MOST", 1)
    erika = await at_home.citizen("telegram")
    conversation = at_home.id("telegram", erika.key)
    await erika.send_photo()
    await at_home.file(conversation, "ready")
    await erika.send_photo()
    files = {file.fate: file for file in await at_home.files(conversation, 2)}
    assert set(files) == {"ready", "held"}
    kim = await at_home.clerk()
    await kim.post(f"/console/inbox/{conversation}/fetch", {"file": files["held"].id})  # type: ignore[index]
    assert {file.fate for file in await at_home.files(conversation, 2)} == {"ready"}


async def test_erased_is_erased(at_home: House) -> None:
    erika, kim = await at_home.citizen("telegram"), await at_home.citizen("telegram", "Kim")
    for citizen in (erika, kim):
        await citizen.send_photo()
        await at_home.file(at_home.id("telegram", citizen.key), "ready")
    assert len(vault(at_home)) == 2
    await erika.say("/loeschen")
    await erika.reads("gelöscht")
    assert await at_home.core.store.attachments(at_home.id("telegram", erika.key)) == []

    async def one() -> bool:
        return len(vault(at_home)) == 1

    await at_home.until(one)  # the receipt may be quicker than the disk
    (left,) = vault(at_home)
    assert left.parent.name == at_home.id("telegram", kim.key)


@pytest.mark.parametrize("there", [True, False])
async def test_what_is_erased_while_it_is_on_its_way_does_not_come_back(at_home: House, there: bool) -> None:
    erika = await at_home.citizen("telegram")
    conversation = at_home.id("telegram", erika.key)
    hold = asyncio.Event()
    take, began = at_home.core.intake.take, asyncio.Event()

    async def slow(*args):  # type: ignore[no-untyped-def]
        done = await take(*args) if there else None
        began.set()
        await hold.wait()
        return done or await take(*args)

    at_home.core.intake.take = slow  # type: ignore[method-assign]
    await erika.send_photo()
    await began.wait()
    assert len(vault(at_home)) == there
    await erika.say("/loeschen")
    await erika.reads("gelöscht")

    async def forgotten() -> bool:
        return not vault(at_home)

    await at_home.until(forgotten)
    hold.set()
    await at_home.bringing.done()
    assert vault(at_home) == []
    assert await at_home.core.store.attachments(conversation) == []


async def test_a_worker_that_stops_gives_back_what_it_was_fetching(at_home: House) -> None:
    erika = await at_home.citizen("telegram")
    conversation = at_home.id("telegram", erika.key)
    began = asyncio.Event()

    async def endless(*args):  # type: ignore[no-untyped-def]
        began.set()
        await asyncio.Event().wait()

    at_home.core.intake.take = endless  # type: ignore[method-assign]
    await erika.send_photo()
    await began.wait()
    now = datetime.now(UTC)
    assert await at_home.core.store.wanted(now, timedelta(hours=1), 5) == []
    at_home.tasks[1].cancel()
    await asyncio.wait({at_home.tasks[1]})
    ((found, file),) = await at_home.core.store.wanted(datetime.now(UTC), timedelta(hours=1), 5)
    assert (found, file.fate, file.tries) == (conversation, "queued", 0)


async def test_what_nobody_knows_goes_after_its_time(at_home: House) -> None:
    erika = await at_home.citizen("telegram")
    conversation = at_home.id("telegram", erika.key)
    await erika.send_photo()
    file = await at_home.file(conversation, "ready")
    store, files = at_home.core.store, at_home.core.intake.vault
    stray = vault(at_home)[0].with_name("0" * 64)
    stray.write_bytes(b"of a form that was never sent on")
    assert await tidy_files(files, store) == 0  # it may be on its way to its conversation
    assert await tidy_files(files, store, grace=-1) == 1
    assert [path.name for path in vault(at_home)] == [file.digest]
    await store.tidy((await at_home.conversation(conversation)).last_citizen.replace(year=2030))  # type: ignore[union-attr]
    assert await tidy_files(files, store, grace=-1) == 1
    assert await files.conversations() == []


async def test_the_log_names_no_file_and_holds_no_words(at_home: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", logger="bot")
    erika = await at_home.citizen("telegram")
    await erika.send("document", "geheime Worte", File("Pass Erika Mustermann.pdf", "application/pdf", SVG))
    await at_home.file(at_home.id("telegram", erika.key), "refused")
    told = " ".join(f"{r.getMessage()} {vars(r)}" for r in caplog.records if r.name.startswith("bot"))
    assert "a file was fetched" in told
    assert not re.search("Mustermann|geheime|sim-document", told)
