"""Headers, cookies, frames, static files, the widget: what the page promises to the outside."""

import re
from dataclasses import replace

import pytest

from bot.route import Access
from bot.settings import Settings
from faq.retrieval.index import Index
from tests.webchat.chat_house import Browser, ChatHouse, chat_house, client


async def test_every_route_is_public_and_named_once(house: ChatHouse) -> None:
    found = house.chat.routes()
    assert {route.access for route in found} == {Access.PUBLIC}
    names = [(route.method, route.path) for route in found]
    assert len(set(names)) == len(names)
    assert {"/", "/widget.js", "/widget-demo"} <= {path for _, path in names}


async def test_the_page_says_whose_machine_it_is_before_anything_else(browser: Browser) -> None:
    await browser.open()
    text = browser.html
    assert "<title>Stadtbote der Stadt Lindenfurt</title>" in text
    assert "Hier antwortet ein Programm der Stadt Lindenfurt, kein Mensch." in text
    assert "https://www.lindenfurt.example/datenschutz" in text
    assert text.index("/mensch") < text.index('role="log"')


@pytest.mark.parametrize("path", ["/", "/?embed=1", "/widget-demo"])
async def test_nothing_from_elsewhere_runs_and_nothing_inline(house: ChatHouse, path: str) -> None:
    async with client() as session, session.get(house.url + path) as response:
        policy = response.headers["Content-Security-Policy"]
        text = await response.text()
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Referrer-Policy"] == "same-origin"
        assert response.headers["Cache-Control"] == "no-store"
    assert not re.search(r"\son\w+=|\sstyle=|<style", text)
    for script in re.findall(r"<script([^>]*)>", text):
        assert "src=" in script or 'type="application/json"' in script
    loaded = re.findall(r'<(?:script|link|img)[^>]*(?:src|href)="([^"]*)"', text)
    assert loaded
    assert all(address.startswith("/") and not address.startswith("//") for address in loaded)


async def test_who_may_frame_the_chat(state: Settings, index: Index) -> None:
    settings = replace(state, public_url="https://chat.stadt.example")
    async with chat_house(settings, index, awake=False) as house, client() as session:
        async with session.get(house.url + "/") as response:
            assert response.headers["Content-Security-Policy"].endswith("frame-ancestors 'self'")
            assert response.headers["X-Frame-Options"] == "SAMEORIGIN"
        async with session.get(house.url + "/?embed=1") as response:
            assert response.headers["Content-Security-Policy"].endswith("frame-ancestors 'self' https:")
            assert "X-Frame-Options" not in response.headers


@pytest.mark.parametrize(
    ("public_url", "path", "name", "marks"),
    [
        ("", "/", "stadtbote", {"HttpOnly", "SameSite=Lax"}),
        ("", "/?embed=1", "stadtbote_embedded", {"HttpOnly", "SameSite=Lax"}),
        ("https://chat.stadt.example", "/", "__Host-stadtbote", {"HttpOnly", "SameSite=Lax", "Secure"}),
        (
            "https://chat.stadt.example",
            "/?embed=1",
            "__Host-stadtbote_embedded",
            {"HttpOnly", "SameSite=None", "Secure", "Partitioned"},
        ),
    ],
)
async def test_the_cookie(
    state: Settings, index: Index, public_url: str, path: str, name: str, marks: set[str]
) -> None:
    async with (
        chat_house(replace(state, public_url=public_url), index, awake=False) as house,
        client() as session,
        session.get(house.url + path) as response,
    ):
        [cookie] = response.headers.getall("Set-Cookie")
    value, *found = cookie.split("; ")
    assert re.fullmatch(re.escape(name) + r"=[A-Za-z0-9_-]{43}", value)
    assert set(found) == marks | {"Path=/", f"Max-Age={state.retention_days * 86400}"}


async def test_the_frame_and_the_page_are_two_conversations(house: ChatHouse) -> None:
    async with client() as session:
        browser = Browser(session, house.url)
        await (await browser.open()).submit(text="Hallo von der Seite")
        await browser.open("/?embed=1")
        assert browser.lines == []
        await browser.submit("/chat/send?embed=1", text="Hallo aus dem Rahmen")
        assert "Hallo aus dem Rahmen" in browser.lines[0]
        assert 'action="/chat/send"' not in browser.html
        await browser.open()
        assert "Hallo von der Seite" in browser.lines[0]


async def test_static_files_are_kept_for_ever_by_their_hash(browser: Browser, house: ChatHouse) -> None:
    await browser.open()
    addresses = set(re.findall(r'"(/chat/static/[^"]+)"', browser.html))
    assert len(addresses) == 4
    for address in addresses:
        assert re.search(r"\.[0-9a-f]{12}\.(js|css|svg)$", address)
        async with browser.session.get(house.url + address) as response:
            assert response.status == 200
            assert "immutable" in response.headers["Cache-Control"]
            assert response.content_type in {"text/javascript", "text/css", "image/svg+xml"}
    for wrong in ("/chat/static/chat.js", "/chat/static/..%2fapp.py", "/chat/static/chat.000000000000.js"):
        async with browser.session.get(house.url + wrong) as response:
            assert response.status == 404


async def test_the_widget_is_small_whole_and_asked_for_again_by_its_tag(house: ChatHouse) -> None:
    async with client() as session:
        async with session.get(house.url + "/widget.js") as response:
            script = await response.text()
            tag = response.headers["ETag"]
            assert response.content_type == "text/javascript"
            assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
            assert "Set-Cookie" not in response.headers
        assert len(script.encode()) < 30_000
        assert "%TEXTS%" not in script
        assert "Stadt Lindenfurt" in script
        async with session.get(house.url + "/widget.js", headers={"If-None-Match": tag}) as response:
            assert response.status == 304


async def test_the_demonstration_shows_the_tag_to_copy(state: Settings, index: Index) -> None:
    settings = replace(state, public_url="https://chat.stadt.example")
    async with chat_house(settings, index, awake=False) as house, client() as session:
        browser = await Browser(session, house.url).open("/widget-demo")
        tag = "&lt;script src=&#34;https://chat.stadt.example/widget.js&#34; defer&gt;&lt;/script&gt;"
        assert tag in browser.html


async def test_the_export_is_a_file_and_an_empty_one_says_so(browser: Browser, house: ChatHouse) -> None:
    await browser.open()
    async with browser.session.get(house.url + "/chat/export") as response:
        assert response.headers["Content-Disposition"] == 'attachment; filename="meine-daten.txt"'
        assert response.headers["Cache-Control"] == "no-store"
        assert response.content_type == "text/plain"
        assert "nichts gespeichert" in await response.text()


async def test_a_page_says_its_days_for_older_lines_and_the_language_of_foreign_ones(
    browser: Browser, house: ChatHouse
) -> None:
    await browser.open()
    await browser.submit(text="how do i get a new identity card please")
    house.clock.move(days=1)
    browser.headers = {"Accept-Language": "de"}
    await browser.open()
    assert '<html lang="en" dir="ltr">' in browser.html, "the conversation's language counts"
    assert browser.lines[0].startswith("You 23.11. 10:00")
