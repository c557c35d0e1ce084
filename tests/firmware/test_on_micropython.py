"""The firmware's tests on the board's interpreter: those that run on both runtimes, and those that need its asyncio."""

import subprocess
import sys
from pathlib import Path

import pytest

from simulator.controller_process import interpreter

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
ON_BOTH = (
    "test_weighing",
    "test_session_table",
    "test_converters",
    "test_badge_frames",
    "test_tag_frames",
    "test_modbus_frames",
)
ON_MICROPYTHON = (
    "scanning",
    "reading_badges",
    "door_and_lights",
    "letting_in",
    "attending",
    "commanding",
    "ending",
    "reading_settings",
    "reading_tags",
    "shelf_line",
    "late_and_damaged",
)


@pytest.mark.parametrize("module", ON_BOTH + ON_MICROPYTHON)
def test_on_micropython(module: str, tmp_path: Path) -> None:
    """One module's tests in one interpreter, in an empty directory."""
    path = ":".join(str(place) for place in (ROOT / "firmware", HERE, HERE / "on_micropython"))
    result = subprocess.run(
        [interpreter(), "-X", "heapsize=1M", str(HERE / "on_micropython" / "run_tests.py"), module],
        cwd=tmp_path,
        env={"MICROPYPATH": f"{path}:.frozen", "PATH": str(Path(sys.executable).parent)},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
