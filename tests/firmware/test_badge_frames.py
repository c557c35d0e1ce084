"""PN532 frames and UIDs: the exact bytes of NXP's manual and of captures; runs on both runtimes."""

from binascii import hexlify, unhexlify

from cabinet import pn532
from cabinet.access import Hmac, badge_text

ACK = b"\x00\x00\xff\x00\xff\x00"

UID4 = unhexlify("deadbeef")
UID7 = unhexlify("04a1b2c3d4e5f6")


def answer(uid, sens, sel, ats=b""):
    """A frame from the chip, put together apart from the driver."""
    data = b"\xd5\x4b\x01\x01" + sens + bytes((sel, len(uid))) + uid + ats
    head = b"\x00\x00\xff" + bytes((len(data), 256 - len(data)))
    return head + data + bytes((-sum(data) & 0xFF, 0))


def uids(frames):
    return [pn532.uid_of(item) for item in frames if isinstance(item, bytes)]


def test_commands_are_the_bytes_of_the_manual():
    assert hexlify(pn532.frame(b"\x14\x01\x14\x01")) == b"0000ff05fbd4140114010200"
    assert hexlify(pn532.frame(b"\x02")) == b"0000ff02fed4022a00"
    assert hexlify(pn532.frame(b"\x4a\x01\x00")) == b"0000ff04fcd44a0100e100"


def test_uids_of_four_and_seven_bytes_and_with_an_ats():
    frames = pn532.Frames()
    assert uids(frames.feed(answer(UID4, b"\x00\x04", 0x08))) == [UID4]
    assert uids(frames.feed(answer(UID7, b"\x00\x44", 0x00))) == [UID7]
    ats = unhexlify("107880900220900000000000000000")
    assert uids(frames.feed(answer(UID4, b"\x00\x04", 0x28, ats))) == [UID4]
    assert frames.broken == 0


def test_a_frame_may_come_a_byte_at_a_time():
    frames = pn532.Frames()
    found = []
    for byte in ACK + answer(UID7, b"\x00\x44", 0x00):
        found += frames.feed(bytes((byte,)))
    assert found[0] == pn532.ACKNOWLEDGED
    assert uids(found) == [UID7]


def test_several_frames_may_come_at_once():
    frames = pn532.Frames()
    found = frames.feed(ACK + answer(UID4, b"\x00\x04", 0x08) + ACK)
    assert [found[0], found[2]] == [pn532.ACKNOWLEDGED, pn532.ACKNOWLEDGED]
    assert uids(found) == [UID4]


def test_rubbish_before_a_frame_is_passed_over():
    frames = pn532.Frames()
    assert uids(frames.feed(b"\x13\x37\x00\x00" + answer(UID4, b"\x00\x04", 0x08))) == [UID4]


def test_a_start_code_within_the_data_is_data():
    uid = unhexlify("0000ff00ff0004")
    assert uids(pn532.Frames().feed(answer(uid, b"\x00\x44", 0x00))) == [uid]


def test_a_wrong_checksum_costs_its_frame_only():
    frames = pn532.Frames()
    broken = bytearray(answer(UID4, b"\x00\x04", 0x08))
    broken[-2] ^= 1
    assert uids(frames.feed(bytes(broken) + answer(UID7, b"\x00\x44", 0x00))) == [UID7]
    assert frames.broken == 1


def test_a_wrong_length_checksum_costs_its_frame_only():
    frames = pn532.Frames()
    broken = bytearray(answer(UID4, b"\x00\x04", 0x08))
    broken[4] ^= 1
    assert uids(frames.feed(bytes(broken) + answer(UID7, b"\x00\x44", 0x00))) == [UID7]
    assert frames.broken >= 1


def test_the_error_frame_is_told_apart():
    assert pn532.Frames().feed(unhexlify("0000ff01ff7f8100")) == [pn532.ERROR]


def test_any_prefix_of_rubbish_never_blocks_the_next_frames():
    state = 12345
    frames = pn532.Frames()
    for _ in range(200):
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        frames.feed(bytes((state >> 16 & 0xFF, state >> 8 & 0xFF)))
    found = []
    for _ in range(300):  # a false start can swallow at most one frame's length
        found += uids(frames.feed(answer(UID4, b"\x00\x04", 0x08)))
    assert found[-1] == UID4


def test_answers_without_a_whole_uid_hold_none():
    for reply in ("4b00", "4b0101000408", "4b01010004080504deadbe", "4b0101000408 04dead".replace(" ", "")):
        assert pn532.uid_of(unhexlify(reply)) == b""


def test_badges_as_hex_and_decimal_in_either_order():
    uid = unhexlify("04a1b2c3")
    assert badge_text(uid, "hex", 56) == "04A1B2C3"
    assert badge_text(uid, "hex_reversed", 56) == "C3B2A104"
    assert badge_text(uid, "decimal", 32) == "77705923"  # 0x04A1B2C3
    assert badge_text(uid, "decimal_reversed", 32) == "3283263748"  # 0xC3B2A104
    assert badge_text(uid, "decimal", 24) == "10597059"  # 0xA1B2C3


def test_hmac_sha256_by_the_vectors_of_rfc_4231():
    for key, data, expected in (
        (b"\x0b" * 20, b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
        (b"Jefe", b"what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        (
            b"\xaa" * 131,
            b"Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        ),
    ):
        hmac = Hmac(key)
        for at in range(0, len(data), 7):
            hmac.update(data[at : at + 7])
        assert hmac.hexdigest().decode() == expected
