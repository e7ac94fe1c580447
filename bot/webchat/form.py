"""What a browser posts: read within limits, checked for where it comes from, and named so that twice is once."""

import hashlib
import re
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from aiohttp import web

from bot.document import clean

LONGEST = 4000  # characters of one message, as reception keeps them
LARGEST = 64 * 1024  # bytes of a form: 4,000 emoji in percent codes take 48,000
_LONGEST_CHOICE = 64  # bytes, as bot.message.Button promises
_IDENT = re.compile(r"[A-Za-z0-9_-]{16,48}")
_FORM = "application/x-www-form-urlencoded"


class Unacceptable(Exception):
    """A form that is not taken; `key` of the texts' errors says why, `text` is what was typed."""

    def __init__(self, status: int, key: str, text: str = "", **values: object) -> None:
        super().__init__(key)
        self.status, self.key, self.text, self.values = status, key, text, values


@dataclass(frozen=True, slots=True)
class Form:
    """A posted form: words or a button's data."""

    ident: str
    text: str
    choice: str


def embedded(request: web.Request) -> bool:
    """Whether the address says that the page is shown within another site."""
    return request.query.get("embed") == "1"


def check_origin(request: web.Request, own: str) -> None:
    """Refuse what another site's page made the browser post. `own` is our public address.

    Every browser since 2020 says where a post comes from; without both headers it was no browser, and nobody's
    cookie is misused.
    """
    site = request.headers.get("Sec-Fetch-Site", "")
    if site in ("same-origin", "none"):
        return
    origin = request.headers.get("Origin", "")
    if not site and (not origin or _host(origin) in (request.host.casefold(), _host(own))):
        return
    raise Unacceptable(403, "origin")


def _host(address: str) -> str:
    return urlsplit(address).netloc.casefold()


async def read_form(request: web.Request, scripted: bool) -> Form:
    """Read and check the form. `scripted`: our script made the id; else it is made of the page's and the words."""
    if request.content_type != _FORM:
        raise Unacceptable(415, "form")
    raw = await _body(request)
    try:
        fields = parse_qs(raw.decode("utf-8", "replace"), max_num_fields=20)
    except ValueError:
        raise Unacceptable(400, "form") from None
    text = clean(fields.get("text", [""])[-1]).strip()
    choice = clean(fields.get("choice", [""])[-1])
    ident = fields.get("id", [""])[-1]
    if len(choice.encode()) > _LONGEST_CHOICE:
        raise Unacceptable(400, "form")
    if not choice and not text:
        raise Unacceptable(400, "empty")
    if len(text) > LONGEST:
        raise Unacceptable(400, "long", text, n=len(text))
    return Form(form_ident(ident, f"{choice}\0{text}", scripted), "" if choice else text, choice)


def form_ident(sent: str, content: str, scripted: bool) -> str:
    """The id of a form by what came with it."""
    if not _IDENT.fullmatch(sent):
        return new_ident()
    if scripted:
        return sent
    # A page without script has one id for all its forms, and may come back with "back" for another message.
    return f"{sent}-{hashlib.blake2b(content.encode(), digest_size=6).hexdigest()}"


def new_ident() -> str:
    """An id for a page's forms."""
    return secrets.token_urlsafe(15)


async def _body(request: web.Request) -> bytes:
    if (request.content_length or 0) > LARGEST:
        raise Unacceptable(413, "large")
    raw = b""
    while chunk := await request.content.read(LARGEST + 1):
        raw += chunk
        if len(raw) > LARGEST:
            raise Unacceptable(413, "large")
    return raw


class Throttle:
    """So many messages at once for each visitor, then `rate` a second: a bucket each, the oldest forgotten."""

    def __init__(
        self, burst: int = 30, rate: float = 1.0, size: int = 20_000, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._burst, self._rate, self._size, self._clock = burst, rate, size, clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def allow(self, who: str) -> bool:
        """Take one message out of the visitor's bucket, if one is left."""
        now = self._clock()
        left, at = self._left.pop(who, (float(self._burst), now))
        left = min(float(self._burst), left + (now - at) * self._rate)
        allowed = left >= 1
        self._left[who] = (left - 1 if allowed else left, now)
        while len(self._left) > self._size:
            self._left.popitem(last=False)
        return allowed
