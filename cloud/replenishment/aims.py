"""What a dealer aims at, from wide to narrow: everywhere, in a shop, for a category, for a category in a shop.

Aims.of(shop, category) is what counts; a field that no row says is as `DEFAULT` has it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Final

from sqlmodel import Session, col, select

from cloud.audit import record
from cloud.identity import SignedIn
from cloud.people.rules import RefusedError
from cloud.tables import CATEGORIES, PolicyAim, Shop
from cloud.tenancy import NotFoundError, tenant_rows

MODES: Final = ("fill", "cost")
PPM: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Aim:
    """What is aimed at for a part in a bin; the fields are those of `PolicyAim`."""

    mode: str = "fill"
    fill_ppm: int = 950_000
    shortage_ratio_milli: int = 40_000
    lead_days: int = 1
    review_days: int = 7
    holding_ppm: int = 200_000
    line_minor: int = 200
    by_forecast: int = 0


DEFAULT: Final = Aim()
FIELDS: Final = tuple(field.name for field in fields(Aim))
LIMITS: Final[Mapping[str, tuple[int, int]]] = {
    "fill_ppm": (500_000, 999_000),
    "shortage_ratio_milli": (1_000, 10_000_000),
    "lead_days": (0, 60),
    "review_days": (1, 60),
    "holding_ppm": (10_000, 2_000_000),
    "line_minor": (0, 1_000_000),
    "by_forecast": (0, 1),
}


class Aims:
    """A dealer's aims."""

    def __init__(self, rows: Iterable[PolicyAim]) -> None:
        self._rows = {(row.shop_id, row.category): row for row in rows}
        self._known: dict[tuple[str, str], Aim] = {}

    def of(self, shop: str, category: str = "") -> Aim:
        """What counts for a category in a shop, "" for parts of none."""
        found = self._known.get((shop, category))
        if found is None:
            found = self._known[shop, category] = self._found(shop, category)
        return found

    def said(self, shop: str, category: str = "") -> PolicyAim | None:
        """What one row says by itself."""
        return self._rows.get((shop, category))

    def rows(self) -> list[PolicyAim]:
        """Every row, the widest first."""
        return [self._rows[key] for key in sorted(self._rows)]

    def _found(self, shop: str, category: str) -> Aim:
        aim = DEFAULT
        for key in dict.fromkeys((("", ""), (shop, ""), ("", category), (shop, category))):
            row = self._rows.get(key)
            if row is not None:
                aim = replace(aim, **said_by(row))  # type: ignore[arg-type]
        return aim


def said_by(row: PolicyAim) -> dict[str, str | int]:
    """The fields that a row says."""
    return {name: value for name in FIELDS if (value := getattr(row, name)) not in {"", -1}}


def aims_of(session: Session, dealer: str) -> Aims:
    """All of a dealer's."""
    return Aims(session.exec(select(PolicyAim).where(col(PolicyAim.dealer_id) == dealer)))


def put_aim(
    session: Session, person: SignedIn, at: tuple[str, str], said: Mapping[str, str | int], now_ms: int
) -> PolicyAim:
    """Let (shop, category) say this and nothing else; nothing at all is a row taken away (`RefusedError`)."""
    shop, category = at
    _check_place(session, person, shop, category)
    for name, value in said.items():
        _check(name, value)
    dealer = person.tenant.dealer
    row = session.exec(
        tenant_rows(person.tenant, PolicyAim).where(col(PolicyAim.shop_id) == shop, col(PolicyAim.category) == category)
    ).one_or_none()
    before = words(said_by(row)) if row is not None else ""
    fresh = PolicyAim(dealer_id=dealer, shop_id=shop, category=category, changed_ms=now_ms, **said)  # type: ignore[arg-type]
    if row is not None:
        session.delete(row)
        session.flush()
    if said:
        session.add(fresh)
        session.flush()
    target = "aim of " + (" ".join(each for each in (shop, category) if each) or "everything")
    if before != words(said):
        record(session, person, now_ms, action="aim.changed", target=target, before=before, after=words(said))
    return fresh


def words(said: Mapping[str, str | int]) -> str:
    """What was said, for the record."""
    return ", ".join(f"{name} {said[name]}" for name in FIELDS if name in said)


def _check_place(session: Session, person: SignedIn, shop: str, category: str) -> None:
    if shop and session.exec(tenant_rows(person.tenant, Shop).where(col(Shop.id) == shop)).one_or_none() is None:
        raise NotFoundError(f"expected a shop of yours, found {shop!r}")
    if category and category not in CATEGORIES:
        raise RefusedError(f"expected a category among {', '.join(CATEGORIES)}, found {category!r}")


def _check(name: str, value: str | int) -> None:
    if name == "mode":
        if value not in MODES:
            raise RefusedError(f"expected a mode among {', '.join(MODES)}, found {value!r}")
        return
    least, most = LIMITS[name]
    if not isinstance(value, int) or not least <= value <= most:
        raise RefusedError(f"expected {name} of {least} to {most}, found {value!r}")
