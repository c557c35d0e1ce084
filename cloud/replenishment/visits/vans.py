"""A dealer's vans, and when its shops take deliveries: kept by whoever plans rounds."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, delete

from cloud.audit import record
from cloud.identity import SignedIn
from cloud.people.rules import RefusedError, checked_name
from cloud.replenishment.visits.arranging import own_van
from cloud.replenishment.visits.showing import van_view
from cloud.replenishment.visits.views import HoursView, VanView
from cloud.shop_edit import LATITUDE_E6_MAX, LONGITUDE_E6_MAX
from cloud.shop_plan import own_shop
from cloud.tables import ShopHours, Van, Visit
from cloud.tenancy import TenantId, owned, tenant_rows

VANS_MAX = 200
KG_MAX = 100_000
DAY_MIN = 1440


@dataclass(frozen=True)
class Facts:
    """What is said of a van."""

    name: str
    latitude_e6: int
    longitude_e6: int
    max_kg: int
    restocker: str = ""
    starts_min: int = 480
    ends_min: int = 1080
    weekdays: str = "12345"
    km_per_hour: int = 30


def vans(session: Session, tenant: TenantId, *, withdrawn: bool = False) -> list[VanView]:
    """The vans by name; `withdrawn`: also those that drive no more."""
    rows = tenant_rows(tenant, Van)
    if not withdrawn:
        rows = rows.where(col(Van.withdrawn).is_(False))
    return [van_view(row) for row in session.exec(rows.order_by(col(Van.name), col(Van.id)).limit(VANS_MAX))]


def keep(session: Session, person: SignedIn, van: str, facts: Facts, now_ms: int) -> VanView:
    """Say something of a van; "" for a new one (`NotFoundError`, `RefusedError`)."""
    facts = _checked(facts)
    if van:
        row = own_van(session, person.tenant, van)
        before = _text(row)
    else:
        if len(vans(session, person.tenant, withdrawn=True)) >= VANS_MAX:
            raise RefusedError(f"expected at most {VANS_MAX} vans, found as many")
        row = Van(id=f"van-{secrets.token_hex(4)}", dealer_id=person.tenant.dealer, **vars(facts))
        before = ""
    for name, value in vars(facts).items():
        setattr(row, name, value)
    row.withdrawn = False
    session.add(row)
    session.flush()
    action = "van.changed" if van else "van.made"
    record(session, person, now_ms, action=action, target=f"van {row.id}", before=before, after=_text(row))
    return van_view(row)


def withdraw(session: Session, person: SignedIn, van: str, now_ms: int) -> VanView:
    """It drives no more (`NotFoundError`; `RefusedError` while accepted visits are on it)."""
    row = own_van(session, person.tenant, van)
    open_ = tenant_rows(person.tenant, Visit).where(col(Visit.van) == van, col(Visit.state).in_(("planned", "loaded")))
    if session.exec(open_.limit(1)).first() is not None:
        raise RefusedError("expected a van without accepted visits, found some: move or cancel them first")
    row.withdrawn = True
    session.add(row)
    session.flush()
    record(session, person, now_ms, action="van.withdrawn", target=f"van {row.id}", before=_text(row))
    return van_view(row)


def hours(session: Session, tenant: TenantId, shop: str) -> list[HoursView]:
    """When a shop takes deliveries; none at all: 8 to 18 on every day (`NotFoundError`)."""
    own_shop(session, tenant, shop)
    rows = tenant_rows(tenant, ShopHours).where(col(ShopHours.shop_id) == shop)
    return [
        HoursView(**row.model_dump(exclude={"dealer_id", "shop_id"}))
        for row in session.exec(rows.order_by(col(ShopHours.weekday)))
    ]


def keep_hours(
    session: Session, person: SignedIn, shop: str, wanted: Sequence[HoursView], now_ms: int
) -> list[HoursView]:
    """All of a shop's hours in place of those before; none: as if nobody had said (`RefusedError`)."""
    before = _hours_text(hours(session, person.tenant, shop))
    if len({each.weekday for each in wanted}) < len(wanted):
        raise RefusedError("expected each weekday once, found one twice")
    for each in wanted:
        if each.opens_min + each.service_min > each.closes_min:
            raise RefusedError(f"expected hours that a visit fits into, found {each.opens_min} to {each.closes_min}")
    dealer = person.tenant.dealer
    session.exec(delete(ShopHours).where(owned(person.tenant, ShopHours), col(ShopHours.shop_id) == shop))
    session.flush()
    session.add_all(ShopHours(dealer_id=dealer, shop_id=shop, **each.model_dump()) for each in wanted)
    session.flush()
    after = _hours_text(wanted)
    record(session, person, now_ms, action="shop.hours", target=f"shop {shop}", before=before, after=after)
    return hours(session, person.tenant, shop)


def _checked(facts: Facts) -> Facts:
    if abs(facts.latitude_e6) > LATITUDE_E6_MAX or abs(facts.longitude_e6) > LONGITUDE_E6_MAX:
        raise RefusedError(f"expected a place on earth, found {facts.latitude_e6}, {facts.longitude_e6} (millionths)")
    if not 1 <= facts.max_kg <= KG_MAX:
        raise RefusedError(f"expected a van that carries 1 to {KG_MAX} kg, found {facts.max_kg}")
    if not 0 <= facts.starts_min < facts.ends_min <= DAY_MIN:
        raise RefusedError(f"expected a day that begins before it ends, found {facts.starts_min} to {facts.ends_min}")
    if not 1 <= facts.km_per_hour <= 150:
        raise RefusedError(f"expected 1 to 150 km an hour, found {facts.km_per_hour}")
    weekdays = "".join(sorted(set(facts.weekdays)))
    if not weekdays or set(weekdays) - set("1234567"):
        raise RefusedError(f"expected weekdays such as 12345, found {facts.weekdays[:20]!r}")
    restocker = facts.restocker.strip()
    if len(restocker) > 254 or "\0" in restocker:
        raise RefusedError(f"expected an e-mail address, found {restocker[:80]!r}")
    return Facts(**(vars(facts) | {"name": checked_name(facts.name, "a van's name"), "weekdays": weekdays,
                                   "restocker": restocker}))  # fmt: skip


def _text(row: Van) -> str:
    where = f"{row.latitude_e6}, {row.longitude_e6}"
    when = f"{row.starts_min}-{row.ends_min} · {row.weekdays}"
    who = f" · {row.restocker}" if row.restocker else ""
    return f"{row.name} · {row.max_kg} kg · {when} · {where} · {row.km_per_hour} km/h{who}"


def _hours_text(rows: Sequence[HoursView]) -> str:
    return ", ".join(f"{row.weekday}: {row.opens_min}-{row.closes_min} {row.service_min}" for row in rows)
