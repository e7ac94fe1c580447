"""Which links are looked at when, and what is known of them, on both databases."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Self

import pytest
from sqlalchemy import Engine

from bot.console.words import texts
from bot.processes.linking import LOOK_SECONDS, Linking
from faq.catalogue import Catalogue
from faq.entry import Content, Draft, Elsewhere, Facts, Link, Text
from faq.links.found import by_field, links_of
from faq.links.kept import Links
from faq.links.look import Looker, Outcome, State
from faq.links.rounds import named, round_of
from faq.schema import open_database

A, B = "https://town.de/a", "https://town.de/" + "b" * 1900


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    opened = open_database(database_url)
    yield opened
    opened.dispose()


def content() -> Content:
    text = Text(
        "de",
        "Frage?",
        (),
        "Siehe [hier](https://town.de/a) und <https://town.de/c>, [Post](mailto:a@b.de), "
        "[dort](https://town.de/Hamm_(Sieg)), ([da](https://town.de/d)) und [unten][1].\n\n[1]: https://town.de/e",
        Facts(link=Link("Termin", "https://town.de/termin")),
    )
    elsewhere = Elsewhere("bund", "Amt", "https://bund.de/")
    return Content({"de": text}, "t", "o", Link("Quelle", "https://town.de/q"), date(2026, 1, 1), elsewhere=elsewhere)


def test_an_entrys_links_by_field() -> None:
    assert by_field(links_of(content())) == {
        "source": ("https://town.de/q",),
        "elsewhere.url": ("https://bund.de/",),
        "texts.de.facts.link": ("https://town.de/termin",),
        "texts.de.answer": tuple(f"https://town.de/{name}" for name in ("a", "c", "Hamm_(Sieg)", "d", "e")),
    }


def test_what_is_wanted_is_due_once_and_again_after_its_time(engine: Engine, clock: Clock) -> None:
    links = Links(engine, clock)
    links.want([A, B])
    links.want([A])
    assert set(links.due(10)) == {A, B}
    assert links.of([A, B]) == {}, "nobody has looked yet"
    links.record(A, Outcome(State.OK, 200))
    links.record(B, Outcome(State.GONE, 404))
    assert links.due(10) == ()
    assert {url: look.state for url, look in links.of([A, B, "https://other.de"]).items()} == {
        A: State.OK,
        B: State.GONE,
    }
    clock.now += timedelta(days=2)
    assert links.due(10) == (B,), "what is gone is looked at again the next day, what is well the next week"
    links.want([A])
    assert set(links.due(10)) == {A, B}, "an editor saved it: a look of two days ago is too old"


def test_a_server_that_is_away_once_is_only_suspected(engine: Engine, clock: Clock) -> None:
    links = Links(engine, clock)
    links.want([A])
    links.record(A, Outcome(State.UNREACHABLE))
    assert not links.of([A])[A].broken
    assert links.broken() == {}
    clock.now += timedelta(minutes=11)
    assert links.due(10) == (A,)
    links.record(A, Outcome(State.UNREACHABLE))
    assert links.of([A])[A].broken
    assert set(links.broken()) == {A}
    links.record(A, Outcome(State.OK, 200))
    assert links.of([A])[A].failures == 0


def test_a_machine_that_reaches_nobody_calls_no_link_broken(engine: Engine, clock: Clock) -> None:
    links = Links(engine, clock)
    urls = [f"https://town{number}.de/" for number in range(5)]
    links.want([*urls, A, B])
    for _ in range(2):
        for url in urls:
            links.record(url, Outcome(State.UNREACHABLE))
    links.record(A, Outcome(State.REFUSED))
    assert links.alone()
    assert set(links.broken()) == {A}
    links.record(B, Outcome(State.OK, 200))
    assert not links.alone()
    clock.now += timedelta(hours=1)
    for url in urls:
        links.record(url, Outcome(State.UNREACHABLE))
    assert links.alone()  # the answer was of before
    links.record(urls[0], Outcome(State.UNREACHABLE, 503))
    assert not links.alone()
    assert set(links.broken()) == {A, *urls}
    links.record(urls[0], Outcome(State.UNREACHABLE))
    links.keep(urls[1:])
    assert not links.alone()  # four may be away


def test_links_that_no_entry_names_are_forgotten(engine: Engine, clock: Clock) -> None:
    links = Links(engine, clock)
    links.want([A, B])
    links.record(A, Outcome(State.MOVED, 200, "https://town.de/new"))
    links.keep([A, "https://town.de/c"])
    assert set(links.due(10)) == {"https://town.de/c"}
    assert links.of([A, B])[A].target == "https://town.de/new"
    links.record(B, Outcome(State.OK, 200))  # its look was under way meanwhile
    assert set(links.of([B])) == set()
    links.keep(f"https://town.de/{n}" for n in range(1200))
    assert len(links.due(5000)) == 1200


class Told(Looker):
    """Servers that answer as the test says; nothing is asked."""

    def __init__(self, outcomes: dict[str, Outcome]) -> None:
        self.outcomes: dict[str, Outcome] = outcomes
        self.asked: list[str] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """There is nothing to close."""

    async def look(self, url: str) -> Outcome:
        self.asked.append(url)
        return self.outcomes[url]


async def test_a_round_looks_at_all_that_is_due(engine: Engine, clock: Clock) -> None:
    links = Links(engine, clock)
    urls = [A, B, "https://bund.de/"]
    links.want(urls)
    looker = Told(dict.fromkeys(urls, Outcome(State.OK, 200)))
    assert await round_of(links, looker, pause=0) == 3
    assert sorted(looker.asked) == sorted(urls)
    assert await round_of(links, looker, pause=0) == 0


async def test_the_clock_collects_the_corpus_links_and_no_round_overlaps(engine: Engine, clock: Clock) -> None:
    catalogue, links, seconds = Catalogue(engine, clock), Links(engine, clock), [0.0]
    catalogue.load([Draft("eins", content())], "kim", publish=True)
    catalogue.save_draft("zwei", replace(content(), source=Link("", "https://town.de/neu")), "kim")
    links.keep(["https://town.de/alt"])
    looker = Told(dict.fromkeys(named(catalogue), Outcome(State.OK, 200)))
    linking = Linking(catalogue, links, lambda: looker, lambda: seconds[0], pause=0)
    assert linking.begin()
    assert not linking.begin(), "one is under way"
    await linking.done()
    assert set(looker.asked) == named(catalogue)
    assert len(looker.asked) == 9, "live ones and those of drafts, and none that no entry names any more"
    assert not linking.begin(), "it has only just ended"
    seconds[0] += LOOK_SECONDS
    assert linking.begin()
    await linking.done()
    assert len(looker.asked) == 9, "nothing is due"
    await linking.close()


def test_every_state_has_words() -> None:
    assert not {f"links.state.{state}" for state in State} - set(texts("de"))
