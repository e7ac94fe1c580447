"""Importing: a file is handed in, its columns are named, all is told that would change, and then it is done.

The page works without script: a job's progress is there at each look. Files are their owner's alone
(bot.importing.shelf).
"""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from aiohttp import web

from bot.attachments.names import clean_name
from bot.attachments.vault import CHUNK
from bot.console.console import Console, field
from bot.console.identity import WHO
from bot.console.import_words import words_of
from bot.console.session import ROOT
from bot.console.words import Words
from bot.importing.begin import handed_in
from bot.importing.shelf import Shelf, TooLarge, Upload
from bot.importing.work import CHECK, DONE, TAKE
from bot.route import Access, Route
from faq.jobs import Job, Jobs
from faq.sources import SOURCES
from faq.sources.bounds import LARGEST, MEGABYTE
from faq.sources.table import headers

PLACE = f"{ROOT}/faq/import"
ENDINGS = tuple(ending for ending in SOURCES if ending not in ("", ".yml", ".yaml"))
"""What may be handed in here: a YAML corpus is a folder, for the command line."""
FORMATS = ("csv", "xlsx", "jsonl", "zip")


class Importing:
    """Handlers."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._shelf = Shelf(console.core.settings.home)
        self._jobs = Jobs(console.core.catalogue.engine, console.now)

    def routes(self) -> list[Route]:
        """The routes with their policies."""
        one = PLACE + "/{upload}"
        return [
            Route("GET", PLACE, self.index, Access.EDITOR),
            Route("POST", PLACE, self.add, Access.EDITOR, LARGEST + 2 * MEGABYTE),
            Route("GET", one, self.show, Access.EDITOR),
            Route("POST", one, self.act, Access.EDITOR),
        ]

    async def index(self, request: web.Request) -> web.Response:
        """Hand a file in, go on with one, or take entries out."""
        return await self._index(request)

    async def add(self, request: web.Request) -> web.Response:
        """Keep the file and look at how it begins."""
        posted: Any = (await request.post()).get("file")
        if not isinstance(posted, web.FileField) or not posted.filename:
            return await self._index(request, "import.none")
        name = clean_name(posted.filename)
        if Path(name).suffix.casefold() not in ENDINGS:
            return await self._index(request, "import.ending")
        try:
            who, chunks = request[WHO].account.name, _chunks(posted.file)
            upload = await asyncio.to_thread(handed_in, self._shelf, who, name, self._console.now(), chunks)
        except TooLarge:
            return await self._index(request, "import.large")
        raise web.HTTPSeeOther(f"{PLACE}/{upload.id}")

    async def show(self, request: web.Request) -> web.Response:
        """How far this import is."""
        return await self._show(request, await self._upload(request))

    async def act(self, request: web.Request) -> web.Response:
        """Check it, take it in, or throw it away."""
        upload, action = await self._upload(request), await field(request, "action")
        who = request[WHO].account.name
        if action == "discard":
            for kind in (CHECK, TAKE):
                await asyncio.to_thread(self._jobs.call_off, kind, upload.id)
            await asyncio.to_thread(self._shelf.remove, upload.id)
            raise web.HTTPSeeOther(PLACE)
        if action == "take" and self._shelf.kept(upload.id, DONE):  # pressed twice
            raise web.HTTPSeeOther(f"{PLACE}/{upload.id}")
        if self._shelf.file(upload.id) is None or upload.wrong:
            raise web.HTTPConflict
        if action == "check":
            if upload.headers:
                upload = await self._with_columns(request, upload)
                if said := _unmapped(upload):
                    return await self._show(request, upload, said)
                await asyncio.to_thread(self._shelf.note, upload)
                await asyncio.to_thread(self._shelf.remember, who, upload.headers, upload.columns or {})
            await asyncio.to_thread(self._jobs.enqueue, CHECK, upload.id, who)
        elif action == "take":
            checked = await asyncio.to_thread(self._jobs.latest, CHECK, upload.id)
            if not _may_take(checked):
                raise web.HTTPConflict
            await asyncio.to_thread(self._jobs.enqueue, TAKE, upload.id, who)
            await self._console.audit.record(who, "faq_imported", upload.name)
        else:
            raise web.HTTPBadRequest
        raise web.HTTPSeeOther(f"{PLACE}/{upload.id}")

    async def _with_columns(self, request: web.Request, upload: Upload) -> Upload:
        columns = {}
        for number, header in enumerate(upload.headers):
            told = await field(request, f"column.{number}")
            if header and header not in columns:
                columns[header] = told if told in headers() else ""
        return replace(upload, columns=columns)

    async def _upload(self, request: web.Request) -> Upload:
        """Raises 404 for what is not there or is somebody else's."""
        id, by = request.match_info["upload"], request[WHO].account.name
        found = await asyncio.to_thread(self._shelf.get, id, by)
        if found is None:
            raise web.HTTPNotFound
        return found

    async def _index(self, request: web.Request, said: str = "") -> web.Response:
        mine = await asyncio.to_thread(self._shelf.of, request[WHO].account.name)
        t = self._console.words(request)
        return self._console.page(
            request,
            "importing/index.html",
            400 if said else 200,
            active="faq",
            said=t(said, megabytes=LARGEST // MEGABYTE) if said else "",
            endings=",".join(ENDINGS),
            megabytes=LARGEST // MEGABYTE,
            mine=mine,
            formats=FORMATS,
            topics=dict(sorted((x.id, x.named(t.language)) for x in self._console.core.town.topics.values())),
        )

    async def _show(self, request: web.Request, upload: Upload, said: str = "") -> web.Response:
        t = self._console.words(request)
        checked = await asyncio.to_thread(self._jobs.latest, CHECK, upload.id)
        taken = await asyncio.to_thread(self._jobs.latest, TAKE, upload.id)
        if taken and checked and checked.id > taken.id:
            taken = None  # it came to nothing, and the file was looked at anew
        if taken and taken.state == "done" and taken.result["errors"]:
            checked, taken = taken, None  # something has come between, and nothing was saved
        running = next((job for job in (taken, checked) if job and job.open), None)
        result = {"changes": (), "news": (), **checked.result} if checked and checked.state == "done" else {}
        for name in ("wrong", "remarks"):
            result[name] = [self._said(one, t) for one in result.get(name, ())]
        done = dict(taken.result) if taken and taken.state == "done" else {}
        return self._console.page(
            request,
            "importing/upload.html",
            400 if said else 200,
            active="faq",
            upload=upload,
            wrong=_cause(*upload.wrong, t) if upload.wrong else "",
            said=t(said) if said else "",
            columns=upload.columns or {},
            fields=words_of(t),
            running=running,
            failed=bool(taken.state == "failed" if taken else checked and checked.state == "failed"),
            checked=result if checked and checked.state == "done" else None,
            may_take=_may_take(checked) and self._shelf.file(upload.id) is not None,
            done=done or None,
        )

    def _said(self, one: list[Any], t: Words) -> dict[str, Any]:
        row, column, why, values, message, within = one
        said = _cause(why, self._named(why, values), message, t)
        if said[:1].islower():  # what is wrong with the whole file is said of it, and here nothing else names it
            said = t("import.whole_file", why=said)
        return {"row": row, "column": column, "message": said, "file": within}

    def _named(self, why: str, values: Mapping[str, str]) -> Mapping[str, str]:
        """With what people call topics and offices, where either will do."""
        if why not in ("town.near", "town.strange"):
            return values
        town = self._console.core.town
        known = town.topics if values.get("what") == "topic" else town.offices
        names = {id: one.name for id, one in known.items()}
        told = {key: values[key].split(", ") for key in ("near", "ids") if key in values}
        return {**values, **{key: "; ".join(names.get(id, id) for id in ids) for key, ids in told.items()}}


def _may_take(checked: Job | None) -> bool:
    """Was it looked at, with nothing wrong and something to do?"""
    if checked is None or checked.state != "done":
        return False
    return not checked.result["errors"] and bool(checked.result["new"] or checked.result["changed"])


def _unmapped(upload: Upload) -> str:
    """Why these columns are not enough: a key of the texts."""
    told = [name for name in (upload.columns or {}).values() if name]
    if not {"question", "answer"} <= set(told):
        return "import.unmapped"
    return "import.mapped_twice" if len(told) > len(set(told)) else ""


def _cause(why: str, values: Mapping[str, str], message: str, t: Words) -> str:
    """In the page's words; a fault that has none there in English."""
    return t.maybe(f"import.wrong.{why.replace('-', '_')}", message, **values)


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(CHUNK):
        yield chunk
