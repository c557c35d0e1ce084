"""The pages of a shop's work in a real browser: a job opened, a file looked at, a claim made, a month closed."""

from pathlib import Path

from tests.pages.browser import Tab
from tests.pages.cloud_program import let_in, running_cloud
from tests.pages.work_shop import told_work

SHOP = "/shops/shop-2"


def dialog_field(tab: Tab, number: int, content: str) -> None:
    """Type into a field of the open box, in place of what is there."""
    tab.wait(f"document.querySelectorAll('.pb-dialog input:not([type=radio])').length > {number}", "the field")
    tab.evaluate(f"document.querySelectorAll('.pb-dialog input:not([type=radio])')[{number}].select()")
    tab.evaluate(f"document.querySelectorAll('.pb-dialog input:not([type=radio])')[{number}].focus()")
    tab.call("Input.insertText", text=content)


def test_work_of_a_shop(tmp_path: Path, tab: Tab) -> None:
    """On a phone, in Chinese; nothing is too wide and no page reports an error."""
    with running_cloud(tmp_path) as base, told_work(base) as client:
        let_in(tab, base)
        tab.open(f"{base}{SHOP}/jobs")
        tab.wait_text("K261120-7KQ2")
        tab.press("开工单")
        dialog_field(tab, 0, "换雨刮")
        dialog_field(tab, 1, "沪a d8231")
        tab.press("保存")
        tab.wait_text("换雨刮")
        [job] = client.get(f"/api{SHOP}/jobs", params={"words": "换雨刮"}).json()
        tab.open(f"{base}/vehicles?words=D8231&shop=shop-2")
        tab.wait_text("上海通达运输有限公司")
        tab.open(f"{base}{SHOP}/vehicles/{job['vehicle']}")
        for told in ("318,450 公里", "¥136.00", "读数有误", "估计", "换雨刮"):
            tab.wait_text(told)
        tab.press("抄里程")
        dialog_field(tab, 0, "318900")
        tab.press("保存")
        tab.wait_text("318,900 公里")
        tab.wait("!document.querySelector('.pb-dialog')", "the box to be gone")
        tab.press("退换/质保")
        tab.wait_text("数量（最多 1）")
        tab.press("取消")
        assert tab.overflow() == 0

        tab.open(f"{base}{SHOP}/claims?state=all")
        tab.wait_text("抵扣 ¥239.00（未税）")
        month = next(
            each["month"] for each in reversed(client.get(f"/api{SHOP}/statements").json()) if each["can_close"]
        )
        tab.open(f"{base}{SHOP}/statement?month={month}")
        tab.wait_text("未关账")
        tab.press("关账")
        tab.wait_text("关账后不再改动")
        tab.evaluate("document.querySelector('.pb-dialog .is-danger').click()")
        tab.wait_text("由 陈经理 关账")
        tab.open(f"{base}{SHOP}/people?lang=en")
        tab.wait_text("Names are kept 730 days")
        assert tab.overflow() == 0 and tab.errors == []
