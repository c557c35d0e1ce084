"""The round: policies and what they aim at, vans, visits and purchases, alerts and who is told, gauges by day."""

from cloud.migrations.statements import execute_own_file

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Tables that were not there; none of before is changed."""
    execute_own_file("0005_the_round")
