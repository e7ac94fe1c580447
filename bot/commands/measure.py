"""`stadtbote ask` and `stadtbote eval`: what would be answered, and how good that is."""

import argparse
import asyncio
import json
import sys
from collections.abc import Callable
from typing import Any

from bot.settings import Settings, SettingsError


def run(settings: Settings, args: argparse.Namespace) -> int:
    """Ask one question, or measure many."""
    if args.command == "ask":
        found = asyncio.run(_ask(settings, args.question, args.language))
        print(_json(found) if args.json else _readable(found))
        return 0
    if args.eval == "retrieval":
        return _retrieval(settings, args)
    return _intents(settings, args)


async def _ask(settings: Settings, question: str, language: str) -> dict[str, Any]:
    from bot import ask, runtime
    from bot.answers import Answers
    from bot.composition import corpus_folder, fits
    from bot.processes.models import build_nlu, encoder_loader
    from bot.state import prepare_state
    from faq.catalogue import Catalogue
    from faq.town import load_town

    settings = runtime.joined(settings)
    prepare_state(settings, lambda _: None)
    catalogue = Catalogue.open(settings.database)
    answers = Answers(catalogue, load_town(corpus_folder(settings) / "town.yml"), fits=fits(settings))
    nlu = build_nlu(settings, answers.meaning)
    try:
        await answers.attach(lambda: encoder_loader(settings))
        return await ask.describe(question, language, answers, nlu)
    finally:
        await nlu.close()
        answers.close()
        catalogue.close()


def _retrieval(settings: Settings, args: argparse.Namespace) -> int:
    from bot.processes.models import encoder_loader
    from faq.encoder import EncoderUnavailable
    from faq.measure import BadQuestions, evaluate

    try:
        encoder, cache = encoder_loader(settings)
        figures = evaluate(args.faq, args.queries, args.oos, encoder=encoder, cache=cache, progress=_progress())
    except (BadQuestions, EncoderUnavailable, OSError) as error:
        raise SettingsError(str(error)) from None
    print(_json(figures) if args.json else _table(figures))
    return 0


def _intents(settings: Settings, args: argparse.Namespace) -> int:
    from bot.rasa import rasa_python
    from nlu.training import TrainingFailed, intents_report

    python = rasa_python(settings)
    if python is None:
        raise SettingsError("Rasa's environment is missing. `make rasa` sets it up.")
    try:
        figures = intents_report(args.train, args.test, python, settings.cache)
    except (TrainingFailed, OSError) as error:
        raise SettingsError(str(error)) from None
    print(_json(figures) if args.json else _table(figures))
    return 0


def _progress() -> Callable[[str, float], None]:
    """A line on standard error that counts up, where a person watches."""

    def tell(step: str, share: float) -> None:
        if sys.stderr.isatty():
            print(f"\r{step:<24} {share:4.0%}", end="\n" if share >= 1 else "", file=sys.stderr, flush=True)

    return tell


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def _table(figures: dict[str, Any]) -> str:
    def shown(value: object) -> str:
        return f"{value:.3f}" if isinstance(value, float) else str(value)

    width = max(map(len, figures))
    return "\n".join(f"{name:<{width}}  {shown(value)}" for name, value in figures.items())


def _readable(found: dict[str, Any]) -> str:
    understood, limits = found["understanding"], found["thresholds"]
    lines = [
        f"decision   {found['decision']}   (answer from {limits['answer']:.2f}, clarify from {limits['clarify']:.2f})",
        f"intent     {understood['intent']} {understood['confidence']:.2f} ({understood['source']})",
    ]
    for place, match in enumerate(found["ranking"], 1):
        why = "  ".join(f"{name} {share:.2f}" for name, share in match["why"].items())
        lines.append(f"{place}. {match['score']:.3f}  {match['title']}  [{match['entry']}]")
        lines.append(f"          {why}")
    return "\n".join(lines)
