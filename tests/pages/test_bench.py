"""The testers' bench in a real browser, on the real firmware: badge, open, take, and charge it, cut the power."""

from pathlib import Path

from simulator.bench_wire import PacketReader, Tap
from tests.pages.bench_program import running_bench, work_at
from tests.pages.browser import Browser


def packet(topic: str, payload: bytes, qos: int = 0) -> bytes:
    """A PUBLISH as MQTT 3.1.1 section 3.3 has it."""
    name = topic.encode()
    body = len(name).to_bytes(2, "big") + name + (b"\x00\x07" if qos else b"") + payload
    length, size = b"", len(body)
    while True:
        length += bytes([size % 128 | (0x80 if size > 127 else 0)])
        size //= 128
        if not size:
            return bytes([0x30 | qos << 1]) + length + body


def test_packets_are_found_however_they_are_cut() -> None:
    stream = packet("a/b", b"one") + b"\xd0\x00" + packet("a/c", b"x" * 300, qos=1)
    for size in (1, 2, 3, 7, len(stream)):
        reader = PacketReader()
        found = [each for at in range(0, len(stream), size) for each in reader.feed(stream[at : at + size])]
        assert found == [("a/b", b"one"), ("a/c", b"x" * 300)]


def test_what_nobody_understands_is_still_shown() -> None:
    tap = Tap()
    tap.listen(1, True, packet("partsbay/1/cab-1/live", b"\xff not json"))
    assert [message.leaf for message in tap.messages] == ["live"]
    assert tap.weights == {}


def test_a_take_at_the_bench_is_seen_at_the_kiosk(tmp_path: Path, browser: Browser) -> None:
    browser.forget()
    with running_bench(tmp_path) as where, browser.tab() as bench, browser.tab() as kiosk:
        bench.size(820, 1180)
        work_at(bench, where["bench"])
        kiosk.language("en")
        kiosk.open(where["kiosk"])
        kiosk.wait_text("Door open")
        kiosk.wait_text("about −2 pcs")
        bench.press("Shut")
        kiosk.wait_text("−2 pcs")
        kiosk.wait_text("No job yet")
        kiosk.press("Oil filter")
        kiosk.wait_text("Which job is it for?")
        kiosk.press("鲁B·7Q208")
        kiosk.wait_text("On 鲁B·7Q208")
        bench.wait_text("session_closed")
        bench.press("wire off, at the rail")
        bench.wait_text('"fault":"saturated"')
        bench.press("Cut the power")
        bench.wait_text("Power cut")
        assert bench.errors == []
        assert kiosk.errors == []
