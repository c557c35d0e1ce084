"""The oracle's ear at the hardware: coils that are on for too long, boards that do not come up."""

from pathlib import Path

import pytest

from simulator.oracle import Oracle
from tests.gateway.world import NOW_MS

DOOR = ("cab-1", 1)
LIMIT_MS = 5100  # the lock's 5000 and the allowance


@pytest.fixture
def oracle(tmp_path: Path) -> Oracle:
    """An oracle of a cabinet with one door and no databases."""
    return Oracle(tmp_path / "gateway.db", tmp_path / "cloud.db", {DOOR: 5000})


def accounts(oracle: Oracle, after_ms: int) -> list[str]:
    """What is found after so long."""
    return [str(violation) for violation in oracle.after_step(NOW_MS + after_ms)]


def test_a_coil_within_its_limit_is_well(oracle: Oracle) -> None:
    oracle.lock(*DOOR, True, NOW_MS)
    assert accounts(oracle, LIMIT_MS) == []
    oracle.lock(*DOOR, False, NOW_MS + LIMIT_MS)
    oracle.lock(*DOOR, True, NOW_MS + 20_000)
    assert accounts(oracle, 20_000 + LIMIT_MS) == []


def test_a_coil_that_stays_on_is_found_while_it_is_and_once(oracle: Oracle) -> None:
    oracle.lock(*DOOR, True, NOW_MS)
    assert accounts(oracle, LIMIT_MS + 1) == [
        f"lock_bounded: cab-1 door 1: expected the coil on for at most 5100 ms, found 5101 ms since {NOW_MS}"
    ]
    assert accounts(oracle, 9000) == []
    oracle.lock(*DOOR, False, NOW_MS + 9000)
    oracle.lock(*DOOR, True, NOW_MS + 10_000)
    assert len(accounts(oracle, 20_000)) == 1


def test_a_coil_is_measured_from_where_it_went_on_first(oracle: Oracle) -> None:
    oracle.lock(*DOOR, True, NOW_MS)
    oracle.lock(*DOOR, True, NOW_MS + 5000)
    oracle.lock(*DOOR, False, NOW_MS + 6000)
    assert len(accounts(oracle, 6000)) == 1


def test_without_power_a_coil_is_off(oracle: Oracle) -> None:
    oracle.lock(*DOOR, True, NOW_MS)
    oracle.power("cab-1", False, NOW_MS + 4000)
    assert accounts(oracle, 60_000) == []


def test_power_that_goes_too_late_is_no_excuse(oracle: Oracle) -> None:
    oracle.lock(*DOOR, True, NOW_MS)
    oracle.power("cab-2", False, NOW_MS + 4000)
    oracle.power("cab-1", False, NOW_MS + 6000)
    assert len(accounts(oracle, 6000)) == 1


def test_a_lock_nobody_knows_of_is_found(oracle: Oracle) -> None:
    oracle.lock("cab-1", 2, True, NOW_MS)
    assert accounts(oracle, 1) == ["lock_bounded: expected a lock of this run, found door 2 of cab-1"]


def test_a_board_comes_up_in_time(oracle: Oracle) -> None:
    oracle.power("cab-1", True, NOW_MS)
    assert accounts(oracle, 60_000) == []
    oracle.booted("cab-1", NOW_MS + 60_000)
    assert accounts(oracle, 600_000) == []


def test_a_board_that_does_not_come_up_is_found_once(oracle: Oracle) -> None:
    oracle.power("cab-1", True, NOW_MS)
    assert accounts(oracle, 60_001) == [
        f"boots: cab-1: expected the main loop within 60000 ms of power at {NOW_MS}, found none after 60001 ms"
    ]
    assert accounts(oracle, 70_000) == []


def test_a_board_that_comes_up_late_is_found(oracle: Oracle) -> None:
    oracle.power("cab-1", True, NOW_MS)
    oracle.booted("cab-1", NOW_MS + 60_001)
    assert len(accounts(oracle, 60_001)) == 1


def test_power_cut_again_asks_anew(oracle: Oracle) -> None:
    oracle.power("cab-1", True, NOW_MS)
    oracle.power("cab-1", False, NOW_MS + 30_000)
    assert accounts(oracle, 90_000) == []
    oracle.power("cab-1", True, NOW_MS + 90_000)
    assert accounts(oracle, 150_000) == []
    assert len(accounts(oracle, 150_001)) == 1
