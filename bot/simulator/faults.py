"""Misbehaviour on demand, for calls that the product makes to a platform."""

import random
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from aiohttp import web

T = TypeVar("T")
Kind = Literal["throttle", "error", "cut", "slow"]
KINDS: tuple[Kind, ...] = ("throttle", "error", "cut", "slow")


@dataclass(frozen=True, slots=True)
class Fault:
    """One way a call goes wrong.

    throttle: 429 with `seconds` as retry_after. error: HTTP `status`. cut: the connection is closed without an
    answer. slow: the answer comes `seconds` late. With `after` an error or cut strikes once the call was carried
    out, so that the citizen has the message and the bot does not know: a lost response.
    """

    kind: Kind
    seconds: float = 0.0
    status: int = 502
    after: bool = False


LOST_RESPONSE = Fault("cut", after=True)
"""The message reached the citizen; its answer never reached the bot."""


@dataclass
class _Plan:
    fault: Fault
    left: int | None
    call: str
    citizen: str
    share: float


@dataclass
class Faults:
    """What is planned to go wrong on one platform. `random` is seeded by the simulator."""

    random: random.Random
    _plans: list[_Plan] = field(default_factory=list)

    def plan(
        self, fault: Fault, *, times: int | None = 1, call: str = "", citizen: str = "", share: float = 1.0
    ) -> None:
        """Let the next `times` calls go wrong (None: until calm()).

        `call` narrows it to one method (Telegram: "sendMessage"; WhatsApp: a message type, "read" or "media"),
        `citizen` to one citizen's key, `share` to that share of the calls, drawn by the seed.
        """
        self._plans.append(_Plan(fault, times, call, citizen, share))

    def calm(self) -> None:
        """Forget all plans."""
        self._plans.clear()

    @property
    def planned(self) -> int:
        """How many plans are still open."""
        return len(self._plans)

    def take(self, call: str, citizen: str) -> Fault | None:
        """The fault that strikes this call, if any; counts it."""
        for plan in self._plans:
            if plan.call not in ("", call) or plan.citizen not in ("", citizen):
                continue
            if plan.share < 1.0 and self.random.random() >= plan.share:
                continue
            if plan.left is not None:
                plan.left -= 1
                if plan.left <= 0:
                    self._plans.remove(plan)
            return plan.fault
        return None


def reordered(items: list[T], order: str, rng: random.Random) -> list[T]:
    """A copy in "kept", "reversed" or "shuffled" order."""
    if order == "reversed":
        return items[::-1]
    copy = list(items)
    if order == "shuffled":
        rng.shuffle(copy)
    elif order != "kept":
        raise ValueError("order is kept, reversed or shuffled")
    return copy


def cut(request: web.Request) -> web.StreamResponse:
    """Close the connection without an answer: the caller sees it break."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
