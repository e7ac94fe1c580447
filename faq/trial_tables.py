"""Tables of trials, of jobs that take long, and of what releases were proved to do; faq/migrations/ lays them out."""

from sqlalchemy import Column, Float, Index, Integer, LargeBinary, MetaData, String, Table, Text

from faq.database import LongText, Moment, PlainText
from faq.tables import ENTRY, PERSON

metadata = MetaData()

trials = Table(
    "faq_trials",
    metadata,
    Column("id", PlainText(16), primary_key=True),
    Column("question", LongText, nullable=False),
    Column("words", LongText, nullable=False),  # case-folded here: SQLite folds ASCII only
    Column("language", PlainText(8), nullable=False),
    Column("relevant", LongText, nullable=False),  # a line feed before and after each entry's name; "" for none
    Column("origin", String(16), nullable=False),
    Column("author", PlainText(PERSON), nullable=False),
    Column("at", Moment, nullable=False),
    Column("retired", Moment, nullable=True),
    Column("retired_by", PlainText(PERSON), nullable=False),
)

jobs = Table(
    "faq_jobs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("about", PlainText(ENTRY), nullable=False),
    # "kind about" while it is not ended: the database itself keeps the same work from being ordered twice.
    Column("open", PlainText(200), nullable=True, unique=True),
    Column("state", String(16), nullable=False),
    Column("by", PlainText(PERSON), nullable=False),
    Column("at", Moment, nullable=False),
    Column("turn", Integer, nullable=False),  # how often it was taken; what an earlier taker says is not heard
    Column("owner", PlainText(PERSON), nullable=False),
    Column("until", Moment, nullable=True),
    Column("ended", Moment, nullable=True),
    Column("step", PlainText(64), nullable=False),
    Column("share", Float, nullable=False),
    Column("result", Text, nullable=False),  # JSON
    Column("error", LongText, nullable=False),
    Index("faq_jobs_about", "kind", "about"),
)

reports = Table(
    "faq_reports",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("release", PlainText(16), nullable=False, index=True),
    Column("base", PlainText(16), nullable=False),  # the release that was live; "" for none
    Column("verdict", String(16), nullable=False),
    Column("at", Moment, nullable=False),
    Column("report", LargeBinary, nullable=False),  # JSON, deflated
    Column("outcomes", LargeBinary, nullable=False),  # what becomes of every trial; the same
)
