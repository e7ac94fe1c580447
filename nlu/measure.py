"""How well the shipped understanding does on the trials, and what the other pipelines would do: for `make eval`.

The trials are never learned from. The shipped model is the one that the product serves, from the cache where it is
there; the others are trained for the comparison and forgotten.
"""

import json
import statistics
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from nlu.examples import read_examples, unmarked
from nlu.fallback import OUTSIDE, Guess, believed, detection, fit
from nlu.near import parts
from nlu.profiles import LANGUAGES_DIR
from nlu.rasa_training import RASA_DIR, Names, Vectors, ensure_model, made, plain, run, told, train, write_data
from nlu.report import parse_batch, score

Progress = Callable[[str], None]

SHIPPED = "shipped"
TAUGHT = ("de", "en")
PARTS = 5


@dataclass(frozen=True)
class Trial:
    """A text with its intent, never learned from."""

    text: str
    intent: str
    language: str


def pipelines() -> Mapping[str, Path]:
    """Every pipeline by name: the shipped one, then the others of nlu/rasa/pipelines."""
    return {SHIPPED: RASA_DIR / "config.yml"} | {p.stem: p for p in sorted((RASA_DIR / "pipelines").glob("*.yml"))}


def read_trials(languages_dir: Path = LANGUAGES_DIR, languages: Sequence[str] = TAUGHT) -> list[Trial]:
    """The trials of these languages."""
    return [
        Trial(plain(unmarked(line)), intent, language)
        for language in languages
        for intent, lines in read_examples(languages_dir / language / "trials.yml").items()
        for line in lines
    ]


def measure(
    rasa_python: Path,
    cache: Path,
    progress: Progress,
    names: Names | None = None,
    vectors: Vectors | None = None,
    outside: Sequence[str] = (),
    inside: Sequence[str] = (),
    full: bool = False,
) -> dict[str, Any]:
    """Figures of the shipped pipeline, of `rasa test nlu` with it, and, where `full`, of every other pipeline.

    `outside` and `inside` are more texts that are no matter of the town and that are, for the fallback's figures.
    Returns {"pipelines": {name: figures}, "rasa_test": {...}} and, where full, "fallback": what fitting the threshold
    on the examples gives. Raises TrainingFailed. Takes two minutes, in full half an hour on two cores.
    """
    trials = read_trials()
    found: dict[str, Any] = {"pipelines": {}}
    with tempfile.TemporaryDirectory(prefix="measure-", dir=_made(cache)) as folder:
        place = Path(folder)
        asked = [trial.text for trial in trials] + [plain(text) for text in (*outside, *inside)]
        meanings = made(vectors, [*_examples(TAUGHT), *asked], place, progress)
        model = ensure_model(cache, rasa_python, progress, names, vectors=vectors)
        found["rasa_test"] = rasa_test(model, trials, _made(place / "test"), rasa_python, progress, meanings)
        for name, config in pipelines().items():
            if name == SHIPPED or full:
                progress(f"pipeline {name}")
                parsed = _tried(name, config, model, asked, _made(place / name), rasa_python, progress, meanings)
                found["pipelines"][name] = figures(trials, parsed, len(outside))
        if full:
            found["pipelines"]["shipped, a model a language"] = _apart(trials, place, rasa_python, progress, meanings)
            found["fallback"] = cross_validated(place, rasa_python, progress, meanings)
    return found


def figures(trials: Sequence[Trial], parsed: Sequence[Mapping[str, Any]], outside: int = 0) -> dict[str, Any]:
    """Accuracy and macro F1 by language and in all, the fallback's figures, cost. Of what was parsed, the trials come
    first, then so many texts outside the town's matters, then questions to the town."""
    guesses = [_guess(trial.intent, line) for trial, line in zip(trials, parsed, strict=False)]
    by_language = {
        language: _scored([g for g, t in zip(guesses, trials, strict=True) if t.language == language])
        for language in dict.fromkeys(trial.language for trial in trials)
    }
    more = [_guess(OUTSIDE, line) for line in parsed[len(trials) : len(trials) + outside]]
    more += [_guess("", line) for line in parsed[len(trials) + outside :]]
    return {
        **by_language,
        "all": _scored(guesses),
        "believed": believed(guesses),
        "outside": detection(guesses),
        **({"outside_sets": detection(more)} if more else {}),
        "ms": round(statistics.median(line["ms"] for line in parsed), 2),
        "cpu_ms": round(statistics.fmean(line["cpu_ms"] for line in parsed[1:] or parsed), 2),
        "memory_mb": round(max(line["mb"] for line in parsed)),
        **{key: parsed[0][key] for key in ("model_mb", "train_s") if key in parsed[0]},
    }


def rasa_test(
    model: Path,
    trials: Sequence[Trial],
    place: Path,
    rasa_python: Path,
    progress: Progress,
    meanings: Path | None = None,
) -> dict[str, Any]:
    """What `rasa test nlu` says of a model on the trials: accuracy and macro F1 of the intents."""
    lines: dict[str, list[str]] = {}
    for trial in trials:
        lines.setdefault(trial.intent, []).append(trial.text)
    data = write_data(lines, place / "trials.yml")
    argv = [str(rasa_python.absolute()), "-W", "ignore", "-m", "rasa", "test", "nlu", "--nlu", str(data)]
    argv += ["--model", str(model.absolute()), "--out", str(place / "results"), "--no-plot"]
    run(argv, place, lambda: progress("rasa test nlu"), told(meanings))
    report = json.loads((place / "results" / "intent_report.json").read_text("utf-8"))
    return {"accuracy": report["accuracy"], "macro_f1": report["macro avg"]["f1-score"], "n": len(trials)}


def cross_validated(place: Path, rasa_python: Path, progress: Progress, meanings: Path | None = None) -> dict[str, Any]:
    """The shipped classifier on examples it has not learned, near copies kept in one part; the threshold that the rule
    of `nlu.fallback.fit` gives, and what it would keep. Confusions, most frequent first, are what to teach better."""
    lines = _examples(TAUGHT)
    asked, answered = place / "parts.json", place / "guesses.json"
    given = {
        "texts": list(lines),
        "intents": list(lines.values()),
        "parts": parts(list(lines), PARTS),
        "settings": _settings(),
    }
    asked.write_text(json.dumps(given), "utf-8")
    argv = [str(rasa_python.absolute()), "-W", "ignore", str(RASA_DIR / "cross_validate.py"), str(asked), str(answered)]
    run(argv, place, lambda: progress("still cross-validating"), told(meanings))
    told_back = json.loads(answered.read_text("utf-8"))
    guesses = [Guess(wanted, *one) for wanted, one in zip(lines.values(), told_back, strict=True)]
    threshold = fit(guesses)
    kept = [Guess(g.wanted, g.found, g.confidence, g.confidence < threshold) for g in guesses]
    return {
        "threshold": threshold,
        "believed": believed(kept),
        "outside": detection(kept),
        **score([g.wanted for g in guesses], [g.found for g in guesses]),
    }


def _tried(
    name: str,
    config: Path,
    shipped: Path,
    asked: Sequence[str],
    place: Path,
    rasa_python: Path,
    progress: Progress,
    meanings: Path | None,
) -> list[dict[str, Any]]:
    """What a pipeline makes of the texts; the first line also says what its model weighs and took to train."""
    model, more = shipped, {}
    if name != SHIPPED:
        import time

        started = time.monotonic()
        model = train(_data(TAUGHT, place), place, rasa_python, progress, meanings, config)
        more = {"train_s": round(time.monotonic() - started)}
    parsed = parse_batch(model, asked, place, rasa_python, progress, meanings)
    parsed[0] |= {"model_mb": round(model.stat().st_size / 1e6, 1), **more}
    return parsed


def _apart(
    trials: Sequence[Trial], place: Path, rasa_python: Path, progress: Progress, meanings: Path | None
) -> dict[str, Any]:
    """The shipped pipeline with a model for each language, each asked in its own."""
    parsed: list[dict[str, Any]] = []
    for language in TAUGHT:
        progress(f"pipeline {SHIPPED}, {language} alone")
        own = _made(place / f"only-{language}")
        model = train(_data((language,), own), own, rasa_python, progress, meanings)
        texts = [trial.text for trial in trials if trial.language == language]
        parsed += parse_batch(model, texts, own, rasa_python, progress, meanings)
    return figures(trials, parsed)


def _guess(wanted: str, line: Mapping[str, Any]) -> Guess:
    found, confidence = line["ranking"][0]
    return Guess(wanted, found, confidence, bool(line.get("unsure")))


def _scored(guesses: Sequence[Guess]) -> dict[str, Any]:
    counted = score([g.wanted for g in guesses], [g.found for g in guesses])
    return {"n": counted["n"], "accuracy": counted["accuracy"], "macro_f1": counted["macro_f1"]}


def _examples(languages: Sequence[str]) -> dict[str, str]:
    """The examples of these languages, unmarked, with their intents."""
    found: dict[str, str] = {}
    for language in languages:
        for intent, lines in read_examples(LANGUAGES_DIR / language / "examples.yml").items():
            found |= {unmarked(line): intent for line in lines}
    return found


def _data(languages: Sequence[str], place: Path) -> Path:
    together: dict[str, list[str]] = {}
    for language in languages:
        for intent, lines in read_examples(LANGUAGES_DIR / language / "examples.yml").items():
            together.setdefault(intent, []).extend(lines)
    return write_data(together, place / "nlu.yml")


def _settings() -> dict[str, Any]:
    """The shipped classifier's settings, read where they stand."""
    config = yaml.safe_load((RASA_DIR / "config.yml").read_text("utf-8"))
    return next({**part} for part in config["pipeline"] if "SpellingAndMeaning" in part["name"])


def _made(place: Path) -> Path:
    place.mkdir(parents=True, exist_ok=True)
    return place
