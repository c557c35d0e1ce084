"""From days to weeks: returns undo what was taken before them, and weeks in which a bin was empty say nothing. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from cloud.replenishment.demand.ledger_days import DAY_MS, Held, Span, Taken
from cloud.replenishment.forecasting.values import Floats

WEEK_DAYS = 7
Place = tuple[str, str]  # a bin's account and a part


@dataclass
class _Take:
    """What was taken on a day, and what of it nobody has brought back."""

    day: int
    account: str
    left: int


def net_weeks(rows: Iterable[Taken], weeks: int) -> dict[Place, Floats]:
    """What was asked for in every week, by bin and part; `rows` in the order of days.

    More back than taken on a day undoes what was last taken of the part in the shop before: of the same bin first,
    then of any. What nothing was taken for within the span is dropped, so that no week is below zero.
    """
    takes: dict[str, list[_Take]] = defaultdict(list)
    for row in rows:
        if row.quantity > 0:
            takes[row.part].append(_Take(row.day, row.account, row.quantity))
        else:
            _undo(takes[row.part], row)
    found: dict[Place, list[int]] = defaultdict(lambda: [0] * weeks)
    for part, kept in takes.items():
        for take in kept:
            found[take.account, part][min(take.day // WEEK_DAYS, weeks - 1)] += take.left
    return {place: np.array(each, np.float64) for place, each in found.items()}


def _undo(takes: list[_Take], row: Taken) -> None:
    back = -row.quantity
    for same_bin in (True, False):
        for take in reversed(takes):
            if not back:
                return
            if (take.account == row.account) is same_bin:
                undone = min(back, take.left)
                take.left -= undone
                back -= undone


def exposed_weeks(held: Held, span: Span) -> Floats:
    """The share of every week in which there was stock: (weeks,), 0 to 1."""
    edges = np.clip(np.asarray([span.start_ms, *held.changes_ms, span.end_ms], np.float64), span.start_ms, span.end_ms)
    days = (edges - span.start_ms) / DAY_MS / WEEK_DAYS
    first = 0 if held.at_start else 1
    until = np.arange(span.days // WEEK_DAYS + 1, dtype=np.float64)
    # How much of the time until the end of each week lies within any of the stretches with stock.
    reached = np.zeros(len(until))
    for at in range(first, len(days) - 1, 2):
        reached += np.clip(until, days[at], days[at + 1]) - days[at]
    return np.clip(np.diff(reached), 0.0, 1.0)
