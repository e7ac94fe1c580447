"""The Rasas that `stadtbote up` runs, where nobody named others: one for each model that releases want, two at most."""

import asyncio
import logging
import os
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from bot.rasa import rasa_python
from bot.settings import Settings
from bot.supervisor.child import Child
from bot.supervisor.place import Place
from bot.supervisor.supervisor import RASA_SECONDS, Supervisor
from bot.taught.board import Board, Stand
from nlu.breaker import Breaker
from nlu.process import RasaProcess
from nlu.rasa_training import rasa_command, used

log = logging.getLogger(__name__)
SERVING, TRAINING = 5, 10  # added to our priority: keywords understand meanwhile, so nobody must wait for either
MOST = 2
"""Rasas at once, for memory: the live release's, and the one that is coming or the one to go back to."""

LOOK_EVERY = 1.0  # seconds
TRY_AGAIN = 60.0  # seconds after a training that failed
PATIENCE = 120.0  # seconds for a start, before the next model is started beside it
LOOK_SECONDS = 5.0  # that an answer may take: a Rasa that starts beside another is slow, not away

Wanted = Callable[[], Awaitable[Sequence[str]]]
Train = Callable[[str], Path]


@dataclass
class Served:
    """A model's process at its place, and how far it is."""

    name: str
    place: Place
    model: Path
    child: Child
    asked: RasaProcess
    step: str = "starting"
    since: str = field(default_factory=lambda: _now())

    def step_to(self, step: str) -> None:
        """Note since when."""
        if step != self.step:
            log.info("model", extra={"taught": self.name, "step": step})
            self.step, self.since = step, _now()


@dataclass
class Making:
    """A training under way or failed."""

    work: asyncio.Future[Path]
    since: str = field(default_factory=lambda: _now())
    again: float = 0.0  # of the clock, from which on it may be tried again; 0 before it failed
    said: str = ""


class Models:
    """Keeps the wanted models served, the first of them first.

    `wanted` gives the names of examples, the most important first; `train` blocks and gives the model's file, from the
    cache or made now.
    """

    def __init__(
        self,
        supervisor: Supervisor,
        settings: Settings,
        places: Sequence[Place],
        python: Path,
        train: Train,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._supervisor, self._settings, self._python, self._train = supervisor, settings, python, train
        self._free = list(places)
        self._served: dict[str, Served] = {}
        self._making: dict[str, Making] = {}
        # On Linux a priority belongs to a thread, and what it starts inherits it.
        self._aside = ThreadPoolExecutor(1, "training", os.nice, (TRAINING,))

    async def follow(self, wanted: Wanted, board: Board) -> None:
        """Until cancelled."""
        try:
            while True:
                try:
                    await self.keep((await wanted())[:MOST])
                except Exception:
                    # The database may be away; what is served goes on.
                    log.exception("which models are wanted is unknown")
                await board.say(self.stands)
                await asyncio.sleep(LOOK_EVERY)
        finally:
            await self.close()

    async def keep(self, names: Sequence[str]) -> None:
        """One step towards serving these, and no others."""
        for name in [name for name in self._served if name not in names]:
            await self._dismiss(self._served.pop(name))
        for served in self._served.values():
            used(served.model)  # the oldest in the cache are forgotten when another is trained, here or by a job
        for place in self._free:
            place.take()
        for name in [name for name in self._making if name not in names]:
            del self._making[name]  # what is being trained is finished all the same, and cached
        for name in names:
            if name in self._served:
                await self._look(self._served[name])
            else:
                await self._prepare(name)
            if not self._settled(name):
                # One after the other: each start takes all the processor there is.
                break

    def child(self, name: str) -> Child:
        """The process that serves this one. Raises KeyError."""
        return self._served[name].child

    async def close(self) -> None:
        """Let go of what is not the supervisor's to end."""
        self._aside.shutdown(wait=False, cancel_futures=True)
        for served in self._served.values():
            await served.asked.close()

    @property
    def stands(self) -> dict[str, Stand]:
        """How far each is."""
        making = {name: self._stand(one) for name, one in self._making.items()}
        return making | {name: Stand(one.step, one.since) for name, one in self._served.items()}

    def _stand(self, making: Making) -> Stand:
        return Stand("failed" if making.again else "training", making.since, making.said)

    def _settled(self, name: str) -> bool:
        """Whether the next one may begin: this one serves, or there is no use in waiting for it."""
        stand = self.stands.get(name)
        if stand is None or stand.step == "training":
            return False
        return stand.step != "starting" or (datetime.now(UTC) - stand.at).total_seconds() > PATIENCE

    async def _prepare(self, name: str) -> None:
        making = self._making.get(name)
        if making is None or (making.again and self._clock() > making.again):
            work = asyncio.get_running_loop().run_in_executor(self._aside, self._train, name)
            making = self._making[name] = Making(work)
            await asyncio.wait({work}, timeout=0.2)  # what lies in the cache is there at once
        if not making.work.done() or making.again or not self._free:
            return
        if error := making.work.exception():
            making.again, making.since, making.said = self._clock() + TRY_AGAIN, _now(), str(error)
            log.error("a model could not be trained; trying again", extra={"taught": name}, exc_info=error)
            return
        await self._start(name, making.work.result())
        del self._making[name]

    async def _start(self, name: str, model: Path) -> None:
        place = self._free.pop(0)
        place.give()
        command, environment = rasa_command(model, place.port, self._settings.nlu_token, self._python, name)
        own = "rasa" if place.url == self._settings.nlu_url.split(",")[0] else "rasa2"
        child = Child(own, command, environment, self._settings.home / f"{own}.log", nice=SERVING, foreign=True)
        asked = RasaProcess(place.url, self._settings.nlu_token, Breaker(time.monotonic), lambda outcome, seconds: None)
        asked.breaker.missed()  # it has yet to come up: that it does not answer is no news
        self._served[name] = Served(name, place, model, child, asked)
        await self._supervisor.start(child)

    async def _look(self, served: Served) -> None:
        answers = await served.asked.look(LOOK_SECONDS) and served.asked.taught == served.name
        served.step_to("serving" if answers else "starting")

    async def _dismiss(self, served: Served) -> None:
        log.info("model", extra={"taught": served.name, "step": "dismissed"})
        await served.asked.close()
        await self._supervisor.dismiss(served.child, RASA_SECONDS)
        served.place.take()
        self._free.append(served.place)


def understanding(settings: Settings, say: Callable[[str], None]) -> tuple[Settings, list[Place]]:
    """Places for local Rasas, where nothing else is said; their addresses are known before anything is up."""
    if settings.nlu_url:
        return settings, []
    if rasa_python(settings) is None:
        say("Rasa's environment is missing: understanding by keywords. `make rasa` sets it up.")
        return replace(settings, nlu_url="off"), []
    places = [Place() for _ in range(MOST)]
    # Hexadecimal: Rasa would take a token that begins with "-" for an option, and not start.
    urls = ",".join(place.url for place in places)
    return replace(settings, nlu_url=urls, nlu_token=secrets.token_hex(24)), places


def _now() -> str:
    return datetime.now(UTC).isoformat()
