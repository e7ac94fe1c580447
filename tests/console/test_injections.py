"""A hundred texts that want to be more than text, in every place where somebody could type one, on every page."""

import re
from collections.abc import AsyncIterator
from email.message import Message
from pathlib import Path
from urllib.parse import quote, unquote

import pytest
from aiohttp import ClientResponse
from yarl import URL

from bot.attachments.names import clean_name
from bot.attachments.serving import POLICY as FILES
from bot.attachments.serving import as_file
from bot.console import pages
from bot.console.audit import Audit
from bot.console.session import safe
from bot.document import from_markdown, from_text
from bot.render import telegram_html, telegram_words, web_html, whatsapp_text
from bot.simulator import markup
from bot.simulator.samples import sample
from tests.console.evil import CHIEF, everybody_here, filled, unplaced
from tests.console.house import PASSWORD, House, house
from tests.console.injections import GROUPS, INJECTIONS, Finder, bare, chunks

_OURS = r"/console([/?][^\r\n\t\\]*)?"


def test_there_are_a_hundred_and_no_two_are_the_same() -> None:
    assert len(INJECTIONS) >= 100
    assert len({bare(text) for text in INJECTIONS}) >= len(INJECTIONS) - 2


def test_the_finder_finds_what_is_not_escaped() -> None:
    dangers = [text for text in INJECTIONS if re.match(r"<[a-z]", text) and "plaintext" not in text]
    missed = [text for text in dangers if not Finder(f'<p title="x">{text}</p>').found]
    assert len(missed) < len(dangers) / 4  # some are harmless by themselves: they break out of something, or mutate
    assert Finder(f'<input value="{GROUPS["out of an attribute"][0]}">').found


@pytest.fixture
async def work(tmp_path: Path, redis_url: str) -> AsyncIterator[House]:
    async with house(tmp_path, redis_url) as found:
        yield found


async def look(answer: ClientResponse, expected: tuple[str, ...] = ()) -> None:
    """Nothing in it could run, it says so itself, and it shows these texts as they are."""
    seen = Finder(await answer.text())
    assert not seen.found, (answer.url, seen.found[:3])
    assert not seen.lacks(expected), (answer.url, seen.lacks(expected)[:3])
    assert answer.headers["Content-Security-Policy"] == pages.POLICY
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_on_every_page(work: House) -> None:
    evil = await filled(work)
    chief = await work.signed_in(CHIEF)
    await everybody_here(work)
    every, cut = INJECTIONS, tuple(text[:100] for text in INJECTIONS)
    inbox = "/console/inbox"
    subjects = tuple(text for text in every if len(" ".join(text.split())) <= 90)
    shown: dict[str, tuple[str, ...]] = {
        f"{inbox}/{evil.talk}": (*every, *map(unplaced, every)),
        f"{inbox}/{evil.named}": every,
        f"{inbox}/{evil.filed}": tuple(named(n, text) for n, text in enumerate(every)),
        inbox: subjects,
        "/console/callbacks": every,
        "/console/team": cut,
        "/console/audit": (),
        "/console/account": (),
        "/console/search?q=pwn": (),
        "/console/faq": (),
        f"/console/faq/entries/{evil.entry}": tuple(text for text in every if "](" not in text),
        **{f"/console/faq/entries/evil-{n}": held(part) for n, part in enumerate(chunks(290)) if n % 5 == 1},
        f"/console/faq/entries/{evil.entry}/{evil.revision}": (),
        "/console/faq/new": (),
        "/console/ask": (),
        "/console/settings": (),
        "/console/settings/hours": (),
        "/console/settings/special_days": every,
        "/console/settings/special_days/1": every,
        "/console/settings/holidays": every,
        "/console/settings/teams": every,
        "/console/settings/routing": every,
        "/console/settings/promises": (),
        "/console/settings/canned": tuple(map(unplaced, every)),
        "/console/settings/canned/1": tuple(map(unplaced, every)),
        f"{inbox}/{evil.waiting[0]}": (),
    }
    for path, expected in shown.items():
        answer = await chief.get(path)
        assert answer.status == 200, path
        await look(answer, expected)
    for n in range(0, len(every), 20):  # a reply on its way to the editors
        await look(await chief.get(f"{inbox}/{evil.talk}/suggest/r{n}"))
    for path in (inbox, f"{inbox}/{evil.talk}", f"{inbox}/{evil.talk}/people", "/console/team", "/console/callbacks"):
        await look(await chief.get(path, headers={pages.LIVE: "look"}))  # what the scripts put into the page
    kim, ron = await work.signed_in("kim"), await work.signed_in("ron")
    for path in (inbox, f"{inbox}/{evil.talk}", f"{inbox}/{evil.filed}"):
        await look(await kim.get(path))
    await look(await ron.get(inbox), subjects)


async def test_what_was_typed_and_is_refused_comes_back_as_words(work: House) -> None:
    work.publish("perso", "Perso verloren?")
    kim, ada = await work.signed_in("kim"), await work.signed_in("ada")
    conversation = await work.citizen("1", "hallo")
    url = f"/console/inbox/{conversation}"
    await kim.post(f"{url}/claim")
    names = ("text", "to", "canned", "template", "entry", "line", "outcome", "verb", "doing", "file", "call", "reason")
    for text in chunks(3900):
        whole = dict.fromkeys(names, text) | {"epoch": "0"}
        for verb in ("reply", "transfer", "fill", "template", "send", "resolve", "undo", "withdraw", "fetch", "here"):
            answer = await kim.post(f"{url}/{verb}", whole)
            assert answer.status in (400, 404, 409) or verb == "here"
            await look(answer, held(text) if verb in ("reply", "transfer", "fill") else ())
            await look(await kim.post(f"{url}/{verb}", whole, headers={pages.LIVE: "act"}))
        await look(await kim.post(f"{url}/note", {"text": text * 9}), held(text))  # longer than is kept
        for path in ("/console/presence", f"/console/callbacks/{conversation}"):
            await look(await kim.post(path, whole))
    for text in chunks(900):
        names = ("question", "answer", "entry", "topic", "office", "as_of", "source.title", "source.url", "based_on")
        form = dict.fromkeys((*names, "texts.leicht.answer", "elsewhere.office", "elsewhere.url", "action"), text)
        form |= {f"texts.{code}.{name}": text for code in ("de", "en") for name in ("question", "variants", "answer")}
        for path in ("new", "entries/perso"):
            await look(await ada.post(f"/console/faq/{path}", form), held(text))
        for path in ("faq/preview", "ask"):
            await look(await ada.post(f"/console/{path}", form))
        names = ("date", "until", "name", "reason", "title", "shortcut", "team", "minutes", "offices", "texts.de")
        rows = {f"0.{name}": text for name in names} | {"topics.abfall": text, "mon": text, "office": "wahlamt"}
        for section in ("hours", "special_days", "holidays", "teams", "routing", "promises", "canned"):
            answer = await ada.post(f"/console/settings/{section}", rows | {"based_on": "0", "why": text})
            await look(answer, held(text) if section in ("hours", "special_days", "teams", "canned") else ())


def named(number: int, text: str) -> str:
    """A file's name as its conversation shows it."""
    return text if number % 2 else clean_name(text).rpartition(".")[0]


def held(text: str) -> tuple[str, ...]:
    """Those of them that stand in the text."""
    return tuple(one for one in INJECTIONS if one in text)


async def test_addresses(work: House) -> None:
    """What somebody wrote into a link that a clerk, or nobody in particular, presses."""
    kim, anybody = await work.signed_in("kim"), work.client()
    for text in chunks(100):
        typed = quote(text, safe="")
        for path in (f"inbox?q={typed}&team={typed}&who={typed}&did={typed}", f"search?q={typed}", typed):
            await look(await kim.get(URL(f"/console/{path}", encoded=True)))  # type: ignore[arg-type]
        login = await anybody.get(URL(f"/console/login?next={typed}&lang={typed}", encoded=True))  # type: ignore[arg-type]
        await look(login)
        gone = await kim.post("/console/presence", {"reason": "", "next": text})
        assert gone.headers["Location"].startswith("/console")
    for text in INJECTIONS:
        assert re.fullmatch(_OURS, safe(text))
        assert re.fullmatch(_OURS, safe("/console" + text)), text
    await look(await anybody.sign_in(chunks(4000)[0], PASSWORD, next=INJECTIONS[0]))


@pytest.mark.parametrize("group", range(4))
async def test_downloads_are_named_and_never_pages(work: House, group: int) -> None:
    kim = await work.signed_in("kim")
    conversation = await work.citizen("1", "hallo")
    await kim.post(f"/console/inbox/{conversation}/claim")
    for text in INJECTIONS[group::8]:
        file = await work.file(conversation, f"Worte {text[:3]}".encode(), text)
        answer = await kim.get(f"/console/inbox/{conversation}/files/{file.id}")
        if file.fate != "ready":
            assert answer.status == 404
            continue
        assert answer.status == 200
        assert answer.content_type == "text/plain"
        assert answer.headers["Content-Security-Policy"] == FILES
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        said = Message()
        said["Content-Disposition"] = answer.headers["Content-Disposition"]
        assert said.get_content_disposition() == "attachment"
        assert unquote(answer.headers["Content-Disposition"].rpartition("''")[2]) == file.name
        assert (await kim.get(f"/console/inbox/{conversation}/files/{file.id}/image")).status == 404


async def test_who_takes_a_file_or_opens_a_picture_is_written_down(work: House) -> None:
    kim = await work.signed_in("kim")
    conversation = await work.citizen("1", "hallo")
    file = await work.file(conversation, sample("photo", 1), "bild.jpg")
    at = f"/console/inbox/{conversation}/files/{file.id}"
    for path, headers, expected in (
        (f"{at}/image", {"Sec-Fetch-Dest": "image"}, 0),  # a small one in the transcript
        (f"{at}/image", {"Sec-Fetch-Dest": "document"}, 1),
        (f"{at}/image", {}, 2),
        (at, {"Sec-Fetch-Dest": "image"}, 3),
    ):
        assert (await kim.get(path, headers=headers)).status == 200
        deeds = [deed for deed in await Audit(work.core.catalogue.engine).latest() if deed.what == "file_read"]
        assert [(deed.who, deed.object) for deed in deeds] == [("kim", conversation)] * expected


def test_a_files_name_is_a_name() -> None:
    for text in INJECTIONS:
        name = clean_name(text)
        header = as_file(name)
        assert header.isascii()
        assert header.isprintable()
        assert header.count('"') == 2
        assert not set(name) & set('<>:"/\\|?*\r\n\0')
        assert name.strip(". ") == name != ""


def test_messengers_show_it_as_it_was_typed() -> None:
    for text in INJECTIONS:
        document = from_text(text)
        words, entities = markup.parse_html(telegram_html(document))
        assert not entities, text
        assert bare(words) == bare(telegram_words(document)) == bare(text)
        assert not Finder(web_html(document)).found
        shown = markup.to_html(*markup.parse_marks(whatsapp_text(document)))
        assert not re.search(r"<(?!a href=\"https?:|/a>)", shown), text


def test_an_editors_markdown_makes_nothing_but_harmless_marks() -> None:
    for text in (*INJECTIONS, "\n\n".join(INJECTIONS)):
        document = from_markdown(text)
        seen = Finder(web_html(document))
        assert not seen.found, text
        _, entities = markup.parse_html(telegram_html(document))
        assert {e.type for e in entities} <= {"bold", "italic", "text_link"}, text
        assert all(e.url.startswith(("http://", "https://")) for e in entities if e.url)
