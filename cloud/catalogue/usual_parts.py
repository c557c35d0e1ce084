"""Which parts are usual in a dealer's bins, as ordinals of the search index: remembered for a minute.

It only decides which of thousands of parts that match are shown first, so a minute's age does no harm; counted anew at
each question it would take half of the answer's time.
"""

import time
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from sqlmodel import Session, col

from cloud.catalogue.ordinals import set_of
from cloud.catalogue.part_stock import most_kept
from cloud.tables import SearchPart
from cloud.tenancy import TenantId, tenant_rows

KEPT_S = 60.0
_PARTS_MAX = 4000


@dataclass(frozen=True, slots=True)
class Usual:
    """The most usual parts first, by ordinal; `bits` are all of them."""

    ordinals: tuple[int, ...]
    bins: dict[str, int]
    bits: int
    until_s: float


_known: WeakKeyDictionary[object, dict[TenantId, Usual]] = WeakKeyDictionary()


def usual_parts(session: Session, tenant: TenantId) -> Usual:
    """What the bins keep that this tenant sees."""
    by_tenant = _known.setdefault(session.get_bind().engine, {})
    found = by_tenant.get(tenant)
    if found is None or found.until_s < time.monotonic():
        found = by_tenant[tenant] = _counted(session, tenant)
    return found


def _counted(session: Session, tenant: TenantId) -> Usual:
    bins = most_kept(session, tenant, _PARTS_MAX)
    ordinals = ordinals_of(session, tenant, list(bins))
    ordered = tuple(ordinals[part] for part in bins if part in ordinals)
    return Usual(ordered, bins, set_of(ordered), time.monotonic() + KEPT_S)


def ordinals_of(session: Session, tenant: TenantId, parts: list[str]) -> dict[str, int]:
    """The ordinals of parts."""
    rows = (
        tenant_rows(tenant, SearchPart)
        .where(col(SearchPart.part).in_(parts))
        .with_only_columns(col(SearchPart.part), col(SearchPart.ordinal))
    )
    return dict(session.execute(rows).all())
