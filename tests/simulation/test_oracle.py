"""The oracle at rest: a sound day passes, and each thing broken by hand afterwards is found under its rule."""

from pathlib import Path

import pytest

from simulator.verdict import RULES, Excused, Truth, Verdict
from tests.gateway.world import EPOCH, NOW_MS
from tests.simulation.oracle_breaks import BROKEN
from tests.simulation.oracle_world import TRUTH, TWO, World, break_in, live_a_day


def rules(verdict: Verdict) -> set[str]:
    """The rules that do not hold."""
    return {violation.rule for violation in verdict.violations}


def broken(world: World, side: str, *statements: str) -> Verdict:
    """The verdict after something was changed in a database, unseen until then."""
    world.oracle.release()
    break_in(world.folder / f"{side}.db", *statements)
    return world.judge()


def test_a_sound_day_passes_step_by_step_and_at_rest(tmp_path: Path) -> None:
    world = World(tmp_path)
    live_a_day(world)
    verdict = world.judge()
    world.stop()
    assert world.found == []
    assert verdict.good, verdict.violations
    assert (verdict.events, verdict.sessions, verdict.lost, verdict.doubled) == (11, 2, 0, 0)


@pytest.mark.parametrize("side", ["gateway", "cloud"])
def test_to_lose_triggers_and_keys_alone_is_no_fault(world: World, side: str) -> None:
    assert broken(world, side).violations == []


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_broken_is_found(world: World, what: str) -> None:
    rule, side, *statements = BROKEN[what]
    verdict = broken(world, side, *statements)
    assert rule in rules(verdict), verdict
    assert not verdict.good


def test_every_rule_of_the_databases_is_tried_here() -> None:
    heard = {"lock_bounded", "boots", "flushed", "nobody_blocked"}  # see the other tests of the oracle
    assert {rule for rule, *_ in BROKEN.values()} == set(RULES) - heard


@pytest.mark.parametrize(("what", "lost", "doubled"), [
    ("an event is gone", 1, 0),
    ("a whole journal is gone", 2, 0),
    ("events are passed over though nothing was restored", 1, 0),
    ("an event is there twice", 0, 1),
    ("a movement is there twice", 0, 1),
    ("a session is booked once more from another event", 0, 1),
    ("a movement is twice in the cloud", 0, 1),
    ("a balance is changed", 0, 0),
])  # fmt: skip
def test_what_is_lost_or_doubled_is_counted(world: World, what: str, lost: int, doubled: int) -> None:
    _, side, *statements = BROKEN[what]
    verdict = broken(world, side, *statements)
    assert (verdict.lost, verdict.doubled) == (lost, doubled), verdict


# ---- the truth ----


def judged(world: World, **real: Truth) -> Verdict:
    """The verdict when bin 1 of `cab_1` or `cab_2` really holds something else."""
    truth = TRUTH | {(cabinet.replace("_", "-"), 1): found for cabinet, found in real.items()}
    return world.oracle.at_rest(NOW_MS, truth, world.on_flash())


def test_a_bin_may_differ_while_a_discrepancy_is_open_for_it(world: World) -> None:
    assert judged(world, cab_2=Truth("OF-1", "piece", 8)).good
    assert rules(judged(world, cab_1=Truth("OF-1", "piece", 4))) == {"true_stock"}


def test_and_no_longer_when_it_is_resolved(world: World) -> None:
    database = world.folder / "gateway.db"
    world.oracle.release()
    break_in(database, "INSERT INTO resolution SELECT id, 'wang', '', '', 1 FROM discrepancy WHERE cabinet = 'cab-2'")
    found = judged(world, cab_2=Truth("OF-1", "piece", 8)).violations
    assert [str(violation) for violation in found if violation.rule == "true_stock"] == [
        "true_stock: cab-2 bin 1: expected 8 piece of OF-1 by truth, found 9 by the ledger, "
        "and no discrepancy is open for it"
    ]


@pytest.mark.parametrize(("grams", "good"), [(4820, True), (4780, True), (4821, False), (4779, False)])
def test_grams_may_differ_by_the_dead_band(world: World, grams: int, good: bool) -> None:
    truth = TRUTH | {("cab-1", 2): Truth("BLT-8", "gram", grams, 20)}
    assert world.oracle.at_rest(NOW_MS, truth, world.on_flash()).good == good


def test_a_bin_of_which_nobody_knows_is_excused(world: World) -> None:
    truth = {("cab-1", 1): Truth("OF-1", "piece", 4)}
    excused = Excused(bins=frozenset({("cab-1", 1)}))
    assert world.oracle.at_rest(NOW_MS, truth, world.on_flash(), excused).good


# ---- the journals ----


def test_a_journal_that_goes_on_is_behind(world: World) -> None:
    lasts = world.on_flash() | {"cab-2": {TWO: 5}}
    verdict = world.oracle.at_rest(NOW_MS, TRUTH, lasts)
    assert (verdict.lost, verdict.events) == (3, 14)
    assert [str(violation) for violation in verdict.violations] == [
        f"nobody_blocked: cab-2/{TWO}: expected the gateway at event 5, the last of the journal, missing 3: 3, 4, 5"
    ]


@pytest.mark.parametrize("why", ["waiting", "destroyed"])
def test_what_cannot_come_is_excused_and_counted(world: World, why: str) -> None:
    excused = Excused(**{why: frozenset({("cab-2", TWO)})})
    verdict = world.oracle.at_rest(NOW_MS, TRUTH, world.on_flash() | {"cab-2": {TWO: 5}}, excused)
    assert verdict.good, verdict.violations
    assert (verdict.lost, getattr(verdict, why)) == (0, 3)


@pytest.mark.parametrize("why", ["waiting", "destroyed"])
def test_what_was_acknowledged_is_never_excused(world: World, why: str) -> None:
    excused = Excused(**{why: frozenset({("cab-2", TWO)})})
    world.oracle.release()
    break_in(world.folder / "gateway.db", "DELETE FROM inbox WHERE cabinet = 'cab-2' AND seq = 2")
    verdict = world.judge(excused)
    assert verdict.lost == 1
    assert "acknowledged" in rules(verdict)


def test_a_destroyed_journal_need_not_be_on_any_flash(world: World) -> None:
    lasts = {"cab-1": world.on_flash()["cab-1"]}
    assert world.oracle.at_rest(NOW_MS, TRUTH, lasts, Excused(destroyed=frozenset({("cab-2", TWO)}))).good
    assert rules(world.oracle.at_rest(NOW_MS, TRUTH, lasts)) == {"flushed"}


def test_what_was_sent_stands_in_the_flash(world: World) -> None:
    verdict = world.oracle.at_rest(NOW_MS, TRUTH, world.on_flash() | {"cab-1": {EPOCH: 8}})
    assert [str(violation) for violation in verdict.violations] == [
        f"flushed: cab-1/{EPOCH}: expected event 9 on the flash, for it was sent, found 8"
    ]


def test_a_verdict_is_short_whatever_is_found(world: World) -> None:
    verdict = world.oracle.at_rest(
        NOW_MS, {("cab-9", at): Truth("P", "piece", 1) for at in range(50)}, world.on_flash()
    )
    assert len(verdict.violations) == 21
    assert verdict.violations[-1].account == "and 30 more"
