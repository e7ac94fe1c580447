"""What the ask box is told: by the real search, dialogue and catalogue, on words alone; and beside it the drafts."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest

from bot.answers import Answers
from bot.ask import Examiner
from bot.commands.ask import readable
from bot.composition import Core, build_core
from bot.drafts import Drafts
from bot.rasa import names
from bot.settings import Settings
from bot.store.memory import MemoryStore
from faq.encoder import HashingEncoder
from faq.entry import Content, Revision, Text
from faq.policy import Thresholds
from faq.retrieval.confidence import Confidence
from faq.retrieval.index import Index
from faq.trust import Fit, Trust, fingerprints
from faq.vectors import VectorCache
from nlu.keywords import KeywordNlu
from tests.house import Clock, corpus_state, words_index

FINDING = {"decision", "words_only", "thresholds", "fitted", "ranking", "options", "reply"}
UNDERSTANDING = {"intent", "confidence", "source", "entities", "ranking", "emergency", "office", "parts"}


@pytest.fixture(scope="session")
def state(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return corpus_state(tmp_path_factory.mktemp("ask"))


@pytest.fixture(scope="session")
def index(state: Settings) -> Index:
    return words_index(state)


@dataclass
class Bench:
    """An examiner with what it looks at."""

    core: Core
    answers: Answers
    drafts: Drafts
    examiner: Examiner

    def draft(self, entry: str, change: Callable[[Text], Text]) -> Revision:
        """A new draft of that entry's German text; the live version stays."""
        state = self.core.catalogue.get(entry)
        assert state is not None
        content = state.head.content
        texts = {**content.texts, "de": change(content.texts["de"])}
        return self.core.catalogue.save_draft(entry, replace(content, texts=texts), "eda", state.head.id)

    def new(self, entry: str, question: str) -> Revision:
        """A draft of an entry that there was not."""
        content: Content = next(iter(self.core.catalogue.live())).content
        texts = {"de": Text("de", question, (), "Gibt es noch nicht.")}
        return self.core.catalogue.save_draft(entry, replace(content, texts=texts), "eda")


@asynccontextmanager
async def bench(settings: Settings, index: Index | None = None, kept: float = 300.0) -> AsyncIterator[Bench]:
    core = build_core(settings, store=MemoryStore(), channels={}, now=Clock())
    answers = Answers(core.catalogue, core.town, index)
    drafts = Drafts(core.catalogue, answers, kept, patience=None)
    try:
        yield Bench(core, answers, drafts, Examiner(core.turns, KeywordNlu(names(settings)), answers, drafts))
    finally:
        drafts.close()
        answers.close()
        await core.close()


@pytest.fixture
async def town(state: Settings, index: Index) -> AsyncIterator[Bench]:
    """The sample town; nobody writes into it."""
    async with bench(state, index) as found:
        yield found


def copied(state: Settings, folder: Path) -> Settings:
    shutil.copytree(state.home, folder / "state")
    return replace(state, home=folder / "state")


@pytest.fixture
async def own(state: Settings, tmp_path: Path, index: Index) -> AsyncIterator[Bench]:
    """A sample town to write into."""
    async with bench(copied(state, tmp_path), index) as found:
        yield found


async def test_the_answer_has_this_shape_and_is_json(town: Bench) -> None:
    found = await town.examiner.describe("sperrmüll anmelden")
    assert set(found) == {"question", "language", "release", "understanding", "drafts", *FINDING}
    release = town.core.catalogue.live_release()
    assert release is not None
    assert found["release"] == {"id": release.id, "number": 1}
    assert set(found["understanding"]) == UNDERSTANDING
    assert json.loads(json.dumps(found)) == found
    assert (found["language"], found["drafts"], found["words_only"]) == ("de", None, True)
    assert set(found["thresholds"]) >= {"answer", "clarify"}
    scores = [m["score"] for m in found["ranking"]]
    assert scores == sorted(scores, reverse=True)
    assert 1 < len(scores) <= 5
    for match in found["ranking"]:
        assert set(match) == {"entry", "revision", "title", "topic", "score", "why", "draft"}
        assert sum(match["why"].values()) == pytest.approx(1, abs=0.01)
        assert not match["draft"]
    assert found["ranking"][0]["entry"] == "sperrmuell-anmelden"
    assert "sperrmuell-anmelden" in readable(found)


@pytest.mark.parametrize(
    ("question", "deed", "key"),
    [
        ("es brennt in der küche hilfe", "emergency", "emergency.danger"),
        ("hat das bürgeramt am freitag auf", "office", "hours"),
        ("ich will mit einem menschen sprechen", "person", "handoff"),
        ("hallo", "talk", "greeting"),
        ("Wie melde ich Sperrmüll zur Abholung an?", "answer", "answer"),
        ("schnurpsel fizzibit wommel", "withhold", ""),
    ],
)
async def test_it_says_what_the_bot_would_do(town: Bench, question: str, deed: str, key: str) -> None:
    found = await town.examiner.describe(question)
    reply = found["reply"]
    assert reply["deed"] == deed, found
    assert reply["key"].startswith(key)
    assert bool(reply["text"]) == (deed != "person")


async def test_it_says_whose_thresholds_hold(town: Bench) -> None:
    live = list(town.core.catalogue.live())
    trust = Trust(Confidence({"margin": 1.0}, 0.0), Thresholds(0.7, 0.3, 0.02))

    def fit(changed: int) -> Fit:
        told = {question: "else" if n < changed else hashed for n, (question, hashed) in enumerate(prints.items())}
        return Fit("e5", told, {"words_only": trust}, date(2026, 11, 20))

    async def told(*fits: Fit) -> tuple[dict[str, str], str]:
        answers = Answers(town.core.catalogue, town.core.town, town.answers.index, fits=fits)
        try:
            examiner = Examiner(town.core.turns, KeywordNlu(), answers, town.drafts)
            found = await examiner.describe("sperrmüll anmelden")
            assert (found["thresholds"]["answer"] == 0.7) == bool(fits)
            return found["fitted"], readable(found)
        finally:
            answers.close()

    prints = fingerprints(live)
    fitted, lines = await told()
    assert (fitted, "the general ones" in lines) == ({"by": "general", "on": ""}, True)
    fitted, lines = await told(fit(changed=0))
    assert (fitted, "proved for this corpus on 2026-11-20" in lines) == ({"by": "own", "on": "2026-11-20"}, True)
    fitted, lines = await told(fit(changed=len(live) // 2))
    assert (fitted["by"], "when this corpus was another" in lines) == ("outdated", True)


async def test_what_was_understood_is_named(town: Bench) -> None:
    office = (await town.examiner.describe("hat das bürgeramt am freitag auf"))["understanding"]["office"]
    assert office["offices"][0] == "Bürgeramt"
    assert office["days"] == ["2026-11-27"]
    assert (await town.examiner.describe("gibt es feuer es brennt hilfe"))["understanding"]["emergency"] == "danger"
    several = await town.examiner.describe("Was kostet ein Reisepass? Und wie melde ich meinen Hund an?")
    assert len(several["understanding"]["parts"]) == 2
    assert (await town.examiner.describe("where can i get a passport", ""))["language"] == "en"
    assert (await town.examiner.describe("pass", "tr"))["language"] == "tr"


async def test_nothing_is_counted_or_kept(town: Bench) -> None:
    await town.examiner.describe("sperrmüll anmelden", draft=True)
    assert not town.drafts.held


async def test_drafts_are_compared_and_change_nothing_for_citizens(own: Bench) -> None:
    question = "wo ist die schnurpselausleihe"
    before = await own.examiner.describe(question, draft=True)
    assert before["drafts"] == {"state": "none", "pending": 0}
    new = own.new("schnurpselausleihe", "Wo ist die Schnurpselausleihe?")
    changed = own.draft("gelber-sack", lambda text: replace(text, answer="Es gibt keine mehr."))
    found = await own.examiner.describe(question, draft=True)
    drafts = found["drafts"]
    assert (drafts["state"], drafts["pending"]) == ("ready", 2)
    assert set(drafts) == {"state", "pending", *FINDING}
    assert (drafts["ranking"][0]["entry"], drafts["ranking"][0]["revision"]) == ("schnurpselausleihe", new.id)
    assert drafts["ranking"][0]["draft"]
    assert drafts["reply"]["deed"] == "answer"
    assert "Gibt es noch nicht." in drafts["reply"]["text"]
    assert found["ranking"] == before["ranking"]
    assert "schnurpselausleihe" not in readable({**found, "drafts": None})
    assert "(draft)" in readable(found)
    told = await own.answers.find(question, "de")
    assert [m.entry for m in told.matches] == [m["entry"] for m in before["ranking"]]
    sack = await own.examiner.describe("Wo bekomme ich Gelbe Säcke und was gehört hinein?", draft=True)
    assert sack["ranking"][0]["revision"] != sack["drafts"]["ranking"][0]["revision"] == changed.id
    assert "Es gibt keine mehr." in sack["drafts"]["reply"]["text"]
    assert "Es gibt keine mehr." not in sack["reply"]["text"]


async def test_the_index_with_drafts_is_made_again_only_when_something_changed(own: Bench) -> None:
    own.new("eins", "Wo ist das Einserhaus?")
    first = (await own.drafts.get()).index
    assert (await own.drafts.get()).index is first
    own.new("zwei", "Wo ist das Zweierhaus?")
    second = (await own.drafts.get()).index
    assert second is not first
    assert len(second or ()) == len(own.answers.index) + 2
    saved = own.core.catalogue.get("eins")
    assert saved is not None
    own.core.catalogue.publish("eins", saved.head.id, "eda")
    await own.answers.refresh()
    third = await own.drafts.get()
    assert set(third.pending) == {"zwei"}
    assert len(third.index or ()) == len(own.answers.index) + 1


async def test_many_drafts_are_read_in_parts(own: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.drafts.BATCH", 3)
    for number in range(8):
        own.new(f"neu-{number}", f"Wo ist das Haus Nummer {number}?")
    built = (await own.drafts.get()).index
    assert len(built or ()) == len(own.answers.index) + 8


async def test_many_drafts_are_encoded_in_parts_and_come_into_the_index_at_once(
    own: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the wordings teach is learned once, and a release waits for that alone."""
    monkeypatch.setattr("bot.drafts.BATCH", 3)
    monkeypatch.setattr("faq.retrieval.learned.MOST", 0)  # learning the town's wordings twice takes half a minute
    await own.answers.attach(lambda: (HashingEncoder(), VectorCache(":memory:")))
    encoded, updates = own.answers.encode, own.answers.updated
    seen: list[tuple[str, int]] = []

    async def encode(index: Index, revisions: Sequence[Revision]) -> None:
        seen.append(("encode", len(revisions)))
        await encoded(index, revisions)

    async def updated(index: Index, changed: Sequence[Revision], removed: Sequence[str] = ()) -> Index:
        seen.append(("update", len(changed)))
        return await updates(index, changed, removed)

    monkeypatch.setattr(own.answers, "encode", encode)
    monkeypatch.setattr(own.answers, "updated", updated)
    for number in range(8):
        own.new(f"neu-{number}", f"Wo ist das Haus Nummer {number}?")
    index = (await own.drafts.get()).index
    assert index is not None
    assert not index.words_only
    assert seen == [("encode", 3), ("encode", 3), ("encode", 2), ("update", 8)]


async def test_its_memory_is_let_go(state: Settings, tmp_path: Path, index: Index) -> None:
    async with bench(copied(state, tmp_path), index, kept=0.01) as own:
        own.new("eins", "Wo ist das Einserhaus?")
        assert (await own.drafts.get()).state == "ready"
        async with asyncio.timeout(120):
            while own.drafts.held:
                await asyncio.sleep(0.01)


async def test_who_does_not_want_to_wait_is_told_and_finds_it_later(
    state: Settings, tmp_path: Path, index: Index
) -> None:
    async with bench(copied(state, tmp_path), index) as own:
        own.new("eins", "Wo ist das Einserhaus?")
        hasty = Drafts(own.core.catalogue, own.answers, patience=0.0)
        first = await hasty.get()
        assert (first.state, first.index) == ("building", None)
        async with asyncio.timeout(120):
            while (found := await hasty.get()).state != "ready":
                await asyncio.sleep(0.01)
        assert found.index is not None
        hasty.close()


async def test_a_failure_is_told_and_tried_again(own: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    own.new("eins", "Wo ist das Einserhaus?")

    async def broken(*_: object) -> Index:
        raise OSError("no memory")

    with monkeypatch.context() as patch:
        patch.setattr(own.answers, "updated", broken)
        assert (await own.drafts.get()).state == "failed"
    assert (await own.drafts.get()).state == "ready"
