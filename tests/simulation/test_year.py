"""Weeks of work at one cabinet: no bin is wrong in silence, thefts are noticed, and the comparison can fail."""

import json
from pathlib import Path

import pytest

import partsbay
from simulator.year import thefts
from simulator.year.diary import DAY_MS, Due, diary, weekday
from simulator.year.year import Asked, Year


def test_weeks_of_work_leave_no_bin_wrong_in_silence(tmp_path: Path) -> None:
    path = tmp_path / "year.json"
    assert partsbay.main(["year", "--days", "15", "--seed", "1", "--theft", "2", "--json", str(path)]) == 0
    report = json.loads(path.read_text())
    assert report["violations"] == 0, report["violations_told"]
    assert report["quarantined"] == 0
    assert report["answers_refused"] == []
    assert report["sessions"] > 100
    assert {"take", "several", "return", "restock"} <= set(report["sessions_by_kind"])
    assert report["booked_as_it_was"] > 0.8 * report["sessions"]
    assert report["stolen"] == 10
    for case in report["thefts"]:
        assert case["noticed"] == case["pieces"] == 2, case
        assert max(case["days_until_noticed"]) < 7, case
    assert [week["right"] for week in report["weeks"]] == pytest.approx([12] * len(report["weeks"]), abs=3)


def test_a_piece_that_nothing_in_the_cabinet_can_miss_is_a_violation_by_name(tmp_path: Path) -> None:
    """The comparison itself: at a week's end one piece is fewer than was ever weighed or booked."""
    year = Year(Asked(days=2, seed=2, cell="c3-10kg", parts_per_cell=1, theft=0), tmp_path)
    try:
        assert year.live().violations == 0
        gone = year.shelf.things[6].pop()
        week = year.audit.week_end(4 * DAY_MS, set())
        again = year.audit.week_end(11 * DAY_MS, set())
        excused = year.audit.week_end(18 * DAY_MS, {7})
    finally:
        year.gateway.close()
    assert (week.wrong_and_silent, again.wrong_and_silent, excused.wrong_and_silent) == (1, 1, 0)
    assert list(year.audit.violations) == [(7, gone.part)], "one violation, however many weeks it lasts"
    assert "no discrepancy is open" in year.audit.violations[7, gone.part].found


def test_the_diary_keeps_to_the_calendar() -> None:
    entries = diary(1, 28)
    assert weekday(0) == 3, "New Year's Day 2026 is a Thursday"
    days = {due: {entry.at_ms // DAY_MS for entry in entries if entry.due is due} for due in Due}
    sundays = {3, 10, 17, 24}
    assert days[Due.WEEK_END] == sundays
    assert not days[Due.VISIT] & sundays
    assert days[Due.RESTOCK] == {day + 1 for day in sundays}
    visits = sum(entry.due is Due.VISIT for entry in entries)
    assert visits == 10 * 20 + 3 * 4
    assert entries == diary(1, 28)
    assert entries != diary(2, 28)


def test_thefts_are_spread_over_a_month_and_stay_within_the_days() -> None:
    entries = thefts.thefts(5, 5, 365)
    for number in range(5):
        at_ms = [entry.at_ms for entry in entries if entry.number == number]
        assert len(at_ms) == 5
        assert 20 * DAY_MS <= at_ms[-1] - at_ms[0] <= 30 * DAY_MS
    assert all(0 < entry.at_ms < 21 * DAY_MS for entry in thefts.thefts(5, 3, 21))


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"days": 1}, "expected two days or more, found 1"),
        ({"cell": "c5"}, "found 'c5'"),
        ({"parts_per_cell": 9}, "parts per cell, found 9"),
        ({"theft": -1}, "expected a number of pieces, found -1"),
    ],
)
def test_what_cannot_be_played_is_refused(changed: dict[str, object], sentence: str) -> None:
    asked = {"days": 7, "seed": 1, "cell": "c3-10kg", "parts_per_cell": 1, "theft": 0} | changed
    with pytest.raises(ValueError, match=sentence):
        Asked(**asked)  # type: ignore[arg-type]
