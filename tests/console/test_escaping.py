"""Nothing that somebody typed is ever run: not by citizens, not by colleagues."""

import re
from html.parser import HTMLParser
from pathlib import Path

from aiohttp import ClientResponse

from bot.console import pages, static
from bot.conversation import Line
from bot.document import from_markdown, to_json
from bot.handoff.callback import Callback
from bot.simulator.samples import sample
from faq.town.sections import SECTIONS
from tests.console.house import PASSWORD, House, Visitor, content, later
from tests.console.test_inbox import match

EVIL = "\"><script>alert(1)</script><img src=x onerror=alert(1)>'{{7*7}}</textarea></title>"
LINK = "[klick](javascript:alert(1)) <iframe src=//evil></iframe>"


class Finder(HTMLParser):
    """Collects what could run, as a browser would read the page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag in ("iframe", "object", "embed", "style", "base", "math"):
            self.found.append(tag)
        if tag == "script" and not values.get("src", "").startswith("/console/static/"):
            self.found.append("script")
        ours = r"/console/(static/.*|inbox/[0-9a-f]{20}/files/[0-9a-f]{16}/image)"
        if tag == "img" and not re.fullmatch(ours, values.get("src", "")):
            self.found.append("img")
        for name, value in values.items():
            leads = name in ("href", "src", "action", "formaction") and not value.startswith(
                ("/", "#", "?", "https://")
            )
            dials = name == "href" and re.fullmatch(r"tel:[\d+]*", value, re.ASCII)
            if name.startswith("on") or name == "style" or (leads and value and not dials):
                self.found.append(f"{tag} {name}={value}")


async def test_what_people_type_stays_text(at_work: House) -> None:
    at_work.accounts.add("evil", PASSWORD, "admin", display_name=EVIL[:100])
    catalogue = at_work.core.catalogue
    saved = catalogue.save_draft("evil", content(EVIL, EVIL), "evil")
    catalogue.publish("evil", saved.id, "evil")
    conversation = await at_work.citizen(
        "1",
        EVIL,
        sender=EVIL,
        matches=(match("evil"),),
        topic=EVIL,
        callback=Callback(EVIL, later(-60), EVIL, 1, later(-5)),
    )
    document = to_json(from_markdown(EVIL + LINK))
    for line in (
        Line("l1", "bot", later(1), EVIL, document=document, footer=EVIL, buttons=(("n", EVIL),)),
        Line("l2", "clerk", later(2), EVIL, name=EVIL, document=document),
        Line("l3", "note", later(3), EVIL, EVIL, name=EVIL),
        Line("l4", "event", later(4), EVIL, what="transferred", name=EVIL),
        Line("l5", "citizen", later(5), "n", what="choice"),
        Line("l6", "citizen", later(6), EVIL, EVIL + "masked", what=EVIL),
    ):
        await at_work.line(conversation, line)
    for name in (EVIL, "<svg onload=alert(1)>.png", "javascript:alert(1)//.txt", "a\u202egnp.exe"):
        await at_work.file(conversation, sample("photo", 1) + name.encode(), name)
    visitor = await at_work.signed_in("evil")
    url = f"/console/inbox/{conversation}"
    answers = [await visitor.get(url)]
    await visitor.post(url + "/claim")
    at_work.oracle.answer = {
        "question": EVIL,
        "language": EVIL,
        "decision": "clarify",
        "thresholds": {"answer": 0.8, "clarify": 0.3},
        "ranking": [
            {"entry": "evil", "revision": "x", "title": EVIL, "topic": EVIL, "score": 0.5, "why": {EVIL: 1.0}},
        ],
        "understanding": {
            "intent": EVIL,
            "confidence": 0.5,
            "source": EVIL,
            "entities": [{"kind": EVIL, "value": EVIL}],
            "ranking": [{"intent": EVIL, "confidence": 0.5}] * 2,
        },
    }
    fields = {"text": EVIL, "epoch": "0", "entry": EVIL, "texts.de.question": EVIL, "texts.de.answer": EVIL + LINK}
    fields |= {"to": f"clerk:{EVIL}", "outcome": EVIL, "verb": EVIL, "line": EVIL, "doing": EVIL, "next": EVIL}
    other = await at_work.signed_in("kim")
    await other.get(url)
    fields |= {"question": EVIL, "topic": EVIL, "office": EVIL, "as_of": EVIL, "source.url": "javascript:alert(1)"}
    for path in (url, f"{url}?insert=evil", f"/console/inbox?q={EVIL}", f"/console/faq?q={EVIL}&topic={EVIL}"):
        answers.append(await visitor.get(path))
    for path in (
        "/faq/entries/evil",
        f"/faq/entries/evil/{saved.id}",
        "/faq/new",
        "/account",
        "/audit",
        "/team",
        "/callbacks",
        *(f"/faq/{room}" for room in ("releases", "gaps", "lint", "trials", "examples", "import")),
        "/numbers",
    ):
        answers.append(await visitor.get("/console" + path))
    for path in (f"/{EVIL}", f"/inbox?did={EVIL}"):
        answers.append(await visitor.get("/console" + path))
    for verb in ("transfer", "resolve", "undo", "withdraw", "here"):
        answers.append(await visitor.post(f"{url}/{verb}", fields))
    answers.append(await visitor.post(f"/console/team/{conversation}/transfer", fields))
    answers.append(await other.get(f"{url}/people", headers={pages.LIVE: "look"}))
    for path in (f"{url}/reply", "/console/faq/new", "/console/faq/preview", "/console/faq/entries/evil"):
        answers.append(await visitor.post(path, fields))
    answers.append(await visitor.post("/console/ask", fields))
    answers += await settings(at_work, visitor)
    answers.append(await at_work.client().get(f"/console/login?next={EVIL}"))
    answers.append(await at_work.client().sign_in(EVIL, next=EVIL))
    for answer in answers:
        text, finder = await answer.text(), Finder()
        finder.feed(text)
        assert not finder.found, answer.url
        assert answer.status < 500, answer.url
        assert "49" not in re.findall(r"'(\d+)</textarea>", text)
        assert answer.headers["Content-Security-Policy"] == pages.POLICY
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert sum(["&lt;script&gt;alert(1)" in await a.text() for a in answers]) >= 15


async def settings(work: House, visitor: Visitor) -> list[ClientResponse]:
    """Every page of the settings while each of them says something evil, live and in what was typed."""
    live, place = work.core.live_town, "/console/settings"
    special = {"date": "2026-11-30", "reason": EVIL, "reason_en": EVIL}
    teams = [{**team, "name": EVIL} for team in live.document("teams")]
    canned = [{"id": "x", "title": EVIL, "texts": {"de": EVIL.replace("{{7*7}}", "")}}]
    live.save({"special_days": [special], "teams": teams, "canned": canned}, "evil", EVIL)
    notices = [{"id": "x", "level": "crisis", "open_ended": True, "texts": {"de": EVIL}}]
    pinned = [{"id": "x", "level": "answer", "open_ended": True, "wordings": [EVIL], "texts": {"de": EVIL}}]
    holidays = [{"date": "2026-11-30", "name": EVIL}]
    live.save({"holidays": holidays, "notices": notices, "pinned": pinned}, "evil", EVIL)
    await live.refresh()
    found = [await visitor.get(place)]
    for section in ("hours?office=wahlamt", *SECTIONS):
        found.append(await visitor.get(f"{place}/{section}"))
    for section in ("special_days", "holidays", "teams", "canned", "notices", "pinned"):
        found.append(await visitor.get(f"{place}/{section}/2"))
        found.append(await visitor.get(f"{place}/{section}/1"))
    fields = {
        f"0.{name}": EVIL
        for name in (
            "date",
            "name",
            "reason",
            "title",
            "shortcut",
            "team",
            "topic",
            "minutes",
            "from",
            "until",
            "level",
            "wordings",
            "entries",
        )
    }
    fields |= {"0.offices": EVIL, "0.texts.de": EVIL, "topics.abfall": EVIL, "mon": EVIL, "office": "wahlamt"}
    for section in SECTIONS:
        for seen in ("0", "1"):
            found.append(await visitor.post(f"{place}/{section}", fields | {"based_on": seen, "why": EVIL}))
    return found


def test_the_policy_is_strict() -> None:
    assert "unsafe" not in pages.POLICY
    assert "*" not in pages.POLICY
    assert "default-src 'none'" in pages.POLICY
    assert "frame-ancestors 'none'" in pages.POLICY


def test_templates_hold_nothing_the_policy_would_block() -> None:
    for path in pages.TEMPLATES.rglob("*.html"):
        text = path.read_text("utf-8")
        assert not re.search(r"\sstyle=|\son[a-z]+=|<style|\|\s*safe|autoescape", text), path.name
        for script in re.findall(r"<script[^>]*>", text):
            assert "src=" in script


async def test_headers_are_everywhere(at_work: House) -> None:
    visitor = at_work.client()
    for path in ("/console", "/console/login", "/console/nothing", "/console/events"):
        response = await visitor.get(path)
        assert response.headers["Content-Security-Policy"] == pages.POLICY
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["Referrer-Policy"] == "same-origin"


async def test_static_files(at_work: House) -> None:
    visitor, files = at_work.client(), static.load()
    for name in files.files:
        response = await visitor.get(files.url(name))
        assert response.status == 200
        assert "immutable" in response.headers["Cache-Control"]
    assert (await visitor.get("/console/static/older/base.css")).headers["Cache-Control"] == "no-cache"
    for name in ("nothing.css", "..%2Fapp.py", "..%2f..%2f..%2fetc%2fpasswd"):
        assert (await visitor.get(f"/console/static/x/{name}")).status == 404


def test_scripts_name_only_texts_and_files_that_are_there() -> None:
    scripts = [p for p in static.FOLDER.iterdir() if p.suffix == ".js"]
    page = (pages.TEMPLATES / "inbox" / "page.html").read_text("utf-8")
    for path in scripts:
        text = path.read_text("utf-8")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function", text)
        for name in re.findall(r'from "\./([\w.]+)"|import "\./([\w.]+)"', text):
            assert (Path(static.FOLDER) / (name[0] or name[1])).is_file()
        for word in re.findall(r"words\.(\w+)", text):
            spelled = re.sub(r"[A-Z]", lambda m: "-" + m[0].lower(), word)
            assert f"data-{spelled}=" in page, word
