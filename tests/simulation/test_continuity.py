"""How recorded visits go on from one to the next: counted by hand here."""

import json
from pathlib import Path

import partsbay
from simulator import continuity, recorded_visits

HEADER = "visitor,tag,bin,start,end,before_g,after_g\n"
VISITS = (  # minute, bin, before_g, after_g
    (0, 7, 35_700, 35_200),
    (1, 8, 31_000, 31_000),
    (2, 7, 35_200, 35_100),  # goes on exactly
    (3, 8, 30_900, 30_500),  # a tick less: something had been taken after all
    (4, 7, 35_200, 35_000),  # a tick more: nothing had been taken
    (5, 8, 30_000, 29_000),  # five ticks less
    (6, 7, 60_000, 59_000),  # a refill
    (7, 8, 20_000, 19_000),  # something was taken out between
)


def _file(folder: Path) -> Path:
    rows = [
        f"v,{bin_},{bin_},2022-01-01 00:0{minute}:00,2022-01-01 00:0{minute}:30,{before},{after}\n"
        for minute, bin_, before, after in VISITS
    ]
    path = folder / "visits.csv"
    path.write_text(HEADER + "".join(rows))
    return path


def test_what_goes_on_and_what_is_corrected(tmp_path: Path) -> None:
    found = continuity.measure(recorded_visits.read(_file(tmp_path), 100)[0])
    assert (found.visits, found.pairs) == (8, 6)
    assert (found.continuity_exact, found.continuity_within_tick) == (round(1 / 6, 4), 0.5)
    assert (found.refills, found.removals) == (1, 1)
    assert (found.corrected, found.corrected_share) == (3, 0.5)
    assert (found.corrected_g_mean, found.corrected_g_max, found.corrected_g_net) == (233.3, 500, -500)
    assert (found.corrected_to_nothing, found.corrected_from_nothing) == (1, 1)


def test_visits_that_never_meet_have_no_shares(tmp_path: Path) -> None:
    found = continuity.measure(recorded_visits.read(_file(tmp_path), 2)[0])
    assert (found.pairs, found.continuity_exact, found.corrected) == (0, 0.0, 0)


def test_the_command_drives_nothing(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    assert partsbay.main(["replay", str(_file(tmp_path)), "--continuity-only", "--json", str(report)]) == 0
    found = json.loads(report.read_text())
    assert (found["visits"], found["refused"], found["corrected"]) == (8, 0, 3)
