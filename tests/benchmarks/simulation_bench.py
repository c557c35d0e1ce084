"""What a simulated day costs: a working day of one cabinet of 12 bins, 30 sessions and the night, in processor time."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.figures import Figure

LIMIT_S = 20.0  # of one core, for the whole day: programs, controller and oracle


def measure() -> Iterator[Figure]:
    """The day as a whole, and what of it the controller's process takes."""
    with tempfile.TemporaryDirectory(prefix="partsbay-bench-") as folder:
        report = Path(folder) / "report.json"
        words = ["--seed", "1", "--cabinets", "1", "--days", "1", "--sessions", "30", "--faults", "none"]
        command = [sys.executable, "-m", "partsbay", "simulate", *words, "--json", str(report)]
        subprocess.run(command, check=True, capture_output=True, timeout=600)
        found = json.loads(report.read_text(encoding="utf-8"))
    yield Figure(
        "a working day of 12 bins, 30 sessions and the night: CPU", found["cpu_s"], "s", LIMIT_S, "seconds of one core"
    )
    yield Figure("of which the controller: interpreter, firmware, fakes", found["controllers_cpu_s"], "s")
    yield Figure("virtual seconds a second, no other load", found["speedup"], "s")
