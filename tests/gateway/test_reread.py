"""Events set aside are read again after an upgrade: once, under their own name, and without booking twice."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from cabinet import wire

from edge_gateway import ledger_check, session_booking
from edge_gateway.kiosk_seam import ResolveByCount, ResolveByStock
from edge_gateway.reread import Report, RereadError, reread
from edge_gateway.settings import Settings
from edge_gateway.store import Store
from edge_gateway.upload_format import ReadAgainItem, SessionItem, SetAsideItem, decode_content
from tests.gateway.world import EPOCH, Journal, Shop, document, row

TAKE_TWO = row(1, 6_000_000, 4_800_000)


class Upgraded:
    """A gateway whose older version did not know some kinds of event, and whose newer one does."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.shop = Shop(folder)
        self.shop.put_document(document())
        self.journal = Journal()
        self.journal.created()
        self.shop.take_journal(self.journal)

    @contextmanager
    def not_knowing(self, *kinds: str) -> Iterator[None]:
        """What comes meanwhile is taken in by a version that has not heard of these kinds."""
        known = wire._kind_fields

        def older(family: str, kind: str) -> Any:
            return known(family, "never heard of" if kind in kinds else kind)

        wire._kind_fields = older
        try:
            yield
        finally:
            wire._kind_fields = known

    def take(self, write: Callable[[Journal], object], *, not_knowing: tuple[str, ...] = ()) -> None:
        """What a cabinet writes, taken in."""
        start = len(self.journal.lines)
        write(self.journal)
        with self.not_knowing(*not_knowing):
            self.shop.take_journal(self.journal, start)

    def read_again(self) -> Report:
        """The command, while the gateway is stopped."""
        self.shop.close()
        report = reread(Settings("gw-1", self.folder), lambda: self.shop.clock_ms + 60_000)
        self.shop = Shop(self.folder)
        return report

    def session(self, number: int) -> tuple[str, str, int | None]:
        """(person, how, closed_ms) of the session that event `number` opened."""
        found = self.shop.query("select person, how, closed_ms from session where id = ?", f"cab-1/{EPOCH}/{number}")
        person, how, closed_ms = found[0]
        return person, how, closed_ms

    def sent(self, kind: type) -> list[Any]:
        """The items of a kind in the outbox."""
        contents = (decode_content(bytes(row[0])) for row in self.shop.query("select content from outbox order by seq"))
        return [content for content in contents if type(content) is kind]

    def waiting(self) -> int:
        """How many messages wait in quarantine."""
        count: int = self.shop.value("select count(*) from waiting_quarantine")
        return count


@pytest.fixture
def upgraded(tmp_path: Path) -> Iterator[Upgraded]:
    """A gateway at work, whose ledger agrees with itself in the end."""
    upgraded = Upgraded(tmp_path)
    yield upgraded
    upgraded.shop.close()
    out = StringIO()
    assert ledger_check.verify(upgraded.shop.path, out) == 0, out.getvalue()


def test_the_end_of_a_session_is_read_again_and_booked_once(upgraded: Upgraded) -> None:
    upgraded.take(lambda j: j.session([TAKE_TWO]), not_knowing=("session_closed",))
    assert (upgraded.shop.stock(1), upgraded.waiting()) == (10, 1)
    assert upgraded.session(2) == ("wang", "", None)
    report = upgraded.read_again()
    (read,) = report.read
    assert (read.event, read.kind, read.movements, report.waiting) == (f"cab-1/{EPOCH}/5", "session_closed", 1, ())
    assert upgraded.shop.stock(1) == 8
    assert upgraded.session(2)[:2] == ("wang", "shut")
    assert upgraded.shop.query("select cause, person, occurred_ms, booked_ms from movement where seq = 5") == [
        ("take", "wang", 1_790_000_005_000, upgraded.shop.clock_ms + 60_000)
    ]
    assert upgraded.shop.questions() == []
    assert upgraded.waiting() == 0
    assert [item.event for item in upgraded.sent(SetAsideItem)] == [f"cab-1/{EPOCH}/5"]
    assert [item.event for item in upgraded.sent(ReadAgainItem)] == [f"cab-1/{EPOCH}/5"]
    assert [item.how for item in upgraded.sent(SessionItem)] == ["shut"]
    assert upgraded.read_again() == Report((), ())
    assert upgraded.shop.stock(1) == 8


def test_what_is_still_not_understood_waits_on_with_its_reason(upgraded: Upgraded) -> None:
    upgraded.take(lambda j: j.session([TAKE_TWO]), not_knowing=("session_closed", "door_shut"))
    with upgraded.not_knowing("session_closed"):
        report = upgraded.read_again()
    assert [read.kind for read in report.read] == ["door_shut"]
    assert report.waiting == ((f"cab-1/{EPOCH}/5", "expected a known kind, found 'never heard of'"),)
    assert upgraded.waiting() == 1
    assert report.lines()[0] == "events that were set aside: 2; read and booked now: 1; waiting on: 1"
    assert len(upgraded.read_again().read) == 1


def test_a_session_whose_end_is_set_aside_ends_in_sight_when_the_next_begins(upgraded: Upgraded) -> None:
    upgraded.take(lambda j: j.session([TAKE_TWO]), not_knowing=("session_closed",))
    upgraded.take(lambda j: j.session([row(3, 840_000, 819_000)]))
    person, how, closed_ms = upgraded.session(2)
    assert (person, how) == ("wang", "unended")
    assert closed_ms is not None
    assert (0, "session_unended") in upgraded.shop.questions()
    assert [item.id for item in upgraded.sent(SessionItem)] == [f"cab-1/{EPOCH}/6"]
    upgraded.read_again()
    assert upgraded.session(2)[:2] == ("wang", "shut")
    assert upgraded.shop.questions() == []
    assert (upgraded.shop.stock(1), upgraded.shop.stock(3)) == (8, 39)


def test_a_later_weight_opens_a_question_and_reading_again_answers_it(upgraded: Upgraded) -> None:
    """One more piece is taken before the upgrade: the scale and the ledger differ by the two not booked."""
    upgraded.take(lambda j: j.session([TAKE_TWO]), not_knowing=("session_closed",))
    upgraded.take(lambda j: j.session([row(1, 4_800_000, 4_200_000)]))
    assert upgraded.shop.stock(1) == 9
    assert (1, "balance") in upgraded.shop.questions()
    upgraded.read_again()
    assert upgraded.shop.stock(1) == 7
    assert upgraded.shop.questions() == []
    assert upgraded.shop.value("select mg from bin_weight where bin = 1") == 4_200_000


def test_without_a_clock_the_order_of_the_journal_tells_which_weight_is_newer(upgraded: Upgraded) -> None:
    """The event set aside is dated by when it came, which is after what the later ones say of themselves."""
    upgraded.take(lambda j: j.add("bins_changed", bins=[TAKE_TWO], utc_ms=None), not_knowing=("bins_changed",))
    upgraded.take(lambda j: j.session([row(1, 4_800_000, 4_200_000)]))
    upgraded.read_again()
    assert upgraded.shop.value("select mg from bin_weight where bin = 1") == 4_200_000
    assert upgraded.shop.stock(1) == 7
    assert upgraded.shop.questions() == [(1, "unexplained_change")]


def test_what_somebody_has_put_right_meanwhile_is_asked_and_not_booked_twice(upgraded: Upgraded) -> None:
    upgraded.take(lambda j: j.session([TAKE_TWO]), not_knowing=("session_closed",))
    upgraded.take(lambda j: j.session([row(1, 4_800_000, 4_800_000)]))
    question = upgraded.shop.value("select id from open_discrepancy where reason = 'balance'")
    upgraded.shop.act(ResolveByStock(discrepancy=question, found=8, person="wang", note="counted"))
    assert upgraded.shop.stock(1) == 8
    upgraded.read_again()
    assert upgraded.shop.stock(1) == 8
    assert upgraded.shop.questions() == [(1, "read_late")]
    assert upgraded.session(2)[:2] == ("wang", "shut")


def test_a_whole_day_of_a_newer_cabinet_is_booked_though_its_bins_are_as_they_were(upgraded: Upgraded) -> None:
    """What was taken was put back: the weight of tomorrow agrees with the ledger with all of it and without."""

    def day(journal: Journal) -> None:
        journal.session([TAKE_TWO])
        journal.session([row(1, 4_800_000, 6_000_000)])

    upgraded.take(day, not_knowing=("session_opened", "session_closed"))
    upgraded.take(lambda j: j.session([row(1, 6_000_000, 6_000_000)]))
    report = upgraded.read_again()
    assert [read.movements for read in report.read] == [0, 1, 0, 1]
    causes = upgraded.shop.query("select cause, person from movement where session != '' order by seq")
    assert causes == [("take", "wang"), ("return", "wang")]
    assert upgraded.shop.stock(1) == 10
    assert upgraded.shop.questions() == []


def test_a_beginning_read_after_its_end_tells_who_it_was(upgraded: Upgraded) -> None:
    upgraded.take(lambda j: j.session([TAKE_TWO]), not_knowing=("session_opened",))
    assert upgraded.shop.query("select opened_by, person from session") == [("unknown", "")]
    assert upgraded.shop.stock(1) == 8
    assert upgraded.shop.questions() == [(1, "no_person")]
    upgraded.read_again()
    assert upgraded.shop.query("select opened_by, person from session") == [("unknown", "")]
    assert upgraded.shop.query("select person, badge from session_person") == [("wang", "04A1B2C3")]
    assert upgraded.shop.stock(1) == 8


def test_what_is_read_late_does_not_pass_for_news(upgraded: Upgraded) -> None:
    """Neither its weights nor its tags: those that came since are what the next ones are compared with."""
    upgraded.take(lambda j: j.session([TAKE_TWO]), not_knowing=("session_closed", "tags_read"))
    upgraded.take(lambda j: j.session([row(1, 4_800_000, 4_800_000)]))
    read = {"rounds": 40, "seen": 1, "more": 0, "missing": "", "came": "A1" * 12}
    upgraded.take(lambda j: j.add("tags_read", session=6, **read, **{"pass": 1}))
    upgraded.read_again()
    assert upgraded.shop.stock(1) == 8
    assert upgraded.shop.questions() == []
    counting = upgraded.shop.intake.books.counting
    assert 1 not in counting.moved["cab-1"]
    upgraded.take(lambda j: j.session([row(1, 4_800_000, 4_200_000)]))
    assert (upgraded.shop.stock(1), upgraded.shop.questions()) == (7, [])


def test_an_error_of_the_older_version_is_made_good(upgraded: Upgraded, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as older:
        older.setattr(session_booking, "count_session", lambda _: 1 // 0)
        upgraded.take(lambda j: j.session([TAKE_TWO]))
    assert "could not be booked: ZeroDivisionError" in upgraded.shop.value("select reason from waiting_quarantine")
    upgraded.read_again()
    assert upgraded.shop.stock(1) == 8


def test_an_error_that_is_still_there_stops_nobody(upgraded: Upgraded, monkeypatch: pytest.MonkeyPatch) -> None:
    upgraded.take(lambda j: j.session([TAKE_TWO]), not_knowing=("session_closed", "door_shut"))
    monkeypatch.setattr(session_booking, "count_session", lambda _: 1 // 0)
    report = upgraded.read_again()
    assert [read.kind for read in report.read] == ["door_shut"]
    ((event, why),) = report.waiting
    assert (event, why.partition(":")[0]) == (f"cab-1/{EPOCH}/5", "could not be booked")
    assert upgraded.waiting() == 1
    assert upgraded.shop.stock(1) == 10


def test_a_lost_journal_is_missed_when_its_first_event_is_read_at_last(upgraded: Upgraded) -> None:
    lost = Journal("cab-1", "fedcba9876543210")
    lost.created("lost")
    with upgraded.not_knowing("journal_created"):
        upgraded.shop.take_journal(lost)
    assert upgraded.shop.questions() == []
    upgraded.read_again()
    assert upgraded.shop.questions() == [(0, "journal_lost")]


def test_a_running_gateway_is_not_disturbed(upgraded: Upgraded) -> None:
    with pytest.raises(RereadError, match="expected the gateway to be stopped"):
        reread(Settings("gw-1", upgraded.folder), lambda: 0)
    upgraded.take(lambda j: j.session([TAKE_TWO]))
    assert upgraded.shop.stock(1) == 8


def test_no_database_is_said(tmp_path: Path) -> None:
    with pytest.raises(RereadError, match=r"expected a database at .*, found none"):
        reread(Settings("gw-1", tmp_path), lambda: 0)
    assert list(tmp_path.iterdir()) == []


def test_what_was_asked_late_is_booked_by_nobody_but_a_person(upgraded: Upgraded) -> None:
    """Another bin of the session comes to rest later: of what newer weights had settled that says nothing."""
    bulbs = row(3, 840_000, 798_000, wire.UNSETTLED)
    upgraded.take(lambda j: j.session([TAKE_TWO, bulbs]), not_knowing=("session_closed",))
    upgraded.take(lambda j: j.session([row(1, 4_800_000, 4_200_000)]))
    upgraded.shop.act(ResolveByStock(upgraded.shop.value("select id from open_discrepancy where bin = 1"), 7, "wang"))
    upgraded.read_again()
    assert upgraded.shop.questions() == [(1, "read_late"), (3, "uncertain_count")]
    rested = [[3, 798_000, 150, 0]]
    upgraded.take(lambda j: j.add("session_opened", by="badge", badge="04A1B2C3", person="wang", door=1, bins=rested))
    assert (upgraded.shop.stock(1), upgraded.shop.stock(3)) == (7, 38)
    assert upgraded.shop.questions() == [(1, "read_late")]


def test_a_database_of_version_2_is_brought_up_to_date(tmp_path: Path) -> None:
    """One that version 2 wrote: a session whose end could not be understood, and a message that was none."""
    db = sqlite3.connect(tmp_path / "gateway.db")
    db.executescript((Path(__file__).parent / "databases" / "version_2.sql").read_text())
    db.close()
    out = StringIO()
    assert ledger_check.verify(tmp_path / "gateway.db", out) == 1
    assert "expected a gateway database of version 8, found version 2: start the gateway once" in out.getvalue()
    store = Store(tmp_path / "gateway.db", "gw-1", 0)
    assert store.one("select count(*) from waiting_quarantine") == (2,)
    assert store.load(0).sessions.keys() == {f"cab-1/{EPOCH}/6"}
    store.close()
    assert ledger_check.verify(tmp_path / "gateway.db", out) == 0
    report = reread(Settings("gw-1", tmp_path), lambda: 0)
    assert report.waiting == (
        (f"cab-1/{EPOCH}/9", "expected how to be one of shut, not_opened, recovered, found 'slid'"),
    )
    shop = Shop(tmp_path)
    assert shop.stock(1) == 9
    shop.close()


def test_a_database_of_version_3_goes_on_counting(tmp_path: Path) -> None:
    """One that version 3 wrote, with a question whose evidence nobody kept, and a session that is open."""
    db = sqlite3.connect(tmp_path / "gateway.db")
    db.executescript((Path(__file__).parent / "databases" / "version_3.sql").read_text())
    db.close()
    shop = Shop(tmp_path)
    assert (shop.questions(), shop.stock(1), shop.stock(3)) == ([(3, "not_this_part")], 8, 40)
    journal = Journal()
    journal.lines = [bytes(line) for (line,) in shop.query("select line from inbox order by seq")]
    rows = [row(1, 4_937_000, 4_337_000), row(3, 829_000, 829_000)]
    journal.add("session_closed", session=10, how="shut", missing="", open_ms=9000, bins=rows)
    shop.take_journal(journal, 10)
    assert shop.stock(1) == 7
    shop.act(ResolveByCount(shop.value("select id from open_discrepancy where bin = 3"), -1, "wang"))
    assert (shop.questions(), shop.stock(3)) == ([], 39)
    assert shop.query("select bin, best from verdict") == [(1, '[[["OF-1",-1]],0]')]
    shop.close()
    assert ledger_check.verify(tmp_path / "gateway.db", StringIO()) == 0
