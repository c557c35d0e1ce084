"""Masses weighed in shops, in the cloud: kept, proposed at the part, taken over by changing the part, kept apart."""

import pytest

from cloud.admission import fault_of
from cloud.tables import TaughtMass
from edge_gateway.upload_format import TaughtMassItem
from tests.cloud.conftest import Cloud
from tests.cloud.test_admission import SCOPE
from tests.cloud.work_world import Shop, at
from tests.cloud.worlds import FILTER

PATH = f"/api/catalogue/taught/{FILTER.number}"


def weighed(name: str, mass_mg: int, when: str, batches: str = "[[20,1224000,100],[10,613000,100]]") -> TaughtMassItem:
    figures = mass_mg, 90, 310, 960
    return TaughtMassItem(
        f"mass/{FILTER.number}/{name}", FILTER.number, *figures, batches, "bench", "p-zhang", 600_000, 0, at(when)
    )


def test_a_proposal_is_shown_and_taken_over(cloud: Cloud) -> None:
    shop, north = Shop(cloud), cloud.browser()
    shop.tells("2026-11-18 09:00", weighed("a", 601_000, "2026-11-18 08:00"), weighed("b", 612_300, "2026-11-18 08:30"))
    [found] = cloud.get(PATH)
    assert (found["unit_mass_mg"], found["error_mg"], found["pieces"], found["batches"]) == (612_300, 90, 30, 2)
    assert found["is_news"] and found["shop"] == "shop-1"
    change = {"unit_mass_mg": found["unit_mass_mg"], "spread_mg": found["spread_mg"]}
    assert north.request("PATCH", f"/api/catalogue/parts/{FILTER.number}", json=change).status_code == 200
    assert not cloud.get(PATH)[0]["is_news"]
    assert cloud.browser("wang@south.example").get(PATH).json() == []  # another dealer's part of that number
    assert north.get("/api/catalogue/taught/NONE").status_code == 404
    with cloud.services.database.reading() as session:
        assert session.get(TaughtMass, ("shop-1", f"mass/{FILTER.number}/a")) is not None


@pytest.mark.parametrize("mass_mg", [0, -5, 10**10])
def test_what_no_part_weighs_is_put_aside(mass_mg: int) -> None:
    assert "expected a part of 1 to" in fault_of(weighed("a", mass_mg, "2026-11-18 08:00"), SCOPE)
    assert fault_of(weighed("a", 612_300, "2026-11-18 08:00"), SCOPE) == ""
