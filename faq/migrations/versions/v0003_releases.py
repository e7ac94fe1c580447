"""Releases of the corpus: what each holds, who signed it, which is live."""

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Lay them out."""
