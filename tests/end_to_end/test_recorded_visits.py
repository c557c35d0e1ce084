"""Recorded visits: what cannot be driven is refused with its reason, the rest is read in order."""

import gzip
from pathlib import Path

import pytest

from simulator import recorded_visits
from simulator.recorded_visits import VisitError

HEADER = "visitor,tag,bin,start,end,before_g,after_g\n"
GOOD = "2003,13052339,7,2022-01-01 00:03:10,2022-01-01 00:05:08,35700,35200\n"


def _file(folder: Path, *lines: str) -> Path:
    path = folder / "visits.csv"
    path.write_text(HEADER + "".join(lines))
    return path


def test_reads_a_visit(tmp_path: Path) -> None:
    visits, refused = recorded_visits.read(_file(tmp_path, GOOD), 10)
    assert refused == []
    assert len(visits) == 1
    visit = visits[0]
    assert (visit.visitor, visit.badge, visit.bin, visit.before_g, visit.after_g) == (
        "2003",
        "00C729B3",
        7,
        35700,
        35200,
    )


def test_a_long_tag_is_a_card_of_seven_bytes(tmp_path: Path) -> None:
    visits, _ = recorded_visits.read(_file(tmp_path, GOOD.replace("13052339", "124000011595159")), 10)
    assert visits[0].badge == "0070C700A4AD97"


def test_reads_gzip_and_sorts_by_start(tmp_path: Path) -> None:
    later = GOOD.replace("00:03:10", "00:04:10")
    path = tmp_path / "visits.csv.gz"
    path.write_bytes(gzip.compress((HEADER + later + GOOD).encode()))
    visits, _ = recorded_visits.read(path, 10)
    assert [visit.line for visit in visits] == [3, 2]


def test_reads_only_as_many_as_asked(tmp_path: Path) -> None:
    visits, refused = recorded_visits.read(_file(tmp_path, GOOD, GOOD, GOOD), 2)
    assert (len(visits), len(refused)) == (2, 0)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("35700", "-100", "expected before_g from 0 to 150000, found -100"),
        ("35200", "-100", "expected after_g from 0 to 150000, found -100"),
        ("35200", "150001", "found 150001"),
        ("35200", "12.5", "expected after_g as an integer, found '12.5'"),
        ("35200", "", "expected after_g as an integer, found ''"),
        (",7,", ",0,", "expected bin from 1 to 9999, found 0"),
        ("2003", "", "expected a visitor"),
        ("13052339", "tag", "expected tag as an integer"),
        ("2022-01-01 00:05:08", "2021-01-01 00:05:08", "expected an end after the start"),
        ("2022-01-01 00:03:10", "yesterday", "expected start as YYYY-MM-DD HH:MM:SS"),
        (",35200", "", "expected after_g as an integer, found ''"),
    ],
)
def test_refuses_what_cannot_be_and_goes_on(tmp_path: Path, old: str, new: str, reason: str) -> None:
    visits, refused = recorded_visits.read(_file(tmp_path, GOOD.replace(old, new), GOOD), 10)
    assert len(visits) == 1
    assert len(refused) == 1
    assert refused[0].startswith("line 2: ")
    assert reason in refused[0]


def test_refuses_a_file_with_other_columns(tmp_path: Path) -> None:
    path = tmp_path / "visits.csv"
    path.write_text("who,where\n1,2\n")
    with pytest.raises(VisitError, match="missing after_g, before_g, bin"):
        recorded_visits.read(path, 10)
