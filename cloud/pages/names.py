"""What the cabinets of a tenant are called, in both languages. Reads only."""

from sqlmodel import Session

from cloud.tables import Cabinet
from cloud.tenancy import TenantId, tenant_rows
from page_kit.language import Say

CabinetNames = dict[tuple[str, str], tuple[str, str]]


def cabinet_names(session: Session, tenant: TenantId) -> CabinetNames:
    """(Chinese, English) by (shop, cabinet)."""
    return {(row.shop_id, row.id): (row.name_zh, row.name_en) for row in session.exec(tenant_rows(tenant, Cabinet))}


def cabinet_name(say: Say, names: CabinetNames, shop: str, cabinet: str) -> str:
    """A cabinet's name in the page's language, its id when it has none."""
    return say.name(*names.get((shop, cabinet), ("", ""))) or cabinet
