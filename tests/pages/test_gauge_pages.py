"""The gauges, classes and service levels, and the menu that leads there, in a real browser on the real service."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import col, delete, select

from cloud.clock import wall_clock_ms
from cloud.database import Database, open_database
from cloud.pages import entries
from cloud.pages.service_level import _signed, _steps
from cloud.replenishment.gauges.part_years import last_monday
from cloud.rights import RIGHTS_OF, ROLES
from cloud.tables import LevelCurve, PartCurve, PartYear, PlanningRun, PolicyAim
from page_kit.language import Say
from page_kit.tabs import Tab as MenuTab
from page_kit.tabs import find_here
from tests.pages.browser import Tab
from tests.pages.cloud_program import let_in, running_cloud

AIMS = (0, 800_000, 900_000, 950_000, 990_000, 995_000)
STEADY, GROWING = (10,) * 52, (4,) * 26 + (12,) * 26


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Database]]:
    folder: Path = tmp_path_factory.mktemp("cloud")
    with running_cloud(folder) as base:
        database = open_database(f"sqlite:///{folder / 'cloud.db'}")
        _keep_what_runs_keep(database)
        yield base, database
        database.close()


def _keep_what_runs_keep(database: Database) -> None:
    """A year of two parts, and the curve of a planning run: what a week and a night would have made."""
    now_ms = wall_clock_ms()
    with database.writing() as session:
        for table in (PlanningRun, LevelCurve, PartCurve):  # what was planned of a cloud that has seen nothing yet
            session.exec(delete(table))
        session.add(PlanningRun(id="of this night", dealer_id="dealer-1", started_ms=now_ms, ended_ms=now_ms, bins=12))
        for part, weeks, price in (("OF-1012", STEADY, 16800), ("FF-2040", GROWING, 12850), ("LB-2421", STEADY, 10)):
            session.merge(
                PartYear(
                    dealer_id="dealer-1", part=part, until_day=last_monday(now_ms, "Asia/Shanghai"), shops=2,
                    weeks=",".join(map(str, weeks)), price_minor=price, currency="CNY", made_ms=now_ms,
                )
            )  # fmt: skip
        for at, aim in enumerate(AIMS):
            stock = 200.0 if not aim else 100.0 + 40 * at
            session.add(
                LevelCurve(
                    dealer_id="dealer-1", shop_id="shop-1", category="engine", aim_ppm=aim, bins=12, pieces=stock,
                    value_minor=stock * 6800, asked=1200.0, short=60.0 / (at or 2), orders=240.0, cost_minor=1e6,
                    made_ms=now_ms,
                )
            )  # fmt: skip
        points = [[aim, 10.0 + at, 68_000.0 + 6800 * at, 12.0 / (at + 1)] for at, aim in enumerate(AIMS)]
        session.add(
            PartCurve(
                dealer_id="dealer-1", part="OF-1012", category="engine", bins=3, points=json.dumps(points),
                made_ms=now_ms,
            )
        )  # fmt: skip


@pytest.fixture
def dealer(cloud: tuple[str, Database], tab: Tab) -> Tab:
    """The dealer's manager at a phone, in Chinese."""
    let_in(tab, cloud[0])
    return tab


def test_the_menu_leads_to_the_gauges_and_to_a_shops_own(cloud: tuple[str, Database], dealer: Tab) -> None:
    """By thumb on a phone; a group closes when one presses beside it."""
    dealer.open(cloud[0])
    dealer.wait_text("城东卡车维修")
    opened = "document.querySelectorAll('.pb-group[open]').length"
    dealer.evaluate("[...document.querySelectorAll('.pb-group summary')].find(e => e.innerText === '分析').click()")
    dealer.wait(f"{opened} === 1", "the group to open")
    tall = "Math.min(...[...document.querySelectorAll('.pb-group[open] a')].map(e => e.offsetHeight))"
    assert dealer.evaluate(tall) >= 52
    dealer.evaluate("document.body.dispatchEvent(new PointerEvent('pointerdown', {bubbles: true}))")
    dealer.wait(f"{opened} === 0", "the group to close")
    dealer.evaluate("[...document.querySelectorAll('.pb-group summary')].find(e => e.innerText === '分析').click()")
    dealer.press("全准快省")
    dealer.wait("location.pathname === '/gauges'", "the gauges")
    dealer.wait_text("各店铺")
    assert dealer.evaluate("document.querySelectorAll('.pb-gauge').length") == 4
    assert dealer.evaluate("document.querySelector('[aria-current=page]').textContent") == "全准快省"
    assert "每 100 件" in dealer.text()
    assert dealer.overflow() == 0
    dealer.press("快 从缺货到补上")
    dealer.wait("location.search === '?by=fast'", "the shops by another gauge")
    dealer.press("城东卡车维修")
    dealer.wait("location.pathname === '/shops/shop-1/gauges'", "the shop's own")
    dealer.wait_text("称重盘点")
    dealer.open(f"{cloud[0]}/")
    dealer.wait("document.querySelectorAll('.pb-strip-one').length === 4", "the gauges in one line")
    dealer.open(f"{cloud[0]}/shops/shop-1")
    at = "[...document.querySelectorAll('h2')].findIndex(e => e.innerText === '{}')"
    assert 0 <= dealer.evaluate(at.format("货柜")) < dealer.evaluate(at.format("这家店的更多内容"))
    assert dealer.overflow() == 0
    assert dealer.errors == []


def _type(dealer: Tab, key: str, code: int, text: str = "") -> None:
    """A key of the keyboard, down and up."""
    dealer.call("Input.dispatchKeyEvent", type="keyDown", key=key, code=key, text=text, windowsVirtualKeyCode=code)
    dealer.call("Input.dispatchKeyEvent", type="keyUp", key=key, code=key, windowsVirtualKeyCode=code)


def test_a_menu_is_used_by_keyboard(cloud: tuple[str, Database], dealer: Tab) -> None:
    dealer.size(820, 1180)
    dealer.language("en-GB")
    dealer.open(f"{cloud[0]}/gauges")
    dealer.wait_text("Shop by shop")
    dealer.evaluate("document.querySelector('.pb-group summary').focus()")
    _type(dealer, "Enter", 13, "\r")
    dealer.wait("document.querySelector('.pb-group[open]') !== null", "the group to open")
    _type(dealer, "ArrowDown", 40)
    focused = "document.activeElement.matches('.pb-group[open] a')"
    dealer.wait(focused, "its first page to have the focus")
    as_drawn = "document.querySelector('.pb-tabs').outerHTML.replaceAll(' open=\"\"', '')"
    dealer.evaluate(f"document.querySelector('.pb-tabs').parentElement.innerHTML = {as_drawn}")
    dealer.wait(focused, "the group to be open again after a number in it has changed")
    _type(dealer, "Escape", 27)
    closed = "document.activeElement.tagName === 'SUMMARY' && !document.querySelector('.pb-group[open]')"
    dealer.wait(closed, "the group to close")
    assert dealer.overflow() == 0
    assert dealer.errors == []


def test_parts_stand_in_their_classes(cloud: tuple[str, Database], dealer: Tab) -> None:
    dealer.open(f"{cloud[0]}/classes")
    dealer.wait_text("四个区域")
    field = "document.querySelector('.pb-field-of.is-{}').innerText"
    assert "1 种" in dealer.evaluate(field.format("star")) and "燃油滤清器" in dealer.evaluate(field.format("star"))
    assert "机油滤清器" in dealer.evaluate(field.format("cow"))
    assert dealer.overflow() == 0
    dealer.evaluate("document.querySelector('.pb-field-of.is-dog').click()")
    dealer.wait_text("瘦狗：1 种")
    assert "LB-2421" in dealer.evaluate("document.querySelector('table').innerHTML")
    dealer.open(f"{cloud[0]}/classes?growth=300")
    dealer.wait_text("300 %")
    assert "0 种" in dealer.evaluate(field.format("star"))
    file = "fetch(document.querySelector('a[download]').href).then(a => a.text())"
    assert dealer.evaluate(file).count("\r\n") == 4
    dealer.open(f"{cloud[0]}/classes?view=shops")
    dealer.wait_text("没有哪家店明显用得少了")
    assert dealer.overflow() == 0
    assert dealer.errors == []


def test_somebody_moves_along_the_curve_and_aims_there(cloud: tuple[str, Database], dealer: Tab) -> None:
    base, database = cloud
    dealer.open(f"{base}/service-level?shop=shop-2")
    dealer.wait_text("还没有算过补货策略")
    dealer.open(f"{base}/service-level?category=engine")
    dealer.wait_text("目标定在 95 %")
    dealer.evaluate(
        "(() => { const made = document.querySelector('.pb-range'); made.value = made.max;"
        " made.dispatchEvent(new Event('input')); })()"
    )
    dealer.wait_text("目标定在 99.5 %")
    dealer.wait_text("+5 件")
    dealer.wait_text("+¥6,800")  # 300 pieces where there are 200; drawn apart from the list of parts
    assert dealer.overflow() == 0
    dealer.press("目标定在 99.5 %")
    dealer.wait_text("把发动机件的目标定为 99.5 %？")
    dealer.wait_text("从 ¥13,600 变为 ¥20,400（+¥6,800），每月缺货从 2.5 件变为 1.0 件")
    dealer.evaluate("document.querySelector('.pb-dialog .is-main').click()")
    dealer.wait_text("目标已定")
    with database.reading() as session:
        [aim] = session.exec(select(PolicyAim).where(col(PolicyAim.dealer_id) == "dealer-1")).all()
        assert (aim.shop_id, aim.category, aim.mode, aim.fill_ppm) == ("", "engine", "fill", 995_000)
        assert len(session.exec(select(PlanningRun).where(col(PlanningRun.dealer_id) == "dealer-1")).all()) == 2
    assert dealer.errors == []


# ---- what is pure ----


def test_every_role_has_a_menu_of_what_it_may_see() -> None:
    known = {entry.path for entry in entries.ENTRIES}
    say = Say("en", entries.TEXTS)
    for role in ROLES:
        mine = entries.entries(lambda right, role=role: right in RIGHTS_OF[role], known)  # type: ignore[misc]
        tabs = entries.menu(say, mine)
        assert 1 <= len(tabs) <= entries.TABS_MAX
        shown = [page.path for tab in tabs for page in (tab.pages or (tab,))]
        assert sorted(shown) == sorted(entry.path for entry in mine)
        assert all(len(tab.pages) != 1 for tab in tabs)
    few = entries.menu(say, entries.entries(lambda _: True, {"/", "/vehicles"}))
    assert [tab.path for tab in few] == ["/", "/vehicles"]


def test_one_is_in_the_page_that_says_most_of_the_address() -> None:
    tabs = [
        MenuTab("", "a", pages=(MenuTab("/", "b", under=("/shops",)), MenuTab("/alerts", "c"))),
        MenuTab("/vans", "d"),
    ]
    places = ("/", "/shops/s/gauges", "/alerts", "/alerts/1", "/vans/2", "/vansx")
    assert [find_here(tabs, path) for path in places] == ["/", "/", "/alerts", "/alerts", "/vans", ""]


def test_round_steps_and_signs() -> None:
    assert [_steps(top) for top in (980, 4_300, 100)] == [
        [200, 400, 600, 800], [1000, 2000, 3000, 4000], [20, 40, 60, 80, 100],
    ]  # fmt: skip
    assert [_signed(value, 1) for value in (2.25, -1_234.0, 0.04)] == ["+2.2", "\u22121,234.0", "±0"]
