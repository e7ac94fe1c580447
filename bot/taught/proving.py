"""The understanding's part of a release's proof: a release that understands worse is worse, whatever it answers."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from bot.jobs.kinds import Work
from bot.taught.trying import tried
from faq.proving.prove import Proof
from faq.releases import Release, Releases
from nlu.trying import Comparison

WORST = ("worse", "better", "same")
"""Of two verdicts the one that stands first here is that of both."""


def with_understanding(work: Work, releases: Releases, release: Release, base: str, proof: Proof) -> Proof:
    """The proof with the understanding's trials in its report, as "nlu", where the release has other examples than its
    base; their verdict counts as well. Raises JobFailed."""
    before = releases.get(base) if base else None
    was = before.nlu if before else ""
    if release.nlu == was:
        return proof
    comparison = tried(work.settings, work.engine, release.nlu, was, work.tell)
    verdict = min((proof.verdict, comparison.verdict if comparison else "same"), key=WORST.index)
    return replace(proof, report={**proof.report, "verdict": verdict, "nlu": told(release.nlu, was, comparison)})


def told(name: str, base: str, comparison: Comparison | None) -> Mapping[str, Any]:
    """JSON for the page: {"name", "base", "verdict", "before", "after", "won", "lost", "other"}; the last three list
    what is understood differently. Without a comparison only the first two, and an empty verdict."""
    if comparison is None:
        return {"name": name, "base": base, "verdict": ""}
    other = (one for one in comparison.changed if not one.won and not one.lost)
    kinds = {"won": comparison.won, "lost": comparison.lost, "other": other}
    listed = {kind: [asdict(one) for one in some] for kind, some in kinds.items()}
    figures = {"before": comparison.before, "after": comparison.after}
    return {"name": name, "base": base, "verdict": comparison.verdict, **figures, **listed}
