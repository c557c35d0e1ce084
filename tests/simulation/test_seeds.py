"""A busy day, a weekend, and every seed that once found a bug: `kept_seeds.json` says which, and what it was."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.simulation.mutations import ROOT, simulate

KEPT: list[dict[str, Any]] = json.loads((Path(__file__).parent / "kept_seeds.json").read_text(encoding="utf-8"))
BUSY_DAY = {"seed": 11}  # more of them by `make soak`
WEEKEND = {"seed": 1, "days": 2, "sessions": 14}  # longer ones too


def words(asked: dict[str, Any]) -> list[str]:
    """Arguments of `partsbay simulate`."""
    full = {"cabinets": 2, "days": 1, "sessions": 10, "faults": "all"} | asked
    return [word for name, value in full.items() if name != "why" for word in (f"--{name}", str(value))]


@pytest.mark.parametrize("asked", [BUSY_DAY, WEEKEND, *KEPT], ids=lambda asked: f"seed {asked['seed']}")
def test_nothing_is_lost_and_nothing_doubled(asked: dict[str, Any], tmp_path: Path) -> None:
    status, report = simulate(ROOT, tmp_path / "report.json", *words(asked))
    assert report["account"] == []
    assert (status, report["lost"], report["doubled"], report["violations"]) == (0, 0, 0, 0)
    assert report["sessions"] > 0
