"""A quick form of the published table: physics, the firmware's weighing, the gateway's counting, score."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

import partsbay
from edge_gateway.counting.evidence import BinVerdict, Outcome, SessionEvidence, Verdict
from simulator.count_bench import counted, record
from simulator.count_bench.bench_cabinet import Chunk, live
from simulator.count_bench.both_runtimes import differences
from simulator.count_bench.command import Asked, run
from simulator.count_bench.counted import count_cabinet
from simulator.count_bench.evidence import cabinets_of, chunks, gather, rows_asked
from simulator.count_bench.record import CabinetRecord

SESSIONS = 100  # a whole planogram and most of another
KEYS = [
    *("cell", "parts_per_cell", "tags", "sessions", "exact", "accepted", "accepted_exact", "count_error_per_1000"),
    *("expected_calibration_error", "refused_planograms"),
]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the evidence of the tests."""
    return tmp_path_factory.mktemp("evidence")


def asked(rows: str, kept: Path | None, jobs: int = 1, sessions: int = SESSIONS) -> Asked:
    return Asked(seed=3, sessions=sessions, rows=rows, jobs=jobs, evidence=kept)


def test_the_quick_table(kept: Path) -> None:
    report = run(asked("c3-10kg/1/*,c3-10kg/4/*", kept, jobs=2))
    one, one_tagged, four, four_tagged = report["rows"]
    for row in report["rows"]:
        assert [key for key in row if key in KEYS] == KEYS
        assert row["sessions"] == SESSIONS
        assert row["exact_low"] <= row["exact"] <= row["exact_high"]
        assert sum(kind["sessions"] for kind in row["by_kind"].values()) == SESSIONS
        assert row["accepted_exact"] >= 0.985
        assert row["expected_calibration_error"] <= 0.04
    assert one["exact"] >= 0.97
    assert one["accepted"] >= 0.85
    assert four["exact"] >= 0.93
    assert four["accepted"] >= 0.55
    for row in (one_tagged, four_tagged):
        assert row["exact"] >= 0.985
        assert row["accepted"] >= 0.95
    assert report["on_micropython"]["different"] == []


def nearest_count(evidence: SessionEvidence) -> Verdict:
    """What many products do: the change of weight, divided by the mass that leaves the least."""
    verdicts = []
    for bin_ in evidence.bins:
        change_mg = bin_.levels[-1].mg - bin_.levels[0].mg
        counts = [(held.part, round(change_mg / held.mass.mean_mg), held.mass.mean_mg) for held in bin_.held]
        part, n, _ = min(counts, key=lambda one: abs(change_mg - one[1] * one[2]))
        best = Outcome(((part, n),) if n else ())
        verdicts.append(BinVerdict(bin_.bin, best, 1_000_000, ((best, 1_000_000),)))
    return Verdict(tuple(verdicts), 1_000_000)


def test_a_rounded_division_would_miss_those_bounds(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counted, "count_session", nearest_count)
    one, four = run(asked("c3-10kg/1/no,c3-10kg/4/no", kept))["rows"]
    assert one["exact"] < 0.97
    assert four["exact"] < 0.93
    assert four["accepted_exact"] < 0.985


def test_evidence_kept_counts_as_evidence_gathered(kept: Path) -> None:
    rows = "c3-10kg/4/no"
    fresh = run(asked(rows, None, sessions=20))["rows"][0]
    again = run(asked(rows, kept, jobs=2, sessions=20))["rows"][0]
    for row in (fresh, again):
        del row["count_ms"]  # times differ
    assert fresh == again


def test_evidence_survives_the_disk(tmp_path: Path) -> None:
    cabinet = live(Chunk(5, "cheap-10kg", 2, 0, 4))
    record.write(tmp_path / "row.jsonl.gz", [cabinet, cabinet])
    assert list(record.read(tmp_path / "row.jsonl.gz")) == [cabinet, cabinet]


def test_the_same_seed_is_the_same_life_and_another_is_another() -> None:
    one = live(Chunk(5, "c3-50kg", 2, 1, 3))
    assert one == live(Chunk(5, "c3-50kg", 2, 1, 3))
    assert one != live(Chunk(6, "c3-50kg", 2, 1, 3))
    assert one != live(Chunk(5, "c3-50kg", 2, 2, 3))


def test_micropython_weighs_the_same_sessions_the_same() -> None:
    assert differences([Chunk(7, cell, 2, 0, 6) for cell in ("c3-10kg", "c3-50kg", "cheap-10kg")]) == []


def test_what_weighs_otherwise_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.count_bench.weighed_session.FAST_MS", 110)
    told = differences([Chunk(7, "c3-10kg", 1, 0, 2)])
    assert len(told) == 2
    assert told[0].startswith("c3-10kg, cabinet 0, session 0: expected [")


def test_a_wrong_ledger_is_not_counted_as_right(kept: Path) -> None:
    """The truth is not what the counting is scored by: with every mass that of another part it errs."""
    work = chunks(3, "c3-10kg", 4, SESSIONS)
    cabinet = next(cabinets_of(gather(kept, work, 1), 60))
    swapped = {
        part: cabinet.learned[other] for part, other in zip(cabinet.learned, reversed(cabinet.learned), strict=True)
    }
    wrong = CabinetRecord(cabinet.cell, cabinet.planogram, swapped, cabinet.sessions, 0, 0)
    right_share = sum(one.exact for one in count_cabinet(cabinet, tags=False)) / 60
    assert right_share > 0.85
    assert sum(one.exact for one in count_cabinet(wrong, tags=False)) / 60 < right_share / 2


def test_rows_are_asked_for_by_name() -> None:
    assert len(rows_asked("*")) == 24
    assert [row.name for row in rows_asked("cheap-10kg/2")] == ["cheap-10kg/2/no", "cheap-10kg/2/yes"]
    assert [row.name for row in rows_asked("c3-50kg/8/yes, c3-10kg/1/no")] == ["c3-10kg/1/no", "c3-50kg/8/yes"]
    with pytest.raises(ValueError, match="expected rows like c3-10kg/2/no or cheap"):
        rows_asked("c4/2")


def test_the_command_prints_a_table_and_writes_json_and_a_picture(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "counts.json"
    status = partsbay.main(
        ["count-bench", "--seed", "4", "--sessions", "10", "--rows", "c3-10kg/1", "--json", str(report)]
    )
    assert status == 0
    said = capsys.readouterr().out
    assert "seed 4;" in said
    assert "mix: take 55 %, several 15 %" in said
    assert said.count("| c3-10kg | 1 |") == 2
    assert "on MicroPython too: 1 sessions, 0 different" in said
    written = json.loads(report.read_text(encoding="utf-8"))
    assert [row["tags"] for row in written["rows"]] == [False, True]
    assert len(written["parts"]["c3"]) == 84
    drawn = ElementTree.parse(report.with_suffix(".svg")).getroot()  # noqa: S314 - written here
    assert sum("c3-10kg, 1 a cell" in (text.text or "") for text in drawn.iter("{http://www.w3.org/2000/svg}text")) == 2


def test_no_sessions_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert partsbay.main(["count-bench", "--sessions", "0"]) == 2
    assert "expected one session and one job or more, found 0 and 1" in capsys.readouterr().err
