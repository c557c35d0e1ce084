"""A session's page in a real browser, at the kiosk and at the dealer's: a verdict that can be shown."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from edge_gateway.kiosk_seam import ChargeSession, CorrectCount, ResolveByCount
from tests.pages.browser import Tab, wait_for
from tests.pages.cloud_program import ANSWER_S, OTHER_EMAIL, OTHER_PASSWORD, let_in, running_cloud, signed_in
from tests.pages.kiosk_program import running_kiosk
from tests.pages.small_shop import SmallShop
from tests.pages.told_sessions import RICH, SECOND_PASS

AT_KIOSK = f"/session?id={quote(RICH, safe='')}"
AT_DEALER = f"/shops/shop-1/session?id={quote(RICH, safe='')}"
SENTENCES = {
    "zh-CN": (
        "2 个机油滤清器，99.9 %；其余都不到 0.1 %",
        "留下约 340 克、不是任何配件的东西，98.2 %；其次放入 6 个制动灯开关，1.1 %",
        "放入 1 个空调滤清器（来自货位 3），99.1 %",
        "1 个 24V 灯泡 H7，81.2 %；其次 2 个，17.1 %",
    ),
    "en-GB": (
        "2 x Oil filter, 99.9 %; nothing else reaches 0.1 %",
        "something of about 340 g that is none of the parts, left there, 98.2 %; next best 6 x Brake light",
        "1 x Cabin air filter from bin 3 put in, 99.1 %",
        "1 x 24 V bulb H7, 81.2 %; next best 2 x, 17.1 %",
    ),
}
EVIDENCE = {
    "zh-CN": ("第二次读标签之后", "3 个不见了", "李敏 更正：机油滤清器 +1 件", "重新归零 −1.2 克", "传感器没有读数"),
    "en-GB": ("After the tags were read a second time", "3 gone silent", "Corrected by 李敏", "zero moved by −1.2 g"),
}


@pytest.fixture
def kiosk(tmp_path: Path) -> Iterator[tuple[str, SmallShop]]:
    with running_kiosk(tmp_path) as running:
        yield running


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_cloud(tmp_path_factory.mktemp("cloud")) as base:
        yield base


@pytest.fixture
def tab(tab: Tab) -> Iterator[Tab]:
    """A tab in which nothing may go wrong."""
    yield tab
    assert tab.errors == []


def drawn(tab: Tab) -> int:
    """How many weights are drawn and to be seen."""
    found: int = tab.evaluate("[...document.querySelectorAll('.pb-trace')].filter(t => t.checkVisibility()).length")
    return found


def read_sentences(tab: Tab) -> str:
    """The sentences of all bins, a line each, as they are read."""
    found: str = tab.evaluate("[...document.querySelectorAll('.pb-verdict')].map(s => s.textContent).join('\\n')")
    return found


def test_the_kiosk_says_the_verdict_first_and_its_evidence_on_a_tap(kiosk: tuple[str, SmallShop], tab: Tab) -> None:
    base, shop = kiosk
    for accept in ("en-GB", "zh-CN"):
        tab.language(accept)
        tab.open(base + AT_KIOSK)
        for sentence in SENTENCES[accept]:
            assert sentence in read_sentences(tab)
        assert tab.overflow() == 0
    assert "第二次读标签之后" not in tab.text()
    assert drawn(tab) == 0
    tab.evaluate("document.querySelector('summary').click()")
    tab.wait_text("第二次读标签之后")
    assert drawn(tab) == 1
    shop.act(ChargeSession(RICH, "J-2041", "p-li"))  # the page is drawn anew
    tab.wait_text("记到 沪A·D8231")
    tab.wait_text("第二次读标签之后")
    assert drawn(tab) == 1
    tab.evaluate("document.querySelectorAll('details:not([open]) > summary').forEach(s => s.click())")
    for content in EVIDENCE["zh-CN"]:
        tab.wait_text(content)
    assert tab.overflow() == 0


def test_a_count_is_corrected_beside_its_verdict(kiosk: tuple[str, SmallShop], tab: Tab) -> None:
    base, shop = kiosk
    tab.open(base + AT_KIOSK)
    tab.press("−")
    tab.press("改为 1 件")
    wait_for(lambda: shop.asked, "the correction")
    assert shop.asked == [CorrectCount(f"{SECOND_PASS}/1/again", 1, "p-wang")]


def test_a_question_is_answered_beside_its_evidence(kiosk: tuple[str, SmallShop], tab: Tab) -> None:
    base, shop = kiosk
    tab.open(base + AT_KIOSK)
    tab.wait_text("货位 8 少了多少？")
    tab.wait_text("不是我拿的")
    tab.press("−2 件")
    wait_for(lambda: shop.asked, "the answer")
    assert shop.asked == [ResolveByCount(f"{RICH}/8", -2, "p-wang")]


def test_the_dealer_sees_all_of_it_at_once(cloud: str, tab: Tab) -> None:
    let_in(tab, cloud)
    tab.open(f"{cloud}/shops/shop-1")
    tab.press("把握 99.1 %")
    tab.wait("location.pathname === '/shops/shop-1/session'", "the session's page")
    for accept in ("zh-CN", "en-GB"):
        tab.language(accept)
        tab.open(cloud + AT_DEALER)
        for content in EVIDENCE[accept]:
            tab.wait_text(content)
        for sentence in SENTENCES[accept]:
            assert sentence in read_sentences(tab)
        assert drawn(tab) == 6
        assert tab.overflow() == 0


@pytest.mark.parametrize("path", ["/consumption", "/shops/shop-1", "/shops/shop-1/cabinets/cab-1", "/discrepancies"])
def test_the_dealers_pages_lead_there(cloud: str, path: str) -> None:
    with httpx.Client(base_url=cloud, cookies=signed_in(cloud), timeout=ANSWER_S) as dealer:
        assert f"/shops/shop-1/session?id={quote(RICH, safe='')}" in dealer.get(path).text


def test_another_dealers_session_is_not_there(cloud: str) -> None:
    cookies = signed_in(cloud, OTHER_EMAIL, OTHER_PASSWORD)
    with httpx.Client(base_url=cloud, cookies=cookies, timeout=ANSWER_S) as other:
        for path in (AT_DEALER, AT_DEALER.replace("shop-1", "shop-9"), "/shops/shop-9/session"):
            answer = other.get(path)
            assert answer.status_code == 404
            assert "机油滤清器" not in answer.text
    assert httpx.get(cloud + AT_DEALER, timeout=ANSWER_S).status_code == 303
