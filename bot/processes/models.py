"""What only some processes hold: the encoder, and who understands."""

import logging
from datetime import UTC, datetime

from bot.metrics.metrics import Metrics
from bot.rasa import names
from bot.settings import OFF, Settings
from faq.encoder import EMBEDDED, Encoder, EncoderUnavailable, load_encoder
from faq.vectors import VectorCache
from nlu.alarm_net import read_net
from nlu.alarms import emergency_kind
from nlu.client import RasaNlu
from nlu.emergencies import complaints, load_emergencies
from nlu.keywords import KeywordNlu
from nlu.lookalike import look_alike
from nlu.meaning import MeaningOf
from nlu.profiles import LANGUAGES, LANGUAGES_DIR

log = logging.getLogger(__name__)


def build_nlu(settings: Settings, meaning: MeaningOf, metrics: Metrics | None = None) -> RasaNlu | KeywordNlu:
    """Rasa with keywords behind it, or keywords alone; either is asked by the examples that a release names."""
    counted = metrics or Metrics()

    def watch(outcome: str, seconds: float) -> None:
        counted.rasa_calls.labels(outcome).inc()
        counted.rasa.observe(seconds)

    keywords = KeywordNlu(names(settings))
    if settings.nlu_url in ("", "off"):
        return keywords
    return RasaNlu(settings.nlu_url.split(","), settings.nlu_token, fallback=keywords, meaning=meaning, watch=watch)


def encoder_loader(settings: Settings) -> tuple[Encoder, VectorCache]:
    """The encoder and its cache of vectors; takes seconds, so call it in a thread. Raises EncoderUnavailable."""
    if settings.encoder == OFF:
        raise EncoderUnavailable("The encoder is switched off (STADTBOTE_ENCODER=off); this needs one.")
    encoder = load_encoder(settings.encoder or EMBEDDED, settings.cache)
    return encoder, VectorCache(settings.cache / "vectors.sqlite")


def warn_of_reviews() -> None:
    """Says in the log which emergency texts nobody of the trade has reviewed, or not for a year."""
    for complaint, languages in complaints(load_emergencies(), datetime.now(UTC).date()).items():
        log.warning("emergency texts", extra={"review": complaint, "languages": ", ".join(languages)})


def warm() -> None:
    """Read now what would be read at the first message: seconds that no citizen should wait."""
    emergency_kind("")
    read_net()
    for code in LANGUAGES:
        look_alike(LANGUAGES_DIR / code / "examples.yml")
