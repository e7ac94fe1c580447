"""Tables of the releases; laid out by faq/migrations/versions/v0003_releases.py."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

from faq.database import LongText, Moment, PlainText
from faq.tables import PERSON, WHY

TITLE, NAME = 200, 120
"""Characters of a release's title, and of the name of NLU data, thresholds and encoder."""

metadata = MetaData()

releases = Table(
    "faq_releases",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("number", Integer, nullable=False),
    Column("title", PlainText(TITLE), nullable=False),
    Column("base", String(16), nullable=False),
    Column("nlu", PlainText(NAME), nullable=False),
    Column("fit", PlainText(NAME), nullable=False),
    Column("encoder", PlainText(NAME), nullable=False),
    Column("entries", Integer, nullable=False),
    Column("manifest", LargeBinary, nullable=False),  # zlib JSON {entry: revision}; never changed after it was written
    Column("by", PlainText(PERSON), nullable=False),
    Column("at", Moment, nullable=False),
    UniqueConstraint("number"),
)

steps = Table(
    "faq_release_steps",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("release", String(16), ForeignKey("faq_releases.id"), nullable=False, index=True),
    Column("step", String(16), nullable=False),
    Column("by", PlainText(PERSON), nullable=False),
    Column("at", Moment, nullable=False),
    Column("why", PlainText(WHY), nullable=False),
    Column("detail", LongText, nullable=False),
)

activations = Table(
    "faq_activations",
    metadata,
    Column("serial", Integer, primary_key=True, autoincrement=False),
    Column("release", String(16), ForeignKey("faq_releases.id"), nullable=False, index=True),
    Column("by", PlainText(PERSON), nullable=False),
    Column("at", Moment, nullable=False),
    Column("why", PlainText(WHY), nullable=False),
    Column("back", Boolean, nullable=False),
)
