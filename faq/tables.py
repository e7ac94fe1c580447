"""Tables of the catalogue and of what people set for the town; how an older database gets them: faq/migrations/."""

from sqlalchemy import Column, ForeignKey, Index, Integer, MetaData, String, Table, Text, UniqueConstraint

from faq.database import LongText, Moment, PlainText

ENTRY, PERSON = 160, 120
"""Characters of an entry's or topic's name, and of an author's. PostgreSQL refuses more, SQLite would keep it."""

WHY = 300
"""Characters of the reason that somebody gives for a change."""

metadata = MetaData()

revisions = Table(
    "faq_revisions",
    metadata,
    Column("id", PlainText(32), primary_key=True),
    Column("entry", PlainText(ENTRY), nullable=False),
    Column("number", Integer, nullable=False),
    Column("content", Text, nullable=False),  # JSON; never changed after it was written
    Column("status", String(16), nullable=False),
    Column("author", PlainText(PERSON), nullable=False),
    Column("at", Moment, nullable=False),
    UniqueConstraint("entry", "number"),
)

entries = Table(
    "faq_entries",
    metadata,
    Column("entry", PlainText(ENTRY), primary_key=True),
    Column("head", PlainText(32), ForeignKey("faq_revisions.id"), nullable=False),
    Column("live", PlainText(32), ForeignKey("faq_revisions.id"), nullable=True),
    Column("status", String(16), nullable=False),  # the head's, kept here so that lists need no join
    Column("topic", PlainText(ENTRY), nullable=False),
    Column("question", LongText, nullable=False),
    Column("words", LongText, nullable=False),  # case-folded here: SQLite folds ASCII only
    Index("faq_entries_topic", "topic"),
)

events = Table(
    "faq_events",
    metadata,
    Column("serial", Integer, primary_key=True, autoincrement=False),
    Column("entry", PlainText(ENTRY), nullable=False),
    Column("revision", PlainText(32), nullable=True),  # None: no longer live
    Column("by", PlainText(PERSON), nullable=False),
    Column("at", Moment, nullable=False),
)

# One row. Counting under its lock keeps serials in the order of commits, which a database's own
# sequence does not: a reader could see 5 before 4 is there, and would never ask for 4 again.
counter = Table(
    "faq_counter",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("serial", Integer, nullable=False),
)

town_revisions = Table(
    "town_revisions",
    metadata,
    Column("section", PlainText(32), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("content", Text, nullable=False),  # JSON (faq.town.sections); never changed after it was written
    Column("author", PlainText(PERSON), nullable=False),
    Column("why", PlainText(WHY), nullable=False),
    Column("at", Moment, nullable=False),
)

# One row, for the same reason as faq_counter.
town_counter = Table(
    "town_counter",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("serial", Integer, nullable=False),
)
