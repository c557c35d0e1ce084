"""A release on its way over a dealer's cabinets: in stages, stopped by itself, taken back, and by people's word."""

import pytest

from cloud.rollouts.following import look_at_all
from cloud.tables import ShopFeed
from tests.cloud.conftest import Cloud
from tests.cloud.replenishment.alert_world import judge
from tests.cloud.rollouts.rollout_world import BOARD, GOOD, HOUR_MS, OLD, Fleet, ModelCabinet, make_fleet

SQLITE = pytest.mark.parametrize("kind", ["sqlite"])


def _returns(cabinet: ModelCabinet) -> None:
    """It does not prove itself on trial."""
    cabinet.version, cabinet.trial, cabinet.state = cabinet.before, False, "returned"
    cabinet.reason, cabinet.order = "expected bins to be scanned, found it stopped", None
    cabinet.starts += 1


def _restarts(cabinet: ModelCabinet) -> None:
    """It confirms, and its watchdog bites from then on."""
    cabinet.cause = "watchdog"


def _switch_off(fleet: Fleet, times: int) -> None:
    """Every shop switches its cabinets off and on again."""
    for cabinet in fleet.all():
        cabinet.starts, cabinet.cause = cabinet.starts + times, "power_on"


def test_a_good_release_reaches_all_in_stages(cloud: Cloud) -> None:
    """One, two, seven: each stage is watched before the next, and no two of a shop come before every shop had one."""
    fleet = make_fleet(cloud, 5, 2)
    name = fleet.begin(GOOD)
    begun: list[int] = []
    for _ in range(36):
        fleet.pass_time(10, every=10)
        begun.append(fleet.versions().get(GOOD, 0))
    view = fleet.rollout(name)
    assert fleet.versions() == {GOOD: 10}, view
    assert view["state"] == "done"
    assert sorted(set(begun)) == sorted(set(begun) & {0, 1, 2, *range(3, 11)})
    assert [stage["cabinets"] for stage in view["of_stages"]] == [1, 1, 8]
    early = {each["shop"] for each in view["of_cabinets"] if each["stage"] < 2}
    assert len(early) == 2
    stage_times = {step["what"]: step["at_ms"] for step in reversed(view["steps"]) if not step["cabinet"]}
    assert stage_times["done"] - stage_times["stage"] >= 30 * 60_000
    assert {cabinet.versions[-1] for cabinet in fleet.all()} == {GOOD}


@SQLITE
def test_a_release_that_cabinets_give_up_stops_at_its_first_stage(cloud: Cloud) -> None:
    """One cabinet had it for minutes; nobody else was told of it, and people are."""
    fleet = make_fleet(cloud, 10, 5)
    fleet.bad[GOOD] = _returns
    name = fleet.begin(GOOD)
    fleet.pass_time(12 * 60, every=30)
    view = fleet.rollout(name)
    assert (view["state"], view["stage"], view["why"]["kind"]) == ("stopped", 0, "returned")
    assert fleet.versions() == {OLD: 50}
    assert sum(GOOD in cabinet.versions for cabinet in fleet.all()) == 1
    judge(cloud)
    [alert] = [each for each in cloud.get("/api/alerts") if each["kind"] == "rollout_stopped"]
    assert (alert["figures"]["version"], alert["figures"]["sign"]) == (GOOD, "returned")
    fleet.do(name, "end")
    assert len(judge(cloud).ended) == 1
    [hit] = [each for each in view["of_cabinets"] if each["state"] == "returned"]
    assert hit["reason"] == "expected bins to be scanned, found it stopped"


@SQLITE
@pytest.mark.parametrize("takes_back", [True, False])
def test_one_that_confirms_and_works_badly_is_taken_back(cloud: Cloud, takes_back: bool) -> None:
    """By itself when somebody chose that, else when somebody says so."""
    fleet = make_fleet(cloud, 4, 3)
    fleet.put_up(OLD)
    fleet.bad[GOOD] = _restarts
    name = fleet.begin(GOOD, takes_back=takes_back, soak_min=[300])
    for _ in range(40):
        for cabinet in fleet.all():
            if cabinet.version == GOOD and cabinet.cause == "watchdog" and not cabinet.trial:
                cabinet.starts += 1
        fleet.pass_time(15, every=15)
    view = fleet.rollout(name)
    assert (view["state"], view["why"]["kind"], view["stage"]) == ("stopped", "watchdog", 0)
    if not takes_back:
        assert fleet.versions() == {GOOD: 1, OLD: 11}
        assert (view["can_go_back"], view["confirmed"]) == (True, 1)
        fleet.do(name, "take-back")
        fleet.pass_time(60)
        assert fleet.rollout(name)["state"] == "ended"
    assert fleet.versions() == {OLD: 12}
    assert "went_back" in {each["state"] for each in fleet.rollout(name)["of_cabinets"]}


@SQLITE
def test_what_is_as_before_or_as_the_others_does_not_stop_it(cloud: Cloud) -> None:
    """A cabinet with a blind bin from before; a gateway that is away; cabinets that all shops switch off at night."""
    fleet = make_fleet(cloud, 6, 2)
    fleet.shops["s01"].cabinets["c1"].blind = 2
    for _ in range(3):
        _switch_off(fleet, 4)
        fleet.pass_time(24 * 60, every=24 * 60)
    name = fleet.begin(GOOD, soak_min=[120])
    fleet.pass_time(60)
    fleet.shops["s02"].is_silent = True
    for _ in range(6):
        _switch_off(fleet, 1)
        fleet.pass_time(6 * 60, every=30)
    view = fleet.rollout(name)
    assert view["state"] == "running", view["why"]
    assert fleet.versions() == {GOOD: 10, OLD: 2}
    fleet.shops["s02"].is_silent = False  # who was away gets it when it is back
    fleet.pass_time(8 * 60, every=30)
    assert (fleet.rollout(name)["state"], fleet.versions()) == ("done", {GOOD: 12})


@SQLITE
def test_old_gateways_and_other_boards_are_told_apart(cloud: Cloud) -> None:
    """A gateway that cannot is said to be updated first; once it is, its cabinets follow by themselves, days later."""
    fleet = make_fleet(cloud, 3, 2, old=("s01",))
    name = fleet.begin(GOOD, soak_min=[10])
    fleet.pass_time(2 * 60)
    view = fleet.rollout(name)
    assert {each["state"] for each in view["of_cabinets"] if each["shop"] == "s01"} == {"gateway_old"}
    assert fleet.versions() == {OLD: 2, GOOD: 4}
    assert cloud.get("/api/firmware")["old_gateways"] == 1
    assert (view["state"], view["out_of_reach"], view["goes_on"]) == ("done", 2, True)
    fleet.pass_time(6 * 24 * 60, every=24 * 60)
    fleet.shops["s02"].cabinets["c1"].blind = 3  # days later, and not by the release
    fleet.shops["s01"].knows = True
    fleet.pass_time(2 * 60, every=10)
    view = fleet.rollout(name)
    assert (view["state"], view["out_of_reach"], view["goes_on"]) == ("done", 0, False), view["why"]
    assert fleet.versions() == {GOOD: 6}
    assert [step["what"] for step in view["steps"] if not step["cabinet"]][:3] == ["done", "watched", "resumed"]
    steps = cloud.get("/api/shops/s01/cabinets/c1/firmware-steps")
    assert {(step["rollout"], step["version"]) for step in steps} == {(name, GOOD)}
    whats = [step["what"].removeprefix("cabinet_") for step in steps]
    assert (whats[0], whats[-1]) == ("confirmed", "gateway_old")


@SQLITE
def test_a_release_that_nobody_could_try_comes_to_one_first(cloud: Cloud) -> None:
    """Every gateway is too old, then all are updated at once; what was ended or overtaken does not go on."""
    fleet = make_fleet(cloud, 4, 2, old=("s01", "s02", "s03", "s04"))
    fleet.bad[GOOD] = _returns
    name = fleet.begin(GOOD, soak_min=[10])
    fleet.pass_time(150, every=15)
    view = fleet.rollout(name)
    assert (view["state"], view["out_of_reach"], fleet.versions()) == ("done", 8, {OLD: 8})
    for shop in fleet.shops.values():
        shop.knows = True
    fleet.pass_time(150, every=15)
    view = fleet.rollout(name)
    assert (view["state"], view["stage"], view["why"]["kind"]) == ("stopped", 0, "returned")
    assert sum(GOOD in cabinet.versions for cabinet in fleet.all()) == 1
    fleet.do(name, "end")
    fleet.shops["s01"].knows = False
    second = fleet.begin("0.4.0", soak_min=[0])
    fleet.pass_time(6 * 60, every=15)
    assert (fleet.rollout(second)["goes_on"], fleet.rollout(name)["goes_on"]) == (True, False)
    third = fleet.begin("0.5.0", soak_min=[0], leave_out=["s01"])
    fleet.pass_time(6 * 60, every=15)
    fleet.shops["s01"].knows = True
    fleet.pass_time(6 * 60, every=15)
    assert (fleet.rollout(second)["goes_on"], fleet.rollout(third)["state"]) == (False, "done")
    assert fleet.versions() == {OLD: 2, "0.5.0": 6}


@SQLITE
def test_people_pause_leave_out_go_on_and_end(cloud: Cloud) -> None:
    """All of it audited; what the state does not allow is refused with a sentence."""
    fleet = make_fleet(cloud, 4, 2)
    name = fleet.begin(GOOD, soak_min=[10])
    assert fleet.do(name, "leave-out", shop="s03")["state"] == "running"
    fleet.do(name, "pause")
    fleet.pass_time(120, every=30)
    assert fleet.versions() == {OLD: 8}
    refused = cloud.browser().post(f"/api/rollouts/{name}/pause")
    assert (refused.status_code, "expected a rollout that is running" in refused.text) == (409, True)
    fleet.do(name, "go-on")
    fleet.pass_time(5 * 60, every=10)
    assert fleet.versions() == {GOOD: 6, OLD: 2}
    other = fleet.put_up("0.4.0")["id"]
    second = cloud.browser().post("/api/rollouts", json={"release": other})
    assert second.status_code == 201
    ended = fleet.do(second.json()["id"], "end")
    assert ended["state"] == "ended"
    actions = [line["action"] for line in cloud.get("/api/audit")["lines"]]
    assert {"rollout.begun", "rollout.left_out", "rollout.paused", "rollout.went_on", "rollout.ended"} <= set(actions)


def test_looking_twice_tells_once(cloud: Cloud) -> None:
    """After a restart, or by two processes: an order is given once."""
    fleet = make_fleet(cloud, 2, 2)
    fleet.begin(GOOD)
    for _ in range(3):
        look_at_all(cloud.services.database, cloud.clock.ms)
    assert cloud.count(ShopFeed) == 1
    rollout, rows = fleet.rows()
    assert sorted(row.state for row in rows) == ["told", "waiting", "waiting", "waiting"]
    assert rollout.state == "running"


@SQLITE
def test_hours_pace_and_boards(cloud: Cloud) -> None:
    """Cabinets are begun in the hours of their shop alone, and no faster than was said; a board must fit."""
    fleet = make_fleet(cloud, 3, 1)
    cloud.clock.ms += -cloud.clock.ms % (24 * HOUR_MS)  # midnight UTC: eight in the morning at the shop
    name = fleet.begin(GOOD, from_min=19 * 60, to_min=7 * 60, soak_min=[0])
    fleet.pass_time(10 * 60, every=30)
    assert fleet.versions() == {OLD: 3}
    fleet.pass_time(5 * 60, every=5)
    assert fleet.versions() == {GOOD: 3}
    assert fleet.rollout(name)["state"] == "done"
    wrong = cloud.browser().post("/api/rollouts", json={"release": fleet.put_up("0.9.0")["id"], "from_min": 5})
    assert (wrong.status_code, "both ends" in wrong.text) == (422, True)
    assert BOARD in cloud.get("/api/releases")[0]["boards"]
