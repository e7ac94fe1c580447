"""One Rasa process as its callers see it: asked over HTTP, so many at once, and left alone while it does not answer."""

import logging
import time
from collections.abc import Callable

import aiohttp

from nlu import parsed
from nlu.breaker import Breaker
from nlu.meaning import HEADER, Meaning
from nlu.parsed import Parsed, Unusable

log = logging.getLogger(__name__)

MOST = 16
"""Questions under way at once. Rasa takes one after the other, 2 ms each and 16 ms where both cores are busy: the
last of 16 has waited 0.25 s then, half the time limit, and one more had better have the keywords' answer now."""

LOOK_LIMIT = 0.75
"""Seconds after which a Rasa that does not answer the watch is away: what is under way (MOST) may come first."""

TAUGHT_HEADER = "x-stadtbote-taught"
"""Response header: by which examples the model was taught (nlu/rasa/serve.py writes it). A Rasa that does not say so
was taught by what ships."""

_ANSWER_LIMIT = 200_000  # bytes; an answer is about 1,000
_FAILURES = (aiohttp.ClientError, TimeoutError, OSError, ValueError, Unusable)

Told = Callable[[str, float], None]


class RasaProcess:
    """`told` hears how each question ended (answered, timeout, unreachable, unusable) and after how many seconds.

    Neither token nor text is ever logged.
    """

    def __init__(self, url: str, token: str, breaker: Breaker, told: Told) -> None:
        self._url, self._token, self._told = url.rstrip("/"), token, told
        self.breaker = breaker
        self.busy = self.asked = 0
        self.taught: str | None = None  # by which examples; None before the first answer
        self._session: aiohttp.ClientSession | None = None

    @property
    def free(self) -> bool:
        """Whether one more may ask."""
        return self.breaker.closed and self.busy < MOST

    def may_serve(self, name: str | None) -> bool:
        """Whether its model was taught by these examples, as far as it is known; None: by whichever."""
        return name is None or self.taught is None or self.taught == name

    async def parse(self, text: str, meaning: Meaning | None, seconds: float, name: str | None = None) -> Parsed | None:
        """Its answer, None when there is none within so many seconds, connecting included, or the answer is that of a
        model taught by other examples than those named."""
        began = time.perf_counter()
        self.busy += 1
        self.asked += 1
        try:
            found = await self._call(text, meaning, seconds)
        except _FAILURES as error:
            # The kind alone: the words of these errors carry the address with the token in it.
            log.warning("rasa did not answer", extra={"kind": type(error).__name__})
            self.breaker.failed()
            self._told(_outcome(error), time.perf_counter() - began)
            return None
        finally:
            self.busy -= 1
        self.breaker.went_well()
        self._told("answered", time.perf_counter() - began)
        # Another model may have taken the place of the one that was there when we chose it.
        return found if self.may_serve(name) else None

    async def look(self, seconds: float = LOOK_LIMIT) -> bool:
        """Whether it parses now: the whole pipeline runs, on an empty text, for which it needs no encoder."""
        before = self.breaker.closed
        self.breaker.look()
        try:
            await self._call("", None, seconds)
        except _FAILURES:
            self.breaker.missed()
        else:
            self.breaker.saw()
        if before and not self.breaker.closed:
            log.warning("rasa is left alone")
        elif self.breaker.closed and not before:
            log.info("rasa is asked again")
        return self.breaker.closed

    async def close(self) -> None:
        """Closes the connections."""
        if self._session is not None:
            await self._session.close()

    async def _call(self, text: str, meaning: Meaning | None, seconds: float) -> Parsed:
        if self._session is None:
            # Every request is to a machine of ours: a proxy from the environment would see the token.
            self._session = aiohttp.ClientSession(trust_env=False, auto_decompress=True)
        async with self._session.post(
            f"{self._url}/model/parse",
            params={"token": self._token} if self._token else {},
            json={"text": text},
            headers={HEADER: meaning.header()} if meaning else {},
            timeout=aiohttp.ClientTimeout(total=seconds),
            allow_redirects=False,
        ) as response:
            if response.status != 200:
                raise Unusable(f"status {response.status}")
            taught = response.headers.get(TAUGHT_HEADER, "")
            raw = b""
            async for chunk in response.content.iter_chunked(65_536):
                raw += chunk
                if len(raw) > _ANSWER_LIMIT:
                    raise Unusable("too long")
        found = parsed.read(raw)
        self.taught = taught
        return found


def _outcome(error: Exception) -> str:
    if isinstance(error, TimeoutError):  # aiohttp's own are of this kind, too
        return "timeout"
    return "unreachable" if isinstance(error, aiohttp.ClientConnectionError | OSError) else "unusable"
