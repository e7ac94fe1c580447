"""A text is encoded once: what travels to Rasa, what Rasa makes of it, and that it learns and applies the same."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.meaning import HEADER, Meaning
from nlu.rasa_training import RASA_DIR

TEXTS = ["hallo", "guten tag", "hallo du", "danke", "vielen dank", "danke sehr!", "ausweis", "mein Ausweis", "AUSWEISE"]
LABELS = ["greet"] * 3 + ["thanks"] * 3 + ["faq_question"] * 3


@pytest.fixture(scope="module", autouse=True)
def rasa_folder() -> Iterator[None]:
    """Where Rasa's Python finds our components; these two need no Rasa."""
    sys.path.insert(0, str(RASA_DIR))
    yield
    sys.path.remove(str(RASA_DIR))


@pytest.fixture
def side() -> Iterator[ModuleType]:
    """Rasa's side, without its own encoder."""
    import stadtbote_meaning

    def none_here() -> None:
        raise AssertionError("an encoder of its own was wanted")

    kept, stadtbote_meaning._own = stadtbote_meaning._own, none_here
    yield stadtbote_meaning
    stadtbote_meaning._own = kept
    stadtbote_meaning.arrived(None)


def vector(seed: int) -> np.ndarray:
    drawn = np.random.default_rng(seed).standard_normal(384).astype(np.float32)
    return np.asarray(drawn / np.linalg.norm(drawn), np.float32)


def test_a_vector_arrives_as_it_was_sent(side: ModuleType) -> None:
    assert HEADER.lower() == side.HEADER
    side.arrived(Meaning("e5-1", vector(1)).header())
    found = side.meaning(["wo ist das amt"], "e5-1")
    assert found.shape == (1, 384)
    assert float(found[0] @ vector(1)) == pytest.approx(1, abs=1e-3)


def test_an_empty_text_needs_no_encoder(side: ModuleType) -> None:
    assert not side.meaning([" "], "e5-1").any()


@pytest.mark.parametrize(
    "header",
    [None, "", "e5-1", "e5-1 ", "e5-1 ????", "e5-1 AAAA", Meaning("e5-2", vector(1)).header(),
     Meaning("e5-1", np.full(384, np.nan, np.float32)).header(), Meaning("e5-1", vector(1)[:383]).header()],
)  # fmt: skip
def test_what_another_encoder_made_or_what_is_broken_is_made_again(side: ModuleType, header: str | None) -> None:
    side.arrived(header)
    with pytest.raises(AssertionError, match="of its own"):
        side.meaning(["wo ist das amt"], "e5-1")


@given(st.text())
def test_no_header_breaks_the_reading(header: str) -> None:
    import stadtbote_meaning

    assert stadtbote_meaning.decode(header, "e5-1") is None


def test_examples_are_learned_with_the_vectors_that_came(
    side: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vectors = np.stack([vector(seed) for seed in range(3)])
    with (tmp_path / "meanings.npz").open("wb") as out:
        np.savez(out, texts=np.array(["a", "b", "c"]), vectors=vectors, encoder="e5-1")
    monkeypatch.setenv(side.EXAMPLES, str(tmp_path / "meanings.npz"))
    found, encoder = side.of_examples(["c", "a", "c"])
    assert encoder == "e5-1"
    assert np.array_equal(found, vectors[[2, 0, 2]])
    with pytest.raises(AssertionError, match="of its own"):
        side.of_examples(["a", "unknown"])
    assert np.array_equal(side.meaning(["b"], "e5-1"), vectors[[1]]), "what is tried lies ready, too"
    for text, wanted in (("unknown", "e5-1"), ("b", "another-encoder")):
        with pytest.raises(AssertionError, match="of its own"):
            side.meaning([text], wanted)


def test_few_examples_lean_on_meaning_many_on_spelling() -> None:
    from stadtbote_spelling import weight

    assert weight(["a"] * 10 + ["b"] * 12, meaning=1.0, few=50) == 2
    assert weight(["a"] * 60 + ["b"] * 70 + ["rare"], meaning=1.0, few=50) == 1
    assert weight(["a"] * 10, meaning=0, few=50) == 0


def test_cross_validation_asks_each_part_of_what_the_others_taught(
    side: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import cross_validate

    drawn = {"greet": vector(1), "thanks": vector(2)}
    texts = [
        f"{word} {intent} {at}" for intent in drawn for at, word in enumerate(("hallo", "oh", "ach", "na", "so", "ja"))
    ]
    intents = [text.split()[1] for text in texts]
    # The last one is filed wrongly: whoever had learned it would repeat the mistake.
    intents[-1] = "greet"
    with (tmp_path / "meanings.npz").open("wb") as out:
        vectors = np.stack([drawn[text.split()[1]] for text in texts])
        np.savez(out, texts=np.array(texts), vectors=vectors, encoder="e5-1")
    monkeypatch.setenv(side.EXAMPLES, str(tmp_path / "meanings.npz"))
    asked = {"texts": texts, "intents": intents, "parts": [at % 3 for at in range(12)]}
    settings = {"C": 10.0, "meaning": 1.0, "few": 50, "max_iter": 60}
    (tmp_path / "asked.json").write_text(json.dumps({**asked, "settings": settings}))
    cross_validate.main(tmp_path / "asked.json", tmp_path / "out.json")
    found = json.loads((tmp_path / "out.json").read_text())
    assert [intent for intent, _ in found] == ["greet"] * 6 + ["thanks"] * 6
    assert all(0.5 < confidence <= 1 for _, confidence in found)


@pytest.mark.parametrize("kinds", [2, 3])
def test_what_was_learned_is_applied_as_scikit_learn_would(tmp_path: Path, kinds: int) -> None:
    from scipy.sparse import csr_matrix, hstack
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from stadtbote_spelling import Classifier, fold, learn, letters, words

    texts, labels = TEXTS[: 3 * kinds], LABELS[: 3 * kinds]
    vectors = np.stack([vector(seed) for seed in range(len(texts))])
    learn(texts, labels, vectors, C=10.0, max_iter=60).save(tmp_path / "classifier.npz")
    ours = Classifier.load(tmp_path / "classifier.npz")

    counters = [TfidfVectorizer(sublinear_tf=True, analyzer=terms, dtype=np.float32) for terms in (words, letters)]
    parts = [counter.fit_transform([fold(text) for text in texts]) for counter in counters]
    theirs = LogisticRegression(C=10.0, class_weight="balanced", max_iter=60, tol=1e-2, random_state=42)
    theirs.fit(csr_matrix(hstack([*parts, csr_matrix(vectors)])), labels)
    for seed, text in enumerate(("Hallo, hallo DANKE", "ausweis danke", "völlig Anderes", "", "hallo " * 9)):
        asked = [counter.transform([fold(text)]) for counter in counters]
        wanted = theirs.predict_proba(csr_matrix(hstack([*asked, csr_matrix(vector(seed)[np.newaxis])])))[0]
        assert ours.chances(text, vector(seed)) == pytest.approx(wanted, abs=1e-4)
    assert list(ours.labels) == list(theirs.classes_)


def test_letters_are_those_of_scikit_learn() -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from stadtbote_spelling import letters, words

    text = "oeffnungszeiten im amt, a 24 h? x-y"
    theirs = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5)).build_analyzer()
    assert sorted(letters(text)) == sorted(theirs(text))
    theirs = TfidfVectorizer(ngram_range=(1, 2), token_pattern=r"(?u)\b\w+\b|[^\w\s]").build_analyzer()
    assert sorted(words(text)) == sorted(theirs(text))
