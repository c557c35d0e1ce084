"""`partsbay simulate` as a person calls it: what it prints and reports, that a seed is the same every time, and seeds.

Nothing is lost and nothing doubled on a busy day, and with every seed that once found a bug: `kept_seeds.json` says
which, and what it was. Weekends, longer runs and hundreds of seeds are in `make soak`.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.simulation.forked_runs import Played, played

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
SMALL = ("--cabinets", "1", "--days", "1", "--sessions", "4")
KEPT: list[dict[str, Any]] = json.loads((Path(__file__).parent / "kept_seeds.json").read_text(encoding="utf-8"))
BUSY_DAY = {"seed": 11}


def words(asked: dict[str, Any]) -> tuple[str, ...]:
    """Arguments of `partsbay simulate`."""
    full = {"cabinets": 2, "days": 1, "sessions": 10, "faults": "all"} | asked
    return tuple(word for name, value in full.items() if name != "why" for word in (f"--{name}", str(value)))


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Played]:
    """Seed 3 two times, seed 4, a fault nobody knows, and the seeds that are judged."""
    asked = [("--seed", "3", *SMALL), ("--seed", "3", *SMALL), ("--seed", "4", *SMALL)]
    unknown = ("--seed", "1", "--faults", "power_cut,earthquake")
    return played(tmp_path_factory.mktemp("runs"), *asked, unknown, *map(words, [BUSY_DAY, *KEPT]))


def trace(run: Played) -> str:
    return (run.folder / "kept" / "trace.log").read_text()


def test_the_same_seed_gives_the_same_trace(runs: list[Played]) -> None:
    first, second = runs[:2]
    assert first.status == second.status == 0, first.printed + first.complaint
    assert trace(first) == trace(second)
    assert first.report["trace_sha256"] == second.report["trace_sha256"]
    assert len(trace(first).splitlines()) > 500


def test_another_seed_gives_another_trace(runs: list[Played]) -> None:
    assert runs[2].status == 0
    assert runs[2].report["trace_sha256"] != runs[0].report["trace_sha256"]


def test_the_seed_is_printed_first_with_what_it_drew(runs: list[Played]) -> None:
    printed = runs[0].printed.splitlines()
    assert printed[0].startswith("seed 3, commit ")
    assert "power_cut" in json.loads(printed[1].partition(": ")[2])
    assert "broker_duplicate" in json.loads(printed[2].partition(": ")[2])


def test_the_report_says_what_was_asked_for(runs: list[Played]) -> None:
    report = runs[0].report
    assert report.keys() >= KEYS
    assert report["sessions"] >= 1
    assert report["events"] > 4 * report["sessions"]
    assert report["faults"]


def test_nothing_is_lost_and_nothing_doubled(runs: list[Played]) -> None:
    for run in [*runs[:3], *runs[4:]]:
        report = run.report
        assert report["account"] == []
        assert (run.status, report["lost"], report["doubled"], report["violations"]) == (0, 0, 0, 0)
        assert report["sessions"] > 0


def test_what_was_kept_can_be_looked_at(runs: list[Played]) -> None:
    kept = {path.name for path in (runs[0].folder / "kept").iterdir()}
    assert {"cab-1", "cab-1.log", "cloud.db", "gateway", "programs.log", "trace.log"} <= kept


def test_an_unknown_fault_is_refused(runs: list[Played]) -> None:
    refused = runs[3]
    assert refused.status == 2
    assert "expected faults among" in refused.complaint
    assert "found earthquake" in refused.complaint


def test_ticks_wrap_at_two_to_the_thirty(runs: list[Played]) -> None:
    """Half of all starts begin just before their ticks wrap."""
    assert runs[0].report["tick_wraps"] > 0
