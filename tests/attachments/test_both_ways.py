"""Files from citizens to clerks and back, over each messenger as it really speaks."""

import re
from html import unescape

import pytest

from bot.console.accounts import Accounts
from bot.simulator import File
from bot.simulator.samples import sample
from tests.attachments.house import LARGEST, House
from tests.console.house import PASSWORD, QUICK

PDF = sample("document", 7)


@pytest.mark.parametrize("platform", ["telegram", "whatsapp"])
async def test_a_photo_reaches_the_clerk_and_a_pdf_the_citizen(at_home: House, platform: str) -> None:
    erika = await at_home.citizen(platform)
    ident = at_home.id(platform, erika.key)
    await erika.send_photo("Schlagloch vor der Tür")
    photo = await at_home.file(ident, "ready")
    assert (photo.media_type, photo.name.rpartition(".")[2]) == ("image/jpeg", "jpg")

    kim = await at_home.clerk()
    page = await kim.text(f"/console/inbox/{ident}")
    found = re.search(r'<img src="(/console/inbox/\w+/files/\w+/image)" alt="([^"]+)"', page)
    assert found
    assert found[2] == f"Bild: {photo.name}"
    assert "Schlagloch" in page
    image = await kim.get(found[1])
    assert image.status == 200
    assert await image.read() == at_home.simulator_content(platform, photo.source)
    assert image.headers["Content-Type"] == "image/jpeg"
    assert image.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert image.headers["X-Content-Type-Options"] == "nosniff"
    assert image.headers["Content-Disposition"] == "inline"
    download = await kim.get(found[1].removesuffix("/image"))
    assert download.headers["Content-Disposition"].startswith("attachment; filename=")

    await kim.post(f"/console/inbox/{ident}/claim")
    sent = await at_home.upload(kim, ident, PDF, "Antrag.pdf", "application/pdf")
    assert sent.status == 303, await sent.text()
    seen = await erika.reads(lambda message: message.file is not None)
    assert seen.file == File("Antrag.pdf", "application/pdf", PDF)
    page = await kim.text(f"/console/inbox/{ident}")
    assert "Antrag.pdf" in page
    sent = await at_home.upload(kim, ident, sample("photo", 2), "foto.png", "image/png")
    assert sent.status == 303
    seen = await erika.reads(lambda message: message.file is not None)
    assert seen.file is not None
    assert seen.file.content == sample("photo", 2)


@pytest.mark.parametrize("platform", ["telegram", "whatsapp"])
async def test_a_place_a_card_and_a_voice_message_reach_the_clerk(at_home: House, platform: str) -> None:
    erika = await at_home.citizen(platform)
    ident = at_home.id(platform, erika.key)
    await erika.send("location")
    await erika.send("contact")
    await erika.send_voice()
    voice = await at_home.file(ident, "ready")
    assert (voice.media_type, voice.name.rpartition(".")[2]) == ("audio/ogg", "ogg")
    kim = await at_home.clerk()
    await kim.post(f"/console/inbox/{ident}/claim")
    page = await kim.text(f"/console/inbox/{ident}")
    for words in ("Standort", "52.100000, 11.600000", "Kontakt", "+493012345", "Sprachnachricht", voice.name):
        assert words in page, words
    link = f"/console/inbox/{ident}/files/{voice.id}"
    assert f"{link}/image" not in page
    assert (await kim.get(f"{link}/image")).status == 404
    heard = await kim.get(link)
    assert heard.headers["Content-Disposition"].startswith("attachment")


async def test_a_clerks_file_is_checked_like_a_citizens(at_home: House) -> None:
    erika = await at_home.citizen("whatsapp")
    ident = at_home.id("whatsapp", erika.key)
    kim, ada = await at_home.clerk(), await at_home.clerk("ada")
    await kim.post(f"/console/inbox/{ident}/claim")
    for content, name, words in (
        (b"<html><script>1</script>", "seite.pdf", "Diese Art Datei nehmen wir nicht"),
        (sample("photo", 1) + bytes(LARGEST), "gross.jpg", "zu groß. Erlaubt sind 1 MB"),
        (b"", "leer.pdf", "leer"),
        (b"GIF89a", "bild.gif", "Dieser Messenger nimmt"),
    ):
        refused = await at_home.upload(kim, ident, content, name, "application/pdf")
        page = unescape(await refused.text())
        assert refused.status == 409, name
        assert words in page.partition('id="file-why"')[2].partition("</p>")[0], name
        scripted = await at_home.upload(kim, ident, content, name, "application/pdf", live=True)
        assert (scripted.status, words in (await scripted.json())["why"]) == (409, True)
    assert (await at_home.upload(ada, ident, PDF, "a.pdf", "application/pdf")).status == 409  # not in charge
    assert (await at_home.upload(kim, ident, bytes(4 * LARGEST), "riesig.pdf", "application/pdf")).status == 413
    forged = kim.token
    kim.token = "x" * len(forged)
    assert (await at_home.upload(kim, ident, PDF, "a.pdf", "application/pdf")).status == 403
    assert not [seen for seen in erika.seen if seen.file]
    assert await at_home.core.store.attachments(ident) == []


async def test_nobody_of_another_team_sees_a_file(at_home: House) -> None:
    erika = await at_home.citizen("telegram")
    ident = at_home.id("telegram", erika.key)
    await erika.send_photo()
    file = await at_home.file(ident, "ready")
    accounts = Accounts(at_home.core.settings.database, QUICK)
    team = (await at_home.conversation(ident)).team
    other = next(name for name in at_home.core.town.teams if name != team)
    if accounts.get("eve") is None:
        accounts.add("eve", PASSWORD, "clerk", display_name="Eve", teams=(other,))
    eve, stranger = await at_home.clerk("eve"), at_home.visitor()
    for path in ("", "/image"):
        url = f"/console/inbox/{ident}/files/{file.id}{path}"
        assert (await eve.get(url)).status == 404
        assert (await stranger.get(url)).status == 303
    assert (await eve.post(f"/console/inbox/{ident}/fetch", {"file": file.id})).status == 404
    kim = await at_home.clerk()
    wrong = await at_home.citizen("telegram", "Anders")
    elsewhere = at_home.id("telegram", wrong.key)
    assert (await kim.get(f"/console/inbox/{elsewhere}/files/{file.id}")).status == 404


async def test_ones_own_data_names_the_files(at_home: House) -> None:
    erika = await at_home.citizen("telegram")
    await erika.send("document", "mein Antrag")
    await at_home.file(at_home.id("telegram", erika.key), "ready")
    text = await at_home.core.turns.export(await at_home.conversation(at_home.id("telegram", erika.key)))
    assert re.search(r"mein Antrag .*\[brief\.pdf\]", text)
