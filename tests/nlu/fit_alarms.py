"""Learns nlu/alarms.json: python -m tests.nlu.fit_alarms CACHE, where CACHE is a folder for the encoder and vectors.

It learns from the alarms of the first three rounds in alarms.yml and the examples of emergency and distress; against
their false friends, every other example and the sample town's wordings. The fourth round it never sees, nor any trial.
The threshold is the score that FALSE_ALARMS of what is no alarm exceed, each judged by a fit that did not see it.
"""

import json
import sys
from pathlib import Path

import numpy as np
import yaml
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from bot.composition import SAMPLE_TOWN
from faq.encoder import EMBEDDED, load_encoder
from faq.entry import Draft
from faq.sources.yaml_corpus import read
from faq.vectors import VectorCache
from nlu.alarm_net import WEIGHTS
from nlu.alarms import KINDS
from nlu.examples import learned
from nlu.profiles import LANGUAGES_DIR

LEARNED = ("first", "second", "third")
FALSE_ALARMS = 0.001
STRENGTH = 3.0  # sklearn's C; of 3, 10 and 30 the best on unseen rounds
NONE = "none"


def alarms(rounds: tuple[str, ...] = LEARNED) -> dict[str, str]:
    """Texts and their kinds; those whose kind nobody wrote down are left out."""
    told = yaml.safe_load(Path(__file__).with_name("alarms.yml").read_text(encoding="utf-8"))["rounds"]
    cases = [(str(t), kind) for name in rounds for d in told[name].values() for kind, ts in d.items() for t in ts]
    return {text: kind for text, kind in cases if kind in (*KINDS, NONE)}


def texts() -> dict[str, str]:
    """Everything that is learned from, with its kind. A later source overrules an earlier one."""
    found: dict[str, str] = {}
    for draft in read(SAMPLE_TOWN):
        if isinstance(draft, Draft):
            for text in draft.content.texts.values():
                found |= dict.fromkeys([text.question, *text.variants], NONE)
    for text, intent in learned(LANGUAGES_DIR).items():
        if intent not in ("emergency", "distress"):
            found[text] = NONE
    return found | alarms()


def main(folder: Path) -> None:
    """Writes the weights and prints what they do."""
    encoder, cache = load_encoder(EMBEDDED, folder), VectorCache(folder / "vectors.sqlite")
    known = texts()
    vectors = cache.queries(encoder, list(known))
    labels = (NONE, *KINDS)
    kinds = np.array([labels.index(kind) for kind in known.values()])
    scores = np.zeros(len(kinds))
    for seen, unseen in StratifiedKFold(5, shuffle=True, random_state=0).split(vectors, kinds):
        weights, bias = fit(vectors[seen], kinds[seen])
        scores[unseen] = np.logaddexp.reduce(vectors[unseen] @ weights.T + bias, axis=1)
    threshold = float(np.quantile(scores[kinds == 0], 1 - FALSE_ALARMS))
    weights, bias = fit(vectors, kinds)
    rounded = {
        "weights": [[round(float(w), 3) for w in row] for row in weights],
        "bias": [round(float(b), 3) for b in bias],
    }
    told = {"encoder": encoder.name, "kinds": KINDS, "threshold": round(threshold, 3), **rounded}
    WEIGHTS.write_text(json.dumps(told, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{sum(kinds == 0)} that are none, {sum(kinds > 0)} alarms, of these found unseen: ", end="")
    print(f"{np.mean(scores[kinds > 0] > threshold):.3f}")


def fit(vectors: np.ndarray, kinds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights and bias of each kind of alarm against none."""
    model = LogisticRegression(C=STRENGTH, max_iter=1000, class_weight="balanced").fit(vectors, kinds)
    return model.coef_[1:] - model.coef_[0], model.intercept_[1:] - model.intercept_[0]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
