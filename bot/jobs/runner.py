"""In each worker: takes jobs, starts a process for each and watches it. The event loop only waits; no reply is late."""

import asyncio
import contextlib
import logging
import os
import sys
import time
from collections.abc import Callable, Sequence
from datetime import timedelta

from bot.jobs.kinds import KINDS
from bot.jobs.surroundings import environment
from faq.jobs import Job, Jobs

log = logging.getLogger(__name__)
POLL = 1.5  # seconds between two looks for work
SETTLE_EVERY = 30.0  # seconds; at once after a job of ours
BEAT = 3.0  # seconds between two renewals of the lease
LEASE = timedelta(seconds=15)
PATIENCE = 2.0  # seconds that a process has to end when told to; then it is killed
TOO_LONG = "too_long"
COMMAND = (sys.executable, "-m", "bot", "job")


class Runner:
    """One job at a time; `name` is the worker's. `command` starts a job's process, its id and turn follow. `settle`
    tells those who wait for jobs that came to nothing; it is called now and then."""

    def __init__(
        self,
        jobs: Jobs,
        name: str,
        command: Sequence[str] = COMMAND,
        poll: float = POLL,
        settle: Callable[[], object] = lambda: None,
    ) -> None:
        self._jobs, self._name, self._command, self._poll, self._settle = jobs, name, command, poll, settle

    async def run(self) -> None:
        """For ever; cancelled, it ends what it started and gives the job back."""
        settled = -SETTLE_EVERY
        while True:
            try:
                if time.monotonic() - settled >= SETTLE_EVERY:
                    settled = time.monotonic()
                    await asyncio.to_thread(self._settle)
                job = await asyncio.to_thread(self._jobs.claim, self._name, LEASE, KINDS)
                if job:
                    await self._do(job)
                    settled = -SETTLE_EVERY
                    continue
            except Exception:
                # The database may come back; whoever has a job keeps its lease or loses it.
                log.exception("no job could be taken")
            await asyncio.sleep(self._poll)

    async def _do(self, job: Job) -> None:
        log.info("a job begins", extra={"kind": job.kind, "about": job.about, "turn": job.turn})
        process = await asyncio.create_subprocess_exec(
            *self._command,
            str(job.id),
            str(job.turn),
            env=environment(os.environ),
            stdin=asyncio.subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is ours to pass on
        )
        try:
            await self._watch(job, process, KINDS[job.kind].seconds)
        except asyncio.CancelledError:
            await _end(process)
            with contextlib.suppress(Exception):  # else its lease runs out, which is only slower
                await asyncio.to_thread(self._jobs.give_back, job)
            raise
        finally:
            await _end(process)

    async def _watch(self, job: Job, process: asyncio.subprocess.Process, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        late = loop.time() + seconds
        while loop.time() < late:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), BEAT)
            if process.returncode is not None:
                # One that was killed says nothing: who asks next, takes it up.
                await asyncio.to_thread(self._jobs.renew, job, timedelta(0))
                return
            if not await asyncio.to_thread(self._jobs.renew, job, LEASE):
                return  # called off
        await _end(process)
        await asyncio.to_thread(self._jobs.failed, job, TOO_LONG)


async def _end(process: asyncio.subprocess.Process) -> None:
    """By its pid, at once if it does not listen."""
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), PATIENCE)
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
