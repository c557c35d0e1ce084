"""One row of a tenant by the id a caller named, and lists in pages: a foreign or broken cursor is not found."""

from collections.abc import Sequence
from typing import Any, TypeVar

from sqlmodel import Session, col
from sqlmodel.sql.expression import SelectOfScalar

from cloud.tables import Table
from cloud.tenancy import NotFoundError, TenantId, tenant_rows

Row = TypeVar("Row", bound=Table)
ROWS_MAX = 200


def own_row(session: Session, tenant: TenantId, table: type[Row], name: int | str, what: str) -> Row:
    """The tenant's row of that id, whose changes wait for each other (`NotFoundError`)."""
    rows = tenant_rows(tenant, table).where(_id(table) == name)
    row = session.exec(rows.with_for_update(of=table)).one_or_none()
    if row is None:
        raise NotFoundError(f"expected {what} of yours, found {name!r}")
    return row


def newest_first(
    session: Session, tenant: TenantId, table: type[Row], rows: SelectOfScalar[Row], *, cursor: str, limit: int
) -> tuple[Sequence[Row], str]:
    """A page of rows behind a cursor, newest first, and the next cursor (`NotFoundError`)."""
    if cursor:
        number = int(cursor) if cursor.isascii() and cursor.isdecimal() and len(cursor) < 19 else -1
        if session.exec(tenant_rows(tenant, table).where(_id(table) == number)).one_or_none() is None:
            raise NotFoundError(f"expected a cursor of this list, found {cursor!r}")
        rows = rows.where(_id(table) < number)
    found = session.exec(rows.order_by(_id(table).desc()).limit(limit + 1)).all()
    shown = found[:limit]
    return shown, str(getattr(shown[-1], "id")) if len(found) > limit else ""  # noqa: B009 -- Row has no id for mypy


def _id(table: type[Table]) -> Any:
    return col(getattr(table, "id"))  # noqa: B009 -- every table handed in has one
