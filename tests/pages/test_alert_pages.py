"""A dealer sees what holds, takes it on, and has it told, in a real browser on the real service."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cloud.database import Database, open_database
from cloud.replenishment.alerts.keeping import keep
from cloud.replenishment.alerts.matters import HOUR_MS, Finding
from tests.pages.browser import Tab
from tests.pages.cloud_program import OTHER_EMAIL, OTHER_PASSWORD, let_in, running_cloud

NOW_MS = int(time.time() * 1000)
EMPTY = Finding(
    "runs_out",
    "shop-1",
    "cab-1/4/OF-1012",
    True,
    3,
    "cab-1",
    4,
    "OF-1012",
    since_ms=NOW_MS - 2 * HOUR_MS,
    detail={"stock": 0, "until_ms": 0},
)
SILENT = Finding("no_contact", "shop-2", "gateway", True, 3)
MISSING = Finding(
    "unexplained_loss", "shop-1", "cab-1/7/BS-0077", True, 1, "cab-1", 7, "BS-0077",
    detail={"lost": 4, "times": 2, "days": 7, "value_minor": 1_845_00, "currency": "CNY"},
)  # fmt: skip
QUIET_FROM, QUIET_TO = (f".pb-dialog .pb-fields label:nth-child({at}) input" for at in (1, 2))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("alerts")


@pytest.fixture(scope="module")
def cloud(folder: Path) -> Iterator[str]:
    with running_cloud(folder) as base:
        yield base


@pytest.fixture(scope="module")
def database(cloud: str, folder: Path) -> Iterator[Database]:
    assert cloud
    opened = open_database(f"sqlite:///{folder / 'cloud.db'}")
    yield opened
    opened.close()


def found(database: Database, *findings: Finding, ago_ms: int = 0) -> None:
    """What was found then, as judging keeps it."""
    kinds = ("runs_out", "no_contact", "unexplained_loss")
    with database.writing() as session:
        keep(session, "dealer-1", kinds, findings, int(time.time() * 1000) - ago_ms)


@pytest.fixture
def dealer(cloud: str, tab: Tab) -> Tab:
    """The dealer's manager at a phone, in Chinese."""
    let_in(tab, cloud)
    return tab


def test_an_alert_is_seen_and_taken_on(cloud: str, database: Database, dealer: Tab) -> None:
    found(database, EMPTY, SILENT, MISSING, ago_ms=HOUR_MS)
    dealer.open(f"{cloud}/alerts")
    dealer.wait_text("货位空了，已经要求补货，还没有安排到访。")
    for said in ("网关一直没有消息", "7 天里少了 4 件", "约值 ¥1,845.00。", "安排到访", "看店铺"):
        assert said in dealer.text(), said
    assert dealer.text().index("快断货") < dealer.text().index("去向不明")
    dealer.wait("document.querySelector('.pb-count')?.textContent === '3'", "three of them in the menu")
    dealer.press("我来处理")
    dealer.wait_text("大家会看到是你在处理")
    dealer.fill(".pb-dialog input", "下午带过去")
    dealer.evaluate("document.querySelector('.pb-dialog .is-main').click()")
    dealer.wait_text("陈经理 在处理")
    gone(dealer)
    assert "下午带过去" in dealer.text()
    dealer.wait("document.querySelector('.pb-count')?.textContent === '2'", "two that nobody has")
    assert dealer.overflow() == 0
    found(database, EMPTY, MISSING, replace(SILENT, holds=False, why="heard_again"))
    dealer.language("en-GB")
    dealer.open(f"{cloud}/alerts?shop=shop-2")
    dealer.wait_text("Nothing needs anybody")
    assert "It is heard of again" in dealer.text()
    dealer.size(820, 1180)
    dealer.open(f"{cloud}/shops/shop-1")
    dealer.wait_text("The bin is empty and more is asked for; no visit is planned.")
    assert "陈经理 has it" in dealer.text()
    dealer.press("The bin is empty")
    dealer.wait(
        "location.pathname === '/alerts' && !!document.querySelector('.pb-card.is-live')", "it among the alerts"
    )
    dealer.press("Give it back")
    dealer.wait("document.querySelectorAll('[data-take]').length === 2", "both to be nobody's")
    assert dealer.overflow() == 0
    assert dealer.errors == []


def test_a_program_is_told(cloud: str, dealer: Tab) -> None:
    """Its secret is shown once; this cloud refuses to call what is inside its own network, and says so."""
    dealer.open(f"{cloud}/alerts/ways")
    dealer.wait_text("还没有通知方式")
    dealer.press("添加方式")
    dealer.wait_text("云端没有设置邮件服务器")
    dealer.fill(".pb-dialog input[type=text]", "not an address")
    press_main(dealer)
    dealer.wait_text("请填邮箱，或 https:// 开头的地址。")
    retype(dealer, ".pb-dialog input[type=text]", "https://127.0.0.1:9/partsbay")
    retype(dealer, QUIET_FROM, "22:00")
    retype(dealer, QUIET_TO, "25:00")
    press_main(dealer)
    dealer.wait_text("请填两个不同的时间，例如 20:00 和 7:30。")
    retype(dealer, QUIET_TO, "7:30")
    press_main(dealer)
    dealer.wait("document.querySelector('.pb-secret')?.textContent.length > 40", "the secret")
    dealer.press("关闭")
    gone(dealer)
    dealer.wait_text("安静时间 22:00–07:30")
    dealer.press("试发")
    dealer.wait_text("没有送到：")
    assert "to be outside" in dealer.text()
    dealer.press("修改")
    dealer.wait("document.querySelector('.pb-dialog input[type=checkbox]') !== null", "the kinds")
    dealer.evaluate("document.querySelector('.pb-dialog input[type=checkbox]').click()")
    press_main(dealer)
    dealer.wait_text("快断货 · 全部店铺")
    gone(dealer)
    assert dealer.overflow() == 0
    dealer.press("删除")
    dealer.wait("document.querySelector('.pb-dialog .is-danger') !== null", "the question")
    dealer.evaluate("document.querySelector('.pb-dialog .is-danger').click()")
    dealer.wait_text("还没有通知方式")
    assert dealer.errors == []


def gone(dealer: Tab) -> None:
    """The box over the page is gone, and takes no press any more."""
    dealer.wait("document.querySelector('.q-dialog__backdrop, .pb-dialog') === null", "the box to be gone")


def retype(dealer: Tab, field: str, typed: str) -> None:
    """In place of what stands there."""
    dealer.evaluate(f"document.querySelector('{field}').select()")
    dealer.fill(field, typed)


def press_main(dealer: Tab) -> None:
    dealer.evaluate("document.querySelector('.pb-dialog .is-main').click()")


def test_another_dealer_sees_nothing_of_it(cloud: str, database: Database, tab: Tab) -> None:
    found(database, EMPTY)
    let_in(tab, cloud, OTHER_EMAIL, OTHER_PASSWORD)
    tab.open(f"{cloud}/alerts")
    tab.wait_text("没有要处理的事")
    assert "城东" not in tab.text()
    assert tab.errors == []
