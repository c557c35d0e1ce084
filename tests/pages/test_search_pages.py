"""The search box in the head of every page, what it found, and a part's page, in a real browser on the real service."""

from collections.abc import Iterator

import httpx
import pytest

from tests.pages.browser import Tab
from tests.pages.cloud_program import ANSWER_S, OTHER_EMAIL, OTHER_PASSWORD, let_in, running_cloud, signed_in


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_cloud(tmp_path_factory.mktemp("cloud")) as base:
        with httpx.Client(base_url=base, cookies=signed_in(base), timeout=ANSWER_S) as client:
            for path, body in (
                ("parts", {"number": "OF-1012/A", "name_zh": "机油滤清器 <长效>", "name_en": "Oil filter <long>"}),
                ("references/OF-1012", [{"kind": "oe", "brand": "FAW", "number": "1012010-29D"}]),
                ("fitment/OF-1012", [{"make": "解放", "model": "J6P", "from_year": 2017}]),
                ("models", {"wmi": "LFW", "pattern": "SRX", "make": "解放", "model": "J6P"}),
            ):
                client.post(f"/api/catalogue/{path}", json=body).raise_for_status()
            changed = client.patch("/api/catalogue/parts/OF-1012", json={"superseded_by": "OF-1012/A"})
            changed.raise_for_status()
        yield base


def test_the_box_suggests_and_leads_to_a_part_by_keyboard(cloud: str, tab: Tab) -> None:
    let_in(tab, cloud)
    tab.open(cloud)
    tab.wait("document.querySelector('.pb-search[data-ready]') !== null", "the search box")
    tab.evaluate("document.dispatchEvent(new KeyboardEvent('keydown', {key: '/', bubbles: true}))")
    tab.wait("document.activeElement.name === 'q'", "the box to be where one types")
    tab.fill(".pb-search [name=q]", "101201029d")
    tab.wait("document.querySelectorAll('a.pb-found').length === 1", "one suggestion")
    tab.wait_text("1012010-29D")
    assert tab.overflow() == 0
    for key in ("ArrowDown", "Enter"):
        tab.evaluate(
            "document.querySelector('.pb-search input').dispatchEvent("
            f"new KeyboardEvent('keydown', {{key: '{key}', bubbles: true, cancelable: true}}))"
        )
    tab.wait("location.pathname === '/part'", "the part's page")
    for content in ("机油滤清器", "OF-1012/A", "解放", "2017 起", "城东卡车维修", "二号柜", "33 件"):
        tab.wait_text(content)
    assert (tab.overflow(), tab.errors) == (0, [])


def test_answers_in_both_languages(cloud: str, tab: Tab) -> None:
    let_in(tab, cloud)
    for language, texts in (
        ("zh", ("理解为", "机油滤清器（配件）", "33 件", "已由 OF-1012/A 替代", "机油滤清器 <长效>")),
        ("en", ("Taken as", "Oil filter", "33 pcs in stock", "replaced by OF-1012/A", "Oil filter <long>")),
    ):
        tab.open(f"{cloud}/search?q=%E6%9C%BA%E6%BB%A4&lang={language}")
        for content in texts:
            tab.wait_text(content)
        assert tab.overflow() == 0
    tab.open(f"{cloud}/search?q=lfwsrxsj4m1e1234o&lang=zh")
    for content in ("LFWSRXSJ4M1E12340", "第 17 位的 O 按 0 读", "自有车型表 · 确定", "适用的配件", "OF-1012"):
        tab.wait_text(content)
    tab.open(f"{cloud}/search?q=zzqqxx&lang=en")
    tab.wait_text("Nothing found for")
    assert tab.errors == []


def test_another_dealer_finds_nothing_of_it(cloud: str, tab: Tab) -> None:
    let_in(tab, cloud, OTHER_EMAIL, OTHER_PASSWORD)
    tab.open(f"{cloud}/part?number=OF-1012/A")
    tab.wait_text("没有这个页面")
    tab.open(f"{cloud}/search?q=1012010-29D&lang=en")
    tab.wait_text("Nothing found for")
