"""The simulation finds a protection that is taken out: a small seed for each of the first; `make soak` has them all."""

from pathlib import Path

import pytest

from tests.simulation.mutations import IN_EVERY_TEST, Mutation, broken_rules, run


@pytest.mark.parametrize("mutation", IN_EVERY_TEST, ids=lambda mutation: mutation.name)
def test_without_it_the_simulation_finds_something(mutation: Mutation, tmp_path: Path) -> None:
    status, report = run(mutation, tmp_path)
    assert status == 1
    assert broken_rules(report) & mutation.rules, report["account"]
