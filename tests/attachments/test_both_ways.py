"""Files from citizens to clerks and back, over each messenger as it really speaks."""

import re

import pytest

from bot.simulator import File
from bot.simulator.samples import sample
from tests.attachments.house import House

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
