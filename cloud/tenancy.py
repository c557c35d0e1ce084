"""One door to a tenant's rows.

A `TenantId` is a dealer somebody has proven to be signed in for. `identity.py` alone makes one, and `tenant_rows`
alone opens rows with it. This module never reads a request and never decides who somebody is.
"""

from typing import Any, Final, TypeVar

from sqlalchemy import ColumnElement
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from cloud.tables import Table

_SEAL: Final = object()
Row = TypeVar("Row", bound=Table)


class TenantId:
    """The dealer whose rows may be seen. Nobody but `identity.py` makes one."""

    __slots__ = ("_dealer",)

    def __init__(self, dealer: str, *, seal: object) -> None:
        if seal is not _SEAL:
            raise TypeError("expected a tenant from cloud.identity, found one made by hand")
        self._dealer = dealer

    @property
    def dealer(self) -> str:
        """The dealer's id."""
        return self._dealer

    def __repr__(self) -> str:
        return f"TenantId({self._dealer!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TenantId) and other._dealer == self._dealer

    def __hash__(self) -> int:
        return hash(self._dealer)


def signed_in_tenant(dealer: str) -> TenantId:
    """The tenant of somebody signed in: called by `identity.py` and nobody else (a test sees to it)."""
    return TenantId(dealer, seal=_SEAL)


def tenant_rows(tenant: TenantId, table: type[Row]) -> SelectOfScalar[Row]:
    """`SELECT` of the tenant's rows of a table, to be narrowed with `.where(...)` or `.with_only_columns(...)`."""
    return select(table).where(owned(tenant, table))


def owned(tenant: TenantId, table: type[Table]) -> ColumnElement[bool]:
    """The condition that a row of `table` is the tenant's: for the second table of a join."""
    if not isinstance(tenant, TenantId):
        raise TypeError(f"expected a tenant, found {tenant!r}")
    column: Any = col(table.dealer_id)  # type: ignore[attr-defined]
    condition: ColumnElement[bool] = column == tenant.dealer
    return condition


class NotFoundError(LookupError):
    """Nothing of this tenant has that name; whether another's has is not said."""
