"""Where facts lie in SQL: migration v0005. Read by figures, the gap loop and the drift alarm."""

from sqlalchemy import Column, Index, Integer, MetaData, String, Table, text

from faq.database import LongText, Moment, PlainText
from faq.tables import ENTRY

NAME = 40
"""Characters of a channel, kind, reason or reply's key."""

metadata = MetaData()
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
    Index("facts_conversation", "conversation"),
    # What still has words and tells whose it was: the hourly look at what is too old for that stays short.
    Index("facts_whose", "at", sqlite_where=_WHOSE, postgresql_where=_WHOSE),
)
