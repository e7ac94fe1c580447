"""The corpus as it would be with every draft released: an index beside the live one, made only when an editor asks.

It comes from the live index, so that only drafts are read and encoded; it is kept while neither changes, and let go
when nobody has asked for some minutes, for it takes as much memory as the live one.
"""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass

from bot.answers import Answers
from faq.catalogue import Catalogue
from faq.entry import Revision
from faq.retrieval.index import Index

log = logging.getLogger(__name__)
KEPT = 300.0  # seconds without a question
PATIENCE = 4.0  # seconds that one question waits; the work goes on, and the next question finds it done
BATCH = 50  # drafts encoded at once: when nobody wants them any more, no more than these are done in vain


@dataclass(frozen=True)
class Drafted:
    """`state` is ready, none (no entry has a draft), building or failed; `index` is there when ready. `pending` are
    the drafts: entry -> id of its revision."""

    state: str
    pending: Mapping[str, str]
    index: Index | None = None


class Drafts:
    """Keeps the index with drafts of one process."""

    def __init__(
        self, catalogue: Catalogue, answers: Answers, kept: float = KEPT, patience: float | None = PATIENCE
    ) -> None:
        """`patience` None: a question waits as long as it takes."""
        self.catalogue, self._answers = catalogue, answers
        self._kept, self._patience = kept, patience
        self._base: Index | None = None  # the live index that ours was made from
        self._pending: Mapping[str, str] = {}
        self._building: asyncio.Task[Index] | None = None
        self._release: asyncio.TimerHandle | None = None

    @property
    def held(self) -> bool:
        """Is memory in use?"""
        return self._building is not None

    async def get(self) -> Drafted:
        """The index with the drafts of this moment, as far as it is there."""
        pending = await asyncio.to_thread(self.catalogue.pending)
        if not pending:
            self.close()
            return Drafted("none", pending)
        if self._building is None or self._base is not self._answers.index or self._pending != pending:
            self.close()
            self._base, self._pending = self._answers.index, pending
            self._building = asyncio.create_task(self._built(self._base, pending))
        building = self._building
        self._hold()
        try:
            await asyncio.wait({building}, timeout=self._patience)
        finally:
            self._hold()
            if building is self._building:
                self._release = asyncio.get_running_loop().call_later(self._kept, self.close)
        if not building.done() or building.cancelled():
            return Drafted("building", pending)
        if error := building.exception():
            log.error("the index with drafts could not be made", exc_info=error)
            self.close()
            return Drafted("failed", pending)
        return Drafted("ready", pending, building.result())

    def close(self) -> None:
        """Let go of it."""
        self._hold()
        if self._building:
            self._building.cancel()
        self._base, self._building, self._pending = None, None, {}

    def _hold(self) -> None:
        """Not to be let go of until told again."""
        if self._release:
            self._release.cancel()
        self._release = None

    async def _built(self, index: Index, pending: Mapping[str, str]) -> Index:
        """First their vectors, with which a release need not wait, then all into the index at once."""
        ids = list(pending.values())
        drafts: list[Revision] = []
        for first in range(0, len(ids), BATCH):
            some = await asyncio.to_thread(self.catalogue.revisions, ids[first : first + BATCH])
            await self._answers.encode(index, some)
            drafts += some
        return await self._answers.updated(index, drafts)
