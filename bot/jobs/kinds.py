"""Which kinds of jobs there are, and what does them. A new one is a file in this folder and a line here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine

from bot.settings import Settings
from faq.jobs import Job

Tell = Callable[[str, float], None]
"""How far it is: a key of the console's words, jobs.step.<name>, and a share of 0 to 1."""


class JobFailed(Exception):
    """It cannot be done, and trying again would not help; `why` is a key of the console's words, jobs.error.<why>."""

    def __init__(self, why: str, message: str = "") -> None:
        self.why = why
        super().__init__(message or why)


@dataclass(frozen=True)
class Work:
    """What a job is done with. `tell` raises when nobody wants the result any more; let it through."""

    settings: Settings
    engine: Engine
    job: Job
    tell: Tell


Run = Callable[[Work], Mapping[str, Any]]
"""Does the work and returns its result (JSON). Raises JobFailed. It may run twice, when a worker died in the midst."""


@dataclass(frozen=True)
class Kind:
    """`run` is "module:function", imported only in the job's own process. `seconds`: then it is ended."""

    run: str
    seconds: float


KINDS: Mapping[str, Kind] = {
    "nlu": Kind("bot.taught.trying:run", 1800),
    "prove": Kind("bot.jobs.prove:run", 1800),
    "import-check": Kind("bot.jobs.importing:look", 300),
    "import": Kind("bot.jobs.importing:run", 300),
    "lint": Kind("bot.jobs.lint:run", 900),
    "gaps": Kind("bot.jobs.gaps:run", 1800),
}
