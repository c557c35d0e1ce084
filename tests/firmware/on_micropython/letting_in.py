"""The access list: taken, kept across a start, refused, expired; made here apart from the gateway's code."""

import hashlib
import json
import os

from cabinet.access import Access, AccessError
from cabinet_bench import Clock

KEY = bytes(range(32))
DAY_MS = 24 * 3600 * 1000


def mac(key, data):
    """HMAC-SHA256 as RFC 2104 writes it, in one go."""
    key = key + bytes(64 - len(key))
    inner = hashlib.sha256(bytes([b ^ 0x36 for b in key]) + data).digest()
    return hashlib.sha256(bytes([b ^ 0x5C for b in key]) + inner).digest()


def payload(rows=(("04A1B2C3", "p-1"),), key=KEY, **changes):
    header = {
        "v": 1,
        "cabinet": "cab-1",
        "version": 5,
        "expires_utc_ms": 1000 * DAY_MS,
        "badge_format": "hex",
        "badge_bits": 56,
        "people": len(rows),
    }
    header.update(changes)
    lines = [json.dumps(header)] + [json.dumps([badge, person, "mechanic"]) for badge, person in rows]
    text = "".join([line.replace(", ", ",").replace(": ", ":") + "\n" for line in lines]).encode()
    return text + "".join(["%02x" % byte for byte in mac(key, text)]).encode()


def make(name, clock=None):
    clock = clock or Clock()
    return Access(name, "cab-1", KEY, clock), clock


def draft_of(access, data, piece, done):
    """A draft that has been given all but the end."""
    draft = access.receive(done)
    for at in range(0, len(data), piece):
        draft.write(data[at : at + piece])
    return draft


def take(access, data, piece=100):
    """Give a message in pieces; what the list says to it."""
    said = []
    draft_of(access, data, piece, lambda draft: said.append(access.take(draft))).end()
    return said[0]


def version_of(data):
    """The version that a message claims."""
    draft = draft_of(make("access-v")[0], data, 50, None)
    draft.abandon()
    return draft.version


def refused(access, data):
    try:
        take(access, data)
    except AccessError as error:
        return str(error)
    raise AssertionError("expected a refusal, found none")


def test_without_a_list_nobody_is_let_in():
    access, _ = make("access-a")
    access.load()
    assert access.find("04A1B2C3") == (None, "no_list")
    assert access.version == 0


def test_a_list_lets_in_whom_it_names_and_nobody_else():
    access, _ = make("access-b")
    assert take(access, payload((("04A1B2C3", "p-1"), ("04A1B2C3D4E5F6", "p-2"))))
    assert access.version == 5
    assert access.find("04A1B2C3") == ("p-1", "")
    assert access.find("04A1B2C3D4E5F6") == ("p-2", "")
    for badge in ("04A1B2", "A1B2C3", "", '04A1B2C3","p-1', "04a1b2c3"):
        assert access.find(badge) == (None, "unknown")


def test_a_list_is_found_again_after_a_start():
    take(make("access-c")[0], payload())
    access, _ = make("access-c")
    access.load()
    assert access.find("04A1B2C3") == ("p-1", "")


def test_a_damaged_file_lets_nobody_in():
    take(make("access-d")[0], payload())
    with open("access-d", "rb") as file:
        data = bytearray(file.read())
    data[data.find(b"p-1") + 2] = ord("9")
    with open("access-d", "wb") as file:
        file.write(data)
    access, _ = make("access-d")
    access.load()
    assert access.find("04A1B2C3") == (None, "no_list")


def test_the_same_message_again_is_nothing_new():
    access, _ = make("access-e")
    assert take(access, payload())
    assert not take(access, payload())


def test_a_list_comes_in_pieces_of_any_size():
    data = payload((("04A1B2C3", "p-1"), ("04A1B2C4", "p-2")))
    for piece in (1, 63, 64, 65, 10000):
        access, _ = make("access-p%d" % piece)
        assert take(access, data, piece)
        with open("access-p%d" % piece, "rb") as file:
            assert file.read() == data


def test_a_list_that_is_held_is_not_written_again():
    access, _ = make("access-l")
    take(access, payload())
    draft = draft_of(access, payload(), 10, lambda draft: None)
    assert "access-l.new" not in os.listdir()
    draft.end()
    longer = payload((("04A1B2C3", "p-1"), ("04A1B2C4", "p-2")), version=6)
    assert take(access, longer, 10)
    with open("access-l", "rb") as file:
        assert file.read() == longer


def test_a_list_that_breaks_off_leaves_the_one_held():
    access, _ = make("access-m")
    take(access, payload())
    draft = draft_of(access, payload(version=6)[:150], 40, None)
    assert "access-m.new" in os.listdir()
    draft.abandon()
    assert "access-m.new" not in os.listdir()
    assert access.version == 5
    assert access.find("04A1B2C3") == ("p-1", "")
    assert take(access, payload(version=7))


def test_a_file_longer_than_the_list_it_begins_with_is_replaced():
    with open("access-n", "wb") as file:
        file.write(payload() + b"rubbish")
    access, _ = make("access-n")
    access.load()
    assert access.version == 0
    assert take(access, payload())
    again, _ = make("access-n")
    again.load()
    assert again.version == 5


def test_what_is_refused_leaves_the_list_as_it_was():
    access, _ = make("access-f")
    take(access, payload())
    good = payload(version=6)
    for data, reason in (
        (payload(version=4), "expected version 5 or later, found 4"),
        (payload(version=6, key=KEY[:-1] + b"\x00"), "expected an HMAC by this cabinet's key"),
        (payload(version=6, cabinet="cab-2"), "expected cabinet cab-1, found cab-2"),
        (payload(version=6, people=2), "people"),
        (good[:-1], "expected a last line of 64 hex digits"),
        (good + b"0", "expected a last line of 64 hex digits"),
        (good.replace(b"p-1", b"p-9"), "expected an HMAC"),
        (b"", "expected a last line of 64 hex digits"),
        (b"\xff\x00rubbish\n" + b"0" * 64, "expected an HMAC"),
        (payload(version=6, badge_format="base64"), "badge_format"),
    ):
        assert reason in refused(access, data), refused(access, data)
    assert access.version == 5
    assert access.find("04A1B2C3") == ("p-1", "")
    again, _ = make("access-f")
    again.load()
    assert again.version == 5
    assert "access-f.new" not in os.listdir()


def test_a_refused_message_says_which_version_it_claims():
    assert version_of(payload(version=9)) == 9
    assert version_of(b"rubbish") == version_of(b"") == version_of(payload(version="x")) == 0


def test_a_person_too_long_for_an_event_is_cut():
    access, _ = make("access-k")
    take(access, payload((("04A1B2C3", "p" * 40),)))
    assert access.find("04A1B2C3") == ("p" * 32, "")


def test_a_row_that_names_nobody_lets_nobody_in():
    access, _ = make("access-odd")
    take(access, payload((("04A1B2C3", 7), ("04A1B2C4", None), ("04A1B2C5", "p-5"))))
    assert access.find("04A1B2C3") == (None, "unknown")
    assert access.find("04A1B2C4") == (None, "unknown")
    assert access.find("04A1B2C5") == ("p-5", "")


def test_a_list_that_flash_no_longer_gives_lets_nobody_in():
    access, _ = make("access-gone")
    take(access, payload())
    os.remove("access-gone")
    assert access.find("04A1B2C3") == (None, "no_list")


def test_three_hundred_people_are_looked_up_in_the_file():
    people = tuple([("%08X" % (0x04000000 + n), "p-%d" % n) for n in range(300)])
    access, _ = make("access-g")
    take(access, payload(people))
    assert access.find("04000000") == ("p-0", "")
    assert access.find("0400012B") == ("p-299", "")
    assert access.find("0400012C") == (None, "unknown")


def test_a_list_expires_by_the_clock():
    access, clock = make("access-h")
    take(access, payload(expires_utc_ms=5000))
    clock.utc = 5000
    assert access.find("04A1B2C3") == ("p-1", "")
    clock.utc = 5001
    assert access.find("04A1B2C3") == (None, "list_expired")


def test_without_a_clock_a_list_is_good_for_a_day():
    access, clock = make("access-i")
    take(access, payload())
    clock.now_ms = DAY_MS
    assert access.find("04A1B2C3") == ("p-1", "")
    clock.now_ms = DAY_MS + 1
    assert access.find("04A1B2C3") == (None, "list_expired")


def test_badges_are_read_as_the_list_says():
    access, _ = make("access-j")
    assert access.text(b"\x04\xa1\xb2\xc3") == "04A1B2C3"
    take(access, payload(badge_format="decimal", badge_bits=32))
    assert access.text(b"\x04\xa1\xb2\xc3") == "77705923"
