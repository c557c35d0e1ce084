"""What gateways say of their cabinets' locks and of the keys of their access lists: kept as it is told, and read."""

from collections.abc import Iterable
from typing import Final

from sqlmodel import Session, col

from cloud.ingest import GatewayIdentity
from cloud.tables import CabinetDoors
from cloud.tenancy import TenantId, tenant_rows
from edge_gateway import upload_format

LOCKS: Final = ("fail_secure", "fail_safe")
_TEXT: Final = 200


def keep_doors(
    session: Session, gateway: GatewayIdentity, told: Iterable[upload_format.CabinetDoors], now_ms: int
) -> None:
    """Keep what a gateway says of cabinets that are its shop's."""
    for each in told:
        session.merge(
            CabinetDoors(
                shop_id=gateway.shop,
                cabinet=each.cabinet,
                dealer_id=gateway.dealer,
                locks=each.locks if each.locks in LOCKS else "",
                list_key=_plain(each.list_key),
                list_key_ms=min(max(0, each.list_key_ms), 2**53),
                list_refused=_plain(each.list_refused),
                reported_ms=now_ms,
            )
        )


def _plain(text: str) -> str:
    return text.replace("\0", "")[:_TEXT]


def doors_of(session: Session, tenant: TenantId, shop: str, cabinet: str) -> CabinetDoors | None:
    """What is known of a cabinet's doors; None when its gateway does not say."""
    rows = tenant_rows(tenant, CabinetDoors).where(
        col(CabinetDoors.shop_id) == shop, col(CabinetDoors.cabinet) == cabinet
    )
    return session.exec(rows).one_or_none()
