"""The sample town's trial questions are held out: each names a real entry once, and nothing that learns copies one.

What learns or is matched by words: the entries' wordings in every language, nlu's examples, and the phrases and
synonyms beside them. Method and limits stand in tests/faq/leaks.py.
"""

from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml

import faq
from faq.entry import Draft
from faq.marked import Marked, load_marked
from faq.sources import read
from nlu.examples import read_examples, unmarked
from nlu.profiles import LANGUAGES_DIR
from tests.faq.leaks import Learned, Phrases, comparable, leaks, strings

TOWN = Path(faq.__file__).parent / "corpora" / "lindenfurt"
TRIALS = TOWN / "trials"
SYNONYMS = Path(faq.__file__).parent / "retrieval" / "synonyms.yml"
LANGUAGES = {"de": 1000, "en": 150, "tr": 45, "ru": 45, "uk": 40, "ar": 40, "fr": 40}
"""How many trials there are at least."""
OUTSIDE = {"trials", "en", "tr", "uk", "ar", "ru", "fr"}
DATA = {"examples.yml", "trials.yml", "replies.yml", "profile.yml"}  # what in nlu/languages is no list of phrases


@cache
def drafts() -> tuple[Draft, ...]:
    return tuple(draft for draft in read(TOWN) if isinstance(draft, Draft))


@cache
def in_scope(language: str) -> tuple[tuple[str, str], ...]:
    top = load_marked(TRIALS / f"{language}.yml")
    assert top["language"] == language
    return tuple((entry, question) for entry, questions in top["trials"].items() for question in questions)


@cache
def out_of_scope() -> tuple[tuple[str, str], ...]:
    kinds = load_marked(TRIALS / "out_of_scope.yml")["kinds"]
    assert all(isinstance(languages, Marked) and set(languages) == OUTSIDE for languages in kinds.values())
    return tuple(
        (kind, question)
        for kind, languages in kinds.items()
        for questions in languages.values()
        for question in questions
    )


def everything() -> list[str]:
    return [question for some in (*map(in_scope, LANGUAGES), out_of_scope()) for _, question in some]


def utterances(name: str) -> Iterator[str]:
    for path in sorted(LANGUAGES_DIR.glob(f"*/{name}")):
        for lines in read_examples(path).values():
            yield from map(unmarked, lines)


@cache
def wordings() -> Learned:
    return Learned(
        wording
        for draft in drafts()
        for text in draft.content.texts.values()
        for wording in (text.question, *text.variants)
    )


@cache
def examples() -> Learned:
    return Learned(utterances("examples.yml"))


@cache
def phrases() -> Phrases:
    files = [path for path in LANGUAGES_DIR.glob("*/*.yml") if path.name not in DATA]
    return Phrases(text for path in (*sorted(files), SYNONYMS) for text in strings(yaml.safe_load(path.read_text())))


def test_there_is_a_file_for_each_language_and_no_other() -> None:
    assert {path.stem for path in TRIALS.glob("*.yml")} == {*LANGUAGES, "out_of_scope"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_trial_names_an_entry(language: str) -> None:
    known = {draft.entry for draft in drafts()}
    assert {entry for entry, _ in in_scope(language)} <= known


def test_every_entry_is_tried_at_least_twice_in_german() -> None:
    tried = Counter(entry for entry, _ in in_scope("de"))
    assert [draft.entry for draft in drafts() if tried[draft.entry] < 2] == []


def test_there_are_enough_trials_to_measure_with() -> None:
    assert {
        language: len(in_scope(language)) for language in LANGUAGES if len(in_scope(language)) < LANGUAGES[language]
    } == {}
    topics = {draft.entry: draft.content.topic for draft in drafts()}
    asked = {language: {topics[entry] for entry, _ in in_scope(language)} for language in LANGUAGES}
    assert {
        language: set(topics.values()) - some for language, some in asked.items() if some != set(topics.values())
    } == {}
    assert len(out_of_scope()) >= 360
    assert min(Counter(kind for kind, _ in out_of_scope()).values()) >= 40


def test_every_trial_is_a_text_and_stands_once() -> None:
    questions = everything()
    assert [question for question in questions if not isinstance(question, str) or not question.strip()] == []
    counted = Counter(comparable(question) for question in questions)
    assert [question for question, times in counted.items() if times > 1] == []


def test_no_trial_is_a_near_copy_of_what_learns() -> None:
    assert len(wordings()) > 2 * len(drafts())
    assert len(examples()) > 1000
    assert len(phrases()) > 100
    assert list(leaks(everything(), wordings(), examples(), phrases())) == []


def test_no_trial_of_an_intent_is_a_near_copy_of_an_example_or_a_phrase() -> None:
    asked = list(utterances("trials.yml"))
    assert len(asked) > 300
    assert list(leaks(asked, examples(), phrases())) == []


@pytest.mark.parametrize(
    ("trial", "learned"),
    [
        ("wie melde ich sperrmuell an", "Wie melde ich Sperrmüll an?"),
        ("Sperrmüll: wie melde ich an", "Wie melde ich Sperrmüll an?"),
        ("wie melde ich denn sperrmüll an", "Wie melde ich Sperrmüll an?"),
        ("kommt da jemand mit dem laster", "Altes Bett muss weg, kommt da jemand mit dem Laster von euch vorbei"),
        ("шкаф старый выбросить", "выбросить старый шкаф"),
        ("كيف اطلب سجل عنوان", "كيف أطلب سجل عنوان؟"),
    ],
)
def test_the_leak_check_finds_a_near_copy(trial: str, learned: str) -> None:
    known = Learned([learned, "Welche Tonne?", *(f"etwas ganz anderes {number}" for number in range(50))])
    assert [found.trial for found in leaks(["altes sofa muss weg", trial], known)] == [trial]


def test_the_leak_check_finds_a_trial_spelt_out_as_a_phrase() -> None:
    spelt = Phrases(["wer|wen .. ~holt altes|alte sofa* .. weg $", "hilfe .. feuer"])
    asked = ["wer holt das alte sofa weg", "wer holt die alte lampe", "hilfe bei feuer"]
    assert list(leaks(asked, spelt)) == [("wer holt das alte sofa weg", "wer|wen .. ~holt altes|alte sofa* .. weg $")]


def test_what_shares_words_only_is_no_copy() -> None:
    known = Learned(["Wie melde ich mein Auto an?", "wie lange dauert das"])
    assert list(leaks(["wie melde ich mein kind an", "reisepass, wie lange dauert das im sommer"], known)) == []
