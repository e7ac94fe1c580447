"""Sign in, sign out, one's own account."""

import asyncio
import hmac
import math
import secrets

from aiohttp import web

from bot.console.accounts import AccountError, normal
from bot.console.console import Console, field
from bot.console.identity import WHO
from bot.console.pages import page
from bot.console.session import ROOT, TOKEN_FIELD, form_token, from_here, safe
from bot.route import Access, Route

PARALLEL = 2  # verifications at once: argon2 takes 64 MiB each


class SignIn:
    """Handlers."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._busy = asyncio.Semaphore(PARALLEL)

    def routes(self) -> list[Route]:
        """The routes with their policies."""
        return [
            Route("GET", f"{ROOT}/login", self.form, Access.PUBLIC),
            Route("POST", f"{ROOT}/login", self.sign_in, Access.PUBLIC),
            Route("POST", f"{ROOT}/logout", self.sign_out, Access.SIGNED_IN),
            Route("GET", f"{ROOT}/account", self.account, Access.SIGNED_IN),
            Route("POST", f"{ROOT}/account/password", self.password, Access.SIGNED_IN),
            Route("POST", f"{ROOT}/account/language", self.language, Access.SIGNED_IN),
        ]

    async def form(self, request: web.Request) -> web.Response:
        """The sign-in page."""
        return self._form(request, request.query.get("next", ""))

    async def sign_in(self, request: web.Request) -> web.Response:
        """Name and password; the same answer whichever is wrong."""
        console = self._console
        after, typed = await field(request, "next"), await field(request, "name")
        if not await self._is_our_form(request):
            return self._form(request, after, typed, "signin.expired", 403)
        name, address = normal(typed), console.proxies.of(request)
        wait = await console.attempts.admit(name, address)
        if wait:
            return self._form(request, after, typed, "signin.wait", 429, math.ceil(wait))
        async with self._busy:
            account = await asyncio.to_thread(console.accounts.verify, name, await field(request, "password"))
        if account is None:
            known = await asyncio.to_thread(console.accounts.get, name)
            # What was typed may be a password in the wrong field: only names of accounts are written down.
            await console.audit.record("", "signin_failed", known.name if known else "")
            return self._form(request, after, typed, "signin.wrong", 401)
        await console.attempts.succeeded(name, address)
        await console.sessions.end(console.identity.ident(request))
        ident, _ = await console.sessions.start(account.name, account.generation)
        await console.audit.record(account.name, "signin")
        response = web.HTTPSeeOther(safe(after))
        self._set_cookie(response, console.identity.cookie, ident)
        response.del_cookie(self._form_cookie, path="/")
        raise response

    async def sign_out(self, request: web.Request) -> web.Response:
        """End this session."""
        who = request[WHO]
        await self._console.sessions.end(self._console.identity.ident(request))
        await self._console.audit.record(who.account.name, "signout")
        response = web.HTTPSeeOther(f"{ROOT}/login")
        identity = self._console.identity
        response.del_cookie(identity.cookie, path="/", secure=identity.is_https, httponly=True)
        raise response

    async def account(self, request: web.Request) -> web.Response:
        """One's own account."""
        return self._account(request, done=request.query.get("done", ""))

    async def password(self, request: web.Request) -> web.Response:
        """Change one's password; other sessions of the account end."""
        who = request[WHO]
        console, name = self._console, who.account.name
        old, new, again = [await field(request, f) for f in ("old", "new", "again")]
        if new != again:
            return self._account(request, why="account.differ", status=400)
        address = console.proxies.of(request)
        wait = await console.attempts.admit(name, address)
        if wait:
            return self._account(request, why="account.wait", status=429)
        try:
            async with self._busy:
                changed = await asyncio.to_thread(console.accounts.change_password, name, old, new)
        except AccountError as error:
            return self._account(request, why=error.why, status=400)
        await console.attempts.succeeded(name, address)
        await console.sessions.renew(who.session, changed.generation)
        await console.audit.record(name, "password", name)
        raise web.HTTPSeeOther(f"{ROOT}/account?done=password")

    async def language(self, request: web.Request) -> web.Response:
        """The console's language for this account."""
        who = request[WHO]
        wanted = await field(request, "language")
        try:
            await asyncio.to_thread(self._console.accounts.set_language, who.account.name, wanted)
        except AccountError as error:
            return self._account(request, why=error.why, status=400)
        raise web.HTTPSeeOther(f"{ROOT}/account?done=language")

    # --- small things --------------------------------------------------------------------------------------

    def _account(self, request: web.Request, why: str = "", done: str = "", status: int = 200) -> web.Response:
        done = done if done in ("password", "language") else ""
        return self._console.page(request, "account.html", status, active="account", why=why, done=done)

    def _form(
        self, request: web.Request, after: str, name: str = "", why: str = "", status: int = 200, wait: int = 0
    ) -> web.Response:
        seed = request.cookies.get(self._form_cookie, "") or secrets.token_urlsafe(24)
        words = self._console.words(request)
        said = words(why, wait=words.span(max(60, wait))) if why else ""
        response = page(
            "login.html",
            words,
            status,
            **self._console.frame(request) | {"csrf": form_token(self._console.core.secret, seed)},
            after=safe(after),
            name=name[:64],
            said=said,
        )
        if wait:
            response.headers["Retry-After"] = str(wait)
        self._set_cookie(response, self._form_cookie, seed)
        return response

    async def _is_our_form(self, request: web.Request) -> bool:
        seed = request.cookies.get(self._form_cookie, "")
        right = form_token(self._console.core.secret, seed)
        sent = await field(request, TOKEN_FIELD)
        from_us = bool(seed) and from_here(request, self._console.identity.origin)
        return from_us and hmac.compare_digest(sent.encode(), right.encode())

    @property
    def _form_cookie(self) -> str:
        return self._console.identity.cookie + "-form"

    def _set_cookie(self, response: web.StreamResponse | web.HTTPException, name: str, value: str) -> None:
        https = self._console.identity.is_https
        response.set_cookie(name, value, path="/", httponly=True, samesite="Lax", secure=https)
