"""How well the shipped understanding does on the trials, and what the other pipelines would do: for `make eval`.

The trials are never learned from. The shipped model is the one that the product serves, from the cache where it is
there; the others are trained for the comparison and forgotten.
"""

import json
import statistics
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from nlu.examples import TAUGHT, Trial, learned, read_trials
from nlu.fallback import OUTSIDE, Guess, believed, detection
from nlu.pipelines import SHIPPED, Bench, apart, cross_validated, pipelines, tried
from nlu.profiles import LANGUAGES_DIR
from nlu.rasa_training import Names, Vectors, ensure_model, made, plain, run, told, write_data
from nlu.report import score


def measure(
    rasa_python: Path,
    cache: Path,
    progress: Callable[[str], None],
    names: Names | None = None,
    vectors: Vectors | None = None,
    outside: Sequence[str] = (),
    inside: Sequence[str] = (),
    full: bool = False,
    languages_dir: Path = LANGUAGES_DIR,
) -> dict[str, Any]:
    """Figures of the shipped pipeline, of `rasa test nlu` with it, and, where `full`, of every other pipeline.

    `outside` are more texts that are no matter of a town, `inside` more that are, for the fallback's figures. Returns
    {"pipelines": {name: figures}, "rasa_test": {...}} and, where full, "fallback": what fitting the threshold on the
    examples gives. Raises TrainingFailed. Takes a minute on two cores, in full half an hour.
    """
    trials = read_trials(languages_dir)
    asked = [trial.text for trial in trials] + [plain(text) for text in (*outside, *inside)]
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="measure-", dir=cache) as folder:
        place = Path(folder)
        meanings = made(vectors, [*learned(languages_dir), *asked], place, progress)
        bench = Bench(rasa_python, place, progress, meanings, languages_dir)
        model = ensure_model(cache, rasa_python, progress, names, languages_dir, vectors)
        found: dict[str, Any] = {"rasa_test": rasa_test(model, trials, bench.at("test")), "pipelines": {}}
        for name, config in pipelines().items():
            if name == SHIPPED or full:
                parsed = tried(bench.at(name), asked, config, model if name == SHIPPED else None)
                found["pipelines"][name] = figures(trials, parsed, len(outside)) | cost([parsed])
        if full:
            models = apart(bench, trials)
            every, parsed = ([one for part in parts for one in part] for parts in zip(*models, strict=True))
            found["pipelines"]["a model a language"] = figures(every, parsed) | cost([parsed for _, parsed in models])
            found["fallback"] = cross_validated(bench.at("parts"))
    return found


def figures(trials: Sequence[Trial], parsed: Sequence[Mapping[str, Any]], outside: int = 0) -> dict[str, Any]:
    """Accuracy and macro F1 by language and in all, and what the fallback does. Of what was parsed, the trials come
    first, then so many texts outside the town's matters, then questions to the town. `believed` and `outside`: see
    nlu.fallback.
    """
    guesses = [_guess(trial.intent, line) for trial, line in zip(trials, parsed, strict=False)]
    more = [_guess(OUTSIDE, line) for line in parsed[len(trials) : len(trials) + outside]]
    more += [_guess("", line) for line in parsed[len(trials) + outside :]]
    return {
        **{
            language: _scored([g for g, t in zip(guesses, trials, strict=True) if t.language == language])
            for language in dict.fromkeys(trial.language for trial in trials)
        },
        "all": _scored(guesses),
        "believed": believed(guesses),
        "outside": detection(guesses),
        **({"outside_sets": detection(more)} if more else {}),
    }


def cost(models: Sequence[Sequence[Mapping[str, Any]]]) -> dict[str, Any]:
    """What serving costs, from what each of the models that serve together has parsed.

    `ms` is the median time of a text, `cpu_ms` the mean of the processor time, milliseconds both. `memory_mb` is the
    most that the models' processes held, `model_mb` what the models weigh, `train_s` the seconds that training took:
    each the sum over the models.
    """
    # A process' first text also pays for what is loaded on first use.
    warm = [line for parsed in models for line in parsed[1:] or parsed]
    return {
        "ms": round(statistics.median(line["ms"] for parsed in models for line in parsed), 2),
        "cpu_ms": round(statistics.fmean(line["cpu_ms"] for line in warm), 2),
        "memory_mb": round(sum(max(line["mb"] for line in parsed) for parsed in models)),
        **{
            key: round(sum(parsed[0][key] for parsed in models), 1)
            for key in ("model_mb", "train_s")
            if key in models[0][0]
        },
    }


def lines(found: Mapping[str, Any]) -> Iterator[str]:
    """What `measure` found as lines of Markdown."""
    yield "| pipeline | German | macro F1 | English | macro F1 | outside | refused | CPU a text | memory | model |"
    yield "|---|---|---|---|---|---|---|---|---|---|"
    for name, row in found["pipelines"].items():
        scored = (f"{row[code][key]:.3f}" for code in TAUGHT for key in ("accuracy", "macro_f1"))
        told_apart = (f"{row['outside'][key]:.3f}" for key in ("recall", "refused"))
        cost = (f"{row['cpu_ms']} ms", f"{row['memory_mb']} MB", f"{row['model_mb']} MB")
        yield f"| {' | '.join((name, *scored, *told_apart, *cost))} |"
    told_by_rasa = found["rasa_test"]
    yield ""
    yield (
        f"`rasa test nlu` on {told_by_rasa['n']} trials, the shipped pipeline: accuracy "
        f"{told_by_rasa['accuracy']:.3f}, macro F1 {told_by_rasa['macro_f1']:.3f}."
    )
    more = found["pipelines"][SHIPPED].get("outside_sets")
    if more:
        yield (
            f"Question sets of other origin: {more['recall']:.3f} of what is no matter of a town is found to be "
            f"outside, {more['refused']:.3f} of what is one is refused, {more['unsure']:.3f} left to the search."
        )
    if "fallback" in found:
        fitted = found["fallback"]
        yield (
            f"Fallback, cross-validated over the examples: threshold {fitted['threshold']:.3f} keeps "
            f"{fitted['believed']['kept']:.3f} of the guesses, {fitted['believed']['right']:.3f} of them right."
        )


def rasa_test(model: Path, trials: Sequence[Trial], bench: Bench) -> dict[str, Any]:
    """What `rasa test nlu` says of a model on the trials: n, accuracy and macro F1 of the intents."""
    lines: dict[str, list[str]] = {}
    for trial in trials:
        lines.setdefault(trial.intent, []).append(trial.text)
    data = write_data(lines, bench.place / "trials.yml")
    argv = [str(bench.python.absolute()), "-W", "ignore", "-m", "rasa", "test", "nlu", "--nlu", str(data)]
    argv += ["--model", str(model.absolute()), "--out", str(bench.place / "results"), "--no-plot"]
    run(argv, bench.place, lambda: bench.progress("rasa test nlu"), told(bench.meanings))
    report = json.loads((bench.place / "results" / "intent_report.json").read_text("utf-8"))
    return {"n": len(trials), "accuracy": report["accuracy"], "macro_f1": report["macro avg"]["f1-score"]}


def _guess(wanted: str, line: Mapping[str, Any]) -> Guess:
    found, confidence = line["ranking"][0]
    return Guess(wanted, found, confidence, bool(line["unsure"]))


def _scored(guesses: Sequence[Guess]) -> dict[str, Any]:
    counted = score([g.wanted for g in guesses], [g.found for g in guesses])
    return {"n": counted["n"], "accuracy": counted["accuracy"], "macro_f1": counted["macro_f1"]}
