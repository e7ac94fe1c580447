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
from bot.message import DeliveryState
from bot.store.protocol import Fenced, Outgoing, Store, StoreUnavailable

log = logging.getLogger(__name__)
SEND_SECONDS = 8.0
"""The longest that one send may take; then nobody knows what became of it. A claim waits for it as long."""
WIDTH = 64  # sends at once
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0  # seconds between tries while a platform cannot be reached


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one try; `wait`: seconds before another, when it goes back."""

    state: DeliveryState
    external: str = ""
    reason: str = ""
    wait: float = 0.0


class Leaving:
    """Parts on their way to their channel."""

    def __init__(self, store: Store, channels: Mapping[str, Channel], pause: Pause, dropped: Dropped) -> None:
        self._store, self._channels, self._pause, self._dropped = store, channels, pause, dropped
        self._work: InOrder[Outgoing] = InOrder(self._deliver, WIDTH, lambda o: dropped(o.lane))

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
        pause, token = FIRST_PAUSE, secrets.token_hex(4)
        while True:
            try:
                outcome = await self._try(outgoing, token)
                if outcome is None or outcome.state is not DeliveryState.QUEUED:
                    return
                wait = outcome.wait or pause
            except Fenced:
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
        asked = time.monotonic()
        verdict, last = await self._store.take(outgoing, token)
        where = {"conversation": outgoing.conversation, "part": outgoing.sending.id}
        if verdict != "send":
            log.log(logging.WARNING if verdict == "unknown" else logging.INFO, "not sent: %s", verdict, extra=where)
            return None
        outcome = await self._send(outgoing, channel, last, asked)
        await self._settle(outgoing, outcome)
        if outcome.wait and channel and channel.limits.each:
            # So that also another worker, after us, obeys.
            await self._store.hold_back(outgoing, channel.limits.each, outcome.wait)
        return outcome

    async def _tokens(self, outgoing: Outgoing, channel: Channel) -> bool:
        """Wait for the conversation's turn, then for the channel's; False when told to stop."""
        each, overall = channel.limits.each, channel.limits.overall
        if each:
            wait = await self._store.reserve_chat(outgoing, each)
            if wait and await self._pause(wait):
                return False
        if overall:
            wait = await self._store.reserve(channel.name, overall)
            if wait and await self._pause(wait):
                return False
        return True

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
        where = {"conversation": outgoing.conversation, "part": sending.id, "channel": sending.channel}
        if channel is None:
            return Outcome(DeliveryState.FAILED, reason="channel off")
        if channel.limits.window is not None and time.time() - last > channel.limits.window:
            return Outcome(DeliveryState.FAILED, reason="window")
        left = SEND_SECONDS - (time.monotonic() - asked)
        if left <= 0:
            # We were stopped in between: who waited for us has given up and may have let somebody else speak.
            return Outcome(DeliveryState.QUEUED)
        try:
            async with asyncio.timeout(left):
                external = await channel.send(sending.chat, sending.part)
        except ChannelThrottled as error:
            log.info("throttled", extra={**where, "seconds": error.retry_after})
            return Outcome(DeliveryState.QUEUED, wait=error.retry_after)
        except NotConnected:
            log.warning("the platform cannot be reached", extra=where)
            return Outcome(DeliveryState.QUEUED)
        except Refused as error:
            log.warning("refused by the platform", extra={**where, "reason": str(error)})
            return Outcome(DeliveryState.FAILED, reason=str(error))
        except Ambiguous as error:
            log.warning("delivery unknown", extra={**where, "reason": str(error)})
            return Outcome(DeliveryState.UNKNOWN, reason=str(error))
        except TimeoutError:
            log.warning("delivery unknown", extra={**where, "reason": "time limit"})
            return Outcome(DeliveryState.UNKNOWN, reason="time limit")
        except Exception:
            log.exception("a channel failed in sending", extra=where)
            return Outcome(DeliveryState.UNKNOWN, reason="fault")
        return Outcome(DeliveryState.SENT, external)
