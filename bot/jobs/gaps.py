"""The job "gaps": new questions without an answer into clusters, and those of old asked again (bot.gaps)."""

import logging
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.composition import corpus_folder, fits
from bot.gaps.run import look
from bot.jobs.kinds import Work
from bot.settings import OFF
from faq.catalogue import Catalogue
from faq.encoder import Encoder, EncoderUnavailable
from faq.town import load_town
from faq.trust import fit_for
from faq.vectors import VectorCache

log = logging.getLogger(__name__)


def run(work: Work) -> Mapping[str, Any]:
    """Looks once; by letters and words where no encoder is to be had."""
    encoder, cache = _encoder(work)
    live = tuple(Catalogue(work.engine, lambda: work.job.at).live())
    fit = fit_for(fits(work.settings), live, encoder.name if encoder else "")
    zone = ZoneInfo(load_town(corpus_folder(work.settings) / "town.yml").timezone)
    return asdict(look(work.engine, datetime.now(UTC), encoder, cache, fit, work.tell, zone))


def _encoder(work: Work) -> tuple[Encoder | None, VectorCache | None]:
    if work.settings.encoder == OFF:
        return None, None
    from bot.processes.models import encoder_loader  # loads torch

    work.tell("gaps.step.encoder", 0.0)
    try:
        return encoder_loader(work.settings)
    except EncoderUnavailable:
        log.warning("gaps are looked at by letters: there is no encoder")
        return None, None
