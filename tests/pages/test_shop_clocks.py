"""What a dealer reads of times and days is by the clock of the shop, wherever the cloud's machine stands.

Two shops, in zones of which at least one has another time than this machine.
"""

import time
from collections.abc import Iterator
from urllib.parse import quote

import httpx
import pytest

from cloud.work.shop_time import clock_of, day_of, moment_of
from tests.pages.browser import Tab
from tests.pages.cloud_program import ANSWER_S, let_in, running_cloud, signed_in
from tests.pages.told_sessions import RICH

ZONES = {"shop-1": "Pacific/Auckland", "shop-2": "America/Los_Angeles"}
DEALERS = "America/Los_Angeles"  # one shop each: the first by name
PART = "OF-1012"
DAY_MS = 86_400_000
LABELS = "getElement(document.querySelector('.pb-chart').id.slice(1)).chart.getOption().xAxis[0].data"


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_cloud(tmp_path_factory.mktemp("cloud")) as base:
        with httpx.Client(base_url=base, cookies=signed_in(base), timeout=ANSWER_S) as dealer:
            for shop, zone in ZONES.items():
                answer = dealer.put(f"/api/shops/{shop}/facts", json={"name": f"店 {shop}", "time_zone": zone})
                assert answer.status_code < 300, answer.text
        yield base


@pytest.fixture
def page(cloud: str, tab: Tab) -> Iterator[Tab]:
    """A tab of the dealer's, in which nothing may go wrong."""
    let_in(tab, cloud)
    tab.language("en-GB")
    yield tab
    assert tab.errors == []


def test_when_a_cabinet_was_opened(cloud: str, page: Tab) -> None:
    listed = httpx.get(f"{cloud}/api/shops/shop-1/sessions?limit=200", cookies=signed_in(cloud), timeout=ANSWER_S)
    [opened_ms] = [each["opened_ms"] for each in listed.json() if each["id"] == RICH]
    page.open(f"{cloud}/shops/shop-1/session?id={quote(RICH, safe='')}")
    page.wait_text(f"Opened {clock_of(opened_ms, ZONES['shop-1'])}")


def test_who_changed_what_and_when(cloud: str, page: Tab) -> None:
    trail = httpx.get(f"{cloud}/api/audit?limit=50", cookies=signed_in(cloud), timeout=ANSWER_S).json()["lines"]
    assert trail
    page.open(f"{cloud}/audit")
    for line in trail:
        page.wait_text(f"{moment_of(line['at_ms'], DEALERS):%Y-%m-%d %H:%M:%S} {DEALERS}")


def test_the_hours_and_days_of_consumption(cloud: str, page: Tab) -> None:
    for span, form in (("day", "%H:00"), ("week", "%-m-%-d")):
        before_ms = int(time.time() * 1000)
        page.open(f"{cloud}/consumption?shop=shop-1&span={span}")
        page.wait("document.querySelectorAll('.pb-chart canvas').length > 0", "the chart")
        labels = page.evaluate(LABELS)
        # An hour may have begun meanwhile.
        ends = {f"{moment_of(at_ms, ZONES['shop-1']):{form}}" for at_ms in (before_ms, int(time.time() * 1000))}
        assert labels[-1] in ends, (span, labels)


def test_which_price_counts_today(cloud: str, page: Tab) -> None:
    began_ms = int(time.time() * 1000)
    days = {day_of(began_ms + ahead * DAY_MS, DEALERS): f"¥{ahead + 47}.11" for ahead in range(2)}
    with httpx.Client(base_url=cloud, cookies=signed_in(cloud), timeout=ANSWER_S) as dealer:
        for day, price in days.items():
            wanted = {"from_day": day, "price_minor": round(float(price[1:]) * 100), "currency": "CNY", "tax_ppm": 0}
            answer = dealer.post(f"/api/catalogue/prices/{PART}", json=wanted)
            assert answer.status_code == 200, answer.text
    page.open(f"{cloud}/part?number={PART}")
    page.wait_text("Price (net)")
    head = page.evaluate("document.querySelector('.pb-part-head').innerText")
    page.open(f"{cloud}/part/edit?number={PART}")
    page.wait_text("counts now")
    rows = page.evaluate("[...document.querySelectorAll('.pb-table tr')].map(row => row.innerText)")
    [counting] = [day for day in days if any(row.startswith(day) and "counts now" in row for row in rows)]
    # Midnight may have come meanwhile.
    passed = {day_of(at_ms, DEALERS) for at_ms in (began_ms, int(time.time() * 1000))}
    assert counting in passed, rows
    assert any(days[day] in head for day in passed), head
