"""A restocker's visit at the kiosk, in a real browser: what goes where, the bin that is next, what the weight says."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_gateway.kiosk_seam import PointTo, SeenBin, SendCommand
from tests.pages.browser import Tab, wait_for
from tests.pages.kiosk_program import running_kiosk
from tests.pages.small_shop import EPOCH, SmallShop


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


def test_a_visit_is_shown_before_anybody_comes_and_a_press_lights_a_bin(kiosk: tuple[str, SmallShop], tab: Tab) -> None:
    base, shop = kiosk
    tab.open(base + "/restock")
    tab.wait_text("现在没有补货任务")
    shop.plan_visit()
    tab.wait_text("0 / 5 个货位已完成")
    tab.wait_text("刘芳（华通配件）")
    for said in ("一号柜", "放入 6 件", "放入 1.5 kg", "取出 4 件", "放入 10 件", "计划 50 件，称得 40 件", "二号柜"):
        tab.wait_text(said)
    assert tab.evaluate("[...document.querySelectorAll('.pb-todo .pb-todo-bin')].map((e) => e.innerText).join()") == (
        "1,3,9,12,4"
    )
    tab.press("空调滤清器")
    wait_for(lambda: shop.asked, "the light")
    assert shop.asked == [SendCommand("cab-1", "light", {"bin": 3, "colour": "blue", "for_ms": 20_000}, 20_000)]
    tab.open(base + "/")
    tab.wait_text("看放什么、放哪里")
    tab.open(base + f"/session?id=cab-1%2F{EPOCH}%2F3")
    tab.wait_text("计划 50 件，称得 40 件")


def test_while_the_cabinet_is_open_the_first_page_leads(kiosk: tuple[str, SmallShop], tab: Tab) -> None:
    base, shop = kiosk
    tab.language("en-GB")
    shop.plan_visit()
    tab.open(base + "/")
    shop.guide(1, SeenBin(1, 4, True, False), SeenBin(3, 0, True, False), SeenBin(9, 0, True, False))
    tab.wait_text("4 of 6 pcs in")
    assert "width: 66%" in str(tab.evaluate("document.querySelector('.pb-bar-fill').getAttribute('style')"))
    shop.guide(1, SeenBin(1, 7, True, False), SeenBin(3, 0, True, False), SeenBin(9, 0, True, False))
    tab.wait_text("1 pc too many")
    tab.press("Next bin ›")
    wait_for(lambda: shop.asked, "another bin")
    assert shop.asked == [PointTo("cab-1", 3)]
    shop.guide(3, SeenBin(1, 6, True, True), SeenBin(3, -1, True, False), SeenBin(9, 10, True, True))
    tab.wait_text("Take out 4 pcs")
    tab.wait_text("1 of 4 pcs out")
    tab.press("See what goes where")
    tab.wait("document.querySelectorAll('.pb-todo-bin.is-done').length === 2", "two bins done")
    shop.guide(0, SeenBin(1, 6, True, True), SeenBin(3, -4, True, True), SeenBin(9, 10, True, True))
    tab.wait_text("All done: shut the door")


def test_levels_in_force_stand_on_the_stock_page(kiosk: tuple[str, SmallShop], tab: Tab) -> None:
    base, shop = kiosk
    tab.language("en-GB")
    shop.tell_levels()
    tab.open(base + "/stock")
    tab.press("Oil filter")
    tab.wait_text("Levels by the dealer's policy.")
    tab.wait_text("16 pcs")
    tab.press("Close")
    tab.wait("document.querySelectorAll('.pb-dialog').length === 0", "the box gone")
    tab.press("Fuel filter")
    tab.wait_text("Levels set by hand at the dealer's, until")
