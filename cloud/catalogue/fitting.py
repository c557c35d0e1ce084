"""Which parts fit a vehicle: by make and model, by engine, within the years; what a fitment leaves open fits all."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import Session, col

from cloud.tables import Fitment
from cloud.tenancy import TenantId, tenant_rows
from edge_gateway.part_words import make_key, model_key

PARTS_MAX = 5000


@dataclass(frozen=True, slots=True)
class VehicleKind:
    """What a vehicle is; "" and 0 where it is not known."""

    make: str = ""
    model: str = ""
    engine: str = ""
    year: int = 0

    @property
    def is_known(self) -> bool:
        """Whether enough is known to look for parts."""
        return bool(self.make or self.engine)


def fitting_parts(session: Session, tenant: TenantId, kind: VehicleKind) -> list[str]:
    """Parts that fit, in order of number; `PARTS_MAX` at the most."""
    if not kind.is_known:
        return []
    conditions = [each for each in (_by_model(kind), _by_engine(kind)) if each is not None]
    rows = (
        tenant_rows(tenant, Fitment)
        .where(or_(*conditions), _within_years(kind.year))
        .with_only_columns(col(Fitment.part))
        .distinct()
        .order_by(col(Fitment.part))
        .limit(PARTS_MAX)
    )
    return list(session.execute(rows).scalars())


def _by_model(kind: VehicleKind) -> ColumnElement[bool] | None:
    if not kind.make:
        return None
    condition = col(Fitment.make_key) == make_key(kind.make)
    if kind.model:
        # A series is meant by its beginning: what fits J6 fits a J6P.
        whole = model_key(kind.model)
        names = [whole[:end] for end in range(2, len(whole) + 1)]
        condition = and_(condition, col(Fitment.model_key).in_(["", *(names or [whole])]))
    if kind.engine:
        condition = and_(condition, col(Fitment.engine_key).in_(["", *_engines(kind.engine)]))
    return condition


def _by_engine(kind: VehicleKind) -> ColumnElement[bool] | None:
    """What is said to fit the engine, whichever vehicle it is in."""
    if not kind.engine:
        return None
    condition = col(Fitment.engine_key).in_(_engines(kind.engine))
    makes = ["", make_key(kind.make)] if kind.make else [""]
    return and_(condition, col(Fitment.make_key).in_(makes), col(Fitment.model_key) == "")


def _engines(engine: str) -> list[str]:
    """An engine and the series it belongs to: what fits WP10 fits a WP10.336E40."""
    whole = model_key(engine)
    return [whole[:end] for end in range(3, len(whole) + 1)] or [whole]


def _within_years(year: int) -> ColumnElement[bool]:
    if not year:
        return col(Fitment.part) != ""
    return and_(
        col(Fitment.from_year) <= year,
        or_(col(Fitment.to_year) == 0, col(Fitment.to_year) >= year),
    )
