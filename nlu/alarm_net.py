"""The second look for alarms: what means the same as alarms that are known, though no phrase has its words.

A softmax regression on the question's sentence vector, learned by tests/nlu/fit_alarms.py. It only adds to what
nlu/alarms.py finds, only while the encoder is up, and only with vectors of the encoder that it was learned with.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from nlu.alarms import KINDS, AlarmKind
from nlu.meaning import Meaning, MeaningOf

WEIGHTS = Path(__file__).with_name("alarms.json")


@dataclass(frozen=True)
class AlarmNet:
    """`weights` has shape (kinds, dimensions), `bias` (kinds,), both against "no alarm"; `threshold` in nats."""

    encoder: str
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    threshold: float

    def kind(self, meaning: Meaning) -> AlarmKind | None:
        """The likeliest kind where alarms together are likely enough, None else or for another encoder's vector."""
        if meaning.encoder != self.encoder:
            return None
        odds = self.weights @ meaning.vector + self.bias
        return KINDS[int(odds.argmax())] if float(np.logaddexp.reduce(odds)) > self.threshold else None


@cache
def read_net(path: Path = WEIGHTS) -> AlarmNet:
    """The shipped net; read once, in a few milliseconds."""
    raw = json.loads(path.read_text(encoding="utf-8"))
    if tuple(raw["kinds"]) != KINDS:
        raise ValueError(f"{path} was learned for other kinds of alarm; run python -m tests.nlu.fit_alarms")
    weights, bias = (np.array(cast(Sequence[float], raw[name]), np.float32) for name in ("weights", "bias"))
    return AlarmNet(str(raw["encoder"]), weights, bias, float(raw["threshold"]))


async def second_look(text: str, meaning: MeaningOf) -> AlarmKind | None:
    """The kind of alarm that the text's meaning speaks for. The vector is made once, for this and for the search."""
    found = await meaning(text)
    return read_net().kind(found) if found else None
