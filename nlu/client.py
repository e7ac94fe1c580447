"""Asks a Rasa process what a text means, and the keywords when it is slow, down or unsure."""

import asyncio
import json
import logging
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import aiohttp

from nlu.breaker import Breaker
from nlu.keywords import KeywordNlu
from nlu.text import cap, detect_language, normalise
from nlu.understand import FALLBACK, INTENTS, Entity, Understanding

log = logging.getLogger(__name__)

LIMIT = 500
"""Code points sent: Rasa's time grows with the text, and a matter is said in fewer."""

TIMEOUT = 1.0
"""Seconds a text may take, connecting included, before the keywords answer."""

THRESHOLD = 0.25
"""Below this confidence a result is FALLBACK. Fitted by cross-validation over the examples (docs/decisions)."""

TAUGHT = frozenset({"de", "en"})
"""Languages the model has examples of; in others its confidence means nothing."""

_ANSWER_LIMIT = 200_000  # bytes; an answer is about 2,000
_OVERRULING = frozenset({"emergency", "distress"})


@dataclass(frozen=True)
class _Server:
    url: str
    breaker: Breaker


class _Unusable(Exception):
    """Rasa answered something that is no understanding."""


class RasaNlu:
    """Understands by a Rasa process, or several in turn; `fallback` answers whatever they do not in time.

    Neither token nor text is ever logged. An emergency or distress found by the keywords overrules the model.
    """

    def __init__(
        self,
        urls: str | Sequence[str],
        token: str,
        *,
        fallback: KeywordNlu,
        timeout: float = TIMEOUT,
        threshold: float = THRESHOLD,
        pause: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
        watch: Callable[[str, float], None] = lambda outcome, seconds: None,
    ) -> None:
        """`watch` is told how a question to Rasa ended: answered, timeout, unreachable or unusable; and the seconds."""
        listed = [urls] if isinstance(urls, str) else list(urls)
        self._servers = [_Server(url.rstrip("/"), Breaker(clock, pause=pause)) for url in listed if url.strip()]
        if not self._servers:
            raise ValueError("RasaNlu needs the address of at least one Rasa process.")
        self._token = token
        self._fallback = fallback
        self._timeout = timeout
        self._threshold = threshold
        self._watch = watch
        self._next = 0
        self._session: aiohttp.ClientSession | None = None

    @property
    def healthy(self) -> bool:
        """Whether at least one Rasa is asked at the moment."""
        return any(server.breaker.closed for server in self._servers)

    @property
    def breakers(self) -> Mapping[str, int]:
        """How many Rasas are asked (closed), left alone (open) and tried again (probing)."""
        states = [server.breaker.state for server in self._servers]
        return {state: states.count(state) for state in ("closed", "open", "probing")}

    async def understand(self, text: str, language: str | None = None) -> Understanding:
        """The model's understanding, or the keywords' within the time limit. Never raises because Rasa fails."""
        asked = cap(normalise(text), LIMIT)
        known = self._fallback.understand_now(text, language, alike=False)
        # Rasa invents an intent for an empty text.
        if known.intent in _OVERRULING:
            return known
        answer = await self._parse(asked) if asked and _is_taught(asked, known.language) else None
        if answer is None:
            return self._fallback.understand_now(text, language)
        return self._combine(answer, known)

    async def probe(self) -> bool:
        """Whether some Rasa has a model loaded now; asked for health pages, it also ends a pause early."""
        return any([await self._ready(server) for server in self._servers])

    async def close(self) -> None:
        """Closes the connections."""
        if self._session is not None:
            await self._session.close()

    async def _parse(self, text: str) -> Mapping[str, object] | None:
        """The answer of the next server that may be asked; one is asked, so that the time limit holds."""
        for _ in self._servers:
            server = self._servers[self._next % len(self._servers)]
            self._next += 1
            if server.breaker.may_ask():
                return await self._ask(server, text)
        return None

    async def _ask(self, server: _Server, text: str) -> Mapping[str, object] | None:
        began = time.perf_counter()
        try:
            answer = await self._call("POST", f"{server.url}/model/parse", {"text": text})
            _ranking(answer)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, _Unusable) as error:
            # The kind alone: the words of these errors carry the address with the token in it.
            log.warning("rasa did not answer", extra={"kind": type(error).__name__})
            server.breaker.failed()
            self._watch(_outcome(error), time.perf_counter() - began)
            return None
        except asyncio.CancelledError:
            server.breaker.gave_up()
            raise
        server.breaker.went_well()
        self._watch("answered", time.perf_counter() - began)
        return answer

    async def _ready(self, server: _Server) -> bool:
        try:
            status = await self._call("GET", f"{server.url}/status", None)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, _Unusable):
            return False
        ready = bool(status.get("model_file"))
        if ready:
            server.breaker.went_well()
        return ready

    async def _call(self, method: str, url: str, body: Mapping[str, str] | None) -> Mapping[str, object]:
        if self._session is None:
            # Every request is to a machine of ours: a proxy from the environment would see the token.
            self._session = aiohttp.ClientSession(trust_env=False, auto_decompress=True)
        limit = aiohttp.ClientTimeout(total=self._timeout)
        params = {"token": self._token} if self._token else {}
        async with self._session.request(
            method, url, params=params, json=body, timeout=limit, allow_redirects=False
        ) as response:
            if response.status != 200:
                raise _Unusable(f"status {response.status}")
            raw = b""
            async for chunk in response.content.iter_chunked(65_536):
                raw += chunk
                if len(raw) > _ANSWER_LIMIT:
                    raise _Unusable("too long")
        found = json.loads(raw)
        if not isinstance(found, dict):
            raise _Unusable("no object")
        return found

    def _combine(self, answer: Mapping[str, object], known: Understanding) -> Understanding:
        """The model's intent where it is sure enough, else a phrase that fits, else FALLBACK."""
        ranking = _ranking(answer)
        entities = _merged(known.entities, _entities(answer))
        intent, confidence = ranking[0]
        if confidence < self._threshold:
            if known.intent != "faq_question":
                return replace(known, entities=entities)
            intent = FALLBACK
        return Understanding(intent, confidence, entities, ranking, known.language, "rasa")


def _outcome(error: Exception) -> str:
    if isinstance(error, TimeoutError):  # aiohttp's own are of this kind, too
        return "timeout"
    return "unreachable" if isinstance(error, aiohttp.ClientConnectionError | OSError) else "unusable"


def _is_taught(text: str, language: str) -> bool:
    """Whether the model knows the language: the conversation's, or plainly that of this text."""
    if language in TAUGHT:
        return True
    detected = detect_language(text)
    return detected.language in TAUGHT and detected.confidence >= 0.6


def _ranking(answer: Mapping[str, object]) -> tuple[tuple[str, float], ...]:
    """(intent, confidence), best first, of what is well formed; _Unusable when nothing is."""
    found = answer.get("intent_ranking") or [answer.get("intent")]
    ranking = []
    for item in found if isinstance(found, list) else []:
        if isinstance(item, dict) and item.get("name") in INTENTS and _is_share(item.get("confidence")):
            ranking.append((str(item["name"]), float(item["confidence"])))
    if not ranking:
        raise _Unusable("no ranking")
    return tuple(sorted(ranking, key=lambda pair: -pair[1]))


def _is_share(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value) and 0 <= value <= 1.000001


def _entities(answer: Mapping[str, object]) -> list[Entity]:
    found = answer.get("entities")
    entities = []
    for item in found if isinstance(found, list) else []:
        if not isinstance(item, dict):
            continue
        kind, value, start, end = (item.get(key) for key in ("entity", "value", "start", "end"))
        if isinstance(kind, str) and isinstance(value, str) and isinstance(start, int) and isinstance(end, int):
            entities.append(Entity(kind, value, start, end))
    return entities


def _merged(sure: Sequence[Entity], more: Sequence[Entity]) -> tuple[Entity, ...]:
    """The sure ones, and of the others the longest that stand elsewhere in the text."""
    kept = list(sure)
    for entity in sorted(more, key=lambda entity: entity.start - entity.end):
        if all(entity.end <= other.start or other.end <= entity.start for other in kept):
            kept.append(entity)
    return tuple(sorted(kept, key=lambda entity: entity.start))
