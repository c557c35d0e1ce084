"""The settings of devices: what is left out, what is refused and how, and what a scanner's bytes mean."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_gateway.serial_devices.device_settings import DeviceSettingsError, parse_devices
from edge_gateway.serial_devices.devices import Scans
from edge_gateway.serial_devices.scans import Scan, ScannerLines, read_scan

SCALE = {"kind": "scale", "protocol": "mt-sics", "port": "/dev/serial/by-id/usb-1"}


def test_what_is_left_out_is_as_usual() -> None:
    found = parse_devices(
        {
            "bench": SCALE,
            "old": {**SCALE, "protocol": "toledo", "port": "/dev/ttyS0"},
            "gun": {"kind": "scanner", "port": "tcp://10.0.0.5:2101"},
            "tags": {"kind": "tag_writer", "port": "/dev/ttyUSB1", "header": 0xAA, "trailer": 0xDD},
        }
    )
    assert [(each.protocol, each.speed, each.bits, each.has_stable_name) for each in found.values()] == [
        ("mt-sics", 9600, "8N1", True),
        ("toledo", 9600, "7E1", False),
        ("lines", 9600, "8N1", True),
        ("r200", 115_200, "8N1", False),
    ]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"kind": "toaster"},
            "expected kind in [devices.bench] as scale, scanner, label_printer or tag_writer, found 't",
        ),
        ({"kind": 1}, "expected kind in [devices.bench] as text, found int"),
        (
            {"protocol": "zpl"},
            "expected protocol of a scale in [devices.bench] as mt-sics, toledo, cas or a-and-d, found",
        ),
        ({"port": ""}, "expected port in [devices.bench], found none"),
        ({"port": "http://x"}, "expected port in [devices.bench] as a path or tcp://host:port, found 'http://x'"),
        ({"baud": 9601}, "expected baud in [devices.bench] as a usual speed, as 9600; found 9601"),
        ({"framing": "9N1"}, "expected framing in [devices.bench] as 8N1, 7E1 and the like, found '9N1'"),
        ({"bawd": 9600}, "expected only known keys in [devices.bench], found bawd"),
        ({"dpi": 203}, "expected only what a scale has in [devices.bench], found dpi"),
        (
            {"kind": "label_printer", "protocol": "tspl", "dpi": 96},
            "expected dpi in [devices.bench] as 203, 300 or 600",
        ),
        (
            {"kind": "label_printer", "protocol": "tspl", "width_mm": 5},
            "expected width_mm in [devices.bench] from 20 to",
        ),
    ],
)
def test_refusals(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(DeviceSettingsError) as refused:
        parse_devices({"bench": {**SCALE, **change}})
    assert str(refused.value).startswith(sentence)


def test_names_and_ports() -> None:
    for table, words in [
        ({"Bench 1": SCALE}, "name as 1 to 32"),
        ({"a": SCALE, "b": SCALE}, "a port for each device"),
        ([], "tables, found list"),
        ({"a": 5}, "a table [devices.a], found int"),
    ]:
        with pytest.raises(DeviceSettingsError) as refused:
            parse_devices(table)
        assert words in str(refused.value)


# ---- what was scanned ----


def test_what_scans_mean() -> None:
    # GS1 General Specifications: check digits by weights 3 and 1; what is not of a fixed length ends with FNC1.
    element = (("01", "06901234567892"), ("17", "271130"), ("10", "42A"), ("21", "SER1"))
    for text in (
        "]C10106901234567892172711301042A\x1d21SER1",
        "\x1d0106901234567892172711301042A\x1d21SER1",
        "(01)06901234567892(17)271130(10)42A(21)SER1",
    ):
        found = read_scan(text)
        assert (found.kind, found.gtin, found.elements) == ("gs1", "06901234567892", element)
        assert found.value("21") == "SER1" and not found.value("00")
    for text, gtin in [
        ("96385074", "00000096385074"), ("036000291452", "00036000291452"), ("]E06901234567892", "06901234567892"),
        ("16901234567899", "16901234567899"),
    ]:  # fmt: skip
        assert read_scan(text)[:3] == ("gtin", text.removeprefix("]E0"), gtin)
    for text in (
        "6901234567890",
        "OF-1012",
        "]C0OF-1012",
        "12345678",
        "(01)06901234567890",
        "(99",
        "PB:cab-1/x",
        "PB:/1",
    ):
        assert read_scan(text).kind == "text"
    assert read_scan("PB:cab-1/7") == Scan("bin", "PB:cab-1/7", cabinet="cab-1", bin=7)
    assert read_scan("]Q3(01)06901234567892").gtin == "06901234567892"


@given(
    st.lists(st.sampled_from(["6901234567892", "OF-1012", "]C10106901234567892\x1d", "沪A·D8231"]), max_size=5),
    st.data(),
)
@settings(max_examples=80, deadline=None)
def test_lines_in_any_pieces(texts: list[str], data: st.DataObject) -> None:
    end = data.draw(st.sampled_from([b"\r", b"\n", b"\r\n"]))
    stream = b"".join(b"\x02" + text.encode() + b"\t" + end for text in texts)
    lines, found = ScannerLines(), []
    while stream:
        piece, stream = stream[: (cut := data.draw(st.integers(1, 20)))], stream[cut:]
        found += lines.feed(piece)
    assert found == [read_scan(text) for text in texts]


@given(st.binary(max_size=3000))
@settings(max_examples=60, deadline=None)
def test_noise_is_survived(noise: bytes) -> None:
    lines = ScannerLines(prefix="<", suffix=">")
    lines.feed(noise + b"\r")
    assert lines.feed(b"<OF-1012>\r") == [Scan("text", "OF-1012")]
    assert lines.feed(b"X" * 600 + b"\r") == []


def test_a_scan_is_for_the_page_opened_last() -> None:
    scans, first, second = Scans(), object(), object()
    scans.put(read_scan("1"))
    scans.open(first)
    assert scans.take(first) is None  # nobody was there
    scans.open(second)
    scans.put(read_scan("OF-1012"))
    assert scans.take(first) is None and scans.take(second) == Scan("text", "OF-1012")
    assert scans.take(second) is None
    scans.leave(second)
    scans.put(read_scan("OF-1012"))
    assert scans.take(first) == Scan("text", "OF-1012")
