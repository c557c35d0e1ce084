"""The dealer's pages in a real browser, on the real service: signed in, signed out, and somebody else's."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.pages.browser import Browser, Tab
from tests.pages.cloud_program import (
    ANSWER_S,
    EMAIL,
    OTHER_EMAIL,
    OTHER_PASSWORD,
    PASSWORD,
    let_in,
    running_cloud,
    signed_in,
)

PAGES = {
    "/": (
        [
            "店铺",
            "城东卡车维修",
            "6 / 33",
            "网关磁盘写不进去 · 40 分钟前",
            "待上传 3 条 · 2 小时前",
            "2 条看不懂 · 6 天前",
        ],
        ["Shops", "Bins low", "Last contact", "Still in cabinets: 1830 · 3 d ago", "Will never come: 12 · 2 d ago"],
    ),
    "/shops/shop-1": (
        [
            "一号柜",
            "最近开柜",
            "王建国",
            "柜子的记录存满了",
            "1830 条记录没有取到",
            "磁盘只剩 1 MB，按现在的速度还够 2 天",
        ],
        ["Cabinet 1", "Latest sessions", "Damaged messages asked for again: 3", "4 h ago", "it lets nobody in"],
    ),
    "/shops/shop-1/cabinets/cab-1": (
        ["燃油滤清器", "3.65", "停电或着火时门保持锁着", "8f3a19c2", "名单有效期", "30 天"],
        ["Fuel filter", "V-ribbed belt", "the doors stay locked", "40 d ago", "PIN doors"],
    ),
    "/shops/shop-1/cabinets/cab-2": (
        ["停电、着火或控制器重启时门会打开", "货柜用的是另一把名单密钥"],
        ["the doors are open", "The cabinet holds another list key"],
    ),
    "/to-bring": (["该带什么", "刹车片", "12 件"], ["What to bring", "Brake pad", "12 pcs"]),
    "/consumption": (["用量", "7 天", "25 件", "1.25 kg"], ["Consumption", "25 pcs"]),
    "/discrepancies": (["称出来的与台账不符"], ["The weight and the books do not agree"]),
}


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_cloud(tmp_path_factory.mktemp("cloud")) as base:
        yield base


def sign_in(tab: Tab, base: str, email: str, password: str) -> None:
    tab.fill("[name=email]", email)
    tab.fill("[name=password]", password)
    tab.evaluate("document.querySelector('form').requestSubmit()")


def test_every_page_in_both_languages(cloud: str, tab: Tab) -> None:
    let_in(tab, cloud)
    for path, (zh, en) in PAGES.items():
        for accept, texts in (("zh-CN", zh), ("en-GB", en)):
            tab.language(accept)
            tab.open(cloud + path)
            for content in texts:
                tab.wait_text(content)
            assert tab.overflow() == 0, f"{path} in {accept} is wider than a phone"
    tab.wait("document.querySelectorAll('.pb-card').length > 0", "the page to be drawn")
    assert tab.errors == []


def test_a_bin_of_several_parts_and_what_strayed_into_it(cloud: str, tab: Tab) -> None:
    tab.language("zh-CN")
    let_in(tab, cloud)
    tab.open(f"{cloud}/shops/shop-2/cabinets/cab-1")
    tab.wait_text("放错货位，应在 9 号货位")
    tab.language("en-GB")
    tab.open(f"{cloud}/shops/shop-2/cabinets/cab-1")
    tab.wait_text("Belongs to bin 9")
    tab.wait_text("Its gateway is too old to say how the locks are")
    tile = tab.evaluate(
        "[...document.querySelectorAll('.pb-bin')].find(b => b.innerText.includes('Belongs to bin 9')).innerText"
    )
    for content in ("Cabin air filter", "12 pcs", "Wiper blade 600 mm", "4 pcs", "Blade fuse 20 A", "3 pcs"):
        assert content in tile
    tab.press("Belongs to bin 9")
    tab.wait_text("There is also Blade fuse 20 A 3 pcs: Belongs to bin 9")
    assert tab.text().count("Bin 11 · ") == 2
    assert tab.overflow() == 0
    assert tab.errors == []


def test_the_chart_is_drawn(cloud: str, tab: Tab) -> None:
    let_in(tab, cloud)
    tab.open(f"{cloud}/consumption")
    tab.wait("document.querySelectorAll('canvas').length === 2", "one chart for pieces and one for grams")
    assert tab.errors == []


@pytest.mark.parametrize(("shop", "span"), [("shop-1", "7 天"), ("shop-2", "24 小时")])
def test_a_shop_that_began_today_is_shown_by_the_hour(cloud: str, tab: Tab, shop: str, span: str) -> None:
    let_in(tab, cloud)
    tab.open(f"{cloud}/consumption?shop={shop}")
    tab.wait_text("机油滤清器")
    chosen = tab.evaluate("[...document.querySelectorAll('a.pb-button.is-main')].map(made => made.innerText)")
    assert chosen[-1] == span


def test_signing_in_leads_to_the_page_that_was_asked_for(cloud: str, tab: Tab) -> None:
    tab.open(f"{cloud}/to-bring")
    tab.wait("location.pathname === '/sign-in'", "the sign-in")
    sign_in(tab, cloud, EMAIL, "wrong")
    tab.wait_text("邮箱或密码不对")
    sign_in(tab, cloud, "", PASSWORD)  # the email is still in its field
    tab.wait("location.pathname === '/to-bring'", "the page that was asked for")


def test_signing_out_ends_an_open_page(cloud: str, browser: Browser, tab: Tab) -> None:
    tab.open(f"{cloud}/sign-in")
    sign_in(tab, cloud, EMAIL, PASSWORD)
    tab.wait_text("城东卡车维修")
    with browser.tab() as second:
        second.language("zh-CN")
        second.open(cloud)
        second.press("退出")
        second.wait("location.pathname === '/sign-in'", "the sign-in")
    tab.wait("location.pathname === '/sign-in'", "the first page to notice within its next look")


@pytest.mark.parametrize("path", PAGES)
def test_anonymous_visitors_are_sent_to_sign_in(cloud: str, path: str) -> None:
    answer = httpx.get(cloud + path, timeout=ANSWER_S)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in?next=")
    assert "城东" not in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/shops/shop-1",
        "/shops/no-such-shop",
        "/shops/shop-1/cabinets/cab-1",
        "/shops/shop-9/cabinets/cab-2",
        "/consumption?shop=shop-1",
    ],
)
def test_what_is_not_theirs_is_not_there(cloud: str, path: str) -> None:
    cookies = signed_in(cloud, OTHER_EMAIL, OTHER_PASSWORD)
    with httpx.Client(base_url=cloud, cookies=cookies, timeout=ANSWER_S) as other:
        answer = other.get(path)
        assert answer.status_code == 404
        assert "没有这个页面" in answer.text
        assert "城东" not in answer.text
        assert "城东" not in other.get("/").text


def test_a_sign_in_never_leads_elsewhere(cloud: str) -> None:
    form = {"email": EMAIL, "password": PASSWORD, "next": "https://elsewhere.example/"}
    answer = httpx.post(f"{cloud}/sign-in", data=form, timeout=ANSWER_S)
    assert answer.headers["location"] == "/"
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


def test_a_wrong_email_comes_back_as_text(cloud: str) -> None:
    form = {"email": '"><script>bad()</script>', "password": "x", "next": "/"}
    answer = httpx.post(f"{cloud}/sign-in", data=form, timeout=ANSWER_S)
    assert answer.status_code == 401
    assert "<script>bad" not in answer.text


def test_pages_need_nothing_from_elsewhere(cloud: str, tab: Tab) -> None:
    let_in(tab, cloud)
    tab.open(cloud)
    tab.wait_text("城东卡车维修")
    hosts = tab.evaluate("[...new Set(performance.getEntriesByType('resource').map(e => new URL(e.name).origin))]")
    assert hosts == [cloud]


def test_the_small_cloud_is_what_it_says(cloud: str, tmp_path: Path) -> None:
    """The other dealer sees a shop of its own: a page that shows nothing at all would pass the tests above."""
    cookies = signed_in(cloud, OTHER_EMAIL, OTHER_PASSWORD)
    with httpx.Client(base_url=cloud, cookies=cookies, timeout=ANSWER_S) as other:
        assert "别家的店" in other.get("/").text
        assert other.get("/shops/shop-9").status_code == 200
