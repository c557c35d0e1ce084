"""When hands move: a visit as a timed script of what the cells feel, from the unlock on.

Pure. A script is [(at_ms, what, bin, for_ms, mg)] in order of time, integers only: it can be played on any runtime.
"""

from math import exp, log
from random import Random
from typing import NamedTuple

from simulator.count_bench.standard_mix import Reach, Visit
from simulator.count_bench.weighed_session import HAND, LEAN, PLACE, SLAM

OPENS_MS = (300, 1000)
LOOKS_MS = (300, 1500)  # from the open door to the first reach
IN_BIN_MS = (500, 2000)
RUMMAGES = 0.15
RUMMAGES_MS = (2000, 20000)
GAP_MEDIAN_MS = 2000
GAP_SIGMA = 0.5
GAP_MS_MIN = 1200  # two moves of 40 cm and letting go (MTM-1)
SHUTS_MS = (500, 2000)

Action = tuple[int, int, int, int, int]  # at_ms, what, bin from 0, for_ms, mg


class Script(NamedTuple):
    """What a session does to the cells, in milliseconds since the unlock."""

    opened_ms: int
    shut_ms: int
    actions: tuple[Action, ...]


def script_of(visit: Visit, loads_mg: list[int], random: Random) -> Script:
    """Draw when everything of a visit happens; `loads_mg` lay in the bins before."""
    loads_mg = list(loads_mg)
    opened_ms = random.randint(*OPENS_MS)
    at_ms = opened_ms + random.randint(*LOOKS_MS)
    actions: list[Action] = []
    for number, reach in enumerate(visit.reaches):
        if number:
            at_ms += max(_gap_ms(random), reach.gap_ms_min)
        until_ms = at_ms + _in_bin_ms(random)
        actions += _reach(reach, at_ms, until_ms, loads_mg)
        at_ms = until_ms
    shut_ms = at_ms + random.randint(*SHUTS_MS)
    actions.append((shut_ms, SLAM, 0, 0, 0))
    return Script(opened_ms, shut_ms, tuple(actions))


def _reach(reach: Reach, at_ms: int, until_ms: int, loads_mg: list[int]) -> list[Action]:
    """The hand, an arm that leans, and the step that rings as the hand leaves."""
    actions = [(at_ms, HAND, reach.bin, until_ms - at_ms, 0)]
    if reach.lean_mg:
        actions = [(at_ms, LEAN, reach.bin, until_ms - at_ms, reach.lean_mg)]
    if reach.out or reach.into:
        loads_mg[reach.bin] += sum(thing.mass_mg for thing in reach.into) - sum(thing.mass_mg for thing in reach.out)
        actions.append((until_ms, PLACE, reach.bin, 0, loads_mg[reach.bin]))
    return actions


def _gap_ms(random: Random) -> int:
    return max(GAP_MS_MIN, round(exp(random.gauss(log(GAP_MEDIAN_MS), GAP_SIGMA))))


def _in_bin_ms(random: Random) -> int:
    return random.randint(*(RUMMAGES_MS if random.random() < RUMMAGES else IN_BIN_MS))
