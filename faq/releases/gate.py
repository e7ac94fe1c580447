"""What stands between a proposal and its going live. Reads only."""

from collections.abc import Iterable, Mapping, Set

from sqlalchemy import Connection, select

from faq import rows
from faq.entry import Draft, Status, validate
from faq.refusals import NeedsSecond, NotInReview, NotProved, NotPublishable, Overtaken, Worse
from faq.releases import kept, proof, writers
from faq.releases.release import Changed, Release, Step, differences
from faq.tables import entries, revisions

MODELS = ""
"""Stands among entries for what a release changes of thresholds or NLU data."""


def changes_of(db: Connection, release: Release) -> tuple[Changed, ...]:
    """What it changes of the release that it was proposed upon."""
    before = kept.manifest(db, release.base) if release.base else {}
    return differences(before, kept.manifest(db, release.id))


def unsigned(db: Connection, release: Release, also: Iterable[str] = ()) -> tuple[str, ...]:
    """The changed entries of which somebody wrote a part that nobody else signed (of a removal: who proposed it), as if
    `also` had signed, too."""
    return lacking(owners(db, release), {*also, *signatures(db, release)})


def owners(db: Connection, release: Release) -> dict[str, set[str]]:
    """Of each changed entry: who wrote a part of it (of a removal: who proposed it). Nothing changes that but another
    publication, or the same proposed anew."""
    changes = changes_of(db, release)
    found = {change.entry: {release.by} for change in changes}
    found |= writers.of_entries(db, {change.entry: change.after for change in changes if change.after})
    base = kept.release(db, release.base) if release.base else None
    if _models(release) != (_models(base) if base else ("", "")):
        found[MODELS] = {release.by} | writers.of_examples(db, base.nlu if base else "", release.nlu)
    return found


def lacking(owned: Mapping[str, Set[str]], signers: Set[str]) -> tuple[str, ...]:
    """The entries of which somebody wrote a part that nobody else signed."""
    return tuple(sorted(entry for entry, some in owned.items() if any(not signers - {one} for one in some)))


def signatures(db: Connection, release: Release) -> tuple[str, ...]:
    """Who signed it since it was proposed last."""
    found: list[str] = []
    for noted in kept.story(db, release.id):
        if noted.step is Step.PROPOSED:
            found = []
        elif noted.step is Step.SIGNED:
            found.append(noted.by)
    return tuple(found)


def not_in_review(db: Connection, release: Release) -> tuple[str, ...]:
    """The changed entries whose new version somebody took back from review, or put aside, since it was proposed. What
    answered once and comes again is no such: a newer version lies upon it."""
    r, found = revisions.c, list[str]()
    aside = (r.status == Status.DRAFT) | ((r.status == Status.ARCHIVED) & (entries.c.head == r.id))
    joined = select(r.entry).join(entries, entries.c.entry == r.entry).where(aside)
    for part in rows.batched([c.after for c in changes_of(db, release) if c.after], rows.AT_ONCE):
        found += db.execute(joined.where(r.id.in_(part))).scalars()
    return tuple(sorted(found))


def check(db: Connection, release: Release, by: str, four_eyes: bool, why: str) -> bool:
    """Raises Overtaken, NotProved, Worse, NotInReview, NeedsSecond or NotPublishable. A reason overrules the trials,
    and nothing else; returns whether it did."""
    live = kept.live(db)
    if (live.id if live else "") != release.base:
        raise Overtaken(f"release {release.number} was proposed before another one became live; set it upon that one")
    said = proof.verdict(kept.story(db, release.id))
    if not why.strip():
        if not said:
            raise NotProved(f"release {release.number} was not tried yet")
        if said == proof.WORSE:
            raise Worse(f"release {release.number} answers worse than what is live")
    if out := not_in_review(db, release):
        raise NotInReview(out)
    if four_eyes and (left := unsigned(db, release, (by,))):
        raise NeedsSecond(left)
    for revision in rows.some(db, [c.after for c in changes_of(db, release) if c.after]):
        if blocking := [p for p in validate(Draft(revision.entry, revision.content)) if p.blocks]:
            raise NotPublishable(revision.entry, blocking)
    return said in ("", proof.WORSE)


def _models(release: Release) -> tuple[str, str]:
    return release.nlu, release.fit  # not the encoder: that is set by who runs the product
