"""The shipped pipeline and those it was chosen over, trained and asked in a place of their own."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nlu.data import read_data
from nlu.examples import TAUGHT, Trial, learned, read_examples
from nlu.fallback import Guess, believed, detection, fit
from nlu.near import parts
from nlu.profiles import LANGUAGES_DIR
from nlu.rasa_training import RASA_DIR, run, told, train, write_data
from nlu.report import parse_batch, score

SHIPPED = "shipped"
PARTS = 5


@dataclass(frozen=True)
class Bench:
    """Where pipelines are tried: Rasa's Python, a folder, who is told, a file with the texts' vectors, if any, and the
    examples and trials."""

    python: Path
    place: Path
    progress: Callable[[str], None]
    meanings: Path | None = None
    languages_dir: Path = LANGUAGES_DIR

    def at(self, name: str) -> "Bench":
        """The same in a folder below."""
        place = self.place / name
        place.mkdir(parents=True, exist_ok=True)
        return replace(self, place=place)


def pipelines() -> Mapping[str, Path]:
    """Every pipeline by name: the shipped one, then the others of nlu/rasa/pipelines."""
    return {SHIPPED: RASA_DIR / "config.yml"} | {p.stem: p for p in sorted((RASA_DIR / "pipelines").glob("*.yml"))}


def tried(
    bench: Bench,
    asked: Sequence[str],
    config: Path = RASA_DIR / "config.yml",
    model: Path | None = None,
    languages: Sequence[str] = TAUGHT,
) -> list[dict[str, Any]]:
    """What a pipeline makes of the texts (see nlu/rasa/parse_batch.py), trained on the examples of these languages
    unless a `model` is there; the first line also says what the model weighs and took to train."""
    bench.progress(f"pipeline {bench.place.name}")
    cost: dict[str, Any] = {}
    if model is None:
        started = time.monotonic()
        data = write_data(_examples(bench.languages_dir, languages), bench.place / "nlu.yml")
        model = train(data, bench.place, bench.python, bench.progress, bench.meanings, config)
        cost["train_s"] = round(time.monotonic() - started)
    parsed = parse_batch(model, asked, bench.place, bench.python, bench.progress, bench.meanings)
    cost["model_mb"] = round(model.stat().st_size / 1e6, 1)
    return [parsed[0] | cost, *parsed[1:]]


def apart(bench: Bench, trials: Sequence[Trial]) -> list[tuple[list[Trial], list[dict[str, Any]]]]:
    """A language's trials and what the shipped pipeline makes of them, where each language has a model of its own."""
    found: list[tuple[list[Trial], list[dict[str, Any]]]] = []
    for language in TAUGHT:
        own = [trial for trial in trials if trial.language == language]
        place = bench.at(f"{SHIPPED}, {language} alone")
        found.append((own, tried(place, [trial.text for trial in own], languages=(language,))))
    return found


def cross_validated(bench: Bench) -> dict[str, Any]:
    """The shipped classifier on examples it has not learned, near copies kept in one part.

    Returns the `threshold` that the rule of nlu.fallback.fit gives, what it would keep and tell apart, and the scores;
    the confusions, most frequent first, say what to teach better.
    """
    lines = learned(bench.languages_dir)
    asked, answered = bench.place / "asked.json", bench.place / "guesses.json"
    texts, wanted = list(lines), list(lines.values())
    given = {"texts": texts, "intents": wanted, "parts": parts(texts, PARTS), "settings": _settings()}
    asked.write_text(json.dumps(given), "utf-8")
    program = str(RASA_DIR / "cross_validate.py")
    argv = [str(bench.python.absolute()), "-W", "ignore", program, str(asked), str(answered)]
    run(argv, bench.place, lambda: bench.progress("still cross-validating"), told(bench.meanings))
    found = json.loads(answered.read_text("utf-8"))
    guesses = [Guess(intent, *one) for intent, one in zip(wanted, found, strict=True)]
    threshold = fit(guesses)
    kept = [replace(guess, unsure=guess.confidence < threshold) for guess in guesses]
    scored = score(wanted, [guess.found for guess in guesses])
    return {"threshold": threshold, "believed": believed(kept), "outside": detection(kept), **scored}


def _examples(languages_dir: Path, languages: Sequence[str]) -> dict[str, list[str]]:
    together: dict[str, list[str]] = {}
    for language in languages:
        for intent, lines in read_examples(languages_dir / language / "examples.yml").items():
            together.setdefault(intent, []).extend(lines)
    return together


def _settings() -> dict[str, Any]:
    """The shipped classifier's settings, read where they stand."""
    config = read_data(RASA_DIR / "config.yml")
    return next(dict(part) for part in config["pipeline"] if "SpellingAndMeaning" in part["name"])
