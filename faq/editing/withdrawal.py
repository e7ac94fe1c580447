"""Back from review: whoever sees that something is still missing takes the newest version back to being a draft."""

from sqlalchemy import Engine

from faq import rows
from faq.catalogue import UnknownEntry, WrongStatus
from faq.entry import Status
from faq.releases.kept import changing


def take_back(engine: Engine, entry: str, revision: str) -> None:
    """The newest revision, in review, is a draft again. Raises WrongStatus for any other, UnknownEntry."""
    with changing(engine) as db:
        row = rows.entry_row(db, entry)
        if row is None:
            raise UnknownEntry(f"there is no entry {entry}")
        if row.head != revision or row.status != Status.REVIEW:
            raise WrongStatus(f"only the newest version of {entry} can be taken back, while it is in review")
        rows.set_status(db, entry, revision, Status.DRAFT)
