"""The tables of the first version: shops, gateways, bookings, people."""

from cloud.migrations.statements import execute_own_file

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make them."""
    execute_own_file("0001_first_tables")
