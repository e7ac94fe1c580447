"""A citizen's telephone at a simulator that runs elsewhere, through its control API."""

import json
from typing import Any

import aiohttp

from .events import events
from .html import parse
from .screen import Screen, Shown


class Phone(Screen):
    """One citizen on "telegram" or "whatsapp" of the simulator at this address."""

    def __init__(self, simulator: str, channel: str, name: str) -> None:
        super().__init__(name)
        self.channel = channel
        self._url = simulator + "/control/"
        self._key = ""
        self._session = aiohttp.ClientSession()

    async def start(self) -> None:
        self._key = (await self._do("citizens", name=self.name))["citizen"]
        answer = await self._session.get(self._url + "events", timeout=aiohttp.ClientTimeout(total=None))
        answer.raise_for_status()
        self.follow(self._listen(answer))

    async def close(self) -> None:
        await super().close()
        await self._session.close()

    async def _say(self, words: str) -> None:
        await self._do("say", text=words)

    async def _press(self, shown: Shown, data: str) -> None:
        await self._do("press", message=shown.place, data=data)

    async def _do(self, what: str, **body: str) -> dict[str, Any]:
        body = {"platform": self.channel, "citizen": self._key} | body
        async with self._session.post(self._url + what, json=body, raise_for_status=True) as answer:
            done: dict[str, Any] = await answer.json()
            return done

    async def _listen(self, answer: aiohttp.ClientResponse) -> None:
        async with answer:
            async for event, data in events(answer):
                news = json.loads(data)
                mine = event == "record" and (news["platform"], news["citizen"]) == (self.channel, self._key)
                if mine and news["what"] == "seen" and news["line"]:
                    await self.show(_shown(news["line"]))


def _shown(line: dict[str, Any]) -> Shown:
    words = parse(line["html"].replace("\n", "<br>")).words
    parts = (words, line["footer"], line["file"] and f"[{line['file']}]")
    # A list's rows are cut short; the whole label stands below them.
    buttons = tuple((b["about"] or b["label"], b["data"]) for b in line["buttons"] if b["data"])
    return Shown(line["id"], "\n".join(p for p in parts if p), buttons)
