"""However much a cabinet sends, what it causes beside its own events is bounded; what is over a bound waits there."""

import logging

import pytest
from cabinet import wire

from edge_gateway.hearing import BOOTS_PER_HOUR_MAX
from edge_gateway.journals import BEGUN_PER_HOUR_MAX
from edge_gateway.quarantine import ROWS_PER_HOUR_MAX
from tests.gateway.strange_lines import health, state
from tests.gateway.world import Journal, Shop

MANY = 300
HOUR_MS = 3_600_000


def epoch(number: int) -> str:
    """One of as many epochs as wanted."""
    return f"{number:016x}"


def begun(number: int) -> Journal:
    """A journal with its first event."""
    journal = Journal(epoch=epoch(number))
    journal.created()
    return journal


def test_a_cabinet_that_begins_journals_without_end_has_to_wait(shop: Shop) -> None:
    journals = [begun(number) for number in range(MANY)]
    shop.take(journals[0].topic, *(journal.lines[0] for journal in journals))
    assert shop.value("select count(*) from cursor") == BEGUN_PER_HOUR_MAX
    taken = {ack["epoch"] for ack in shop.acks()}
    assert taken == {epoch(number) for number in range(BEGUN_PER_HOUR_MAX)}, "what waits must not be acknowledged"


def test_a_journal_that_had_to_wait_is_taken_in_the_next_hour_and_nothing_of_it_is_lost(shop: Shop) -> None:
    last = begun(MANY)
    last.session([])
    shop.take(last.topic, *(begun(number).lines[0] for number in range(BEGUN_PER_HOUR_MAX)))
    shop.take_journal(last)
    assert shop.value("select count(*) from inbox where epoch = ?", last.epoch) == 0
    shop.clock_ms += HOUR_MS
    shop.take_journal(last)
    assert [line for (line,) in shop.query("select line from inbox where epoch = ? order by seq", last.epoch)] == (
        last.lines
    )


def test_another_cabinet_begins_its_journal_meanwhile(shop: Shop) -> None:
    shop.take(begun(0).topic, *(begun(number).lines[0] for number in range(MANY)))
    other = Journal("cab-2")
    other.created()
    shop.take_journal(other)
    assert shop.acks("cab-2")[-1]["through"] == 1


def test_a_cabinet_that_forgets_again_and_again_is_followed_so_often_only(shop: Shop, journal: Journal) -> None:
    shop.take_journal(journal)
    for first in range(3, 3 + 2 * MANY, 2):
        shop.take("partsbay/1/cab-1/health", health(journal.epoch, first, first + 1))
    forgotten = shop.value("select count(*) from discrepancy where reason = 'journal_forgotten'")
    assert 0 < forgotten <= BEGUN_PER_HOUR_MAX


def test_boots_without_end_are_not_all_remembered(shop: Shop, journal: Journal) -> None:
    shop.take("partsbay/1/cab-1/health", *(health(journal.epoch, 1, 1, boot) for boot in range(1, MANY)))
    assert shop.value("select count(*) from boot_clock") == BOOTS_PER_HOUR_MAX
    assert len(shop.intake.books.boots) == BOOTS_PER_HOUR_MAX


def test_journals_that_are_only_named_leave_nothing_behind(shop: Shop) -> None:
    shop.take("partsbay/1/cab-1/state", *(state(epoch(number), 5) for number in range(MANY)))
    gaps = [
        wire.encode_event("cab-1", epoch(number), 9, {"kind": "bin_well", "boot": 1, "up_ms": 1, "bin": 1})
        for number in range(MANY)
    ]
    shop.take("partsbay/1/cab-1/event", *gaps)
    assert len(shop.acks()) >= MANY, "each was answered"
    answers = vars(shop.intake)["_answers"]
    kept = {name: len(value) for name, value in vars(answers).items() if isinstance(value, dict)}
    assert max(kept.values()) <= 1, kept


def test_the_epoch_that_was_asked_for_last_is_the_one_asked_for_after_the_pause(shop: Shop) -> None:
    for number in (1, 2):
        gap = wire.encode_event("cab-1", epoch(number), 9, {"kind": "bin_well", "boot": 1, "up_ms": 1, "bin": 1})
        shop.take("partsbay/1/cab-1/event", gap)
    assert [ack["epoch"] for ack in shop.acks() if ack["again"]] == [epoch(1)]
    shop.clock_ms += 300
    shop.take("partsbay/1/cab-1/live", b"")
    assert [ack["epoch"] for ack in shop.acks() if ack["again"]] == [epoch(1), epoch(2)]


def test_forgeries_without_end_do_not_fill_the_log(
    shop: Shop, journal: Journal, caplog: pytest.LogCaptureFixture
) -> None:
    shop.take_journal(journal)
    forged = [
        wire.encode_event("cab-1", journal.epoch, 1, {"kind": "bin_well", "boot": 1, "up_ms": up_ms, "bin": 1})
        for up_ms in range(2 * ROWS_PER_HOUR_MAX)
    ]
    with caplog.at_level(logging.INFO):
        shop.take(journal.topic, *forged)
    assert shop.value("select count(*) from quarantine") == ROWS_PER_HOUR_MAX
    assert len(caplog.records) <= ROWS_PER_HOUR_MAX
