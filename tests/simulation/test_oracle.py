"""The oracle: a sound day passes, and each thing broken by hand afterwards is found under its rule."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulation.oracle_world import World, break_in, copy_of, live_a_day


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A world after its day, at rest and closed."""
    world = World(tmp_path_factory.mktemp("lived"))
    live_a_day(world)
    world.stop()
    return world


@pytest.fixture
def world(lived: World, tmp_path: Path) -> Iterator[World]:
    """A copy of it, for one test to break."""
    copied = copy_of(lived, tmp_path / "copy")
    yield copied
    copied.stop()


def test_a_sound_day_passes_step_by_step_and_at_rest(tmp_path: Path) -> None:
    world = World(tmp_path)
    live_a_day(world)
    verdict = world.judge()
    world.stop()
    assert world.found == []
    assert verdict.good, verdict.violations
    assert (verdict.events, verdict.sessions, verdict.lost, verdict.doubled) == (11, 2, 0, 0)


MOVED = "cab-1/0123456789abcdef/5/1/session"

# What is broken: the rule that must find it at rest, the database, the statements.
BROKEN = {
    "a posting changed": (
        "balanced",
        "gateway",
        f"UPDATE posting SET quantity = 3 WHERE movement = '{MOVED}' AND line = 1",
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_broken_is_found(world: World, what: str) -> None:
    rule, side, *statements = BROKEN[what]
    world.oracle.release()
    break_in(world.folder / f"{side}.db", *statements)
    verdict = world.judge()
    assert rule in {violation.rule for violation in verdict.violations}, verdict
    assert not verdict.good
