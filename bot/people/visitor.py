"""A visitor of the web chat, as its page's script does it: posts, and lines by server-sent events."""

import json
import secrets

import aiohttp

from .browser import Browser
from .events import events
from .html import Element, parse
from .screen import Screen, Shown


class Visitor(Screen):
    """One browser on the chat page of the product at this address."""

    channel = "web"

    def __init__(self, url: str, name: str = "", language: str = "de") -> None:
        super().__init__(name)
        self.browser = Browser(url, language)
        self._has: set[str] = set()

    async def start(self) -> None:
        await self.browser.open("/")  # the page gives the cookie
        address, timeout = self.browser.url + "/chat/events", aiohttp.ClientTimeout(total=None)
        answer = await self.browser.session.get(address, timeout=timeout)
        answer.raise_for_status()
        self.follow(self._listen(answer))

    async def close(self) -> None:
        await super().close()
        await self.browser.close()

    async def _say(self, words: str) -> None:
        await self._post(text=words)

    async def _press(self, shown: Shown, data: str) -> None:
        await self._post(choice=data)

    async def _post(self, **form: str) -> None:
        form["id"] = secrets.token_urlsafe(15)
        headers = self.browser.own | {"Accept": "application/json"}
        async with self.browser.session.post(
            self.browser.url + "/chat/send", data=form, headers=headers, raise_for_status=True
        ) as answer:
            await answer.read()

    async def _listen(self, answer: aiohttp.ClientResponse) -> None:
        async with answer:
            async for event, data in events(answer):
                if event == "line":
                    await self._take(data)
                elif event == "reset":
                    for html in json.loads(data):
                        await self._take(html)

    async def _take(self, html: str) -> None:
        for line in parse(html).all("li", class_="line"):
            place = line.attributes["id"]
            if line.attributes["data-by"] == "citizen" or place in self._has:
                continue
            self._has.add(place)
            await self.show(Shown(place, _said(line), _buttons(line), line.attributes["data-by"]))


def _said(line: Element) -> str:
    parts = (line.one(class_="said"), line.one(class_="footer"))
    return "\n".join(part.words for part in parts if part)


def _buttons(line: Element) -> tuple[tuple[str, str], ...]:
    found = line.all("button", name="choice")
    return tuple((b.words, b.attributes["value"]) for b in found if "disabled" not in b.attributes)
