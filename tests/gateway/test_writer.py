"""The writer ends when the database fails, and acknowledges nothing after that."""

import sqlite3
import threading

import pytest

from tests.gateway.world import Journal, Shop, received


def test_a_database_that_fails_ends_the_writer(shop: Shop, journal: Journal) -> None:
    with pytest.raises(sqlite3.OperationalError):
        shop.do(lambda: shop.store.all("select * from nothing"))
    assert shop.writer.ended.wait(10)
    assert isinstance(shop.writer.failure, sqlite3.OperationalError)
    shop.writer.put(received(journal.topic, journal.lines[0]))
    with pytest.raises(RuntimeError, match="the writer has ended"):
        shop.do(lambda: None)
    assert shop.link.acknowledged == []


def test_a_job_that_fails_is_told_and_leaves_nothing_behind(shop: Shop, journal: Journal) -> None:
    def half() -> None:
        shop.intake.books.balances["bin:cab-1/1", "OF-1"] = 99
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        shop.do(half)
    assert shop.intake.books.balances["bin:cab-1/1", "OF-1"] == 10
    shop.take_journal(journal)
    assert shop.value("select through from cursor") == 1


def test_a_job_that_nobody_waits_for_any_more_is_left_out(shop: Shop) -> None:
    """The talk to the cloud ends while its receipt is queued: the writer goes on, and the receipt comes again."""
    begun, may_end, ran = threading.Event(), threading.Event(), []
    first = shop.writer.submit(lambda: (begun.set(), may_end.wait(20)))
    assert begun.wait(20)
    left = shop.writer.submit(lambda: ran.append("left"))
    assert left.cancel()
    may_end.set()
    first.result(20)
    shop.do(lambda: ran.append("next"))
    assert ran == ["next"]
    assert shop.writer.failure is None
