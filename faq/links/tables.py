"""The table of links; how an older database gets it: faq/migrations/."""

from sqlalchemy import Column, Index, Integer, MetaData, String, Table

from faq.database import LongText, Moment

metadata = MetaData()

links = Table(
    "faq_links",
    metadata,
    Column("id", String(32), primary_key=True),  # hash of the address, which may be longer than a key
    Column("url", LongText, nullable=False),
    Column("state", String(16), nullable=False),  # "" until it was looked at
    Column("status", Integer, nullable=False),
    Column("target", LongText, nullable=False),
    Column("failures", Integer, nullable=False),  # looks in a row that found nothing
    Column("at", Moment, nullable=True),
    Column("due", Moment, nullable=False),
    Index("faq_links_due", "due"),
)
