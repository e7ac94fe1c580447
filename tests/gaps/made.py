"""Facts and looks for tests: what citizens asked in vain, made up."""

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from bot.facts.fact import Fact, FactKind, name_of
from bot.facts.kept import Facts
from bot.gaps.kept import Filter, Gaps
from bot.gaps.run import Looked, look
from faq.encoder import HashingEncoder

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
RINK = (
    "Wann öffnet die Eisbahn?",
    "Wann öffnet die Eisbahn am Markt?",
    "wann öffnet die eisbahn morgen",
    "Ab wann öffnet die Eisbahn wieder?",
)
BEES = ("Darf ich Bienen im Garten halten?", "darf ich bienen halten", "Darf man Bienen halten im Garten")
_numbers = itertools.count(1)


def asked(text: str, kind: FactKind = FactKind.WITHHELD, at: datetime = NOW, citizen: str = "", **more: Any) -> Fact:
    """A question that got no answer, of a citizen of its own unless one is named."""
    number = next(_numbers)
    about = {"channel": "telegram", "language": "de", "by": "miss", "value": 120} | more
    return Fact(name_of(number), at, kind, citizen or f"citizen-{number}", text=text, **about)


def keep(engine: Engine, *some: Fact) -> None:
    """Into the database."""
    Facts(engine, BERLIN).take(some)


def ask_all(engine: Engine, texts: Sequence[str], at: datetime = NOW, **more: Any) -> list[Fact]:
    """Each asked by somebody else, an hour apart, the last at `at`."""
    some = [asked(text, at=at - timedelta(hours=n), **more) for n, text in enumerate(reversed(texts))]
    keep(engine, *some)
    return some


def looked(engine: Engine, now: datetime = NOW, encoder: bool = False) -> Looked:
    """One look; by letters, or with an encoder that knows letters only."""
    return look(engine, now, HashingEncoder() if encoder else None)


def gaps(engine: Engine, now: datetime = NOW) -> Gaps:
    """The clusters, by that time."""
    return Gaps(engine, BERLIN, lambda: now)


def together(engine: Engine) -> set[frozenset[str]]:
    """The questions of each cluster."""
    found = gaps(engine)
    return {frozenset(q.text for q in found.questions(one.id)) for one in found.list(Filter())}
