"""How search grows with the FAQ: python -m tests.bench.growth_faq ENTRIES QUESTIONS, one size a process.

Entries and vectors are made up (encoding 100,000 real entries takes hours): words by the frequency they have in the
sample town, one compound of its own for each entry, unit vectors by chance. The questions are the bench's real ones.
Prints one JSON object.
"""

import json
import os
import random
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime

import numpy as np

from bot.composition import SAMPLE_TOWN
from faq.encoder import Encoder, Vectors
from faq.entry import Content, Draft, Link, Revision, Text, revision_of
from faq.retrieval.index import Index
from faq.sources.yaml_corpus import read as read_corpus
from faq.vectors import VectorCache
from tests.bench.procfs import pss
from tests.bench.questions import Questions
from tests.bench.stats import latencies

DIMENSIONS = 384  # as the embedded encoder
SEED = 11
WARM = 5


class ByChance:
    """An encoder that knows nothing, at no cost: what is measured is the search."""

    name, dimensions = "by-chance", DIMENSIONS

    def __init__(self) -> None:
        self._chance = np.random.default_rng(SEED)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors."""
        found: Vectors = self._chance.standard_normal((len(texts), DIMENSIONS), dtype=np.float32)
        found /= np.linalg.norm(found, axis=1, keepdims=True)
        return found

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """The same."""
        return self.encode_queries(texts)


class NothingKept(VectorCache):
    """No file: vectors by chance are not worth one."""

    def __init__(self) -> None:
        super().__init__(":memory:")

    def passages(
        self, encoder: Encoder, texts: Sequence[str], progress: Callable[[float], None] = lambda share: None
    ) -> Vectors:
        """Straight from the encoder."""
        return encoder.encode_passages(texts)

    def queries(
        self, encoder: Encoder, texts: Sequence[str], progress: Callable[[float], None] = lambda share: None
    ) -> Vectors:
        """The same."""
        return encoder.encode_queries(texts)


def made_up(count: int) -> list[Revision]:
    """Entries as long as the sample town's: a question, three wordings, an answer."""
    chance = random.Random(SEED)
    texts = [d.content.texts["de"] for d in read_corpus(SAMPLE_TOWN) if isinstance(d, Draft)]
    words = " ".join(f"{t.question} {' '.join(t.variants)} {t.answer}" for t in texts).split()
    nouns = sorted({w.strip(".,:;()*") for w in words if w[:1].isupper() and 5 < len(w) < 14})
    at = datetime(2026, 1, 1, tzinfo=UTC)

    def some(number: int) -> str:
        return " ".join(chance.choices(words, k=number))

    found = []
    for number in range(count):
        own = chance.choice(nouns) + chance.choice(nouns).lower()
        question = f"Wie beantrage ich {own} {some(3)}?"
        variants = (f"{own} {some(2)}", some(5), f"{some(3)} {own}")
        text = Text("de", question, variants, f"{some(20)} {own}.\n\n{some(30)}.")
        content = Content({"de": text}, f"thema-{number % 20}", "stadtservice", Link("", ""), date(2026, 1, 1))
        found.append(revision_of(f"eintrag-{number}", 1, content, "bench", at))
    return found


def measure(entries: int, asked: int) -> dict[str, object]:
    """Build, search, weigh."""
    revisions = made_up(entries)
    before = pss(os.getpid())
    began, cpu = time.perf_counter(), time.process_time()
    index = Index.build(revisions, ByChance(), NothingKept())
    built, worked = time.perf_counter() - began, time.process_time() - cpu
    questions = Questions(SEED)
    texts = [questions.any() for _ in range(asked + WARM)]
    took = []
    for text in texts:
        start = time.perf_counter()
        index.search(text, "de", today=date(2026, 6, 1))
        took.append(time.perf_counter() - start)
    return {
        "entries": entries,
        "build_s": round(built, 2),
        "build_cpu_s": round(worked, 2),
        "search_ms": latencies(took[WARM:]),
        "index_mib": round(pss(os.getpid()) - before, 1),
    }


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]), int(sys.argv[2]))))
