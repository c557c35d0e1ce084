"""A dealer explains a discrepancy, has a bin counted and moves stock, in a real browser on the real service."""

from collections.abc import Iterator

import httpx
import pytest

from tests.pages.browser import Tab
from tests.pages.cloud_program import ANSWER_S, OTHER_EMAIL, OTHER_PASSWORD, let_in, running_cloud, signed_in

TRANSFER = "/transfers/new?shop=shop-1&cabinet=cab-1&bin=1&part=OF-1012"


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_cloud(tmp_path_factory.mktemp("cloud")) as base:
        yield base


@pytest.fixture
def dealer(cloud: str, tab: Tab) -> Tab:
    """The dealer's manager at a phone, in Chinese."""
    tab.language("zh-CN")
    let_in(tab, cloud)
    return tab


def test_a_discrepancy_is_explained(cloud: str, dealer: Tab) -> None:
    dealer.open(f"{cloud}/discrepancies")
    dealer.wait_text("称出来的与台账不符")
    before = dealer.evaluate("document.querySelectorAll('[data-answer]').length")
    dealer.press("解释")
    dealer.wait_text("怎么回事")
    dealer.press("发给网关")
    dealer.wait("document.querySelector('.q-notification') !== null", "a sentence that says what is missing")
    dealer.fill(".pb-dialog input", "借给隔壁工位")
    dealer.press("发给网关")
    dealer.wait_text("答复在路上，等网关处理")
    assert dealer.evaluate("document.querySelectorAll('[data-answer]').length") == before - 1
    assert dealer.overflow() == 0
    assert dealer.errors == []


def test_a_bin_is_counted_and_the_count_withdrawn(cloud: str, dealer: Tab) -> None:
    dealer.open(f"{cloud}/shops/shop-1/cabinets/cab-1")
    dealer.wait_text("燃油滤清器")
    dealer.press("燃油滤清器")
    dealer.wait_text("补货点")
    dealer.press("请店里盘点")
    dealer.wait_text("已请店里盘点")
    dealer.open(f"{cloud}/counts")
    dealer.wait_text("等人盘点")
    assert "燃油滤清器" in dealer.text()
    dealer.press("收回")
    dealer.language("en-GB")
    dealer.open(f"{cloud}/counts?shop=shop-1")
    dealer.wait_text("Waiting")  # until its gateway has heard of it
    assert dealer.overflow() == 0
    assert dealer.errors == []


def ask_for(dealer: Tab, quantity: str) -> None:
    dealer.evaluate(
        "(() => { const made = document.querySelector('.pb-form input');"
        f" made.value = '{quantity}'; made.dispatchEvent(new Event('input')); }})()"
    )
    dealer.evaluate("document.querySelector('[data-target]').click()")


def test_stock_is_moved_to_where_it_lacks(cloud: str, dealer: Tab) -> None:
    dealer.open(cloud + TRANSFER)
    dealer.wait_text("调到哪里")
    ask_for(dealer, "")
    dealer.wait_text("数量要写成整数")
    ask_for(dealer, "2")
    dealer.wait("location.pathname === '/transfers'", "the list of transfers")
    dealer.wait_text("等人去取")
    assert "2 件" in dealer.text()
    dealer.press("收回")
    dealer.wait_text("已收回")
    assert dealer.overflow() == 0
    assert dealer.errors == []


def test_movements_and_the_map(cloud: str, dealer: Tab) -> None:
    dealer.open(f"{cloud}/shops/shop-1/movements")
    dealer.wait_text("领用")
    assert dealer.overflow() == 0
    dealer.open(f"{cloud}/?view=map")
    dealer.wait_text("还没有店铺填写位置")
    dealer.fill(".pb-find", "城东")
    dealer.wait("document.querySelectorAll('.pb-cards .pb-card').length === 1", "the one shop of that name")
    assert dealer.errors == []


@pytest.mark.parametrize(
    "path", ["/counts?shop=shop-1", "/discrepancies?shop=shop-1", TRANSFER, "/shops/shop-1/movements"]
)
def test_another_dealer_finds_nothing_there(cloud: str, path: str) -> None:
    cookies = signed_in(cloud, OTHER_EMAIL, OTHER_PASSWORD)
    with httpx.Client(base_url=cloud, cookies=cookies, timeout=ANSWER_S) as other:
        answer = other.get(path)
        assert answer.status_code == 404
        assert "城东" not in answer.text
