"""What a clerk does with a conversation: each verb is a form that works without script, and one event at the desk."""

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from bot.console.approved import send_template
from bot.console.console import Console, epoch_of, field
from bot.console.filters import Filters
from bot.console.identity import WHO
from bot.console.inbox import LONGEST, Draft, Inbox
from bot.console.inbox_view import best
from bot.console.pages import is_live
from bot.console.passing import ANYWAY, passed_on, refusal
from bot.console.session import ROOT
from bot.conversation import NotNow, Outcome
from bot.handoff.canned import unfilled
from bot.handoff.desk import Clerk
from bot.route import Access, Route

Verb = Callable[[web.Request, Clerk, str], Awaitable[object]]
QUIET = frozenset({"seen"})  # signs of life are no deeds
SPEAKING = frozenset({"reply", "send", "file"})
"""Verbs that say something to the citizen in own words: only while the messenger's window is open."""


class Verbs:
    """Handlers, one a verb."""

    def __init__(self, console: Console, inbox: Inbox, more: Mapping[str, Verb], sizes: Mapping[str, int]) -> None:
        """`more`: verbs from elsewhere; `sizes`: bytes of a verb's form, where that is large."""
        self._sizes = sizes
        self._console, self._inbox, self._desk = console, inbox, console.core.desk
        self._verbs: Mapping[str, Verb] = {
            "claim": lambda request, clerk, c: self._desk.claim(clerk, c),
            "release": lambda request, clerk, c: self._desk.release(clerk, c),
            "transfer": self._transfer,
            "undo": self._undo,
            "withdraw": self._withdraw,
            "back": lambda request, clerk, c: self._desk.hand_back(clerk, c),
            "resolve": self._resolve,
            "reopen": lambda request, clerk, c: self._desk.reopen(clerk, c),
            "note": self._note,
            "reply": self._reply,
            "send": self._send,
            "template": self._template,
            "seen": lambda request, clerk, c: self._desk.seen(clerk, c),
            **more,
        }

    def routes(self) -> list[Route]:
        """The routes with their policies."""
        return [
            Route(
                "POST",
                f"{ROOT}/inbox/{{conversation}}/{name}",
                self._handler(name, verb),
                Access.CLERK,
                self._sizes.get(name, 0),
            )
            for name, verb in self._verbs.items()
        ]

    def _handler(self, name: str, verb: Verb) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handler(request: web.Request) -> web.StreamResponse:
            who = request[WHO]
            conversation = request.match_info["conversation"]
            try:
                if name in SPEAKING and self._inbox.window(await self._desk.look(who.clerk, conversation)) == 0.0:
                    raise NotNow("window.closed")
                await verb(request, who.clerk, conversation)
            except NotNow as error:
                return await self._refused(request, name, error)
            except (KeyError, ValueError):
                raise web.HTTPNotFound from None
            if name not in QUIET:
                await self._console.audit.record(who.account.name, name, conversation)
            return await self._done(request, conversation)

        return handler

    async def _done(self, request: web.Request, conversation: str) -> web.StreamResponse:
        """On to the conversation, or to the list when it is now another team's: there it can be undone."""
        filters = Filters.of(request.query)
        url = f"{ROOT}/inbox/{conversation}{filters.suffix}"
        try:
            await self._desk.open(request[WHO].clerk, conversation)
        except KeyError:
            url = f"{ROOT}/inbox?did={conversation}{filters.more}"
        if is_live(request):
            return web.json_response({"next": url})
        raise web.HTTPSeeOther(url)

    async def _refused(self, request: web.Request, verb: str, error: NotNow) -> web.StreamResponse:
        """In words, beside the verb; what was typed stays."""
        said = refusal(error, self._console.words(request))
        anyway = error.why in ANYWAY
        if is_live(request):
            return web.json_response({"why": said, "anyway": anyway}, status=409)
        typed = await field(request, "text")
        draft = Draft("" if verb == "note" else typed, typed if verb == "note" else "", verb, said)
        if verb == "transfer":
            draft = Draft(failed=verb, why=said, to=await field(request, "to"), passing_note=typed, anyway=anyway)
        if verb == "template":
            form = {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
            draft = Draft(failed=verb, why=said, form=form)
        opened = await self._inbox.open(request, request.match_info["conversation"])
        return await self._inbox.show(request, opened, draft, 409)

    # --- verbs with words ----------------------------------------------------------------------------------

    async def _transfer(self, request: web.Request, clerk: Clerk, conversation: str) -> object:
        return await passed_on(self._console, request, clerk, conversation)

    async def _undo(self, request: web.Request, clerk: Clerk, conversation: str) -> object:
        return await self._desk.undo(clerk, conversation, await field(request, "verb"))

    async def _withdraw(self, request: web.Request, clerk: Clerk, conversation: str) -> object:
        return await self._desk.withdraw_note(clerk, conversation, await field(request, "line"))

    async def _resolve(self, request: web.Request, clerk: Clerk, conversation: str) -> object:
        outcome = await field(request, "outcome") or Outcome.ANSWERED
        if outcome not in set(Outcome):
            raise NotNow("no.outcome")
        return await self._desk.resolve(clerk, conversation, Outcome(outcome))

    async def _note(self, request: web.Request, clerk: Clerk, conversation: str) -> object:
        return await self._desk.note(clerk, conversation, _typed(await field(request, "text")))

    async def _reply(self, request: web.Request, clerk: Clerk, conversation: str) -> object:
        text, epoch = _typed(await field(request, "text")), await epoch_of(request)
        once = await field(request, "once")
        if place := unfilled(text):
            raise NotNow("open.place", place=place)
        return await self._desk.write(clerk, conversation, text, epoch=epoch, once=once)

    async def _template(self, request: web.Request, clerk: Clerk, conversation: str) -> object:
        return await send_template(self._console, request, clerk, conversation, await epoch_of(request))

    async def _send(self, request: web.Request, clerk: Clerk, conversation: str) -> object:
        """An offered answer as it stands today, which may be newer than what the bot found."""
        opened = await self._desk.open(clerk, conversation)
        entry, epoch = await field(request, "entry"), await epoch_of(request)
        if entry not in {m["entry"] for m in best(opened.lines)}:
            raise NotNow("not.offered")
        live = await self._inbox.live(entry)
        if live is None:
            raise NotNow("not.published")
        return await self._desk.write(clerk, conversation, "", live.id, epoch, await field(request, "once"))


def _typed(text: str) -> str:
    text = text.strip()
    if not text:
        raise NotNow("empty.reply")
    if len(text) > LONGEST:
        raise NotNow("long.reply")
    return text
