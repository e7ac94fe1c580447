"""What became of citizens' questions and handoffs: what figures are made of."""

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Lay them out."""
