"""Retrieval as the conversation needs it: the live index and the decision."""

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import TypeVar, cast
from zoneinfo import ZoneInfo

from bot.conversation import Candidate
from bot.events import Findings
from bot.metrics.metrics import Metrics
from faq.catalogue import Catalogue
from faq.encoder import Encoder, RememberingEncoder
from faq.entry import Revision
from faq.policy import decide, options, shipped_thresholds
from faq.retrieval.index import Index, Match, Search
from faq.town import Town
from faq.trust import OUTDATED, Fit, fit_for, judged
from faq.vectors import VectorCache
from nlu.meaning import Meaning

log = logging.getLogger(__name__)
POLL_SECONDS = 1.0
RETRY_SECONDS = 60.0  # between two tries with an encoder that failed on the corpus
T = TypeVar("T")


class Answers:
    """Holds the index in force and replaces it, whole, when the catalogue changes.

    It starts with words alone; attach() adds the encoder once it is loaded. One thread does all that computes:
    a model must not fight itself for the processor, and the event loop must stay free.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        town: Town,
        index: Index | None = None,
        metrics: Metrics | None = None,
        fits: Sequence[Fit] = (),
    ) -> None:
        """`index` may be one of the live corpus that was built before. Of the `fits` the one that was made for this
        corpus and encoder counts; without any, what ships for every corpus."""
        self._catalogue, self._metrics = catalogue, metrics or Metrics()
        self._encoder: Encoder | None = None
        self._asked: Encoder | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="answers")
        self._zone = ZoneInfo(town.timezone)
        self._serial = catalogue.serial()
        self._live = {r.entry: r for r in catalogue.live()}
        self._index = index or Index.build(tuple(self._live.values()), None)
        self._updating = asyncio.Lock()
        self._again = 0.0
        self._fits = fits
        self._fit, self._unchanged = self._fitting()

    @property
    def encoder(self) -> str:
        """The name of the encoder at work, "" while words alone answer, also because it failed on the corpus."""
        return self._encoder.name if self._encoder and not self._index.words_only else ""

    @property
    def thresholds(self) -> dict[str, float]:
        """The scores from which a match is answered and offered, as the index stands."""
        trust = self._fit.trust(self._index) if self._fit else None
        limits = trust.thresholds if trust else shipped_thresholds(self._index.words_only)
        return {"answer": limits.answer, "clarify": limits.clarify}

    @property
    def fitted(self) -> dict[str, str]:
        """Where the thresholds come from: `by` is "general"; "own", fitted on this corpus; or "outdated", fitted on it
        when it was another in good part. `on` is the day of the fit (ISO), "" if none or not known."""
        if self._fit is None or self._fit.trust(self._index) is None:
            return {"by": "general", "on": ""}
        by = "own" if self._unchanged >= OUTDATED else "outdated"
        return {"by": by, "on": self._fit.made.isoformat() if self._fit.made else ""}

    @property
    def index(self) -> Index:
        """What is searched, as it stands; it is replaced, never changed."""
        return self._index

    @property
    def entries(self) -> int:
        """How many published entries answer."""
        return len(self._live)

    @property
    def serial(self) -> int:
        """Which state of the catalogue answers."""
        return self._serial

    def revision(self, entry: str, revision: str = "") -> Revision | None:
        """That revision, else the entry's live one."""
        live = self._live.get(entry)
        if revision and (live is None or live.id != revision):
            return self._catalogue.revision(revision)
        return live

    async def attach(
        self,
        load: Callable[[], tuple[Encoder, VectorCache]],
        progress: Callable[[str, float], None] = lambda step, share: None,
    ) -> None:
        """Load the encoder and rebuild the index with vectors; words go on answering meanwhile."""
        loaded, cache = await _aside(load)
        encoder = RememberingEncoder(loaded)
        self._asked = encoder  # understanding need not wait for the index
        live = dict(self._live)
        index = await _aside(lambda: Index.build(tuple(live.values()), encoder, cache, progress))
        while live != self._live:  # published while the vectors were made
            missed = tuple(r for e, r in self._live.items() if live.get(e) is not r)
            gone = tuple(e for e in live if e not in self._live)
            live = dict(self._live)
            index = await _aside(partial(index.updated, missed, gone))
        self._encoder, self._index = encoder, index
        await self._choose_fit()

    async def follow(self) -> None:
        """Put what editors publish into the index, for ever."""
        while True:
            await asyncio.sleep(POLL_SECONDS)
            try:
                await self.refresh()
                await self._recover()
            except Exception:
                # The old index answers on; the database may come back.
                log.exception("the catalogue could not be read; answering from what is known")

    async def refresh(self) -> None:
        """Take over what was published since."""
        serial = await asyncio.to_thread(self._catalogue.serial)
        if serial == self._serial:
            return
        changes = await asyncio.to_thread(self._catalogue.changes_since, self._serial)
        live = {e: r for e, r in self._live.items() if e not in changes.removed}
        live |= {r.entry: r for r in changes.changed}
        base = None
        while base is not self._index:  # attach may put another index in force meanwhile
            base = self._index
            index = await self.updated(base, changes.changed, changes.removed)
        self._live, self._index, self._serial = live, index, changes.serial
        await self._choose_fit()
        log.info("the corpus changed", extra={"serial": serial, "changed": len(changes.changed)})

    async def _recover(self) -> None:
        """Where the encoder failed on the corpus, words alone answer: try it again after a while."""
        base = self._index
        if self._encoder is None or not base.words_only or not self._live or time.monotonic() < self._again:
            return
        self._again = time.monotonic() + RETRY_SECONDS
        index = await self.updated(base, ())
        if self._index is base and not index.words_only:
            self._index = index
            await self._choose_fit()
            log.info("the encoder is at work again")

    async def encode(self, index: Index, revisions: Iterable[Revision]) -> None:
        """Compute what vectors `updated` will need for these, off the event loop; no release waits for that."""
        try:
            await _aside(lambda: index.encode(revisions))
        except Exception:  # whatever a model raises: `updated` does without meaning, and says so
            log.exception("the encoder failed on drafts")

    async def updated(self, index: Index, changed: Iterable[Revision], removed: Iterable[str] = ()) -> Index:
        """A new index with these changes, made off the event loop. One at a time: indexes that come from one another
        share a vocabulary, which one thread at a time may extend; also when who asked for it has given up."""
        return await asyncio.shield(asyncio.create_task(self._update(index, changed, removed)))

    async def _update(self, index: Index, changed: Iterable[Revision], removed: Iterable[str]) -> Index:
        async with self._updating:
            return await _aside(lambda: index.updated(changed, removed))

    async def meaning(self, text: str) -> Meaning | None:
        """The question's vector, which a search for the same text then finds ready; None while there is no encoder."""
        encoder = self._asked
        if encoder is None:
            return None
        try:
            vectors = await asyncio.get_running_loop().run_in_executor(self._thread, encoder.encode_queries, [text])
        except Exception:  # whatever a model raises: who understands does without
            log.exception("the encoder failed on a question")
            return None
        return Meaning(encoder.name, vectors[0])

    async def search(self, text: str, language: str, limit: int = 5, index: Index | None = None) -> Search:
        """The ranking, off the event loop; in another index than the live one if told so."""
        searched, today = index or self._index, datetime.now(self._zone).date()
        return await asyncio.get_running_loop().run_in_executor(
            self._thread, lambda: searched.search(text, language, limit, today=today)
        )

    async def find(self, text: str, language: str) -> Findings:
        """See bot.reception.Answers."""
        began = time.perf_counter()
        findings = await self.look(text, language)
        self._metrics.searches.observe(time.perf_counter() - began)
        self._metrics.answers.labels(findings.decision).inc()
        return findings

    async def look(self, text: str, language: str, index: Index | None = None) -> Findings:
        """What would be found, in the live index or in this one; nothing is counted."""
        search, limits = judged(await self.search(text, language, index=index), self._fit)
        matches = tuple(_candidate(m, language) for m in search.matches)
        offered = tuple(_candidate(m, language) for m in options(search, limits))
        return Findings(decide(search, limits), matches, offered, search.words_only)

    async def _choose_fit(self) -> None:
        self._fit, self._unchanged = await asyncio.to_thread(self._fitting)

    def _fitting(self) -> tuple[Fit | None, float]:
        """The fit for what is live, and how much of that is as it was fitted on."""
        live = tuple(self._live.values())
        fit = fit_for(self._fits, live, self.encoder)
        return fit, fit.unchanged(live) if fit else 0.0

    def close(self) -> None:
        """Stop the thread."""
        self._thread.shutdown(wait=False, cancel_futures=True)


async def _aside(work: Callable[[], T]) -> T:
    """Run in a thread that does not keep the process alive: loading takes long and may be given up at any time."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if not future.done():
            if error is None:
                future.set_result(cast(T, result))
            else:
                future.set_exception(error)

    def run() -> None:
        result, error = None, None
        try:
            result = work()
        except BaseException as raised:  # noqa: BLE001 - handed on to whoever waits
            error = raised
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=run, name="encoder", daemon=True).start()
    return await future


def _candidate(match: Match, language: str) -> Candidate:
    revision = match.revision
    return Candidate(
        revision.entry,
        revision.id,
        revision.text(language).question,
        round(match.score, 4),
        revision.topic,
        dict(match.why),
        revision.elsewhere is not None,
    )
