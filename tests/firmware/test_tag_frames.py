"""R200 frames and EPCs: the bytes of the M100's protocol manual and of a capture; runs on both runtimes."""

from binascii import hexlify, unhexlify

from cabinet import r200

BB = 0xBB
TRAILER = 0x7E
EPC = unhexlify("30751feb705c5904e3d50d70")
# The manual's notice of a tag: RSSI -55 dBm, PC 3400, EPC, CRC 3A76. A capture in the field gave the same CRC.
NOTICE = unhexlify("bb02220011c934003075" + "1feb705c5904e3d50d703a76ef7e")
NO_TAG = unhexlify("bb01ff000115167e")
STOPPED = unhexlify("bb01280001002a7e")


def notice(epc, pc=b"\x34\x00", head=BB, tail=TRAILER):
    """A notice of another tag, put together apart from the driver."""
    value = 0xFFFF
    for byte in pc + epc:
        value ^= byte << 8
        for _ in range(8):
            value = value << 1 ^ (0x11021 if value & 0x8000 else 0)
    value ^= 0xFFFF
    body = b"\x02\x22" + bytes((0, 5 + len(epc), 0xC9)) + pc + epc + bytes((value >> 8, value & 0xFF))
    return bytes((head,)) + body + bytes((sum(body) & 0xFF, tail))


def frames(head=BB, tail=TRAILER):
    return r200.Frames(head, tail)


def test_commands_are_the_bytes_of_the_manual():
    for data, expected in (
        ("22", "bb00220000227e"),
        ("27222710", "bb002700032227" + "10837e"),
        ("28", "bb00280000287e"),
        ("b607d0", "bb00b6000207d08f7e"),
        ("1201", "bb001200010114" + "7e"),
        ("0c010000002060003075" + "1feb705c5904e3d50d70", "bb000c00130100000020600030751feb705c5904e3d50d70ad7e"),
    ):
        assert hexlify(r200.frame(unhexlify(data), BB, TRAILER)).decode() == expected


def test_a_tag_is_read_from_the_manuals_notice():
    found = frames().feed(NOTICE)
    assert [r200.epc_of(body) for body in found] == [EPC]


def test_the_crc_is_genibus_by_its_check_value():
    assert r200.crc(b"123456789") == 0xD64E  # the catalogue of CRCs: CRC-16/GENIBUS


def test_an_epc_with_a_wrong_crc_is_none():
    for at in range(8, 20):
        broken = bytearray(NOTICE)
        broken[at] ^= 0x10
        broken[-2] = sum(broken[1:-2]) & 0xFF  # the reader's own checksum is right
        (body,) = frames().feed(bytes(broken))
        assert r200.epc_of(body) == b""


def test_epcs_of_other_lengths_and_other_frames_are_none():
    for frame in (NO_TAG, STOPPED, notice(EPC[:8], b"\x24\x00"), notice(EPC, b"\x24\x00")):
        (body,) = frames().feed(frame)
        assert r200.epc_of(body) == b""


def test_a_frame_may_come_a_byte_at_a_time():
    parser = frames()
    found = []
    for byte in NO_TAG + NOTICE + STOPPED:
        found += parser.feed(bytes((byte,)))
    assert [hexlify(body) for body in found] == [b"01ff000115", hexlify(NOTICE[1:-2]), b"0128000100"]
    assert parser.broken == 0


def test_first_and_last_bytes_within_a_frame_are_data():
    epc = unhexlify("bb7ebb02220011bb7e7ebb00")
    parser = frames()
    assert [r200.epc_of(body) for body in parser.feed(NOTICE + notice(epc) + NOTICE)] == [EPC, epc, EPC]
    assert parser.broken == 0


def test_rubbish_before_a_frame_is_passed_over():
    for rubbish in (b"\x00\x7e\x13", b"\xbb", b"\xbb\xbb\x02", b"\xbb\x02\x22\xff\xff"):
        assert r200.epc_of(frames().feed(rubbish + NOTICE + NOTICE)[-1]) == EPC


def test_a_wrong_checksum_or_end_costs_its_frame_only():
    for at in (-1, -2):
        broken = bytearray(NOTICE)
        broken[at] ^= 1
        parser = frames()
        assert [r200.epc_of(body) for body in parser.feed(bytes(broken) + NOTICE)] == [EPC]
        assert parser.broken >= 1


def test_a_length_no_frame_has_is_not_waited_for():
    parser = frames()
    assert r200.epc_of(parser.feed(unhexlify("bb0222ffff") + NOTICE)[0]) == EPC


def test_clones_begin_and_end_their_frames_otherwise():
    for head, tail in ((0xAA, 0xDD), (0xAA, 0x8E)):
        clone = notice(EPC, head=head, tail=tail)
        assert [r200.epc_of(body) for body in frames(head, tail).feed(NOTICE + clone)] == [EPC]
        assert frames().feed(clone) == []


def test_any_rubbish_costs_at_most_the_frames_it_swallows():
    state = 4711
    parser = frames()
    for _ in range(400):
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        parser.feed(bytes((state >> 16 & 0xFF, state >> 8 & 0xFF)))
    found = []
    for _ in range(5):  # a false start waits for 71 bytes at most
        found += parser.feed(NOTICE)
    assert r200.epc_of(found[-1]) == EPC
    assert len(found) >= 1
