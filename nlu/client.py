"""Asks Rasa what a text means, and the keywords when it is slow, down or unsure."""

import asyncio
import copy
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from nlu.breaker import Breaker
from nlu.examples import TAUGHT
from nlu.keywords import KeywordNlu
from nlu.meaning import MeaningOf, no_meaning
from nlu.parsed import Parsed
from nlu.process import RasaProcess, Told
from nlu.text import SURE, cap, detect_language, normalise
from nlu.understand import FALLBACK, Entity, Understanding

LIMIT = 500
"""Code points sent: Rasa's time grows with the text, and a matter is said in fewer."""

TIMEOUT = 0.6
"""Seconds a text may take, connecting included, before the keywords answer. On a busy machine 99 of 100 take 40 ms,
and 200 ms where 16 are asked at once (docs/decisions)."""

LOOK_EVERY = 0.5
"""Seconds between two looks of the watch. With LOOK_LIMIT a Rasa that hangs is left alone after 1.25 s at most."""

_OVERRULING = frozenset({"emergency", "distress"})


class RasaNlu:
    """Understands by one Rasa process or several; `fallback` answers whatever they do not in time.

    The least busy is asked first. One that does not answer is left alone: no message waits for it, `keep_watching`
    alone finds out when it is back. An emergency or distress found by the keywords overrules the model.

    The processes may hold models taught by different examples, and another one tomorrow at the same address: each
    answer says which. `of` asks only those of one name, this object whichever there are.
    """

    def __init__(
        self,
        urls: str | Sequence[str],
        token: str,
        *,
        fallback: KeywordNlu,
        meaning: MeaningOf = no_meaning,
        timeout: float = TIMEOUT,
        pause: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
        watch: Told = lambda outcome, seconds: None,
    ) -> None:
        """`meaning` gives a text's vector, so that Rasa need not encode it again. `watch` is told how a question to
        Rasa ended: answered, timeout, unreachable or unusable; and the seconds."""
        listed = [urls] if isinstance(urls, str) else list(urls)
        self._processes = [
            RasaProcess(url.strip(), token, Breaker(clock, pause=pause), watch) for url in listed if url.strip()
        ]
        if not self._processes:
            raise ValueError("RasaNlu needs the address of at least one Rasa process.")
        self._fallback, self._meaning = fallback, meaning
        self._timeout = timeout
        self._name: str | None = None
        self._named: dict[str | None, RasaNlu] = {None: self}

    def of(self, name: str) -> "RasaNlu":
        """See nlu.understand.Nlus; it asks by the same connections."""
        if name not in self._named:
            self._named[name] = named = copy.copy(self)
            named._name = name
        return self._named[name]

    def serves(self, name: str) -> bool:
        """Whether a Rasa answers that was taught by these examples."""
        return any(process.breaker.closed and process.taught == name for process in self._processes)

    @property
    def served(self) -> frozenset[str]:
        """By which examples those were taught that answer."""
        return frozenset(p.taught for p in self._processes if p.breaker.closed and p.taught is not None)

    @property
    def healthy(self) -> bool:
        """Whether at least one Rasa is asked at the moment."""
        return any(process.breaker.closed for process in self._mine)

    @property
    def breakers(self) -> Mapping[str, int]:
        """How many Rasas are asked (closed), left alone (open) and left alone but being looked at (probing)."""
        states = [process.breaker.state for process in self._mine]
        return {state: states.count(state) for state in ("closed", "open", "probing")}

    @property
    def _mine(self) -> list[RasaProcess]:
        """Those that may hold the model; the ones that never said anything only where nobody else has it."""
        if self._name is None:
            return self._processes
        mine = [process for process in self._processes if process.may_serve(self._name)]
        return [process for process in mine if process.taught is not None] or mine

    async def understand(self, text: str, language: str | None = None) -> Understanding:
        """The model's understanding, or the keywords' within the time limit. Never raises because Rasa fails."""
        asked = cap(normalise(text), LIMIT)
        known = self._fallback.understand_now(text, language, alike=False)
        # Rasa invents an intent for an empty text.
        if known.intent in _OVERRULING:
            return known
        parsed = await self._parse(asked, text) if asked and _is_taught(asked, known.language) else None
        if parsed is None:
            return self._fallback.understand_now(text, language)
        return self._combine(parsed, known)

    async def probe(self) -> bool:
        """Looks at every Rasa now: whether one of them is asked from here on."""
        return any(await asyncio.gather(*(process.look() for process in self._processes)))

    async def keep_watching(self) -> None:
        """Looks at every Rasa for ever, each by itself: one that hangs is left alone whatever the traffic, and asked
        again when it answers."""
        await asyncio.gather(*(_watched(process) for process in self._processes))

    async def close(self) -> None:
        """Closes the connections."""
        for process in self._processes:
            await process.close()

    async def _parse(self, asked: str, text: str) -> Parsed | None:
        """The first answer within the time limit, of the least busy first."""
        if not self._free():
            return None
        # Of the whole text: the search for an answer needs the very same vector.
        meaning = await self._meaning(text)
        late = time.monotonic() + self._timeout
        for process in self._free():
            left = late - time.monotonic()
            found = await process.parse(asked, meaning, left, self._name) if left > 0 else None
            if found is not None:
                return found
        return None

    def _free(self) -> list[RasaProcess]:
        return sorted((p for p in self._mine if p.free), key=lambda process: (process.busy, process.asked))

    def _combine(self, parsed: Parsed, known: Understanding) -> Understanding:
        """The model's intent where its own fallback finds it sure enough, else a phrase that fits, else FALLBACK."""
        entities = _merged(known.entities, parsed.entities)
        intent, confidence = parsed.ranking[0]
        if parsed.unsure:
            if known.intent != "faq_question":
                return replace(known, entities=entities)
            intent = FALLBACK
        return Understanding(intent, confidence, entities, parsed.ranking, known.language, "rasa")


async def _watched(process: RasaProcess) -> None:
    while True:
        await process.look()
        await asyncio.sleep(LOOK_EVERY)


def _is_taught(text: str, language: str) -> bool:
    """Whether the model knows the language: the conversation's, or plainly that of this text."""
    if language in TAUGHT:
        return True
    detected = detect_language(text)
    return detected.language in TAUGHT and detected.confidence >= SURE


def _merged(sure: Sequence[Entity], more: Sequence[Entity]) -> tuple[Entity, ...]:
    """The sure ones, and of the others the longest that stand elsewhere in the text."""
    kept = list(sure)
    for entity in sorted(more, key=lambda entity: entity.start - entity.end):
        if all(entity.end <= other.start or other.end <= entity.start for other in kept):
            kept.append(entity)
    return tuple(sorted(kept, key=lambda entity: entity.start))
