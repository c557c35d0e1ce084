"""What is sent when, and what is sent again: the window over a real journal, in times that are given."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cabinet import link, wire
from cabinet.journal import Journal


@pytest.fixture(autouse=True)
def _ticks(monkeypatch: pytest.MonkeyPatch) -> None:
    """CPython has no `ticks_diff`; below the wrap it is this."""
    monkeypatch.setattr(time, "ticks_diff", lambda late, early: late - early, raising=False)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """Events large enough that one publish carries one."""
    one = Journal(str(tmp_path / "journal"), "cab-1", 1 << 20)
    one.open(None, None)
    rows = [[number, 1000000000, 1000000000, 1000000000, 1000000000, 0] for number in range(1, 48)]
    for number in range(1, 31):
        one.append({"kind": "bins_changed", "boot": 1, "up_ms": number, "bins": rows})
    yield one
    one.close()


def taken(window: link.Window, now: int) -> list[int]:
    """The seq of everything the window gives at this moment."""
    found: list[int] = []
    while (payload := window.take(now)) is not None:
        found += [wire.decode_envelope(line).seq for line in payload.split(b"\n")]
    return found


def ack(journal: Journal, through: int, again: int = 0, epoch: str = "") -> dict[str, object]:
    return {"v": 1, "epoch": epoch or journal.epoch, "through": through, "in_cloud": 0, "again": again}


def test_eight_publishes_are_on_their_way_and_an_acknowledgement_makes_room_for_as_many(journal: Journal) -> None:
    window = link.Window(journal)
    assert taken(window, 0) == list(range(1, 9))
    assert taken(window, 10) == []
    assert window.acknowledge(ack(journal, 3), 20)
    assert taken(window, 30) == [9, 10, 11]


def test_an_acknowledgement_from_before_this_connection_saves_what_need_not_be_sent(journal: Journal) -> None:
    window = link.Window(journal)
    window.acknowledge(ack(journal, 20), 0)
    assert taken(window, 0) == list(range(21, 29))


def test_without_progress_it_starts_again_after_waits_that_double(journal: Journal) -> None:
    window = link.Window(journal)
    now = 0
    for wait_ms in (5000, 10000, 20000, 40000, 60000, 60000):
        assert taken(window, now) == list(range(1, 9))
        window.go_back_if_stuck(now + wait_ms - 1)
        assert taken(window, now + wait_ms - 1) == []
        now += wait_ms
        assert window.idle_ms(now) == 0
        window.go_back_if_stuck(now)
    assert taken(window, now) == list(range(1, 9))
    window.acknowledge(ack(journal, 1), now)
    window.go_back_if_stuck(now + 4999)
    assert taken(window, now + 4999) == [9]
    window.go_back_if_stuck(now + 5000)
    assert taken(window, now + 5000) == list(range(2, 10))


def test_asked_again_it_starts_again_at_once_and_only_once_for_one_gap(journal: Journal) -> None:
    window = link.Window(journal)
    taken(window, 0)
    window.acknowledge(ack(journal, 2, again=1), 100)
    assert taken(window, 100) == list(range(3, 11))
    for now in range(110, 170, 10):
        window.acknowledge(ack(journal, 2, again=1), now)
        assert taken(window, now) == []
    window.acknowledge(ack(journal, 2, again=1), 100 + link.AGAIN_MS)
    assert taken(window, 100 + link.AGAIN_MS) == list(range(3, 11))


def test_a_gateway_that_has_gone_back_is_followed_without_being_asked(journal: Journal) -> None:
    window = link.Window(journal)
    taken(window, 0)
    window.acknowledge(ack(journal, 8), 10)
    taken(window, 10)
    window.acknowledge(ack(journal, 4), 20)
    assert taken(window, 20) == list(range(5, 13))


def test_an_acknowledgement_of_another_epoch_changes_nothing(journal: Journal) -> None:
    window = link.Window(journal)
    taken(window, 0)
    assert not window.acknowledge(ack(journal, 8, epoch="f" * 16), 10)
    assert (journal.through, taken(window, 10)) == (0, [])


def test_what_is_no_longer_held_is_not_waited_for(journal: Journal) -> None:
    window = link.Window(journal)
    for _ in range(20):
        window.acknowledge({**ack(journal, 30), "in_cloud": 30}, 0)
    window.acknowledge(ack(journal, 0, again=1), 10)
    assert taken(window, 10)[0] == journal.first > 1


def test_of_what_is_only_for_whoever_watches_the_newest_goes_out(journal: Journal) -> None:
    """A socket that takes nothing for a while must not fill the heap with what nobody wants to see any more."""
    one = link.Link({"cabinet": "cab-1"}, journal, None)
    one.publish("live", b"said before anybody could hear")
    one.online = True
    for payload in (b"first", b"second", b"third"):
        one.publish("live", payload)
    one.publish("health", b"well")
    packets = list(iter(lambda: one._next_packet(0), None))
    assert sorted(packets) == [
        b"\x30\x1c\x00\x15partsbay/1/cab-1/live" + b"third",
        b"\x30\x1d\x00\x17partsbay/1/cab-1/health" + b"well",
    ]
