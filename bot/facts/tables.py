"""Where facts lie in SQL: migration v0005. Read by figures, the gap loop and the drift alarm.

The others are sums of `facts`, kept in the same transaction: a year of a town is a million facts, which no page can add
up each time. `fact_sums` is split by one thing at a time, which is all that most pages ask for; `fact_days` and
`fact_entries` by all at once, for those that look at one thing of several.
"""

from sqlalchemy import Column, Index, Integer, MetaData, String, Table, TextClause, text

from faq.database import LongText, Moment, PlainText
from faq.tables import ENTRY

NAME = 40
"""Characters of a channel, kind, reason or reply's key."""

metadata = MetaData()
WAITS: TextClause = text("kind IN ('claimed', 'first_reply')")
_WHOSE = text("conversation <> ''")

facts = Table(
    "facts",
    metadata,
    Column("id", String(24), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("day", String(10), nullable=False),  # of the town's clock, 2026-11-23
    Column("kind", String(20), nullable=False),
    Column("conversation", String(40), nullable=False),  # "" once it was erased
    Column("channel", PlainText(NAME), nullable=False),
    Column("language", PlainText(8), nullable=False),
    Column("topic", PlainText(ENTRY), nullable=False),
    Column("office", PlainText(ENTRY), nullable=False),
    Column("team", PlainText(ENTRY), nullable=False),
    Column("entry", PlainText(ENTRY), nullable=False),
    Column("revision", PlainText(32), nullable=False),
    Column("release", PlainText(32), nullable=False),
    Column("reason", PlainText(NAME), nullable=False),
    Column("by", PlainText(NAME), nullable=False),
    Column("value", Integer, nullable=True),
    Column("count", Integer, nullable=False),
    Column("text", LongText, nullable=False),  # the masked question; "" where there is none, or it went
    Index("facts_at", "at"),
    Index("facts_kind", "kind", "at"),
    # Percentiles need each length of time.
    Index("facts_waits", "kind", "day", "team", "value", "count", sqlite_where=WAITS, postgresql_where=WAITS),
    Index("facts_conversation", "conversation"),
    # What still has words and tells whose it was: the hourly look at what is too old for that stays short.
    Index("facts_whose", "at", sqlite_where=_WHOSE, postgresql_where=_WHOSE),
)

SPLITS = ("channel", "language", "topic", "office", "team", "release", "entry")
"""By what fact_sums is split, beside "" for all of it: names of columns of `facts`."""

sums = Table(
    "fact_sums",
    metadata,
    Column("split", String(10), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("name", PlainText(ENTRY), primary_key=True),  # the split's column
    Column("kind", String(20), primary_key=True),
    Column("by", PlainText(NAME), primary_key=True),
    Column("reason", PlainText(NAME), primary_key=True),
    Column("n", Integer, nullable=False),
    Column("valued", Integer, nullable=False),  # how many of them have a value …
    Column("total", Integer, nullable=False),  # … and the sum of these
    sqlite_with_rowid=False,  # by day, and nothing beside it: a period is one stretch of the file
)

days = Table(
    "fact_days",
    metadata,
    Column("day", String(10), primary_key=True),
    Column("kind", String(20), primary_key=True),
    Column("by", PlainText(NAME), primary_key=True),
    Column("reason", PlainText(NAME), primary_key=True),
    Column("channel", PlainText(NAME), primary_key=True),
    Column("language", PlainText(8), primary_key=True),
    Column("topic", PlainText(ENTRY), primary_key=True),
    Column("office", PlainText(ENTRY), primary_key=True),
    Column("team", PlainText(ENTRY), primary_key=True),
    Column("release", PlainText(32), primary_key=True),
    Column("n", Integer, nullable=False),
    Column("valued", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    sqlite_with_rowid=False,
)

entries = Table(
    "fact_entries",
    metadata,
    Column("day", String(10), primary_key=True),
    Column("entry", PlainText(ENTRY), primary_key=True),
    Column("kind", String(20), primary_key=True),
    Column("channel", PlainText(NAME), primary_key=True),
    Column("language", PlainText(8), primary_key=True),
    Column("topic", PlainText(ENTRY), primary_key=True),
    Column("office", PlainText(ENTRY), primary_key=True),
    Column("release", PlainText(32), primary_key=True),
    Column("n", Integer, nullable=False),
    sqlite_with_rowid=False,
)
