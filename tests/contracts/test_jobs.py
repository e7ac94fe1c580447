"""The jobs' contract, on SQLite and on PostgreSQL: ordered once, done by one, never lost with who did it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from faq.jobs import ENDED, GIVEN_UP, TURNS, Job, Jobs
from faq.schema import open_database

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
LEASE = timedelta(seconds=30)


class Clock:
    now = NOW

    def pass_(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def jobs(database_url: str, clock: Clock) -> Iterator[Jobs]:
    engine = open_database(database_url)
    yield Jobs(engine, lambda: clock.now)
    engine.dispose()


def claimed(jobs: Jobs, owner: str = "one") -> Job:
    found = jobs.claim(owner, LEASE)
    assert found
    return found


def test_ordered_taken_and_done(jobs: Jobs) -> None:
    assert jobs.claim("one", LEASE) is jobs.latest("prove", "r1") is jobs.get(1) is None
    ordered = jobs.enqueue("prove", "r1", "kim")
    assert (ordered.state, ordered.by, ordered.at, ordered.open) == ("waiting", "kim", NOW, True)
    job = claimed(jobs)
    assert (job.id, job.kind, job.about, job.state, job.turn) == (ordered.id, "prove", "r1", "running", 1)
    assert jobs.claim("two", LEASE) is None
    assert jobs.beat(job, "prove.ask", 0.5)
    said = jobs.latest("prove", "r1")
    assert said
    assert (said.step, said.share) == ("prove.ask", 0.5)
    assert jobs.done(job, {"verdict": "better"})
    ended = jobs.get(job.id)
    assert ended
    assert (ended.state, ended.result, ended.ended, ended.open) == ("done", {"verdict": "better"}, NOW, False)
    assert not jobs.done(job, {})
    assert not jobs.beat(job, "x", 1)
    assert not jobs.renew(job, LEASE)


def test_the_same_is_ordered_once_while_it_is_open(jobs: Jobs) -> None:
    with ThreadPoolExecutor(6) as pool:
        ordered = {job.id for job in pool.map(lambda n: jobs.enqueue("prove", "r1", f"p{n}"), range(12))}
    assert len(ordered) == 1
    jobs.failed(claimed(jobs), "broken")
    again = jobs.enqueue("prove", "r1", "kim")
    assert again.id not in ordered
    failed = jobs.get(ordered.pop())
    assert failed
    assert (failed.state, failed.error) == ("failed", "broken")
    assert jobs.latest("prove", "r1") == again


def test_of_many_takers_one_has_it(jobs: Jobs) -> None:
    jobs.enqueue("prove", "r1", "kim")
    with ThreadPoolExecutor(6) as pool:
        taken = [job for job in pool.map(lambda n: jobs.claim(f"w{n}", LEASE), range(12)) if job]
    assert len(taken) == 1


def test_what_a_killed_one_left_is_taken_up(jobs: Jobs, clock: Clock) -> None:
    jobs.enqueue("prove", "r1", "kim")
    dead = claimed(jobs)
    jobs.beat(dead, "prove.ask", 0.7)
    clock.pass_(29)
    assert jobs.renew(dead, LEASE)
    clock.pass_(29)
    assert jobs.claim("two", LEASE) is None
    clock.pass_(2)
    job = claimed(jobs, "two")
    assert (job.id, job.turn, job.step, job.share) == (dead.id, 2, "", 0.0)
    # The first was not dead, only slow: nobody listens any more.
    assert not jobs.renew(dead, LEASE)
    assert not jobs.beat(dead, "prove.ask", 0.9)
    assert not jobs.done(dead, {"verdict": "old"})
    assert not jobs.failed(dead, "old")
    assert not jobs.give_back(dead)
    assert jobs.done(job, {"verdict": "new"})


def test_what_kills_every_taker_is_given_up(jobs: Jobs, clock: Clock) -> None:
    jobs.enqueue("prove", "r1", "kim")
    for turn in range(1, TURNS + 1):
        assert claimed(jobs).turn == turn
        clock.pass_(31)
    assert jobs.claim("one", LEASE) is None
    job = jobs.latest("prove", "r1")
    assert job
    assert (job.state, job.error) == ("failed", GIVEN_UP)
    assert jobs.enqueue("prove", "r1", "kim").id != job.id


def test_who_ends_in_good_order_gives_it_back(jobs: Jobs) -> None:
    jobs.enqueue("prove", "r1", "kim")
    for _ in range(TURNS + 2):
        job = claimed(jobs)
        assert job.turn == 1
        assert jobs.give_back(job)


def test_one_of_a_kind_at_a_time(jobs: Jobs) -> None:
    for kind, about in (("prove", "r1"), ("prove", "r2"), ("train", "n1")):
        jobs.enqueue(kind, about, "kim")
    first, other = claimed(jobs), claimed(jobs)
    assert [(j.kind, j.about) for j in (first, other)] == [("prove", "r1"), ("train", "n1")]
    assert jobs.claim("three", LEASE) is None
    jobs.done(first, {})
    assert claimed(jobs).about == "r2"


def test_called_off(jobs: Jobs) -> None:
    jobs.enqueue("prove", "r1", "kim")
    job = claimed(jobs)
    jobs.call_off("prove", "r1")
    jobs.call_off("prove", "r2")  # nobody ordered that
    assert not jobs.renew(job, LEASE)
    said = jobs.latest("prove", "r1")
    assert said
    assert (said.state, said.error) == ("failed", ENDED)
