"""The rows that a session is told from, as the gateway and the cloud both keep them.

Only definitions. Times are milliseconds since 1970-01-01 UTC, masses milligrams, probabilities parts per million.
"""

from typing import NamedTuple


class VerdictRow(NamedTuple):
    """A row of `verdict`, its JSON texts as they are kept. `kind`: of the event that led to it, "" when not known."""

    bin: int
    number: int
    event: str
    kind: str
    decided_ms: int
    confidence_ppm: int
    best: str
    candidates: str
    levels: str
    steps: str
    tags: str


class MovedRow(NamedTuple):
    """A posting to a bin, with its movement. `person`: the name of whoever said so, "" when the evidence did."""

    movement: str
    cause: str
    bin: int
    part: str
    quantity: int
    confidence_ppm: int
    person: str
    corrects: str
    note: str
    booked_ms: int


class DoubtRow(NamedTuple):
    """A discrepancy of the session. `resolved_ms` 0: open."""

    id: str
    bin: int
    part: str
    reason: str
    opened_ms: int
    resolved_ms: int
    resolved_by: str
    note: str


class ReZeroRow(NamedTuple):
    """A drifted cell's weight that was taken over. `sum_mg`: all of it since a person counted the bin."""

    bin: int
    from_mg: int
    to_mg: int
    sum_mg: int
    at_ms: int


class WeighedRow(NamedTuple):
    """The weights of a bin before and after, None where the sensor was blind."""

    bin: int
    before_mg: int | None
    before_noise_mg: int
    mg: int | None
    noise_mg: int
    quality: int


class TagCount(NamedTuple):
    """What the reader heard of a part: there before and heard, there before and silent, new."""

    part: str
    present: int
    missing: int
    came: int
