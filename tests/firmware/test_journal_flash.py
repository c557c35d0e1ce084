"""The journal on littlefs under the real interpreter: every power cut and every flash error of a workload."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.firmware.brokers import micropython

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def verdict() -> dict[str, Any]:
    program = [micropython(), str(HERE / "journal_power_cuts.py"), str(HERE.parents[1] / "firmware")]
    done = subprocess.run(program, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr + done.stdout
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_no_power_cut_loses_what_was_appended_or_leaves_a_gap(verdict: dict[str, Any]) -> None:
    assert verdict["tears"] == ["nothing", "half", "some", "all", "garbage"]
    assert verdict["cuts"]["runs"] > 1500
    assert verdict["cuts"]["runs"] % len(verdict["tears"]) == 0
    assert verdict["cuts"]["wrong"] == 0, verdict["cuts"]["first"]


def test_the_same_check_fails_without_the_flush(verdict: dict[str, Any]) -> None:
    assert verdict["without_flush"]["wrong"] > verdict["without_flush"]["runs"] // 4


def test_a_failed_flash_operation_costs_one_append_and_nothing_else(verdict: dict[str, Any]) -> None:
    assert verdict["errors"]["runs"] > 50
    assert verdict["errors"]["wrong"] == 0, verdict["errors"]["first"]
