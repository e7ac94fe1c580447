"""A proof's way through a release's story, on SQLite and on PostgreSQL: ordered, noted, and never without an end."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from faq.jobs import Jobs
from faq.proving.order import LOST, PROVE, order, settle, tried
from faq.releases import Release, State, Step, WrongState
from tests.contracts.test_releases import Town
from tests.faq.conftest import clock  # noqa: F401 - a fixture

LEASE = timedelta(seconds=15)


@pytest.fixture
def town(database_url: str, clock: Callable[[], object]) -> Iterator[Town]:  # noqa: F811
    found = Town(database_url, clock)  # type: ignore[arg-type]
    yield found
    found.catalogue.close()


@pytest.fixture
def proposed(town: Town) -> Release:
    town.seed("hund")
    return town.proposed(town.draft("hund", "Online."), verdict="")


def steps(town: Town, release: Release) -> list[str]:
    return [str(noted.step) for noted in town.releases.steps(release.id)]


def test_ordered_once_while_nobody_has_ended_it(town: Town, proposed: Release) -> None:
    engine = town.catalogue.engine
    for _ in range(2):
        order(engine, proposed.id, "kim")
    assert steps(town, proposed) == ["proposed", "proving"]
    job = Jobs(engine).claim("w", LEASE)
    assert job
    assert (job.kind, job.about) == (PROVE, proposed.id)
    assert Jobs(engine).claim("w", LEASE) is None
    assert tried(engine, proposed, Step.PROVED, "w", "better")
    order(engine, proposed.id, "kim")  # between its last word and its end
    Jobs(engine).done(job, {})
    assert town.releases.state(proposed.id) is State.PROVED
    order(engine, proposed.id, "kim")
    assert steps(town, proposed) == ["proposed", "proving", "proved", "proving"]


def test_what_was_withdrawn_does_not_come_back_by_being_tried(town: Town, proposed: Release) -> None:
    """A page that stood open offers it still."""
    engine = town.catalogue.engine
    town.releases.withdraw(proposed.id, "kim")
    with pytest.raises(WrongState):
        order(engine, proposed.id, "toni")
    assert town.releases.state(proposed.id) is State.WITHDRAWN
    assert Jobs(engine).latest(PROVE, proposed.id) is None


def test_a_word_that_comes_too_late_is_not_heard(town: Town, proposed: Release) -> None:
    engine = town.catalogue.engine
    order(engine, proposed.id, "kim")
    town.catalogue.publish("katze", town.draft("katze").id, "kim")
    again = town.releases.anew(proposed.id, "kim")
    assert again.base != proposed.base
    assert not tried(engine, proposed, Step.PROVED, "w", "better")
    assert town.releases.state(proposed.id) is State.WITHDRAWN
    assert tried(engine, again, Step.FAILED, "w", "encoder")
    assert town.releases.state(again.id) is State.FAILED


@pytest.mark.parametrize("ends", ["given up", "too long", "never ordered"])
def test_a_proof_without_an_end_has_failed(town: Town, proposed: Release, ends: str) -> None:
    engine = town.catalogue.engine
    jobs = Jobs(engine)
    order(engine, proposed.id, "kim")
    assert settle(engine) == 0, "somebody will ask"
    if ends == "given up":
        for _ in range(3):
            assert jobs.claim("w", timedelta(seconds=-1))
            assert settle(engine) == 0, "somebody else will take it"
        assert jobs.claim("w", LEASE) is None
    elif ends == "too long":
        job = jobs.claim("w", LEASE)
        assert job
        jobs.failed(job, "too_long")
    else:
        jobs.call_off(PROVE, proposed.id)
        town.releases.record(proposed.id, Step.PROVING, "kim")
    assert settle(engine) == 1
    assert town.releases.state(proposed.id) is State.FAILED
    told = json.loads(town.releases.steps(proposed.id)[-1].detail)
    assert told == {"verdict": {"given up": "given_up", "too long": "too_long"}.get(ends, "ended")}
    assert settle(engine) == 0
    order(engine, proposed.id, "kim")
    assert town.releases.state(proposed.id) is State.PROVING


def test_what_is_live_was_never_abandoned(town: Town, proposed: Release) -> None:
    """Published for a reason while its trials were asked: that they came to nothing changes nothing."""
    engine = town.catalogue.engine
    town.releases.record(proposed.id, Step.PROVING, "kim")
    town.releases.publish(proposed.id, "toni", four_eyes=True, why="eilt")
    assert settle(engine) == 0
    assert town.releases.state(proposed.id) is State.LIVE


def test_one_of_which_no_job_tells(town: Town, proposed: Release) -> None:
    town.releases.record(proposed.id, Step.PROVING, "kim")
    assert settle(town.catalogue.engine) == 1
    assert json.loads(town.releases.steps(proposed.id)[-1].detail) == {"verdict": LOST}
