"""Scores of a row: shares with their 95 % bounds, calibration, errors by the kind of session.

Pure. A share of sessions is a binomial proportion; its bounds are Wilson's (E. B. Wilson, 1927), which hold near one
and with no failure seen.
"""

from collections import Counter
from collections.abc import Sequence
from math import sqrt
from typing import Any, NamedTuple

from simulator.count_bench.counted import Counted

Z_95 = 1.959964
CALIBRATION_BINS = 15
SURE_AT_PPM = (950_000, 980_000, 990_000, 995_000, 998_000, 999_000)


class Share(NamedTuple):
    """`hits` of `of`."""

    hits: int
    of: int

    @property
    def value(self) -> float | None:
        """The share; None of nothing."""
        return self.hits / self.of if self.of else None

    def bounds(self) -> tuple[float, float]:
        """Wilson's score interval at 95 %."""
        if not self.of:
            return 0.0, 1.0
        n, p, z = self.of, self.hits / self.of, Z_95
        middle = p + z * z / (2 * n)
        half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        scale = 1 + z * z / n
        return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


def calibration(counted: Sequence[Counted]) -> list[tuple[int, float, float]]:
    """Confidence against truth in bins of equal mass: (sessions, mean confidence, share that was exact), rising."""
    ranked = sorted(counted, key=lambda one: one.confidence_ppm)
    bins = []
    for number in range(CALIBRATION_BINS):
        part = ranked[number * len(ranked) // CALIBRATION_BINS : (number + 1) * len(ranked) // CALIBRATION_BINS]
        if part:
            confidence = sum(one.confidence_ppm for one in part) / len(part) / 1e6
            bins.append((len(part), confidence, sum(one.exact for one in part) / len(part)))
    return bins


def expected_calibration_error(bins: Sequence[tuple[int, float, float]]) -> float:
    """How far confidence and truth are apart, on the mean over sessions."""
    sessions = sum(size for size, _, _ in bins)
    return sum(size * abs(confidence - exact) for size, confidence, exact in bins) / sessions if sessions else 0.0


def score(counted: Sequence[Counted]) -> dict[str, Any]:
    """The figures of a row."""
    accepted = [one for one in counted if one.accepted]
    bins = calibration(counted)
    moved = sum(one.pieces_moved for one in counted)
    errors = sum(one.piece_errors for one in counted)
    return {
        "sessions": len(counted),
        **_with_bounds("exact", Share(sum(one.exact for one in counted), len(counted))),
        **_with_bounds("accepted", Share(len(accepted), len(counted))),
        **_with_bounds("accepted_exact", Share(sum(one.exact for one in accepted), len(accepted))),
        "count_error_per_1000": round(1000 * errors / moved, 3) if moved else 0.0,
        "expected_calibration_error": round(expected_calibration_error(bins), 6),
        "calibration": [[size, round(confidence, 6), round(exact, 6)] for size, confidence, exact in bins],
        "expected_exact": round(sum(one.confidence_ppm for one in counted) / len(counted) / 1e6, 6) if counted else 0.0,
        "were_it_sure_at": thresholds(counted),
        "by_kind": by_kind(counted),
        "count_ms": count_ms(counted),
    }


def thresholds(counted: Sequence[Counted]) -> list[tuple[int, float, float | None]]:
    """What another threshold would come to: (ppm, accepted, accepted and exact)."""
    found = []
    for ppm in SURE_AT_PPM:
        sure = [one.exact for one in counted if one.sure_ppm >= ppm]
        accepted = Share(len(sure), len(counted)).value or 0.0
        exact = Share(sum(sure), len(sure)).value
        found.append((ppm, round(accepted, 6), None if exact is None else round(exact, 6)))
    return found


def _with_bounds(name: str, share: Share) -> dict[str, float | None]:
    low, high = share.bounds()
    value = share.value
    return {
        name: None if value is None else round(value, 6),
        f"{name}_low": round(low, 6),
        f"{name}_high": round(high, 6),
    }


def by_kind(counted: Sequence[Counted]) -> dict[str, dict[str, Any]]:
    """For each kind of session: how many, how many of them wrong, asked about, accepted though wrong, and how wrong."""
    kinds: dict[str, list[Counted]] = {}
    for one in counted:
        kinds.setdefault(one.kind, []).append(one)
    return {kind: _kind(kinds[kind]) for kind in sorted(kinds)}


def _kind(counted: Sequence[Counted]) -> dict[str, Any]:
    mistakes = Counter(mistake for one in counted for mistake in one.mistakes)
    return {
        "sessions": len(counted),
        "wrong": sum(not one.exact for one in counted),
        "asked": sum(not one.accepted for one in counted),
        "accepted_wrong": sum(one.accepted and not one.exact for one in counted),
        "mistakes": dict(sorted(mistakes.items(), key=lambda pair: (-pair[1], pair[0]))),
    }


def count_ms(counted: Sequence[Counted]) -> dict[str, float]:
    """How long the counting of a session took: median, 99 of 100, longest."""
    times = sorted(one.count_us for one in counted)
    if not times:
        return {}
    at = {"median": len(times) // 2, "p99": len(times) * 99 // 100, "max": len(times) - 1}
    return {name: round(times[index] / 1000, 3) for name, index in at.items()}
