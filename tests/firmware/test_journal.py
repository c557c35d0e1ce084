"""The journal as its owner and the link see it, on a directory of the host; power cuts are in test_journal_flash.py."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import pytest
from cabinet import wire
from cabinet.journal import Journal, JournalFull

OPEN: list[Journal] = []


def body(number: int, detail: str = "") -> dict[str, object]:
    return {
        "kind": "command_done",
        "boot": 1,
        "up_ms": number,
        "id": f"c{number}",
        "result": "done",
        "detail": detail or "d" * (number % 50),
    }


@pytest.fixture(autouse=True)
def _files_given_back() -> Iterator[None]:
    yield
    while OPEN:
        OPEN.pop().close()


class Owner:
    """What the controller is to the journal: a state that a snapshot holds and events change."""

    def __init__(self, directory: Path, cabinet: str = "cab-1", bytes_max: int = 100_000, segment_bytes: int = 1000):
        self.events: list[int] = []
        self.session = 0
        self.snapshots: list[dict[str, object]] = []
        self.journal = Journal(str(directory / "journal"), cabinet, bytes_max, segment_bytes)
        self.journal.snapshot = lambda: {"session": self.session, "seen": self.journal.last}
        OPEN.append(self.journal)
        self.verdict = self.journal.open(self.snapshots.append, self._on_body)

    def _on_body(self, seq: int, event: dict[str, object]) -> None:
        assert event == body(seq)
        self.events.append(seq)

    def append(self, count: int) -> None:
        for _ in range(count):
            self.journal.append(body(self.journal.last + 1))

    def lines(self, first: int) -> list[bytes]:
        """Everything from `first` on, read as the link reads it."""
        found: list[bytes] = []
        while first + len(found) <= self.journal.last:
            batch = self.journal.lines_from(first + len(found), 700)
            assert batch
            assert len(b"\n".join(batch)) <= 700
            found += batch
        return found

    def seqs(self, first: int) -> list[int]:
        return [wire.decode_envelope(line).seq for line in self.lines(first)]


def segments(directory: Path) -> list[int]:
    return sorted(int(path.stem) for path in (directory / "journal").glob("*.log"))


def segment(directory: Path, first: int) -> Path:
    return directory / "journal" / f"{first:010d}.log"


def test_a_new_journal_begins_at_one_with_a_random_epoch(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one, other = Owner(tmp_path / "a"), Owner(tmp_path / "b")
    assert (one.verdict, other.verdict) == ("first", "first")
    wire.check_epoch(one.journal.epoch)
    assert one.journal.epoch != other.journal.epoch
    assert (one.journal.first, one.journal.last) == (1, 0)
    assert one.journal.append(body(1)) == 1


def test_seq_goes_on_across_boots_and_the_snapshot_replaces_what_came_before(tmp_path: Path) -> None:
    before = Owner(tmp_path)
    before.append(30)
    again = Owner(tmp_path)
    assert again.verdict == ""
    assert again.journal.epoch == before.journal.epoch
    last_segment = segments(tmp_path)[-1]
    assert again.snapshots == [{"session": 0, "seen": last_segment - 1}]
    assert again.events == list(range(last_segment, 31))
    assert again.journal.append(body(31)) == 31
    assert again.seqs(1) == list(range(1, 32))


def test_every_boot_with_a_torn_tail_drops_it_and_leaves_no_gap(tmp_path: Path) -> None:
    Owner(tmp_path).append(3)
    for boot in range(3):
        path = segment(tmp_path, segments(tmp_path)[-1])
        path.write_bytes(path.read_bytes() + b'{"v":1,"cabinet":"cab-1","epo')
        owner = Owner(tmp_path)
        assert owner.journal.last == 3 + boot
        owner.append(1)
        assert owner.seqs(1) == list(range(1, 5 + boot))


def test_a_segment_whose_lines_are_all_torn_still_says_where_to_go_on(tmp_path: Path) -> None:
    Owner(tmp_path).append(30)
    last_segment = segments(tmp_path)[-1]
    path = segment(tmp_path, last_segment)
    path.write_bytes(path.read_bytes().split(b"\n")[0] + b"\n" + b'{"v":1')
    owner = Owner(tmp_path)
    assert (owner.verdict, owner.journal.last, owner.events) == ("", last_segment - 1, [])
    owner.append(1)
    assert owner.seqs(1) == list(range(1, last_segment + 1))


@pytest.mark.parametrize("damage", [b"", b"nonsense\n", b"\xff\xfe\x00", b'{"epoch":"0123456789abcdef"}\n', b"[]\n"])
def test_a_journal_without_a_readable_header_is_lost_and_says_so_until_it_has_begun(
    tmp_path: Path, damage: bytes
) -> None:
    before = Owner(tmp_path)
    before.append(30)
    segment(tmp_path, segments(tmp_path)[-1]).write_bytes(damage)
    assert Owner(tmp_path).verdict == "lost"
    owner = Owner(tmp_path)  # the power went before the first append
    assert owner.verdict == "lost"
    assert owner.journal.epoch != before.journal.epoch
    assert owner.journal.append(body(1)) == 1
    again = Owner(tmp_path)
    assert (again.verdict, again.journal.epoch, again.journal.last) == ("", owner.journal.epoch, 1)
    assert segments(tmp_path) == [1]


@pytest.mark.parametrize("damage", [b"nonsense", b"\xff\xfe\x00", b'{"epoch":"0123456789abcdef"}', b""])
def test_a_damaged_header_alone_costs_nothing(tmp_path: Path, damage: bytes) -> None:
    before = Owner(tmp_path)
    before.append(30)
    path = segment(tmp_path, segments(tmp_path)[-1])
    _, rest = path.read_bytes().split(b"\n", 1)
    assert len(segments(tmp_path)) > 1
    path.write_bytes(damage + b"\n" + rest)
    owner = Owner(tmp_path)
    assert (owner.verdict, owner.journal.epoch, owner.journal.last) == ("", before.journal.epoch, 30)
    assert owner.snapshots[-1]["seen"] == owner.events[0] - 1  # the state of the segment before, and all since
    assert owner.events == list(range(owner.events[0], 31))
    owner.append(1)
    assert owner.seqs(1) == list(range(1, 32))
    assert Owner(tmp_path).journal.last == 31


def test_a_damaged_header_with_a_damaged_event_gives_the_epoch_up(tmp_path: Path) -> None:
    before = Owner(tmp_path)
    before.append(30)
    path = segment(tmp_path, segments(tmp_path)[-1])
    path.write_bytes(b"nonsense\n" + path.read_bytes().split(b"\n", 1)[1][:-5])
    owner = Owner(tmp_path)  # event 30 may have left here: its number must not be used again
    assert (owner.verdict, owner.journal.last, owner.events) == ("lost", 0, [])


def test_the_journal_of_another_cabinet_is_not_continued(tmp_path: Path) -> None:
    Owner(tmp_path, "cab-1").append(3)
    owner = Owner(tmp_path, "cab-2")
    assert (owner.verdict, owner.journal.last) == ("lost", 0)


def test_bodies_of_another_version_are_kept_and_sent_but_not_replayed(tmp_path: Path) -> None:
    owner = Owner(tmp_path)
    owner.append(2)
    foreign = owner.lines(2)[0].replace(b'"kind":"command_done"', b'"kind":"from_tomorrow"')
    foreign = foreign.replace(b'"seq":2,', b'"seq":3,')
    foreign = foreign[:-10] + wire.crc(foreign[:-18]).encode() + b'"}'
    path = segment(tmp_path, 1)
    path.write_bytes(path.read_bytes() + foreign + b"\n")
    again = Owner(tmp_path)
    assert (again.events, again.journal.last) == ([1, 2], 3)
    assert again.lines(3) == [foreign]


def test_reading_gives_back_what_was_written(tmp_path: Path) -> None:
    owner = Owner(tmp_path)
    owner.append(40)
    for seq in (1, 17, 40):
        assert owner.journal.read(seq) == body(seq)
    with pytest.raises(IndexError, match="expected a seq from 1 to 40, found 41"):
        owner.journal.read(41)
    assert owner.journal.lines_from(41, 4096) == []
    assert owner.journal.lines_from(0, 4096) == []


def test_sending_reads_each_part_of_the_flash_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = Owner(tmp_path, segment_bytes=1 << 20, bytes_max=1 << 20)
    owner.append(400)
    read: list[int] = []
    chunk = owner.journal._chunk

    def counted(first: int, offset: int) -> tuple[list[bytes], int]:
        read.append(offset)
        return chunk(first, offset)

    monkeypatch.setattr(owner.journal, "_chunk", counted)
    batches, seq = 0, 1
    while seq <= 400:
        seq += len(owner.journal.lines_from(seq, 1024))
        batches += 1
    assert len(read) <= 2 * batches + 1  # at most the end of one chunk and the next: never from the start again
    assert read == sorted(read)


def test_what_is_in_the_cloud_is_deleted_by_whole_segments(tmp_path: Path) -> None:
    owner = Owner(tmp_path)
    owner.append(60)
    bounds = segments(tmp_path)
    assert len(bounds) > 4
    for _ in bounds:
        assert owner.journal.acknowledge(owner.journal.epoch, 60, bounds[3] - 2)
    assert segments(tmp_path) == bounds[2:]  # the segment that holds the cursor stays
    for _ in bounds:
        owner.journal.acknowledge(owner.journal.epoch, 60, 60)
    assert segments(tmp_path) == bounds[-1:]  # the last one always stays
    assert owner.journal.first == bounds[-1]
    assert owner.seqs(owner.journal.first)[-1] == 60


def test_acknowledged_events_stay_until_space_is_short_and_unacknowledged_ones_always(tmp_path: Path) -> None:
    owner = Owner(tmp_path, bytes_max=6000)
    owner.append(10)
    owner.journal.acknowledge(owner.journal.epoch, 9, 0)
    assert owner.journal.first == 1
    with pytest.raises(JournalFull, match="expected room for"):
        owner.append(100)
    assert 1 < owner.journal.first <= 10
    last = owner.journal.last
    assert owner.seqs(owner.journal.first)[-1] == last
    assert owner.journal.free_bytes < 1200
    owner.journal.acknowledge(owner.journal.epoch, last, 0)
    assert owner.journal.free_bytes > 4000
    assert owner.journal.append(body(last + 1)) == last + 1
    assert sum(path.stat().st_size for path in (tmp_path / "journal").iterdir()) <= 6000


def test_the_segment_of_an_open_session_is_never_deleted(tmp_path: Path) -> None:
    owner = Owner(tmp_path, bytes_max=6000)
    owner.append(12)
    held = segments(tmp_path)
    owner.session = held[1] + 1
    with pytest.raises(JournalFull):
        for _ in range(200):
            owner.append(1)
            owner.journal.acknowledge(owner.journal.epoch, owner.journal.last, owner.journal.last)
    assert owner.journal.first == held[1]
    assert owner.journal.read(owner.session) == body(owner.session)
    owner.session = 0
    owner.append(1)


def test_a_restored_gateway_may_ask_again_for_what_is_still_held(tmp_path: Path) -> None:
    owner = Owner(tmp_path)
    owner.append(30)
    owner.journal.acknowledge(owner.journal.epoch, 30, 0)
    owner.journal.acknowledge(owner.journal.epoch, 4, 0)
    assert owner.journal.through == 4
    assert owner.seqs(5) == list(range(5, 31))
    assert not owner.journal.acknowledge("f" * 16, 30, 30)
    assert owner.journal.through == 4


def test_cursors_survive_a_boot_so_that_a_full_journal_can_give_up_what_is_acknowledged(tmp_path: Path) -> None:
    owner = Owner(tmp_path, bytes_max=6000)
    owner.append(20)
    owner.journal.acknowledge(owner.journal.epoch, 20, 3)
    owner.append(12)
    again = Owner(tmp_path, bytes_max=6000)
    assert (again.journal.through, again.journal.in_cloud) == (20, 3)
    again.append(10)


def test_a_flash_older_than_what_the_gateway_holds_begins_a_new_epoch_at_the_next_boot(tmp_path: Path) -> None:
    owner = Owner(tmp_path)
    owner.append(5)
    owner.journal.acknowledge(owner.journal.epoch, 9, 0)
    assert (owner.journal.overtaken, owner.journal.through) == (True, 5)
    again = Owner(tmp_path)
    assert again.verdict == "lost"
    assert again.journal.epoch != owner.journal.epoch
    again.append(1)
    assert Owner(tmp_path).verdict == ""


def test_a_damaged_line_goes_out_damaged_and_a_missing_one_has_a_stand_in(tmp_path: Path) -> None:
    owner = Owner(tmp_path)
    owner.append(30)
    path = segment(tmp_path, 1)
    lines = path.read_bytes().split(b"\n")
    damaged = lines[2][:-30] + b"?" + lines[2][-29:]
    path.write_bytes(b"\n".join([lines[0], lines[1], damaged, lines[3] + lines[4], *lines[5:]]))
    found = owner.lines(1)
    assert found[1] == damaged
    assert found[2] == lines[3] + lines[4]
    assert found[3] == b"{}"
    assert [wire.decode_envelope(line).seq for line in found[4:]] == list(range(5, 31))


def test_a_segment_cut_short_behind_the_last_one_has_stand_ins(tmp_path: Path) -> None:
    owner = Owner(tmp_path)
    owner.append(30)
    bounds = segments(tmp_path)
    path = segment(tmp_path, bounds[1])
    path.write_bytes(path.read_bytes().split(b"\n")[0])
    found = owner.lines(1)
    assert found[bounds[1] - 1 : bounds[2] - 1] == [b"{}"] * (bounds[2] - bounds[1])
    assert [wire.decode_envelope(line).seq for line in found[bounds[2] - 1 :]] == list(range(bounds[2], 31))


def test_a_snapshot_that_does_not_fit_a_header_is_refused_in_a_sentence(tmp_path: Path) -> None:
    owner = Owner(tmp_path)
    owner.journal.snapshot = lambda: {"session": 0, "text": "x" * 5000}
    with pytest.raises(ValueError, match="expected a header of at most 4096 bytes, found"):
        owner.append(1)
    assert owner.journal.last == 0


def test_the_first_line_of_a_segment_is_its_header(tmp_path: Path) -> None:
    owner = Owner(tmp_path)
    owner.append(30)
    first = segments(tmp_path)[1]
    header = json.loads(segment(tmp_path, first).read_bytes().split(b"\n")[0])
    assert header == {
        "epoch": owner.journal.epoch,
        "cabinet": "cab-1",
        "first": first,
        "through": 0,
        "in_cloud": 0,
        "snapshot": {"session": 0, "seen": first - 1},
    }


class HalfWritten(Journal):
    """A journal on a flash that takes half a line and then fails, as often as `failures` says."""

    failures = 0

    def _write(self, file: BinaryIO, line: Iterable[bytes]) -> None:
        if self.failures:
            self.failures -= 1
            whole = b"".join(line)
            file.write(whole[: len(whole) // 2])
            file.flush()
            raise OSError(5)
        super()._write(file, line)


def test_an_append_that_fails_half_way_leaves_nothing_that_a_later_one_could_stick_to(tmp_path: Path) -> None:
    one = HalfWritten(str(tmp_path / "journal"), "cab-1", 100_000)
    OPEN.append(one)
    one.open(None, None)
    assert [one.append(body(number)) for number in (1, 2)] == [1, 2]
    one.failures = 2
    for _ in range(2):
        with pytest.raises(OSError, match="5"):
            one.append(body(3))
        assert (one.last, one.lines_from(3, 4096)) == (2, [])
    assert [one.append(body(number)) for number in (3, 4)] == [3, 4]
    again = Owner(tmp_path)
    assert (again.verdict, again.journal.last) == ("", 4)
    assert [again.journal.read(seq) for seq in (1, 2, 3, 4)] == [body(number) for number in (1, 2, 3, 4)]
