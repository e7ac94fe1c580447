"""Questions held out to test, jobs that take long, what releases were proved to do, and what editors taught the
understanding."""

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

tried = sa.MetaData()

trials = sa.Table(
    "faq_trials",
    tried,
    sa.Column("id", sa.String(16), primary_key=True),
    sa.Column("question", sa.Text, nullable=False),
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("language", sa.String(8), nullable=False),
    sa.Column("relevant", sa.Text, nullable=False),
    sa.Column("origin", sa.String(16), nullable=False),
    sa.Column("author", sa.String(120), nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("retired", sa.DateTime(timezone=True), nullable=True),
    sa.Column("retired_by", sa.String(120), nullable=False),
)
jobs = sa.Table(
    "faq_jobs",
    tried,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("about", sa.String(160), nullable=False),
    sa.Column("open", sa.String(200), nullable=True, unique=True),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("by", sa.String(120), nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("turn", sa.Integer, nullable=False),
    sa.Column("owner", sa.String(120), nullable=False),
    sa.Column("until", sa.DateTime(timezone=True), nullable=True),
    sa.Column("ended", sa.DateTime(timezone=True), nullable=True),
    sa.Column("step", sa.String(64), nullable=False),
    sa.Column("share", sa.Float, nullable=False),
    sa.Column("result", sa.Text, nullable=False),
    sa.Column("error", sa.Text, nullable=False),
    sa.Index("faq_jobs_about", "kind", "about"),
)
reports = sa.Table(
    "faq_reports",
    tried,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("release", sa.String(16), nullable=False, index=True),
    sa.Column("base", sa.String(16), nullable=False),
    sa.Column("verdict", sa.String(16), nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("report", sa.LargeBinary, nullable=False),
    sa.Column("outcomes", sa.LargeBinary, nullable=False),
)


def upgrade() -> None:
    """Lay them out."""
    db = op.get_bind()
    there = sa.inspect(db)
    for table in (*taught.sorted_tables, *tried.sorted_tables):
        if there.has_table(table.name):
            raise ForeignTable(table.name)
        table.create(db)
    db.execute(sa.insert(nlu_counter).values(id=1, serial=0))
