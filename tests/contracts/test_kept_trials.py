"""The trials' contract, on SQLite and on PostgreSQL: kept once, never overwritten by the corpus folder."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.composition import SAMPLE_TOWN
from faq.database import writing
from faq.marked import FileError
from faq.schema import open_database
from faq.trials import LONGEST, Trial, TrialRefused, Trials, _trial, corpus_trials, erase

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture
def trials(database_url: str) -> Iterator[Trials]:
    engine = open_database(database_url)
    yield Trials(engine, lambda: NOW)
    engine.dispose()


def add(trials: Trials, question: str, *relevant: str, language: str = "de", origin: str = "editor") -> Trial:
    return trials.add(question, language, relevant, origin, "kim")  # type: ignore[arg-type]


def seeds(*questions: str) -> list[Trial]:
    return [_trial(question, "de", ("hund",), "corpus", "import", NOW) for question in questions]


def test_kept_and_found_by_entry(trials: Trials) -> None:
    dog = add(trials, "  wo melde ich\n meinen Hund an ", "hund", "hundesteuer")
    none = add(trials, "wie wird das wetter")
    assert (dog.question, dog.relevant, none.relevant) == ("wo melde ich meinen Hund an", ("hund", "hundesteuer"), ())
    assert set(trials.all()) == {dog, none}
    assert trials.of_entry("hund") == trials.of_entry("hundesteuer") == (dog,)
    assert trials.of_entry("hun") == trials.of_entry("HUND") == trials.of_entry("") == ()
    assert trials.get(dog.id) == dog
    assert trials.get("unknown") is None


def test_the_same_question_is_one_trial(trials: Trials) -> None:
    first = add(trials, "Wo ist das Amt?", "amt", origin="gap")
    again = add(trials, "wo  ist das AMT?", "rathaus")
    assert again.id == first.id
    assert trials.all() == (again,)
    assert len({again.id, add(trials, "Wo ist das Amt?", "amt", language="en").id}) == 2


def test_retired_ones_count_no_more_and_may_come_back(trials: Trials) -> None:
    one = add(trials, "Wo ist das Amt?", "amt")
    assert trials.retire(one.id, "toni")
    assert not trials.retire(one.id, "toni")
    assert trials.all() == trials.of_entry("amt") == ()
    kept = trials.get(one.id)
    assert kept
    assert kept.retired == NOW
    assert trials.list(retired=True) == ((kept,), 1)
    assert trials.revive(one.id)
    assert not trials.revive(one.id)
    assert trials.all() == (one,)
    assert not trials.retire("unknown", "toni")


def test_the_corpus_never_overwrites(trials: Trials) -> None:
    assert trials.seed(seeds("a b", "c d", "e f")) == 3
    changed, retired = add(trials, "a b", "katze"), seeds("c d")[0]
    trials.retire(retired.id, "kim")
    assert trials.seed(seeds("a b", "c d", "e f", "g h")) == 1
    assert {t.question for t in trials.all()} == {"a b", "e f", "g h"}
    assert trials.get(changed.id) == changed


def test_two_processes_take_them_in_at_once(trials: Trials, database_url: str) -> None:
    def meanwhile() -> Iterator[Trial]:
        if not database_url.startswith("sqlite"):  # which has one writer at a time
            trials.seed(seeds("a b"))
        yield from seeds("a b", "c d")

    trials.seed(meanwhile())
    assert {t.question for t in trials.all()} == {"a b", "c d"}


def test_listed_and_searched(trials: Trials) -> None:
    every = {add(trials, f"Frage Ähre {n}", f"e{n % 2}", origin="gap" if n % 2 else "editor") for n in range(6)}
    add(trials, "100 % egal")
    add(trials, "what now", "e1", language="en")
    found, total = trials.list("ähre frage", limit=4)
    assert (len(found), total) == (4, 6)
    assert {*found, *trials.list("ähre frage", offset=4)[0]} == every
    assert trials.list("E1 ähre")[1] == 3
    assert trials.list("%")[1] == trials.list(entry="-")[1] == trials.list(language="en")[1] == 1
    assert trials.list(entry="e1")[1] == 4
    assert trials.list(origin="gap")[1] == 3


@pytest.mark.parametrize(("question", "why"), [(" \n", "empty"), ("x" * (LONGEST + 1), "long")])
def test_refused(trials: Trials, question: str, why: str) -> None:
    with pytest.raises(TrialRefused) as refused:
        add(trials, question, "hund")
    assert refused.value.why == why
    assert trials.all() == ()


@settings(max_examples=50)
@given(st.text(max_size=60), st.text(max_size=60))
def test_a_trial_is_known_by_its_words(one: str, other: str) -> None:
    def plain(text: str) -> str:
        return " ".join(text.split()).encode("utf-8", "replace").decode().casefold()

    if plain(one) and plain(other):
        made = [_trial(text, "de", (), "editor", "kim", NOW).id for text in (one, other)]
        assert (made[0] == made[1]) is (plain(one) == plain(other))


def test_those_of_the_sample_town(tmp_path: Path) -> None:
    found = corpus_trials(SAMPLE_TOWN, NOW)
    assert len(found) > 1700
    assert {t.language for t in found} == {"de", "en", "tr", "ru", "uk", "ar", "fr"}
    assert sum(not t.relevant for t in found) >= 360
    assert {t.origin for t in found} == {"corpus"}
    assert corpus_trials(tmp_path, NOW) == []


def test_a_question_with_several_entries_is_one_trial(tmp_path: Path) -> None:
    (tmp_path / "trials").mkdir()
    path = tmp_path / "trials" / "de.yml"
    path.write_text("language: de\ntrials:\n  a:\n    - Wo?\n  b:\n    - wo?\n    - Wann?\n", "utf-8")
    assert [(t.question, t.relevant) for t in corpus_trials(tmp_path, NOW)] == [("wo?", ("a", "b")), ("Wann?", ("b",))]
    path.write_text("language: de\n", "utf-8")
    with pytest.raises(FileError, match=r"de\.yml"):
        corpus_trials(tmp_path, NOW)


def test_what_is_erased_is_nowhere(trials: Trials) -> None:
    one = add(trials, "Ich bin Erika Mustermann, wo ist das Amt?", "amt")
    trials.retire(one.id, "toni")
    with writing(trials._engine) as db:
        erase(db, one.id)
    assert (trials.get(one.id), trials.list(retired=True)) == (None, ((), 0))
