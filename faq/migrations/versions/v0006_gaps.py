"""Questions that found no answer, in clusters."""

import sqlalchemy as sa
from alembic import op

from faq.migrations import ForeignTable

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

step = sa.MetaData()

sa.Table(
    "gap_clusters",
    step,
    sa.Column("id", sa.String(16), primary_key=True),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("title", sa.String(300), nullable=False),
    sa.Column("words", sa.String(200), nullable=False),
    sa.Column("typical", sa.String(24), nullable=False),
    sa.Column("entry", sa.String(160), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("release", sa.Integer, nullable=False),
    sa.Column("live_at", sa.DateTime(timezone=True), nullable=True),
    sa.Column("into", sa.String(16), nullable=False),
    sa.Column("near", sa.String(100), nullable=False),
    sa.Column("made", sa.DateTime(timezone=True), nullable=False),
)
sa.Table(
    "gap_questions",
    step,
    sa.Column("fact", sa.String(24), primary_key=True),
    sa.Column("cluster", sa.String(16), nullable=False),
    sa.Column("placed", sa.Boolean, nullable=False),
    sa.Column("again", sa.Boolean, nullable=False),
    sa.Column("handed", sa.Boolean, nullable=False),
    sa.Column("use", sa.String(8), nullable=False),
    sa.Column("trial", sa.String(64), nullable=False),
    sa.Column("asked", sa.String(16), nullable=False),
    sa.Column("found", sa.Text, nullable=False),
    sa.Column("encoder", sa.String(160), nullable=False),
    sa.Column("vector", sa.LargeBinary, nullable=True),
    sa.Index("gap_questions_cluster", "cluster"),
)
sa.Table(
    "gap_deeds",
    step,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("cluster", sa.String(16), nullable=False),
    sa.Column("what", sa.String(16), nullable=False),
    sa.Column("by", sa.String(120), nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("undone", sa.Boolean, nullable=False),
    sa.Index("gap_deeds_cluster", "cluster"),
)


def upgrade() -> None:
    """Lay them out."""
    db = op.get_bind()
    there = sa.inspect(db)
    for table in step.sorted_tables:
        if there.has_table(table.name):
            raise ForeignTable(table.name)
        table.create(db)
