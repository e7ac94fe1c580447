"""`stadtbote talk`: the whole bot in a terminal, with no account anywhere; nothing of it is kept."""

import argparse
import asyncio
import itertools
import sys
from datetime import UTC, datetime
from typing import Any

import yaml

from bot import runtime
from bot.answers import Answers
from bot.channels.terminal import Terminal
from bot.composition import build_core, fits
from bot.conversation import Line, conversation_id
from bot.processes.models import build_nlu, encoder_loader
from bot.reception import Reception
from bot.settings import Settings
from bot.state import prepare_state
from bot.store.memory import MemoryStore
from bot.worker import Worker

CHAT = "terminal"


def run(settings: Settings, args: argparse.Namespace) -> int:
    """Until an empty line, "/ende" or the end of input."""
    prepare_state(settings, print)
    lines = asyncio.run(_talk(runtime.joined(settings)))
    if args.save:
        args.save.write_text(as_test(lines), "utf-8")
        print(f"Saved as {args.save}.")
    return 0


async def _talk(settings: Settings) -> list[Line]:
    terminal = Terminal(print)
    store = MemoryStore()
    found: list[Answers] = []
    core = build_core(
        settings,
        find=lambda _: lambda entry, revision: found[0].revision(entry, revision),
        store=store,
        channels={terminal.name: terminal},
    )
    answers = Answers(core.catalogue, core.town, fits=fits(settings))
    found.append(answers)
    nlu = build_nlu(settings, answers.meaning)
    reception = Reception(core.turns, nlu, answers, core.deliver, answers.meaning)
    worker = Worker("talk", store, reception, core.channels, wait=0.1)
    loading = asyncio.create_task(answers.attach(lambda: encoder_loader(settings)))
    running = asyncio.create_task(worker.run())
    watching = asyncio.create_task(nlu.keep_watching())
    following = asyncio.create_task(core.live_town.follow())
    conversation = conversation_id(core.secret, terminal.name, CHAT)
    if sys.stdin.isatty():
        print("Write a question; /mensch, /hilfe and the other commands work; Ctrl-D ends.\n")
    await asyncio.wait([loading])
    for number in itertools.count(1):
        text = await asyncio.to_thread(_read)
        if text is None:
            break
        await store.append(conversation, terminal.arrival(text, datetime.now(UTC), CHAT, str(number)))
        await worker.idle()
    worker.stop()
    await running
    watching.cancel()
    following.cancel()
    await asyncio.gather(loading, watching, following, return_exceptions=True)
    lines = await store.transcript(conversation)
    await nlu.close()
    answers.close()
    await core.close()
    return lines


def _read() -> str | None:
    try:
        return input("> " if sys.stdin.isatty() else "")
    except EOFError:
        return None


def as_test(lines: list[Line]) -> str:
    """The conversation as a file of tests/conversations/: what was said, and which answers came."""
    steps: list[dict[str, Any]] = []
    for line in lines:
        if line.by == "citizen":
            steps.append({"citizen": line.text})
        elif line.by == "bot":
            step = {"entry": line.entry} if line.what == "answer" else {"says": line.what}
            if steps and "bot" in steps[-1]:
                steps[-1]["bot"].append(step)
            else:
                steps.append({"bot": [step]})
    return yaml.safe_dump([{"name": "", "steps": steps}], allow_unicode=True, sort_keys=False)
