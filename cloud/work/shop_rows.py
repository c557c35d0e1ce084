"""The rows of one shop, for whoever writes and reads what belongs to the shop: vehicles, jobs, readings.

A person gets them by `own_rows`, narrowed to the tenant; what a gateway told and what a document says gets them by
`service_rows`, in the cloud's own transaction. Every query of the shop's work starts from `of`.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from cloud.gate import as_service
from cloud.shop_feed import tell
from cloud.shop_plan import locked_shop, own_shop
from cloud.tables import Shop, ShopDealer, Table
from cloud.tenancy import NotFoundError, TenantId, tenant_rows
from cloud.work.sources import user_source
from edge_gateway.feed_format import Told, told

if TYPE_CHECKING:  # identity.py knows the ingest, and the ingest keeps kiosks' jobs by this
    from cloud.identity import SignedIn

Row = TypeVar("Row", bound=Table)


@dataclass(frozen=True)
class ShopRows:
    """One shop's rows in an open transaction: whose, who tells, and when."""

    session: Session
    shop: str
    dealer: str
    source: str
    now_ms: int
    time_zone: str
    tenant: TenantId | None = None

    def of(self, table: type[Row]) -> SelectOfScalar[Row]:
        """`SELECT` of the shop's rows of a table, the tenant's alone where there is one."""
        rows = select(table) if self.tenant is None else tenant_rows(self.tenant, table)
        column: Any = col(table.shop_id)  # type: ignore[attr-defined]
        return rows.where(column == self.shop)

    def named(self, table: type[Row], name: str) -> Row | None:
        """The shop's row of that id."""
        column: Any = col(table.id)  # type: ignore[attr-defined]
        return self.session.exec(self.of(table).where(column == name)).one_or_none()

    def lock(self) -> None:
        """Whoever else locks the shop waits until this transaction ends: what is looked up then is not made twice."""
        if self.tenant is not None:
            locked_shop(self.session, self.tenant, self.shop)
        else:
            self.session.exec(select(Shop).where(col(Shop.id) == self.shop).with_for_update()).one()

    def check_serves(self) -> None:
        """Refuse a dealer that has left the shop: it keeps its history there, and begins nothing (`NotFoundError`)."""
        if self.tenant is not None:
            served = tenant_rows(self.tenant, ShopDealer).where(col(ShopDealer.shop_id) == self.shop)
            if self.session.exec(served.where(~col(ShopDealer.has_left))).first() is None:
                raise NotFoundError(f"expected a shop that you serve, found {self.shop!r}")

    def tell(self, entry: Told) -> None:
        """Tell the shop's gateway in the same transaction. The feed is its host's, whoever of its dealers tells."""
        with as_service(self.session):
            tell(self.session, self.shop, *told(entry), self.now_ms)


def own_rows(session: Session, tenant: TenantId, shop: str, now_ms: int, person: "SignedIn | None" = None) -> ShopRows:
    """The rows of one of the tenant's shops (`NotFoundError`), written by somebody signed in."""
    row = own_shop(session, tenant, shop)
    source = user_source(person) if person else ""
    return ShopRows(session, shop, tenant.dealer, source, now_ms, row.time_zone, tenant)


def service_rows(session: Session, shop: str, source: str, now_ms: int) -> ShopRows:
    """The rows of a shop for the cloud's own work: what a gateway told, what a document says."""
    row = session.get_one(Shop, shop)
    return ShopRows(session, shop, row.dealer_id, source, now_ms, row.time_zone)
