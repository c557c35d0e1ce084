"""A bundle's pieces that come late, twice or in part, and a slot whose head has lost a bit."""

import hashlib
import json
import sys
from binascii import hexlify

from cabinet.fetching import _Piece

sys.path.append(next(place for place in sys.path if place.endswith("/firmware")) + "/boot")
import starter

IMAGE = b"an image"
BLOCK_BYTES = 4096


class Into:
    """Where the bytes go."""

    data = b""

    def begin(self):
        self.data = b""

    def write(self, data):
        self.data += bytes(data)


class Came:
    """Counts how often a piece was whole."""

    times = 0

    def set(self):
        self.times += 1


def message(offset, data=b"ABCD"):
    return b'{"v":1,"version":"0.3.0","offset":%d}\n' % offset + data


def taken(*messages):
    """What has come of messages for one piece: each with whether it came to its end; and how often it was whole."""
    into, came = Into(), Came()
    piece = _Piece("0.3.0", 4096, into, came)
    for data, is_whole in messages:
        piece.write(data)
        piece.end() if is_whole else piece.abandon()
    return into.data, came.times


def test_a_piece_that_was_cut_off_is_taken_when_it_comes_again():
    assert taken((message(4096, b"AB"), False), (message(4096), True)) == (b"ABCD", 1)
    assert taken((message(4096)[:9], False), (message(4096), True)) == (b"ABCD", 1)


def test_a_late_answer_to_another_question_is_passed_over():
    assert taken((message(0, b"old"), True), (message(4096), True)) == (b"ABCD", 1)


def test_a_piece_that_comes_twice_counts_once():
    assert taken((message(4096), True), (message(4096), True)) == (b"ABCD", 1)


def half(header):
    """A slot of two blocks with this header."""
    head = b"\0\0\0\1" + starter._MAGIC + len(header).to_bytes(4, "big") + header
    return memoryview(IMAGE + b"\xff" * (BLOCK_BYTES - len(IMAGE)) + head + b"\xff" * (BLOCK_BYTES - len(head)))


def test_a_bit_turned_in_a_slots_head_gives_way_to_the_other_slot():
    """Whichever it is: the starter must not stop at it, for nobody starts the starter anew."""
    digest = hexlify(hashlib.sha256(IMAGE).digest()).decode()
    sound = json.dumps({"version": "0.2.0", "image_bytes": len(IMAGE), "image_sha256": digest}).encode()
    assert starter._is_sound(half(sound))
    for at in range(len(sound) * 8):
        damaged = bytearray(sound)
        damaged[at // 8] ^= 1 << at % 8
        record = {"run": "a", "trial": 0, "starts": 0, "gone": None}
        halves = {"a": half(bytes(damaged)), "b": half(sound)}
        if not starter._is_sound(halves["a"]):
            assert starter._give_up(record, halves, "its image is damaged") and record["run"] == "b"
    for header in (b"[]", b"7", b"null", b"{}", b'{"version":"1","image_bytes":"8","image_sha256":"x"}'):
        assert not starter._is_sound(half(header))
