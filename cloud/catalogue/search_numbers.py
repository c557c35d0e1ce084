"""Parts by a number: their own, a vehicle maker's, a competitor's, an old one or a bar code, however it was typed.

Case, blanks, hyphens, dots and leading zeros are forgiven; then the beginning of a number, then one typing error.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement
from sqlmodel import Session, col

from cloud.catalogue.search_views import How
from cloud.tables import CataloguePart, CrossReference
from cloud.tenancy import TenantId, tenant_rows
from edge_gateway.part_words import plain_number, typing_errors

BEGINNING_MIN = 3
GTIN_MIN = 8
MISTYPED_MIN = 5
MISTYPED_MAX = 25
_FOUND_MAX = 200
_BEYOND = "\U0010ffff"
_ORDER: dict[str, int] = {"part_number": 0, "gtin": 1, "oe": 2, "competitor": 3, "old": 4}


@dataclass(frozen=True, slots=True)
class NumberFound:
    """A number that matched, and the part it leads to. `exact`: nothing was put right or left out."""

    part: str
    how: How
    number: str
    brand: str
    kind: How
    score: int


def by_number(session: Session, tenant: TenantId, typed: str) -> list[NumberFound]:
    """Every part that has exactly this number, the best first."""
    plain = plain_number(typed)
    found = _equal(session, tenant, [plain], 100) if plain else []
    return _in_order([*found, *_by_gtin(session, tenant, typed)], typed)


def by_beginning(
    session: Session, tenant: TenantId, typed: str, limit: int
) -> tuple[list[NumberFound], list[NumberFound]]:
    """Parts that have exactly this number, and those one of whose numbers begins so, the shortest number first."""
    plain = plain_number(typed)
    end = plain + (_BEYOND if len(plain) >= BEGINNING_MIN else "\0")
    parts = (col(CataloguePart.plain) >= plain) & (col(CataloguePart.plain) < end)
    references = (col(CrossReference.plain) >= plain) & (col(CrossReference.plain) < end)
    found = _own(session, tenant, parts, 90, limit) + _others(session, tenant, references, 85, limit)
    exact = [replace(each, score=100) for each in found if plain_number(each.number) == plain]
    longer = [replace(each, how="beginning") for each in found if plain_number(each.number) != plain]
    exact += _by_gtin(session, tenant, typed)
    return _in_order(exact, typed), sorted(longer, key=lambda each: (len(each.number), each.number))


def _by_gtin(session: Session, tenant: TenantId, typed: str) -> list[NumberFound]:
    digits = "".join(typed.split())
    if not (digits.isdecimal() and digits.isascii() and len(digits) >= GTIN_MIN):
        return []
    rows = tenant_rows(tenant, CataloguePart).where(col(CataloguePart.gtin) == digits, col(CataloguePart.gtin) != "")
    found = session.execute(rows.limit(20).with_only_columns(col(CataloguePart.number), col(CataloguePart.brand)))
    return [NumberFound(number, "gtin", digits, brand, "gtin", 100) for number, brand in found.all()]


def _in_order(found: list[NumberFound], typed: str) -> list[NumberFound]:
    return sorted(found, key=lambda each: (_ORDER[each.how], _unlike(each.number, typed), each.part))


def mistyped(session: Session, tenant: TenantId, typed: str) -> list[NumberFound]:
    """Parts one of whose numbers is one typing error away."""
    plain = plain_number(typed)
    if not MISTYPED_MIN <= len(plain) <= MISTYPED_MAX or not plain.isascii():
        return []
    found = _equal(session, tenant, sorted(typing_errors(plain)), 75)
    return [replace(each, how="mistyped") for each in found]


def _equal(session: Session, tenant: TenantId, plain: Sequence[str], score: int) -> list[NumberFound]:
    own = _own(session, tenant, col(CataloguePart.plain).in_(plain), score)
    return own + _others(session, tenant, col(CrossReference.plain).in_(plain), score)


def _own(
    session: Session, tenant: TenantId, condition: ColumnElement[bool], score: int, limit: int = _FOUND_MAX
) -> list[NumberFound]:
    rows = (
        tenant_rows(tenant, CataloguePart)
        .where(condition)
        .order_by(col(CataloguePart.plain))
        .limit(limit)
        .with_only_columns(col(CataloguePart.number), col(CataloguePart.brand))
    )
    found = session.execute(rows).all()
    return [NumberFound(number, "part_number", number, brand, "part_number", score) for number, brand in found]


def _others(
    session: Session, tenant: TenantId, condition: ColumnElement[bool], score: int, limit: int = _FOUND_MAX
) -> list[NumberFound]:
    table = CrossReference
    rows = (
        tenant_rows(tenant, table)
        .where(condition)
        .order_by(col(table.plain))
        .limit(limit)
        .with_only_columns(col(table.part), col(table.kind), col(table.number), col(table.brand))
    )
    return [
        NumberFound(part, kind, number, brand, kind, score) for part, kind, number, brand in session.execute(rows).all()
    ]


def _unlike(number: str, typed: str) -> bool:
    return number.casefold() != typed.strip().casefold()
