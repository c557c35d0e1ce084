"""What counting said of each bin, and cells that were re-zeroed."""

from cloud.migrations.statements import execute_own_file

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make them."""
    execute_own_file("0003_verdicts")
