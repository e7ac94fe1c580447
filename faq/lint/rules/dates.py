"""Entries whose time is over, nearly over, or that nobody has looked at as they meant to."""

from collections.abc import Iterator
from datetime import timedelta

from faq.entry import Revision
from faq.lint.corpus import Corpus
from faq.lint.finding import Finding, Level, OpenEntry, Reviewed

EXPIRED, REVIEW = "expired", "review"
SOON = timedelta(days=14)
AGAIN = timedelta(days=182)


def expired(revision: Revision, corpus: Corpus) -> Iterator[Finding]:
    """Past its last day, an entry answers nobody."""
    until = revision.valid_until
    if until is None or until > corpus.today + SOON:
        return
    over = until < corpus.today
    fixes = (OpenEntry(revision.entry, "valid_until"),)
    yield Finding(
        EXPIRED,
        Level.WARNING if over else Level.HINT,
        (revision.entry,),
        "expired.over" if over else "expired.soon",
        fixes,
        {"until": until.isoformat()},
    )


def review(revision: Revision, corpus: Corpus) -> Iterator[Finding]:
    """Past the day on which it was to be looked at again, it may tell what no longer holds."""
    due = revision.review_by
    if due is None or due >= corpus.today:
        return
    looked = Reviewed(revision.entry, corpus.today, corpus.today + AGAIN)
    fixes = (OpenEntry(revision.entry), looked)
    yield Finding(REVIEW, Level.WARNING, (revision.entry,), "review.due", fixes, {"due": due.isoformat()})
