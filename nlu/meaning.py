"""What a text means, as a sentence vector that somebody has made already; and how it travels to Rasa."""

import base64
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

HEADER = "X-Stadtbote-Meaning"
"""Goes with a text to Rasa, so that the text is encoded once; nlu/rasa/stadtbote_meaning.py reads it."""


@dataclass(frozen=True)
class Meaning:
    """`vector` is float32 of shape (dimensions,) and length one; `encoder` names exactly what made it."""

    encoder: str
    vector: NDArray[np.float32]

    def header(self) -> str:
        """The name and the vector as float16 (its error is a tenth of what eight-bit weights make), in one line."""
        return f"{self.encoder} {base64.b64encode(self.vector.astype('<f2').tobytes()).decode('ascii')}"


MeaningOf = Callable[[str], Awaitable[Meaning | None]]
"""Gives a text's meaning, None where there is no encoder (yet). Never raises because an encoder fails."""


async def no_meaning(_text: str) -> None:
    """Where there is no encoder: Rasa makes its own vectors then."""
