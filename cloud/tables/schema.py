"""The version of the tables, in the database itself."""

from sqlmodel import Field

from cloud.tables.base import Table


class SchemaVersion(Table, table=True):
    """One row: which version of these tables the database has."""

    __tablename__ = "schema_version"

    id: int = Field(default=1, primary_key=True)
    version: int
