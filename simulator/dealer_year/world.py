"""A dealer as drawn from a seed: parts, shops with their vehicles, bins, and from when to when each is planned.

Nothing here knows how stock is kept. One part is superseded in the year, one shop fades, one opens in the year.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

HISTORY_DAYS = 728  # two years of weeks
PARTS_A_BIN = 5.5  # how many parts there are for each bin that the usual shop has
MODELS = 24
NEVER = 10**6


@dataclass(frozen=True)
class Category:
    """What parts of a kind are like. `season`: the share by which demand swings, above 0 with its top in January."""

    name: str
    share: float
    price: float  # median, yuan
    pieces: tuple[int, ...]  # in a job, drawn evenly
    season: float = 0.0
    pack: tuple[int, ...] = (1,)
    life_days: int = 0
    fits: float = 0.15  # share of the models
    rate: float = 0.15  # pieces a week in a usual bin


CATEGORIES = (
    Category("filter", 0.22, 45, (1, 1, 1, 2), pack=(1, 2, 6), fits=0.2, rate=0.45),
    Category("brake", 0.14, 180, (1, 2, 2, 4), fits=0.2, rate=0.3),
    Category("belt", 0.09, 95, (1,), fits=0.15),
    Category("lamp", 0.10, 25, (1, 1, 2), season=0.5, pack=(1, 10), fits=0.5, rate=0.4),
    Category("battery", 0.04, 520, (1, 2), season=0.7, fits=0.4, life_days=365, rate=0.25),
    Category("cooling", 0.08, 260, (1,), season=-0.6),
    Category("seal", 0.11, 18, (1, 2, 4, 6), pack=(1, 10), fits=0.3, rate=0.3),
    Category("chemical", 0.06, 38, (1, 1, 2), pack=(1, 4, 12), life_days=270, fits=0.9, rate=0.7),
    Category("sensor", 0.08, 340, (1,), rate=0.08),
    Category("suspension", 0.08, 410, (1, 2), rate=0.1),
)


@dataclass(frozen=True)
class Part:
    """A part of the catalogue; `heir`: the number of the part that takes its place, -1 for none."""

    category: int
    price: float
    pack: int
    life_days: int  # 0: does not spoil
    pieces: tuple[int, ...]
    season: float
    heir: int = -1


@dataclass(frozen=True)
class World:
    """All that is so, whoever keeps the stock. Bins are (bins,) arrays; days count from the start of the history."""

    days: int  # of the history and the year
    parts: tuple[Part, ...]
    vehicles: Floats  # (shops, models)
    fits: NDArray[np.bool_]  # (parts, models)
    part: Ints
    shop: Ints
    rate: Floats  # pieces a week at the start, true
    capacity: Ints
    planned_from: Ints  # day; 0: from the start
    planned_until: Ints  # day; NEVER
    opens: Ints  # (shops,) day
    fades: Ints  # (shops,) day from which it loses its customers, NEVER
    superseded: tuple[int, int, int]  # which part by which, from which day
    review_days: Ints  # (shops,): how often the van can come

    def of_part(self, values: list[float]) -> Floats:
        """A value of each part, by bin."""
        return np.array(values)[self.part]

    @property
    def price(self) -> Floats:
        """By bin, yuan."""
        return self.of_part([part.price for part in self.parts])

    @property
    def pack(self) -> Ints:
        """By bin."""
        return self.of_part([part.pack for part in self.parts]).astype(np.int64)

    @property
    def life_days(self) -> Ints:
        """By bin; 0: does not spoil."""
        return self.of_part([part.life_days for part in self.parts]).astype(np.int64)

    @property
    def category(self) -> Ints:
        """By bin."""
        return self.of_part([part.category for part in self.parts]).astype(np.int64)

    def planned(self, day: int) -> NDArray[np.bool_]:
        """Which bins the planogram has on a day."""
        return (self.planned_from <= day) & (day < self.planned_until)


def draw_world(shops: int, year_days: int, seed: int) -> World:
    """A dealer with so many shops."""
    draw = np.random.default_rng([seed, 1])
    parts, fits = _parts(draw, round(32 * PARTS_A_BIN))
    vehicles = _vehicles(draw, shops)
    wear = _wear(draw, parts, fits, vehicles)
    expected = (vehicles @ fits.T) * wear  # (shops, parts), pieces a week
    superseded = (int(np.argsort(-expected.sum(axis=0))[6]), len(parts), HISTORY_DAYS + year_days * 2 // 5)
    opens, fades = np.zeros(shops, np.int64), np.full(shops, NEVER, np.int64)
    if shops > 2:
        opens[-1], fades[-2] = HISTORY_DAYS + year_days // 3, HISTORY_DAYS - 60
    rows = _bins(draw, expected, opens, superseded)
    shop, part, since, until = np.array([row[:4] for row in rows], np.int64).T
    rate = np.array([row[4] for row in rows])
    old = parts[superseded[0]]
    heir = Part(old.category, old.price * 1.1, old.pack, old.life_days, old.pieces, old.season)
    parts[superseded[0]] = Part(old.category, old.price, old.pack, old.life_days, old.pieces, old.season, superseded[1])
    parts.append(heir)
    fits = np.vstack([fits, fits[superseded[0]]])
    packs = np.array([each.pack for each in parts], np.int64)[part]
    capacity = np.maximum(np.ceil(rate * draw.uniform(9, 20, len(rate))).astype(np.int64) + packs, 2 * packs + 2)
    busy = rate_of_shops(shop, rate, shops)
    review = np.where(busy > np.quantile(busy, 0.8), 3, np.where(busy < np.quantile(busy, 0.2), 14, 7))
    return World(
        HISTORY_DAYS + year_days, tuple(parts), vehicles, fits, part, shop, rate, capacity, since, until, opens, fades,
        superseded, review.astype(np.int64),
    )  # fmt: skip


def rate_of_shops(shop: Ints, rate: Floats, shops: int) -> Floats:
    """What is asked for in each shop a week: (shops,)."""
    found: Floats = np.bincount(shop, weights=rate, minlength=shops).astype(np.float64)
    return found


def _parts(draw: np.random.Generator, many: int) -> tuple[list[Part], NDArray[np.bool_]]:
    kinds = draw.choice(len(CATEGORIES), many, p=[each.share for each in CATEGORIES])
    parts, fits = [], draw.random((many, MODELS)) < np.array([each.fits for each in CATEGORIES])[kinds, None]
    fits[np.arange(many), draw.integers(0, MODELS, many)] = True
    for kind in kinds:
        of = CATEGORIES[kind]
        price = round(float(of.price * np.exp(draw.normal(0, 0.5))), 2)
        parts.append(Part(int(kind), price, int(draw.choice(of.pack)), of.life_days, of.pieces, of.season))
    return parts, fits


def _vehicles(draw: np.random.Generator, shops: int) -> Floats:
    """Shops of four kinds, each with its own models; the largest has ten times as many vehicles as the smallest."""
    kinds = draw.dirichlet(np.full(MODELS, 0.5), 4)
    mix = 0.8 * kinds[draw.integers(0, 4, shops)] + 0.2 / MODELS
    size = np.exp(draw.normal(5.0, 0.6, shops))
    found: Floats = np.rint(mix * size[:, None])
    return found


def _wear(draw: np.random.Generator, parts: list[Part], fits: NDArray[np.bool_], vehicles: Floats) -> Floats:
    """Pieces a week and vehicle, of each part."""
    usual = np.array([CATEGORIES[part.category].rate for part in parts]) * np.exp(draw.normal(-0.2, 0.9, len(parts)))
    found: Floats = usual / np.maximum((vehicles @ fits.T).mean(axis=0), 1)
    return found


def _bins(
    draw: np.random.Generator, expected: Floats, opens: Ints, superseded: tuple[int, int, int]
) -> list[tuple[int, int, int, int, float]]:
    """(shop, part, planned from, until, rate): what the shop is likely to need, not without error."""
    old, heir, day = superseded
    found: list[tuple[int, int, int, int, float]] = []
    for shop, rates in enumerate(expected):
        many = int(np.clip(24 + 6 * rates.sum() ** 0.5 + draw.integers(-5, 6), 20, 80))
        chosen = np.argsort(-rates * np.exp(draw.normal(0, 0.7, len(rates))))[:many]
        for part in sorted(chosen):
            peculiar = float(rates[part] * draw.gamma(2.0, 0.5))  # no two shops with the same vehicles are the same
            since = int(opens[shop])
            found.append((shop, int(part), since, day if part == old else NEVER, peculiar))
            if part == old:
                found.append((shop, heir, max(day, since), NEVER, peculiar))
    return found
