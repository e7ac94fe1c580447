"""What a worker answers by at one moment: a release with its index, revisions and thresholds, replaced only whole.

A message takes it once and keeps it to its end: it is understood, searched for and put into words by one release, also
when another one comes into force meanwhile.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from faq.entry import Revision
from faq.policy import shipped_thresholds
from faq.releases import Release
from faq.retrieval.index import Index
from faq.trust import OUTDATED, Fit, fit_for


@dataclass(frozen=True)
class InForce:
    """`live` are the release's revisions by entry, `serial` the state of the catalogue. `fit` is what its matches are
    believed by (None: what ships for every corpus), `unchanged` the share of the corpus that is as it was fitted on."""

    release: Release | None
    serial: int
    live: Mapping[str, Revision]
    index: Index
    fit: Fit | None = None
    unchanged: float = 0.0

    @property
    def name(self) -> str:
        """The release's id, "" while nothing was ever published."""
        return self.release.id if self.release else ""

    @property
    def number(self) -> int:
        """The release's number, 0 while nothing was ever published."""
        return self.release.number if self.release else 0

    @property
    def nlu(self) -> str:
        """The name of its NLU data, "" for what ships."""
        return self.release.nlu if self.release else ""

    @property
    def thresholds(self) -> dict[str, float]:
        """The scores from which a match is answered and offered."""
        trust = self.fit.trust(self.index) if self.fit else None
        limits = trust.thresholds if trust else shipped_thresholds(self.index.words_only)
        return {"answer": limits.answer, "clarify": limits.clarify}

    @property
    def fitted(self) -> dict[str, str]:
        """Where the thresholds come from: `by` is "general"; "own", fitted on this corpus; or "outdated", fitted on it
        when it was another in good part. `on` is the day of the fit (ISO), "" if none or not known."""
        if self.fit is None or self.fit.trust(self.index) is None:
            return {"by": "general", "on": ""}
        by = "own" if self.unchanged >= OUTDATED else "outdated"
        return {"by": by, "on": self.fit.made.isoformat() if self.fit.made else ""}


def in_force(
    release: Release | None,
    serial: int,
    live: Mapping[str, Revision],
    index: Index,
    fits: Sequence[Fit],
    encoder: str,
) -> InForce:
    """With the fit that the release is pinned to, else the one that was made for this corpus and encoder. Reads the
    whole corpus: call it in a thread."""
    revisions = tuple(live.values())
    fit = fit_for(fits, revisions, "" if index.words_only else encoder, release.fit if release else "")
    return InForce(release, serial, live, index, fit, fit.unchanged(revisions) if fit else 0.0)


_HELD: ContextVar[InForce | None] = ContextVar("in_force", default=None)


@contextmanager
def holding(force: InForce) -> Iterator[InForce]:
    """All that is done inside answers by this."""
    token = _HELD.set(force)
    try:
        yield force
    finally:
        _HELD.reset(token)


def held() -> InForce | None:
    """What this message, or whatever is done at the moment, answers by; None where nobody took anything."""
    return _HELD.get()


def release_of(revision: str, entry: str) -> str:
    """The release by which this revision is told; "" where it is none of the release's own, or none was taken."""
    force = _HELD.get()
    live = force.live.get(entry) if force else None
    return force.name if force and live and live.id == revision else ""
