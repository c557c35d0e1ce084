"""What `partsbay backtest` measures on real car parts, held against what is asked of it: each a share of its limit.

The table is data to measure against and no part of the project; without it there is nothing to measure.
"""

from collections.abc import Iterator
from pathlib import Path

from cloud.replenishment.backtest.backtest import Terms, run
from cloud.replenishment.backtest.demand_table import read
from tests.benchmarks.figures import Figure

TABLE = Path("../shared/data/carparts_dev.csv")
ON_HAND, FILL_OFF, PINBALL_95 = 4.71, 0.015, 0.694
SECONDS = 120.0


def measure() -> Iterator[Figure]:
    """Stock for a true 95 % fill, how far the fill is off its aim, the pinball loss; and how long it all took."""
    if not TABLE.exists():
        print(f"backtest: skipped, there is no {TABLE}")
        return
    report = run(read(TABLE), Terms(), lambda _: None)
    ours = report["methods"][0]
    true = ours["at_true_fill"]
    if true is not None:
        yield Figure("stock a part for a true 95 % fill", true["on_hand"], "pieces", ON_HAND, "asked for", 1.0)
    off = 100 * abs(ours["at_aim"]["fill"] - report["settings"]["fill"])
    yield Figure("fill off its aim of 95 %", off, "points", 100 * FILL_OFF, "asked for", 1.0)
    yield Figure("pinball loss at .95", ours["pinball_95"], "", PINBALL_95, "asked for", 1.0)
    yield Figure("the whole backtest, ten rows", report["seconds"], "s", SECONDS, "asked for", 1.0)
