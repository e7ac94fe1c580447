"""The table of findings that editors dismissed; how an older database gets it: faq/migrations/."""

from sqlalchemy import Column, MetaData, String, Table

from faq.database import Moment, PlainText
from faq.tables import PERSON, WHY

metadata = MetaData()

# A finding is named by its rule, its entries and what it found: other words make another finding, which comes back.
dismissed = Table(
    "faq_lint_dismissed",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("rule", String(40), nullable=False),
    Column("by", PlainText(PERSON), nullable=False),
    Column("why", PlainText(WHY), nullable=False),
    Column("at", Moment, nullable=False),
)
