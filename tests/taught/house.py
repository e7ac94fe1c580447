"""A supervisor with local models, whose Rasas are small programs, beside a real store and database."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.settings import Settings
from bot.supervisor.ears import Ears
from bot.supervisor.place import Place
from bot.supervisor.supervisor import Supervisor
from bot.supervisor.understanding import Models
from nlu.client import RasaNlu
from nlu.keywords import KeywordNlu

PATIENCE = 240.0  # a real Rasa trains and starts
TEXT = "das da bitte sehr gern geschehen lassen"


def rasa_python(folder: Path) -> Path:
    """A program that takes any arguments and plays Rasa's Python."""
    program = folder / "python"
    program.write_text(f"#!/bin/sh\nexec {sys.executable} -S -E {Path(__file__).with_name('rasa_python.py')}\n")
    program.chmod(0o755)
    return program


@dataclass
class Machine:
    """`trained`: the names in the order in which they were trained; `broken`: those that cannot be; `now`: seconds."""

    folder: Path
    supervisor: Supervisor
    models: Models
    nlu: RasaNlu
    places: Sequence[Place]
    trained: list[str] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    now: float = 1.0

    def train(self, name: str) -> Path:
        self.trained.append(name)
        if name in self.broken:
            raise RuntimeError("no space left")
        model = self.model(name)
        model.touch()
        return model

    def model(self, name: str) -> Path:
        return self.folder / f"model-{name}"

    def steps(self) -> dict[str, str]:
        """How far each is."""
        return {name: stand.step for name, stand in self.models.stands.items()}

    async def until(self, names: Sequence[str], check: Callable[[], bool]) -> None:
        """Step towards these until it is so."""
        async with asyncio.timeout(PATIENCE):
            while True:
                await self.models.keep(names)
                await self.nlu.probe()
                if check():
                    return
                await asyncio.sleep(0.02)

    async def serve(self, *names: str) -> None:
        """Until all of them serve, and workers know it."""
        await self.until(names, lambda: all(self.nlu.serves(n) for n in names) and set(self.steps()) == set(names))

    async def said(self, name: str) -> tuple[str, str]:
        """(intent, by what)."""
        found = await self.nlu.of(name).understand(TEXT, "de")
        return found.intent, found.source


@asynccontextmanager
async def machine(
    folder: Path, python: Path | None = None, train: Callable[[str], Path] | None = None
) -> AsyncIterator[Machine]:
    """One `stadtbote up`, as far as it is about models; two on the same folder share their cache. With a real Rasa's
    Python it trains by `train`."""

    async def bury(_kind: str, _name: str) -> None:
        """Rasa holds nothing."""

    places = [Place(), Place()]
    settings = replace(
        Settings(), home=folder, nlu_url=",".join(place.url for place in places), nlu_token="a-token-of-some-length"
    )
    async with Ears() as ears:
        supervisor = Supervisor(ears, bury)
        nlu = RasaNlu(settings.nlu_url.split(","), settings.nlu_token, fallback=KeywordNlu(), timeout=20)
        found = Machine(folder, supervisor, None, nlu, places)  # type: ignore[arg-type]
        found.models = Models(
            supervisor, settings, places, python or rasa_python(folder), train or found.train, lambda: found.now
        )
        try:
            yield found
        finally:
            await found.models.close()
            await nlu.close()
            await supervisor.stop()
            for place in places:
                place.give()
