"""What a worker answers by, following the catalogue: replaced, whole, when another release becomes live."""

import asyncio
import contextlib
import gc
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeVar

from bot import inforce
from bot.aside import aside
from bot.garbage import left_alone
from bot.inforce import InForce
from faq.catalogue import Catalogue, Changes
from faq.courtesy import Courtesy
from faq.encoder import Encoder, RememberingEncoder
from faq.entry import Revision
from faq.releases import Release, Releases
from faq.retrieval.index import Index
from faq.trust import Fit
from faq.vectors import VectorCache

log = logging.getLogger(__name__)
T = TypeVar("T")
POLL_SECONDS = 0.3  # a release is in force two seconds after it was published, the work for it included
STAGE_EVERY = 4  # looks of which one is also for what may be published next
BREATH_SECONDS = 5.0  # at most, between two indexings
RETRY_SECONDS = 60.0  # between two tries with an encoder that failed on the corpus


class Following:
    """Holds what is in force and replaces it, whole, when another release becomes live.

    It starts with words alone; attach() adds the encoder once it is loaded. The index of a release that was proved is
    made beside in advance, so that its publication is one assignment; so is going back to what answered before.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        index: Index | None = None,
        fits: Sequence[Fit] = (),
        more: Callable[[], Sequence[Fit]] = tuple,
    ) -> None:
        """`index` may be one of the live corpus that was built before. Of the `fits` the one counts that the release is
        pinned to, else the one that was made for this corpus and encoder; without any, what ships for every corpus.
        `more` reads them again where a release is pinned to one that is not among them."""
        self._catalogue = catalogue
        self._releases = Releases(catalogue.engine)
        self._encoder: Encoder | None = None
        self._asked: Encoder | None = None
        self._fits, self._more = fits, more
        self._updating = asyncio.Lock()
        self._courtesy = Courtesy()
        self._again = 0.0
        changes = _changes(catalogue, 0)
        live = {r.entry: r for r in changes.changed}
        built = index or Index.build(tuple(live.values()), None)
        self._force = inforce.in_force(changes.release, changes.serial, live, built, fits, "")
        self._before: InForce = self._force
        self._staged: InForce | None = None

    @property
    def in_force(self) -> InForce:
        """What the message at hand took, else what is in force; it is replaced, never changed."""
        return inforce.held() or self._force

    @contextlib.contextmanager
    def holding(self) -> Iterator[InForce]:
        """Whatever is done inside answers by what is in force at its beginning, and what is made ready lets it go
        first."""
        with self._courtesy.first(), inforce.holding(self._force) as force:
            yield force

    @property
    def encoder(self) -> str:
        """The name of the encoder at work, "" while words alone answer, also because it failed on the corpus."""
        return self._encoder.name if self._encoder and not self._force.index.words_only else ""

    @property
    def thresholds(self) -> dict[str, float]:
        """See InForce."""
        return self.in_force.thresholds

    @property
    def fitted(self) -> dict[str, str]:
        """See InForce."""
        return self.in_force.fitted

    @property
    def index(self) -> Index:
        """What is searched."""
        return self.in_force.index

    @property
    def entries(self) -> int:
        """How many published entries answer."""
        return len(self._force.live)

    @property
    def serial(self) -> int:
        """Which state of the catalogue answers."""
        return self._force.serial

    @property
    def staged(self) -> str:
        """The id of the release that is ready to come into force, "" for none."""
        return self._staged.name if self._staged else ""

    def revision(self, entry: str, revision: str = "") -> Revision | None:
        """The entry's live revision, for a message: the one of the release that answers it. A revision of which nothing
        is live is told as it was."""
        if inforce.held() and (live := self.in_force.live.get(entry)):
            return live
        for force in (self._force, self._before):
            live = force.live.get(entry)
            if live and revision in ("", live.id):
                return live
        return self._catalogue.revision(revision) if revision else None

    async def attach(
        self,
        load: Callable[[], tuple[Encoder, VectorCache]],
        progress: Callable[[str, float], None] = lambda step, share: None,
    ) -> None:
        """Load the encoder and rebuild the index with vectors; words go on answering meanwhile."""
        loaded, cache = await aside(load)
        encoder = RememberingEncoder(loaded)
        self._asked = encoder  # understanding need not wait for the index
        live = self._force.live
        index = await self._beside(lambda: Index.build(tuple(live.values()), encoder, cache, progress))
        while True:
            while live != self._force.live:  # published while the vectors were made
                missed, gone = _between(live, self._force.live)
                live = self._force.live
                index = await self._beside(partial(index.updated, missed, gone))
            now = self._force
            force = await asyncio.to_thread(
                inforce.in_force, now.release, now.serial, now.live, index, self._fits, encoder.name
            )
            if now is self._force:
                break
        self._encoder, self._staged = encoder, None
        self._force = force
        gc.freeze()  # see bot.garbage

    async def follow(self) -> None:
        """Take over what becomes live, and make ready what may next, for ever."""
        looks, rests = 0, 0.0
        while True:
            await asyncio.sleep(POLL_SECONDS)
            looks += 1
            began = time.monotonic()
            try:
                if await self.refresh(began < rests):
                    ended = time.monotonic()
                    rests = ended + min(ended - began, BREATH_SECONDS)
                await self._recover()
                if looks % STAGE_EVERY == 0 and time.monotonic() >= rests:
                    await self.stage()
            except Exception:
                # What is in force answers on; the database may come back.
                log.exception("the catalogue could not be read; answering from what is known")

    async def refresh(self, resting: bool = False) -> bool:
        """Take over what became live since; whether anything did. `resting`: only what is ready. Where one publication
        follows another, a large corpus must not be indexed without a pause, and who goes back must not wait for it."""
        serial = await asyncio.to_thread(self._catalogue.serial)
        if serial == self._force.serial:
            return False
        if resting and not self._ready(await asyncio.to_thread(self._releases.live)):
            return False
        began = time.perf_counter()
        changes = await self._beside(partial(_changes, self._catalogue, self._force.serial))
        base, force = self._force, None
        if ready := self._ready(changes.release):
            force = replace(ready, release=changes.release, serial=changes.serial)
        while force is None or base is not self._force:  # attach may put another index in force meanwhile
            base = self._force
            force = await self._made(base, changes.release, changes.serial, changes.changed, changes.removed)
        self._before, self._force, self._staged = base, force, None
        told = {"release": force.number, "serial": force.serial, "changed": len(changes.changed)}
        log.info("another release is in force", extra={**told, "seconds": round(time.perf_counter() - began, 2)})
        return True

    def _ready(self, release: Release | None) -> InForce | None:
        """What was made of it already: it was proved, or it answered before what is gone back from now."""
        for one in (self._staged, self._before):
            if one and release and one.name == release.id and one.index.words_only == self._force.index.words_only:
                return one
        return None

    async def stage(self) -> None:
        """Make the index of what was proved last, should it be published. One at a time: it takes memory."""
        base = self._force
        found = await asyncio.to_thread(self._releases.proved_upon, base.name)
        if found is None or (self._encoder and base.index.words_only):
            self._staged = None
            return
        if self._staged and self._staged.name == found.id:
            return
        self._staged = None
        changes = await asyncio.to_thread(self._releases.diff, base.name, found.id)
        wanted = [change.after for change in changes if change.after]
        changed = await self._beside(partial(self._catalogue.revisions, wanted))
        gone = [change.entry for change in changes if change.after is None]
        force = await self._made(base, found, base.serial, changed, gone)
        if base is self._force:
            self._staged = force

    async def _made(
        self,
        base: InForce,
        release: Release | None,
        serial: int,
        changed: Iterable[Revision],
        removed: Iterable[str],
    ) -> InForce:
        """What is in force after these changes of `base`."""
        changed, removed = tuple(changed), frozenset(removed)
        live = {e: r for e, r in base.live.items() if e not in removed}
        live |= {r.entry: r for r in changed}
        index = await self.updated(base.index, changed, removed)
        if release and release.fit and release.fit not in {fit.name for fit in self._fits}:
            self._fits = await asyncio.to_thread(self._more) or self._fits
            if release.fit not in {fit.name for fit in self._fits}:
                log.warning(
                    "the release's thresholds are not here", extra={"release": release.number, "fit": release.fit}
                )
        encoder = self._encoder.name if self._encoder else ""
        return await self._beside(partial(inforce.in_force, release, serial, live, index, self._fits, encoder))

    async def _recover(self) -> None:
        """Where the encoder failed on the corpus, words alone answer: try it again after a while."""
        base = self._force
        if self._encoder is None or not base.index.words_only or not base.live or time.monotonic() < self._again:
            return
        self._again = time.monotonic() + RETRY_SECONDS
        force = await self._made(base, base.release, base.serial, (), ())
        if self._force is base and not force.index.words_only:
            self._force = force
            log.info("the encoder is at work again")

    async def encode(self, index: Index, revisions: Iterable[Revision]) -> None:
        """Compute now what vectors `updated` will need for these; who may give up encodes in parts."""
        await self._encode(index, tuple(revisions))

    async def _encode(self, index: Index, revisions: Sequence[Revision]) -> None:
        """Off the event loop."""
        try:
            await self._beside(lambda: index.encode(revisions))
        except Exception:  # whatever a model raises: `updated` does without meaning, and says so
            log.exception("the encoder failed on what changed")

    async def updated(self, index: Index, changed: Iterable[Revision], removed: Iterable[str] = ()) -> Index:
        """A new index with these changes, made off the event loop. One at a time: indexes that come from one another
        share a vocabulary, which one thread at a time may extend; also when who asked for it has given up."""
        return await asyncio.shield(asyncio.create_task(self._update(index, changed, removed)))

    async def _update(self, index: Index, changed: Iterable[Revision], removed: Iterable[str]) -> Index:
        changed = tuple(changed)
        await self._encode(index, changed)  # others need not wait for that
        async with self._updating:
            with left_alone():
                return await self._beside(lambda: index.updated(changed, removed))

    async def _beside(self, work: Callable[[], T]) -> T:
        """In a thread that gives way to messages."""

        def courteously() -> T:
            with self._courtesy.giving_way():
                return work()

        return await aside(courteously)


def _changes(catalogue: Catalogue, serial: int) -> Changes:
    """With the release that they lead to, of which one is made where an older version of the program published."""
    changes = catalogue.changes_since(serial)
    while changes.serial and changes.release is None:
        catalogue.live_release()
        changes = catalogue.changes_since(serial)
    return changes


def _between(
    before: Mapping[str, Revision], after: Mapping[str, Revision]
) -> tuple[tuple[Revision, ...], tuple[str, ...]]:
    """What became live, and what no longer is."""
    changed = tuple(r for e, r in after.items() if before.get(e) is not r)
    return changed, tuple(e for e in before if e not in after)
