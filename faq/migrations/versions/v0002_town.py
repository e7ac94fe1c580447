"""What people set in the console for the town: hours, closures, teams, routing, ready sentences."""

import sqlalchemy as sa
from alembic import op

from faq.migrations import ForeignTable

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

step = sa.MetaData()

revisions = sa.Table(
    "town_revisions",
    step,
    sa.Column("section", sa.String(32), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("content", sa.Text, nullable=False),
    sa.Column("author", sa.String(120), nullable=False),
    sa.Column("why", sa.String(300), nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
)
counter = sa.Table(
    "town_counter",
    step,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("serial", sa.Integer, nullable=False),
)


def upgrade() -> None:
    """Lay them out."""
    db = op.get_bind()
    there = sa.inspect(db)
    for table in step.sorted_tables:
        if there.has_table(table.name):
            raise ForeignTable(table.name)
        table.create(db)
    db.execute(sa.insert(counter).values(id=1, serial=0))
