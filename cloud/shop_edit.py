"""A dealer's shops: opened with an empty document, named, put on the map.

A shop's name stands in its document, too, so that its kiosk shows it: another name is another version. Works in the
cloud's own transaction, on shops of which the person's dealer is the host.
"""

import secrets
from dataclasses import dataclass, replace

from msgspec import structs
from sqlmodel import Session

from cloud.audit import record
from cloud.document import store_document
from cloud.document_edit import edit_document
from cloud.gateway_keys import own_host_shop
from cloud.identity import SignedIn
from cloud.people.rules import RefusedError, checked_name
from cloud.tables import Shop, ShopDealer
from cloud.work.shop_time import MonthError, zone_of
from edge_gateway.shop_document import ShopDocument

ADDRESS_CHARACTERS_MAX = 200
LATITUDE_E6_MAX, LONGITUDE_E6_MAX = 90_000_000, 180_000_000


@dataclass(frozen=True)
class Facts:
    """What is said of a shop. A position has both numbers or neither."""

    name: str
    address: str = ""
    latitude_e6: int | None = None
    longitude_e6: int | None = None
    time_zone: str = "Asia/Shanghai"


def create(session: Session, person: SignedIn, facts: Facts, now_ms: int) -> str:
    """Open a shop without cabinets; its id (`RefusedError`)."""
    facts = _checked(facts)
    dealer = person.tenant.dealer
    row = Shop(id=f"shop-{secrets.token_hex(4)}", dealer_id=dealer, name=facts.name)
    _take_over(row, facts)
    session.add(row)
    session.flush()
    session.add(ShopDealer(shop_id=row.id, dealer_id=dealer))
    session.flush()
    empty = ShopDocument(
        version=1,
        shop=row.id,
        shop_name=facts.name,
        dealer=dealer,
        dealer_name=person.dealer_name,
        parts=[],
        cabinets=[],
        people=[],
        jobs=[],
    )
    store_document(session, empty, now_ms)
    record(session, person, now_ms, action="shop.made", target=f"shop {row.id}", after=_text(facts))
    return row.id


def edit(session: Session, person: SignedIn, shop: str, facts: Facts, now_ms: int) -> None:
    """Say something else of a shop (`NotFoundError`, `RefusedError`)."""
    facts = _checked(facts)
    row = own_host_shop(session, person.tenant, shop)
    before = facts_of(row)
    _take_over(row, facts)
    session.flush()
    if row.document_version and facts.name != before.name:
        edit_document(session, shop, lambda found: structs.replace(found, shop_name=facts.name), now_ms)
    action, target = "shop.changed", f"shop {shop}"
    record(session, person, now_ms, action=action, target=target, before=_text(before), after=_text(facts))


def facts_of(row: Shop) -> Facts:
    """What is said of a shop now."""
    return Facts(row.name, row.address, row.latitude_e6, row.longitude_e6, row.time_zone)


def _take_over(row: Shop, facts: Facts) -> None:
    row.name, row.address = facts.name, facts.address
    row.latitude_e6, row.longitude_e6 = facts.latitude_e6, facts.longitude_e6
    row.time_zone = facts.time_zone


def _checked(facts: Facts) -> Facts:
    address = facts.address.strip()
    if len(address) > ADDRESS_CHARACTERS_MAX or any(ord(each) < 32 for each in address):
        raise RefusedError(
            f"expected an address of at most {ADDRESS_CHARACTERS_MAX} characters, found {address[:80]!r}"
        )
    if (facts.latitude_e6 is None) != (facts.longitude_e6 is None):
        raise RefusedError("expected latitude and longitude, or neither, found one of them")
    if abs(facts.latitude_e6 or 0) > LATITUDE_E6_MAX or abs(facts.longitude_e6 or 0) > LONGITUDE_E6_MAX:
        raise RefusedError(f"expected a place on earth, found {facts.latitude_e6}, {facts.longitude_e6} (millionths)")
    try:
        zone_of(facts.time_zone)
    except MonthError as error:
        raise RefusedError(str(error)) from error
    return replace(facts, name=checked_name(facts.name, "a shop's name"), address=address)


def _text(facts: Facts) -> str:
    where = "" if facts.latitude_e6 is None else f"{facts.latitude_e6}, {facts.longitude_e6}"
    return " · ".join(each for each in (facts.name, facts.address, where, facts.time_zone) if each)
