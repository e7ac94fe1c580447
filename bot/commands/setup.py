"""`stadtbote prepare` builds what is built once."""

import argparse
import asyncio
import sys
from collections.abc import Callable

from bot.composition import corpus_folder, fits
from bot.rasa import rasa_python, trained_model
from bot.settings import OFF, Settings, SettingsError
from bot.state import prepare_state
from faq.examples.added import Added
from faq.examples.revisions import Examples


def run(settings: Settings, args: argparse.Namespace) -> int:
    """Encoder, trained model, database, corpus."""
    del args

    def say(text: str) -> None:
        print(text, flush=True)

    prepare_state(settings, say)
    if settings.encoder == OFF:
        say("Encoder       off: words alone answer")
    else:
        _encoder(settings, say)
    if settings.nlu_url:
        say("Understanding by keywords" if settings.nlu_url == "off" else "Understanding by the named Rasa")
        return 0
    python = rasa_python(settings)
    if python is None:
        say("Rasa          its environment is missing: `make rasa`")
        return 1
    say(f"Rasa          ready ({trained_model(settings, python, say, _taught(settings).lines).name})")
    return 0


def _taught(settings: Settings) -> Added:
    """What the live release adds to the examples that ship."""
    from faq.catalogue import Catalogue

    catalogue = Catalogue.open(settings.database)
    try:
        live = catalogue.live_release()
        kept = Examples(catalogue.engine).named(live.nlu) if live else None
        return kept.added if kept else Added()
    finally:
        catalogue.close()


def _encoder(settings: Settings, say: Callable[[str], None]) -> None:
    """Load it, or build it, and compute what vectors of the corpus are missing. Raises SettingsError."""
    from bot.answers import Answers
    from bot.processes.models import encoder_loader
    from faq.catalogue import Catalogue
    from faq.encoder import EncoderUnavailable
    from faq.town import load_town

    say("Encoder       building or loading …")
    catalogue = Catalogue.open(settings.database)
    try:
        answers = Answers(catalogue, load_town(corpus_folder(settings) / "town.yml"), fits=fits(settings))
        try:
            asyncio.run(answers.attach(lambda: encoder_loader(settings), _progress))
        except EncoderUnavailable as error:
            raise SettingsError(str(error)) from None
        say(f"Encoder       ready ({answers.encoder})")
        answers.close()
    finally:
        catalogue.close()


def _progress(step: str, share: float) -> None:
    if sys.stdout.isatty():
        print(f"\r{step:<24} {share:4.0%}", end="\n" if share >= 1 else "", flush=True)
