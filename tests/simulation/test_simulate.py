"""`partsbay simulate` as a person calls it: what it prints and reports, and that a seed is the same every time."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

KEYS = {
    "events",
    "sessions",
    "faults",
    "lost",
    "doubled",
    "violations",
    "cabinet_days_per_minute",
    "speedup",
    "trace_sha256",
}
SMALL = ("--seed", "3", "--cabinets", "1", "--days", "1", "--sessions", "4")


def simulate(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "partsbay", "simulate", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, dict[str, Any], Path]]:
    """The same seed, played two times: what was printed, the report, and the folder that was kept."""
    played = []
    for name in ("first", "second"):
        folder = tmp_path_factory.mktemp(name)
        ran = simulate(*SMALL, "--json", str(folder / "report.json"), "--dir", str(folder / "kept"))
        assert ran.returncode == 0, ran.stdout + ran.stderr
        played.append((ran.stdout, json.loads((folder / "report.json").read_text()), folder / "kept"))
    return played


def test_the_same_seed_gives_the_same_trace(twice: list[tuple[str, dict[str, Any], Path]]) -> None:
    (_, one, first), (_, two, second) = twice
    assert (first / "trace.log").read_text() == (second / "trace.log").read_text()
    assert one["trace_sha256"] == two["trace_sha256"]
    assert len((first / "trace.log").read_text().splitlines()) > 500


def test_another_seed_gives_another_trace(twice: list[tuple[str, dict[str, Any], Path]], tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    assert simulate("--seed", "4", *SMALL[2:], "--json", str(other)).returncode == 0
    assert json.loads(other.read_text())["trace_sha256"] != twice[0][1]["trace_sha256"]


def test_the_seed_is_printed_first_with_what_it_drew(twice: list[tuple[str, dict[str, Any], Path]]) -> None:
    printed = twice[0][0].splitlines()
    assert printed[0].startswith("seed 3, commit ")
    assert "power_cut" in json.loads(printed[1].partition(": ")[2])
    assert "broker_duplicate" in json.loads(printed[2].partition(": ")[2])


def test_the_report_says_what_was_asked_for(twice: list[tuple[str, dict[str, Any], Path]]) -> None:
    report = twice[0][1]
    assert report.keys() >= KEYS
    assert (report["lost"], report["doubled"], report["violations"]) == (0, 0, 0)
    assert report["sessions"] >= 1
    assert report["events"] > 4 * report["sessions"]
    assert report["faults"]


def test_what_was_kept_can_be_looked_at(twice: list[tuple[str, dict[str, Any], Path]]) -> None:
    kept = {path.name for path in twice[0][2].iterdir()}
    assert {"cab-1", "cab-1.log", "cloud.db", "gateway", "programs.log", "trace.log"} <= kept


def test_an_unknown_fault_is_refused() -> None:
    ran = simulate("--seed", "1", "--faults", "power_cut,earthquake")
    assert ran.returncode == 2
    assert "expected faults among" in ran.stderr
    assert "found earthquake" in ran.stderr


def test_ticks_wrap_at_two_to_the_thirty(twice: list[tuple[str, dict[str, Any], Path]]) -> None:
    """Half of all starts begin just before their ticks wrap."""
    assert twice[0][1]["tick_wraps"] > 0
