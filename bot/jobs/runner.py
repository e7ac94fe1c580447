"""In each worker: takes jobs, starts a process for each and watches it. The event loop only waits; no reply is late."""

import asyncio
import contextlib
import logging
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import timedelta

from bot.jobs.kinds import KINDS
from bot.processes.life import NAME
from faq.jobs import Job, Jobs

log = logging.getLogger(__name__)
POLL = 1.5  # seconds between two looks for work
BEAT = 3.0  # seconds between two renewals of the lease
LEASE = timedelta(seconds=15)
PATIENCE = 2.0  # seconds that a process has to end when told to; then it is killed
TOO_LONG = "too_long"
COMMAND = (sys.executable, "-m", "bot", "job")


class Runner:
    """One job at a time; `name` is the worker's. `command` starts a job's process, its id and turn follow."""

    def __init__(self, jobs: Jobs, name: str, command: Sequence[str] = COMMAND, poll: float = POLL) -> None:
        self._jobs, self._name, self._command, self._poll = jobs, name, command, poll

    async def run(self) -> None:
        """For ever; cancelled, it ends what it started and gives the job back."""
        while True:
            try:
                job = await asyncio.to_thread(self._jobs.claim, self._name, LEASE, KINDS)
                if job:
                    await self._do(job)
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
            env=_environment(os.environ),
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


def _environment(ours: Mapping[str, str]) -> dict[str, str]:
    """Without our name: it is no worker and tells nobody that it is ready."""
    return {name: value for name, value in ours.items() if name != NAME}


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
