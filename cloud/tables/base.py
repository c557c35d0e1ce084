"""The root of the cloud's tables: a registry of their own, apart from any other program in the process."""

from sqlalchemy.orm import registry
from sqlmodel import SQLModel

_registry = registry()


class Table(SQLModel, registry=_registry):
    """What every table of the cloud is made from."""


METADATA = _registry.metadata
