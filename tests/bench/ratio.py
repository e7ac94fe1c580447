"""Turns per CPU second, ours against a stock Rasa's: the same questions in alternating blocks of one run.

Ours pays for everything from the update to the send: verifying, durable inbox, understanding, search, one atomic write,
outbox, the call to the platform, and the platform's receipts. The stock Rasa answers the HTTP request that asked it.
"""

import asyncio
import time
from pathlib import Path
from typing import Any

from bot.rasa import rasa_python
from bot.settings import Settings
from bot.simulator.clock import SystemClock
from tests.bench import openloop
from tests.bench.messages import SEED, Size
from tests.bench.procfs import cost
from tests.bench.rival import ONE_THREAD, THREADS, Rival, rival, trained
from tests.bench.stats import latencies, middle
from tests.bench.tell import tell
from tests.bench.town import Town

SENDERS = 100  # conversations of the stock Rasa; a longer one costs it more


async def ratio(town: Town, size: Size, out: Path) -> dict[str, Any]:
    """A B A B …; with one thread for both, then a look at the stock Rasa with the threads that it takes by itself."""
    python = rasa_python(Settings())
    if python is None:
        return {"skipped": "Rasa's environment is not there (make rasa)"}
    folder, seconds = await asyncio.to_thread(trained, python)
    found: dict[str, Any] = {"training_s": round(seconds), "blocks": []}
    async with rival(python, folder, ONE_THREAD, out, town.pid) as other:
        await _warm(other, town, size)
        for number in range(size.blocks[0]):
            found["blocks"].append(await _pair(town, other, size, number))
    others = [name for name in THREADS if name != ONE_THREAD] if size.free_threads else []
    for name in others:
        async with rival(python, folder, name, out, town.pid) as other:
            await _warm(other, town, size)
            texts = [town.load.questions.any() for _ in range(_count(size))]
            found[f"stock_rasa_{name.replace(' ', '_')}"] = await _theirs(other, texts, size, SEED)
    found["ours"] = middle([b["ours"]["turns_per_cpu_s"] for b in found["blocks"]])
    found["theirs"] = middle([b["theirs"]["turns_per_cpu_s"] for b in found["blocks"]])
    found["ratio"] = middle([b["ratio"] for b in found["blocks"]])
    tell(f"  turns per CPU second: {found['ours']} ours, {found['theirs']} stock Rasa, ratio {found['ratio']}")
    return found


def _count(size: Size) -> int:
    _, rate, seconds = size.blocks
    return round(rate * seconds)


async def _warm(other: Rival, town: Town, size: Size) -> None:
    """Its first messages are slower, and a first contact begins a session."""
    senders = min(SENDERS, 4 * size.warm)
    for number in range(senders):
        await other.ask(str(number), town.load.questions.any() if number < size.warm else "hallo")


async def _pair(town: Town, other: Rival, size: Size, number: int) -> dict[str, Any]:
    """One block of each, on the same questions at the same planned times."""
    texts = [town.load.questions.answered() for _ in range(_count(size))]
    first = await _ours(town, texts, size, SEED + number)
    second = await _theirs(other, texts, size, SEED + number)
    quotient = round(first["turns_per_cpu_s"] / second["turns_per_cpu_s"], 2)
    tell(f"  block {number + 1}: {first['turns_per_cpu_s']} against {second['turns_per_cpu_s']}, ratio {quotient}")
    return {"ours": first, "theirs": second, "ratio": quotient}


async def _ours(town: Town, texts: list[str], size: Size, seed: int) -> dict[str, Any]:
    _, rate, seconds = size.blocks
    load = town.load
    before = cost(town.pid)
    sums = await load.drive(
        openloop.poisson(rate, seconds, seed),
        "ours",
        ask=lambda n: (load.book.next_chat(("telegram", "whatsapp")[n % 2]), texts[n]),
    )
    spent = cost(town.pid).since(before)
    return {
        "turns": sums["asked"] - sums["unanswered"],
        "cpu_s": round(spent.total, 2),
        "by_process": spent.seconds,
        "turns_per_cpu_s": round((sums["asked"] - sums["unanswered"]) / max(spent.total, 0.01), 2),
        "reply_ms": sums["reply_ms"],
    }


async def _theirs(other: Rival, texts: list[str], size: Size, seed: int) -> dict[str, Any]:
    _, rate, seconds = size.blocks
    took: list[float] = []
    silent = 0

    async def fire(number: int, due: float) -> None:
        nonlocal silent
        silent += not await other.ask(str(number % SENDERS), texts[number])
        took.append(time.time() - due)

    before = cost(other.pid)
    await openloop.run(openloop.poisson(rate, seconds, seed), fire, SystemClock())
    spent = cost(other.pid).since(before)
    return {
        "turns": len(took) - silent,
        "cpu_s": round(spent.total, 2),
        "turns_per_cpu_s": round((len(took) - silent) / max(spent.total, 0.01), 2),
        "reply_ms": latencies(took),
    }
