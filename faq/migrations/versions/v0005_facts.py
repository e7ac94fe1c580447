"""What became of citizens' questions and handoffs: what figures are made of."""

import sqlalchemy as sa
from alembic import op

from faq.migrations import ForeignTable

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

step = sa.MetaData()
whose = sa.text("conversation <> ''")
waits = sa.text("kind IN ('claimed', 'first_reply')")

sa.Table(
    "facts",
    step,
    sa.Column("id", sa.String(24), primary_key=True),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("day", sa.String(10), nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("conversation", sa.String(40), nullable=False),
    sa.Column("channel", sa.String(40), nullable=False),
    sa.Column("language", sa.String(8), nullable=False),
    sa.Column("topic", sa.String(160), nullable=False),
    sa.Column("office", sa.String(160), nullable=False),
    sa.Column("team", sa.String(160), nullable=False),
    sa.Column("entry", sa.String(160), nullable=False),
    sa.Column("revision", sa.String(32), nullable=False),
    sa.Column("release", sa.String(32), nullable=False),
    sa.Column("reason", sa.String(40), nullable=False),
    sa.Column("by", sa.String(40), nullable=False),
    sa.Column("value", sa.Integer, nullable=True),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Index("facts_at", "at"),
    sa.Index("facts_kind", "kind", "at"),
    sa.Index("facts_waits", "kind", "day", "team", "value", "count", sqlite_where=waits, postgresql_where=waits),
    sa.Index("facts_conversation", "conversation"),
    sa.Index("facts_whose", "at", sqlite_where=whose, postgresql_where=whose),
)

sa.Table(
    "fact_sums",
    step,
    sa.Column("split", sa.String(10), primary_key=True),
    sa.Column("day", sa.String(10), primary_key=True),
    sa.Column("name", sa.String(160), primary_key=True),
    sa.Column("kind", sa.String(20), primary_key=True),
    sa.Column("by", sa.String(40), primary_key=True),
    sa.Column("reason", sa.String(40), primary_key=True),
    sa.Column("n", sa.Integer, nullable=False),
    sa.Column("valued", sa.Integer, nullable=False),
    sa.Column("total", sa.Integer, nullable=False),
    sqlite_with_rowid=False,
)
sa.Table(
    "fact_days",
    step,
    sa.Column("day", sa.String(10), primary_key=True),
    sa.Column("kind", sa.String(20), primary_key=True),
    sa.Column("by", sa.String(40), primary_key=True),
    sa.Column("reason", sa.String(40), primary_key=True),
    sa.Column("channel", sa.String(40), primary_key=True),
    sa.Column("language", sa.String(8), primary_key=True),
    sa.Column("topic", sa.String(160), primary_key=True),
    sa.Column("office", sa.String(160), primary_key=True),
    sa.Column("team", sa.String(160), primary_key=True),
    sa.Column("release", sa.String(32), primary_key=True),
    sa.Column("n", sa.Integer, nullable=False),
    sa.Column("valued", sa.Integer, nullable=False),
    sa.Column("total", sa.Integer, nullable=False),
    sqlite_with_rowid=False,
)
sa.Table(
    "fact_entries",
    step,
    sa.Column("day", sa.String(10), primary_key=True),
    sa.Column("entry", sa.String(160), primary_key=True),
    sa.Column("kind", sa.String(20), primary_key=True),
    sa.Column("channel", sa.String(40), primary_key=True),
    sa.Column("language", sa.String(8), primary_key=True),
    sa.Column("topic", sa.String(160), primary_key=True),
    sa.Column("office", sa.String(160), primary_key=True),
    sa.Column("release", sa.String(32), primary_key=True),
    sa.Column("n", sa.Integer, nullable=False),
    sqlite_with_rowid=False,
)


def upgrade() -> None:
    """Lay them out."""
    db = op.get_bind()
    there = sa.inspect(db)
    for table in step.sorted_tables:
        if there.has_table(table.name):
            raise ForeignTable(table.name)
        table.create(db)
