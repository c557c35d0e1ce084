"""What the cabinets of a tenant are called, in both languages. Reads only."""

from collections.abc import Sequence

from sqlmodel import Session, col

from cloud.tables import Cabinet, Shop
from cloud.tenancy import TenantId, tenant_rows
from page_kit.language import Say

CabinetNames = dict[tuple[str, str], tuple[str, str]]


def cabinet_names(session: Session, tenant: TenantId, shops: Sequence[str] | None = None) -> CabinetNames:
    """(Chinese, English) by (shop, cabinet), of all shops or of some."""
    columns = col(Cabinet.shop_id), col(Cabinet.id), col(Cabinet.name_zh), col(Cabinet.name_en)
    rows = tenant_rows(tenant, Cabinet).with_only_columns(*columns)
    if shops is not None:
        rows = rows.where(col(Cabinet.shop_id).in_(shops))
    return {(row[0], row[1]): (row[2], row[3]) for row in session.execute(rows)}


def shop_names(session: Session, tenant: TenantId) -> list[tuple[str, str]]:
    """(id, name) of every shop, by name."""
    rows = tenant_rows(tenant, Shop).with_only_columns(col(Shop.id), col(Shop.name))
    return [(row[0], row[1]) for row in session.execute(rows.order_by(col(Shop.name), col(Shop.id)))]


def cabinet_name(say: Say, names: CabinetNames, shop: str, cabinet: str) -> str:
    """A cabinet's name in the page's language, its id when it has none."""
    return say.name(*names.get((shop, cabinet), ("", ""))) or cabinet
