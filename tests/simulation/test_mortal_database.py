"""A database whose program can die at any statement: what was committed is there, what was not is not."""

import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from simulator.mortal_database import Fuse, Killed, connect

ROWS = 6


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """An empty table in WAL, on disk."""
    path = tmp_path / "one.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute("pragma journal_mode = wal")
        db.execute("create table line (number integer primary key, text text)")
    return path


def work(path: Path, fuse: Fuse) -> int:
    """Commit row after row; how many commits had returned when it died."""
    db = connect(path, fuse)
    done = 0
    try:
        db.execute("pragma synchronous = full")
        for number in range(ROWS):
            db.execute("begin immediate")
            db.execute("insert into line values (?, ?)", (number, "x" * 3000))
            db.execute("commit")
            done += 1
    except Killed:
        with pytest.raises(Killed):
            db.execute("rollback")
    finally:
        db.close()
    return done


def rows(path: Path) -> list[int]:
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("pragma integrity_check").fetchone() == ("ok",)
        return [number for (number,) in db.execute("select number from line order by number")]


@pytest.mark.parametrize("power", [False, True])
def test_dying_at_every_step_keeps_what_was_committed(database: Path, tmp_path: Path, power: bool) -> None:
    whole = Fuse(database, Random(1))
    assert work(database, whole) == ROWS
    deaths = 0
    for steps in range(whole.steps):
        path = tmp_path / f"{steps}.db"
        with closing(sqlite3.connect(path)) as db:
            db.execute("pragma journal_mode = wal")
            db.execute("create table line (number integer primary key, text text)")
        fuse = Fuse(path, Random(steps))
        fuse.light(steps, power=power)
        done = work(path, fuse)
        assert fuse.burnt
        fuse.put_back()
        found = rows(path)
        assert found in (list(range(done)), list(range(done + 1)))
        deaths += 1
    assert deaths == 3 + ROWS * 7


def test_power_lost_in_a_commit_tears_that_one_and_no_other(database: Path, tmp_path: Path) -> None:
    outcomes = set()
    for seed in range(40):
        path = tmp_path / f"{seed}.db"
        with closing(sqlite3.connect(path)) as db:
            db.execute("pragma journal_mode = wal")
            db.execute("create table line (number integer primary key, text text)")
        fuse = Fuse(path, Random(seed))
        fuse.light(seed % ROWS, power=True, in_commit=True)
        done = work(path, fuse)
        fuse.put_back()
        found = rows(path)
        assert found[:done] == list(range(done))
        outcomes.add((len(found) - done, fuse.torn_bytes > 0))
    assert outcomes == {(0, True), (1, False)}


def test_a_full_disk_is_what_sqlite_says_it_is(database: Path) -> None:
    fuse = Fuse(database, Random(1))
    db = connect(database, fuse)
    fuse.fill_disk(0)
    with pytest.raises(sqlite3.OperationalError, match="full"):
        db.execute("insert into line values (1, ?)", ("x" * 5000,))
    db.execute("begin immediate")
    with pytest.raises(sqlite3.OperationalError, match="full"):
        db.execute("commit")
    db.execute("rollback")
    assert fuse.refused == 1
    fuse.make_room()
    db.execute("insert into line values (1, ?)", ("x" * 5000,))
    db.close()
    assert rows(database) == [1]
