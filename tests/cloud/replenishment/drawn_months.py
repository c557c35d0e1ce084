"""Drawn tables of parts by month: slow and lumpy, as car parts are. The same seed draws the same table."""

from pathlib import Path

import numpy as np

from cloud.replenishment.forecasting.values import Demand, Floats


def drawn(items: int = 120, months: int = 36, seed: int = 1, lumpy: float = 2.5) -> Demand:
    """Gamma rates about 0.5 a month, negative binomial months of that dispersion, all of it known."""
    chance = np.random.default_rng(seed)
    rate = chance.gamma(1.5, 0.35, items)[:, None]
    level = chance.gamma(rate / (lumpy - 1), lumpy - 1, (items, months))
    return whole(chance.poisson(level).astype(float))


def whole(quantity: Floats, groups: int = 1) -> Demand:
    """All of it known; items go round the groups."""
    return Demand(quantity, np.ones(quantity.shape), np.arange(len(quantity)) % groups)


def write(path: Path, demand: Demand) -> Path:
    """As a table for `partsbay backtest`; what is not known is left empty."""
    months = demand.quantity.shape[1]
    lines = ["part," + ",".join(f"{2020 + at // 12}-{at % 12 + 1:02}" for at in range(months))]
    for at, (asked, known) in enumerate(zip(demand.quantity, demand.exposure, strict=True)):
        cells = (f"{each:.0f}" if seen else "" for each, seen in zip(asked, known, strict=True))
        lines.append(f"P{at:04}," + ",".join(cells))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
