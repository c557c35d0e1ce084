"""The kiosk's search box, its jobs and the counts asked for, in a real browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_gateway.kiosk_seam import ChargeSession, CloseJob, CountBin, OpenJob, SendCommand
from tests.pages.browser import Tab, wait_for
from tests.pages.kiosk_program import running_kiosk
from tests.pages.small_shop import EPOCH, SmallShop, fill_catalogue

LIT = {"bin": 1, "colour": "green", "for_ms": 20_000}


@pytest.fixture
def kiosk(tmp_path: Path) -> Iterator[tuple[str, SmallShop]]:
    with running_kiosk(tmp_path) as running:
        yield running


@pytest.fixture
def tab(tab: Tab) -> Iterator[Tab]:
    """A tab in which nothing may go wrong, on a phone."""
    yield tab
    assert tab.overflow() == 0
    assert tab.errors == []


def test_a_part_is_found_while_typing_and_its_bin_shown(kiosk: tuple[str, SmallShop], tab: Tab) -> None:
    base, shop = kiosk
    tab.open(base + "/find")
    tab.wait_text("想找什么配件？")
    tab.fill("input[type=search]", "机滤")
    tab.wait_text("机油滤清器")
    tab.wait_text("一号柜 · 货位 1")
    tab.wait_text("9 件")
    tab.press("指给我看")
    tab.wait_text("找到了")
    tab.wait("document.querySelectorAll('.pb-dialog .pb-bin.is-sought').length === 1", "the bin marked in its cabinet")
    wait_for(lambda: shop.asked, "the light")
    assert shop.asked == [SendCommand("cab-1", "light", LIT, 20_000)]


def test_every_way_to_ask_finds_the_part_and_says_what_it_knows(kiosk: tuple[str, SmallShop], tab: Tab) -> None:
    base, shop = kiosk
    tab.language("en-GB")
    for asked, said in {
        "of-1012": ["Oil filter", "Cabinet 1 · bin 1", "9 pcs", "Fits", "一汽解放 J6P CA6DM2 2012–2020", "and 12 more"],
        "101201036d": ["by its number 1012010-36D"],
        "LF9009": ["by its number LF 9009"],
        "brkae pad": ["Did you mean", "Front brake pad", "Not in this shop's cabinets; the dealer has it"],
        "of 0900": ["No longer offered", "Replaced by OF-1012 · Oil filter", "Cabinet 1 · bin 1"],
        "滤清": ["Oil filter", "more; type a little more"],
        "D8231": ["沪A·D8231", "J-2041"],
        "unobtainium": ["Nothing found for “unobtainium”"],
    }.items():
        tab.open(f"{base}/find?q={asked}")
        for text in said:
            tab.wait_text(text)
    tab.wait_text("41 parts of the catalogue, all of them here")
    shop.catalogue.unlink()
    fill_catalogue(shop.catalogue, whole=False)
    tab.open(base + "/find")
    tab.wait_text("The catalogue is still coming: 41 parts so far (33.3 %)")


def test_a_job_is_opened_for_a_session_and_is_done(kiosk: tuple[str, SmallShop], tab: Tab) -> None:
    base, shop = kiosk
    tab.open(base + f"/session?id=cab-1%2F{EPOCH}%2F1")
    tab.press("＋ 新工单")
    tab.wait_text("里程（公里）")
    tab.fill(".pb-dialog input[autocapitalize=characters]", "鲁B·12345")
    tab.fill(".pb-dialog input[inputmode=numeric]", "128,400")
    tab.fill(".pb-dialog input[maxlength='80']", "保养")
    tab.press("开工单")
    wait_for(lambda: len(shop.asked) == 2, "the job and its charge")
    opened = OpenJob("保养", "鲁B·12345", "p-wang", km=128_400)
    assert shop.asked == [opened, ChargeSession(f"cab-1/{EPOCH}/1", "K-1", "p-wang")]
    tab.open(base + "/jobs")
    for text in ("鲁B·12345", "128,400 公里", "王建国", "本机新建", "苏E·7K552"):
        tab.wait_text(text)
    tab.press("完工")
    tab.wait_text("鲁B·12345 已经完工？")
    tab.evaluate("document.querySelector('.pb-dialog .pb-button.is-main').click()")
    tab.wait_text("鲁B·12345 已完工")
    assert shop.asked[-1] == CloseJob("K-1", "p-wang")


def test_a_count_asked_for_stands_there_until_somebody_counted(kiosk: tuple[str, SmallShop], tab: Tab) -> None:
    base, shop = kiosk
    tab.open(base + "/questions")
    tab.wait_text("差异")
    shop.want_count()
    for text in ("请数一下货位 3", "空调滤清器 · 一号柜", "刘芳（华通配件） 想知道 · 月底盘点"):
        tab.wait_text(text)
    tab.press("数好了")
    tab.wait_text("台账：17 件")
    tab.evaluate("document.querySelector('.pb-dialog button[aria-label=\"少一点\"]').click()")
    tab.wait("document.querySelector('.pb-dialog input').value === '16'", "one less")
    tab.press("就是这个数")
    wait_for(lambda: shop.asked, "the count")
    assert shop.asked == [CountBin(1, 16, "p-wang")]
    tab.wait("!document.body.innerText.includes('请数一下货位 3')", "the wish fulfilled")
