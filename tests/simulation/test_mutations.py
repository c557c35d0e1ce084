"""The simulation finds a protection that is taken out: a small seed for each of the first; `make soak` has them all."""

import pytest

from tests.simulation.forked_runs import Played, played
from tests.simulation.mutations import IN_EVERY_TEST, Mutation, broken_rules, words


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Played]:
    """A run without each of them."""
    names = tuple(mutation.name for mutation in IN_EVERY_TEST)
    done = played(tmp_path_factory.mktemp("without"), *map(words, IN_EVERY_TEST), without=names)
    return dict(zip(names, done, strict=True))


@pytest.mark.parametrize("mutation", IN_EVERY_TEST, ids=lambda mutation: mutation.name)
def test_without_it_the_simulation_finds_something(mutation: Mutation, runs: dict[str, Played]) -> None:
    run = runs[mutation.name]
    assert run.status == 1, run.complaint
    assert broken_rules(run.report) & mutation.rules, run.report["account"]
