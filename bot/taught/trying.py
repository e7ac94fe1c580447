"""The job "nlu": train what editors taught, and try it on the understanding's trials beside what is live."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from bot.jobs.kinds import JobFailed, Tell, Work
from bot.rasa import example_vectors, rasa_python, trained_model
from bot.settings import Settings
from faq.examples.reports import Reports
from faq.examples.revisions import Examples, UnknownExamples
from faq.releases import Releases
from nlu.examples import read_trials
from nlu.profiles import LANGUAGES_DIR
from nlu.rasa_training import TrainingFailed
from nlu.trying import Comparison, compared, found, key_of

KIND = "nlu"


def run(work: Work) -> Mapping[str, Any]:
    """Tries the examples that the job is about beside those of the live release. Raises JobFailed."""
    live = Releases(work.engine).live()
    comparison = tried(work.settings, work.engine, work.job.about, live.nlu if live else "", work.tell)
    if comparison is None:
        raise JobFailed("no_rasa")
    return {"verdict": comparison.verdict, "won": len(comparison.won), "lost": len(comparison.lost)}


def tried(settings: Settings, engine: Engine, name: str, base: str, tell: Tell) -> Comparison | None:
    """How examples `name` do beside `base`, as it is kept from here on; None where there is no Rasa to train with.
    A minute and a half where neither model is in the cache. Raises JobFailed."""
    python = rasa_python(settings)
    if settings.nlu_url == "off" or python is None:
        return None
    try:
        # Low as the job's process already is, training inherits it.
        return _tried(settings, engine, python, (base, name), tell)
    except UnknownExamples as error:
        raise JobFailed("unknown", str(error)) from error
    except TrainingFailed as error:
        raise JobFailed("nlu", str(error)) from error


def _tried(settings: Settings, engine: Engine, python: Path, names: tuple[str, str], tell: Tell) -> Comparison:
    examples, reports = Examples(engine), Reports(engine)
    trials, vectors = read_trials(LANGUAGES_DIR), example_vectors(settings)
    share = 0.0

    def say(_line: str) -> None:
        tell("jobs.step.training", share)

    models = []
    for place, name in enumerate(names):
        share = 0.4 * place
        say("")
        models.append(trained_model(settings, python, say, examples.get(name).lines))
    keys = (models[0].name.split(".")[0], models[1].name.split(".")[0])
    kept = reports.get(names[1], names[0])
    if kept and (was := Comparison.read(kept)).models == keys and was.trials == key_of(trials):
        return was
    guesses = []
    for place, model in enumerate(models):
        tell("jobs.step.understanding", 0.8 + 0.1 * place)
        guesses.append(found(model, trials, python, say, vectors))
    comparison = compared(keys, trials, guesses[0], guesses[1])
    reports.keep(names[1], names[0], comparison.json())
    return comparison
