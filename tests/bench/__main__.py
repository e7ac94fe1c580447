"""python -m tests.bench [--short] [--only NAME …] [--out DIR] [--publish]"""

import argparse
import asyncio
import json
import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.rasa import rasa_python
from bot.settings import Settings, project_root
from tests import patience
from tests.bench import messages, report
from tests.bench.consoles import consoles
from tests.bench.edits import edits, prepared
from tests.bench.growth_conversations import growth
from tests.bench.messages import SHORT, Size
from tests.bench.procfs import machine
from tests.bench.questions import Questions
from tests.bench.ratio import ratio
from tests.bench.rival import trained
from tests.bench.tell import tell
from tests.bench.town import Town, town

# In this order: `ack` leaves more behind than is ever answered.
ON_ONE_PRODUCT = ("steady", "memory", "rasa", "burst", "ratio", "sustained", "ack")
NAMES = (*ON_ONE_PRODUCT, "faq", "conversations", "consoles", "edits")
FAQ_SECONDS = 1800.0  # one size


class Run:
    """Results so far, written down after each scenario."""

    def __init__(self, out: Path, size: Size) -> None:
        self.out, self.size = out, size
        self.questions = Questions()
        for line in self.questions.left_out:
            tell(line)
        about = {
            "at": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
            "machine": f"{os.cpu_count()} cores ({_processor()}), {_memory_gib()} GiB, Linux {platform.release()}",
            "commit": _commit(),
            "questions": self.questions.source,
            "short": size is SHORT,
        }
        self.results: dict[str, Any] = {"about": about, "scenarios": {}, "faults": []}

    async def scenario(self, name: str, work: Callable[[], Awaitable[dict[str, Any]]]) -> None:
        """Measure one; what goes wrong is a result too, and the others are measured."""
        tell(f"{name} …")
        began, before = time.monotonic(), machine()
        try:
            found = await work() or {"failed": "it ended with a fault"}  # its town has told which
        except Exception as error:  # noqa: BLE001 - the other scenarios must still be measured
            found = {"failed": f"{type(error).__name__}: {str(error)[:300]}"}
            tell(f"{name} FAILED: {found['failed']}")
        found["took_s"] = round(time.monotonic() - began, 1)
        busy, idle = (now - then for now, then in zip(machine(), before, strict=True))
        # Everything on this machine, not ours alone: near 1 where we did little, somebody else was at work.
        found["machine_busy"] = round(busy / max(busy + idle, 0.01), 2)
        self.results["scenarios"][name] = found
        report.write(self.results, self.out)

    @property
    def failed(self) -> bool:
        """Did anything?"""
        return bool(self.results["faults"]) or any("failed" in f for f in self.results["scenarios"].values())


async def bench(names: list[str], out: Path, size: Size) -> int:
    """Measure what is named; 0 when all of it could be measured. Told to stop, it ends what it started."""
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    run = Run(out, size)
    out.mkdir(parents=True, exist_ok=True)
    if "ratio" in names and (python := rasa_python(Settings())):
        await asyncio.to_thread(trained, python)  # before anything that it could disturb
    if any(name in names for name in ON_ONE_PRODUCT):
        await _one_product(run, [name for name in ON_ONE_PRODUCT if name in names])
    if "faq" in names:
        await run.scenario("faq", lambda: _faq(size))
    if "conversations" in names:

        async def conversations() -> dict[str, Any]:
            faults: list[str] = run.results["faults"]
            async with town(out, run.questions, faults, "conversations", nlu_url="off") as place:
                return {"rows": await growth(place, size)}

        await run.scenario("conversations", conversations)
    if "consoles" in names:

        async def many_consoles() -> dict[str, Any]:
            async with town(out, run.questions, run.results["faults"], "consoles", nlu_url="off") as place:
                return await consoles(place, size)

        await run.scenario("consoles", many_consoles)
    if "edits" in names:

        async def editors() -> dict[str, Any]:
            with prepared(size.edited) as (revisions, cache):
                faults: list[str] = run.results["faults"]
                async with town(out, run.questions, faults, "edits", nlu_url="off", cache=str(cache)) as place:
                    await messages.warm(place, size)
                    return await edits(place, size, revisions)

        await run.scenario("edits", editors)
    report.write(run.results, out)
    tell(f"Written to {out}")
    return int(run.failed)


async def _one_product(run: Run, names: list[str]) -> None:
    size = run.size
    works: dict[str, Callable[[Town], Awaitable[dict[str, Any]]]] = {
        "steady": lambda t: messages.steady(t, size),
        "memory": lambda t: messages.memory_of(t, size),
        "rasa": lambda t: messages.rasa_stopped(t, size),
        "burst": lambda t: messages.burst(t, size),
        "ratio": lambda t: ratio(t, size, run.out),
        "sustained": lambda t: messages.sustained(t, size),
        "ack": lambda t: messages.ack(t, size),
    }
    async with town(run.out, run.questions, run.results["faults"], "product") as place:
        await messages.warm(place, size)
        for name in names:
            work = works[name]
            await run.scenario(name, lambda work=work: work(place))  # type: ignore[misc]


async def _faq(size: Size) -> dict[str, Any]:
    """Each size in a process of its own: what one leaves behind is not the next one's memory."""
    rows = []
    for entries in size.entries:
        tell(f"  {entries} entries")
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.bench.growth_faq", str(entries), "200" if size is not SHORT else "20"),
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(FAQ_SECONDS):
                said, _ = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode:
            raise RuntimeError(f"{entries} entries: status {process.returncode}")
        rows.append(json.loads(said))
        tell(f"  {entries} entries: search p50 {rows[-1]['search_ms']['p50']} ms, built in {rows[-1]['build_s']} s")
    return {"rows": rows}


def _commit() -> str:
    told = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=project_root(), capture_output=True, text=True, check=False
    )
    return told.stdout.strip() or "unknown"


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def _memory_gib() -> int:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)


def main() -> int:
    """The exit status: 0 when everything named was measured."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Load on the product, and its cost.")
    parser.add_argument("--short", action="store_true", help="tiny counts: shows that it works, measures nothing")
    parser.add_argument("--only", nargs="+", choices=NAMES, metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--out", type=Path, default=project_root() / "var" / "bench")
    parser.add_argument("--publish", action="store_true", help="only put the last results into docs/bench.md")
    args = parser.parse_args()
    if args.publish:
        report.publish(args.out)
        return 0
    patience.everywhere()  # the product's limits are measured, ours are none
    try:
        return asyncio.run(bench(args.only or list(NAMES), args.out.absolute(), SHORT if args.short else Size()))
    except (asyncio.CancelledError, KeyboardInterrupt):
        tell("told to stop; what was measured is written down")
        return 130


if __name__ == "__main__":
    sys.exit(main())
