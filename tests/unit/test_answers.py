"""The index in force: what is published while the encoder loads, and an encoder that fails on the corpus."""

import asyncio
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from bot.answers import Answers
from faq.catalogue import Catalogue
from faq.encoder import HashingEncoder, Vectors
from faq.entry import Draft
from faq.releases import Releases
from faq.retrieval.index import Index
from faq.retrieval.text import stem
from faq.retrieval.thesaurus import thesaurus
from faq.town import load_town
from faq.vectors import VectorCache
from tests.faq.town import CORPUS, content


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    made = Catalogue.open(f"sqlite:///{tmp_path}/town.sqlite")
    publish(made, "hund", "Wie melde ich meinen Hund an?")
    yield made
    made.close()


def publish(catalogue: Catalogue, entry: str, question: str) -> None:
    catalogue.publish(entry, catalogue.save_draft(entry, content(question, variants=()), "kim").id, "kim")


async def test_what_is_published_while_the_encoder_loads_takes_nothing_away(catalogue: Catalogue) -> None:
    """A release that began on words alone ends after the vectors came: both must be in force then."""
    answers = Answers(catalogue, load_town(CORPUS / "town.yml"))
    updated, began, go_on = answers.updated, asyncio.Event(), asyncio.Event()

    async def slowly(index, changed, removed=()):  # type: ignore[no-untyped-def]
        made = await updated(index, changed, removed)
        began.set()
        await go_on.wait()
        return made

    answers.updated = slowly  # type: ignore[method-assign]
    publish(catalogue, "katze", "Wo melde ich eine Katze an?")
    refreshing = asyncio.create_task(answers.refresh())
    await began.wait()
    await answers.attach(lambda: (HashingEncoder(), VectorCache(":memory:")))
    go_on.set()
    await refreshing
    found = await answers.find("Wo melde ich eine Katze an?", "de")
    assert (answers.encoder, found.words_only, found.matches[0].entry) == (HashingEncoder().name, False, "katze")
    answers.close()


async def test_an_encoder_that_failed_on_the_corpus_is_tried_again(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Sick(HashingEncoder):
        well = False

        def encode_passages(self, texts: Sequence[str]) -> Vectors:
            if not self.well:
                raise RuntimeError("out of memory")
            return super().encode_passages(texts)

    monkeypatch.setattr("bot.following.POLL_SECONDS", 0.01)
    monkeypatch.setattr("bot.following.RETRY_SECONDS", 0.0)
    encoder = Sick()
    answers = Answers(catalogue, load_town(CORPUS / "town.yml"))
    await answers.attach(lambda: (encoder, VectorCache(":memory:")))
    assert answers.encoder == ""
    assert (await answers.find("hund", "de")).words_only
    following = asyncio.create_task(answers.follow())
    encoder.well = True
    async with asyncio.timeout(120):
        while not answers.encoder:
            await asyncio.sleep(0.01)
    assert not (await answers.find("hund", "de")).words_only
    following.cancel()
    answers.close()


async def test_going_back_takes_up_what_answered_before(catalogue: Catalogue) -> None:
    answers = Answers(catalogue, load_town(CORPUS / "town.yml"))
    await answers.attach(lambda: (HashingEncoder(), VectorCache(":memory:")))
    before = answers.in_force
    publish(catalogue, "katze", "Wo melde ich eine Katze an?")
    await answers.refresh()
    after, serial = answers.in_force, Releases(catalogue.engine).rollback(before.name, "kim", "Falsch")
    await answers.refresh()
    assert (answers.in_force.name, answers.serial, answers.index) == (before.name, serial, before.index)
    Releases(catalogue.engine).rollback(after.name, "kim", "Doch richtig")
    assert await answers.refresh(resting=True), "it need not be indexed, so nobody rests before"
    assert answers.index is after.index
    publish(catalogue, "kita", "Wie bekomme ich einen Platz in der Kita?")
    assert not await answers.refresh(resting=True)
    answers.close()


async def test_what_is_taken_out_is_looked_up_and_not_gone_through(catalogue: Catalogue) -> None:
    """Of ten thousand entries half may go, and the replies of that moment wait for whoever counts on the event loop."""

    class Name(str):
        compared = 0

        def __eq__(self, other: object) -> bool:
            Name.compared += 1
            return str.__eq__(self, str(other))

        __hash__ = str.__hash__

    catalogue.load([Draft(f"e{n}", content(f"Frage {n}?", variants=())) for n in range(40)], "kim", publish=True)
    answers = Answers(catalogue, load_town(CORPUS / "town.yml"))
    force, gone = answers.in_force, [Name(f"e{n}") for n in range(20)]
    made = await answers._made(force, None, force.serial, (), gone)
    assert len(made.live) == len(force.live) - 20
    assert Name.compared < 200
    answers.close()


async def test_a_corpus_without_entries_is_searched_as_it_is(catalogue: Catalogue) -> None:
    answers = Answers(catalogue, load_town(CORPUS / "town.yml"))
    assert (await answers.look("Wie melde ich meinen Hund an?", "de")).matches
    assert not (await answers.look("Wie melde ich meinen Hund an?", "de", Index.build((), None))).matches
    answers.close()


async def test_messages_go_before_what_is_made_ready(catalogue: Catalogue) -> None:
    """Whoever reads the corpus and makes the next index waits while a message is answered, and only then."""
    answers = Answers(catalogue, load_town(CORPUS / "town.yml"))
    await answers.attach(lambda: (HashingEncoder(), VectorCache(":memory:")))
    waits: list[float] = []

    class Noted(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waits.append(timeout or 0.0)
            return self.is_set()

    answers._courtesy._nobody = Noted()
    answers._courtesy._nobody.set()
    publish(catalogue, "katze", "Wo melde ich eine Katze an?")
    await answers.refresh()
    assert waits == []
    publish(catalogue, "kita", "Wie bekomme ich einen Platz in der Kita?")
    with answers.holding() as force:
        await answers.refresh()
        assert len(waits) > 5
        assert "kita" not in force.live  # what is at hand goes on by what was in force
    assert (await answers.find("Platz in der Kita", "de")).matches[0].entry == "kita"
    answers.close()


def test_a_write_that_failed_leaves_the_cache_usable(tmp_path: Path) -> None:
    cache, other = VectorCache(tmp_path / "v.sqlite"), VectorCache(tmp_path / "v.sqlite")

    def broken() -> Iterator[tuple[bytes, bytes]]:
        yield b"key", b"vector"
        raise sqlite3.OperationalError("disk full")

    with pytest.raises(sqlite3.OperationalError, match="disk full"):
        cache._write(broken())
    for one in (cache, other):
        assert one.queries(HashingEncoder(), ["hund"]).shape == (1, 512)


def test_stems_are_the_same_in_several_threads() -> None:
    words = [f"{a}{b}{c}ungen" for a in "abcdefgh" for b in "aeiouäöü" for c in ("lm", "rst", "nk", "ss")]
    stem.cache_clear()
    alone = {word: stem(word) for word in words}
    wrong: list[str] = []

    def work(some: Sequence[str]) -> None:
        for _ in range(20):
            stem.cache_clear()
            wrong.extend(word for word in some if stem(word) != alone[word])

    threads = [threading.Thread(target=work, args=(words[number::3],)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_word_without_end_costs_nothing() -> None:
    (concept,) = thesaurus().concepts("a" * 20_000)
    assert concept.instead == ()
    assert len(stem("a" * 20_000)) <= 60
