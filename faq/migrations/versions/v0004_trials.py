"""Questions held out to test, jobs that take long, and what editors taught the understanding."""

import sqlalchemy as sa
from alembic import op

from faq.migrations import ForeignTable

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

taught = sa.MetaData()

nlu_revisions = sa.Table(
    "nlu_revisions",
    taught,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("name", sa.String(16), nullable=False),
    sa.Column("content", sa.Text, nullable=False),
    sa.Column("author", sa.String(120), nullable=False),
    sa.Column("why", sa.String(300), nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Index("nlu_revisions_name", "name"),
)
nlu_counter = sa.Table(
    "nlu_counter",
    taught,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("serial", sa.Integer, nullable=False),
)
nlu_reports = sa.Table(
    "nlu_reports",
    taught,
    sa.Column("name", sa.String(16), nullable=False),
    sa.Column("base", sa.String(16), nullable=False),
    sa.Column("content", sa.Text, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint("name", "base"),
)


def upgrade() -> None:
    """Lay them out."""
    db = op.get_bind()
    there = sa.inspect(db)
    for table in taught.sorted_tables:
        if there.has_table(table.name):
            raise ForeignTable(table.name)
        table.create(db)
    db.execute(sa.insert(nlu_counter).values(id=1, serial=0))
