"""Questions held out to test, jobs that take long, and what editors taught the understanding."""

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Lay them out."""
