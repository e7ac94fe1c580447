"""Understanding and searching of one message share one vector; nothing else changes by that."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bot.answers import Answers
from faq.catalogue import Catalogue
from faq.encoder import HashingEncoder, RememberingEncoder, Vectors
from faq.entry import Draft
from faq.town import load_town
from faq.vectors import VectorCache
from tests.faq.town import content

DRAFTS = (Draft("hund", content()), Draft("perso", content("Was kostet ein Personalausweis?", "46,00 €")))
TOWN = Path(__file__).resolve().parents[2] / "faq" / "corpora" / "lindenfurt" / "town.yml"


class Counting(HashingEncoder):
    """Notes single questions."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        if len(texts) == 1:
            self.asked += texts
        return super().encode_queries(texts)


def few(folder: Path) -> Catalogue:
    """A catalogue with a handful of entries, live."""
    catalogue = Catalogue.open(f"sqlite:///{folder}/town.sqlite")
    catalogue.load(DRAFTS, "import", publish=True)
    return catalogue


async def test_a_message_is_encoded_once(tmp_path: Path) -> None:
    catalogue = few(tmp_path)
    encoder = Counting()
    answers = Answers(catalogue, load_town(TOWN))
    try:
        text = "Was kostet ein neuer  Personalausweis?"
        assert await answers.meaning(text) is None, "no encoder yet"
        await answers.attach(lambda: (encoder, VectorCache(":memory:")))
        encoder.asked.clear()
        meaning = await answers.meaning(text)
        first = await answers.find(text, "de")
        assert encoder.asked == [text]
        assert meaning is not None
        assert meaning.encoder == encoder.name
        assert np.array_equal(meaning.vector, HashingEncoder().encode_queries([text])[0])
        assert await answers.find(text, "de") == first
        await answers.find("Wo ist das Rathaus?", "de")
        assert encoder.asked == [text, "Wo ist das Rathaus?"]
    finally:
        answers.close()
        catalogue.close()


async def test_an_encoder_that_fails_costs_the_meaning_only(tmp_path: Path) -> None:
    class Broken(Counting):
        def encode_queries(self, texts: Sequence[str]) -> Vectors:
            if len(texts) == 1:
                raise RuntimeError("out of memory")
            return super().encode_queries(texts)

    catalogue = few(tmp_path)
    answers = Answers(catalogue, load_town(TOWN))
    try:
        await answers.attach(lambda: (Broken(), VectorCache(":memory:")))
        assert await answers.meaning("was kostet das") is None
        assert (await answers.find("was kostet das", "de")).words_only
    finally:
        answers.close()
        catalogue.close()


def test_only_the_latest_questions_are_remembered_and_they_cannot_be_changed() -> None:
    counting = Counting()
    encoder = RememberingEncoder(counting, most=2)
    for text in ("a", "b", "a", "c", "a", "b"):
        found = encoder.encode_queries([text])
        assert np.array_equal(found, HashingEncoder().encode_queries([text]))
        assert not found.flags.writeable
    assert counting.asked == ["a", "b", "c", "b"]
    assert np.array_equal(encoder.encode_queries(["a", "z"]), HashingEncoder().encode_queries(["a", "z"]))
    assert (encoder.name, encoder.dimensions) == (counting.name, counting.dimensions)
