"""The bench at the kiosk, in a real browser: devices behind real lines, masses taught, labels printed, tags written."""

from collections.abc import Iterator

import pytest

from edge_gateway.kiosk_seam import ChargeSession, GiveTag, TagDone, TeachMass
from tests.pages.bench_devices import BLANK, Bench, running_bench_devices
from tests.pages.browser import Tab, wait_for
from tests.pages.kiosk_program import running_kiosk
from tests.pages.small_shop import EPOCH, SmallShop

Running = tuple[str, SmallShop, Bench]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    lines, folder = tmp_path_factory.mktemp("lines"), tmp_path_factory.mktemp("kiosk")
    with running_bench_devices(lines) as bench, running_kiosk(folder) as (base, shop):
        shop.devices = bench.devices
        yield base, shop, bench


@pytest.fixture
def tab(tab: Tab) -> Iterator[Tab]:
    """A tab in which nothing may go wrong, on a phone."""
    yield tab
    assert tab.overflow() == 0
    assert tab.errors == []


def test_a_mass_is_taught(running: Running, tab: Tab) -> None:
    base, shop, bench = running
    shop.asked.clear()
    ready = "!document.querySelector('.pb-button.is-main.is-big').hasAttribute('disabled')"
    bench.grams = 500.0
    scale = bench.devices.scales["bench-scale"]
    wait_for(lambda: (found := scale.shown().steady) and found.mass_mg == 500_000, "what lies there to be at rest")
    tab.open(base + "/teach?part=BS-0077")
    tab.wait_text("1. 清空秤盘")
    for grams, button, then in [
        (1161.4, "就是 20 个", "还不知道：再称一批别的数目"),
        (638.8, "就是 10 个", "第 2 批像是 11 个，请重数"),
    ]:
        bench.grams = 0.0
        tab.wait_text("2. 放上")
        bench.grams = grams
        tab.wait(ready, "the weight at rest")
        tab.press(button)
        tab.wait_text(then)
    tab.wait_text("按目录重量，秤上是 11 个")
    tab.press("是 11 个")
    tab.wait_text("58.07 克")
    tab.press("确认：按 58.07 克 数")
    wait_for(lambda: shop.asked, "what was taught")
    assert shop.asked == [TeachMass("BS-0077", "bench-scale", ((20, 1_161_400, 100), (11, 638_800, 100)), "p-wang")]
    tab.wait("location.pathname === '/bench'", "the bench again")


def test_a_scan_goes_to_the_open_page(running: Running, tab: Tab) -> None:
    base, shop, bench = running
    tab.open(base + "/find")
    bench.scan("]E06901234567892")
    tab.wait_text("机油滤清器")
    assert tab.evaluate("location.search") == "?q=OF-1012"
    tab.fill("input[type=search]", "6901234567892")  # a scanner that types
    enter = "new KeyboardEvent('keydown', {key: 'Enter', bubbles: true})"
    tab.evaluate(f"document.querySelector('input[type=search]').dispatchEvent({enter})")
    tab.wait("location.search === '?q=OF-1012' && document.body.innerText.includes('机油滤清器')", "the part")
    bench.scan("PB:cab-1/6")
    tab.wait_text("一号柜 · 货位 6")
    tab.open(base + "/teach")
    tab.wait_text("燃油滤清器")
    bench.scan("\x1d0106901234567892\x1d21X7")
    tab.wait_text("克")
    assert tab.evaluate("location.search") == "?part=OF-1012"
    shop.asked.clear()
    tab.open(base + f"/session?id=cab-1%2F{EPOCH}%2F1")
    tab.wait_text("沪A·D8231")
    bench.scan("沪A·D8231")
    wait_for(lambda: shop.asked, "the session charged")
    assert shop.asked == [ChargeSession(f"cab-1/{EPOCH}/1", "J-2041", "p-wang")]


def test_labels_are_shown_and_printed(running: Running, tab: Tab) -> None:
    base, _, bench = running
    tab.open(base + "/bin?cabinet=cab-1&number=1")
    tab.wait("document.querySelector('.pb-label-picture img').naturalWidth === 479", "the picture, a pixel a dot")
    tab.evaluate("document.querySelector('[aria-label=多一张]').click()")
    tab.press("打印 2 张")
    tab.wait_text("已送到打印机")
    wait_for(lambda: bench.printer.taken.endswith(b"^PQ2\n^XZ\n"), "the whole label")
    assert bench.printer.taken.startswith(b"^XA") and b"PB:cab-1/1" in bench.printer.taken
    tab.open(base + "/bin?cabinet=cab-9&number=1")
    tab.wait_text("没有这个货位")


def test_a_tag_is_written_and_another_one_beside_it_refused(running: Running, tab: Tab) -> None:
    base, shop, bench = running
    shop.asked.clear()
    tab.open(base + "/tags?part=BS-0077")
    tab.wait_text("这个配件还没有条形码")
    tab.open(base + "/tags?part=OF-1012")
    spare = bench.reader.tags[0]
    bench.reader.tags.append(type(spare)(bytes.fromhex(BLANK[:-1] + "F")))
    tab.press("写入")
    tab.wait_text("不止一个标签")
    del bench.reader.tags[1]
    tab.press("写入")
    tab.wait_text("写好了，读回一致：序号 10419703")
    assert bench.reader.tags[0].epc.hex().upper() == "3035A537C8377540009EFDF7"
    assert shop.asked == [GiveTag("OF-1012", BLANK, 7, "p-wang"), TagDone("3035A537C8377540009EFDF7")]


def test_an_unplugged_scale_is_told(running: Running, tab: Tab) -> None:
    base, _, bench = running
    tab.open(base + "/bench")
    tab.wait_text("正常")
    bench.unplug_scale()
    tab.wait_text("没接上：请看插头和电源")
    tab.open(base + "/status")
    tab.wait_text("没接上：请看插头和电源")
