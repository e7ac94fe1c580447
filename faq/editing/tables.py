"""Tables of the editor's desk; how an older database gets them: faq/migrations/."""

from sqlalchemy import Column, Index, LargeBinary, MetaData, String, Table

from faq.database import Moment, PlainText
from faq.tables import ENTRY, PERSON

KEY = 120
"""Characters of a question by which lists are sorted."""

metadata = MetaData()

typed = Table(
    "faq_typed",
    metadata,
    Column("person", PlainText(PERSON), primary_key=True),
    Column("entry", PlainText(ENTRY), primary_key=True),  # "" for one that has no name yet
    Column("based_on", PlainText(32), nullable=False),
    Column("form", LargeBinary, nullable=False),  # JSON, zlib
    Column("at", Moment, nullable=False),
    Column("discarded", Moment, nullable=True),
)

# What the newest revision says, for lists. All of it can be made again from the revision that `head` names: a row that
# is missing, or names another one, is made anew before a list is read.
listing = Table(
    "faq_listing",
    metadata,
    Column("entry", PlainText(ENTRY), primary_key=True),
    Column("head", PlainText(32), nullable=False),
    Column("key", PlainText(KEY), nullable=False),  # the question, folded
    Column("office", PlainText(ENTRY), nullable=False),
    Column("author", PlainText(PERSON), nullable=False),
    Column("languages", String(200), nullable=False),  # ",de,en,"
    Column("as_of", String(10), nullable=False),  # ISO, as the next one; "" for none
    Column("review_by", String(10), nullable=False),
    Column("at", Moment, nullable=False),
    *(Index(f"faq_listing_{name}", name) for name in ("key", "as_of", "review_by", "at")),
)
