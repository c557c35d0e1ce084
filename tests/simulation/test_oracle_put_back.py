"""The oracle when a database is another one: put back from a backup, made anew, or under new files of its name."""

import shutil
from pathlib import Path

import pytest

from tests.gateway.test_journals import HEALTH, health
from tests.simulation.oracle_world import World, change, put_back, visit


def found_at_rest(world: World) -> set[str]:
    """The rules that do not hold."""
    return {violation.rule for violation in world.judge().violations}


def save(world: World, name: str) -> None:
    """Keep a copy of a database. Both programs go on after it."""
    world.stop()
    shutil.copy(world.folder / f"{name}.db", world.folder / f"{name}.backup")
    world.start()


def test_a_gateway_put_back_has_lost_what_it_does_not_hear_again(world: World) -> None:
    save(world, "gateway")
    world.tell(world.journals[0], visit(world))
    put_back(world, "gateway")
    assert world.found == []
    verdict = world.judge()
    assert [violation.rule for violation in verdict.violations] == ["acknowledged"]
    assert "yesterday's backup" in verdict.violations[0].account
    assert verdict.lost == 4


def test_a_gateway_put_back_is_whole_when_it_has_heard_all_again(world: World) -> None:
    save(world, "gateway")
    start = visit(world)
    world.tell(world.journals[0], start)
    put_back(world, "gateway")
    world.tell(world.journals[0], start)
    world.upload()
    assert world.found == []
    verdict = world.judge()
    assert verdict.good, verdict.violations


def test_a_gateway_put_back_dates_anew_what_the_cloud_has_dated(world: World) -> None:
    save(world, "gateway")
    start = visit(world)
    world.tell(world.journals[0], start)
    world.upload()
    put_back(world, "gateway")
    assert world.shop is not None
    world.shop.clock_ms += 60_000
    world.shop.do(world.shop.writer.begin_epoch)
    world.step()
    world.tell(world.journals[0], start)
    world.upload()
    assert world.found == []
    verdict = world.judge()
    assert verdict.good, verdict.violations


def test_what_cannot_be_heard_again_is_lost_unless_the_gateway_says_so(world: World) -> None:
    save(world, "gateway")
    start = visit(world)
    visit(world)
    one = world.journals[0]
    world.tell(one, start)
    put_back(world, "gateway")
    assert world.shop is not None
    world.shop.take(HEALTH, health(journal_first=start + 5, journal_last=len(one.lines), journal_through=start + 4))
    world.tell(one, start + 4)
    world.upload()
    assert world.found == []
    verdict = world.judge()
    assert verdict.good, verdict.violations
    assert (verdict.stated, verdict.lost, verdict.events) == (4, 0, 19)
    change(
        world,
        "gateway",
        "DROP TRIGGER discrepancy_refuse_update",
        "UPDATE discrepancy SET reason = 'other' WHERE reason = 'journal_forgotten'",
    )
    verdict = world.judge()
    assert (verdict.stated, verdict.lost) == (0, 4)


@pytest.mark.parametrize("came_later", [False, True])
def test_a_gateway_made_anew_from_the_cloud_is_whole_when_the_cabinets_have_sent_the_rest(
    world: World, came_later: bool
) -> None:
    world.start()
    start = visit(world)
    world.tell(world.journals[0], start)  # acknowledged, and not in the cloud yet
    assert world.cloud is not None
    world.cloud.restore(world.folder / "gateway.backup")
    put_back(world, "gateway")
    if came_later:
        world.tell(world.journals[0], start)
    world.upload()
    assert world.found == []
    verdict = world.judge()
    assert verdict.good == came_later, verdict.violations
    assert verdict.lost == (0 if came_later else 4)


def test_another_file_under_the_same_name_is_noticed(world: World) -> None:
    """As after a program's death in mid-write: what lay on disk then, under new files of the same names."""
    shop = world.start()
    one = world.journals[0]
    world.tell(one, visit(world))
    for suffix in ("", "-wal"):
        shutil.copyfile(f"{shop.path}{suffix}", f"{shop.path}{suffix}.dead")
    shop.close()
    for suffix in ("", "-wal"):
        Path(f"{shop.path}{suffix}.dead").replace(f"{shop.path}{suffix}")
    Path(f"{shop.path}-shm").unlink(missing_ok=True)
    world.start()
    world.tell(one, visit(world))
    world.upload()
    assert world.found == []
    verdict = world.judge()
    assert verdict.good, verdict.violations


def test_a_cloud_put_back_lacks_what_it_has_not_got_again(world: World) -> None:
    save(world, "cloud")
    world.tell(world.journals[0], visit(world))
    world.upload()
    put_back(world, "cloud")
    assert world.shop is not None
    world.oracle.receipt(world.shop.store.epoch, world.shop.value("select through from upload"))  # it was under way
    world.step()
    assert world.found == []
    assert found_at_rest(world) == {"same_in_cloud"}


def test_a_cloud_put_back_is_whole_when_it_has_got_the_rest_again(world: World) -> None:
    save(world, "cloud")
    world.tell(world.journals[0], visit(world))
    world.upload()
    put_back(world, "cloud")
    world.upload()
    assert world.found == []
    verdict = world.judge()
    assert verdict.good, verdict.violations


def test_a_database_that_goes_back_untold_is_found(world: World) -> None:
    save(world, "gateway")
    world.tell(world.journals[0], visit(world))
    put_back(world, "gateway", told=False)
    assert "in_order" in {violation.rule for violation in world.found}
