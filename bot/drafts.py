"""The corpus as it would be with every draft released, or with a proposed release: an index beside the live one, made
only when an editor asks.

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
from faq.releases import Releases
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
        self._made_of: tuple[Mapping[str, str], tuple[str, ...]] = ({}, ())
        self._building: asyncio.Task[Index] | None = None
        self._release: asyncio.TimerHandle | None = None

    @property
    def held(self) -> bool:
        """Is memory in use?"""
        return self._building is not None

    async def get(self, release: int = 0) -> Drafted:
        """The index with the drafts of this moment, or with the release of that number in force, as far as it is
        there."""
        force = self._answers.in_force
        pending, gone = await asyncio.to_thread(self._wanted, force.name, release)
        if not pending and not gone:
            self.close()
            return Drafted("none", pending)
        wanted = (pending, gone)
        if self._building is None or self._base is not force.index or self._made_of != wanted:
            self.close()
            self._base, self._made_of = force.index, wanted
            self._building = asyncio.create_task(self._built(self._base, pending, gone))
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

    def _wanted(self, live: str, release: int) -> tuple[Mapping[str, str], tuple[str, ...]]:
        """Revisions by entry that answer then and not now, and entries that answer no more."""
        if not release:
            return self.catalogue.pending(), ()
        releases = Releases(self.catalogue.engine)
        found = releases.numbered(release)
        changes = releases.diff(live, found.id) if found else ()
        changed = {change.entry: change.after for change in changes if change.after}
        return changed, tuple(change.entry for change in changes if change.after is None)

    def close(self) -> None:
        """Let go of it."""
        self._hold()
        if self._building:
            self._building.cancel()
        self._base, self._building, self._made_of = None, None, ({}, ())

    def _hold(self) -> None:
        """Not to be let go of until told again."""
        if self._release:
            self._release.cancel()
        self._release = None

    async def _built(self, index: Index, pending: Mapping[str, str], gone: tuple[str, ...]) -> Index:
        """First their vectors, with which a release need not wait, then all into the index at once."""
        ids = list(pending.values())
        drafts: list[Revision] = []
        for first in range(0, len(ids), BATCH):
            some = await asyncio.to_thread(self.catalogue.revisions, ids[first : first + BATCH])
            await self._answers.encode(index, some)
            drafts += some
        return await self._answers.updated(index, drafts, gone)
