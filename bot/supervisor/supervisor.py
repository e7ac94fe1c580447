"""Keeps children alive until stopped, replaces them one by one when asked to, ends them in order."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

from bot.supervisor.child import Child, Falls
from bot.supervisor.ears import Ears

log = logging.getLogger(__name__)
GRACE_SECONDS = 10.0
RASA_SECONDS = 2.0
READY_SECONDS = 180.0  # for a new process before the old one ends: a worker loads the encoder
ROLLING = ("web", "worker", "clock")
ENDING = ((*ROLLING, "simulator"), ("rasa",), ("valkey",))
"""Who writes ends before what is written to; whom citizens reach first, all at once: each takes seconds to drain."""

Bury = Callable[[str, str], Awaitable[None]]


class Supervisor:
    """`bury(kind, name)` is called when a process of ours has ended: it gives back what that one held."""

    def __init__(self, ears: Ears, bury: Bury) -> None:
        self.children: list[Child] = []
        self._ears, self._bury = ears, bury
        self._tasks: set[asyncio.Task[None]] = set()
        self._rolling = asyncio.Lock()
        self._stopping = False

    async def start(self, child: Child) -> None:
        """Start it and watch it from now on."""
        self.children.append(child)
        await child.spawn()
        self._begin(self._watch(child))

    async def dismiss(self, child: Child, seconds: float) -> None:
        """End it for good."""
        child.retiring = True
        await self._ended(child, seconds)
        self.children.remove(child)

    async def ready(self, kind: str) -> None:
        """Return once all of this kind are ready, also after falls."""
        while waiting := [c for c in self.children if c.kind == kind and not self._ears.is_ready(c.known)]:
            # One that fell comes again under another name: look anew from time to time.
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ears.ready(waiting[0].known), 0.5)

    async def roll(self) -> bool:
        """Replace web, worker and clock, one after the other; False when a new one did not get ready.

        Each new process is ready before the old one ends, so that somebody always serves. The first that does not
        come up ends the round: the old ones go on.
        """
        async with self._rolling:
            for kind in ROLLING:
                for child in [c for c in self.children if c.kind == kind and not c.retiring]:
                    if not await self._replaced(child):
                        return False
            return True

    async def stop(self) -> None:
        """End the children, in order."""
        self._stopping = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for group in ENDING:
            chosen = [c for c in self.children if c.kind in group]
            # Rasa holds nothing that could be lost, and takes its time to end.
            seconds = RASA_SECONDS if group == ("rasa",) else GRACE_SECONDS
            await asyncio.gather(*(self._ended(child, seconds) for child in chosen))

    async def _replaced(self, old: Child) -> bool:
        new = old.twin()
        self.children.append(new)
        await new.spawn()
        assert new.process
        ready, fell = asyncio.create_task(self._ears.ready(new.known)), asyncio.create_task(new.process.wait())
        await asyncio.wait({ready, fell}, timeout=READY_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        came = ready.done() and not fell.done()
        ready.cancel()
        fell.cancel()
        if came:
            log.info("replaced", extra={"child": new.name, "by": new.known})
            self._begin(self._watch(new))
        else:
            log.error("a new process did not get ready; the old one goes on", extra={"child": new.name})
        gone = old if came else new
        gone.retiring = True
        await self._ended(gone, GRACE_SECONDS)
        if gone is new:
            self._mourn(new)
        self.children.remove(gone)
        return came

    async def _ended(self, child: Child, seconds: float) -> None:
        if not await child.end(seconds):
            log.warning("had to be killed", extra={"child": child.name})

    async def _watch(self, child: Child) -> None:
        falls, clock = Falls(), asyncio.get_running_loop().time
        while True:
            assert child.process
            began = clock()
            code = await child.process.wait()
            if self._stopping:
                return
            self._mourn(child)
            if child.retiring:
                return
            pause = falls.pause(clock() - began)
            log.error("a process ended; starting it again", extra={"child": child.name, "code": code, "in": pause})
            await asyncio.sleep(pause)
            if child.retiring:
                return
            await child.spawn()
            if child.retiring:  # dismissed while it was being born
                await self._ended(child, GRACE_SECONDS)
                return

    def _mourn(self, child: Child) -> None:
        if child.ours:
            self._ears.forget(child.known)
            self._begin(self._bury(child.kind, child.known))

    def _begin(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
