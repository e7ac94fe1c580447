"""Vectors of questions made comparable: what all questions of a language share is taken out.

An encoder's vectors lie close together, those of one language closer still; compared as they are, everything is alike.
Without their language's mean and without the few directions that all share, what is left says what a question is about
(Mu and Viswanath, "All-but-the-Top", ICLR 2018; there one mean, here one a language).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from faq.encoder import HashingEncoder, Vectors
from faq.retrieval.text import content_words

SHARED = 6
"""Directions that are taken out; between 4 and 8 the evaluation's figures hardly differ, with 16 they are worse."""

ENOUGH = 20
"""Questions of a language that weigh as much as the mean of all: a language with few has no mean of its own yet."""

FEW = 4 * SHARED
"""Of fewer texts nobody can tell what all of them share: they are compared as they are."""

LETTERS = HashingEncoder(1024)
"""Stands in for the encoder where there is none: letters in threes to fives."""


def apart(
    vectors: Vectors, languages: Sequence[str], beside: Vectors | None = None, spoken: Sequence[str] = ()
) -> Vectors:
    """The vectors (float32, a row a question, of length one) as they are compared: same shape, of length one.

    `beside` are vectors of other texts, `spoken` their languages: they help to tell what all questions share.
    """
    every = vectors if beside is None or not len(beside) else np.concatenate([vectors, beside])
    tongues = np.array([*languages, *(spoken if len(every) > len(vectors) else ())])
    # Each text once: what one citizen sends a hundred times is not what all share.
    once = np.array(sorted({row.tobytes(): n for n, row in enumerate(every)}.values()), np.int64)
    if not len(vectors) or len(once) < FEW:
        return vectors
    centred = every - _means(every, tongues, once)
    _, directions = np.linalg.eigh(centred[once].T @ centred[once])  # by size, the largest last
    common = directions[:, -SHARED:].astype(np.float32)
    own = centred[: len(vectors)]
    own = own - (own @ common) @ common.T
    lengths = np.linalg.norm(own, axis=1, keepdims=True)
    found: Vectors = (own / np.maximum(lengths, 1e-9)).astype(np.float32)
    return found


def by_letters(texts: Sequence[str]) -> Vectors:
    """Vectors by the letters of what a question is about, for where no encoder is."""
    return LETTERS.encode_queries([" ".join(content_words(text)) for text in texts])


def _means(every: Vectors, tongues: NDArray[np.str_], once: NDArray[np.int64]) -> Vectors:
    """Each row's language's mean, by the rows `once`."""
    of_all = every[once].mean(axis=0)
    found = np.empty_like(every)
    for language in np.unique(tongues):
        mine = once[tongues[once] == language]
        found[tongues == language] = (every[mine].sum(axis=0) + ENOUGH * of_all) / (len(mine) + ENOUGH)
    return found
