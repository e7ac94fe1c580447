"""The console's surface for the web edge: its routes, and the guard over all routes."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from aiohttp import web

from bot.ask import AskClient
from bot.bare import covered
from bot.composition import Core
from bot.console import static
from bot.console.accounts import Accounts, Role
from bot.console.ask_page import AskPage
from bot.console.attachments import Attachments
from bot.console.attempts import Attempts
from bot.console.audit import Audit
from bot.console.callbacks import Callbacks
from bot.console.composer import Composer
from bot.console.console import Console
from bot.console.examples.pages import ExamplesPage
from bot.console.exporting import Exporting
from bot.console.faq import Faq
from bot.console.faq_bulk import FaqBulk
from bot.console.faq_history import FaqHistory
from bot.console.faq_list import FaqList
from bot.console.faq_typed import FaqTyped
from bot.console.gaps.pages import GapPages
from bot.console.hub import Hub
from bot.console.identity import WHO, Identity
from bot.console.importing import Importing
from bot.console.inbox import Inbox
from bot.console.lint_page import LintPage
from bot.console.lists import Lists
from bot.console.live import Events
from bot.console.numbers import NumbersPage
from bot.console.presence import Presences
from bot.console.releases.pages import ReleasePages
from bot.console.releases.verbs import ReleaseVerbs
from bot.console.search import Search
from bot.console.session import ROOT, Gate, middleware
from bot.console.sessions import Sessions
from bot.console.settings.pages import Overview
from bot.console.signin import SignIn
from bot.console.suggest import Suggest
from bot.console.team import TeamPage
from bot.console.trials import TrialPages
from bot.console.verbs import Verbs
from bot.peer import Proxies
from bot.route import Access, Route


def routes(core: Core, redis: Any, ask: AskClient, hub: Hub | None = None) -> list[Route]:
    """Every route of the console with its policy. `redis` keeps sessions and attempts; `hub` feeds its streams."""
    database = core.catalogue.engine  # one pool of connections a process
    accounts, sessions = Accounts(database), Sessions(redis)
    identity = _identity(core, accounts, sessions)
    proxies, audit = Proxies(core.settings.trusted_proxies), Audit(database, core.turns.now)
    console = Console(core, accounts, sessions, identity, Attempts(redis), audit, ask, proxies)
    lists = Lists(console)
    inbox, files = Inbox(console, lists), static.load()
    attachments, faq, releases = Attachments(console), Faq(console), ReleasePages(console, redis)

    async def home(request: web.Request) -> web.Response:
        who = request[WHO]
        raise web.HTTPSeeOther(f"{ROOT}/faq" if who.account.role is Role.EDITOR else f"{ROOT}/inbox")

    async def audited(request: web.Request) -> web.Response:
        deeds, names = await console.audit.latest(), await console.names()
        return console.page(request, "audit.html", active="audit", deeds=deeds, names=names)

    return [
        Route("GET", ROOT, home, Access.SIGNED_IN),
        Route("GET", f"{ROOT}/static/{{hash}}/{{name}}", files.serve, Access.PUBLIC),
        Route("GET", f"{ROOT}/audit", audited, Access.ADMIN),
        *SignIn(console).routes(),
        *inbox.routes(),
        *Composer(console, inbox).routes(),
        *Search(console).routes(),
        *Verbs(console, inbox, attachments.verbs, {"file": attachments.largest}).routes(),
        *attachments.routes(),
        *Presences(console).routes(),
        *Events(console, hub or Hub(core.store), lists).routes(),
        *TeamPage(console).routes(),
        *Suggest(console).routes(),
        *Callbacks(console).routes(),
        *FaqList(console).routes(),
        *FaqBulk(console).routes(),
        *faq.routes(),
        *FaqTyped(console, faq).routes(),
        *FaqHistory(console, faq).routes(),
        *releases.routes(),
        *ReleaseVerbs(releases).routes(),
        *TrialPages(console).routes(),
        *Importing(console).routes(),
        *LintPage(console).routes(),
        *Exporting(console).routes(),
        *ExamplesPage(console, redis).routes(),
        *GapPages(console).routes(),
        *AskPage(console).routes(),
        *NumbersPage(console).routes(),
        *Overview(console).routes(),
    ]


def guard(app: web.Application, core: Core, redis: Any, every: Sequence[Route]) -> None:
    """Let every route of the application be judged by its policy; one without a policy refuses the start. And no
    answer leaves without the headers that all have."""
    policies = {(route.method, route.path): route.access for route in every}
    identity = _identity(core, Accounts(core.catalogue.engine), Sessions(redis))
    sizes = {(route.method, route.path): route.largest for route in every if route.largest}
    gate = Gate(identity, policies, core.zone, sizes)
    gate.check(app)
    app.middlewares.append(middleware(gate))
    app.on_response_prepare.append(covered)


def _identity(core: Core, accounts: Accounts, sessions: Sessions) -> Identity:
    idle = timedelta(minutes=core.settings.idle_minutes)
    return Identity(accounts, sessions, core.settings.console_base_url, core.store, core.turns.now, idle)
