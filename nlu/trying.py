"""Two models on the same trials: which texts they understand differently, and whether the second is worse."""

import hashlib
import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from nlu.examples import Trial
from nlu.rasa_training import Vectors, made, plain
from nlu.report import parse_batch, score

ALARMS = frozenset({"emergency", "distress"})
"""Intents of which none may be lost, whatever is gained elsewhere."""

Verdict = Literal["better", "same", "worse"]


@dataclass(frozen=True)
class Differs:
    """A trial that the models understand differently: intents."""

    text: str
    language: str
    wanted: str
    before: str
    after: str

    @property
    def won(self) -> bool:
        """Wrong before, right now."""
        return self.after == self.wanted

    @property
    def lost(self) -> bool:
        """Right before, wrong now."""
        return self.before == self.wanted


@dataclass(frozen=True)
class Comparison:
    """`before` and `after`: {language: {"n", "accuracy", "macro_f1"}}, "all" for all languages together. `models`: the
    keys of both; the same models on the same trials need not be compared again."""

    models: tuple[str, str]
    trials: str
    before: Mapping[str, Mapping[str, float]]
    after: Mapping[str, Mapping[str, float]]
    changed: tuple[Differs, ...]

    @property
    def won(self) -> tuple[Differs, ...]:
        """What is right now."""
        return tuple(one for one in self.changed if one.won)

    @property
    def lost(self) -> tuple[Differs, ...]:
        """What was right."""
        return tuple(one for one in self.changed if one.lost)

    @property
    def verdict(self) -> Verdict:
        """Worse: in a language more is lost than won, or an alarm is not heard any more."""
        if any(one.wanted in ALARMS for one in self.lost):
            return "worse"
        gains = [self._gain(code) for code in dict.fromkeys(one.language for one in self.changed)]
        if any(gain < 0 for gain in gains):
            return "worse"
        return "better" if any(gain > 0 for gain in gains) else "same"

    def _gain(self, language: str) -> int:
        mine = [one for one in self.changed if one.language == language]
        return sum(one.won for one in mine) - sum(one.lost for one in mine)

    def json(self) -> dict[str, Any]:
        """As it is kept."""
        return asdict(self)

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> "Comparison":
        """The inverse of `json`."""
        models, changed = kept["models"], tuple(Differs(**one) for one in kept["changed"])
        return cls((models[0], models[1]), kept["trials"], kept["before"], kept["after"], changed)


def compared(
    models: tuple[str, str], trials: Sequence[Trial], before: Sequence[str], after: Sequence[str]
) -> Comparison:
    """What two models found (the intent of each trial)."""
    changed = [
        Differs(trial.text, trial.language, trial.intent, old, new)
        for trial, old, new in zip(trials, before, after, strict=True)
        if old != new
    ]
    return Comparison(models, key_of(trials), _figures(trials, before), _figures(trials, after), tuple(changed))


def key_of(trials: Sequence[Trial]) -> str:
    """Another one for other trials."""
    return hashlib.sha256(json.dumps([asdict(trial) for trial in trials]).encode()).hexdigest()[:16]


def found(
    model: Path,
    trials: Sequence[Trial],
    rasa_python: Path,
    progress: Callable[[str], None],
    vectors: Vectors | None = None,
) -> tuple[str, ...]:
    """The model's first guess at each trial; kept beside the model, so that the next comparison with it is quick.
    Raises TrainingFailed."""
    kept = model.with_name(f"{model.name.split('.')[0]}-{key_of(trials)}.json")
    if kept.exists():
        return tuple(json.loads(kept.read_text("utf-8")))
    texts = [plain(trial.text) for trial in trials]
    with tempfile.TemporaryDirectory(prefix="trying-", dir=model.parent) as folder:
        place = Path(folder)
        meanings = made(vectors, texts, place, progress)
        parsed = parse_batch(model, texts, place, rasa_python, progress, meanings)
        guesses = tuple(str(line["ranking"][0][0]) for line in parsed)
        (place / "found.json").write_text(json.dumps(guesses), "utf-8")
        (place / "found.json").replace(kept)
    return guesses


def _figures(trials: Sequence[Trial], guesses: Sequence[str]) -> dict[str, dict[str, float]]:
    figures = {}
    for code in (*dict.fromkeys(trial.language for trial in trials), "all"):
        mine = [(t.intent, g) for t, g in zip(trials, guesses, strict=True) if code in ("all", t.language)]
        scored = score([wanted for wanted, _ in mine], [guess for _, guess in mine])
        figures[code] = {name: scored[name] for name in ("n", "accuracy", "macro_f1")}
    return figures
