"""Bins with several parts at the kiosk, in a real browser: what lies there, what is asked, what is answered."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_gateway.kiosk_seam import ResolveByCount, ResolveByStock
from tests.pages.browser import Tab, wait_for
from tests.pages.kiosk_program import running_kiosk
from tests.pages.small_shop import SmallShop

QUESTION = "cab-1/x/92/11"


@pytest.fixture
def kiosk(tmp_path: Path, tab: Tab) -> Iterator[tuple[str, SmallShop]]:
    """A shop with a bin of two parts; nothing may go wrong in the tab."""
    with running_kiosk(tmp_path) as (base, shop):
        shop.share()
        yield base, shop
    assert tab.errors == []


def _tile(tab: Tab, content: str) -> str:
    return str(
        tab.evaluate(
            f"[...document.querySelectorAll('.pb-bin')].find(b => b.innerText.includes('{content}')).innerText"
        )
    )


def test_every_part_of_a_bin_is_shown_and_what_strayed_says_where_it_belongs(
    kiosk: tuple[str, SmallShop], tab: Tab
) -> None:
    base, _ = kiosk
    for accept, texts in (
        ("zh-CN", ["空调滤清器", "12 件", "雨刮片 600 mm", "4 件", "保险丝 20A", "3 件", "放错货位，应在 9 号货位"]),
        ("en-GB", ["Cabin air filter", "12 pcs", "Wiper blade", "4 pcs", "Blade fuse", "Belongs to bin 9"]),
    ):
        tab.language(accept)
        tab.open(base + "/stock")
        tab.wait_text(texts[-1])
        tile = _tile(tab, texts[-1])
        assert [content for content in texts if content not in tile] == []
        assert tab.overflow() == 0
    tab.press("Belongs to bin 9")
    tab.wait_text("Light this bin")
    assert tab.text().count("Bin 11 · ") == 3


def test_what_left_a_shared_bin_is_asked_part_by_part(kiosk: tuple[str, SmallShop], tab: Tab) -> None:
    base, shop = kiosk
    tab.open(base + "/questions")
    tab.wait_text("货位 11 少了什么？")
    tab.wait_text("93.7 %")
    tab.press("1 个空调滤清器、1 个雨刮片 600 mm")
    wait_for(lambda: shop.asked, "the answer")
    assert shop.asked == [ResolveByCount(QUESTION, {"AF-3300": -1, "WB-0600": -1}, "p-wang")]


def test_a_shared_bin_is_counted_part_by_part(kiosk: tuple[str, SmallShop], tab: Tab) -> None:
    base, shop = kiosk
    tab.language("en-GB")
    tab.open(base + "/questions")
    tab.wait_text("What left bin 11?")
    tab.evaluate("[...document.querySelectorAll('.pb-card')].find(c => c.innerText.includes('bin 11?')).id = 'eleven'")
    tab.evaluate("[...document.querySelectorAll('#eleven button')].find(b => b.innerText === 'Count the bin').click()")
    tab.wait_text("Wiper blade 600 mm · The books say 4 pcs")
    tab.evaluate("[...document.querySelectorAll('.q-dialog [aria-label=Less]')][1].click()")
    tab.press("That is the count")
    wait_for(lambda: shop.asked, "the count")
    assert shop.asked == [ResolveByStock(QUESTION, {"AF-3300": 12, "WB-0600": 3, "FU-0020": 3}, "p-wang")]


def test_what_strayed_is_to_be_brought_home_and_nobody_is_asked(kiosk: tuple[str, SmallShop], tab: Tab) -> None:
    base, shop = kiosk
    shop.tell_stray()
    tab.open(base + "/questions")
    tab.wait_text("请把它放回货位 9")
    tab.language("en-GB")
    tab.open(base + "/questions")
    tab.wait_text("Please put it back into bin 9")
    card = "[...document.querySelectorAll('.pb-card')].find(c => c.innerText.includes('Please put it back'))"
    told = str(tab.evaluate(f"{card}.innerText"))
    assert "A part lies there that belongs elsewhere" in told
    assert "Count the bin" in told


def test_hands_at_a_shared_bin_are_told_by_weight(kiosk: tuple[str, SmallShop], tab: Tab) -> None:
    base, _ = kiosk
    tab.open(base)
    tab.wait_text("约 −440 克")
    assert "货位 11" in tab.text()
