"""Tags written at the desk: one tag, its own number, read back; and what is refused, byte by byte."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_gateway.kiosk_seam import ActionError, GiveTag, TagDone
from edge_gateway.serial_devices import tag_desk
from edge_gateway.serial_devices.device_settings import parse_devices
from edge_gateway.serial_devices.devices import Devices
from edge_gateway.serial_devices.probe import answer_of
from edge_gateway.serial_devices.r200_frames import Frame, Frames, select, tag_of, write_epc
from edge_gateway.serial_devices.tag_desk import TagDesk, TagDeskError
from edge_gateway.serial_devices.tag_numbers import TagNumberError, tag_number
from edge_gateway.sgtin import read_sgtin
from tests.gateway.counted_shop import Cabinet, counted_cabinet
from tests.gateway.desk_reader import DeskReader, DeskTag
from tests.gateway.serial_device import SerialDevice
from tests.gateway.test_reading_loop import until

BLANK, OTHER = "E28011700000020A1B2C3D4E", "E28011700000020A1B2C3D4F"
NEW = "3035A537C8377540009EFDF7"


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[DeskReader, TagDesk]]:
    monkeypatch.setattr(tag_desk, "_ANSWER_S", 2.0)  # a machine with much to do may hold the reader's answer up
    reader = DeskReader([DeskTag(bytes.fromhex(BLANK))])
    line = SerialDevice(tmp_path / "desk", reader.answer)
    devices = Devices(parse_devices({"desk": {"kind": "tag_writer", "port": line.port, "power_cdbm": 1200}}))
    line.plug_in()
    devices.start()
    until(lambda: devices.troubles() == 0, "the reader to be there")
    yield reader, devices.desks["desk"]
    devices.close()
    assert reader.silent or answer_of(devices.settings["desk"], 20) == (True, "a reader, M100 26dBm V1.0")
    line.pull_out()


def test_documented_bytes() -> None:
    # The protocol's own example of a tag, and of a selection; the write's answer names the tag and ends in 0.
    notice = bytes.fromhex("BB02220011C9340030751FEB705C5904E3D50D703A76EF7E")
    (frame,) = Frames().feed(notice[:9]) + Frames().feed(b"\xbb\x01" + notice)
    assert tag_of(frame) == ("30751FEB705C5904E3D50D70", -55)
    assert tag_of(frame._replace(data=frame.data[:-1] + b"\x77")) is None  # its CRC
    assert select("30751FEB705C5904E3D50D70").hex().upper() == "01000000206000" + "30751FEB705C5904E3D50D70"
    assert write_epc(NEW).hex().upper() == "00000000" + "01" + "0001" + "0007" + "3000" + NEW


@given(st.binary(max_size=200), st.lists(st.integers(0, 200)))
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_survived(noise: bytes, cuts: list[int]) -> None:
    notice = bytes.fromhex("BB02220011C9340030751FEB705C5904E3D50D703A76EF7E")
    frames, found = Frames(), []
    places = sorted({0, len(noise), *(cut % (len(noise) + 1) for cut in cuts)})
    for a, b in pairwise(places):
        frames.feed(noise[a:b])
    for _ in range(8):  # what noise began ends after its longest frame
        found += frames.feed(notice)
    assert Frame(2, 0x22, notice[5:-2]) in found


def test_a_tag_is_written_and_read_back(bench: tuple[DeskReader, TagDesk]) -> None:
    reader, desk = bench
    field = desk.look()
    assert field.is_one and field.tags[0].epc == BLANK and reader.power_cdbm == 1200
    desk.write(BLANK, NEW)
    assert (reader.tags[0].epc.hex().upper(), reader.tags[0].pc) == (NEW, b"\x30\x00")
    assert desk.look().tags[0].epc == NEW


def test_what_is_refused(bench: tuple[DeskReader, TagDesk]) -> None:
    reader, desk = bench
    twin = [DeskTag(bytes.fromhex(BLANK)), DeskTag(bytes.fromhex(BLANK))]
    for tags, trouble in [
        ([], "no_tag"),
        ([DeskTag(bytes.fromhex(BLANK)), DeskTag(bytes.fromhex(OTHER))], "two_tags"),
        (twin, "two_tags"),  # two blanks with one number
        ([DeskTag(bytes.fromhex(OTHER))], "another_tag"),
        ([DeskTag(bytes.fromhex(BLANK), locked=True)], "not_written"),
        ([DeskTag(bytes.fromhex(BLANK), garbles=True)], "not_read_back"),
    ]:
        reader.tags, reader.writes = tags, 0
        with pytest.raises(TagDeskError) as refused:
            desk.write(BLANK, NEW)
        assert refused.value.trouble == trouble
        assert reader.writes == (trouble == "not_read_back")
    reader.tags, reader.noise = [DeskTag(bytes.fromhex(BLANK))], b"\xbb\x02\x22\x00\x01\x55"
    desk.write(BLANK, NEW)
    reader.noise, reader.silent = b"", True
    with pytest.raises(TagDeskError, match=r"found silence|found that not"):
        desk.look()


def test_numbers_are_those_of_the_standard() -> None:
    assert tag_number("06901234567892", 10_419_703, 7) == NEW  # by epcpy; read back by the gateway's own reader
    # GS1 EPC Tag Data Standard, the worked example: 0614141.812345.6789 with filter 3 is 3074257BF7194E4000001A85.
    assert tag_number("80614141123458", 6789, 7)[3:] == "74257BF7194E4000001A85"[1:]
    for digits in range(6, 13):
        assert read_sgtin(tag_number("6901234567892", 5, digits)) == ("06901234567892", 5)
    for gtin, serial, digits in [("6901234567890", 1, 7), ("6901234567892", 2**38, 7), ("6901234567892", 1, 5)]:
        with pytest.raises(TagNumberError, match="expected"):
            tag_number(gtin, serial, digits)


def test_no_serial_is_given_twice(tmp_path: Path) -> None:
    with counted_cabinet(tmp_path) as cabinet:
        assert isinstance(cabinet, Cabinet)
        shop = cabinet.shop
        given = [shop.act(GiveTag("ECU-L", BLANK, 7, "wang")) for _ in range(20)]
        assert len(set(given)) == 20
        kept = shop.query("select epc, part, was, person from tag_serial")
        assert {row[0] for row in kept} == set(given) and kept[0][1:] == ("ECU-L", BLANK, "wang")
        assert shop.act(TagDone(given[0])) == str(read_sgtin(given[0]).serial)
        shop.act(TagDone(given[0]))  # said again
        assert shop.value("select count(*) from tag_written") == 1
        for action, why in [
            (GiveTag("PAD", BLANK, 7, "wang"), "expected a GTIN of PAD"),
            (GiveTag("NONE", BLANK, 7, "wang"), "expected a part of this shop"),
            (GiveTag("ECU-L", BLANK, 3, "wang"), "6 to 12 digits"),
            (TagDone(NEW), "a number that was given here"),
        ]:
            with pytest.raises(ActionError, match=why):
                shop.act(action)
