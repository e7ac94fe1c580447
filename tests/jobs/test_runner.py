"""The worker's side of a job: a process is started, watched, and ended; nothing is lost with either."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.jobs import kinds, runner
from bot.jobs.kinds import Kind
from bot.jobs.runner import TOO_LONG, Runner
from faq.jobs import Job, Jobs
from faq.schema import open_database


@pytest.fixture
def jobs(tmp_path: Path) -> Iterator[Jobs]:
    engine = open_database(f"sqlite:///{tmp_path}/town.sqlite")
    yield Jobs(engine)
    engine.dispose()


def script(path: Path, body: str) -> tuple[str, ...]:
    """A stand-in for a job's process: Python with `jobs` and its `job` at hand; `pid` names a file for its pid."""
    file = path / "job.py"
    file.write_text(
        "import os, pathlib, signal, sys, time\n"
        "from faq.jobs import Jobs\nfrom faq.schema import open_database\n"
        f"here = pathlib.Path({str(path)!r})\n"
        "jobs = Jobs(open_database(f'sqlite:///{here}/town.sqlite'))\n"
        "job = jobs.get(int(sys.argv[1]))\n"
        "assert job.turn == int(sys.argv[2])\n"
        "(here / 'pid.new').write_text(str(os.getpid())); (here / 'pid.new').rename(here / 'pid')\n" + body,
        "utf-8",
    )
    return sys.executable, str(file)


async def until(what: Callable[[], bool]) -> None:
    """At most a minute, on a busy machine, too."""
    for _ in range(3000):
        if what():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it never came")


def play(jobs: Jobs, command: tuple[str, ...], scene: Callable[[], Awaitable[None]]) -> None:
    async def go() -> None:
        running = asyncio.create_task(Runner(jobs, "w1", command, poll=0.02).run())
        try:
            await scene()
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    asyncio.run(go())


def latest(jobs: Jobs) -> Job:
    found = jobs.latest("prove", "r1")
    assert found
    return found


def gone(path: Path) -> bool:
    pid = int((path / "pid").read_text())
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_done_by_a_process_of_its_own(jobs: Jobs, tmp_path: Path) -> None:
    jobs.enqueue("prove", "r1", "kim")

    async def scene() -> None:
        await until(lambda: latest(jobs).state == "done")

    play(jobs, script(tmp_path, "jobs.done(job, {'pid': os.getpid()})"), scene)
    assert latest(jobs).result["pid"] not in (0, os.getpid())


def test_a_killed_process_is_followed_by_another(jobs: Jobs, tmp_path: Path) -> None:
    jobs.enqueue("prove", "r1", "kim")

    async def scene() -> None:
        await until(lambda: not latest(jobs).open)

    body = "if job.turn < 2: os.kill(os.getpid(), signal.SIGKILL)\njobs.done(job, {})"
    play(jobs, script(tmp_path, body), scene)
    assert (latest(jobs).state, latest(jobs).turn) == ("done", 2)


def test_a_worker_that_ends_gives_its_job_back(jobs: Jobs, tmp_path: Path) -> None:
    """Also a process that does not listen is ended."""
    jobs.enqueue("prove", "r1", "kim")

    async def scene() -> None:
        await until((tmp_path / "pid").exists)

    body = "signal.signal(signal.SIGTERM, signal.SIG_IGN)\ntime.sleep(600)"
    play(jobs, script(tmp_path, body), scene)
    assert gone(tmp_path)
    assert (latest(jobs).state, latest(jobs).turn) == ("waiting", 0)
    assert jobs.claim("w2", timedelta(seconds=9))


def test_what_nobody_wants_any_more_is_ended(jobs: Jobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "BEAT", 0.05)
    jobs.enqueue("prove", "r1", "kim")

    async def scene() -> None:
        await until((tmp_path / "pid").exists)
        jobs.call_off("prove", "r1")
        await until(lambda: gone(tmp_path))

    play(jobs, script(tmp_path, "time.sleep(600)"), scene)
    assert latest(jobs).state == "failed"


def test_nothing_runs_for_ever(jobs: Jobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "BEAT", 0.05)
    monkeypatch.setattr(runner, "KINDS", {**kinds.KINDS, "prove": Kind("", 0.5)})
    jobs.enqueue("prove", "r1", "kim")

    async def scene() -> None:
        await until(lambda: not latest(jobs).open)

    play(jobs, script(tmp_path, "time.sleep(600)"), scene)
    assert (latest(jobs).state, latest(jobs).error) == ("failed", TOO_LONG)
    assert not (tmp_path / "pid").exists() or gone(tmp_path)


def test_who_waits_for_a_job_is_told_of_its_end(jobs: Jobs, tmp_path: Path) -> None:
    """At the start, and at once after a job, however it ended."""
    jobs.enqueue("prove", "r1", "kim")
    told: list[str] = []

    async def go() -> None:
        command = script(tmp_path, "jobs.failed(job, 'broken')")
        settle = lambda: told.append(latest(jobs).state)  # noqa: E731
        running = asyncio.create_task(Runner(jobs, "w1", command, 0.02, settle).run())
        try:
            await until(lambda: len(told) == 2)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    asyncio.run(go())
    assert told == ["waiting", "failed"]


def test_a_kind_of_a_newer_version_is_left_to_it(jobs: Jobs, tmp_path: Path) -> None:
    jobs.enqueue("paint", "r1", "kim")
    jobs.enqueue("prove", "r1", "kim")

    async def scene() -> None:
        await until(lambda: latest(jobs).state == "done")

    play(jobs, script(tmp_path, "jobs.done(job, {})"), scene)
    left = jobs.latest("paint", "r1")
    assert left
    assert (left.open, left.turn) == (True, 0)
