"""Tables of what editors taught the understanding; how an older database gets them: faq/migrations/."""

from sqlalchemy import Column, Index, Integer, MetaData, PrimaryKeyConstraint, String, Table, Text

from faq.database import Moment, PlainText
from faq.tables import PERSON, WHY

NAME = 16
"""Characters of a document's name."""

metadata = MetaData()

revisions = Table(
    "nlu_revisions",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("name", String(NAME), nullable=False),  # "" where nothing is added to what ships
    Column("content", Text, nullable=False),  # JSON (faq.examples.added); never changed after it was written
    Column("author", PlainText(PERSON), nullable=False),
    Column("why", PlainText(WHY), nullable=False),
    Column("at", Moment, nullable=False),
    Index("nlu_revisions_name", "name"),
)

# One row, for the same reason as faq_counter.
counter = Table(
    "nlu_counter",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("serial", Integer, nullable=False),
)

reports = Table(
    "nlu_reports",
    metadata,
    Column("name", String(NAME), nullable=False),
    Column("base", String(NAME), nullable=False),  # what it was compared with
    Column("content", Text, nullable=False),  # JSON (faq.examples.reports)
    Column("at", Moment, nullable=False),
    PrimaryKeyConstraint("name", "base"),
)
