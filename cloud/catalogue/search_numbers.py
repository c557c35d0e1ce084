"""Parts by a number: their own, a vehicle maker's, a competitor's, an old one or a bar code, however it was typed.

Case, blanks, hyphens, dots and leading zeros are forgiven; then the beginning of a number, then one typing error.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement
from sqlmodel import Session, col

from cloud.catalogue.search_views import How
from cloud.tables import CataloguePart, CrossReference
from cloud.tenancy import TenantId, tenant_rows
from edge_gateway.part_words import plain_number, typing_errors

BEGINNING_MIN = 3
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
    if not plain:
        return []
    found = _equal(session, tenant, [plain], 100)
    digits = "".join(letter for letter in typed if letter.isdigit())
    if len(digits) >= 8 and digits == "".join(typed.split()):
        rows = session.exec(tenant_rows(tenant, CataloguePart).where(col(CataloguePart.gtin) == digits).limit(20))
        found += [NumberFound(row.number, "gtin", digits, row.brand, "gtin", 100) for row in rows]
    return sorted(found, key=lambda each: (_ORDER[each.how], _unlike(each.number, typed), each.part))


def beginning_so(session: Session, tenant: TenantId, typed: str, limit: int) -> list[NumberFound]:
    """Parts one of whose numbers begins with what was typed, the shortest number first."""
    plain = plain_number(typed)
    if len(plain) < BEGINNING_MIN:
        return []
    parts = (col(CataloguePart.plain) > plain) & (col(CataloguePart.plain) < plain + _BEYOND)
    references = (col(CrossReference.plain) > plain) & (col(CrossReference.plain) < plain + _BEYOND)
    found = _own(session, tenant, parts, 90, limit) + _others(session, tenant, references, 85, limit)
    return [_as(each, "beginning") for each in sorted(found, key=lambda each: (len(each.number), each.number))]


def mistyped(session: Session, tenant: TenantId, typed: str) -> list[NumberFound]:
    """Parts one of whose numbers is one typing error away."""
    plain = plain_number(typed)
    if not MISTYPED_MIN <= len(plain) <= MISTYPED_MAX or not plain.isascii():
        return []
    found = _equal(session, tenant, sorted(typing_errors(plain)), 75)
    return [_as(each, "mistyped") for each in found]


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


def _as(found: NumberFound, how: How) -> NumberFound:
    return NumberFound(found.part, how, found.number, found.brand, found.kind, found.score)


def _unlike(number: str, typed: str) -> bool:
    return number.casefold() != typed.strip().casefold()
