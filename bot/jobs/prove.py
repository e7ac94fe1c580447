"""The job "prove": all trials against what is live and what is proposed. See faq.proving."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.composition import corpus_folder, fits
from bot.jobs.kinds import JobFailed, Work
from bot.settings import OFF
from bot.taught.proving import with_understanding
from faq.catalogue import Catalogue
from faq.encoder import Encoder, EncoderUnavailable
from faq.proving.prove import Corpus, Proof, prove
from faq.proving.reports import Reports
from faq.releases import Release, Releases, State, Step
from faq.releases.release import OPEN
from faq.town import load_town
from faq.trials import Trials
from faq.vectors import VectorCache


def run(work: Work) -> Mapping[str, Any]:
    """Proves the release that the job is about, keeps the report, and notes it in the release's story. One that is live
    is asked beside itself: then every trial's outcome is known again. Raises JobFailed."""
    releases = Releases(work.engine)
    release = releases.get(work.job.about)
    if release is None:
        raise JobFailed("unknown")
    base = release.id if releases.state(release.id) is State.LIVE else release.base
    try:
        proof = with_understanding(work, releases, release, base, _proof(work, releases, release, base))
    except EncoderUnavailable as error:
        _note(work, releases, release, Step.FAILED, "encoder")
        raise JobFailed("encoder", str(error)) from error
    except JobFailed as error:
        _note(work, releases, release, Step.FAILED, error.why)
        raise
    Reports(work.engine).keep(release.id, base, proof)
    _note(work, releases, release, Step.PROVED, proof.verdict)
    return {"verdict": proof.verdict, "n": proof.report["n"]}


def _proof(work: Work, releases: Releases, release: Release, base: str) -> Proof:
    settings = work.settings
    encoder, cache = _encoder(work)
    catalogue, made = Catalogue(work.engine, lambda: work.job.at), fits(settings)

    def corpus(id: str) -> Corpus:
        found = releases.get(id) if id else None
        return Corpus(catalogue.revisions(releases.manifest(id).values()), made, found.fit) if found else Corpus(())

    today = datetime.now(ZoneInfo(load_town(corpus_folder(settings) / "town.yml").timezone)).date()
    after = corpus(release.id)
    before = after if base == release.id else corpus(base)
    return prove(before, after, Trials(work.engine).all(), encoder, cache, today, work.tell)


def _encoder(work: Work) -> tuple[Encoder | None, VectorCache]:
    from bot.processes.models import encoder_loader  # loads torch

    work.tell("jobs.step.encoder", 0.0)
    if work.settings.encoder == OFF:
        return None, VectorCache(":memory:")
    return encoder_loader(work.settings)


def _note(work: Work, releases: Releases, release: Release, step: Step, said: str) -> None:
    """In its story, unless it was withdrawn or set upon another release meanwhile."""
    now = releases.get(release.id)
    if now and now.base == release.base and releases.state(release.id) in OPEN:
        releases.record(release.id, step, work.job.by, detail=json.dumps({"verdict": said}))
