"""Taking the newest version back: from review to being a draft, or a draft as if nobody had saved it."""

from sqlalchemy import Connection, Engine, delete, select

from faq import rows
from faq.catalogue import UnknownEntry, WrongStatus
from faq.entry import Revision, Status
from faq.releases import kept
from faq.releases.kept import changing
from faq.releases.tables import releases
from faq.tables import revisions


def take_back(engine: Engine, entry: str, revision: str) -> None:
    """The newest revision, in review, is a draft again. Raises WrongStatus for any other, UnknownEntry."""
    with changing(engine) as db:
        row = rows.entry_row(db, entry)
        if row is None:
            raise UnknownEntry(f"there is no entry {entry}")
        if row.head != revision or row.status != Status.REVIEW:
            raise WrongStatus(f"only the newest version of {entry} can be taken back, while it is in review")
        rows.set_status(db, entry, revision, Status.DRAFT)


def drop_in(db: Connection, draft: Revision, former: Revision) -> bool:
    """Delete the draft, which is the newest version; `former` is the newest again, as it stands by now. A part of a
    larger change (faq.releases.kept.changing). False, and nothing is done, where a release holds the draft."""
    later = db.execute(select(releases.c.id).where(releases.c.at >= draft.at)).scalars().all()
    if any(kept.manifest(db, id).get(draft.entry) == draft.id for id in later):
        return False
    rows.lead(db, former)
    db.execute(delete(revisions).where(revisions.c.id == draft.id))
    return True
