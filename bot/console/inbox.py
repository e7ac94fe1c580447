"""The inbox: what waits, one conversation with what the bot understood. Verbs are in bot.console.verbs."""

import asyncio
import contextlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from bot.console.accounts import ANSWERING
from bot.console.approved import templates
from bot.console.attachments import offered
from bot.console.console import Console
from bot.console.filters import Filters
from bot.console.identity import WHO, Who
from bot.console.inbox_view import GROUPS, best, is_late, row, transcript, undelivered, understood
from bot.console.intake_view import fields
from bot.console.lists import Lists
from bot.console.pages import HAVE, LIVE, LOOK, PART, is_live
from bot.console.passing import targets, undoable
from bot.console.roster import LOOKS
from bot.console.rows import Rows, Sent, Viewer, matching
from bot.console.session import ROOT
from bot.console.summaries import Summary
from bot.console.words import Words
from bot.conversation import Conversation, NotNow, Outcome, Status
from bot.handoff.canned import ready
from bot.handoff.desk import Opened
from bot.render import plain
from bot.route import Access, Route
from bot.store.presence import Doing
from faq.entry import Revision

LONGEST = 4000  # characters of a reply


@dataclass(frozen=True, slots=True)
class Draft:
    """What stands in the forms of the page: kept when a verb is refused. `failed` is the verb it stands beside."""

    text: str = ""
    note: str = ""
    failed: str = ""
    why: str = ""
    to: str = ""  # of a transfer: "team:…" or "clerk:…"
    passing_note: str = ""
    form: Mapping[str, str] = field(default_factory=dict)  # of a template
    anyway: bool = False  # it may be put into the queue of a team of which nobody is here


class Inbox:
    """Handlers."""

    def __init__(self, console: Console, lists: Lists) -> None:
        self._console, self._desk = console, console.core.desk
        self._lists, self._rows, self._sent = lists, Rows(), Sent()
        self._releases: dict[str, int] = {}

    def routes(self) -> list[Route]:
        """The routes with their policies."""
        return [
            Route("GET", f"{ROOT}/inbox", self.index, Access.CLERK),
            Route("GET", f"{ROOT}/inbox/{{conversation}}", self.conversation, Access.CLERK),
        ]

    async def index(self, request: web.Request) -> web.Response:
        """The list alone."""
        return await self.show(request, None)

    async def conversation(self, request: web.Request) -> web.Response:
        """The list and one conversation; looking at one's own is a sign of life.

        `?insert=` fills in an answer, `?again=` what did not arrive.
        """
        who = request[WHO]
        ident = request.match_info["conversation"]
        if _part(request) == "list":
            return await self.show(request, None)
        opened = await self.open(request, ident)
        mine = opened.conversation.status is Status.ASSIGNED and opened.conversation.owner == who.account.name
        if request.headers.get(LIVE) != LOOK:
            await self._looks(who, opened.conversation)
        if mine and request.headers.get(LIVE) != LOOK:
            with contextlib.suppress(NotNow):  # it went elsewhere while we looked
                await self._desk.seen(who.clerk, ident, looked=True)
            opened = await self.open(request, ident)
        draft = Draft()
        if entry := request.query.get("insert", ""):
            draft = Draft(text=await self.answer_text(opened, entry))
        elif line := request.query.get("again", ""):
            draft = Draft(text=undelivered(opened, line) if mine else "")
        return await self.show(request, opened, draft)

    async def _looks(self, who: Who, c: Conversation) -> None:
        if who.account.role in ANSWERING:
            now = self._console.now()
            await self._console.core.store.attend(c.id, who.account.name, Doing.LOOKING, now + LOOKS, now)

    async def open(self, request: web.Request, conversation: str) -> Opened:
        """Raises 404 for what is unknown or another team's."""
        try:
            return await self._desk.open(request[WHO].clerk, conversation)
        except (KeyError, ValueError):
            # ValueError: not even the shape of an id of ours.
            raise web.HTTPNotFound from None

    async def show(
        self, request: web.Request, opened: Opened | None, draft: Draft = Draft(), status: int = 200
    ) -> web.Response:
        """The page, or to our script its changing parts alone."""
        part = _part(request)
        alone = "conversation" not in request.match_info
        context: dict[str, Any] = {"part": part, "alone": alone, "did": None}
        if part != "talk":
            context |= await self._list(request, opened.conversation.id if opened else "")
        if part != "list":
            context |= await self._opened(request, opened, draft)
        if part != "list" or alone:
            context |= await self._did(request, opened)
        if is_live(request):
            return self._console.page(request, "inbox/fragments.html", status, **context)
        return self._console.page(request, "inbox/page.html", status, active="inbox", **context)

    async def _did(self, request: web.Request, opened: Opened | None) -> dict[str, Any]:
        """The clerk's own last verb on the open conversation, or on the one that it took out of their sight."""
        who, t = request[WHO], self._console.words(request)
        asked = opened.conversation.id if opened else request.query.get("did", "")
        return {"did": await undoable(self._console, who.clerk, asked, t)}

    async def answer_text(self, opened: Opened, entry: str) -> str:
        """An offered entry's answer as plain words in the citizen's language, "" when it was not offered."""
        if entry not in {m["entry"] for m in best(opened.lines)}:
            return ""
        live = await self.live(entry)
        return self._plain(live, opened.conversation) if live else ""

    async def live(self, entry: str) -> Revision | None:
        """The revision of an entry that answers now."""
        state = await asyncio.to_thread(self._console.core.catalogue.get, entry)
        return state.live if state else None

    # --- the list ------------------------------------------------------------------------------------------

    async def _list(self, request: web.Request, current: str) -> dict[str, Any]:
        """`current`: the open conversation. A script marks it by itself: then all get the same rows."""
        who, live = request[WHO], is_live(request)
        t, town = self._console.words(request), self._console.core.town
        listed = await self._lists.of(who.clerk)
        user, filters, every, said = who.account.name, Filters.of(request.query), listed.every, listed.summaries
        may_open = who.account.role in ANSWERING
        viewer = Viewer(user, t, town, listed.names, filters.suffix, may_open, "" if live else current)
        fitting = [c for c in every if filters.fits(c, user)]
        items = [self._rows.of(c, said[c.id], viewer) for c in fitting]
        if filters.q:
            items = matching(items, filters.q)
        had, tag = request.headers.get(HAVE, "") if live else "", self._sent.tag(items, t.language, filters.suffix)
        groups = {name: [item for item in items if item.row.group == name] for name in GROUPS}
        waiting = [c for c in listed.queue if c.status is Status.WAITING]
        return {
            "tag": tag,
            "unchanged": had == tag,
            "groups": [(name, len(some), self._sent.rows(some, had)) for name, some in groups.items()],
            "filters": filters,
            "choices": filters.choices(every, user, town, t),
            "whose": filters.counts(every, user),
            "mine_ids": [c.id for c in listed.queue if c.status is Status.ASSIGNED and c.owner == user],
            "unseen": len(waiting) - len(groups["waiting"]),
            "news": sum(c.owner == user and c.is_open and (said[c.id].unanswered or c.unseen) for c in listed.queue),
            "waiting": listed.waiting,
            "late": sum(is_late(c, t.now) for c in waiting),
            "calls": sum(c.callback is not None and c.callback.is_due(t.now) for c in listed.queue),
            "oldest": min((c.waiting_since for c in waiting if c.waiting_since), default=None),
            "may_open": may_open,
            "nothing": not items,
            "lease": self._console.core.settings.lease_seconds,
        }

    # --- one conversation ----------------------------------------------------------------------------------

    async def _opened(self, request: web.Request, opened: Opened | None, draft: Draft) -> dict[str, Any]:
        if opened is None:
            may_open = request[WHO].account.role in ANSWERING
            return {"c": None, "draft": draft, "may_open": may_open, "filters": Filters.of(request.query)}
        who = request[WHO]
        t, core, c = self._console.words(request), self._console.core, opened.conversation
        mine = c.status is Status.ASSIGNED and c.owner == who.account.name
        may_pass = mine or c.status is Status.WAITING or (c.is_open and who.clerk.leads)
        names = await self._console.names()
        numbers = await self._numbers(opened)
        said = transcript(opened, mine, t, core.town, who.account.name, numbers)
        team, window = core.town.teams.get(c.team), self._window(c, t)
        return {
            "c": c,
            "row": row(c, who.account.name, Summary(), t, core.town, names),
            "mine": mine,
            "may_pass": may_pass,
            "owner": names.get(c.owner, c.owner),
            "said": said,
            "fields": fields(opened, said, t, core.town),
            "draft": draft,
            "once": secrets.token_hex(6),
            "team": team.name if team else "",
            "passing": await targets(self._console, c, who.clerk, t) if may_pass else {},
            "outcomes": list(Outcome),
            "others": await self._console.others(c.id, who.account.name),
            "canned": ready(core.town, c, who.clerk.name) if mine else [],
            "window": window,
            "templates": templates(self._console, c, who.clerk.name) if mine and window["left"] == 0 else [],
            "attach": offered(self._console, c, t) if mine else None,
            "longest": LONGEST,
            "may_open": who.account.role in ANSWERING,
            "filters": Filters.of(request.query),
            "meant": self._meant(opened, t),
            "matches": await self._matches(opened, t),
            "about": self._about(c, t),
        }

    async def _numbers(self, opened: Opened) -> Mapping[str, int]:
        """What people call the releases by which the bot answered here."""
        unknown = {line.release for line in opened.lines if line.release} - self._releases.keys()
        if unknown:
            self._releases |= await asyncio.to_thread(self._console.core.releases.numbers, unknown)
        return self._releases

    def window(self, c: Conversation) -> float | None:
        """Seconds in which this messenger still lets us write freely, 0.0 when they are over; None: it always does."""
        channel = self._console.core.channels.get(c.channel)
        if channel is None or channel.limits.window is None or c.last_citizen is None:
            return None
        return max(0.0, channel.limits.window - (self._console.now() - c.last_citizen).total_seconds())

    def _window(self, c: Conversation, t: Words) -> dict[str, Any]:
        """The same for the composer: `left` whole seconds, None where nothing is counted; `said` in words."""
        if c.channel not in self._console.core.channels:
            return {"left": None, "said": t("window.off")}
        left = self.window(c)
        if left is None:
            return {"left": None, "said": ""}
        return {"left": int(left), "said": t("window.left", span=t.span(left)) if left else t("window.closed")}

    def _meant(self, opened: Opened, t: Words) -> dict[str, Any] | None:
        u: Mapping[str, Any] = understood(opened.lines)
        if not u:
            return None
        return {
            "intent": t.maybe(f"intent.{u.get('intent')}", str(u.get("intent"))),
            "confidence": t.percent(float(u.get("confidence", 0))),
            "language": t.maybe(f"language.{u.get('language')}", str(u.get("language", ""))),
            "source": t.maybe(f"understood_by.{u.get('source')}", ""),
            "entities": [
                (t.maybe(f"entity.{e.get('kind')}", str(e.get("kind"))), str(e.get("value")))
                for e in u.get("entities", ())
            ],
        }

    async def _matches(self, opened: Opened, t: Words) -> list[dict[str, Any]]:
        found = []
        for match in best(opened.lines)[:3]:
            live = await self.live(str(match["entry"]))
            language = opened.conversation.language
            found.append(
                {
                    "entry": match["entry"],
                    "title": live.text(language).question if live else match.get("title", ""),
                    "score": t.percent(float(match.get("score", 0))),
                    "why": signals(match.get("why") or {}, t),
                    "live": live is not None,
                    "text": self._plain(live, opened.conversation) if live else "",
                }
            )
        return found

    def _plain(self, revision: Revision, c: Conversation) -> str:
        return plain(self._console.core.phrasebook.answer(revision, c.language or "de"))

    def _about(self, c: Conversation, t: Words) -> dict[str, Any]:
        """Topic and office, with the office's hours of today."""
        town, calendar = self._console.core.town, self._console.core.calendar
        topic = town.topics.get(c.topic)
        team = town.teams.get(c.team)
        office = town.offices.get(topic.office if topic else team.office if team else "")
        opens = ""
        if office:
            until, coming = calendar.open_until(office, t.now), calendar.next_open(office, t.now)
            if until:
                opens = t("office.open", until=t.clock(until))
            elif coming:
                opens = t("office.closed", opens=t.coming(coming))
        name = topic.named(t.language) if topic else ""
        return {"topic": name, "office": office, "opens": opens}


def _part(request: web.Request) -> str:
    return request.headers.get(PART, "") if is_live(request) else ""


def signals(why: Mapping[str, float], t: Words) -> list[tuple[str, str]]:
    """Each signal's share in words, the largest first."""
    ordered = sorted(why.items(), key=lambda pair: -pair[1])
    return [(t.maybe(f"signal.{name}", name), t.percent(share)) for name, share in ordered if share >= 0.005]
