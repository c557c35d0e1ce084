"""What is taken in, what is refused, and that good neighbours go on."""

from pathlib import Path

import msgspec
import pytest
from cabinet import wire

from edge_gateway import answers, intake, quarantine
from edge_gateway.upload_format import EventItem, decode_content
from tests.gateway.world import EPOCH, NOW_MS, Journal, Shop, document, row

OTHER_EPOCH = "fedcba9876543210"


def sealed(head: bytes) -> bytes:
    """An event line with a right checksum around whatever it says, as a strange controller might send it."""
    return head + b',"crc":"' + wire.crc(head).encode() + b'"}'


def broken(line: bytes) -> bytes:
    """The line with one bit of its body wrong."""
    return line.replace(b'"reason":"first"', b'"reason":"firsu"')


def test_each_event_is_in_the_inbox_once_with_its_chain_of_digests(shop: Shop, journal: Journal) -> None:
    journal.session([row(1, 6_000_000, 4_800_000)])
    shop.take_journal(journal)
    lines = [bytes(line) for (line,) in shop.query("select line from inbox order by seq")]
    assert lines == journal.lines
    assert shop.acks()[-1] == {"v": 1, "epoch": EPOCH, "through": 5, "in_cloud": 0, "again": 0}


def test_many_lines_in_one_publish(shop: Shop, journal: Journal) -> None:
    journal.session([row(1, 6_000_000, 4_800_000)])
    shop.take(journal.topic, b"\n".join(journal.lines))
    assert shop.value("select through from cursor") == 5
    assert shop.stock(1) == 8


def test_a_repeat_is_answered_and_booked_once(shop: Shop, journal: Journal) -> None:
    journal.session([row(1, 6_000_000, 4_800_000)])
    shop.take_journal(journal)
    before = len(shop.acks())
    shop.take(journal.topic, journal.lines[4])
    assert len(shop.acks()) == before + 1
    assert shop.acks()[-1]["through"] == 5
    assert shop.stock(1) == 8
    assert shop.value("select count(*) from quarantine") == 0


def test_different_content_under_one_identity_is_set_aside_and_alarmed(shop: Shop, journal: Journal) -> None:
    journal.session([row(1, 6_000_000, 4_800_000)])
    shop.take_journal(journal)
    forged = Journal()
    forged.created()
    forged.session([row(1, 6_000_000, 0)])
    shop.take(journal.topic, forged.lines[4])
    assert shop.stock(1) == 8
    assert shop.query("select reason, epoch, seq from quarantine") == [
        ("different content under one identity", EPOCH, 5)
    ]
    assert shop.questions() == [(0, "different_content")]


def test_a_gap_is_asked_for_once_however_much_is_in_flight(shop: Shop, journal: Journal) -> None:
    for _ in range(9):
        journal.add("bin_well", bin=1)
    shop.take(journal.topic, *journal.lines[:2])
    shop.take(journal.topic, *journal.lines[3:])
    again = [ack for ack in shop.acks() if ack["again"]]
    assert [ack["through"] for ack in again] == [2]
    shop.take_journal(journal, 2)
    assert shop.value("select through from cursor") == 10
    assert [ack["through"] for ack in shop.acks() if ack["again"]] == [2]


def test_a_gap_is_asked_for_again_after_the_pause(shop: Shop, journal: Journal) -> None:
    for _ in range(3):
        journal.add("bin_well", bin=1)
    shop.take(journal.topic, journal.lines[0], journal.lines[2])
    shop.clock_ms += answers.AGAIN_PAUSE_MS
    shop.take(journal.topic, journal.lines[3])
    assert [ack["through"] for ack in shop.acks() if ack["again"]] == [1, 1]


def test_a_journal_begins_with_its_first_event(shop: Shop, journal: Journal) -> None:
    journal.add("bin_well", bin=1)
    shop.take(journal.topic, journal.lines[1])
    assert shop.acks() == [{"v": 1, "epoch": EPOCH, "through": 0, "in_cloud": 0, "again": 1}]
    assert shop.value("select count(*) from inbox") == 0


def test_a_new_journal_is_accepted_and_the_unfinished_one_noted(shop: Shop, journal: Journal) -> None:
    shop.take_journal(journal)
    state = wire.encode("state", {"online": 1, "epoch": EPOCH, "boot": 1, "journal_last": 7})
    shop.take("partsbay/1/cab-1/state", state)
    lost = Journal(epoch=OTHER_EPOCH)
    lost.created("lost")
    shop.take_journal(lost)
    assert shop.query("select epoch, through from cursor order by begun_ms, epoch") == [(EPOCH, 1), (OTHER_EPOCH, 1)]
    assert shop.questions() == [(0, "journal_lost"), (0, "journal_unfinished")]


def test_events_wait_in_the_cabinet_until_there_is_a_document(empty_shop: Shop, journal: Journal) -> None:
    empty_shop.take("partsbay/1/cab-1/state", _state())
    empty_shop.take_journal(journal)
    assert empty_shop.value("select count(*) from inbox") == 0
    empty_shop.put_document(document())
    empty_shop.take_journal(journal)
    assert empty_shop.value("select count(*) from inbox") == 1


def _state() -> bytes:
    payload: bytes = wire.encode("state", {"online": 1, "epoch": EPOCH, "boot": 1, "journal_last": 1})
    return payload


FIRST = wire.encode_event(
    "cab-1", EPOCH, 1, {"kind": "journal_created", "boot": 1, "up_ms": 1, "utc_ms": NOW_MS, "reason": "first"}
)
HEAD = b'{"v":1,"cabinet":"cab-1","epoch":"0123456789abcdef","seq":1,"body":'
EVENT = "partsbay/1/cab-1/event"

# (topic, payload, part of the reason it is in quarantine for, whether it counts as received)
STRANGE = {
    "unknown version": (EVENT, sealed(HEAD.replace(b'"v":1', b'"v":9') + b"{}"), "expected version 1", True),
    "unknown kind": (EVENT, sealed(HEAD + b'{"kind":"dance","boot":1,"up_ms":1}'), "expected a known kind", True),
    "not JSON inside": (EVENT, sealed(HEAD + b"{,"), "expected JSON", True),
    "deeply nested": (EVENT, sealed(HEAD + b"[" * 3000), "expected JSON", True),
    "float mass": (
        EVENT,
        sealed(HEAD + b'{"kind":"bins_changed","boot":1,"up_ms":1,"bins":[[1,1.5,0,1,0,0]]}'),
        "expected before_mg as an integer",
        True,
    ),
    "one bin twice": (
        EVENT,
        sealed(HEAD + b'{"kind":"bins_changed","boot":1,"up_ms":1,"bins":[[1,1,0,1,0,0],[1,1,0,1,0,0]]}'),
        "expected each bin once",
        True,
    ),
    "another cabinet's event": (
        EVENT,
        FIRST.replace(b"cab-1", b"cab-2").replace(
            FIRST[-10:-2], wire.crc(FIRST[:-18].replace(b"cab-1", b"cab-2")).encode()
        ),
        "expected an event of cab-1 on its topic, found one of cab-2",
        False,
    ),
    "unknown cabinet": ("partsbay/1/cab-9/event", FIRST, "expected a cabinet of this shop", False),
    "cabinet with a capital": ("partsbay/1/Cab/event", FIRST, "expected a cabinet id", False),
    "wrong leaf": ("partsbay/1/cab-1/config", FIRST, "expected a message from a controller", False),
    "unknown leaf": ("partsbay/1/cab-1/gossip", FIRST, "expected a known last level", False),
    "foreign topic": ("spBv1.0/x", FIRST, "expected a topic", False),
    "health that is none": ("partsbay/1/cab-1/health", b"{}", "expected version", False),
    "state with a bad epoch": (
        "partsbay/1/cab-1/state",
        b'{"v":1,"online":1,"epoch":"0123456789ABCDEF","boot":1,"journal_last":0}',
        "expected an epoch",
        False,
    ),
    "live in Latin-1": ("partsbay/1/cab-1/live", b'{"v":1,"up_ms":1,"person":"\xe4"}', "expected JSON in UTF-8", False),
}


@pytest.mark.parametrize("case", STRANGE)
def test_strange_messages_are_set_aside_and_neighbours_go_on(shop: Shop, case: str) -> None:
    topic, payload, reason, counts = STRANGE[case]
    neighbour = Journal("cab-2")
    neighbour.created()
    neighbour.session([row(1, 6_000_000, 5_400_000)])
    shop.take(neighbour.topic, *neighbour.lines[:3])
    shop.take(topic, payload)
    shop.take(neighbour.topic, *neighbour.lines[3:])
    ((found, data),) = shop.query("select reason, bytes from quarantine")
    assert reason in found
    assert bytes(data) == payload
    assert shop.stock(1, "cab-2") == 9
    assert shop.stock(1, "cab-1") == 10
    assert shop.query("select kind from inbox where cabinet = 'cab-1'") == ([("quarantined",)] if counts else [])
    assert [ack["through"] for ack in shop.acks()] == ([1] if counts else [])


# Broken envelopes: nothing in the line can be trusted, so it is asked for again, three times.
BROKEN = {
    "a wrong bit": broken(FIRST),
    "cut short": FIRST[:-5],
    "empty": b"",
    "not an event": b"hello",
    "oversized line": sealed(HEAD + b'"' + b"x" * 5000 + b'"'),
    "oversized publish": b"x" * 70_000,
    "capital epoch": sealed(HEAD.replace(b"abcdef", b"ABCDEF") + b"{}"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_envelope_is_unreadable_after_three_identical_refusals(shop: Shop, case: str) -> None:
    payload = BROKEN[case]
    shop.take("partsbay/1/cab-1/state", _state())
    for _ in range(intake.IDENTICAL_REFUSALS_MAX - 1):
        shop.take(EVENT, payload)
        shop.clock_ms += answers.AGAIN_PAUSE_MS
    assert shop.value("select count(*) from inbox") == 0
    assert [(ack["through"], ack["again"]) for ack in shop.acks()] == [(0, 0), (0, 1), (0, 1)]
    shop.take(EVENT, payload)
    assert shop.query("select seq, kind, line from inbox") == [(1, "unreadable", payload[:4096])]
    assert shop.value("select reason from quarantine").startswith("expected")
    assert shop.value("select broken from refusal") == 2
    second = Journal()
    second.created()
    second.session([row(1, 6_000_000, 5_400_000)])
    shop.take_journal(second, 1)
    assert shop.stock(1) == 9
    assert shop.acks()[-1]["through"] == 5


def test_refusals_that_differ_never_become_an_event(shop: Shop) -> None:
    shop.take("partsbay/1/cab-1/state", _state())
    for number in range(20):
        shop.take(EVENT, b"garbage %d" % number)
    assert shop.value("select count(*) from inbox") == 0
    shop.take(EVENT, FIRST)
    assert shop.value("select through from cursor") == 1


def test_a_broken_line_does_not_hold_up_the_lines_after_it_for_ever(shop: Shop, journal: Journal) -> None:
    journal.session([row(1, 6_000_000, 5_400_000)])
    payload = b"\n".join([journal.lines[0], journal.lines[1][:-3] + b'x"}', *journal.lines[2:]])
    for _ in range(intake.IDENTICAL_REFUSALS_MAX):
        shop.take(journal.topic, payload)
        shop.clock_ms += answers.AGAIN_PAUSE_MS
    assert shop.query("select kind from inbox order by seq")[1] == ("unreadable",)
    assert shop.value("select through from cursor") == 5


def test_a_flood_fills_neither_the_disk_nor_the_way(shop: Shop, journal: Journal) -> None:
    flood = [b"%06d" % number for number in range(quarantine.ROWS_PER_HOUR_MAX + 500)]
    shop.take("partsbay/1/cab-9/event", *flood)
    assert shop.value("select count(*) from quarantine") == quarantine.ROWS_PER_HOUR_MAX
    assert shop.query("select kept, dropped from refusal where cabinet = ''") == [(quarantine.ROWS_PER_HOUR_MAX, 500)]
    shop.take_journal(journal)
    assert shop.value("select through from cursor") == 1


def test_large_garbage_is_kept_in_part_and_bounded_in_bytes(shop: Shop) -> None:
    shop.take("partsbay/1/cab-9/event", *[bytes([65 + n % 20]) * 200_000 for n in range(150)])
    ((size, kept),) = shop.query("select max(size), sum(length(bytes)) from quarantine")
    assert size == 200_000
    assert kept <= quarantine.BYTES_PER_HOUR_MAX


def test_an_event_that_cannot_be_written_is_set_aside_alone(shop: Shop, journal: Journal) -> None:
    """Rows already there make the database refuse the session's movement; the events around it are booked."""
    session = journal.session([row(1, 6_000_000, 5_400_000)])
    journal.session([row(3, 840_000, 819_000)])
    movement = f"cab-1/{EPOCH}/5/1/session"
    shop.do(lambda: shop.store.all("insert into posting values (?, 0, 'x', 'y', 1)", (movement,)))
    shop.take(journal.topic, b"\n".join(journal.lines))
    assert shop.query("select seq from inbox where kind = 'quarantined'") == [(5,)]
    assert "could not be booked" in shop.value("select reason from quarantine")
    assert shop.stock(3) == 39
    assert shop.stock(1) == 10
    assert shop.query("select how from session where id = ?", session) == [("unended",)]  # the next one has begun


def test_acknowledged_only_after_the_commit(shop: Shop, journal: Journal) -> None:
    seen: list[int] = []
    acknowledge = shop.link.acknowledge

    def look(message: object) -> None:
        seen.append(shop.value("select count(*) from inbox"))
        acknowledge(message)  # type: ignore[arg-type]

    shop.link.acknowledge = look  # type: ignore[method-assign]
    shop.take_journal(journal)
    assert seen == [1]


def test_health_is_answered_with_the_time_and_the_cursor(shop: Shop, journal: Journal) -> None:
    shop.take_journal(journal)
    shop.take("partsbay/1/cab-1/health", _health())
    (time,) = [wire.decode("time", m.payload) for m in shop.link.sent if m.leaf == "time"]
    assert time == {"v": 1, "boot": 3, "up_ms": 5000, "utc_ms": shop.clock_ms}
    assert shop.acks()[-1]["through"] == 1
    assert shop.query("select online, boot, journal_last from controller_status") == [(1, 3, 9)]


def test_an_event_without_a_clock_is_dated_from_its_boot(shop: Shop, journal: Journal) -> None:
    shop.take("partsbay/1/cab-1/health", _health())  # up for 5 s now
    journal.add("bin_well", bin=1, utc_ms=None, up_ms=2000, boot=3)
    shop.take_journal(journal)
    assert shop.value("select occurred_ms from inbox where seq = 2") == shop.clock_ms - 3000


def _health() -> bytes:
    message = {name: 0 for name, *_ in wire.fields("health") if name not in ("v", "utc_ms")}
    message |= {"epoch": EPOCH, "boot": 3, "up_ms": 5000, "firmware": "1", "reset_cause": "power_on"}
    message |= {"journal_last": 9}
    payload: bytes = wire.encode("health", message)
    return payload


def test_what_was_taken_in_survives_a_new_start(shop: Shop, journal: Journal, tmp_path: Path) -> None:
    journal.session([row(1, 6_000_000, 5_400_000)])
    shop.take_journal(journal)
    shop.close()
    again = Shop(tmp_path)
    try:
        assert again.intake.books.cursors["cab-1", EPOCH].through == 5
        assert again.intake.books.balances["bin:cab-1/1", "OF-1"] == 9
        again.take_journal(journal)
        assert again.stock(1) == 9
        assert again.acks()[-1]["through"] == 5
    finally:
        again.close()


def test_a_nul_never_goes_up(shop: Shop, journal: Journal) -> None:
    opened = {"by": "badge", "badge": "04A1B2C3", "door": 1, "bins": []}
    journal.add("session_opened", person="wa\0ng", **opened)
    raw = sealed(HEAD.replace(b'"seq":1', b'"seq":3') + b'{"a":"\0"}')
    shop.take(journal.topic, *journal.lines, raw)
    journal.lines.append(raw)
    journal.session([row(1, 6_000_000, 5_400_000)], person="王🔧")
    shop.take_journal(journal, 3)
    assert shop.query("select seq from quarantine") == [(2,), (3,)]
    assert shop.value("select reason from quarantine where seq = 2") == "expected text in person, found a NUL"
    assert shop.query("select person from session") == [("王🔧",)]
    contents = [decode_content(bytes(content)) for (content,) in shop.query("select content from outbox")]
    assert len([found for found in contents if isinstance(found, EventItem)]) == 7
    texts = [text for found in contents for text in msgspec.structs.astuple(found) if isinstance(text, str)]
    assert "\0" not in "".join(texts)
    assert len([text for text in texts if "\\x00" in text]) == 1
