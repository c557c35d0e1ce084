"""What is asked for in every bin on every day: the truth, drawn once, the same whoever keeps the stock."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.dealer_year.world import NEVER, Floats, Ints, World

_WEEKDAYS = np.array([1.2, 1.1, 1.05, 1.05, 1.15, 0.95, 0.5])  # from Monday
_FADES_TO, _FADES_DAYS = 0.25, 300
_SWITCH_DAYS = 45  # from the first to the last mechanic who takes the new number


@dataclass(frozen=True)
class Asked:
    """Pieces by bin and day, and of each bin and day whether who finds it empty waits for the van or goes elsewhere."""

    pieces: Ints  # (bins, days)
    waits: NDArray[np.bool_]


def draw_asked(world: World, seed: int) -> Asked:
    """The demand of the history and the year."""
    draw = np.random.default_rng([seed, 2])
    mean = _mean(world, draw)
    pieces = np.zeros(mean.shape, np.int64)
    sizes = [np.array(part.pieces) for part in world.parts]
    usual = np.array([size.mean() for size in sizes])[world.part]
    jobs = draw.poisson(mean / usual[:, None])
    for part, size in enumerate(sizes):
        rows = np.flatnonzero(world.part == part)
        pieces[rows] = _of_jobs(draw, jobs[rows], size)
    return Asked(pieces, draw.random(mean.shape) < 0.5)


def _of_jobs(draw: np.random.Generator, jobs: Ints, size: Ints) -> Ints:
    found = np.zeros(jobs.shape, np.int64)
    row, day = np.nonzero(jobs)
    for nth in range(int(jobs.max(initial=0))):
        more = jobs[row, day] > nth
        found[row[more], day[more]] += draw.choice(size, int(more.sum()))
    return found


def _mean(world: World, draw: np.random.Generator) -> Floats:
    """Pieces a day: season, weekday, how busy a shop's week is, and a level that wanders."""
    days = np.arange(world.days)
    season = world.of_part([part.season for part in world.parts])
    swing = 1 + season[:, None] * np.cos(2 * np.pi * (days - 15) / 365)
    weeks = -(-world.days // 7)
    busy = draw.gamma(12, 1 / 12, (len(world.opens), weeks))[world.shop][:, days // 7]
    months = -(-world.days // 28)
    steps = draw.normal(0, 0.12, (len(world.part), months)).cumsum(axis=1)
    wander = np.exp(steps - steps.mean(axis=1, keepdims=True))[:, days // 28]
    mean: Floats = world.rate[:, None] / 7 * swing * _WEEKDAYS[days % 7] / _WEEKDAYS.mean() * busy * wander
    return mean * _there(world, days)


def _there(world: World, days: Ints) -> Floats:
    """Shops that open or fade, and mechanics who go over from the old number to the new."""
    share = np.where(days >= world.opens[world.shop][:, None], 1.0, 0.0)
    fading = np.clip((days - world.fades[:, None]) / _FADES_DAYS, 0, 1) * (1 - _FADES_TO)
    share *= np.where(world.fades[:, None] < NEVER, 1 - fading, 1.0)[world.shop]
    old, heir, day = world.superseded
    gone = np.clip((days - day) / _SWITCH_DAYS, 0, 1)
    share[world.part == old] *= 1 - gone
    share[world.part == heir] *= gone
    return share
