"""What editors have typed and not saved, and links that were looked at."""

import sqlalchemy as sa
from alembic import op

from faq.migrations import ForeignTable

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


looked = sa.MetaData()

links = sa.Table(
    "faq_links",
    looked,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=True),
    sa.Column("due", sa.DateTime(timezone=True), nullable=False),
    sa.Index("faq_links_due", "due"),
)
dismissed = sa.Table(
    "faq_lint_dismissed",
    looked,
    sa.Column("id", sa.String(16), primary_key=True),
    sa.Column("rule", sa.String(40), nullable=False),
    sa.Column("by", sa.String(120), nullable=False),
    sa.Column("why", sa.String(300), nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
)


typing = sa.MetaData()

typed = sa.Table(
    "faq_typed",
    typing,
    sa.Column("person", sa.String(120), primary_key=True),
    sa.Column("entry", sa.String(160), primary_key=True),
    sa.Column("based_on", sa.String(32), nullable=False),
    sa.Column("form", sa.LargeBinary, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("discarded", sa.DateTime(timezone=True), nullable=True),
)
listing = sa.Table(
    "faq_listing",
    typing,
    sa.Column("entry", sa.String(160), primary_key=True),
    sa.Column("head", sa.String(32), nullable=False),
    sa.Column("key", sa.String(120), nullable=False),
    sa.Column("office", sa.String(160), nullable=False),
    sa.Column("author", sa.String(120), nullable=False),
    sa.Column("languages", sa.String(200), nullable=False),
    sa.Column("as_of", sa.String(10), nullable=False),
    sa.Column("review_by", sa.String(10), nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    *(sa.Index(f"faq_listing_{name}", name) for name in ("key", "as_of", "review_by", "at")),
)


def upgrade() -> None:
    """Lay them out."""
    db = op.get_bind()
    there = sa.inspect(db)
    for table in (*looked.sorted_tables, *typing.sorted_tables):
        if there.has_table(table.name):
            raise ForeignTable(table.name)
        table.create(db)
