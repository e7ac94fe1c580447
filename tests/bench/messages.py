"""Scenarios of load on one running product: acknowledgements, steady and sustained load, a burst, Rasa stopped."""

import asyncio
import os
import re
import signal
import time
from dataclasses import dataclass
from typing import Any

from bot.render import plain
from tests.bench import openloop
from tests.bench.book import Asked, Chat
from tests.bench.load import timeline
from tests.bench.procfs import cost, memory
from tests.bench.stats import latencies
from tests.bench.tell import tell
from tests.bench.town import Town
from tests.integration.product import tree

SEED = 7
LATE = 2.0  # seconds: Rasa's own limit is one


@dataclass(frozen=True)
class Size:
    """How much of everything. Rates are messages a second."""

    chats: int = 2500
    warm: int = 60
    steady: tuple[float, float] = (10.0, 60.0)
    sustained: tuple[float, float] = (25.0, 300.0)
    ack: tuple[float, float] = (100.0, 60.0)
    burst: int = 500
    stopped: tuple[float, float, float, float] = (5.0, 10.0, 20.0, 20.0)  # rate; seconds before, stopped, after
    blocks: tuple[int, float, float] = (5, 10.0, 20.0)  # pairs; rate, seconds of each block
    free_threads: bool = True  # also the stock Rasa with as many threads as it takes: one more start of it
    entries: tuple[int, ...] = (100, 1_000, 10_000, 100_000)
    conversations: tuple[int, ...] = (10, 100, 1_000, 10_000, 100_000)
    consoles: tuple[int, float, float, int] = (50, 10.0, 60.0, 200)  # consoles; rate, seconds; waiting in the end
    edits: tuple[int, float, float] = (500, 10.0, 120.0)  # drafts; rate, seconds of load without and with them
    edited: int = 10_000  # entries that are there
    turns: int = 30  # at each number of conversations
    drained: float = 240.0  # seconds that the backlog of `ack` is watched: 25/s answer it all in that time


SHORT = Size(
    chats=40,
    warm=6,
    steady=(5.0, 4.0),
    sustained=(8.0, 4.0),
    ack=(30.0, 2.0),
    burst=24,
    stopped=(3.0, 1.0, 4.0, 3.0),
    blocks=(1, 5.0, 3.0),
    free_threads=False,
    entries=(100, 400),
    conversations=(10, 60),
    consoles=(4, 4.0, 5.0, 20),
    edits=(12, 4.0, 6.0),
    edited=300,
    turns=4,
    drained=240.0,
)


async def warm(town: Town, size: Size) -> None:
    """Greet everybody, then some questions that nobody measures: models are slower the first time."""
    tell(f"greeting {size.chats} citizens")
    await town.load.greet(size.chats)
    await town.load.drive(openloop.even(5.0, size.warm / 5.0), "warm-up")


async def steady(town: Town, size: Size) -> dict[str, Any]:
    """Reply latency at an ordinary load, and what a message costs each process."""
    rate, seconds = size.steady
    before = cost(town.pid)
    found = await town.load.drive(openloop.poisson(rate, seconds, SEED), "steady")
    spent = cost(town.pid).since(before)
    per = {n: round(1000 * s / found["asked"], 2) for n, s in spent.seconds.items()}
    found["cpu_ms_per_message"] = per | {"all": round(1000 * spent.total / found["asked"], 2)}
    found["latencies_ms"] = sorted(ms for _, ms in timeline(town.load.book.messages, 0.0))
    return found


async def sustained(town: Town, size: Size) -> dict[str, Any]:
    """Held without an error."""
    rate, seconds = size.sustained
    found = await town.load.drive(openloop.poisson(rate, seconds, SEED + 1), "sustained")
    start = min(a.planned for a in town.load.book.messages)
    found["timeline"] = timeline(town.load.book.messages, start)
    return found


async def ack(town: Town, size: Size) -> dict[str, Any]:
    """Far more than the workers can do: does the edge go on acknowledging? What stays is watched for a while."""
    rate, seconds = size.ack
    before = cost(town.pid)
    began = time.time()
    found = await town.load.drive(openloop.poisson(rate, seconds, SEED + 2), "ack", wait=size.drained)
    took = time.time() - began
    spent = cost(town.pid).since(before)
    found["busy"] = {name: round(used / took, 2) for name, used in spent.seconds.items()}
    found["behind_at_the_end"] = sum(a.replied > began + seconds or not a.replied for a in town.load.book.messages)
    return found


async def burst(town: Town, size: Size) -> dict[str, Any]:
    """All at once over many chats, two for each, a third of them on Telegram: 30/s go out there, 80/s on WhatsApp.

    Each message is a wording of one entry, so that its answer is known: the order of a chat can be checked.
    """
    load = town.load
    wordings = load.questions.wordings(size.burst)
    chats: list[Chat] = []
    while len(chats) * 2 < size.burst:
        chats.append(load.book.next_chat("telegram" if len(chats) % 3 == 0 else "whatsapp"))
    order = [chats[n % len(chats)] for n in range(size.burst)]
    plan = [0.0] * size.burst
    found = await load.drive(plan, "burst", ask=lambda n: (order[n], wordings[n].text), wait=240.0)
    expected = await answers(town, {w.entry for w in wordings})
    entry = {w.text: w.entry for w in wordings}
    found |= in_order(load.book.messages, {text: expected[e] for text, e in entry.items()})
    found["drained_s"] = found["seconds"]
    start = min(a.planned for a in load.book.messages)
    found["replied_at"] = sorted(round(a.replied - start, 2) for a in load.book.messages if a.replied)
    return found


async def answers(town: Town, entries: set[str]) -> dict[str, str]:
    """How the answer of each entry begins, in words alone."""
    found = {}
    async with town.running.core() as core:
        for entry in entries:
            state = core.catalogue.get(entry)
            if state is not None and state.live is not None:
                found[entry] = tidy(plain(core.phrasebook.answer(state.live, "de")))
    return found


def in_order(messages: list[Asked], expected: dict[str, str]) -> dict[str, int]:
    """Chats whose known answers came in another order than their questions; answers that were another entry's."""
    by_chat: dict[tuple[str, str], list[Asked]] = {}
    for asked in messages:
        by_chat.setdefault((asked.chat.platform, asked.chat.key), []).append(asked)
    wrong = recognised = twice = 0
    for some in by_chat.values():
        wanted = [expected.get(asked.text, "?")[:40] for asked in some]
        known = [said for _, text in some[0].chat.seen if (said := tidy(text)[:40]) in wanted]
        places = [wanted.index(said) for said in known]
        recognised += len(set(places))
        # Both questions of a chat may be wordings of one entry: then its answer is right twice.
        twice += sum(max(0, known.count(said) - wanted.count(said)) for said in set(known))
        wrong += places != sorted(places)
    return {"chats": len(by_chat), "recognised": recognised, "out_of_order": wrong, "said_twice": twice}


def tidy(text: str) -> str:
    """One space between words, no marks: channels set lines in their own ways."""
    return " ".join(re.findall(r"\w+", text))


async def rasa_stopped(town: Town, size: Size) -> dict[str, Any]:
    """Rasa frozen in the midst of load: who answers how quickly, and does anything come late when it goes on?"""
    rate, before, stopped, after = size.stopped
    rasa = town.running.child("rasa")
    if not rasa:
        return {"skipped": "no Rasa runs"}
    family = [pid for pid, _ in tree(rasa)]

    def all_of_it(what: signal.Signals) -> float:
        for pid in family:
            os.kill(pid, what)
        return time.time()

    async def freeze() -> tuple[float, float]:
        await asyncio.sleep(before)
        began = all_of_it(signal.SIGSTOP)
        try:
            await asyncio.sleep(stopped)
        finally:
            ended = all_of_it(signal.SIGCONT)
        return began, ended

    task = asyncio.create_task(freeze())
    found = await town.load.drive(openloop.even(rate, before + stopped + after), "rasa stopped")
    began, ended = await task
    messages = town.load.book.messages
    start = min(a.planned for a in messages)
    during = [a for a in messages if began + 2.0 <= a.planned < ended]
    first = [a for a in messages if began <= a.planned < began + 2.0]
    found["first_two_seconds_ms"] = latencies([a.replied - a.planned for a in first if a.replied])
    found["after_two_seconds_ms"] = latencies([a.replied - a.planned for a in during if a.replied])
    found["late_replies"] = late(messages, ended)
    found["stopped_at"], found["continued_at"] = round(began - start, 2), round(ended - start, 2)
    found["timeline"] = timeline(messages, start)
    return found


def late(messages: list[Asked], continued: float) -> int:
    """Replies after Rasa went on to what was asked long before, and words that nobody had asked for then."""
    slow = sum(a.replied > continued and a.planned < continued - LATE for a in messages)
    chats = {(a.chat.platform, a.chat.key): a.chat for a in messages}
    unasked = 0
    for chat in chats.values():
        answered = [a.replied for a in messages if a.chat is chat and a.replied]
        # A second part of an answer comes within a moment of the first.
        unasked += sum(at > continued and all(abs(at - one) > LATE for one in answered) for at in chat.extra)
    return slow + unasked


async def memory_of(town: Town, size: Size) -> dict[str, Any]:
    """PSS of each process, and who holds the encoder."""
    del size
    rows = memory(town.pid)
    ours = [r for r in rows if re.fullmatch(r"(web|worker|clock|valkey)\d*", str(r["name"]))]
    total = sum(float(str(r["pss_mib"])) for r in ours)
    found = {
        "processes": rows,
        "web_worker_clock_valkey_mib": round(total, 1),
        "without_rasa_mib": round(sum(float(str(r["pss_mib"])) for r in rows if r["name"] != "rasa"), 1),
        "holding_the_encoder": sum(bool(r["encoder"]) for r in rows),
    }
    tell(f"  memory: {total:.0f} MiB without Rasa, {found['holding_the_encoder']} with the encoder")
    return found
