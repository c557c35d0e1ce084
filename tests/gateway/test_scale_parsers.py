"""Bytes of bench scales: right masses from right frames, in any pieces, and never a wrong one from wrong ones."""

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_gateway.serial_devices.cas import Cas
from edge_gateway.serial_devices.mt_sics import MtSics
from edge_gateway.serial_devices.scale_protocols import SCALES
from edge_gateway.serial_devices.toledo import Toledo, checksum
from edge_gateway.serial_devices.weight import MG_IN, Parser, Said, ScaleAnswer, ScaleFault, Weight, weight_of
from tests.gateway import scale_frames
from tests.gateway.scale_frames import FRAMES
from tests.gateway.serial_bits import received, sent_bits, with_parity

NAMES = st.sampled_from(sorted(SCALES))
MASSES = st.integers(min_value=-9_999, max_value=99_999).map(lambda tenths: tenths * 100)


def weights(said: list[Said]) -> list[tuple[int | None, bool]]:
    return [(each.mass_mg, each.stable) for each in said if isinstance(each, Weight)]


def in_pieces(parser: Parser, data: bytes, cuts: list[int]) -> list[Said]:
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [said for a, b in pairwise(places) for said in parser.feed(data[a:b])]


def test_units_are_exact_by_their_definitions() -> None:
    # 1959: a pound is 453.59237 g; an ounce a sixteenth; the troy ounce 31.1034768 g; a carat 200 mg.
    assert MG_IN["lb"] == Fraction("453592.37") and MG_IN["oz"] == Fraction("28349.523125")
    assert MG_IN["ozt"] == Fraction("31103.4768") and MG_IN["ct"] == 200
    for number, unit, mg in [
        (b"0.1", b"kg", 100_000), (b"2.205", b"lb", 1_000_171), (b"1", b"oz", 28_350), (b"12.5", b"ct", 2_500),
        (b"-0.0001", b"g", 0), (b"0.015", b"g", 15), (b"- 3.5", b"kg", -3_500_000),
    ]:  # fmt: skip
        found = weight_of(number, unit, stable=True)
        assert isinstance(found, Weight) and found.mass_mg == mg, (number, unit)
    for number, unit in [
        (b"12,5", b"g"),
        (b"1e3", b"g"),
        (b"", b"g"),
        (b"1.", b"g"),
        (b"5", b"PCS"),
        (b"9" * 14, b"t"),
    ]:
        assert isinstance(weight_of(number, unit, stable=True), ScaleFault), (number, unit)


def test_documented_frames() -> None:
    sics = MtSics().feed(
        b"S S      1.000 g\r\nS S     12.345 g\r\nSI D      12.40 g\r\nS D     -0.015 g\r\nS +\r\nS -\r\n"
        b'S I\r\nES\r\nEL\r\nZ A\r\nZ I\r\nT S      5.000 g\r\nI4 A "B021002593"\r\n@ A\r\nTAC L\r\nnonsense\r\n'
    )
    assert weights(sics) == [(12_345, True), (12_400, False), (-15, False), (None, False), (None, False)]
    assert [each.range for each in sics if isinstance(each, Weight)][-2:] == ["over", "under"]
    told = [(each.what, each.done) for each in sics if isinstance(each, ScaleAnswer)]
    assert told == [
        ("S", True), ("S", False), ("ES", False), ("EL", False), ("Z", True), ("Z", False), ("T", True), ("I4", True),
        ("@", True), ("TAC", False),
    ]  # fmt: skip
    assert [type(each) for each in sics].count(ScaleFault) == 1
    cas = Cas().feed(
        b"ST,GS,\x01\xc4,    13.5 kg\r\nUS,NT,\x01\x84,-  0.125 kg\r\nOL,GS,\x01\x84,         kg\r\n  12.345kg\r\n"
    )
    assert weights(cas) == [(13_500_000, True), (-125_000, False), (None, False), (12_345_000, False)]
    balance = (
        SCALES["a-and-d"]
        .parser()
        .feed(
            b"ST,+00123.45  g\r\nUS,-00000.10 kg\r\nOL,+9999999E+19\r\nQT,+00000123 PC\r\nEC,E01\r\nST,+0003.500 lb\r\n"
        )
    )
    assert weights(balance) == [(123_450, True), (-100_000, False), (None, False), (1_587_573, True)]
    assert sum(isinstance(each, ScaleFault) for each in balance) == 1  # pieces are no mass


def test_toledo_status_words() -> None:
    # Decimal point by the three low bits of word A: 2 none, 3 tenths ... 0 hundreds; unit by words B and C.
    for place, shown in [(1, 123_450), (2, 12_345), (3, Fraction("1234.5")), (6, Fraction("1.2345"))]:
        frame = bytes((2, 0x28 | place, 0x31, 0x20)) + b"012345000000\r"
        ((mass, stable),) = weights(Toledo().feed(frame + bytes((-sum(frame) & 0x7F,))))
        assert (mass, stable) == (shown * 1_000_000, True)
    for status, word_c, mg in [(0x20, 0x20, 453_592_370), (0x22, 0x21, -1_000_000), (0x20, 0x23, 28_349_523)]:
        frame = bytes((2, 0x2A, status, word_c)) + b"  1000\r"
        assert checksum(frame) == -sum(frame) & 0x7F
        assert weights(Toledo(checksum=False).feed(frame)) == [(mg, True)]
    for status, words in [(0x24, "over"), (0x26, "under")]:
        frame = bytes((2, 0x2A, status, 0x20)) + b"      \r"
        (said,) = Toledo(checksum=False).feed(frame)
        assert isinstance(said, Weight) and (said.mass_mg, said.range) == (None, words)
    (said,) = Toledo(checksum=False).feed(bytes((2, 0x2A, 0x60, 0x20)) + b"  1000\r")[:1]
    assert isinstance(said, ScaleFault) and "switched on" in said.why


@given(
    NAMES, st.lists(st.tuples(MASSES, st.booleans()), min_size=1, max_size=6), st.lists(st.integers(0, 400)), st.data()
)
@settings(max_examples=40, deadline=None)
def test_frames_in_any_pieces(name: str, told: list[tuple[int, bool]], cuts: list[int], data: st.DataObject) -> None:
    written = data.draw(st.sampled_from(FRAMES[name]))
    parity = data.draw(st.sampled_from("NEO")) if name != "cas" else "N"  # CAS sends eight bits
    stream = b"".join(written(*each) for each in told)
    first = stream[: len(written(*told[0]))] if name == "mt-sics" else b""  # the first says the unit
    found = in_pieces(
        SCALES[name].parser(), first + stream if parity == "N" else with_parity(first + stream, parity), cuts
    )
    assert weights(found) == told
    assert not any(isinstance(each, ScaleFault) for each in found)


@given(NAMES, st.binary(max_size=400), st.lists(st.integers(0, 400)))
@settings(max_examples=60, deadline=None)
def test_any_bytes_are_survived_and_a_frame_found_again(name: str, noise: bytes, cuts: list[int]) -> None:
    parser, frame = SCALES[name].parser(), FRAMES[name][0](123_400, True)
    in_pieces(parser, noise, cuts)
    parser.feed(b"\r\n" + frame)  # may end what noise began
    found = parser.feed(frame * 3)
    assert (123_400, True) in weights(found)


@given(NAMES, st.lists(MASSES, min_size=3, max_size=6), st.data())
@settings(max_examples=100, deadline=None)
def test_half_a_frame_is_no_other_mass(name: str, masses: list[int], data: st.DataObject) -> None:
    written = data.draw(st.sampled_from(FRAMES[name]))
    frames = [written(mass, True) for mass in masses]
    stream = b"".join(frames)
    lost = data.draw(st.integers(1, min(map(len, frames)) - 1))
    start = data.draw(st.integers(0, len(stream) - lost))
    found = weights(SCALES[name].parser().feed(stream[:start] + stream[start + lost :]))
    assert {mass for mass, _ in found} <= set(masses)


@given(st.integers(0, 17), st.integers(0, 7), MASSES)
@settings(max_examples=80, deadline=None)
def test_a_bit_that_turned_over_is_seen_where_the_line_can_tell(place: int, bit: int, mass: int) -> None:
    frame = bytearray(scale_frames.toledo(mass, True))
    frame[place % len(frame)] ^= 1 << bit
    assert {each for each, _ in weights(Toledo(checksum=True).feed(bytes(frame) * 2))} <= {mass}
    line = bytearray(with_parity(scale_frames.mt_sics(mass, True), "E"))
    good = bytes(line)
    line[place % len(line)] ^= 1 << bit
    assert {each for each, _ in weights(MtSics().feed(good + bytes(line) + good))} <= {mass}


@pytest.mark.parametrize("name", sorted(SCALES))
@pytest.mark.parametrize("ratio", [0.25, 0.5, 2.0, 4.0, 0.9])
def test_another_speed_is_nothing_understood(name: str, ratio: float) -> None:
    for written in FRAMES[name]:
        for idle in (0, 1, 2, 5):
            frames = b"".join(written(mass, True) for mass in (0, 12_300, 4_567_800, 99_999_00, -50_000)) * 2
            heard = received(list(sent_bits(frames, idle=idle)), ratio)
            assert heard != frames
            assert weights(SCALES[name].parser().feed(heard)) == []


@given(st.lists(st.tuples(NAMES, MASSES), min_size=1, max_size=12), st.binary(max_size=30))
@settings(max_examples=40, deadline=None)
def test_two_scales_on_one_line_are_not_mixed_up(told: list[tuple[str, int]], noise: bytes) -> None:
    stream = b"".join(FRAMES[name][0](mass, True) for name, mass in told) + noise
    for name, protocol in SCALES.items():
        own = {mass for each, mass in told if each == name}
        assert {mass for mass, stable in weights(protocol.parser().feed(stream)) if stable} <= own


def test_a_unit_that_lost_a_letter_is_no_unit() -> None:
    parser, frame = MtSics(), b"S S     12.345 kg\r\n"
    found = parser.feed(frame + frame + frame.replace(b"kg", b"g") + frame + frame)
    assert weights(found) == [(12_345_000, True)] * 2
    assert sum(isinstance(each, ScaleFault) for each in found) == 2


def test_babbling_takes_no_memory() -> None:
    for protocol in SCALES.values():
        parser = protocol.parser()
        for _ in range(20):
            parser.feed(b"\x02" + b"S" * 997)
        kept = next((value for value in vars(parser).values() if isinstance(value, bytearray)), bytearray())
        lines = getattr(parser, "_lines", None)
        assert len(kept) + (len(vars(lines)["_kept"]) if lines else 0) <= 512
