"""Calibrates one bin after the other with two known masses: the cells themselves say when a mass is on.

Every bin is watched while a mass is put on one, so a load that shows elsewhere is seen for what it is. A bin whose
readings do not repeat or are not linear is refused.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hardware.commissioning import cell_check
from hardware.commissioning.cell_check import Calibrated, Finding, Reading, grams
from hardware.commissioning.cell_classes import CellClass
from hardware.commissioning.serial_line import SerialLine
from hardware.commissioning.terminal import Terminal

_REST_CODES = 24
_READ_CODES = 16
_LOOK_CODES = 5
_LOOKS_MAX = 240  # two minutes

Looks = dict[int, Reading]


@dataclass(frozen=True)
class Bench:
    """What a calibration is done with."""

    line: SerialLine
    terminal: Terminal
    cells: CellClass
    masses_mg: tuple[int, int]

    def read(self, bins: list[int], codes: int = _READ_CODES) -> Looks:
        """A reading of each bin, all at once."""
        rows = self.line.call("codes", bins, codes, timeout_s=codes + 30)
        return {bin_: cell_check.reading(row) for bin_, row in zip(bins, rows, strict=True)}


def rest(bench: Bench, bins: list[int]) -> tuple[dict[str, Any], list[Finding]]:
    """All trays empty: (readings by bin, what is wrong)."""
    bench.terminal.note("measuring")
    before = bench.read(bins, _REST_CODES)
    findings = []
    for bin_, found in before.items():
        wrong = cell_check.at_rest(found, bench.cells)
        if wrong:
            findings.append(Finding("bin", bin_, *wrong))
    quiet = [bin_ for bin_ in bins if bin_ not in {each.number for each in findings}]
    for bin_, after in (bench.read(quiet) if quiet else {}).items():
        wrong = cell_check.drifted(before[bin_], after, bench.cells)
        if wrong:
            findings.append(Finding("bin", bin_, *wrong))
    noise_mg = max((before[bin_].deviation for bin_ in quiet), default=0.0) * bench.cells.mg_per_count
    bench.terminal.fine("rest_fine", count=len(quiet), noise=grams(noise_mg))
    return {str(bin_): found.as_row() for bin_, found in before.items()}, findings


def calibrate(bench: Bench, bin_: int, watched: list[int]) -> tuple[dict[str, Any] | None, list[Finding]]:
    """One bin: (its row for the record or None, what is wrong). `watched` are all bins that can be looked at."""
    half_mg, full_mg = bench.masses_mg
    baseline = bench.read(watched)
    bench.terminal.do("do_load", asked=_load(bin_, half_mg), bin=bin_, mass=mass_text(half_mg))
    felt, now = _wait_for_change(bench, bin_, baseline, half_mg)
    if felt != bin_:
        return None, [_misplaced(bench, bin_, felt, now, half_mg)]
    half = bench.read([bin_])[bin_]
    if half.mean < baseline[bin_].mean:
        _unload(bench, bin_, now, half_mg)
        return None, [Finding("bin", bin_, "reversed", {})]
    full = _next(bench, "do_load_all", now, bin_, (half_mg, full_mg))
    back = _next(bench, "do_unload", full.seen, bin_, (full_mg, 0))
    again = _next(bench, "do_load", back.seen, bin_, (0, half_mg))
    _unload(bench, bin_, again.seen, half_mg)
    readings = cell_check.Readings(baseline[bin_], half, full.reading, back.reading, again.reading)
    found = cell_check.calibrated(readings, bench.masses_mg)
    wrong = cell_check.with_masses(found, bench.masses_mg, bench.cells)
    if wrong:
        return None, [Finding("bin", bin_, *wrong)]
    bench.terminal.fine("bin_fine", **_figures(found))
    return _row(bench, found, readings), []


@dataclass(frozen=True)
class _Seen:
    reading: Reading
    seen: Looks


def _next(bench: Bench, key: str, before: Looks, bin_: int, step_mg: tuple[int, int]) -> _Seen:
    """Have another mass on the bin, from so much to so much, and read it."""
    from_mg, to_mg = step_mg
    words = {"mass": mass_text(to_mg)} if to_mg else {}
    bench.terminal.do(key, asked=_load(bin_, to_mg), bin=bin_, **words)
    _, now = _wait_for_change(bench, bin_, {bin_: before[bin_]}, abs(to_mg - from_mg))
    return _Seen(bench.read([bin_])[bin_], now)


def _unload(bench: Bench, bin_: int, before: Looks, mass_mg: int, felt: int = 0) -> None:
    bench.terminal.do("do_unload", asked=_load(bin_, 0), bin=bin_)
    felt = felt or bin_
    _wait_for_change(bench, felt, {felt: before[felt]}, mass_mg)


def _misplaced(bench: Bench, bin_: int, felt: int | None, now: Looks, mass_mg: int) -> Finding:
    if felt is None:
        bench.terminal.ask("do_empty_bin", asked={"ask": "empty", "bin": bin_}, bin=bin_)
        return Finding("bin", bin_, "no_response", {})
    _unload(bench, bin_, now, mass_mg, felt)
    return Finding("bin", bin_, "swapped", {"other": felt})


def _load(bin_: int, mass_mg: int) -> Mapping[str, Any]:
    """What a program in the technician's place is told: `mass_mg` in all."""
    return {"do": "load", "bin": bin_, "mass_mg": mass_mg}


def _wait_for_change(bench: Bench, bin_: int, before: Looks, step_mg: int) -> tuple[int | None, Looks]:
    """(the bin that felt a change of about `step_mg` and is calm again, what was seen); None: nobody did."""
    bins = list(before)
    while True:
        last: Looks = {}
        for _ in range(_LOOKS_MAX):
            now = bench.read(bins, _LOOK_CODES)
            felt = _felt(bench, bin_, before, now, step_mg)
            if felt and felt in last and cell_check.settled(last[felt], now[felt], bench.cells):
                return felt, now
            last = now
        if bench.terminal.ask("is_on", asked={"ask": "is_on", "bin": bin_}, bin=bin_).lower().startswith("y"):
            return None, now


def _felt(bench: Bench, bin_: int, before: Looks, now: Looks, step_mg: int) -> int | None:
    """Who has moved: the bin that is meant, if it has, or another."""
    moved = [
        each for each in before if now[each].answered
        and cell_check.moved(before[each].mean, now[each], step_mg, bench.cells)
    ]  # fmt: skip
    return bin_ if bin_ in moved else moved[0] if moved else None


def _row(bench: Bench, found: Calibrated, readings: cell_check.Readings) -> dict[str, Any]:
    return {
        "zero_counts": found.zero_counts,
        "ng_per_count": found.ng_per_count,
        "residual_mg": round(found.residual_mg),
        "repeat_mg": round(found.repeat_mg),
        "back_mg": round(found.back_mg),
        "noise_mg": round(found.noise_mg),
        "masses_mg": list(bench.masses_mg),
        "readings": {name: each.as_row() for name, each in vars(readings).items()},
        "at_ms": time.time_ns() // 1_000_000,
    }


def _figures(found: Calibrated) -> dict[str, Any]:
    return {
        "zero": found.zero_counts,
        "ng": found.ng_per_count,
        "residual": grams(found.residual_mg),
        "repeat": grams(found.repeat_mg),
        "back": grams(found.back_mg),
        "noise": grams(found.noise_mg),
    }


def mass_text(mass_mg: int) -> str:
    """As it stands on a mass: 500 g, 2 kg."""
    unit, size = ("kg", 1_000_000) if mass_mg >= 1_000_000 else ("g", 1000)
    return f"{mass_mg / size:g} {unit}"
