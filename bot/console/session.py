"""Who may do what: every route of the web edge passes here, and one without a policy serves nobody.

Pages of the console need a session (cookie), what changes something also the session's token and an origin of
ours. The answer to somebody who may not is the same whether the thing exists or not.
"""

import hashlib
import hmac
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from aiohttp import web
from aiohttp.typedefs import Middleware

from bot.console.accounts import ANSWERING, Role
from bot.console.identity import WHO, Identity
from bot.console.pages import LIVE, LOOK, is_live, page, secure
from bot.console.words import LANGUAGES, Words
from bot.route import Access, Handler
from bot.store.protocol import StoreUnavailable
from faq.town.sections import SECTIONS

log = logging.getLogger(__name__)
Policies = Mapping[tuple[str, str], Access]
ROOT = "/console"
TOKEN_FIELD, TOKEN_HEADER = "csrf", "X-CSRF-Token"

MAY: Mapping[Access, frozenset[Role]] = {
    Access.SIGNED_IN: frozenset(Role),
    Access.CLERK: ANSWERING,
    Access.LEAD: frozenset({Role.LEAD, Role.ADMIN}),
    Access.EDITOR: frozenset({Role.EDITOR, Role.ADMIN}),
    Access.FIGURES: frozenset({Role.LEAD, Role.EDITOR, Role.ADMIN, Role.AUDITOR}),
    Access.ADMIN: frozenset({Role.ADMIN}),
}
AUDITOR_READS = frozenset(
    ROOT + path
    for path in (
        *("/inbox", "/events", "/audit", "/settings"),
        *("/faq", "/faq/examples", "/faq/entries/{entry}", "/faq/entries/{entry}/{revision}"),
        *("/faq/gaps", "/faq/gaps/{cluster}"),
        "/faq/entries/{entry}/compare",
        *("/faq/releases", "/faq/releases/{number}", "/faq/releases/{a}/diff/{b}", "/faq/trials"),
        *("/faq/lint", "/faq/lint/beside"),
        *(f"/settings/{section}{former}" for section in SECTIONS for former in ("", "/{number}")),
    )
)
"""What an auditor may GET besides: lists, the corpus and the settings, never a conversation's words."""


class Gate:
    """Checks requests. `zone` is the town's."""

    def __init__(
        self, identity: Identity, policies: Policies, zone: ZoneInfo, sizes: Mapping[tuple[str, str], int]
    ) -> None:
        """`sizes`: bytes of a body, for the routes that take more than others."""
        self._identity, self._policies, self._zone, self._sizes = identity, policies, zone, sizes
        self._has_console = any(path == ROOT for _, path in policies)  # it may have a listener of its own

    def check(self, app: web.Application) -> None:
        """Refuse to start with a route that has no policy."""
        for route in app.router.routes():
            resource = route.resource
            if resource is None or (route.method, resource.canonical) not in self._policies:
                where = resource.canonical if resource else "?"
                raise RuntimeError(f"the route {route.method} {where} has no policy; give its Route an Access")

    async def handle(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """The middleware."""
        resource = request.match_info.route.resource
        path = resource.canonical if resource else request.path
        in_console = self._has_console and (path == ROOT or path.startswith(ROOT + "/"))
        if request.match_info.http_exception is not None:  # no such path, or not with this method
            return await (self._answered(request, handler) if in_console else handler(request))
        access = self._policies.get((request.method, path))
        if access is None:
            log.error("a route without a policy", extra={"path": path})
            return web.Response(status=500)
        if not in_console and access is Access.PUBLIC:
            return await handler(request)

        if size := self._sizes.get((request.method, path), 0):
            request = request.clone(client_max_size=size)

        async def guarded(request: web.Request) -> web.StreamResponse:
            await self.guard(request, access)
            return await handler(request)

        return await self._answered(request, guarded)

    async def guard(self, request: web.Request, access: Access) -> None:
        """Let it pass, with request[WHO] set, or raise the HTTP error or redirect that answers it."""
        if access is Access.PUBLIC:
            return
        who = await self._identity.of(request, used=request.headers.get(LIVE) != LOOK)
        if who is None:
            raise _sign_in(request)
        request[WHO] = who
        if not _allowed(who.account.role, access, request):
            raise web.HTTPForbidden
        if request.method not in ("GET", "HEAD"):
            await self._check_origin_and_token(request, who.session.csrf)

    async def _check_origin_and_token(self, request: web.Request, token: str) -> None:
        if not from_here(request, self._identity.origin):
            raise web.HTTPForbidden
        sent = request.headers.get(TOKEN_HEADER, "") or str((await request.post()).get(TOKEN_FIELD, ""))
        if not hmac.compare_digest(sent.encode(), token.encode()):
            raise web.HTTPForbidden

    async def _answered(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """The handler's answer; errors become pages that say what next."""
        try:
            response = await handler(request)
        except web.HTTPException as error:
            if error.status < 400:
                secure(error.headers)
                raise
            response = self._trouble(request, error.status)
            if "Allow" in error.headers:
                response.headers["Allow"] = error.headers["Allow"]
        except StoreUnavailable:
            log.warning("the store is away", extra={"path": request.path})
            response = self._trouble(request, 503)
            response.headers["Retry-After"] = "5"
        except Exception:
            log.exception("a page of the console failed")
            response = self._trouble(request, 500)
        if not response.prepared:
            secure(response.headers)
        return response

    def _trouble(self, request: web.Request, status: int) -> web.Response:
        words = self.words(request)
        said = words.maybe(f"trouble.{status}", words("trouble.other"))
        if is_live(request):
            return web.json_response({"why": said}, status=status)
        return page("trouble.html", words, status, said=said, code=status, who=request.get(WHO), active="")

    def words(self, request: web.Request) -> Words:
        """In the language of the account, else of the browser."""
        return words_for(request, self._zone, datetime.now(UTC))


def middleware(gate: Gate) -> Middleware:
    """For aiohttp's list."""

    @web.middleware
    async def console(request: web.Request, handler: Handler) -> web.StreamResponse:
        return await gate.handle(request, handler)

    return console


def words_for(request: web.Request, zone: ZoneInfo, now: datetime) -> Words:
    """The account's language; before sign-in ?lang=, else what the browser prefers."""
    who = request.get(WHO)
    if who:
        return Words(who.account.language, zone, now)
    asked = [request.query.get("lang", "")]
    asked += [part.strip()[:2].casefold() for part in request.headers.get("Accept-Language", "").split(",")]
    return Words(next((code for code in asked if code in LANGUAGES), LANGUAGES[0]), zone, now)


def from_here(request: web.Request, origin: str) -> bool:
    """Does the browser say that one of our own pages sent this? What says nothing has the token to show."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site not in ("same-origin", "none"):
        return False
    sent = request.headers.get("Origin")
    return sent is None or sent.casefold() == origin or urlsplit(sent).netloc.casefold() == request.host.casefold()


def form_token(secret: bytes, seed: str) -> str:
    """The token of a form before sign-in, where no session can hold one: bound to a cookie."""
    return hmac.new(secret, b"console-form\0" + seed.encode(), hashlib.sha256).hexdigest()


def safe(after: str) -> str:
    """A path of the console and nothing else: whoever makes the link must not choose where people land."""
    ours = after.startswith(ROOT) and after[len(ROOT) : len(ROOT) + 1] in ("", "/", "?")
    clean = after.isprintable() and "\\" not in after and "//" not in after.partition("?")[0]
    return after if ours and clean else ROOT


def _allowed(role: Role, access: Access, request: web.Request) -> bool:
    if role in MAY[access]:
        return True
    resource = request.match_info.route.resource
    reads = request.method in ("GET", "HEAD") and resource is not None and resource.canonical in AUDITOR_READS
    return role is Role.AUDITOR and reads


def _sign_in(request: web.Request) -> web.HTTPException:
    resource = request.match_info.route.resource
    streams = resource is not None and resource.canonical == ROOT + "/events"
    if request.method != "GET" or is_live(request) or streams:
        return web.HTTPUnauthorized()
    return web.HTTPSeeOther(f"{ROOT}/login?next={quote(request.path_qs, safe='/')}")
