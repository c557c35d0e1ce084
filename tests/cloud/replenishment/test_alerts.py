"""Alerts as they are kept and seen: once each, ended by themselves, taken on; of one's own shops and bins alone."""

import threading
from typing import Any

import msgspec
import pytest
from sqlalchemy import func, text
from sqlmodel import col, select

from cloud.replenishment.alerts import turns
from cloud.replenishment.alerts.judge import Judge
from cloud.replenishment.alerts.matters import DAY_MS, HOUR_MS, MINUTE_MS
from cloud.tables import Alert, AuditEntry, BinPolicy, PartPrice, Visit, VisitLine
from edge_gateway.upload_format import CabinetStatus, GatewayStatus
from tests.cloud import people_world, worlds
from tests.cloud.conftest import Cloud
from tests.cloud.replenishment.alert_world import KINDS, Bin, judge
from tests.cloud.worlds import FILTER, NOW_MS, discrepancy, movement, opening, take, upload

SOUTH = "wang@south.example"


def open_alerts(cloud: Cloud, email: str = "li@north.example", query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = cloud.get(f"/api/alerts{query}", email=email)
    return found


def report(cloud: Cloud, blind: int = 0, *, heard_ms: int | None = None, gateway: str = "gw-1") -> None:
    """What a gateway says of its first cabinet."""
    heard_ms = cloud.clock.ms if heard_ms is None else heard_ms
    status = GatewayStatus(gateway, 0, 0, 1, [CabinetStatus("cab-1", heard_ms, True, 0, blind, "0.1.0")])
    headers = {"Authorization": f"Bearer {worlds.KEYS[gateway]}"}
    answer = cloud.client.post("/api/gateway/status", content=msgspec.json.encode(status), headers=headers)
    assert answer.status_code == 204


def test_an_alert_begins_once_and_ends_by_itself(cloud: Cloud) -> None:
    place = Bin(cloud)
    place.start()
    assert judge(cloud).began == []
    place.empty()
    [first] = judge(cloud).began
    assert judge(cloud).began == judge(cloud).continued == []
    [shown] = open_alerts(cloud)
    assert (shown["id"], shown["kind"], shown["urgency"], shown["bin"]) == (first, "runs_out", 3, 1)
    assert (shown["shop_name"], shown["part"]["name_zh"], shown["since_ms"]) == ("店 shop-1", "柴油滤清器", NOW_MS)
    place.fill()
    assert judge(cloud).ended == [first]
    assert open_alerts(cloud) == []
    [over] = open_alerts(cloud, query="?state=ended")
    assert (over["ended_ms"], over["ended_why"]) == (NOW_MS, "restocked")
    cloud.clock.ms += HOUR_MS  # within six hours it is the same matter
    place.empty()
    assert (judge(cloud).continued, [row["id"] for row in open_alerts(cloud)]) == ([first], [first])
    place.fill()
    assert judge(cloud).ended == [first]
    cloud.clock.ms += 7 * HOUR_MS
    place.empty()
    [second] = judge(cloud).began
    assert second != first
    assert [row["id"] for row in open_alerts(cloud, query="?state=all")] == [second, first]
    assert [row["id"] for row in open_alerts(cloud, query=f"?state=all&limit=1&cursor={second}")] == [first]


def test_a_visit_that_brings_it_ends_it(cloud: Cloud) -> None:
    place = Bin(cloud)
    place.start()
    place.empty()
    [first] = judge(cloud).began
    visit = Visit(
        id="v-1", dealer_id="north", shop_id="shop-1", day="2026-11-18", van="van", stop=1, arrives_min=600,
        state="planned", made_ms=NOW_MS,
    )  # fmt: skip
    with cloud.services.database.writing() as session:
        session.add(visit)
    assert judge(cloud).ended == []
    [shown] = open_alerts(cloud)
    assert (shown["figures"]["visit_day"], shown["figures"]["brings"]) == ("2026-11-18", 0)
    line = VisitLine(
        visit="v-1", line=1, dealer_id="north", shop_id="shop-1", cabinet="cab-1", bin=1, part=FILTER.number,
        purpose="need", quantity=6,
    )  # fmt: skip
    with cloud.services.database.writing() as session:
        session.add(line)
    assert judge(cloud).ended == [first]
    assert open_alerts(cloud, query="?state=ended")[0]["ended_why"] == "visit_brings"


def test_a_forecast_says_how_likely(cloud: Cloud) -> None:
    """Two filters, and one a day is asked for: the chance is stated, and grows as the visit lies further off."""
    place = Bin(cloud)
    place.start()
    row = BinPolicy(
        shop_id="shop-1", cabinet="cab-1", bin=1, part=FILTER.number, dealer_id="north", computed_ms=NOW_MS,
        reorder_point=2, order_up_to=6, aim_ppm=950_000, fill_ppm=950_000, on_hand=3.0, mean_day=1.0, spread_day=1.0,
        forecast='{"day": [1.0, 1.0, 0.0], "step": 1}', lead_days=1,
    )  # fmt: skip
    with cloud.services.database.writing() as session:
        session.add(row)
    assert judge(cloud).began == []  # P(more than two tomorrow) is 8 %
    visit = Visit(
        id="v-1", dealer_id="north", shop_id="shop-1", day="2026-11-21", van="van", stop=1, arrives_min=480,
        state="loaded", made_ms=NOW_MS,
    )  # fmt: skip
    with cloud.services.database.writing() as session:
        session.add(visit)
    [first] = judge(cloud).began
    [shown] = open_alerts(cloud)
    assert (shown["id"], shown["figures"]["stock"], shown["urgency"]) == (first, 2, 2)
    assert shown["figures"]["ppm"] == pytest.approx(761_897, abs=1_000)  # Poisson of four days: 1 - P(2 or fewer)
    with cloud.services.database.writing() as session:
        session.get_one(BinPolicy, ("shop-1", "cab-1", 1, FILTER.number)).forecast = "not a forecast"
    assert judge(cloud).ended == [first]  # nothing is known then, and two are there


def test_blind_bins_and_silence(cloud: Cloud) -> None:
    """A cabinet whose bins flicker is one alert; a shop whose gateway is away is one, too, by its opening hours."""
    cloud.clock.ms += 4 * HOUR_MS  # noon at the shops
    report(cloud, blind=2)
    assert judge(cloud).began == []
    for is_blind in (False, True, False, True):
        cloud.clock.ms += 6 * MINUTE_MS
        report(cloud, blind=2 if is_blind else 0)
        report(cloud, gateway="gw-2")
        judge(cloud)
    [blind] = open_alerts(cloud)
    assert (blind["kind"], blind["cabinet"], blind["cabinet_name_zh"]) == ("sensor_blind", "cab-1", "一号柜")
    cloud.clock.ms += HOUR_MS
    report(cloud, gateway="gw-2")
    [silent] = judge(cloud).began
    assert {row["id"]: row["kind"] for row in open_alerts(cloud)} == {
        blind["id"]: "sensor_blind",
        silent: "no_contact",
    }
    for minutes in (1, 20, 45):
        cloud.clock.ms += minutes * MINUTE_MS
        report(cloud)
        report(cloud, gateway="gw-2")
        judge(cloud)
    assert open_alerts(cloud) == []
    report(cloud, heard_ms=cloud.clock.ms - HOUR_MS)
    [cabinet] = judge(cloud).began
    [shown] = open_alerts(cloud)
    assert (shown["id"], shown["kind"], shown["cabinet"]) == (cabinet, "no_contact", "cab-1")
    cloud.clock.ms += 12 * HOUR_MS  # one in the night: nobody misses it
    assert [row["cabinet"] for row in open_alerts(cloud)] == ["cab-1"]


def test_what_is_missing_and_what_it_is_worth(cloud: Cloud) -> None:
    """Who may not see prices is not told them; once it is explained, it is over."""
    lost = [
        movement(
            f"e{number}/1/level",
            ("bin:cab-1/1", FILTER.number, -1),
            ("unexplained:cab-1:north", FILTER.number, 1),
            cause="unexplained",
            occurred_ms=NOW_MS - number * HOUR_MS,
        )
        for number in (1, 2)
    ]
    question = msgspec.structs.replace(discrepancy("e1/1"), detail='{"movement":"e1/1/level"}')
    cloud.receipt(upload([opening("m0", 20), lost[0], question]))
    judge(cloud)
    assert open_alerts(cloud) == []  # one odd piece is a discrepancy
    with cloud.services.database.writing() as session:
        session.add(PartPrice(dealer_id="north", part=FILTER.number, from_day="2026-01-01", price_minor=4_500))
    cloud.receipt(upload([lost[1]], first=4))
    [first] = judge(cloud).began
    [shown] = open_alerts(cloud)
    figures = shown["figures"]
    assert (figures["lost"], figures["times"], figures["value_minor"], figures["currency"]) == (2, 2, 9_000, "CNY")
    people_world.add_member(cloud, "ren@north.example", "restocker")
    [told] = people_world.browser_of(cloud, "ren@north.example").get("/api/alerts").json()
    assert (told["figures"]["lost"], told["figures"]["value_minor"]) == (2, None)
    answered = msgspec.structs.replace(worlds.resolution("e1/1"), person="p-zhang")
    cloud.receipt(upload([answered], first=5))
    assert judge(cloud).ended == []  # one of the two is still nobody's
    cloud.clock.ms += 8 * DAY_MS
    assert judge(cloud).ended == [first]


def test_somebody_takes_it_on(cloud: Cloud) -> None:
    place = Bin(cloud)
    place.start()
    place.empty()
    [first] = judge(cloud).began
    own, path = cloud.browser(), f"/api/alerts/{first}/taken"
    assert cloud.get("/api/alert-count") == {"open": 1, "untaken": 1}
    taken = own.post(path, json={"note": "下午带过去"}).json()
    assert (taken["seen_by"], taken["seen_ms"], taken["note"]) == ("li", NOW_MS, "下午带过去")
    assert cloud.get("/api/alert-count") == {"open": 1, "untaken": 0}
    assert cloud.get(f"/api/alerts/{first}") == taken
    assert own.post(path, json={"note": "x" * 301}).status_code == 422
    assert own.request("DELETE", path).json()["seen_by"] == ""
    own.post(path, json={})
    place.fill()
    judge(cloud)
    assert own.post(path, json={}).status_code == own.request("DELETE", path).status_code == 409
    with cloud.services.database.reading() as session:
        said = session.exec(select(AuditEntry).order_by(col(AuditEntry.id).desc()).limit(3)).all()
    assert [row.action for row in said] == ["alert.taken", "alert.given_back", "alert.taken"]


def test_nobody_sees_anothers(cloud: Cloud) -> None:
    """Neither another dealer's, nor, bound to a shop, another shop's; a mechanic sees none at all."""
    for place in (Bin(cloud), Bin(cloud, "gw-9", "shop-9", "south")):
        place.start()
        place.empty()
    [north], [south] = judge(cloud).began, judge(cloud, "south").began
    assert [row["id"] for row in open_alerts(cloud)] == [north]
    assert [row["id"] for row in open_alerts(cloud, SOUTH)] == [south]
    stranger = cloud.browser(SOUTH)
    assert stranger.get(f"/api/alerts/{north}").status_code == 404
    assert stranger.get(f"/api/alerts?cursor={north}").status_code == 404
    assert stranger.post(f"/api/alerts/{north}/taken", json={}).status_code == 404
    people_world.add_member(cloud, "wu@north.example", "mechanic", shops="shop-1")
    assert people_world.browser_of(cloud, "wu@north.example").get("/api/alerts").status_code == 403


def test_one_alert_however_many_judge_at_once(cloud: Cloud) -> None:
    """And the table refuses a second one of the same matter."""
    place = Bin(cloud)
    place.start()
    place.empty()
    judges = [Judge(cloud.services.database) for _ in range(4)]
    threads = [
        threading.Thread(target=lambda each=each: each.look("north", KINDS, (), cloud.clock.ms)) for each in judges
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(open_alerts(cloud)) == 1
    doubled = text("INSERT INTO alert SELECT 'another', " + ", ".join(_columns()) + " FROM alert")
    with pytest.raises(Exception, match=r"(?i)unique"), cloud.services.database.writing() as session:
        session.execute(doubled)
    with cloud.services.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Alert)) == 1


def _columns() -> list[str]:
    return [column.name for column in Alert.__table__.columns if column.name != "id"]  # type: ignore[attr-defined]


def test_one_process_has_the_turn(cloud: Cloud) -> None:
    """It goes on with it; another gets it when it is let go, or when a killed one's time is over."""

    def taken(holder: str, later_ms: int = 0) -> turns.Turn | None:
        with cloud.services.database.writing() as session:
            return turns.take(session, "alerts", holder, 10 * MINUTE_MS, NOW_MS + later_ms)

    mine = taken("one")
    assert mine is not None and mine.away == []
    assert taken("two", MINUTE_MS) is None
    assert taken("one", MINUTE_MS) is not None
    assert taken("two", 12 * MINUTE_MS) is not None
    assert taken("one", 13 * MINUTE_MS) is None
    later = taken("two", 3 * HOUR_MS)
    assert later is not None
    assert list(later.away) == [
        (NOW_MS + MINUTE_MS, NOW_MS + 12 * MINUTE_MS),
        (NOW_MS + 12 * MINUTE_MS, NOW_MS + 3 * HOUR_MS),
    ]
    with cloud.services.database.writing() as session:
        turns.let_go(session, later)
    assert taken("one", 3 * HOUR_MS + 1) is not None


def test_taking_parts_is_no_loss(cloud: Cloud) -> None:
    cloud.receipt(upload([opening("m0", 20), take("m1", 9)]))
    assert judge(cloud).began == []
