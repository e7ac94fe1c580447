"""The sample town's trial questions are held out: each names a real entry once and copies no wording of the corpus."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import faq
from faq.entry import Draft
from faq.marked import Marked, load_marked
from faq.sources import read
from nlu.text import words

TOWN = Path(faq.__file__).parent / "corpora" / "lindenfurt"
TRIALS = TOWN / "trials"
NEAR = 0.75  # from this Jaccard similarity of character 4-grams on, a question is a copy and measures nothing


@cache
def drafts() -> tuple[Draft, ...]:
    return tuple(draft for draft in read(TOWN) if isinstance(draft, Draft))


def in_scope(language: str) -> Iterator[tuple[str, str]]:
    top = load_marked(TRIALS / f"{language}.yml")
    assert top["language"] == language
    for entry, questions in top["trials"].items():
        for question in questions:
            yield entry, question


def out_of_scope() -> Iterator[tuple[str, str]]:
    for kind, languages in load_marked(TRIALS / "out_of_scope.yml")["kinds"].items():
        assert isinstance(languages, Marked)
        assert set(languages) == {"trials", "en"}
        for questions in languages.values():
            for question in questions:
                yield kind, question


def everything() -> list[str]:
    return [question for _, question in (*in_scope("de"), *in_scope("en"), *out_of_scope())]


def comparable(text: str) -> str:
    """What is left of a text when case, umlauts and punctuation do not count; itself where nothing would be."""
    return " ".join(words(text)) or text.strip()


def grams(text: str) -> frozenset[str]:
    padded = f" {text} "
    return frozenset(padded[place : place + 4] for place in range(max(1, len(padded) - 3)))


def near_copies(questions: list[str], wordings: set[str]) -> list[str]:
    sizes: list[int] = []
    holding: dict[str, list[int]] = defaultdict(list)
    for number, wording in enumerate(sorted(wordings)):
        found = grams(wording)
        sizes.append(len(found))
        for gram in found:
            holding[gram].append(number)
    copies = []
    for question in questions:
        asked = grams(comparable(question))
        shared = Counter(number for gram in asked for number in holding.get(gram, ()))
        if any(both / (len(asked) + sizes[number] - both) >= NEAR for number, both in shared.items()):
            copies.append(question)
    return copies


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_trial_names_an_entry(language: str) -> None:
    known = {draft.entry for draft in drafts()}
    assert {entry for entry, _ in in_scope(language)} <= known


def test_every_entry_is_tried_at_least_twice_in_german() -> None:
    tried = Counter(entry for entry, _ in in_scope("de"))
    assert [draft.entry for draft in drafts() if tried[draft.entry] < 2] == []


def test_there_are_enough_trials_to_measure_with() -> None:
    assert len(list(in_scope("de"))) >= 650
    assert len(list(in_scope("en"))) >= 90
    assert min(Counter(kind for kind, _ in out_of_scope()).values()) >= 50


def test_every_trial_is_a_text_and_stands_once() -> None:
    questions = everything()
    assert [question for question in questions if not isinstance(question, str) or not question.strip()] == []
    counted = Counter(comparable(question) for question in questions)
    assert [question for question, times in counted.items() if times > 1] == []


def test_no_trial_is_a_near_copy_of_a_wording() -> None:
    wordings = {
        comparable(wording)
        for draft in drafts()
        for text in draft.content.texts.values()
        for wording in (text.question, *text.variants)
    }
    assert len(wordings) > len(drafts())
    assert near_copies(everything(), wordings) == []


def test_the_leak_check_finds_a_copy_with_other_case_and_punctuation() -> None:
    wordings = {comparable("Wie melde ich Sperrmüll an?")}
    assert near_copies(["wie melde ich sperrmuell an", "altes sofa muss weg"], wordings) == [
        "wie melde ich sperrmuell an"
    ]
