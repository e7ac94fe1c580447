"""From the outbox to the channels: in order per conversation, at the platforms' rates, never twice.

A part is marked as being sent, durably, before it is: whoever finds that mark later does not send it again. The
rates are kept by buckets that all workers share; a part waits for its tokens before it is taken, so that who may
speak is asked at the last moment.
"""

import asyncio
import logging
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass

from bot.channels.channel import Ambiguous, Channel, ChannelThrottled, NotConnected, Refused
from bot.inbox import Dropped, Pause
from bot.inorder import InOrder
from bot.logs import about
from bot.message import DeliveryState, Part
from bot.metrics.metrics import Metrics
from bot.store.protocol import Fenced, Outgoing, Store, StoreUnavailable

log = logging.getLogger(__name__)
SEND_SECONDS = 8.0
"""The longest that one send may take; then nobody knows what became of it. A claim waits for it as long."""
SLOWEST = 250_000.0  # bytes a second at which a file leaves
WIDTH = 64  # sends at once
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0  # seconds between tries while a platform cannot be reached
_ENDED = {"stale": "dropped", "unknown": "unknown"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one try; `wait`: seconds before another, when it goes back."""

    state: DeliveryState
    external: str = ""
    reason: str = ""
    wait: float = 0.0


class Leaving:
    """Parts on their way to their channel."""

    def __init__(
        self, store: Store, channels: Mapping[str, Channel], pause: Pause, dropped: Dropped, metrics: Metrics
    ) -> None:
        self._store, self._channels, self._pause, self._dropped = store, channels, pause, dropped
        self._metrics = metrics
        self._width = asyncio.Semaphore(WIDTH)
        self._work: InOrder[Outgoing] = InOrder(self._deliver, lambda o: dropped(o.lane))

    @property
    def size(self) -> int:
        """Parts queued or under way."""
        return self._work.size

    def put(self, outgoing: Outgoing) -> None:
        """Behind the others of its conversation."""
        self._work.put(outgoing.conversation, outgoing)

    def purge(self, lane: int) -> None:
        """Forget what was read of a lane and has not begun."""
        self._work.purge(lambda o: o.lane == lane)

    async def end(self, seconds: float) -> None:
        """Begin nothing more; wait for what has begun, at most so long."""
        self._work.stop()
        await self._work.done(seconds)

    async def _deliver(self, outgoing: Outgoing) -> None:
        sending = outgoing.sending
        ids = {"arrival": sending.arrival} if sending.arrival else {}
        with about(conversation=outgoing.conversation, part=sending.id, channel=sending.channel, **ids):
            await self._delivered(outgoing)

    async def _delivered(self, outgoing: Outgoing) -> None:
        pause, token = FIRST_PAUSE, secrets.token_hex(4)
        while True:
            try:
                outcome = await self._try(outgoing, token)
                if outcome is None or outcome.state is not DeliveryState.QUEUED:
                    return
                wait = outcome.wait or pause
            except Fenced:
                self._metrics.fenced.inc()
                self._dropped(outgoing.lane)
                return  # the lane's new holder sends it
            except StoreUnavailable:
                wait = 0.5
            if await self._pause(wait):
                return  # it is with the store: the next holder of the lane sends it
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _try(self, outgoing: Outgoing, token: str) -> Outcome | None:
        """One try; None when there was nothing to send (any more) or the worker is told to stop."""
        channel = self._channels.get(outgoing.sending.channel)
        if channel is not None and not await self._tokens(outgoing, channel):
            return None
        async with self._width:  # not while it waits for its turn: a throttled chat must not delay the others
            return None if self._work.stopped else await self._sent(outgoing, channel, token)

    async def _sent(self, outgoing: Outgoing, channel: Channel | None, token: str) -> Outcome | None:
        asked = time.monotonic()
        verdict, last = await self._store.take(outgoing, token)
        if verdict != "send":
            if verdict in _ENDED:
                self._metrics.deliveries.labels(outgoing.sending.channel, _ENDED[verdict]).inc()
            log.log(logging.WARNING if verdict == "unknown" else logging.INFO, "not sent: %s", verdict)
            return None
        outcome = await self._send(outgoing, channel, last, asked)
        self._count(outgoing, outcome)
        await self._settle(outgoing, outcome)
        if outcome.wait and channel and channel.limits.each:
            # So that also another worker, after us, obeys.
            await self._store.hold_back(outgoing, channel.limits.each, outcome.wait)
        return outcome

    def _count(self, outgoing: Outgoing, outcome: Outcome) -> None:
        sending = outgoing.sending
        if outcome.state is DeliveryState.QUEUED:
            return
        self._metrics.deliveries.labels(sending.channel, str(outcome.state)).inc()
        if outcome.state is DeliveryState.SENT:
            log.info("sent")
            if sending.arrived:
                self._metrics.replies.labels(sending.channel).observe(max(0.0, time.time() - sending.arrived))

    async def _tokens(self, outgoing: Outgoing, channel: Channel) -> bool:
        """Wait for the conversation's turn, then for the channel's; False when told to stop."""
        each, overall = channel.limits.each, channel.limits.overall
        if each:
            wait = await self._store.reserve_chat(outgoing, each)
            if wait and await self._waited(wait, channel):
                return False
        if overall:
            wait = await self._store.reserve(channel.name, overall)
            if wait and await self._waited(wait, channel):
                return False
        return True

    async def _waited(self, seconds: float, channel: Channel) -> bool:
        self._metrics.waits.labels(channel.name).observe(seconds)
        return await self._pause(seconds)

    async def _settle(self, outgoing: Outgoing, outcome: Outcome) -> None:
        """Say what became of it, as long as it takes: a message that arrived must not end as unknown."""
        while True:
            try:
                await self._store.settle(outgoing, outcome.state, outcome.external, outcome.reason)
                return
            except StoreUnavailable:
                if await self._pause(0.3):
                    return

    async def _send(self, outgoing: Outgoing, channel: Channel | None, last: float, asked: float) -> Outcome:
        sending = outgoing.sending
        if channel is None:
            return Outcome(DeliveryState.FAILED, reason="channel off")
        late = channel.limits.window is not None and time.time() - last > channel.limits.window
        if late and sending.part.get("type") != "template":
            return Outcome(DeliveryState.FAILED, reason="window")
        left = SEND_SECONDS + _carrying(sending.part) - (time.monotonic() - asked)
        if left <= 0:
            # We were stopped in between: who waited for us has given up and may have let somebody else speak.
            return Outcome(DeliveryState.QUEUED)
        try:
            async with asyncio.timeout(left):
                with self._metrics.sends.labels(channel.name).time():
                    external = await channel.send(sending.chat, sending.part)
        except ChannelThrottled as error:
            self._metrics.throttled.labels(channel.name).inc()
            log.info("throttled", extra={"seconds": error.retry_after})
            return Outcome(DeliveryState.QUEUED, wait=error.retry_after)
        except NotConnected:
            log.warning("the platform cannot be reached")
            return Outcome(DeliveryState.QUEUED)
        except Refused as error:
            log.warning("refused by the platform", extra={"reason": str(error)})
            return Outcome(DeliveryState.FAILED, reason=str(error))
        except Ambiguous as error:
            log.warning("delivery unknown", extra={"reason": str(error)})
            return Outcome(DeliveryState.UNKNOWN, reason=str(error))
        except TimeoutError:
            log.warning("delivery unknown", extra={"reason": "time limit"})
            return Outcome(DeliveryState.UNKNOWN, reason="time limit")
        except Exception:
            log.exception("a channel failed in sending")
            return Outcome(DeliveryState.UNKNOWN, reason="fault")
        return Outcome(DeliveryState.SENT, external)


def _carrying(part: Part) -> float:
    """Seconds more for a clerk's file; the bot sends none, so no claim ever waits for them."""
    return float(part.get("size", 0)) / SLOWEST if part.get("type") == "enclosed" else 0.0
