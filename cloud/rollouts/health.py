"""How cabinets are under new firmware, by what their gateways say, beside how they were and how the others are. Pure.

A cabinet is bad that returned to its old firmware, refused the new one, fell silent over it, starts again and again,
or has bins that give no weight any more. A few of hundreds are so on any day: a share counts as bad health only when
it is above the limit and at least twice that of the cabinets that still wait in the same days.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

HOUR_MS: Final = 3_600_000
SILENT_MS: Final = HOUR_MS  # of a cabinet under update whose gateway is heard of: it starts within a minute
STARTS_SPARED: Final = 2  # somebody pulls a plug
WATCHDOGS_MAX: Final = 1
ERRORS_SPARED: Final = 200  # of sensors: a cable that was touched
OTHERS_TIMES: Final = 2
MILLION: Final = 1_000_000

Sign = Literal["returned", "refused", "silent", "restarts", "watchdog", "blind", "sensor_errors"]


@dataclass(frozen=True, slots=True)
class Patient:
    """A cabinet of a rollout. Counts with `_before` are those at its mark: when it was confirmed, or the rollout began.

    `heard_ms`: when its gateway last heard it, `gateway_ms` when the cloud last heard that gateway. The rates are of
    the weeks before its mark, in a million hours.
    """

    state: str
    is_updated: bool  # its mark is its confirmation
    marked_ms: int
    told_ms: int = 0
    heard_ms: int = 0
    gateway_ms: int = 0
    blind: int = 0
    blind_before: int = 0
    starts: int = 0  # since its mark
    watchdogs: int = 0
    errors: int = 0
    starts_ppm: int = 0
    errors_ppm: int = 0


def sign(patient: Patient, now_ms: int) -> Sign | None:
    """What is bad about a cabinet, None when nothing is."""
    if patient.state in {"returned", "refused"}:
        return "returned" if patient.state == "returned" else "refused"
    if _is_silent(patient, now_ms):
        return "silent"
    if patient.state != "confirmed" and patient.is_updated:
        return None
    return _worse(patient, max(0, now_ms - patient.marked_ms) / HOUR_MS)


def _worse(patient: Patient, hours: float) -> Sign | None:
    """What is worse with it since its mark, so many hours ago, than it was before."""
    found: tuple[tuple[Sign, bool], ...] = (
        ("watchdog", patient.watchdogs > WATCHDOGS_MAX),
        ("restarts", patient.starts > STARTS_SPARED + 2 * patient.starts_ppm * hours / MILLION),
        ("blind", patient.blind > patient.blind_before),
        ("sensor_errors", patient.errors > ERRORS_SPARED + 2 * patient.errors_ppm * hours / MILLION),
    )
    return next((name for name, holds in found if holds), None)


def _is_silent(patient: Patient, now_ms: int) -> bool:
    """Under update, or updated, and not heard by a gateway that is itself heard of."""
    if patient.state not in {"loading", "trial", "confirmed"}:
        return False
    gateway_is_here = now_ms - patient.gateway_ms < SILENT_MS
    return gateway_is_here and patient.gateway_ms - patient.heard_ms >= SILENT_MS


@dataclass(frozen=True, slots=True)
class Health:
    """How many of the cabinets begun are bad, how many of those that wait; the signs, commonest first."""

    bad: int = 0
    of: int = 0
    others_bad: int = 0
    others: int = 0
    signs: tuple[tuple[Sign, int], ...] = ()


def health(updated: Sequence[Patient], others: Sequence[Patient], now_ms: int) -> Health:
    """The same of all cabinets. `updated`: what was told and did anything; `others`: what waits."""
    signs: dict[Sign, int] = {}
    for patient in updated:
        if (found := sign(patient, now_ms)) is not None:
            signs[found] = signs.get(found, 0) + 1
    others_bad = sum(sign(patient, now_ms) is not None for patient in others)
    commonest = tuple(sorted(signs.items(), key=lambda each: (-each[1], each[0])))
    return Health(sum(signs.values()), len(updated), others_bad, len(others), commonest)


def is_bad(found: Health, bad_percent: int) -> bool:
    """Whether a rollout must not go on."""
    if not found.bad or found.bad * 100 <= bad_percent * found.of:
        return False
    # Of what waits: as many are bad in such days without any new firmware.
    return found.bad * max(1, found.others) > OTHERS_TIMES * found.others_bad * found.of
