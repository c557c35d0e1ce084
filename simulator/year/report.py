"""What came of a year, as values to print and to write: only definitions, and the sums they are made of."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from simulator.year.audit import Audit
from simulator.year.diary import DAY_MS
from simulator.year.thefts import Case

_SENTENCES_MAX = 40


@dataclass(slots=True)
class Report:
    """`violations`: bins that were wrong at a week's end, or at the end, with nothing open for them."""

    seed: int
    days: int
    cell: str
    parts_per_cell: int
    sessions: int = 0
    sessions_by_kind: dict[str, int] = field(default_factory=dict)
    booked_as_it_was: int = 0
    questions: int = 0
    questions_by_reason: dict[str, int] = field(default_factory=dict)
    answered_by_people: int = 0
    settled_by_weight: int = 0
    false_alarms: int = 0
    false_alarms_by_reason: dict[str, int] = field(default_factory=dict)
    corrected_bookings: int = 0
    rezeroings: int = 0
    rezeroed_mg_by_bin: dict[int, int] = field(default_factory=dict)
    power_cuts: int = 0
    quarantined: int = 0
    weeks: list[dict[str, int]] = field(default_factory=list)
    right_at_end: int = 0
    open_at_end: int = 0
    violations: int = 0
    violations_told: list[str] = field(default_factory=list)
    thefts: list[dict[str, Any]] = field(default_factory=list)
    stolen: int = 0
    stolen_noticed: int = 0
    answers_refused: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        """No bin was wrong in silence, nothing was left unread, and every case of theft was noticed."""
        noticed = all(case["noticed"] > 0 and case["last_noticed"] for case in self.thefts if case["pieces"])
        return not self.violations and not self.quarantined and noticed


def sum_up(report: Report, audit: Audit, cases: Sequence[Case]) -> None:
    """Fill in what the audit and the thefts say."""
    questions = audit.questions.values()
    report.questions = len(questions)
    report.questions_by_reason = dict(Counter(question.reason for question in questions).most_common())
    false = [question.reason for question in questions if question.false_alarm]
    report.false_alarms = len(false)
    report.false_alarms_by_reason = dict(Counter(false).most_common())
    report.weeks = [_week(week) for week in audit.weeks]
    report.right_at_end = audit.weeks[-1].right
    report.open_at_end = audit.weeks[-1].open
    violations = [*audit.past_violations, *audit.violations.values()]
    report.violations = len(violations)
    for violation in violations[:_SENTENCES_MAX]:
        report.violations_told.append(f"bin {violation.bin} {violation.part}: {violation.found}")
        report.violations_told += [f"    {line}" for line in violation.story]
    report.thefts = [_case(case) for case in cases]
    report.stolen = sum(len(case.pieces) for case in cases)
    report.stolen_noticed = report.stolen - sum(len(case.missing()) for case in cases)


def _week(week: Any) -> dict[str, int]:
    return {name: getattr(week, name) for name in week.__slots__}


def _case(case: Case) -> dict[str, Any]:
    days = [
        round((piece.noticed_ms - piece.at_ms) / DAY_MS, 2) for piece in case.pieces if piece.noticed_ms is not None
    ]
    return {
        "case": case.what,
        "bin": case.bin,
        "part": case.part,
        "mass_mg": max((piece.mass_mg for piece in case.pieces), default=0),
        "pieces": len(case.pieces),
        "noticed": len(days),
        "last_noticed": bool(case.pieces) and case.pieces[-1].noticed_ms is not None,
        "days_until_noticed": days,
        "how": dict(Counter(piece.how for piece in case.pieces if piece.how).most_common()),
    }
