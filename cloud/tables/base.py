"""The root of the cloud's tables: a registry of their own, apart from any other program in the process."""

from sqlalchemy.orm import registry
from sqlmodel import SQLModel

_registry = registry()


class Table(SQLModel, registry=_registry, defer_build=True):
    """What every table of the cloud is made from.

    Rows are never read from outside: what would check them is made when somebody first asks, not at every start.
    """


METADATA = _registry.metadata
