"""What editors have typed and not saved, and links that were looked at."""

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Lay them out."""
