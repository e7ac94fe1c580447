"""Pages out of templates: Jinja2 with autoescape on and undefined names refused; headers that keep a page to itself."""

from collections.abc import Mapping, MutableMapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from bot.bidi import readable
from bot.console import static
from bot.console.roster import REASONS
from bot.console.tabs import TABS
from bot.console.words import Words

TEMPLATES = Path(__file__).parent / "templates"
LIVE, LOOK = "X-Stadtbote-Live", "look"
"""Sent by our scripts: answer with a fragment or a short JSON instead of a page. With the value LOOK nobody asked for
it (a refresh, a sign of life), and it does not count as use of the session."""
PART, HAVE = "X-Stadtbote-Part", "X-Stadtbote-Have"
"""Which part of the inbox a script asks for, "list" or "talk" (else all), and the tag of the list that it has."""

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


def secure(headers: MutableMapping[str, str]) -> None:
    """Headers that every answer of the console carries; pages are never stored."""
    for name, value in HEADERS.items():
        headers[name] = value
    if "Cache-Control" not in headers:
        headers["Cache-Control"] = "no-store"


def is_live(request: web.Request) -> bool:
    """Did one of our scripts ask?"""
    return LIVE in request.headers


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The templates. Globals: static(name); filter: readable, for words of both writing directions."""
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        auto_reload=False,  # files that an upgrade puts in place are not ours before the restart
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.globals["REASONS"] = REASONS
    env.globals["TABS"] = TABS
    env.globals["static"] = static.load().url
    env.filters["readable"] = readable
    return env


def html(template: str, words: Words, **context: Any) -> str:
    """A template in a language: `t` are the words."""
    return environment().get_template(template).render(t=words, **context)


def page(template: str, words: Words, status: int = 200, **context: Any) -> web.Response:
    """A response with that template."""
    return web.Response(text=html(template, words, **context), content_type="text/html", status=status)
