"""Events set aside, and how a gateway and its cabinets are."""

from cloud.migrations.statements import execute_own_file

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make them."""
    execute_own_file("0002_set_aside_and_health")
