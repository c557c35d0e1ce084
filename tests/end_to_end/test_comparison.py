"""The comparison sees what it is there to see: a loss, a repeat, a wrong count, an unequal stock, an unequal cloud."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from simulator import comparison
from simulator.comparison import Comparison, Ledgers
from simulator.people import Pile, Visit
from simulator.scenario import part

SESSION = "cab-1/0123456789abcdef/2"
TABLES = """
CREATE TABLE inbox (cabinet, epoch, seq, kind, reason, line);
CREATE TABLE session (id, cabinet, how, opened_ms, booked_ms);
CREATE TABLE movement (id, session);
CREATE TABLE posting (movement, account, part, quantity);
CREATE TABLE balance (account, part, quantity);
CREATE TABLE discrepancy (id, cabinet, bin, session);
CREATE TABLE resolution (discrepancy);
"""
CLOUD_TABLES = """
CREATE TABLE posting (movement_id, account, part, quantity);
CREATE TABLE balance (account, part, quantity);
CREATE TABLE cabinet_session (id, how, ingested_ms);
CREATE TABLE event (cabinet, epoch, seq);
"""
OPENING = [("m1", "dealer:d", "OF-1012", -5), ("m1", "bin:cab-1/1", "OF-1012", 5)]
TAKE = [("m2", "bin:cab-1/1", "OF-1012", -2), ("m2", "shop:s", "OF-1012", 2)]
BALANCES = [("bin:cab-1/1", "OF-1012", 3), ("dealer:d", "OF-1012", -5), ("shop:s", "OF-1012", 2)]


class World:
    """Both databases as they stand after one session in which two oil filters of five were taken."""

    def __init__(self, folder: Path):
        self.gateway = sqlite3.connect(folder / "gateway.db", isolation_level=None)
        self.cloud = sqlite3.connect(folder / "cloud.db", isolation_level=None)
        self.ledgers = Ledgers(folder / "gateway.db", folder / "cloud.db")
        self.gateway.executescript(TABLES)
        self.cloud.executescript(CLOUD_TABLES)
        closed = json.dumps({"body": {"session": 2, "boot": 1, "up_ms": 1000}})
        for seq, kind, line in ((1, "booted", ""), (2, "session_opened", ""), (3, "session_closed", closed)):
            self.gateway.execute(
                "INSERT INTO inbox VALUES ('cab-1', '0123456789abcdef', ?, ?, '', ?)", (seq, kind, line)
            )
            self.cloud.execute("INSERT INTO event VALUES ('cab-1', '0123456789abcdef', ?)", (seq,))
        self.gateway.execute("INSERT INTO session VALUES (?, 'cab-1', 'shut', 1, 5040)", (SESSION,))
        self.gateway.execute("INSERT INTO movement VALUES ('m1', ''), ('m2', ?)", (SESSION,))
        for database in (self.gateway, self.cloud):
            database.executemany("INSERT INTO posting VALUES (?, ?, ?, ?)", OPENING + TAKE)
            database.executemany("INSERT INTO balance VALUES (?, ?, ?)", BALANCES)
        self.cloud.execute("INSERT INTO cabinet_session VALUES (?, 'shut', 5090)", (SESSION,))
        self.pile = Pile(part("OF-1012"), pieces_mg=[612_000] * 3)
        self.visit = Visit("cab-1", "04A1B2C3", let_in=True, net={(1, "OF-1012"): -2})

    def compare(self) -> Comparison:
        found = Comparison()
        comparison.compare_events(found, self.ledgers, {"cab-1": 3})
        comparison.compare_sessions(found, self.ledgers, [self.visit], set())
        comparison.compare_stock(found, self.ledgers, {("cab-1", 1, "OF-1012"): self.pile})
        comparison.compare_cloud(found, self.ledgers)
        comparison.measure_latencies(found, self.ledgers, lambda _cabinet, boot, up_ms: 4000 * boot + up_ms)
        return found


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.gateway.close()
    made.cloud.close()


def test_equal_is_good(world: World) -> None:
    found = world.compare()
    assert found.good, found.differences
    assert (found.sessions, found.events, found.wrong_counts, found.differences) == (1, 3, 0, [])
    assert found.door_shut_to_ledger_ms == {"p50": 40, "p99": 40}
    assert found.door_shut_to_cloud_ms == {"p50": 90, "p99": 90}


def test_sees_a_lost_event(world: World) -> None:
    world.gateway.execute("DELETE FROM inbox WHERE seq = 2")
    found = world.compare()
    assert (found.lost, found.good) == (1, False)


def test_sees_a_doubled_event(world: World) -> None:
    world.gateway.execute("INSERT INTO inbox SELECT * FROM inbox WHERE seq = 1")
    found = world.compare()
    assert (found.doubled, found.good) == (1, False)


def test_sees_a_lost_session(world: World) -> None:
    world.gateway.execute("DELETE FROM session")
    found = world.compare()
    assert (found.lost, found.good) == (1, False)


def test_sees_a_doubled_session(world: World) -> None:
    world.gateway.execute("INSERT INTO session VALUES ('cab-1/0123456789abcdef/9', 'cab-1', 'shut', 2, 3)")
    found = world.compare()
    assert (found.doubled, found.good) == (1, False)


def recovered(world: World, number: int) -> str:
    """Add a session that was closed after a restart, in both databases."""
    identity = f"cab-1/0123456789abcdef/{number}"
    world.gateway.execute("INSERT INTO session VALUES (?, 'cab-1', 'recovered', 0, 5)", (identity,))
    world.cloud.execute("INSERT INTO cabinet_session VALUES (?, 'recovered', 5)", (identity,))
    return identity


def test_a_session_that_a_power_cut_left_unused_is_neither_lost_nor_doubled(world: World) -> None:
    recovered(world, 1)
    assert world.compare().doubled == 1, "without a power cut it is one too many"
    world.visit = replace(world.visit, cuts_before=1)
    found = world.compare()
    assert found.good, found.differences
    assert (found.sessions, found.unused_sessions, found.wrong_counts) == (1, 1, 0)


def test_a_session_that_moved_something_is_never_taken_for_unused(world: World) -> None:
    world.visit = replace(world.visit, cuts_before=1)
    world.gateway.execute("INSERT INTO movement VALUES ('m0', ?)", (recovered(world, 1),))
    assert world.compare().doubled == 1


def test_sees_a_lost_session_although_the_power_was_cut(world: World) -> None:
    world.visit = replace(world.visit, cuts_before=3)
    world.gateway.execute("DELETE FROM session")
    assert world.compare().lost == 1


def test_sees_a_wrong_count_unless_it_asked(world: World) -> None:
    world.visit.net[1, "OF-1012"] = -1
    assert world.compare().wrong_counts == 1
    world.gateway.execute("INSERT INTO discrepancy VALUES ('d1', 'cab-1', 1, ?)", (SESSION,))
    assert world.compare().wrong_counts == 0


def test_sees_another_part_booked_than_was_taken(world: World) -> None:
    world.visit.net.clear()
    world.visit.net[1, "FF-2040"] = -2
    found = world.compare()
    assert found.wrong_counts == 2
    assert "bin 1: really -2 of FF-2040, booked 0, nobody asked" in " ".join(found.differences)


def test_sees_a_part_in_the_books_that_is_not_there(world: World) -> None:
    for database in (world.gateway, world.cloud):
        database.execute("INSERT INTO posting VALUES ('m1', 'bin:cab-1/2', 'FF-2040', 3)")
    found = world.compare()
    assert not found.truth_equals_ledger
    assert "bin:cab-1/2: really no FF-2040, booked 3" in found.differences


def test_sees_an_unequal_stock_unless_a_discrepancy_is_open(world: World) -> None:
    world.pile.pieces_mg.pop()
    assert not world.compare().truth_equals_ledger
    world.gateway.execute("INSERT INTO discrepancy VALUES ('d1', 'cab-1', 1, '')")
    found = world.compare()
    assert (found.open_discrepancies, found.truth_equals_ledger) == (1, True)


def test_sees_more_questions_than_one_in_a_hundred_sessions(world: World) -> None:
    """One there may be, however few the sessions are."""
    world.gateway.execute("INSERT INTO discrepancy VALUES ('d1', 'cab-1', 1, '')")
    assert world.compare().truth_equals_ledger
    world.gateway.execute("INSERT INTO discrepancy VALUES ('d2', 'cab-1', 2, '')")
    assert not world.compare().truth_equals_ledger


def test_sees_a_cloud_that_lacks_a_movement(world: World) -> None:
    world.cloud.execute("DELETE FROM posting WHERE movement_id = 'm2'")
    found = world.compare()
    assert (found.ledger_equals_cloud, found.good) == (False, False)


def test_sees_a_cloud_that_lacks_an_event_or_a_session(world: World) -> None:
    world.cloud.execute("DELETE FROM event WHERE seq = 2")
    assert not world.compare().ledger_equals_cloud
    world.cloud.execute("INSERT INTO event VALUES ('cab-1', '0123456789abcdef', 2)")
    assert world.compare().ledger_equals_cloud
    world.cloud.execute("DELETE FROM cabinet_session")
    assert not world.compare().ledger_equals_cloud


def test_sees_balances_that_do_not_follow(world: World) -> None:
    world.cloud.execute("UPDATE balance SET quantity = 4 WHERE account = 'bin:cab-1/1'")
    assert not world.compare().ledger_equals_cloud


def test_what_a_power_cut_tore_may_be_asked(world: World) -> None:
    world.pile.pieces_mg.pop()
    for name, number in (("d1", 1), ("d2", 2)):
        world.gateway.execute("INSERT INTO discrepancy VALUES (?, 'cab-1', ?, ?)", (name, number, SESSION))
    assert not world.compare().truth_equals_ledger
    world.gateway.execute("UPDATE session SET how = 'recovered'")
    assert world.compare().truth_equals_ledger
