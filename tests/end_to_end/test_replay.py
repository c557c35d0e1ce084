"""Recorded visits through the whole system: made here, small, with everything a recording can hold."""

import json
from pathlib import Path

import pytest

import partsbay

VISITS = """visitor,tag,bin,start,end,before_g,after_g
2003,13052339,7,2022-01-01 00:00:10,2022-01-01 00:01:00,35700,35200
2008,13052309,8,2022-01-01 00:00:20,2022-01-01 00:01:10,31000,29400
2003,13052339,7,2022-01-01 00:02:10,2022-01-01 00:03:00,35200,35200
2008,13052309,7,2022-01-01 00:04:10,2022-01-01 00:05:00,60000,59700
2003,13052339,8,2022-01-01 00:04:20,2022-01-01 00:05:00,29100,29400
2003,13052339,8,2022-01-01 00:06:20,2022-01-01 00:07:00,29400,-100
2003,13052339,7,2022-01-01 00:08:10,2022-01-01 00:09:00,59700,59600
2003,13052339,7,2022-01-01 00:10:10,2022-01-01 00:11:00,58000,57900
"""


def test_visits_are_booked_with_their_mass(tmp_path: Path) -> None:
    (tmp_path / "visits.csv").write_text(VISITS)
    report = tmp_path / "report.json"
    command = ["replay", str(tmp_path / "visits.csv"), "--visits", "8", "--json", str(report)]
    assert partsbay.main(command) == 0
    found = json.loads(report.read_text())
    assert (found["visits"], found["refused"], found["sessions"]) == (8, 1, 7)
    assert "found -100" in found["refused_because"][0]
    assert (found["restocks"], found["drops"], found["unexplained"]) == (1, 1, 1)
    assert (found["settled_later"], found["corrected_bookings"]) == (1, 1)
    assert abs(found["corrected_g_sum"] - 300) <= 50
    assert (found["continuity"]["pairs"], found["continuity"]["corrected"]) == (5, 1)
    assert (found["lost"], found["doubled"]) == (0, 0)
    assert found["mass_error_g_max"] <= 100
    assert found["ledger_equals_cloud"]


def test_a_file_without_visits_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "visits.csv").write_text("visitor,tag\n")
    assert partsbay.main(["replay", str(tmp_path / "visits.csv")]) == 2
    assert "expected columns" in capsys.readouterr().err
