"""Files in the web chat: a plain form, refused kindly, seen by both sides and by nobody else."""

import asyncio
import re
from html import unescape
from typing import Any

import pytest
from aiohttp import FormData
from aiohttp.test_utils import TestClient

from bot.simulator.samples import sample
from bot.webchat.words import Words, load_words
from nlu.keywords import KeywordNlu
from tests.attachments.house import LARGEST, House

JPEG, PDF = sample("photo", 1), sample("document", 1)
Client = TestClient[Any, Any]


async def begun(home: House, words: str = "/mensch") -> Client:
    """A browser whose conversation waits for a person."""
    client = home.visitor().client
    page = await (await client.get("/")).text()
    await client.post("/chat/send", data={"id": ident(page), "text": words})
    return client


def ident(page: str) -> str:
    found = re.search(r'name="id" value="([^"]+)"', page)
    assert found
    return found[1]


async def sent(client: Client, content: bytes, name: str = "bild.jpg", scripted: bool = False, **fields: str) -> Any:
    page = await (await client.get("/")).text()
    form = FormData({"id": ident(page), **fields}, quote_fields=False)  # as browsers do
    form.add_field("file", content, filename=name, content_type="application/octet-stream")
    headers = {"Accept": "application/json"} if scripted else {}
    return await client.post("/chat/file", data=form, headers=headers, allow_redirects=False)


def said(page: str) -> str:
    found = re.search(r'id="problem" role="alert">(.*?)</p>', page)
    return unescape(found[1]) if found else ""


async def test_a_file_goes_to_the_clerk_and_one_comes_back(at_home: House) -> None:
    client = await begun(at_home)
    answer = await sent(client, JPEG, "Führerschein Öz.jpeg")
    assert answer.status == 303
    page = await (await client.get("/")).text()
    links = re.findall(r'href="(/chat/files/\w+)" download', page)
    assert len(links) == 1
    assert 'alt="Bild: Führerschein Öz.jpeg"' in page
    own = await client.get(links[0])
    assert await own.read() == JPEG
    assert own.headers["Content-Disposition"].startswith('attachment; filename="F_hrerschein _z.jpeg"')
    assert own.headers["Content-Security-Policy"].startswith("sandbox")
    assert (await client.get(links[0] + "/image")).headers["Content-Disposition"] == "inline"

    (c,) = await at_home.core.store.recent(5)
    kim = await at_home.clerk()
    assert "Führerschein Öz.jpeg" in await kim.text(f"/console/inbox/{c.id}")
    await kim.post(f"/console/inbox/{c.id}/claim")
    assert (await at_home.upload(kim, c.id, PDF, "Antrag.pdf", "application/pdf")).status == 303

    async def arrived() -> list[str]:
        found = re.findall(r'href="(/chat/files/\w+)" download', await (await client.get("/")).text())
        return found[1:]

    (theirs,) = await at_home.until(arrived)
    assert await (await client.get(theirs)).read() == PDF
    assert (await client.get(theirs + "/image")).status == 404

    stranger = await begun(at_home)
    for path in (*links, theirs, links[0] + "/image"):
        assert (await stranger.get(path)).status == 404
        assert (await at_home.visitor().client.get(path)).status == 404


async def test_what_is_refused_is_said_beside_the_field(at_home: House) -> None:
    client = await begun(at_home)
    for content, name, status, words in (
        (b"<svg onload=alert(1)>", "bild.jpg", 415, "Diese Art Datei"),
        (b"x" * (LARGEST + 1), "lang.txt", 413, "zu groß"),
        (b"", "leer.pdf", 400, "leer"),
    ):
        answer = await sent(client, content, name)
        assert (answer.status, words in said(await answer.text())) == (status, True), name
        scripted = await sent(client, content, name, scripted=True)
        assert (scripted.status, words in (await scripted.json())["error"]) == (status, True)
    assert 'name="file"' in await (await client.get("/")).text()
    none = await client.post("/chat/file", data=FormData({"id": "x" * 20}, default_to_multipart=True))
    assert (none.status, "erst eine Datei" in said(await none.text())) == (400, True)
    assert not (await at_home.core.store.attachments((await at_home.core.store.recent(1))[0].id))


async def test_while_the_bot_is_in_charge_it_says_how_to_reach_a_person(at_home: House) -> None:
    client = await begun(at_home, "hallo")
    page = await (await client.get("/")).text()
    assert re.search(r'<div class="attach" id="attach" hidden>', page)
    answer = await sent(client, JPEG)
    assert answer.status == 409
    assert "Mensch" in said(await answer.text())


@pytest.mark.parametrize("words", load_words({}).values(), ids=lambda words: words.language)
async def test_what_it_says_to_write_brings_a_person(words: Words) -> None:
    (word,) = re.findall("[„“«]\\s*(.+?)\\s*[“”»]", words.say("errors.file_bot"))
    understood = await KeywordNlu().understand(word, words.language)
    assert understood.intent == "ask_human"


async def test_the_same_form_twice_is_one_file(at_home: House) -> None:
    client = await begun(at_home)
    first = await sent(client, JPEG, scripted=True, id="a" * 24)
    again = await sent(client, JPEG, scripted=True, id="a" * 24)
    assert (first.status, again.status) == (202, 200)
    (c,) = await at_home.core.store.recent(5)
    (file,) = await at_home.files(c.id, 1)
    assert file.name == "bild.jpg"


async def test_another_sites_page_cannot_send(at_home: House) -> None:
    client = await begun(at_home)
    form = FormData({"id": "x" * 24})
    form.add_field("file", JPEG, filename="a.jpg")
    refused = await client.post("/chat/file", data=form, headers={"Sec-Fetch-Site": "cross-site"})
    assert refused.status == 403


async def test_who_sends_for_ever_is_let_go(at_home: House) -> None:
    client = await begun(at_home)
    cookie = "; ".join(f"{c.key}={c.value}" for c in client.session.cookie_jar)
    at_home.chat._files._seconds = 0.2
    reader, writer = await asyncio.open_connection(client.host, client.port)
    head = f"POST /chat/file HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\nContent-Length: 90000\r\n"
    writer.write(f"{head}Content-Type: multipart/form-data; boundary=b\r\n\r\n--b\r\n".encode())
    answer = await reader.readuntil(b"\r\n")
    assert answer.startswith(b"HTTP/1.1 408")
    writer.close()
