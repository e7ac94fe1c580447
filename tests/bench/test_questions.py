"""The citizens' questions: distinct, and there also where the sets beside the checkout are not."""

import itertools
from pathlib import Path

import pytest

from tests.bench import questions
from tests.bench.questions import Questions


def test_questions_are_distinct() -> None:
    some = Questions()
    texts = [some.any() for _ in range(4000)]
    assert len(set(texts)) > 3900
    assert all(a != b for a, b in itertools.pairwise(texts))


def test_without_the_sets_the_towns_own_trials_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(questions, "DATA", tmp_path)
    some = Questions()
    assert len(some.left_out) == len(questions.FOREIGN)
    assert all("left out" in line for line in some.left_out)
    assert len({some.any() for _ in range(500)}) == 500


def test_wordings_are_known_and_distinct() -> None:
    some = Questions().wordings(500)
    assert len({one.text for one in some}) == 500
    assert all(a.entry != b.entry for a, b in itertools.pairwise(some))
