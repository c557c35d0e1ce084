"""The short form of `make soak`: five cabinets, Mosquitto, the gateway and the cloud on PostgreSQL, all under fire.

What strikes is drawn from the seed; when it strikes, nobody knows. `tests/soak/` has the whole of it.
"""

import asyncio
from itertools import islice
from pathlib import Path
from random import Random

import pytest

from tests.soak.faults import Draws
from tests.soak.mosquitto import MOSQUITTO
from tests.soak.rough_shop import run_on_servers

SECONDS = 12
GAP_S = (0.2, 1.0)  # between two faults: every kind has its turn within the time


def test_nothing_is_lost_or_doubled_under_fire(tmp_path: Path) -> None:
    if MOSQUITTO is None:
        pytest.skip("mosquitto is not installed")
    outcome = asyncio.run(run_on_servers(tmp_path, seed=11, seconds=SECONDS, gap_s=GAP_S))
    account = "\n".join([*outcome.found.differences, *outcome.account])
    assert outcome.arrived, account
    assert outcome.good, account
    assert outcome.found.sessions > 0
    for what in ("gateway_killed", "cloud_killed", "postgres_killed", "broker_killed", "power_cut", "link_"):
        assert any(kind.startswith(what) for kind in outcome.struck), outcome.struck


def test_the_same_seed_draws_the_same_faults() -> None:
    kinds = ["gateway_killed", "power_cut", "link_cut"]
    drawn = [list(islice(Draws(Random(seed), kinds, GAP_S), 9)) for seed in ("1", "1", "2")]
    assert drawn[0] == drawn[1]
    assert drawn[0] != drawn[2]
    for first in (0, 3, 6):
        assert sorted(fault.kind for fault in drawn[0][first : first + 3]) == sorted(kinds), "each in its turn"
