"""A clerk's catalogue in a real browser: a part made, priced, found and withdrawn; VINs tried; a robot made."""

import time
from collections.abc import Iterator
from urllib.parse import quote

import httpx
import pytest

from cloud.pages.typed_numbers import percent_ppm, percent_text, thousandths, thousandths_text, whole
from edge_gateway.upload_format import Item, TaughtMassItem, Upload, encode_upload
from tests.pages.browser import Tab
from tests.pages.cloud_program import ANSWER_S, KEYS, let_in, running_cloud, signed_in

NUMBER = "KX 400/1"
VIN = "LZZ1CCND4NA123456"


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_cloud(tmp_path_factory.mktemp("cloud")) as base:
        yield base


@pytest.fixture
def clerk(cloud: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=cloud, cookies=signed_in(cloud), timeout=ANSWER_S) as client:
        yield client


def begin(tab: Tab, base: str, path: str) -> None:
    """Come to a page on a phone, signed in."""
    let_in(tab, base)
    tab.open(base + path)


def say(tab: Tab, label: str, content: str, where: str = ".pb-main") -> None:
    """Type into the field of a label, in place of what stands there; the last one of several is meant."""
    found = f"[...document.querySelectorAll('{where} label')].filter(e => e.firstChild.innerText === '{label}').at(-1)"
    tab.wait(f"Boolean({found})", f"the field {label}")
    event = "new Event('{}', {{bubbles: true}})"
    tab.evaluate(
        f"(() => {{ const field = {found}.querySelector('input, select'); field.value = '{content}';"
        f"field.dispatchEvent({event.format('input')}); field.dispatchEvent({event.format('change')}); }})()"
    )


def shown(tab: Tab, label: str) -> str:
    """What stands in the field of a label."""
    found = f"[...document.querySelectorAll('.pb-main label')].find(e => e.firstChild.innerText === '{label}')"
    value: str = tab.evaluate(f"{found}.querySelector('input, select').value")
    return value


def unfold(tab: Tab, label: str) -> None:
    """Open a form that is folded away."""
    tab.evaluate(f"[...document.querySelectorAll('summary')].find(e => e.innerText === '{label}').click()")


def be_sure(tab: Tab) -> None:
    """Say yes to what is asked first."""
    tab.wait("Boolean(document.querySelector('.pb-dialog .is-danger'))", "to be asked")
    tab.evaluate("document.querySelector('.pb-dialog .is-danger').click()")


def test_a_part_is_made_priced_found_and_withdrawn(cloud: str, clerk: httpx.Client, tab: Tab) -> None:
    begin(tab, cloud, "/search?q=kx400")
    tab.open(f"{cloud}/search?q={quote(NUMBER)}")
    tab.press("新建配件")
    tab.wait("location.pathname === '/part/edit' && Boolean(window.socket?.connected)", "the form")
    assert shown(tab, "零件号") == NUMBER
    for label, content in (
        ("零件号", "OF-1012"), ("中文名称", "空滤总成"), ("单件重量（克）", "很重"), ("包装数量", "0"),
        ("条形码（GTIN）", "123"), ("分类", "engine"),
    ):  # fmt: skip
        say(tab, label, content)
    tab.press("新建")
    for refused in ("请填克数", "1 到 1,000,000 的整数", "8、12、13 或 14 位数字"):
        tab.wait_text(refused)
    assert (shown(tab, "单件重量（克）"), shown(tab, "中文名称"), shown(tab, "分类")) == ("很重", "空滤总成", "engine")
    for label, content in (("单件重量（克）", "850.5"), ("包装数量", "6"), ("条形码（GTIN）", "")):
        say(tab, label, content)
    tab.press("新建")
    tab.wait_text("目录里已经有这个零件号")
    assert "请填克数" not in tab.text()
    say(tab, "零件号", NUMBER)
    tab.press("新建")
    tab.wait_text("还没有价格")
    path = f"/api/catalogue/parts/{NUMBER}"
    made = clerk.get(path).json()
    assert (made["unit_mass_mg"], made["pack_size"], made["category"]) == (850_500, 6, "engine")
    say(tab, "由哪个零件号替代", NUMBER)
    tab.press("保存")
    tab.wait_text("互相替代成了一个圈")
    say(tab, "由哪个零件号替代", "OF-1012")
    say(tab, "英文名称", "Air filter")
    tab.press("保存")
    tab.wait_text("已保存")
    changed = clerk.get(path).json()
    assert (changed["superseded_by"], changed["name_en"], changed["name_zh"]) == ("OF-1012", "Air filter", "空滤总成")
    _add_others(tab, clerk)
    _set_prices(tab, clerk)
    assert (tab.overflow(), tab.errors) == (0, [])
    _is_found_and_withdrawn(cloud, tab)


def _add_others(tab: Tab, clerk: httpx.Client) -> None:
    unfold(tab, "添加号码")
    say(tab, "号码", " ")
    tab.evaluate("[...document.querySelectorAll('button')].find(e => e.innerText === '添加号码').click()")
    tab.wait_text("零件号要 1 到 64 个字符")
    say(tab, "号码", "1109070-29D")
    tab.press("添加号码")
    tab.wait_text("1109070-29D")
    unfold(tab, "添加车型")
    say(tab, "从哪年", "2019")
    tab.press("添加车型")
    tab.wait_text("品牌和发动机至少填一项")
    assert shown(tab, "从哪年") == "2019"
    say(tab, "发动机", "CA6DM3")
    tab.press("添加车型")
    tab.wait_text("2019 起")
    assert clerk.get(f"/api/catalogue/references/{NUMBER}").json()[0]["kind"] == "oe"
    tab.press("移除")
    tab.wait_text("没有其他号码")


def _set_prices(tab: Tab, clerk: httpx.Client) -> None:
    unfold(tab, "设定价格")
    say(tab, "单价（不含税）", "128.505")
    tab.press("设定价格")
    tab.wait_text("请填金额")
    say(tab, "单价（不含税）", "128.50")
    tab.press("设定价格")
    tab.wait_text("¥145.21")
    tab.wait_text("现行")
    say(tab, "店铺", "shop-1")
    say(tab, "从哪天起", "2031-05-01")
    say(tab, "单价（不含税）", "99")
    say(tab, "税率（%）", "7.7")
    tab.press("设定价格")
    tab.wait_text("将生效")
    newest = clerk.get(f"/api/catalogue/prices/{NUMBER}").json()[0]
    assert newest == {
        "shop": "shop-1", "from_day": "2031-05-01", "price_minor": 9900, "currency": "CNY", "tax_ppm": 77_000,
    }  # fmt: skip
    refused = clerk.post(f"/api/catalogue/prices/{NUMBER}", json={**newest, "shop": "shop-9"})
    assert refused.status_code == 404


def _is_found_and_withdrawn(cloud: str, tab: Tab) -> None:
    edit = f"{cloud}/part/edit?number={quote(NUMBER, safe='')}"
    tab.press("停售")
    tab.wait("Boolean(document.querySelector('.pb-dialog .is-danger'))", "to be asked")
    tab.press("取消")
    tab.open(f"{cloud}/search?q=kx4001")
    tab.wait_text("空滤总成")
    assert "已停售" not in tab.text()
    tab.open(edit)
    tab.press("停售")
    be_sure(tab)
    tab.wait_text("这个配件已停售")
    tab.open(f"{cloud}/catalogue?withdrawn=1&lang=en")
    tab.wait_text("Air filter")
    tab.wait_text("replaced by OF-1012")
    assert "Brake pad" not in tab.text()
    tab.open(f"{edit}&lang=en")
    tab.press("Offer it again")
    tab.wait_text("It is offered no longer")


def test_a_row_of_the_table_of_models_counts_at_once(cloud: str, tab: Tab) -> None:
    begin(tab, cloud, "/models")
    tab.wait_text("还没有车型")
    say(tab, "试一个 VIN", VIN)
    tab.press("试试")
    tab.wait_text(VIN)
    assert "T7H" not in tab.text()
    unfold(tab, "添加一行")
    for label, content in (
        ("VIN 前 3 位", "LZO"),
        ("后面几位（? 为任意）", "1c?n"),
        ("品牌", "汕德卡"),
        ("车型", "T7H"),
    ):
        say(tab, label, content)
    tab.press("添加一行")
    tab.wait_text("VIN 的前 3 位，没有 I、O、Q")
    say(tab, "VIN 前 3 位", "lzz")
    tab.press("添加一行")
    tab.wait_text("自有车型表")
    assert tab.overflow() == 0
    tab.press("移除")
    tab.wait_text("移除 LZZ 1C?N")
    be_sure(tab)
    tab.wait_text("还没有车型")
    tab.wait("!document.body.innerText.includes('自有车型表')", "the VIN to be read anew")
    assert tab.errors == []


def test_a_robot_is_made_shown_once_and_withdrawn(cloud: str, clerk: httpx.Client, tab: Tab) -> None:
    tab.language("en-GB")
    begin(tab, cloud, "/robots")
    tab.wait_text("No robot yet")
    tab.press("Make a robot")
    say(tab, "Name", "Workshop", ".pb-dialog")
    tab.evaluate("document.querySelector('.pb-dialog input[value=dingtalk]').click()")
    tab.wait_text("App Secret")
    tab.evaluate("document.querySelector('.pb-dialog .is-main').click()")
    tab.wait_text("what the chat's platform gave you")
    tab.evaluate("document.querySelector('.pb-dialog input[value=wecom]').click()")
    tab.wait("!document.querySelector('.pb-dialog').innerText.includes('App Secret')", "nothing more to be asked for")
    tab.evaluate("document.querySelector('.pb-dialog .is-main').click()")
    tab.wait("document.querySelectorAll('.pb-secret').length === 3", "the address and both secrets")
    address, token, key = tab.evaluate("[...document.querySelectorAll('.pb-secret')].map(e => e.innerText)")
    [robot] = clerk.get("/api/robots").json()
    assert (address, len(token), len(key)) == (f"{cloud}{robot['address']}", 32, 43)
    tab.press("Close")
    tab.wait("!document.body.innerText.includes('EncodingAESKey')", "the secrets to be gone")
    tab.open(f"{cloud}/robots")
    tab.wait_text("Workshop")
    assert token not in tab.evaluate("document.documentElement.outerHTML")
    assert tab.overflow() == 0
    tab.press("Withdraw")
    be_sure(tab)
    tab.wait_text("No robot yet")
    assert clerk.get("/api/robots").json() == []
    tab.open(f"{cloud}/audit?target=robot")
    tab.wait_text("Chat robot withdrawn")
    assert token not in tab.evaluate("document.documentElement.outerHTML")
    assert tab.errors == []


def test_a_mass_that_a_shop_weighed_is_taken_over(cloud: str, clerk: httpx.Client, tab: Tab) -> None:
    figures = 58_070, 24, 210, 640
    item = TaughtMassItem(
        "mass/BS-0077/0a1b2c3d4e5f", "BS-0077", *figures, "[[20,1161400,100],[11,638800,100]]", "bench", "p-wang",
        58_000, 250, int(time.time() * 1000) - 600_000,
    )  # fmt: skip
    body = encode_upload(Upload("gw-2", "7766554433221100", [Item(1, item)]))
    headers = {"Authorization": f"Bearer {KEYS['gw-2']}"}
    sent = httpx.post(f"{cloud}/api/gateway/upload", content=body, headers=headers, timeout=ANSWER_S)
    assert sent.status_code == 200, sent.text
    begin(tab, cloud, "/part?number=BS-0077")
    tab.wait_text("北环货车保养站 · 31 个，分 2 批")
    tab.wait_text("58.07 ± 0.024 克")
    tab.press("采用 58.07 克")
    tab.wait_text("目录已采用")
    part = clerk.get("/api/catalogue/parts/BS-0077").json()
    assert (part["unit_mass_mg"], part["spread_mg"]) == (58_070, 210)
    tab.open(f"{cloud}/part?number=BS-0077")
    tab.wait_text("58.1 ± 0.2 g")
    assert (tab.overflow(), tab.errors) == (0, [])


@pytest.mark.parametrize(
    ("typed", "found"),
    [("850.5", 850_500), ("850,5", 850_500), ("12", 12_000), ("0.001", 1), ("0.0001", None), ("-1", None),
     ("很重", None), ("1e3", None), ("１２", None), ("1.", None), ("9999999999", None)],
)  # fmt: skip
def test_grams_are_read_exactly_or_not_at_all(typed: str, found: int | None) -> None:
    assert thousandths(typed) == found


def test_numbers_are_shown_as_they_are_typed() -> None:
    assert [thousandths_text(value) for value in (850_500, 12_000, 1)] == ["850.5", "12", "0.001"]
    assert [percent_text(ppm) for ppm in (130_000, 77_000, 0)] == ["13", "7.7", "0"]
    assert [percent_ppm(typed) for typed in ("13%", "7.7", "13 %", "x")] == [130_000, 77_000, 130_000, None]
    assert [whole(typed) for typed in ("1 000", "7", "1.5", "²", "")] == [1000, 7, None, None, None]
