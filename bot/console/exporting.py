"""Entries as a file to take along: what a spreadsheet opens without running any of it, and what imports again."""

import asyncio
import tempfile
from pathlib import Path

from aiohttp import web

from bot.attachments.serving import as_file
from bot.console.console import Console
from bot.console.identity import WHO
from bot.console.importing import FORMATS
from bot.console.session import ROOT
from bot.route import Access, Route
from faq.importing.out import leaving
from faq.sources import export
from faq.sources.xlsx import TooLong

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jsonl": "application/jsonl; charset=utf-8",
    "zip": "application/zip",
}
LONGEST = 200  # characters of a search


class Exporting:
    """The handler."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def routes(self) -> list[Route]:
        """The route with its policy."""
        return [Route("GET", f"{ROOT}/faq/export", self.save, Access.EDITOR)]

    async def save(self, request: web.Request) -> web.Response:
        """The file; who took it is written down."""
        asked, t = request.query, self._console.words(request)
        kind, live = asked.get("format", ""), asked.get("which", "live") != "newest"
        if kind not in FORMATS:
            raise web.HTTPBadRequest
        query, topic = asked.get("q", "")[:LONGEST], asked.get("topic", "")[:LONGEST]
        try:
            count, raw = await asyncio.to_thread(self._written, kind, live, query, topic)
        except TooLong as error:
            return self._nothing(request, t("import.too_long", what=error.where))
        if not count:
            return self._nothing(request, t("import.empty"))
        await self._console.audit.record(request[WHO].account.name, "faq_exported", f"{count} {kind}")
        name = f"faq-{self._console.now().astimezone(self._console.core.zone).date().isoformat()}.{kind}"
        headers = {"Content-Disposition": as_file(name), "Content-Type": TYPES[kind]}
        return web.Response(body=raw, headers=headers)

    def _written(self, kind: str, live: bool, query: str, topic: str) -> tuple[int, bytes]:
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder) / f"faq.{kind}"
            count = export(place, leaving(self._console.core.catalogue.engine, live, query, topic))
            return count, place.read_bytes()

    def _nothing(self, request: web.Request, said: str) -> web.Response:
        return self._console.page(request, "importing/nothing.html", 409, active="faq", said=said)
