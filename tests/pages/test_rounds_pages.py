"""Rounds planned, accepted, loaded and bought for, in a real browser on the real service."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.pages import planned_rounds
from tests.pages.browser import Tab
from tests.pages.cloud_program import ANSWER_S, OTHER_EMAIL, OTHER_PASSWORD, let_in, running_cloud, signed_in


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_cloud(tmp_path_factory.mktemp("cloud")) as base:
        yield base


@pytest.fixture(scope="module")
def client(cloud: str) -> Iterator[httpx.Client]:
    with planned_rounds.signed_in(cloud) as made:
        yield made


@pytest.fixture
def dealer(cloud: str, tab: Tab) -> Tab:
    """The dealer's manager at a phone, in Chinese."""
    let_in(tab, cloud)
    return tab


def retype(tab: Tab, content: str) -> None:
    """In place of what stands in the box's field, and save."""
    tab.evaluate("document.querySelector('.pb-dialog input').select()")
    tab.fill(".pb-dialog input", content)
    tab.wait(f"document.querySelector('.pb-dialog input').value === '{content}'", "the new value")
    tab.evaluate("document.querySelector('.pb-dialog .pb-button.is-main').click()")


def test_a_round_is_planned_accepted_and_loaded(cloud: str, client: httpx.Client, dealer: Tab) -> None:
    dealer.open(f"{cloud}/rounds")
    dealer.wait_text("先添加车")
    dealer.press("车与收货时间")
    dealer.wait_text("还没有车")
    planned_rounds.prepare(client)
    dealer.open(f"{cloud}/vans")
    dealer.wait_text("周一–周日")
    assert dealer.overflow() == 0
    dealer.open(f"{cloud}/rounds")
    dealer.press("安排接下来几天")
    dealer.wait_text("全部接受")
    for words in ("城东卡车维修", "急需 3", "一号车", "没有排上的", "仓库不够"):
        assert words in dealer.text()
    assert dealer.evaluate("document.querySelectorAll('.pb-round-stop').length") == 1
    assert dealer.overflow() == 0
    dealer.press("全部接受（1 站）")
    dealer.wait_text("装车单")
    dealer.press("城东卡车维修")
    dealer.wait_text("网关已知道")
    assert "补到 14 件，现有 4 件" in dealer.text()
    dealer.press("装车单")
    dealer.wait_text("从仓库拿")
    dealer.evaluate("document.querySelector('[data-tick]').click()")
    dealer.wait_text("✓ 10 件")
    dealer.evaluate("document.querySelectorAll('[data-other]')[1].click()")
    dealer.wait_text("装了多少")
    retype(dealer, "99")
    dealer.wait_text("写 0 到 9 的整数")
    retype(dealer, "7")
    dealer.wait_text("✓ 7 件")
    dealer.evaluate("document.querySelector('[data-finish]').click()")
    dealer.wait_text("已装车，网关都知道了")
    assert dealer.overflow() == 0
    [visit] = planned_rounds.good(client.get("/api/visits?state=loaded"))
    assert [line["loaded"] for line in visit["lines"]] == [10, 6, 1]
    dealer.open(f"{cloud}/shops/shop-1")
    dealer.wait_text("下次送货")
    assert dealer.overflow() == 0
    dealer.language("en-GB")
    dealer.open(f"{cloud}/rounds/visit?id={visit['id']}")
    dealer.wait_text("Less than planned")
    dealer.evaluate("document.querySelector('[data-finish]').click()")
    dealer.wait_text("Delivered, not yet confirmed")
    dealer.evaluate("document.querySelector('[data-confirm]').click()")
    dealer.wait_text("How many")
    retype(dealer, "9")
    dealer.wait_text("Different")
    dealer.open(f"{cloud}/rounds")
    dealer.wait_text("10 pcs loaded, 9 pcs came")
    assert dealer.overflow() == 0
    assert dealer.errors == []


def test_what_to_buy_is_marked_as_ordered(cloud: str, client: httpx.Client, dealer: Tab) -> None:
    body = {"part": "LB-2421", "on_hand": -4, "supplier": "一汽配件", "order_pack": 10}
    planned_rounds.good(client.put("/api/dealer-stock", json=body))
    dealer.open(f"{cloud}/purchases")
    dealer.wait_text("一汽配件")
    dealer.press("已订")
    dealer.wait_text("到货")
    assert "LB-2421" in dealer.text()
    assert dealer.overflow() == 0
    assert dealer.errors == []


def test_a_restocker_begins_at_the_round(cloud: str, client: httpx.Client, tab: Tab) -> None:
    """And sees no button that is not theirs, and no proposal: that may become another yet."""
    assert planned_rounds.propose(client)
    made: Any = planned_rounds.good(
        client.post("/api/people/invitations", json={"email": "song@huatong.example", "role": "restocker"})
    )
    code = made["link"].rsplit("/", 1)[1]
    with httpx.Client(base_url=cloud, headers={"Origin": cloud}, timeout=ANSWER_S) as song:
        said = {"name": "宋师傅", "password": "round and round 47"}
        planned_rounds.good(song.post(f"/api/invitation/{code}", json=said))
    tab.open(f"{cloud}/sign-in")
    tab.fill("[name=email]", "song@huatong.example")
    tab.fill("[name=password]", "round and round 47")
    tab.evaluate("document.querySelector('form').requestSubmit()")
    tab.wait_text("送货安排")
    tab.wait("location.pathname === '/rounds'", "the rounds after signing in")
    assert "安排接下来几天" not in tab.text()
    assert "建议" not in tab.text()
    assert tab.evaluate("document.querySelector('[data-accept], [data-cancel]')") is None
    assert tab.errors == []


@pytest.mark.parametrize(
    "path", ["/rounds/visit?id=v-1", "/rounds/picking?van=van-1&day=2026-11-23", "/vans?shop=shop-1"]
)
def test_another_dealer_finds_nothing_there(cloud: str, path: str) -> None:
    cookies = signed_in(cloud, OTHER_EMAIL, OTHER_PASSWORD)
    with httpx.Client(base_url=cloud, cookies=cookies, timeout=ANSWER_S) as other:
        answer = other.get(path)
        assert answer.status_code == 404
        assert "城东" not in answer.text
