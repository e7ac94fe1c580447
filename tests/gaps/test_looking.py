"""When a look is ordered, what does it, and what the command line tells."""

import argparse
import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, update

from bot.commands import gaps as command
from bot.commands.parser import parser
from bot.facts.fact import FactKind
from bot.gaps.ordering import PAUSE, REST, keep_ordering, order_if_due
from bot.gaps.tables import questions
from bot.jobs import gaps as job
from bot.jobs.kinds import KINDS, Work
from bot.settings import OFF, Settings
from faq.catalogue import Catalogue
from faq.database import reading, writing
from faq.jobs import Jobs
from faq.schema import open_database
from tests.console.house import content
from tests.gaps.made import RINK, ask_all, asked, keep

NOW = datetime.now(UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, cache=tmp_path / "cache", secret="x" * 32, encoder=OFF)


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    found = open_database(settings.database)
    yield found
    found.dispose()


def looked(settings: Settings, engine: Engine, now: datetime) -> dict[str, object]:
    """The job that waits is done."""
    jobs = Jobs(engine, lambda: now)
    taken = jobs.claim("w1", timedelta(seconds=15), KINDS)
    assert taken
    assert taken.kind == "gaps"
    result = dict(job.run(Work(settings, engine, taken, lambda step, share: None)))
    assert jobs.done(taken, result)
    return result


def test_a_look_is_ordered_where_there_is_something_to_see(settings: Settings, engine: Engine) -> None:
    assert order_if_due(engine, NOW) is None
    ask_all(engine, RINK, NOW)
    assert order_if_due(engine, NOW)
    assert order_if_due(engine, NOW) is None  # one is under way
    assert looked(settings, engine, NOW)["placed"] == 4
    keep(engine, asked(RINK[0], at=NOW))
    assert order_if_due(engine, NOW) is None  # not every minute
    assert order_if_due(engine, NOW + PAUSE)
    assert looked(settings, engine, NOW + PAUSE)["new"] == 1


async def test_a_vector_goes_with_its_words_though_nothing_new_is_asked(settings: Settings, engine: Engine) -> None:
    some = ask_all(engine, RINK, NOW)
    order_if_due(engine, NOW)
    looked(settings, engine, NOW)
    with writing(engine) as db:
        db.execute(update(questions).values(vector=b"told", encoder="made up"))
    keep(engine, asked("", FactKind.ERASED, NOW, some[0].conversation))
    clock = asyncio.create_task(keep_ordering(engine, lambda: True))

    def left() -> set[str]:
        with reading(engine) as db:
            return set(db.execute(select(questions.c.fact).where(questions.c.vector.is_not(None))).scalars())

    async with asyncio.timeout(60):
        while some[0].id in left():
            await asyncio.sleep(0.02)
    clock.cancel()
    assert left() == {one.id for one in some[1:]}


def test_a_release_is_looked_at_at_once(settings: Settings, engine: Engine) -> None:
    ask_all(engine, RINK, NOW)
    order_if_due(engine, NOW)
    looked(settings, engine, NOW)
    catalogue = Catalogue(engine, lambda: NOW)
    draft = catalogue.save_draft("eisbahn", content("Wann öffnet die Eisbahn?", "Um zehn."), "eda")
    assert order_if_due(engine, NOW) is None
    catalogue.publish("eisbahn", draft.id, "ada")
    assert order_if_due(engine, NOW)
    assert looked(settings, engine, NOW)["asked"] == 4
    assert order_if_due(engine, NOW) is None


def test_a_release_is_looked_at_once_editors_have_paused(settings: Settings, engine: Engine) -> None:
    ask_all(engine, RINK, NOW)
    order_if_due(engine, NOW)
    took, now = timedelta(minutes=1), NOW + timedelta(minutes=1)
    looked(settings, engine, now)
    catalogue = Catalogue(engine, lambda: now)
    for number in range(9):  # one after the other, each within the pause
        draft = catalogue.save_draft(f"eisbahn-{number}", content("Wann öffnet die Eisbahn?", "Um zehn."), "eda")
        catalogue.publish(f"eisbahn-{number}", draft.id, "ada")
        assert order_if_due(engine, now + REST * took - timedelta(seconds=1)) is None
        last, now = now, now + took
    assert order_if_due(engine, last + REST * took)


def test_editors_who_never_pause_do_not_keep_looks_away(settings: Settings, engine: Engine) -> None:
    ask_all(engine, RINK, NOW)
    order_if_due(engine, NOW)
    now = NOW + timedelta(minutes=10)
    looked(settings, engine, now)
    catalogue = Catalogue(engine, lambda: now + PAUSE)
    draft = catalogue.save_draft("eisbahn", content("Wann öffnet die Eisbahn?", "Um zehn."), "eda")
    catalogue.publish("eisbahn", draft.id, "ada")
    assert order_if_due(engine, now + PAUSE)


def test_a_look_that_failed_is_not_ordered_again_at_once(engine: Engine) -> None:
    ask_all(engine, RINK, NOW)
    jobs = Jobs(engine, lambda: NOW)
    order_if_due(engine, NOW)
    taken = jobs.claim("w1", timedelta(seconds=15), KINDS)
    assert taken
    jobs.failed(taken, "broken")
    assert order_if_due(engine, NOW) is None
    assert order_if_due(engine, NOW + PAUSE)


def test_the_command_line_tells_the_same(
    settings: Settings, engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    def said(*words: str) -> str:
        args: argparse.Namespace = parser().parse_args(["faq", "gaps", *words])
        assert command.run(settings, args) == 0
        return capsys.readouterr().out

    assert "No gaps" in said()
    ask_all(engine, RINK, NOW)
    order_if_due(engine, NOW)
    looked(settings, engine, NOW)
    assert "Eisbahn" in said()
    (one,) = json.loads(said("--json", "--state", "all"))
    assert (one["count"], one["state"], one["weekly"][0]) == (4, "open", 4)
    assert json.loads(said("--json", "--state", "foreign")) == []
