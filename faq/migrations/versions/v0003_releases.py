"""Releases of the corpus: what each holds, who signed it, which is live. What is live becomes the first one."""

import hashlib
import json
import zlib
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from faq.migrations import ForeignTable

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

step = sa.MetaData()

releases = sa.Table(
    "faq_releases",
    step,
    sa.Column("id", sa.String(16), primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("title", sa.String(200), nullable=False),
    sa.Column("base", sa.String(16), nullable=False),
    sa.Column("nlu", sa.String(120), nullable=False),
    sa.Column("fit", sa.String(120), nullable=False),
    sa.Column("encoder", sa.String(120), nullable=False),
    sa.Column("entries", sa.Integer, nullable=False),
    sa.Column("manifest", sa.LargeBinary, nullable=False),
    sa.Column("by", sa.String(120), nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.UniqueConstraint("number"),
)
steps = sa.Table(
    "faq_release_steps",
    step,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("release", sa.String(16), sa.ForeignKey("faq_releases.id"), nullable=False, index=True),
    sa.Column("step", sa.String(16), nullable=False),
    sa.Column("by", sa.String(120), nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("why", sa.String(300), nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
)
activations = sa.Table(
    "faq_activations",
    step,
    sa.Column("serial", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("release", sa.String(16), sa.ForeignKey("faq_releases.id"), nullable=False, index=True),
    sa.Column("by", sa.String(120), nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("why", sa.String(300), nullable=False),
    sa.Column("back", sa.Boolean, nullable=False),
)
entries = sa.table("faq_entries", sa.column("entry", sa.String), sa.column("live", sa.String))
counter = sa.table("faq_counter", sa.column("serial", sa.Integer))


def upgrade() -> None:
    """Lay them out, and make the first release."""
    db = op.get_bind()
    there = sa.inspect(db)
    for table in step.sorted_tables:
        if there.has_table(table.name):
            raise ForeignTable(table.name)
        table.create(db)
    serial = db.execute(sa.select(counter.c.serial)).scalar()
    if not serial:
        return
    found = db.execute(sa.select(entries.c.entry, entries.c.live).where(entries.c.live.is_not(None))).all()
    manifest = {row.entry: row.live for row in found}
    told = json.dumps([manifest, "", "", ""], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    id = hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    kept = zlib.compress(json.dumps(manifest, sort_keys=True, separators=(",", ":")).encode(), 1)
    who = {"by": "upgrade", "at": datetime.now(UTC)}
    models = {"nlu": "", "fit": "", "encoder": ""}
    about = {"title": "", "base": "", "entries": len(manifest), "manifest": kept}
    db.execute(sa.insert(releases).values(id=id, number=1, **about, **models, **who))
    db.execute(sa.insert(steps).values(release=id, step="live", why="", detail="", **who))
    db.execute(sa.insert(activations).values(serial=serial, release=id, why="", back=False, **who))
