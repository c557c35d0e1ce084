"""A tester's plan with a virtual board, and codes that are recorded on one and played back on another."""

import asyncio
import json
from pathlib import Path

import pytest

from hardware import boards
from hardware.bench import plan
from hardware.commissioning.serial_line import SerialLine
from simulator import commissioning
from simulator.serial_board import SerialBoard
from simulator.virtual_technician import BADGE, VirtualTechnician

BOARD = "esp32s3-w5500-12"
PLAN = f"""
name = "Door one and a bin"
[[step]]
do = "noise"
bin = 4
at_most_g = 0.5
[[step]]
do = "repeat"
times = 2
steps = [
    {{ do = "load", bin = 4, grams = 1000, within_g = 3 }},
    {{ do = "load", bin = 4, grams = 0, within_g = 3 }},
]
[[step]]
do = "weigh"
bin = 4
grams = 500
within_g = 3
[[step]]
do = "badge"
uid = "{BADGE}"
[[step]]
do = "open"
door = 1
within_ms = 500
[[step]]
do = "shut"
door = 1
within_ms = 2000
[[step]]
do = "wait"
seconds = 2
"""


def test_a_plan_is_carried_out_and_a_recording_plays_back(tmp_path: Path) -> None:
    asyncio.run(_scene(tmp_path))


async def _scene(folder: Path) -> None:
    file = boards.FOLDER / f"{BOARD}.json"
    board = SerialBoard("cab-1", file, folder / "one", speed=30)
    other = SerialBoard("cab-2", file, folder / "two", speed=2, seed=9)
    technician = VirtualTechnician(board)
    (folder / "plan.toml").write_text(PLAN)
    report = folder / "report.json"
    try:
        await board.power_on()
        assert await technician.run("bench", board.port, "--plan", str(folder / "plan.toml")) == 2  # it is blank
        assert "found no board.json on it" in " ".join(" ".join(technician.said).split())
        await asyncio.to_thread(_make_ready, board)
        asked = ("bench", board.port, "--plan", str(folder / "plan.toml"), "--report", str(report))
        assert await technician.run(*asked) == 1, "\n".join(technician.said)
        found = json.loads(report.read_text())
        failed = [row["step"] for row in found["steps"] if not row["passed"]]
        assert failed == ["3"], "\n".join(technician.said)  # nothing lies there: 500 g were expected
        assert [row["step"] for row in found["steps"]][:5] == ["1", "2.1.1", "2.1.2", "2.2.1", "2.2.2"]
        opened = next(row for row in found["steps"] if row["do"] == "open")["found"]
        assert 50 <= opened["free_ms"] <= opened["open_ms"] < opened["on_ms"] <= 3000

        # What this board's converters say while a mass is put on is what the other's say, played back.
        await board.set_load(4, 250_000)
        first, second = folder / "first.csv", folder / "second.csv"
        await _record(technician, board, first, 30)
        other.traces = first
        await other.power_on()
        await asyncio.to_thread(_make_ready, other)
        await _record(VirtualTechnician(other), other, second, 4)  # long before the recording is over
        for bin_ in ("4", "7"):
            recorded, played = _codes(first, bin_), _codes(second, bin_)
            assert len(recorded) >= 200
            assert len(played) >= 20
            assert _in_order(played, recorded)
            assert len(set(played)) > len(played) // 2  # not the same one all the time
    finally:
        await board.stop()
        await other.stop()


def _make_ready(board: SerialBoard) -> None:
    view = boards.firmware_view(boards.load(BOARD))
    rows = commissioning.calibration("c3-10kg", board.bins, 1)
    with SerialLine(board.port) as line:
        line.interrupt()
        line.write("board.json", json.dumps(view).encode())
        line.write("calibration.json", json.dumps(rows).encode())


async def _record(technician: VirtualTechnician, board: SerialBoard, path: Path, seconds: int) -> None:
    asked = ("bench", board.port, "--record-trace", str(path), "--bins", "4,7", "--seconds", str(seconds))
    assert await technician.run(*asked) == 0, "\n".join(technician.said)


def _codes(path: Path, bin_: str) -> list[int]:
    rows = [line.split(",") for line in path.read_text().splitlines()[1:]]
    return [int(code) for _, bin_of, code, _ in rows if bin_of == bin_]


def _in_order(played: list[int], recorded: list[int]) -> bool:
    """Whether all that was played was recorded, in that order; what nobody looked at in time is skipped."""
    left = iter(recorded)
    return all(code in left for code in played)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "1 to 10000 steps, found 0"),
        ('[[step]]\ndo = "dance"', "expected step 1 to do one of load"),
        ('[[step]]\ndo = "wait"', "expected seconds in step 1 (wait), found none"),
        ('[[step]]\ndo = "wait"\nseconds = "2"', "expected seconds of step 1 as int"),
        ('[[step]]\ndo = "wait"\nseconds = 1\nfor = 2', "found for"),
        ('[[step]]\ndo = "repeat"\ntimes = 2\nsteps = [{ do = "open" }]', "expected door in step 1.1.1 (open)"),
        ("speed = 2", "expected name and [[step]] in the plan, found speed"),
        ("=", "expected a plan in TOML"),
    ],
)
def test_a_plan_that_cannot_be_carried_out_is_refused(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "plan.toml").write_text(text)
    with pytest.raises(plan.PlanError) as refused:
        plan.load(tmp_path / "plan.toml")
    assert said in str(refused.value)
