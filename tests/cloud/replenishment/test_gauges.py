"""The four gauges, from ledgers made by hand whose every figure is known, on both databases."""

import json
from typing import Any

import pytest
from sqlmodel import col, select

from cloud.replenishment.gauges import daily, reading
from cloud.replenishment.gauges.busy_hours import DAY_MS, HOUR_MS, BusyHours, busy_hours, every_hour_alike
from cloud.replenishment.gauges.missing import Rate, missing_days
from cloud.replenishment.gauges.story import Line, Story
from cloud.tables import BinPolicy, GaugeDay
from cloud.tenancy import signed_in_tenant
from edge_gateway.upload_format import (
    FeedAnswerItem,
    RequestEndItem,
    RequestItem,
    RestockedItem,
    SessionItem,
    VerdictItem,
)
from tests.cloud.conftest import Cloud
from tests.cloud.work_world import BIN, Shop, at, moved
from tests.cloud.worlds import BOLT, FILTER, verdict

NORTH = signed_in_tenant("north")
PART, DEALER = FILTER.number, "dealer:north"


def a_month(shop: Shop) -> None:
    """From 1 October: 20 filters come, 2 are taken a day for 9 days, the last 2 on the 10th; empty until the 12th."""
    shop.price(PART, "2026-01-01", 1000)
    shop.price(PART, "2026-10-12", 1100)
    shop.tells(
        "2026-10-13 00:00",
        moved("open", "opening", "2026-10-01 00:00", PART, 20, source=DEALER, target=BIN),
        *(moved(f"t{day}", "take", f"2026-10-{day:02} 12:00", PART, 2) for day in range(1, 11)),
        RequestItem("r1", "cab-1", 1, PART, 20, 0, at("2026-10-10 12:00")),
        moved("in", "restock", "2026-10-12 12:00", PART, 20, source=DEALER, target=BIN),
        moved("in2", "restock", "2026-10-12 14:00", BOLT.number, 900, source=DEALER, target="bin:cab-1/2"),
        RequestEndItem("r1", "filled", at("2026-10-12 12:00")),
    )


def rows_of(cloud: Cloud, shop: str = "shop-1") -> dict[str, GaugeDay]:
    with cloud.services.database.reading() as session:
        rows = session.exec(select(GaugeDay).where(GaugeDay.shop_id == shop, col(GaugeDay.dealer_id) == "north")).all()
    return {row.day: row for row in rows}


def make(cloud: Cloud) -> int:
    return daily.make_shop(cloud.services.database, "north", "shop-1", cloud.clock.ms)


def test_a_bin_that_ran_empty(cloud: Cloud) -> None:
    """18 pieces in the 9.5 days that something was there: 36/19 a day; empty for two days, so 3.79 were missing."""
    shop = Shop(cloud)
    a_month(shop)
    assert make(cloud) == 12
    rows = rows_of(cloud)
    assert [rows[f"2026-10-{day:02}"].taken for day in range(1, 13)] == [2] * 10 + [0, 0]
    assert rows["2026-10-10"].empty_days == pytest.approx(0.5)
    assert rows["2026-10-10"].missing == pytest.approx(0.5 * 18 / 9)
    assert rows["2026-10-11"].missing == pytest.approx(20 / 9.5)
    assert rows["2026-10-12"].missing == pytest.approx(0.5 * 20 / 9.5)
    assert rows["2026-10-11"].stock == 0 and rows["2026-10-12"].stock == 20
    assert rows["2026-10-09"].stock_value_minor == 2 * 1000
    assert rows["2026-10-12"].stock_value_minor == 20 * 1100
    assert rows["2026-10-12"].unpriced == 1  # the bolts
    assert rows["2026-10-01"].taken_value_minor == 2000
    assert (rows["2026-10-12"].restocks, rows["2026-10-12"].restock_minutes) == (1, "2880")
    assert [rows[f"2026-10-{day:02}"].visits for day in range(1, 13)] == [0] * 11 + [1]
    with cloud.services.database.reading_as(NORTH) as session:
        found = reading.dealer_gauges(session, NORTH, "2026-10-01", "2026-10-12")
        missing = 1 + 1.5 * 20 / 9.5
        assert found.complete.fill_ppm == int(20 / (20 + missing) * 1_000_000)
        assert (found.complete.known_by, found.complete.taken) == ("past", 20)
        assert found.complete.empty_ppm == int(2 / 12 * 1_000_000)
        assert (found.fast.median_minutes, found.fast.p90_minutes, found.fast.restocks) == (2880, 2880, 1)
        assert (found.frugal.visits, found.frugal.visits_per_100, found.frugal.stock) == (1, 5.0, 20)
        assert found.frugal.stock_days == pytest.approx(22000 * 12 / 20000)
        weeks = reading.gauges_over_time(session, NORTH, ("2026-10-01", "2026-10-12"), "week", "shop-1")
        assert [(week.from_day, week.to_day, week.complete.taken) for week in weeks] == [
            ("2026-10-01", "2026-10-04", 8), ("2026-10-05", "2026-10-11", 12), ("2026-10-12", "2026-10-12", 0),
        ]  # fmt: skip
        [only] = reading.shop_gauges(session, NORTH, "2026-10-01", "2026-10-12")
        assert (only.shop, only.complete, only.frugal.stock) == ("shop-1", found.complete, 20)


def test_a_forecast_is_believed_before_the_past(cloud: Cloud) -> None:
    shop = Shop(cloud)
    a_month(shop)
    with cloud.services.database.writing() as session:
        session.add(
            BinPolicy(
                shop_id="shop-1", cabinet="cab-1", bin=1, part=PART, dealer_id="north", computed_ms=cloud.clock.ms,
                reorder_point=4, order_up_to=20, aim_ppm=950_000, fill_ppm=950_000, on_hand=9.0, mean_day=3.0,
                spread_day=3.0,
            )
        )  # fmt: skip
    make(cloud)
    row = rows_of(cloud)["2026-10-11"]
    assert [row.missing, row.missing_forecast] == pytest.approx([3.0, 3.0])
    with cloud.services.database.reading_as(NORTH) as session:
        assert reading.dealer_gauges(session, NORTH, "2026-10-01", "2026-10-12").complete.known_by == "forecast"


def test_what_comes_late_changes_its_day_and_the_days_behind(cloud: Cloud) -> None:
    shop = Shop(cloud)
    a_month(shop)
    make(cloud)
    cloud.clock.ms = at("2026-10-13 02:00")
    assert make(cloud) == 13  # all of it came within the hour before the rows were made
    before = {day: row.model_dump() for day, row in rows_of(cloud).items()}
    assert make(cloud) == 3  # nothing came: today and the two days before, as they were
    assert {day: row.model_dump() for day, row in rows_of(cloud).items()} == before
    shop.tells("2026-10-13 20:00", moved("late", "take", "2026-10-05 10:00", PART, 1))
    shop.tells(
        "2026-10-13 21:00",
        moved("t6/c", "correction", "2026-10-13 20:30", PART, 1, source="shop:shop-1", target=BIN, corrects="t6"),
    )
    assert make(cloud) == 9
    rows = rows_of(cloud)
    assert [rows[f"2026-10-{day:02}"].taken for day in (4, 5, 6, 7, 13)] == [2, 3, 1, 2, 0]
    assert [rows[f"2026-10-{day:02}"].stock for day in (4, 5, 9, 12, 13)] == [12, 9, 1, 19, 20]
    pieced_together = {day: row.model_dump(exclude={"made_ms"}) for day, row in rows.items()}
    with cloud.services.database.writing() as session:
        for row in session.exec(select(GaugeDay)):
            session.delete(row)
    make(cloud)
    assert {day: row.model_dump(exclude={"made_ms"}) for day, row in rows_of(cloud).items()} == pieced_together


def said(session: str, number: int, best: str, when: str, *, sure_ppm: int = 990_000, bin_: int = 1) -> VerdictItem:
    """What counting said of a session's bin."""
    return VerdictItem(
        **{
            **{name: getattr(verdict("v"), name) for name in VerdictItem.__struct_fields__},
            "id": f"{session}/{bin_}/{number}", "session": session, "bin": bin_, "number": number, "best": best,
            "confidence_ppm": sure_ppm, "decided_ms": at(when),
        }
    )  # fmt: skip


def test_counts_are_right_until_somebody_says_otherwise(cloud: Cloud) -> None:
    """Five bins of three sessions: one changed by counting, one corrected, one booked without evidence; two stand."""
    shop = Shop(cloud)

    def session(name: str, when: str) -> SessionItem:
        return SessionItem(name, "cab-1", "p-zhang", "04A1B2C3", "badge", "", at(when) - 9000, at(when), at(when))

    one, two = json.dumps([[[PART, -1]], 0]), json.dumps([[[PART, -2]], 0])
    shop.tells(
        "2026-10-02 20:00",
        session("s1", "2026-10-01 10:00"), session("s2", "2026-10-01 11:00"), session("s3", "2026-10-02 09:00"),
        moved("open", "opening", "2026-10-01 08:00", PART, 20, source=DEALER, target=BIN),
        said("s1", 1, one, "2026-10-01 10:00"), said("s1", 2, two, "2026-10-01 10:20"),
        said("s1", 1, one, "2026-10-01 10:00", bin_=2), said("s1", 2, one, "2026-10-01 10:20", bin_=2),
        said("s2", 1, one, "2026-10-01 11:00", sure_ppm=970_000), said("s2", 1, one, "2026-10-01 11:00", bin_=2),
        replace_session(moved("t3", "take", "2026-10-02 09:00", PART, 1), "s3"),
        replace_session(moved("t2", "take", "2026-10-01 11:00", PART, 1), "s2"),
        moved("t2/c", "correction", "2026-10-02 12:00", PART, 1, source="shop:shop-1", target=BIN, corrects="t2"),
        RestockedItem("x1", "v1", "cab-1", 1, PART, "s9", "p-1", 6, 6, "", at("2026-10-02 13:00")),
        RestockedItem("x2", "v1", "cab-1", 2, BOLT.number, "s9", "p-1", 1000, 1015, "", at("2026-10-02 13:00")),
    )  # fmt: skip
    own = cloud.browser()
    made = own.post("/api/shops/shop-1/counts", json={"cabinet": "cab-1", "bin": 1}).json()
    number = int(made["id"].rpartition("-")[2])
    answered = FeedAnswerItem(number, "done", "", "", at("2026-10-02 21:00"), "p-zhang", 19, 17)
    shop.tells("2026-10-02 22:00", answered)
    make(cloud)
    rows = rows_of(cloud)
    first, second = rows["2026-10-01"], rows["2026-10-02"]
    assert (first.counts, first.counts_right, second.counts, second.counts_right) == (4, 2, 1, 1)
    assert first.sure_ppm == 990_000 * 3 + 970_000
    assert second.sure_ppm == 999_000
    assert (second.checks, second.checks_right, second.checks_off) == (3, 2, 2)
    with cloud.services.database.reading_as(NORTH) as reader:
        exact = reading.dealer_gauges(reader, NORTH, "2026-10-01", "2026-10-02").exact
    assert (exact.counts, exact.right_ppm, exact.checks_right_ppm) == (5, 600_000, 666_666)


def replace_session(item: Any, session: str) -> Any:
    return type(item)(
        **{name: session if name == "session" else getattr(item, name) for name in type(item).__struct_fields__}
    )


def test_the_api_tells_gauges_and_classes(cloud: Cloud) -> None:
    """A dealer reads its own, page by page; another has nothing; days and cursors that are none are refused."""
    shop = Shop(cloud)
    a_month(shop)
    cloud.clock.ms = at("2026-10-19 08:00")
    daily.make_looked_at(cloud.services.database, "north", cloud.clock.ms)
    weeks = cloud.get("/api/gauges?days=28")
    assert (weeks[0]["from_day"], weeks[-1]["to_day"], len(weeks)) == ("2026-09-22", "2026-10-19", 5)
    assert sum(week["complete"]["taken"] for week in weeks) == 20
    assert cloud.get("/api/shops/shop-1/gauges?days=28") == weeks
    assert cloud.get("/api/shops/shop-2/gauges") == []
    months = cloud.get("/api/gauges?by=month&to_day=2026-10-31&days=61")
    assert [month["from_day"] for month in months] == ["2026-09-01", "2026-10-01"]
    for by in ("complete", "exact", "fast", "frugal"):
        assert [row["shop"] for row in cloud.get(f"/api/gauges/shops?by={by}")] == ["shop-1"]
    assert cloud.get("/api/gauges/shops?cursor=shop-1") == []
    parts = cloud.get("/api/classes/parts")
    assert parts["until_day"] == "2026-10-19"
    [part] = parts["parts"]
    assert (part["part"]["number"], part["used"], part["value_minor"], part["abc"], part["bcg"]) == (
        PART, 20, 22_000, "A", None,
    )  # fmt: skip
    assert cloud.get(f"/api/classes/parts?cursor={PART}")["parts"] == []
    file = cloud.browser().get("/api/classes/parts.csv").text
    assert file.splitlines()[1].startswith(f"{PART},柴油滤清器,Diesel filter,,,piece,20,0,,220.00,CNY,1.0,")
    [grade] = cloud.get("/api/classes/shops")
    assert (grade["shop"], grade["grade"], grade["recent"], grade["expected"]) == ("shop-1", "A", 20, None)
    assert grade["weeks"][-3:] == [8, 12, 0]
    for path, status in (
        ("/api/gauges?to_day=yesterday", 422), ("/api/gauges/shops?cursor=none", 404),
        ("/api/classes/parts?cursor=none", 404), ("/api/shops/shop-9/gauges", 404),
    ):  # fmt: skip
        assert cloud.browser().get(path).status_code == status, path
    for path in ("/api/gauges", "/api/gauges/shops", "/api/classes/shops"):
        assert cloud.get(path, email="wang@south.example") == []
    assert daily.make_looked_at(cloud.services.database, "north", cloud.clock.ms, "shop-1") == 0  # nothing is new
    assert daily.make_gauges(cloud.services.database, lambda: cloud.clock.ms + DAY_MS) == 4


# ---- what is pure ----


def test_an_empty_night_is_missed_by_nobody() -> None:
    monday = at("2026-10-05 00:00")
    shifts = [1.0 if 8 <= hour % 24 < 18 and hour < 120 else 0.0 for hour in range(168)]
    hours = BusyHours(shifts, 8 * HOUR_MS)
    assert hours.days(monday, monday + 7 * DAY_MS) == pytest.approx(7)
    assert hours.days(monday + 18 * HOUR_MS, monday + 32 * HOUR_MS) == pytest.approx(0)
    assert hours.days(monday + 8 * HOUR_MS, monday + 9 * HOUR_MS) == pytest.approx(7 / 50)
    assert hours.days(monday + 5 * DAY_MS, monday + 7 * DAY_MS) == pytest.approx(0)
    taken = [monday + day * DAY_MS + 9 * HOUR_MS for day in range(5) for _ in range(40)]
    assert busy_hours(taken, 8 * HOUR_MS).days(monday, monday + 9 * HOUR_MS) == pytest.approx(0)
    assert busy_hours(taken[:-1], 8 * HOUR_MS).days(monday, monday + DAY_MS) == pytest.approx(1)
    for wrong in ([1.0] * 167, [0.0] * 168, [-1.0] + [1.0] * 167):
        with pytest.raises(ValueError, match="expected 168 shares"):
            BusyHours(wrong)


def line(at_ms: int, account: str, quantity: int, **said: Any) -> Line:
    told = {"movement": f"m{at_ms}", "cause": "take", "corrects": "", "session": "", "sure_ppm": 999_000, **said}
    return Line(at_ms=at_ms, account=account, part="P", quantity=quantity, **told)


def test_two_bins_of_a_part_are_one_stock() -> None:
    """Bin 1 runs empty while bin 2 holds some: nobody misses anything. What is there is wound back from now."""
    lines = [line(10, "bin:c/1", -3), line(20, "bin:c/2", -4), line(30, "bin:c/1", 5, cause="restock")]
    story = Story(0, 100, lines, {"P": 5})
    assert story.first == {"P": 7}
    assert story.empty("P") == [(20, 30)]
    assert story.empty("never here") == []
    fresh = Story(0, 100, lines, {"P": -2})  # nothing at first: not yet there
    assert (fresh.first, fresh.begins_ms("P")) == ({"P": 0}, 10)
    old = Story(0, 100, lines, {"P": -2}, older=frozenset({"P"}))
    assert old.empty("P") == [(0, 100)]


def test_little_known_is_said() -> None:
    """A part that was there for less than a week before it ran empty: nothing is added, and that is told."""
    lines = [line(0, "bin:c/1", 4, cause="opening"), line(3 * DAY_MS, "bin:c/1", -4)]
    story = Story(0, 6 * DAY_MS, lines, {"P": 0})
    days = [(day * DAY_MS, (day + 1) * DAY_MS) for day in range(6)]
    found = missing_days(story, ["P"], days, every_hour_alike(), {})
    assert [day.pieces for day in found] == [0.0] * 6
    assert [day.unknown_days for day in found] == pytest.approx([0, 0, 0, 1, 1, 1])
    known = missing_days(story, ["P"], days, every_hour_alike(), {"P": Rate(1.5, 0)})
    assert sum(day.pieces for day in known) == pytest.approx(4.5)


def test_quantiles_and_shares() -> None:
    assert [reading.quantile(range(1, 11), share) for share in (0.5, 0.9)] == [5, 9]
    assert (reading.quantile([], 0.5), reading.quantile([7], 0.9)) == (None, 7)
    assert (reading.share_ppm(2_999_999, 3_000_000), reading.share_ppm(0, 0)) == (999_999, None)
