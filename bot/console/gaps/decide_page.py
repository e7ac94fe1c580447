"""What becomes of a cluster: a new entry, wordings for one that is there, or nothing of ours.

Whatever it is, an editor has read each question and says that nobody is recognised in it; some teach, the rest tests.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from aiohttp import web

from bot.console.faq_form import LANGUAGES
from bot.console.faq_list import topics
from bot.console.gaps.cluster_page import ALL
from bot.console.gaps.room import GAPS, Room, seen
from bot.console.identity import WHO
from bot.console.session import ROOT
from bot.console.suggest import entry_name
from bot.gaps.deciding import Draft
from bot.gaps.deeds import Refused
from bot.gaps.gap import UNCLEAR, Cluster, Use
from bot.gaps.splitting import Asked, language_of, proposed, same
from bot.privacy.masking import mask
from bot.route import Access, Route
from faq.catalogue import EditConflict
from faq.catalogue import State as Entry
from faq.entry import LEVELS, MAX_QUESTION, NO_LINK, Content, Elsewhere, Text

OFFERED = 10
"""Entries that a search for one shows."""
ABOUT = ("question", "topic", "level", "office", "url", "phone")


@dataclass(frozen=True)
class Typed:
    """The form as it stands: a line for each wording, in `about` the new entry's fields, in `wrong` texts' keys by
    field."""

    lines: Sequence[Asked]
    about: Mapping[str, str]
    based_on: str = ""
    wrong: Mapping[str, str] = field(default_factory=dict)
    said: str = ""


class DecidePage:
    """Handlers. `mode`: draft (a new entry), extend (one that is there), elsewhere (a new one that names another
    office), foreign (none)."""

    def __init__(self, room: Room) -> None:
        self._room, self._console, self._catalogue = room, room.console, room.core.catalogue

    def routes(self) -> list[Route]:
        """The routes with their policies."""
        one = f"{GAPS}/{{cluster}}/decide"
        return [Route("GET", one, self.show, Access.EDITOR), Route("POST", one, self.decide, Access.EDITOR)]

    async def show(self, request: web.Request) -> web.Response:
        """The form, filled in from the cluster; or the search for an entry."""
        cluster = await self._room.cluster(request)
        mode, entry = await self._asked(request)
        lines = await self._lines(cluster, mode, entry)
        if mode == "foreign":  # nothing is taught: all may test
            lines = [replace(line, use=Use.TRIAL) for line in lines]
        return await self._page(request, cluster, mode, entry, Typed(lines, self._about(cluster, lines), _head(entry)))

    async def decide(self, request: web.Request) -> web.StreamResponse:
        """Do it: the draft, the trials, the note. What is wrong is said beside its field, and nothing is lost."""
        cluster = await self._room.cluster(request)
        mode, entry = await self._asked(request)
        posted = await request.post()
        about = {name: str(posted.get(name, "")).strip() for name in ABOUT}
        lines = _typed(await self._lines(cluster, mode, entry), posted, _taught(mode, entry))
        typed = Typed(lines, about, str(posted.get("based_on", "")))
        if wrong := _wrong(mode, entry, typed, str(posted.get("checked", "")) == "1"):
            return await self._page(request, cluster, mode, entry, replace(typed, wrong=wrong), 400)
        who, at = request[WHO].account.name, await seen(request)
        what = "draft" if mode == "elsewhere" else mode
        draft = self._draft(cluster, mode, entry, typed, at)
        try:
            saved = await asyncio.to_thread(self._room.deciding.decide, cluster.id, at, who, what, typed.lines, draft)
        except EditConflict as conflict:
            again = replace(typed, based_on=conflict.head.id if conflict.head else "", said="gaps.conflict")
            return await self._page(request, cluster, mode, self._catalogue.get(conflict.entry), again, 409)
        except Refused as error:
            return await self._page(
                request, cluster, mode, entry, replace(typed, said=f"gaps.refused.{error.why}"), 409
            )
        await self._console.audit.record(who, f"gaps_{mode}", cluster.id)
        where = f"{ROOT}/faq/entries/{saved.entry}?done=saved" if saved else f"{GAPS}/{cluster.id}?done=foreign"
        raise web.HTTPSeeOther(where)

    # --- doing ---------------------------------------------------------------------------------------------

    def _draft(self, cluster: Cluster, mode: str, entry: Entry | None, typed: Typed, at: int) -> Draft | None:
        """What an entry shall say from now on; None where this is nothing of ours."""
        if mode == "foreign":
            return None
        if mode == "extend":
            assert entry is not None
            return Draft(entry.entry, _extended(entry.head.content, _of(typed.lines, Use.WORDING)), typed.based_on)
        return Draft(entry_name(typed.about["question"], f"{cluster.id} {at}"), self._drafted(mode, typed))

    def _drafted(self, mode: str, typed: Typed) -> Content:
        about, core = typed.about, self._room.core
        german = same(about["question"])
        others = tuple(line.text for line in _of(typed.lines, Use.WORDING) if same(line.text) != german)
        elsewhere = Elsewhere(*(about[name] for name in ("level", "office", "url", "phone")))
        today = core.turns.now().astimezone(core.zone).date()
        topic = about["topic"] if about["topic"] in core.town.topics else ""
        texts = {"de": Text("de", about["question"], others)}
        return Content(texts, topic, "", NO_LINK, today, elsewhere=elsewhere if mode == "elsewhere" else None)

    # --- the page ------------------------------------------------------------------------------------------

    async def _asked(self, request: web.Request) -> tuple[str, Entry | None]:
        """The mode, and the entry that is to be extended. Raises 404."""
        mode, name = request.query.get("as", "draft"), request.query.get("entry", "")
        if mode not in ("draft", "extend", "elsewhere", "foreign"):
            raise web.HTTPNotFound
        entry = await asyncio.to_thread(self._catalogue.get, name) if name and mode == "extend" else None
        if (name and mode == "extend" and entry is None) or (
            request.method == "POST" and mode == "extend" and not name
        ):
            raise web.HTTPNotFound
        return mode, entry

    async def _lines(self, cluster: Cluster, mode: str, entry: Entry | None) -> Sequence[Asked]:
        if cluster.id == UNCLEAR:
            raise web.HTTPNotFound
        questions = await asyncio.to_thread(self._room.gaps.questions, cluster.id, ALL)
        known = [w for text in entry.head.texts.values() for w in (text.question, *text.variants)] if entry else []
        return proposed(questions, self._room.core.secret, known, _taught(mode, entry))

    def _about(self, cluster: Cluster, lines: Sequence[Asked]) -> dict[str, str]:
        teaching = [line for line in lines if line.use is Use.WORDING]
        typical = [line for line in teaching if same(line.text) == same(mask(cluster.text))]
        first = next(iter([*typical, *teaching]), None)
        topic = next(iter(cluster.topics.most_common(1)), ("", 0))[0]
        blank = dict.fromkeys(ABOUT, "")
        return blank | {"question": first.text[:MAX_QUESTION] if first else "", "topic": topic, "level": "other"}

    async def _page(
        self, request: web.Request, cluster: Cluster, mode: str, entry: Entry | None, typed: Typed, status: int = 200
    ) -> web.Response:
        t, query = self._console.words(request), request.query.get("q", "")[:200]
        deeds = await asyncio.to_thread(self._room.deeds.of, cluster.id, 1)
        found = await asyncio.to_thread(self._catalogue.list, query, limit=OFFERED) if mode == "extend" else None
        return self._console.page(
            request,
            "gaps/decide.html",
            status,
            active="faq",
            cluster=cluster,
            mode=mode,
            entry={"entry": entry.entry, "question": entry.head.text("de").question} if entry else None,
            typed=typed,
            lines=[(line, _key(line), language_of(line) in _taught(mode, entry)) for line in typed.lines],
            query=query,
            found=[(one.entry, one.head.text("de").question or one.entry) for one in found.states] if found else [],
            topics=topics(self._console, t),
            levels=LEVELS,
            limit=MAX_QUESTION,
            seen=deeds[0].id if deeds else 0,
        )


def _head(entry: Entry | None) -> str:
    return entry.head.id if entry else ""


def _key(line: Asked) -> str:
    """Names a wording in the form: the oldest question in which it stands, whoever asks it meanwhile."""
    return line.facts[-1]


def _taught(mode: str, entry: Entry | None) -> Collection[str]:
    """The languages in which wordings can be added: those of the entry; a new one begins in German."""
    if mode == "foreign":
        return ()
    return {"de"} if entry is None else entry.head.texts.keys() & set(LANGUAGES)


def _typed(lines: Sequence[Asked], posted: Mapping[str, Any], languages: Collection[str]) -> Sequence[Asked]:
    """The lines as they were posted: words corrected, parts chosen. What came since the page was shown is left out, and
    no wording is taught in a language that is not there."""
    found = []
    for line in lines:
        text, use = posted.get(f"text.{_key(line)}"), posted.get(f"use.{_key(line)}", "")
        if isinstance(text, str):
            may_be = (Use.WORDING, Use.TRIAL) if language_of(line) in languages else (Use.TRIAL,)
            chosen = Use(str(use)) if str(use) in may_be else Use.NONE
            found.append(replace(line, text=mask(" ".join(text.split())), use=chosen))
    return found


def _of(lines: Sequence[Asked], use: Use) -> list[Asked]:
    return [line for line in lines if line.use is use]


def _wrong(mode: str, entry: Entry | None, typed: Typed, checked: bool) -> dict[str, str]:
    """What keeps it from being done: a text's key by field."""
    wrong: dict[str, str] = {}
    used = [line for line in typed.lines if line.use is not Use.NONE]
    for line in used:
        if not line.text or len(line.text) > MAX_QUESTION:
            wrong[f"text.{_key(line)}"] = "gaps.wrong.long" if line.text else "gaps.wrong.empty"
    teaching = {same(line.text) for line in _of(typed.lines, Use.WORDING)}
    if mode in ("draft", "elsewhere"):
        question = typed.about["question"]
        if not question or len(question) > MAX_QUESTION:
            wrong["question"] = "gaps.wrong.long" if question else "gaps.wrong.empty"
        teaching.add(same(question))
    elif (mode == "extend" and entry and not teaching) or (mode == "foreign" and not used):
        wrong["lines"] = "gaps.wrong.none"
    if entry:
        teaching |= {same(w) for text in entry.head.texts.values() for w in (text.question, *text.variants)}
    for line in _of(typed.lines, Use.TRIAL):
        if same(line.text) in teaching and mode != "foreign":
            wrong.setdefault(f"text.{_key(line)}", "gaps.wrong.leak")
    if mode == "elsewhere" and not typed.about["office"]:
        wrong["office"] = "gaps.wrong.empty"
    if mode == "elsewhere" and typed.about["level"] not in LEVELS:
        wrong["level"] = "gaps.wrong.empty"
    if not checked:
        wrong["checked"] = "gaps.wrong.unchecked"
    return wrong


def _extended(content: Content, lines: Sequence[Asked]) -> Content:
    """With these wordings more, each in the text of its language."""
    texts = dict(content.texts)
    known = {same(w) for text in texts.values() for w in (text.question, *text.variants)}
    for line in lines:
        code = language_of(line)
        if same(line.text) not in known:
            texts[code] = replace(texts[code], variants=(*texts[code].variants, line.text))
            known.add(same(line.text))
    return replace(content, texts=texts)
