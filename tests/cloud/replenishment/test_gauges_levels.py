"""The curve of service levels: kept by a planning run, added up for any shop and category, and told by the API."""

from dataclasses import dataclass

import numpy as np
import pytest

from cloud.replenishment.gauges.level_curves import keep_curves
from cloud.replenishment.levels.curve import AIMS, each_aims
from cloud.replenishment.levels.policy import levels_of
from cloud.replenishment.levels.terms import terms
from cloud.tables import CataloguePart
from tests.cloud.conftest import Cloud
from tests.cloud.replenishment.drawn_forecasts import known

SOUTH = "wang@south.example"


@dataclass(frozen=True)
class Item:
    shop: str
    part: str
    category: str
    unit: str = "piece"
    step: int = 1


ITEMS = [
    Item("shop-1", "P", "engine"), Item("shop-1", "Q", "engine"), Item("shop-1", "G", "", "gram", 100),
    Item("shop-2", "P", "engine"), Item("shop-2", "R", "wearing"),
]  # fmt: skip


def test_a_curve_is_kept_and_added_up(cloud: Cloud) -> None:
    forecast = known((3.0, 1.0), (0.8, 1.6), (6.0, 2.0), (1.5, 1.4), (0.3, 1.0))
    on = terms(5, lead=0.2, review=1.0, fill=0.95, value=np.array([1000.0, 500.0, 80.0, 1000.0, 0.0]), holding=0.004)
    with cloud.services.database.writing() as session:
        session.add(CataloguePart(dealer_id="north", number="P", name_zh="滤芯", name_en="Element"))
    kept = keep_curves(cloud.services.database, "north", ITEMS, (forecast, on, levels_of(forecast, on)), cloud.clock.ms)
    assert kept == 4 * (len(AIMS) + 1) + 4
    found = cloud.get("/api/service-level")
    assert [point["aim_ppm"] for point in found["points"]] == [round(aim * 1_000_000) for aim in AIMS]
    values = [point["value_minor"] for point in found["points"]]
    missing = [point["short_a_month"] for point in found["points"]]
    assert values == sorted(values) and values[0] < values[-1]
    assert missing == sorted(missing, reverse=True) and missing[0] > missing[-1]
    expected = each_aims(forecast, on)
    assert values == pytest.approx([point.value for point in expected], abs=1)
    now = next(point for point in found["points"] if point["aim_ppm"] == 950_000)
    assert found["now"] == now | {"aim_ppm": 0}
    assert (found["bins"], found["made_ms"]) == (5, cloud.clock.ms)
    parts = [cloud.get(f"/api/service-level?shop={shop}")["points"] for shop in ("shop-1", "shop-2")]
    for point, *some in zip(found["points"], *parts, strict=True):
        assert point["pieces"] == pytest.approx(sum(each["pieces"] for each in some), abs=0.2)
    engine = cloud.get("/api/service-level?category=engine")
    assert engine["bins"] == 3 and engine["points"][0]["value_minor"] < values[0]
    assert cloud.get("/api/service-level?shop=shop-1&category=wearing")["points"] == []
    gains = cloud.get("/api/service-level/parts?aim_ppm=995000")
    assert {gain["part"]["number"] for gain in gains} == {"P", "Q", "R", "G"}
    changes = [gain["value_change_minor"] for gain in gains]
    assert changes == sorted(changes, reverse=True)
    assert all(gain["stock_change"] > 0 > gain["short_change_a_month"] for gain in gains)
    assert sum(changes) == pytest.approx(values[-1] - found["now"]["value_minor"], abs=3)
    assert next(gain["part"]["name_zh"] for gain in gains if gain["part"]["number"] == "P") == "滤芯"
    assert cloud.get("/api/service-level/parts?aim_ppm=123456") == []
    keep_curves(cloud.services.database, "north", ITEMS[:2], (forecast.of(slice(2)), on.of(slice(2)),
                levels_of(forecast.of(slice(2)), on.of(slice(2)))), cloud.clock.ms + 1)  # fmt: skip
    assert cloud.get("/api/service-level")["bins"] == 2
    for path in ("/api/service-level?shop=shop-9", "/api/service-level?category=cheap"):
        assert cloud.browser().get(path).status_code == (404 if "shop" in path else 422)
    assert cloud.get("/api/service-level", email=SOUTH)["points"] == []
