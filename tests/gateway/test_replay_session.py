"""`partsbay gateway replay-session`: the stored verdict again, bit by bit, or what another mass would have said."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import partsbay
from edge_gateway.replay_session import ReplayError, replay
from tests.gateway.counted_shop import BULB, ECU, FULL, OF_A, OF_B, PAD, Cabinet, counted_document
from tests.gateway.world import Shop


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, str]]]:
    """A database with sessions of every kind, and their ids by what they were."""
    folder = tmp_path_factory.mktemp("replayed")
    cabinet = Cabinet(Shop(folder, ("cab-1",)))
    cabinet.shop.put_document(counted_document())
    sessions = {
        "two parts": cabinet.session({1: -OF_A - 2 * OF_B}, plateaus=[[1, 3000, FULL[1] - OF_A, 120]]),
        "misplaced": cabinet.session({2: -PAD, 4: PAD}),
        "a rag": cabinet.session({1: 87_000}),
        "a doubt": cabinet.session({1: -330_000}),
        "unsettled": cabinet.session({2: -PAD + 60_000, 3: -BULB}, quality=1),
    }
    cabinet.drifts({2: -60_000})
    sessions |= {
        "in hand": cabinet.session({1: OF_A}),
        "nothing": cabinet.session({}),
        "forced": cabinet.session({3: -4 * BULB}, person=""),
        "a restock": cabinet.session({3: 5 * BULB}, person="driver"),
    }
    cabinet.session({7: -ECU})
    cabinet.shop.close()
    config = folder / "gateway.toml"
    config.write_text(f'gateway = "gw-1"\ndata_dir = "{folder}"\n')
    yield config, sessions


COUNTED = ("two parts", "misplaced", "a rag", "a doubt", "unsettled", "in hand", "forced", "a restock")


@pytest.mark.parametrize("what", COUNTED)
def test_the_stored_verdict_is_reached_again(told: tuple[Path, dict[str, str]], what: str, capsys: Any) -> None:
    config, sessions = told
    assert partsbay.main(["gateway", "replay-session", sessions[what], "--config", str(config)]) == 0
    said = capsys.readouterr().out
    assert "the same is said as then" in said
    assert f"session {sessions[what]}" in said


def test_every_verdict_of_the_database_is_reached_bit_by_bit(told: tuple[Path, dict[str, str]]) -> None:
    database = told[0].parent / "gateway.db"
    db = sqlite3.connect(database)
    names = [name for (name,) in db.execute("select distinct session from verdict")]
    db.close()
    assert len(names) >= len(COUNTED)
    for name in names:
        for of_bin in replay(database, name, {}).bins:
            assert of_bin.now_ppm == of_bin.then_ppm
            assert of_bin.now_candidates == of_bin.then_candidates


def test_what_it_prints(told: tuple[Path, dict[str, str]], capsys: Any) -> None:
    config, sessions = told
    partsbay.main(["gateway", "replay-session", sessions["two parts"], "--config", str(config)])
    said = capsys.readouterr().out
    assert "bin 1 on a c3-10kg cell" in said
    assert "held 4 x OF-A, 612.00 g a piece, spread 1." in said
    assert "3.0 s       3801.00 g  +-0.12" in said
    assert "now   -1 x OF-A and -2 x OF-B, " in said
    assert f"booked take -2 x OF-B as {sessions['two parts'][:-1]}3/1/session:OF-B" in said


def test_a_mass_put_right_says_another_thing(told: tuple[Path, dict[str, str]], capsys: Any) -> None:
    config, sessions = told
    arguments = [
        "gateway",
        "replay-session",
        sessions["forced"],
        "--config",
        str(config),
        "--mass",
        "BULB=42",
        "--json",
    ]
    assert partsbay.main(arguments) == 1
    table = json.loads(capsys.readouterr().out)
    assert (table["same"], table["masses"]) == (False, {"BULB": 42.0})
    (of_bin,) = table["bins"]
    assert (of_bin["now_best"], of_bin["then_best"]) == ([[["BULB", -2]], 0], [[["BULB", -4]], 0])
    assert of_bin["booked"][0][1:] == ["unexplained", "BULB", -4]


def test_what_was_decided_again_is_replayed_as_it_was_decided_last(told: tuple[Path, dict[str, str]]) -> None:
    config, sessions = told
    found = replay(config.parent / "gateway.db", sessions["unsettled"], {})
    assert [(of_bin.bin, of_bin.verdicts, of_bin.accepted) for of_bin in found.bins] == [(2, 2, True), (3, 2, True)]
    assert found.same


@pytest.mark.parametrize(
    ("session", "masses", "said"),
    [
        ("cab-1/x/1", [], "expected a session of this gateway, found 'cab-1/x/1'"),
        ("nothing", [], "no bin had to be counted"),
        ("forced", ["OF-A=3"], r"expected a part of this session's bins \(BULB\), found 'OF-A'"),
        ("forced", ["BULB"], "expected a mass such as OF-1012=612.5"),
        ("forced", ["BULB=heavy"], "expected a mass such as OF-1012=612.5"),
        ("forced", ["BULB=-3"], "expected a mass such as OF-1012=612.5"),
    ],
)
def test_what_cannot_be_replayed_is_said(
    told: tuple[Path, dict[str, str]], session: str, masses: list[str], said: str, capsys: Any
) -> None:
    config, sessions = told
    arguments = ["gateway", "replay-session", sessions.get(session, session), "--config", str(config)]
    for mass in masses:
        arguments += ["--mass", mass]
    assert partsbay.main(arguments) == 2
    with pytest.raises(AssertionError, match=said):
        raise AssertionError(capsys.readouterr().err)


def test_no_database_is_said(tmp_path: Path) -> None:
    with pytest.raises(ReplayError, match="expected a database at"):
        replay(tmp_path / "gateway.db", "cab-1/x/1", {})


def test_what_an_older_gateway_counted_otherwise_is_of_an_older_version(tmp_path: Path) -> None:
    """Of a database that version 4 wrote: what is said otherwise now is no surprise to whoever reads it."""
    db = sqlite3.connect(tmp_path / "gateway.db")
    db.executescript((Path(__file__).parent / "databases" / "version_4.sql").read_text())
    db.close()
    Shop(tmp_path, ("cab-1",)).close()
    found = replay(tmp_path / "gateway.db", "cab-1/0123456789abcdef/6", {})
    assert not found.same
    assert found.algorithm_then < found.algorithm_now
