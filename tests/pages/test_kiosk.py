"""The kiosk in a real browser: every page in both languages, and what a mechanic does there."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_gateway.kiosk_seam import ChargeSession, ContestSession, CorrectCount, Refusal, ResolveByCount, ResolveByStock
from page_kit import missing as missing_words
from page_kit.language import Say
from page_kit.missing import missing_text
from tests.pages.browser import Tab, wait_for
from tests.pages.kiosk_program import running_kiosk
from tests.pages.small_shop import EPOCH, SmallShop

SESSION = f"/session?id=cab-1%2F{EPOCH}%2F1"
PAGES = {
    "/": (
        ["刚才谁拿了什么", "王建国", "机油滤清器", "约 −2 件", "正在拿取", "门开着"],
        ["Who took what", "about −2 pcs", "Hands at work"],
    ),
    "/stock": (["一号柜", "二号柜", "3.65", "空位"], ["Cabinet 1", "V-ribbed belt", "3.65", "No part"]),
    "/questions": (
        ["货位 5 少了多少", "−3 件", "64.0 %", "数一下"],
        ["How many left bin 5", "−3 pcs", "Count the bin"],
    ),
    "/status": (
        [
            "正在接收 0.3.0：50%",
            "0.3.0 试运行未通过，已恢复 0.2.0",
            "固件 0.1.0",
            "没有消息",
            "3 条还没有传到云端",
            "2 小时前",
            "12 条记录再也收不到",
        ],
        [
            "0.3.0 failed its trial: back to 0.2.0",
            "Blind bins: 12",
            "Silent: look",
            "Records not in the cloud yet: 3",
            "Records still in the cabinet: 2",
            "Disk left",
        ],
    ),
    SESSION: (["记到哪张工单", "沪A·D8231", "M8 螺栓"], ["Which job is it for", "沪A·D8231", "M8 bolts"]),
}


@pytest.fixture
def kiosk(tmp_path: Path) -> Iterator[tuple[str, SmallShop]]:
    with running_kiosk(tmp_path) as running:
        yield running


@pytest.fixture
def tab(tab: Tab) -> Iterator[Tab]:
    """A tab in which nothing may go wrong."""
    yield tab
    assert tab.errors == []


def test_every_page_in_both_languages(kiosk: tuple[str, SmallShop], tab: Tab) -> None:
    base, _ = kiosk
    for path, (zh, en) in PAGES.items():
        for accept, texts in (("zh-CN", zh), ("en-GB", en)):
            tab.language(accept)
            tab.open(base + path)
            for content in texts:
                tab.wait_text(content)
            assert tab.overflow() == 0, f"{path} in {accept} is wider than a phone"


def test_the_language_switch_stays_on_its_page(kiosk: tuple[str, SmallShop], tab: Tab) -> None:
    base, _ = kiosk
    tab.open(base + SESSION)
    tab.press("English")
    tab.wait_text("Which job is it for")
    tab.open(base + "/stock")
    tab.wait_text("Cabinet 1")


def test_a_session_is_charged_to_a_job(kiosk: tuple[str, SmallShop], tab: Tab) -> None:
    base, shop = kiosk
    tab.open(base)
    tab.press("机油滤清器")
    tab.wait_text("记到哪张工单")
    tab.press("苏E·7K552")
    tab.wait_text("记到 苏E·7K552")
    assert shop.asked == [ChargeSession(f"cab-1/{EPOCH}/1", "J-2042", "p-wang")]


def test_a_count_is_corrected(kiosk: tuple[str, SmallShop], tab: Tab) -> None:
    base, shop = kiosk
    tab.open(base + SESSION)
    tab.press("−")
    tab.press("改为 1 件")
    wait_for(lambda: shop.asked, "the correction")
    assert shop.asked == [CorrectCount(f"cab-1/{EPOCH}/1/1/session", 1, "p-wang")]


def test_a_session_is_contested(kiosk: tuple[str, SmallShop], tab: Tab) -> None:
    base, shop = kiosk
    tab.open(base + SESSION)
    tab.press("我有异议")
    tab.press("不是我拿的")
    wait_for(lambda: shop.asked, "the objection")
    assert shop.asked == [ContestSession(f"cab-1/{EPOCH}/1", "p-wang", "不是我拿的", 0)]


def test_a_question_is_answered_by_one_press(kiosk: tuple[str, SmallShop], tab: Tab) -> None:
    base, shop = kiosk
    tab.open(base + "/questions")
    tab.press("−3 件")
    wait_for(lambda: shop.asked, "the answer")
    assert shop.asked == [ResolveByCount(f"cab-2/{EPOCH}/2/5", -3, "p-wang")]


def test_a_refusal_is_said_in_the_readers_language(kiosk: tuple[str, SmallShop], tab: Tab) -> None:
    base, shop = kiosk
    cases: list[tuple[Refusal, str, str, str]] = [
        ("already_answered", "zh-CN", "−3 件", "没有办成：这条差异已经有人处理了"),
        ("already_answered", "en-GB", "−3 pcs", "Not done: Somebody has answered this already"),
        ("other", "zh-CN", "−3 件", "没有办成：网关拒绝：expected another world"),
    ]
    for refusal, accept, press, said in cases:
        shop.refusal = refusal
        tab.language(accept)
        tab.open(base + "/questions")
        tab.press(press)
        tab.wait_text(said)


def test_a_full_disk_is_said_on_every_page(kiosk: tuple[str, SmallShop], tab: Tab) -> None:
    base, shop = kiosk
    tab.open(base)
    assert "网关的磁盘写不进去" not in tab.text()
    shop.cannot_write_ms = shop.now_ms() - 7 * 60_000
    tab.wait_text("网关的磁盘写不进去")
    tab.wait_text("7 分钟前")
    shop.refusal = "cannot_write"
    tab.language("en-GB")
    tab.open(base + "/questions")
    tab.wait_text("The gateway cannot write to its disk. Cabinets still open")
    tab.press("−3 pcs")
    tab.wait_text("Not done: The gateway cannot write to its disk")
    tab.open(base + "/status")
    tab.wait_text("The gateway cannot write to its disk. Cabinets still open")
    assert tab.text().count("cannot write to its disk") == 1
    assert tab.overflow() == 0


def test_a_bin_is_counted(kiosk: tuple[str, SmallShop], tab: Tab) -> None:
    base, shop = kiosk
    tab.open(base + "/questions")
    tab.wait_text("货位 7 里现在有多少")
    tab.evaluate("[...document.querySelectorAll('.pb-card')].find(c => c.innerText.includes('货位 7')).id = 'seven'")
    tab.evaluate("[...document.querySelectorAll('#seven button')].find(b => b.innerText === '数一下').click()")
    tab.wait_text("台账：22 件")
    tab.press("+")
    tab.press("就是这个数")
    wait_for(lambda: shop.asked, "the count")
    assert shop.asked == [ResolveByStock("cab-1/x/90/7", 23, "p-wang")]


def test_nobody_at_the_kiosk_books_nothing(kiosk: tuple[str, SmallShop], tab: Tab) -> None:
    base, shop = kiosk
    tab.open(base + "/questions")
    tab.press("不是我")
    tab.wait_text("现在没有人")
    tab.press("−3 件")
    tab.wait_text("请先在货柜上刷卡")
    assert shop.asked == []


def test_a_dialog_outlives_a_redrawn_page(kiosk: tuple[str, SmallShop], tab: Tab) -> None:
    """A booking that arrives while somebody answers must not take the question away."""
    base, shop = kiosk
    tab.open(base + SESSION)
    tab.press("我有异议")
    tab.wait_text("哪里不对")
    shop.act(ChargeSession(f"cab-1/{EPOCH}/1", "J-2041", "p-li"))
    tab.wait_text("记到 沪A·D8231")
    assert "哪里不对" in tab.text()


def test_a_name_with_markup_is_only_a_name(tmp_path: Path, tab: Tab) -> None:
    with running_kiosk(tmp_path) as (base, shop):
        shop.rename("p-wang", "<img src=x onerror=document.title='bad'>")
        tab.open(base)
        tab.wait_text("<img src=x")
        assert tab.evaluate("document.title") == "Partsbay"


def test_a_shop_without_a_document_says_so(tmp_path: Path, tab: Tab) -> None:
    with running_kiosk(tmp_path, filled=False) as (base, _):
        tab.open(base + "/stock")
        tab.wait_text("还没有货柜")
        tab.open(base)
        tab.wait_text("还没有开柜记录")


@pytest.mark.parametrize(
    ("missing", "zh", "en"),
    [
        ("boots 1 to 2: doors not watched", "断电时没人看着门", "nobody watched the door"),
        ("weights before", "重量丢了", "the weights before it are lost"),
        ("bins 7-12", "可能缺少：bins 7-12", "may be missing: bins 7-12"),
        ("", "可能缺少：不详", "may be missing: not known"),
    ],
)
def test_what_a_power_cut_left_out_is_said(missing: str, zh: str, en: str) -> None:
    assert zh in missing_text(Say("zh", missing_words.TEXTS), missing)
    assert en in missing_text(Say("en", missing_words.TEXTS), missing)
