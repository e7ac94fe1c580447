"""Retrieval as the conversation needs it: a question is searched in what is in force, and decided by it."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.conversation import Candidate
from bot.events import Findings
from bot.following import Following
from bot.metrics.metrics import Metrics
from faq.catalogue import Catalogue
from faq.policy import decide, options
from faq.retrieval.index import Index, Match, Search
from faq.retrieval.standing import Standing, standing
from faq.town import Town
from faq.trust import Fit, judged
from nlu.meaning import Meaning

log = logging.getLogger(__name__)


class Answers(Following):
    """Answers by what is in force. One thread does all that computes for a question: a model must not fight itself for
    the processor, and the event loop must stay free."""

    def __init__(
        self,
        catalogue: Catalogue,
        town: Town,
        index: Index | None = None,
        metrics: Metrics | None = None,
        fits: Sequence[Fit] = (),
        more: Callable[[], Sequence[Fit]] = tuple,
    ) -> None:
        """`index`, `fits` and `more` as Following says."""
        super().__init__(catalogue, index, fits, more)
        self._metrics = metrics or Metrics()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="answers")
        self._zone = ZoneInfo(town.timezone)

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
        """The ranking, off the event loop; in another index than the one in force if told so."""
        searched, today = self.index if index is None else index, datetime.now(self._zone).date()
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
        """What would be found, in the index in force or in this one; nothing is counted."""
        force = self.in_force
        release = force.name if index in (None, force.index) else ""
        search, limits = judged(
            await self.search(text, language, index=force.index if index is None else index), force.fit
        )
        matches = tuple(_candidate(m, language, release) for m in search.matches)
        offered = tuple(_candidate(m, language, release) for m in options(search, limits))
        return Findings(decide(search, limits), matches, offered, search.words_only, release)

    async def standing(self, text: str, language: str, entry: str) -> Standing | None:
        """Where that entry stands for a question in what is in force; see faq.retrieval.standing."""
        searched, today = self.index, datetime.now(self._zone).date()
        return await asyncio.get_running_loop().run_in_executor(
            self._thread, standing, searched, text, language, entry, today
        )

    def close(self) -> None:
        """Stop the thread."""
        self._thread.shutdown(wait=False, cancel_futures=True)


def _candidate(match: Match, language: str, release: str) -> Candidate:
    revision = match.revision
    return Candidate(
        revision.entry,
        revision.id,
        revision.text(language).question,
        round(match.score, 4),
        revision.topic,
        dict(match.why),
        revision.elsewhere is not None,
        release,
    )
