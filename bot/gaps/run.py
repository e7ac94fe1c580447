"""One look at the gaps: take what is new, cluster it, follow the live release, ask again what it may answer now.

Runs as a job beside the conversations (bot.jobs). Every step may be broken off and done again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo

from sqlalchemy import Engine

from bot.gaps import clustering, following, intake
from bot.gaps.clustering import Beside
from bot.gaps.gap import Found
from faq.catalogue import Catalogue
from faq.database import writing
from faq.encoder import Encoder
from faq.entry import LEICHT, Revision
from faq.policy import decide
from faq.releases import Releases
from faq.retrieval.index import Index
from faq.trust import Fit, judged
from faq.vectors import VectorCache

Progress = Callable[[str, float], None]
BEST = 3


@dataclass(frozen=True)
class Looked:
    """What a look did: new questions, those that found a cluster, those that were asked again, and of which release
    ("" none)."""

    new: int
    placed: int
    asked: int
    release: str = ""


def look(
    engine: Engine,
    now: datetime,
    encoder: Encoder | None = None,
    cache: VectorCache | None = None,
    fit: Fit | None = None,
    progress: Progress = lambda step, share: None,
    zone: tzinfo = UTC,
) -> Looked:
    """The whole look; without an encoder by letters and words. `now` is aware UTC, `zone` the town's: it says which
    entries are valid today."""
    with writing(engine) as db:
        new = len(intake.take(db, now))
    catalogue, releases = Catalogue(engine, lambda: now), Releases(engine, lambda: now)
    live = tuple(catalogue.live())
    if encoder:
        clustering.encode(engine, encoder, progress)
    placed = clustering.cluster(engine, encoder, beside(live, encoder, cache), now)
    release = following.follow(engine, releases)
    if release is None:
        return Looked(new, placed, 0)

    def searching() -> following.Search:
        index = Index.build(live, encoder, cache, lambda _, share: progress("gaps.step.index", share))
        return searcher(index, fit, now.astimezone(zone).date())

    asked = following.ask_again(engine, release, searching, progress)
    return Looked(new, placed, asked, release.id)


def beside(live: tuple[Revision, ...], encoder: Encoder | None, cache: VectorCache | None) -> Beside:
    """The corpus' wordings, which share with questions what all questions share."""
    texts = [
        (w, code) for r in live for code, t in r.texts.items() if code != LEICHT for w in (t.question, *t.variants)
    ]
    words = [text for text, _ in texts]
    # As the index has them already.
    vectors = (cache or VectorCache(":memory:")).queries(encoder, words) if encoder and words else None
    return Beside(words, [code for _, code in texts], vectors)


def searcher(index: Index, fit: Fit | None, today: date) -> following.Search:
    """The live corpus, asked."""

    def search(text: str, language: str) -> Found:
        found, limits = judged(index.search(text, language or "de", today=today), fit)
        return Found(decide(found, limits), tuple((m.revision.entry, round(m.score, 4)) for m in found.matches[:BEST]))

    return search
