"""保有量: how many of the vehicles that a shop looks after each part fits.

Vehicles are those with a file, made by hand, at the kiosk or by an import; parts fit as the catalogue says
(`cloud/catalogue/fitting.py`). A part without fitment is taken to fit every vehicle. Reads only; says by `dealer` whose
rows it means.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from sqlalchemy import func
from sqlalchemy import select as columns_of
from sqlmodel import Session, col, select

from cloud.replenishment.forecasting.values import Floats
from cloud.tables import Fitment, PlannedBin, ShopDealer, Vehicle
from edge_gateway.part_words import make_key, model_key


@dataclass(frozen=True)
class Fit:
    """What one fitment of the catalogue says, by the keys it is compared by; "" and 0 restrict nothing."""

    part: str
    make: str
    model: str
    engine: str
    from_year: int
    to_year: int


@dataclass(frozen=True)
class VehicleSort:
    """Vehicles that the catalogue cannot tell apart."""

    make: str
    model: str
    engine: str
    year: int

    def is_of(self, fit: Fit) -> bool:
        """Whether a fitment means these vehicles. A series is meant by its beginning: what fits J6 fits a J6P."""
        return (
            fit.make in {"", self.make}
            and self.model.startswith(fit.model)
            and self.engine.startswith(fit.engine)
            and (not self.year or fit.from_year <= self.year)
            and (not self.year or not fit.to_year or self.year <= fit.to_year)
            and bool(fit.make or fit.engine)
        )


@dataclass
class Served:
    """How many vehicles of which sort each shop has: `counts` is (shops, sorts)."""

    shops: list[str]
    sorts: list[VehicleSort]
    counts: Floats
    _by_make: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for at, sort in enumerate(self.sorts):
            self._by_make[sort.make].append(at)

    def of_parts(self, parts: Iterable[str], fits: Mapping[str, list[Fit]]) -> dict[str, Floats]:
        """How many vehicles of every shop each part fits: (shops,)."""
        every = self.counts.sum(axis=1)
        return {part: self._fitted(fits[part]) if part in fits else every for part in parts}

    def _fitted(self, fits: list[Fit]) -> Floats:
        meant: set[int] = set()
        for fit in fits:
            among = self._by_make.get(fit.make, []) if fit.make else range(len(self.sorts))
            meant.update(at for at in among if self.sorts[at].is_of(fit))
        found: Floats = self.counts[:, sorted(meant)].sum(axis=1)
        return found


def served(session: Session, dealer: str) -> Served:
    """The vehicles of the shops that a dealer serves."""
    rows = session.execute(
        columns_of(
            col(Vehicle.shop_id),
            col(Vehicle.make),
            col(Vehicle.model),
            col(Vehicle.engine),
            col(Vehicle.year),
            func.count(),
        )
        .join(ShopDealer, col(ShopDealer.shop_id) == col(Vehicle.shop_id))
        .where(col(ShopDealer.dealer_id) == dealer, col(ShopDealer.has_left).is_(False), col(Vehicle.merged_into) == "")
        .group_by(col(Vehicle.shop_id), col(Vehicle.make), col(Vehicle.model), col(Vehicle.engine), col(Vehicle.year))
        .order_by(col(Vehicle.shop_id))
    ).all()
    held: dict[tuple[str, VehicleSort], int] = defaultdict(int)
    for shop, make, model, engine, year, count in rows:
        held[shop, VehicleSort(make_key(make), model_key(model), model_key(engine), year)] += count
    shops = sorted({shop for shop, _ in held})
    sorts = list(dict.fromkeys(sort for _, sort in held))
    counts = np.zeros((len(shops), len(sorts)))
    places = {shop: at for at, shop in enumerate(shops)}, {sort: at for at, sort in enumerate(sorts)}
    for (shop, sort), count in held.items():
        counts[places[0][shop], places[1][sort]] = count
    return Served(shops, sorts, counts)


def fitments(session: Session, dealer: str) -> dict[str, list[Fit]]:
    """What the catalogue says of the parts that lie in the dealer's bins."""
    planned = select(PlannedBin.part).where(col(PlannedBin.dealer_id) == dealer).distinct()
    rows = session.execute(
        columns_of(
            col(Fitment.part),
            col(Fitment.make_key),
            col(Fitment.model_key),
            col(Fitment.engine_key),
            col(Fitment.from_year),
            col(Fitment.to_year),
        ).where(col(Fitment.dealer_id) == dealer, col(Fitment.part).in_(planned))
    )
    found: dict[str, list[Fit]] = defaultdict(list)
    for row in rows:
        found[row[0]].append(Fit(*row))
    return dict(found)
