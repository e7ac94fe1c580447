"""The product under test: `stadtbote up` as separate processes, in webhook mode, beside a simulator of its own."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.ports import free_port
from tests.bench import outside
from tests.bench.load import Load
from tests.bench.outside import World, world
from tests.bench.priority import first_in_line
from tests.bench.questions import Questions
from tests.bench.tell import tell
from tests.bench.webhooks import Post
from tests.integration.product import Product, product


@dataclass
class Town:
    """What the scenarios hold in their hands. `faults` grows at the end by what its log should not hold."""

    running: Product
    world: World
    load: Load
    faults: list[str]

    @property
    def pid(self) -> int:
        """The supervisor: everything of the product is below it."""
        return self.running.process.pid


@asynccontextmanager
async def town(out: Path, questions: Questions, faults: list[str], name: str, **settings: str) -> AsyncIterator[Town]:
    """Start both, end both. The product's log is kept in `out`.

    `settings` are named as in Settings; nlu_url="off" does without Rasa. At the end it must stop cleanly: what is
    wrong then goes to `faults`, so that hours of measuring are not lost by it.
    """
    place, edge = free_port(), free_port()
    known: dict[str, Any] = {"nlu_url": "", "port": str(edge), "metrics_port": str(free_port())}
    known |= outside.environment(place)
    try:
        async with (
            world(place, f"http://127.0.0.1:{edge}/channels/whatsapp") as beyond,
            product(**(known | settings)) as running,
        ):
            try:
                tell(f"{name}: starting the product")
                await running.ready()
                post = Post(running.url)
                load = Load(beyond, post, questions)
                try:
                    with first_in_line(beyond.pid) as allowed:
                        if not allowed:
                            tell("the load generator may not go first: it waits for the processor as everybody")
                        async with load.looking():
                            yield Town(running, beyond, load, faults)
                finally:
                    await post.close()
            finally:
                shutil.copyfile(running.log_file, out / f"{name}.log")
    except AssertionError as error:
        # product() judges how it ended and what its log holds; its last words come with the whole log.
        said = str(error)
        (out / f"{name}-fault.log").write_text(said, "utf-8")
        fault = f"{name}: {said.partition(chr(10))[0][:200]} (see {name}-fault.log)"
        faults.append(fault)
        tell(f"FAULT at the end: {fault}")
