"""The tables of 0.1.0, which laid out whichever it needed and kept no revision: what is there is left as it is."""

import sqlalchemy as sa
from alembic import op

from faq.migrations import ForeignTable

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

baseline = sa.MetaData()

revisions = sa.Table(
    "faq_revisions",
    baseline,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("entry", sa.String(160), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("content", sa.Text, nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("author", sa.String(120), nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.UniqueConstraint("entry", "number"),
)
entries = sa.Table(
    "faq_entries",
    baseline,
    sa.Column("entry", sa.String(160), primary_key=True),
    sa.Column("head", sa.String(32), sa.ForeignKey("faq_revisions.id"), nullable=False),
    sa.Column("live", sa.String(32), sa.ForeignKey("faq_revisions.id"), nullable=True),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("topic", sa.String(160), nullable=False),
    sa.Column("question", sa.Text, nullable=False),
    sa.Column("words", sa.Text, nullable=False),
    sa.Index("faq_entries_topic", "topic"),
)
events = sa.Table(
    "faq_events",
    baseline,
    sa.Column("serial", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("entry", sa.String(160), nullable=False),
    sa.Column("revision", sa.String(32), nullable=True),
    sa.Column("by", sa.String(120), nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
)
counter = sa.Table(
    "faq_counter",
    baseline,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("serial", sa.Integer, nullable=False),
)
accounts = sa.Table(
    "accounts",
    baseline,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("display_name", sa.String(120), nullable=False),
    sa.Column("hash", sa.String(255), nullable=False),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("teams", sa.String(1000), nullable=False),
    sa.Column("language", sa.String(8), nullable=False),
    sa.Column("disabled", sa.Boolean, nullable=False),
    sa.Column("generation", sa.Integer, nullable=False),
)
audit = sa.Table(
    "audit",
    baseline,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False, index=True),
    sa.Column("who", sa.String(64), nullable=False),
    sa.Column("what", sa.String(64), nullable=False),
    sa.Column("object", sa.String(200), nullable=False),
)


def upgrade() -> None:
    """Lay out what is missing; refuse tables that bear our names and are somebody else's."""
    db = op.get_bind()
    there = sa.inspect(db)
    for table in baseline.sorted_tables:
        if not there.has_table(table.name):
            table.create(db)
        elif {column["name"] for column in there.get_columns(table.name)} != set(table.columns.keys()):
            raise ForeignTable(table.name)
    if db.execute(sa.select(counter.c.serial)).first() is None:
        db.execute(sa.insert(counter).values(id=1, serial=0))
