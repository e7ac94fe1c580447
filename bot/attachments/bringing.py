"""Bringing files: what a conversation wants and has not got is fetched from its platform, beside everything else.

What is wanted stands in the store, put there by the same write that keeps the message. Whoever takes a file has it
for a while, and another worker takes it over after that: a worker that dies loses none. No lane ever waits for one.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.attachments.attachment import Attachment, Fate
from bot.attachments.carrier import Carrier, Gone, TooLarge
from bot.attachments.intake import Intake
from bot.channels.channel import Channel, ChannelThrottled, SendFailed
from bot.metrics.metrics import Metrics
from bot.store.protocol import Store, StoreUnavailable

log = logging.getLogger(__name__)
LOOK_SECONDS = 0.5  # between two looks; each is one round trip to the store
FETCH_SECONDS = 60.0  # of one file, from asking to its last byte
HELD_SECONDS = 180.0  # another worker takes it over after that; the scanner's time is in it
WIDTH = 4  # files at once; slow ones must not use up a worker
TRIES = 5
FIRST_PAUSE = 2.0  # seconds before the second try; each further one takes four times as long to come


class Bringing:
    """Fetches in one process."""

    def __init__(
        self,
        store: Store,
        channels: Mapping[str, Channel],
        intake: Intake,
        metrics: Metrics,
        scanner_seconds: float = 0.0,
        fetch_seconds: float = FETCH_SECONDS,
        pause: float = FIRST_PAUSE,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        """`fetch_seconds`: for one file; `pause`: before the second try; `look_seconds`: between two looks."""
        self._store, self._channels, self._intake, self._metrics = store, channels, intake, metrics
        self._held = HELD_SECONDS + 2 * scanner_seconds
        self._seconds, self._pause, self._look_seconds = fetch_seconds, pause, look_seconds
        self._flying: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Until cancelled; what is under way then is given back."""
        try:
            while True:
                try:
                    found = await self.look()
                except Exception:
                    log.exception("files could not be looked for")
                    found = 0
                if not found:
                    await asyncio.sleep(self._look_seconds)
        finally:
            flying = list(self._flying)
            for task in flying:
                task.cancel()
            await asyncio.gather(*flying, return_exceptions=True)

    async def look(self) -> int:
        """Begin what there is room for; returns how many were begun."""
        room = WIDTH - len(self._flying)
        if room <= 0:
            await asyncio.wait(self._flying, return_when=asyncio.FIRST_COMPLETED, timeout=self._look_seconds)
            return 0
        try:
            found = await self._store.wanted(datetime.now(UTC), timedelta(seconds=self._held), room)
        except StoreUnavailable:
            return 0
        for conversation, attachment in found:
            task = asyncio.create_task(self._bring(conversation, attachment))
            self._flying.add(task)
            task.add_done_callback(self._flying.discard)
        return len(found)

    async def done(self) -> None:
        """Return once nothing is under way: for tests."""
        while self._flying:
            await asyncio.wait(self._flying)

    async def _bring(self, conversation: str, wanted: Attachment) -> None:
        began = time.monotonic()
        try:
            outcome, pause = await self._brought(conversation, wanted)
            again = datetime.now(UTC) + timedelta(seconds=pause) if pause else None
            kept = await self._store.settle_attachment(conversation, outcome, again)
            if not kept and outcome.digest:
                # Erased while it was on its way: nothing of it stays, unless the same was sent again since.
                known = {file.digest for file in await self._store.attachments(conversation)}
                if outcome.digest not in known:
                    await self._intake.vault.drop(conversation, outcome.digest)
        except asyncio.CancelledError:
            with contextlib.suppress(StoreUnavailable):  # then it is given to somebody else when our time is over
                await self._store.settle_attachment(conversation, wanted, datetime.now(UTC))
            raise
        except StoreUnavailable:
            log.warning("what became of a file could not be kept; it is fetched again")
            return
        except Exception:
            log.exception("a file could not be brought", extra={"conversation": conversation})
            return
        self._metrics.attachments.labels("citizen", str(outcome.fate)).inc()
        seconds = round(time.monotonic() - began, 2)
        facts = {"conversation": conversation, "outcome": str(outcome.fate), "reason": outcome.reason}
        log.info("a file was fetched", extra={**facts, "seconds": seconds, "bytes": outcome.size})

    async def _brought(self, conversation: str, wanted: Attachment) -> tuple[Attachment, float]:
        """What became of it, and seconds until another try (0: none)."""
        held = await self._store.load(conversation)
        channel = self._channels.get(held.conversation.channel) if held.conversation else None
        if not isinstance(channel, Carrier) or not wanted.source:
            return replace(wanted, fate=Fate.FAILED, reason="channel"), 0.0
        rules = self._intake.rules
        if rules.off or wanted.size > rules.largest:
            return replace(wanted, fate=Fate.REFUSED, reason="type" if rules.off else "size"), 0.0
        try:
            async with asyncio.timeout(self._seconds) as limit:
                async with contextlib.aclosing(channel.download(wanted.source, rules.largest)) as content:
                    # Once the bytes are here the time is up to the scanner, which has a limit of its own.
                    arrived = _then(content, lambda: limit.reschedule(None))
                    outcome = await self._intake.take(conversation, wanted, arrived)
        except TooLarge:
            return replace(wanted, fate=Fate.REFUSED, reason="size"), 0.0
        except Gone:
            return replace(wanted, fate=Fate.FAILED, reason="gone"), 0.0
        except ChannelThrottled as error:
            return self._later(wanted, "network", error.retry_after)
        except (SendFailed, TimeoutError) as error:
            return self._later(wanted, "time" if isinstance(error, TimeoutError) else "network")
        if outcome.fate is Fate.FAILED:
            return self._later(wanted, outcome.reason)
        return outcome, 0.0

    def _later(self, wanted: Attachment, reason: str, asked: float = 0.0) -> tuple[Attachment, float]:
        tries = wanted.tries + 1
        if tries >= TRIES:
            return replace(wanted, fate=Fate.FAILED, reason=reason, tries=tries), 0.0
        pause = max(asked, self._pause * 4.0 ** (tries - 1))
        return replace(wanted, fate=Fate.QUEUED, reason=reason, tries=tries), pause


async def _then(content: AsyncIterator[bytes], ended: Callable[[], None]) -> AsyncIterator[bytes]:
    async for chunk in content:
        yield chunk
    ended()
