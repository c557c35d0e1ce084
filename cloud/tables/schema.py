"""The version of the tables, in the database itself."""

from sqlmodel import Field

from cloud.tables.base import Table


class SchemaVersion(Table, table=True):
    """One row: the revision of the tables as a number. Alembic keeps it as text; older programs look here."""

    __tablename__ = "schema_version"

    id: int = Field(default=1, primary_key=True)
    version: int
