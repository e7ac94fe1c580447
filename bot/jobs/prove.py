"""The job "prove": all trials against what is live and what is proposed. See faq.proving."""

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
from faq.proving.order import tried
from faq.proving.prove import Corpus, Proof, prove
from faq.proving.reports import Reports
from faq.releases import Release, Releases, State, Step
from faq.town import load_town
from faq.trials import Trials
from faq.vectors import VectorCache


def run(work: Work) -> Mapping[str, Any]:
    """Proves the release that the job is about, keeps the report, and notes it in the release's story. One that is live
    is asked beside itself: then every trial's outcome is known again. Raises JobFailed."""
    releases = Releases(work.engine)
    while True:
        release = releases.get(work.job.about)
        if release is None:
            raise JobFailed("unknown")
        told, noted = _once(work, releases, release)
        now = releases.get(release.id)
        if noted or now is None or now.base == release.base:
            return told
        # Proposed again meanwhile, upon another release: whoever did that waits for this job.


def _once(work: Work, releases: Releases, release: Release) -> tuple[Mapping[str, Any], bool]:
    """What the job tells, and whether the release's story tells it."""
    base = release.id if releases.state(release.id) is State.LIVE else release.base
    try:
        proof = with_understanding(work, releases, release, base, _proof(work, releases, release, base))
    except EncoderUnavailable as error:
        tried(work.engine, release, Step.FAILED, work.job.by, "encoder")
        raise JobFailed("encoder", str(error)) from error
    except JobFailed as error:
        tried(work.engine, release, Step.FAILED, work.job.by, error.why)
        raise
    Reports(work.engine).keep(release.id, base, proof)
    noted = tried(work.engine, release, Step.PROVED, work.job.by, proof.verdict)
    return {"verdict": proof.verdict, "n": proof.report["n"]}, noted


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
