"""The whole run: measure, judge by the goals, write."""

import os
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

from bot.commands.measure import tell
from bot.composition import SAMPLE_TOWN
from bot.rasa import example_vectors, names, rasa_python
from bot.settings import Settings
from faq.encoder import Encoder
from faq.fitting import weights
from faq.trust import Fit, fits_in
from faq.vectors import VectorCache
from nlu.measure import measure as measure_nlu
from nlu.training import TrainingFailed
from tests.evaluation import plots, ranker, report
from tests.evaluation.fits import CERTIFIED_ON
from tests.evaluation.goals import goals
from tests.evaluation.measures import (
    Measured,
    by_topic,
    kept_apart,
    latency,
    measure_all,
    reliability,
    risk_coverage,
    shipped_evidence,
    told,
)
from tests.evaluation.sets import FOREIGN, TOWN, QuestionSet, every_set, strangers, town_outside_kinds


def run(settings: Settings, encoder: Encoder, cache: VectorCache, parts: Sequence[str] = ()) -> int:
    """0 when all goals are met, 1 when one is missed. `parts` leaves out what is not named: "ablation", "nlu"."""
    began = time.monotonic()
    fits = fits_in([SAMPLE_TOWN])
    sets = list(every_set())
    measured = list(measure_all(sets, strangers(), fits, encoder, cache))
    found: dict[str, Any] = {"encoder": encoder.name, "sets": {one.name: told(one) for one in measured}}
    apart = [one for one in measured if one.name in {f"{TOWN} {language}" for language in CERTIFIED_ON}]
    found["kept_apart"] = kept_apart(apart, town_outside_kinds()) if apart else None
    found["topics"] = _topics(measured, sets)
    found["latency"] = _latency(sets, fits, encoder, cache)
    found["ablation"] = _ablation(encoder, cache) if not parts or "ablation" in parts else {}
    found["ablation_lines"] = list(weights.lines(found["ablation"])) if found["ablation"] else []
    found["nlu"] = _nlu(settings, sets) if not parts or "nlu" in parts else None
    found["unseen"] = shipped_evidence()["unseen_by_corpus"]
    judged = list(goals(found["sets"], found["kept_apart"], found["ablation"], found["unseen"]))
    found["goals"] = [str(goal) for goal in judged]
    found["minutes"] = round((time.monotonic() - began) / 60, 1)
    written = report.write(found, _plots(measured, found))
    report.write_docs(found)
    print("\n\n".join(report.blocks(found)))
    print(
        f"{found['minutes']} minutes; written: {', '.join(str(path.relative_to(path.parents[2])) for path in written)}"
    )
    return 0 if all(goal.met for goal in judged) else 1


def _plots(measured: Sequence[Measured], found: Mapping[str, Any]) -> list[str]:
    shown = [one for one in measured if one.name in (*FOREIGN, f"{TOWN} de", f"{TOWN} en")]
    risks = {one.name: risk_coverage(one.asked) for one in shown}
    return [
        plots.curves("Risk and coverage", "share of questions answered", "share of answers wrong", risks, 0.5),
        plots.reliability("Reliability", {one.name: reliability(one.asked) for one in shown}),
        plots.bars(f"Recall@1 by topic ({TOWN} de)", found["topics"]),
        plots.histogram("A whole answer", "milliseconds", found["latency"]["all"]),
    ]


def _topics(measured: Sequence[Measured], sets: Sequence[QuestionSet]) -> dict[str, tuple[float, int]]:
    (town,) = [one for one in sets if one.name == f"{TOWN} de"]
    (asked,) = [one.asked for one in measured if one.name == town.name]
    return by_topic(asked, town.revisions)


def _latency(sets: Sequence[QuestionSet], fits: Sequence[Fit], encoder: Encoder, cache: VectorCache) -> Any:
    (town,) = [one for one in sets if one.name == f"{TOWN} de"]
    return latency(town, fits, encoder, cache)


def _ablation(encoder: Encoder, cache: VectorCache) -> Any:
    print("Ablation: each corpus by weights fitted without it", flush=True)
    corpora = [*ranker.foreign(), *ranker.town()]
    asked = [weights.ask(corpus, encoder, cache) for corpus in corpora if corpus.trials]
    return weights.ablation(asked, lambda share: tell("ablation", share))


def _nlu(settings: Settings, sets: Sequence[QuestionSet]) -> Any:
    python = rasa_python(settings)
    if python is None:
        print("Understanding: Rasa's environment is missing (`make rasa`), left out")
        return None
    print("Understanding: the trials through the shipped model", flush=True)
    try:
        return measure_nlu(
            python,
            settings.cache,
            lambda line: print(f"  {line}", file=sys.stderr, flush=True),
            names(settings),
            example_vectors(settings),
            outside=[trial.query for trial in strangers()],
            inside=[trial.query for one in sets if one.name in FOREIGN for trial in one.trials],
            full=os.environ.get("EVAL") == "full",
        )
    except TrainingFailed as error:
        print(f"Understanding: {error}")
        return None
