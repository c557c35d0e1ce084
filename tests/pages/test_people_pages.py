"""People, one's own account, gateways and the audit trail in a real browser; and where each role begins."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests import warm_programs
from tests.pages.browser import Browser, Tab
from tests.pages.cloud_program import ANSWER_S, EMAIL, PASSWORD, running_cloud

NEW_PASSWORD = "seven green apples"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("people")


@pytest.fixture(scope="module")
def cloud(folder: Path) -> Iterator[str]:
    with running_cloud(folder) as base:
        yield base


def sign_in(tab: Tab, base: str, email: str, password: str) -> None:
    tab.open(f"{base}/sign-in")
    tab.fill("[name=email]", email)
    tab.fill("[name=password]", password)
    tab.evaluate("document.querySelector('form').requestSubmit()")
    tab.wait("location.pathname !== '/sign-in' && document.readyState === 'complete'", "to be signed in")


@pytest.fixture
def manager(cloud: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=cloud, timeout=ANSWER_S) as client:
        assert client.post("/api/sign-in", json={"email": EMAIL, "password": PASSWORD}).status_code == 204
        yield client


def _choose(tab: Tab, label: str) -> None:
    """Press the option of a dialog that shows a text."""
    script = f"[...document.querySelectorAll('.pb-dialog .pb-option')].find(e => e.innerText.includes('{label}'))"
    tab.wait(f"Boolean({script})", f"the option {label}")
    tab.evaluate(f"{script}.click()")


def test_an_invitation_from_the_dialog_to_the_new_ones_first_page(cloud: str, browser: Browser, tab: Tab) -> None:
    """The admin sees the link once; whoever opens it chooses name and password and sees their shop alone."""
    sign_in(tab, cloud, EMAIL, PASSWORD)
    tab.open(f"{cloud}/people")
    tab.press("邀请")
    _choose(tab, "店主")
    tab.fill(".pb-dialog input[type=email]", "zhao@shop.example")
    tab.press("发出邀请")
    tab.wait_text("店主和维修工至少要选一个店铺")
    _choose(tab, "城东卡车维修")
    tab.press("发出邀请")
    tab.wait("Boolean(document.querySelector('.pb-secret'))", "the link")
    link = tab.evaluate("document.querySelector('.pb-secret').innerText")
    assert link.startswith(f"{cloud}/invitation/")
    tab.wait_text("zhao@shop.example")
    assert tab.overflow() == 0
    browser.forget()
    with browser.tab() as guest:
        guest.size(390, 844)
        guest.language("zh-CN")
        guest.open(link)
        guest.wait_text("华通配件 邀请 zhao@shop.example")
        guest.fill("[name=name]", "赵老板")
        guest.fill("[name=password]", "short")
        guest.evaluate("document.querySelector('form').requestSubmit()")
        guest.wait_text("密码要 10 到 200 个字符")
        guest.errors.clear()  # the browser says that the answer was a 422
        guest.fill("[name=password]", NEW_PASSWORD)
        guest.evaluate("document.querySelector('form').requestSubmit()")
        guest.wait_text("城东卡车维修")
        assert "北环货车保养站" not in guest.text()
        guest.open(f"{cloud}/people")
        guest.wait_text("你的角色看不了这个页面")
        guest.errors.clear()
        guest.open(f"{cloud}/account")
        guest.wait_text("店主")
        guest.press("改姓名")
        guest.wait("Boolean(document.querySelector('.pb-dialog input'))", "the dialog")
        guest.evaluate("document.querySelector('.pb-dialog input').select()")
        guest.fill(".pb-dialog input", "赵大老板")
        guest.press("保存")
        guest.wait_text("赵大老板")
        guest.language("en-GB")
        guest.open(f"{cloud}/account")
        guest.wait_text("Where you are signed in")
        assert guest.overflow() == 0
        assert guest.errors == []
    assert tab.errors == []


def test_shops_gateways_and_the_trail_of_it(cloud: str, tab: Tab) -> None:
    """A key is shown once, as the lines of gateway.toml; what was done stands in the audit trail."""
    sign_in(tab, cloud, EMAIL, PASSWORD)
    tab.open(f"{cloud}/gateways")
    tab.press("新开店铺")
    tab.wait("document.querySelectorAll('.pb-dialog input').length === 5", "the dialog")
    tab.fill(".pb-dialog input", "新港保养站")
    tab.press("保存")
    tab.wait_text("没有网关")
    tab.wait("!document.querySelector('.pb-dialog')", "the dialog to be gone")
    tab.press("登记网关")
    tab.wait("Boolean(document.querySelector('.pb-secret'))", "the key")
    lines = tab.evaluate("document.querySelector('.pb-secret').innerText")
    assert 'gateway = "gw-' in lines
    assert 'key = "pbg_' in lines
    assert f'url = "{cloud}"' in lines
    assert tab.overflow() == 0
    tab.open(f"{cloud}/audit?target=gateway")
    tab.wait_text("登记网关")
    assert "pbg_" not in tab.text()
    tab.language("en-GB")
    tab.open(f"{cloud}/audit")
    tab.wait_text("Gateway registered")
    assert tab.overflow() == 0
    assert tab.errors == []


def test_a_brand_and_an_operator_begin_where_they_may(
    cloud: str, folder: Path, manager: httpx.Client, browser: Browser, tab: Tab
) -> None:
    """The brand on its totals, the operator on the dealers; the shops' page sends them there."""
    invited = manager.post("/api/people/invitations", json={"email": "w@b.example", "role": "brand", "brand": "WIX"})
    code = invited.json()["link"].rsplit("/", 1)[1]
    brand = {"name": "品牌张", "password": NEW_PASSWORD}
    accepted = httpx.post(f"{cloud}/api/invitation/{code}", json=brand, timeout=ANSWER_S)
    assert accepted.status_code == 204
    config = folder / "cloud.toml"
    asked = ("cloud", "operator", "--config", config, "root@cloud.example")
    told = warm_programs.run(*asked, log=folder / "operator.log")
    assert httpx.get(told.split()[-1], timeout=ANSWER_S).status_code == 200
    code = told.split()[-1].rsplit("/", 1)[1]
    chosen = httpx.post(f"{cloud}/api/reset/{code}", json={"password": NEW_PASSWORD}, timeout=ANSWER_S)
    assert chosen.status_code == 204
    for email, path, zh, en in (
        ("w@b.example", "/totals", "品牌用量", "Totals by brand"),
        ("root@cloud.example", "/dealers", "华通配件", "Schema version"),
    ):
        browser.forget()
        sign_in(tab, cloud, email, NEW_PASSWORD)
        tab.wait(f"location.pathname === '{path}'", f"{email} to begin on {path}")
        tab.wait_text(zh)
        assert tab.overflow() == 0
        tab.open(f"{cloud}{path}?lang=en")
        tab.wait_text(en)
        assert "城东卡车维修" not in tab.text()
    assert tab.errors == []


def test_an_open_page_ends_with_its_membership(cloud: str, manager: httpx.Client, browser: Browser, tab: Tab) -> None:
    """Removed while the page is open: it shows nothing more."""
    invited = manager.post("/api/people/invitations", json={"email": "sun@b.example", "role": "clerk"})
    code = invited.json()["link"].rsplit("/", 1)[1]
    clerk = {"name": "孙业务", "password": NEW_PASSWORD}
    accepted = httpx.post(f"{cloud}/api/invitation/{code}", json=clerk, timeout=ANSWER_S)
    assert accepted.status_code == 204
    browser.forget()
    sign_in(tab, cloud, "sun@b.example", NEW_PASSWORD)
    tab.wait_text("城东卡车维修")
    rows = manager.get("/api/people/members").json()["members"]
    [member] = [row["id"] for row in rows if row["email"] == "sun@b.example"]
    assert manager.delete(f"/api/people/members/{member}").status_code == 204
    tab.wait("location.pathname === '/sign-in'", "the page to end")


def test_a_form_of_another_site_does_not_sign_anybody_in(cloud: str, tab: Tab) -> None:
    """Neither a form nor a socket: the browser says where it comes from."""
    tab.open(f"{cloud}/sign-in")
    told = tab.evaluate(
        f"fetch('{cloud.replace('127.0.0.1', 'localhost')}/sign-in', "
        "{method: 'POST', mode: 'no-cors', body: new URLSearchParams({email: 'a', password: 'b'})})"
        ".then(answer => answer.type)"
    )
    assert told == "opaque"
    tab.errors.clear()
    foreign = {"Origin": "http://evil.example"}
    for path in (
        "/sign-in",
        "/sign-out",
        "/forgotten",
        "/api/sign-in",
        "/_nicegui_ws/socket.io/?EIO=4&transport=polling",
    ):
        assert httpx.post(f"{cloud}{path}", headers=foreign, timeout=ANSWER_S).status_code == 403
