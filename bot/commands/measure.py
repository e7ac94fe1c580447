"""`stadtbote eval`: how good the answers and the understanding are."""

import argparse
import json
import sys
from typing import Any

from bot.settings import Settings, SettingsError


def run(settings: Settings, args: argparse.Namespace) -> int:
    """Measure."""
    if args.eval == "retrieval":
        return _retrieval(settings, args)
    return _intents(settings, args)


def _retrieval(settings: Settings, args: argparse.Namespace) -> int:
    from bot.composition import SAMPLE_TOWN, corpus_folder
    from bot.processes.models import encoder_loader
    from faq.encoder import EncoderUnavailable
    from faq.fitting.certify import NotCertified
    from faq.fitting.own import fit_files
    from faq.measure import BadQuestions, evaluate
    from faq.trust import FitUnusable, fits_in

    try:
        encoder, cache = encoder_loader(settings)
        fits = [] if args.general else fits_in(dict.fromkeys([settings.home, corpus_folder(settings), SAMPLE_TOWN]))
        figures = evaluate(args.faq, args.queries, args.oos, encoder=encoder, cache=cache, fits=fits, progress=tell)
        if args.certify:
            figures["certified"] = fit_files(args.faq, args.queries, args.oos, encoder, cache, tell)
    except NotCertified as error:
        figures["certified"] = {"refused": str(error)}
    except (BadQuestions, EncoderUnavailable, FitUnusable, OSError) as error:
        raise SettingsError(str(error)) from None
    print(_json(figures) if args.json else _table(figures))
    return 0


def _intents(settings: Settings, args: argparse.Namespace) -> int:
    from bot.rasa import example_vectors, rasa_python
    from nlu.training import TrainingFailed, intents_report

    python = rasa_python(settings)
    if python is None:
        raise SettingsError("Rasa's environment is missing. `make rasa` sets it up.")
    try:
        vectors = example_vectors(settings)
        figures = intents_report(args.train, args.test, python, settings.cache, _say, vectors)
    except (TrainingFailed, OSError) as error:
        raise SettingsError(str(error)) from None
    print(_json(figures) if args.json else _table(figures))
    return 0


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def tell(step: str, share: float) -> None:
    """A line on standard error that counts up, where a person watches."""
    if sys.stderr.isatty():
        print(f"\r{step:<24} {share:4.0%}", end="\n" if share >= 1 else "", file=sys.stderr, flush=True)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def _table(figures: dict[str, Any]) -> str:
    def shown(value: object) -> str:
        return f"{value:.3f}" if isinstance(value, float) else str(value)

    width = max(map(len, figures))
    return "\n".join(f"{name:<{width}}  {shown(value)}" for name, value in figures.items())
