"""`python -m faq.encode TEXTS OUT CACHE`: the embedded encoder's vectors of many questions, in a process of its own.

TEXTS holds a JSON list of strings; OUT gets a numpy archive of texts, vectors (float32, in that order) and the name
of the encoder. Whoever needs vectors once must not keep an encoder's memory for ever.
"""

import json
import sys
from pathlib import Path

import numpy as np

from faq.encoder import EMBEDDED, load_encoder
from faq.vectors import VectorCache


def main(texts: Path, out: Path, cache: Path) -> None:
    """Encodes what the cache of vectors does not hold."""
    questions = json.loads(texts.read_text("utf-8"))
    encoder = load_encoder(EMBEDDED, cache)
    vectors = VectorCache(cache / "vectors.sqlite").queries(encoder, questions)
    with out.open("wb") as archive:
        np.savez(archive, texts=np.array(questions, dtype=str), vectors=vectors, encoder=encoder.name)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
