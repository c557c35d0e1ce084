"""`partsbay simulate-dealer`: one dealer's year, our way to keep stock against typed-in min and max, at the same fill.

Two years are played with typed-in levels, so that both ways begin with the same history and the same stock. Then the
year: by forecast; with the typed-in levels as they are; and with typed-in levels that were scaled, all by one factor,
until they reach the very fill that the forecast reached. That factor is found with the year's own demand, which nobody
who types in levels has.
"""

import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from simulator.dealer_year.asked import Asked as AskedFor
from simulator.dealer_year.asked import draw_asked
from simulator.dealer_year.by_forecast import ByForecast
from simulator.dealer_year.play import Play, State, Tally, Way
from simulator.dealer_year.report import Row, row_of, table
from simulator.dealer_year.typed_in import TypedIn, first_guess, week_of
from simulator.dealer_year.world import HISTORY_DAYS, World, draw_world

FACTORS = (0.1, 8.0)
_HALVINGS = 8
_FIRST_YEAR = 364


@dataclass(frozen=True)
class Asked:
    """What is asked for."""

    shops: int = 30
    days: int = 365
    seed: int = 1

    def __post_init__(self) -> None:
        """Refuse what cannot be played (`ValueError`)."""
        if not 2 <= self.shops <= 300:
            raise ValueError(f"expected 2 to 300 shops, found {self.shops}")
        if not 28 <= self.days <= 730:
            raise ValueError(f"expected 28 to 730 days, found {self.days}")


@dataclass(frozen=True)
class Report:
    """The year by way, and what was played."""

    shops: int
    days: int
    seed: int
    bins: int
    parts: int
    vehicles: int
    asked: int  # pieces, in the year
    factor: float  # by which typed-in levels had to be scaled
    rows: list[Row]
    seconds: float


def main(asked: Asked, report_path: Path | None) -> int:
    """Play it, print the table, write the report."""
    report = play(asked)
    sys.stdout.write(
        f"{report.shops} shops, {report.vehicles:,} vehicles, {report.bins:,} bins, {report.parts} parts; "
        f"{report.asked:,} pieces asked for in {report.days} days; seed {report.seed}, {report.seconds} s\n\n"
        f"{table(report.rows)}\n"
    )
    if report_path is not None:
        report_path.write_text(json.dumps(asdict(report), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return 0


def play(asked: Asked) -> Report:
    """The history, then the year in each way."""
    begun_s = time.monotonic()
    world = draw_world(asked.shops, asked.days, asked.seed)
    wanted = draw_asked(world, asked.seed)
    state, week = _history(world, wanted, asked.seed)
    ours = _year(world, wanted, ByForecast(world), state)
    typed = _year(world, wanted, TypedIn(world, week), state)
    factor, scaled = _at_fill(world, wanted, week, state, row_of("", ours).fill)
    rows = [
        row_of("by forecast", ours),
        row_of("typed in, as typed", typed),
        row_of(f"typed in, ×{factor:.2f}: same fill", scaled),
    ]
    return Report(
        shops=asked.shops,
        days=asked.days,
        seed=asked.seed,
        bins=len(world.part),
        parts=len(world.parts),
        vehicles=int(world.vehicles.sum()),
        asked=ours.asked,
        factor=round(factor, 3),
        rows=rows,
        seconds=round(time.monotonic() - begun_s, 1),
    )


def _history(world: World, wanted: AskedFor, seed: int) -> tuple[State, np.ndarray]:
    """Two years: levels guessed in the first, typed in from it for the second. And what was typed in."""
    guess = TypedIn(world, first_guess(world, seed))
    stock = guess.levels(0, State.begin(world, np.zeros(len(world.part), np.int64)).seen)[1]
    first = Play(world, wanted, guess, State.begin(world, stock))
    first.days(0, _FIRST_YEAR)
    week = week_of(world, first.state.seen, 0, _FIRST_YEAR)
    second = Play(world, wanted, TypedIn(world, week), first.state)
    second.days(_FIRST_YEAR, HISTORY_DAYS)
    return second.state, week


def _year(world: World, wanted: AskedFor, way: Way, state: State) -> Tally:
    return Play(world, wanted, way, state.copy()).days(HISTORY_DAYS, world.days)


def _at_fill(world: World, wanted: AskedFor, week: np.ndarray, state: State, fill: float) -> tuple[float, Tally]:
    """The smallest factor with which typed-in levels reach a fill rate, or the largest that is tried."""
    low, high = FACTORS
    found = _year(world, wanted, TypedIn(world, week, high), state)
    for _ in range(_HALVINGS):
        middle = (low * high) ** 0.5
        tried = _year(world, wanted, TypedIn(world, week, middle), state)
        if row_of("", tried).fill >= fill:
            high, found = middle, tried
        else:
            low = middle
    return high, found
