"""Imports and the planogram in a real browser: a file sent and taken over, a bin changed, sent, and put back."""

from collections.abc import Iterator

import httpx
import pytest

from tests.cloud.import_files import PARTS
from tests.pages.browser import Tab
from tests.pages.cloud_program import ANSWER_S, OTHER_EMAIL, OTHER_PASSWORD, let_in, running_cloud, signed_in

PLANOGRAM = "/shops/shop-1/planogram"
HANDS_OVER = """(() => {
  const field = document.querySelector("input[type=file]"), held = new DataTransfer();
  held.items.add(new File([%r], "配件.csv"));
  field.files = held.files;
  field.dispatchEvent(new Event("change", {bubbles: true}));
})()"""


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_cloud(tmp_path_factory.mktemp("cloud")) as base:
        yield base


def begin(tab: Tab, base: str, path: str) -> None:
    """Come to a page on a phone, signed in."""
    let_in(tab, base)
    tab.open(base + path)


def test_a_file_is_sent_looked_at_and_taken_over(cloud: str, tab: Tab) -> None:
    tab.language("zh-CN")
    begin(tab, cloud, "/imports")
    tab.wait_text("还没有导入过文件")
    wrong = PARTS.replace("850.5", "很重").replace("(g)", "")
    tab.evaluate(HANDS_OVER % wrong)
    tab.wait("location.pathname.startsWith('/imports/i-')", "the import's own page")
    tab.wait_text("质量的单位")
    for content in ("待确认", "配件", "编码：UTF-8（内容符合）", "行 2", "很重", "数字", "新柴油滤清器"):
        tab.wait_text(content)
    assert tab.overflow() == 0
    tab.press("按此重新读取")
    tab.wait_text("写入 2 行")
    tab.press("写入 2 行")
    tab.wait_text("已全部写入")
    tab.language("en-GB")
    tab.open(f"{cloud}/imports")
    tab.wait_text("3 lines · 2 accepted · 1 refused")
    tab.wait_text("Taken over")
    assert tab.overflow() == 0
    assert tab.errors == []


def test_a_bin_is_changed_sent_and_put_back(cloud: str, tab: Tab) -> None:
    tab.language("en-GB")
    begin(tab, cloud, PLANOGRAM)
    tab.wait_text("Blade fuse 20 A")
    tab.press("Blade fuse 20 A")
    tab.wait_text("31 pcs there now")
    tab.evaluate(
        "(() => { const field = document.querySelector('.pb-dialog input[type=search]'); field.value = 'LB-2421';"
        "field.dispatchEvent(new Event('input', {bubbles: true})); })()"
    )
    tab.wait("document.querySelectorAll('.pb-dialog .pb-choice').length > 0", "parts that were found")
    tab.evaluate("document.querySelector('.pb-dialog .pb-choice').click()")
    tab.wait_text("It can be counted so.")
    tab.press("Done")
    tab.wait_text("LB-2421 comes in")
    tab.wait("!document.querySelector('.q-dialog__backdrop, .pb-dialog')", "the dialog gone")
    assert tab.overflow() == 0
    tab.press("Send to the gateway")
    tab.wait_text("The gateway still works from version")
    tab.wait("!document.body.innerText.includes('Send to the gateway')", "nothing left to send")
    tab.open(f"{cloud}{PLANOGRAM}/versions")
    tab.wait_text("LB-2421 comes in")
    tab.wait_text("陈经理")
    tab.evaluate("[...document.querySelectorAll('button')].find(b => b.innerText === 'Go back to this one').click()")
    tab.wait_text("It becomes a new version")
    tab.evaluate("document.querySelector('.pb-dialog .pb-button.is-danger').click()")
    tab.wait_text("LB-2421 goes out")
    assert tab.overflow() == 0
    assert tab.errors == []


def test_doors_before_dear_parts_are_proposed_by_price(cloud: str, tab: Tab) -> None:
    with httpx.Client(base_url=cloud, cookies=signed_in(cloud), timeout=ANSWER_S) as dealer:
        for part, minor in (("BP-2913", 68_000), ("OF-1012", 50_000)):
            price = {"from_day": "2026-01-05", "price_minor": minor, "tax_ppm": 130_000}
            assert dealer.post(f"/api/catalogue/prices/{part}", json=price).status_code == 200
        tab.language("en-GB")
        begin(tab, cloud, PLANOGRAM)
        tab.press("Cabinet 2")
        tab.wait_text("Door 2")
        tab.press("Find dear parts")
        tab.wait_text("Bin 6 · Brake pad · ¥680.00")  # a filter costs 500 and not more
        tab.wait_text("Bin 19 · Brake pad · ¥680.00")
        assert "Oil filter · ¥" not in tab.text()
        tab.wait_text("Parts without a price, not judged here: 9")
        tab.press("Door 1")
        tab.press("Have them ask for a PIN: Door 2")
        tab.wait_text("All these doors ask for a PIN.")
        assert tab.overflow() == 0
        tab.press("Send to the gateway")
        tab.wait("!document.body.innerText.includes('Send to the gateway')", "nothing left to send")
        asking = [cabinet["pin_doors"] for cabinet in dealer.get(f"/api{PLANOGRAM}").json()["cabinets"]]
    assert asking == [[], [1, 2]]
    assert tab.errors == []


def test_what_another_editor_saves_is_told_and_nothing_is_lost(cloud: str, tab: Tab) -> None:
    tab.language("zh-CN")
    begin(tab, cloud, PLANOGRAM)
    tab.wait_text("刹车片")
    tab.press("刹车片")
    tab.wait_text("现有")
    tab.evaluate(
        "(() => { const field = document.querySelectorAll('.pb-dialog input[type=number]')[0]; field.value = '9';"
        "field.dispatchEvent(new Event('change', {bubbles: true})); })()"
    )
    tab.press("好了")
    tab.wait_text("容量 7 → 9")
    with httpx.Client(base_url=cloud, cookies=signed_in(cloud), timeout=ANSWER_S) as other:
        seen = other.get(f"/api{PLANOGRAM}").json()
        changed = {"cabinet": "cab-1", "bin": 6, "cell": "c3-10kg", "parts": []}
        draft = {"version": seen["version"], "bins": [changed]}
        assert other.put(f"/api{PLANOGRAM}", json=draft).status_code == 200
    tab.wait_text("别人已保存了版本")
    tab.wait_text("你和别人都改了：cab-1/6")
    tab.press("发送到网关")
    tab.wait("!document.body.innerText.includes('发送到网关')", "nothing left to send")
    tab.wait_text("容量 9 件")
    assert tab.errors == []


def test_what_is_not_theirs_is_not_there(cloud: str) -> None:
    cookies = signed_in(cloud, OTHER_EMAIL, OTHER_PASSWORD)
    with httpx.Client(base_url=cloud, cookies=cookies, timeout=ANSWER_S) as other:
        for path in (PLANOGRAM, f"{PLANOGRAM}/versions", "/imports/i-0000000000000000"):
            answer = other.get(path)
            assert answer.status_code == 404, path
            assert "城东" not in answer.text


def test_the_pages_are_for_those_who_may(cloud: str) -> None:
    for path in ("/imports", PLANOGRAM, f"{PLANOGRAM}/versions"):
        assert httpx.get(cloud + path, timeout=ANSWER_S).status_code == 303, path
