"""What the characters of a VIN say by themselves (ISO 3779, 49 CFR 565, GB 16735): checks, check digit, model year.

Pure: knows no maker's models and asks nobody. What is typed wrongly in a way that can be told is put right, and said.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final, Literal

LENGTH: Final = 17
Severity = Literal["wrong", "remark"]

_VALUES: Final = dict(
    zip("0123456789ABCDEFGHJKLMNPRSTUVWXYZ", [*range(10), *range(1, 9), *range(1, 6), 7, 9, *range(2, 10)], strict=True)
)
_WEIGHTS: Final = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_YEAR_CODES: Final = "ABCDEFGHJKLMNPRSTVWXY123456789"  # 1980 to 2009, and again from 2010
_FIRST_YEAR: Final = 1980
_NEVER: Final = {"O": "0", "Q": "0", "I": "1"}  # no VIN has these: they are typing errors for what they look like
_ALIKE: Final = ("0D", "1L", "1T", "2Z", "5S", "6G", "8B", "UV", "MN", "CG", "EF", "PR", "KX", "VY", "17", "3B", "38")
_SERIAL_AT: Final = 13  # what follows are digits nearly everywhere
_BETWEEN: Final = re.compile(r"[\s.·•・\-_/*]+")
_NORTH_AMERICA: Final = "12345"


@dataclass(frozen=True, slots=True)
class Correction:
    """A character that no VIN has, and what was read instead. `position` counts from 1."""

    position: int
    found: str
    taken: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a VIN that somebody should know; `key` says what, `values` fill its sentence."""

    key: str
    severity: Severity
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class VinReading:
    """A VIN as it was read. `years` are the model years its code may mean, the most plausible first."""

    vin: str
    corrections: tuple[Correction, ...]
    findings: tuple[Finding, ...]
    wmi: str
    years: tuple[int, ...]
    year_is_sure: bool
    check_digit_fits: bool
    perhaps: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Whether it has the length and the characters of a VIN."""
        return len(self.vin) == LENGTH and all(letter in _VALUES for letter in self.vin)


def plain_vin(typed: str) -> str:
    """What was typed without blanks, dots and hyphens, in capitals."""
    return _BETWEEN.sub("", unicodedata.normalize("NFKC", typed)).upper()


def read_vin(typed: str, this_year: int) -> VinReading:
    """Everything the characters say. `this_year` decides which years are plausible."""
    plain = plain_vin(typed)
    corrections = tuple(Correction(at, found, _NEVER[found]) for at, found in enumerate(plain, 1) if found in _NEVER)
    vin = "".join(_NEVER.get(letter, letter) for letter in plain)
    findings = [*_corrected(corrections), *_malformed(vin)]
    if any(finding.severity == "wrong" for finding in findings):
        return VinReading(vin, corrections, tuple(findings), vin[:3], (), False, False, ())
    fits = vin[8] == check_digit(vin)
    if not fits:
        findings.append(_wrong_check_digit(vin))
    years = model_years(vin, this_year)
    if not years:
        findings.append(Finding("no_year", "remark", (("found", vin[9]),)))
    perhaps = () if fits or not checks_digit(vin) else misread(vin)
    return VinReading(vin, corrections, tuple(findings), vin[:3], years, _year_is_sure(vin), fits, perhaps)


def _corrected(corrections: tuple[Correction, ...]) -> list[Finding]:
    return [
        Finding(
            "corrected",
            "remark",
            (("position", str(each.position)), ("found", each.found), ("taken", each.taken)),
        )
        for each in corrections
    ]


def _malformed(vin: str) -> list[Finding]:
    found: list[Finding] = []
    if len(vin) != LENGTH:
        found.append(Finding("length", "wrong", (("found", str(len(vin))),)))
    for at, letter in enumerate(vin, 1):
        if letter not in _VALUES:
            found.append(Finding("character", "wrong", (("position", str(at)), ("found", letter))))
    return found


def _wrong_check_digit(vin: str) -> Finding:
    values = (("expected", check_digit(vin)), ("found", vin[8]))
    if vin[0] in _NORTH_AMERICA:
        return Finding("check_digit", "wrong", values)
    return Finding("check_digit_china" if vin[0] == "L" else "check_digit_elsewhere", "remark", values)


def check_digit(vin: str) -> str:
    """What stands at position 9 of a VIN of 17 characters where the check digit is kept."""
    rest = sum(_VALUES[letter] * weight for letter, weight in zip(vin, _WEIGHTS, strict=True)) % 11
    return "X" if rest == 10 else str(rest)


def checks_digit(vin: str) -> bool:
    """Whether the check digit is kept where this VIN was given out: North America, and China by GB 16735."""
    return vin[0] in _NORTH_AMERICA or vin[0] == "L"


def misread(vin: str) -> tuple[str, ...]:
    """VINs whose check digit fits and that differ in one character that looks alike; at most three."""
    found: list[str] = []
    for at, letter in enumerate(vin):
        for pair in _ALIKE:
            other = pair.replace(letter, "", 1)
            if len(other) == 1 and (other.isdigit() or (other in _VALUES and at < _SERIAL_AT)):
                changed = vin[:at] + other + vin[at + 1 :]
                if changed[8] == check_digit(changed) and changed not in found:
                    found.append(changed)
    return tuple(found[:3])


def model_years(vin: str, this_year: int) -> tuple[int, ...]:
    """The years position 10 may mean, the most plausible first.

    The code comes round every 30 years. For cars and light trucks of North America position 7 tells which round: a
    letter from 2010 on, a digit before. Elsewhere, and on heavy trucks, the newest year that can be is the likely one.
    """
    code = _YEAR_CODES.find(vin[9])
    if code < 0:
        return ()
    newest_first = tuple(reversed(range(_FIRST_YEAR + code, this_year + 2, 30)))
    if vin[0] in _NORTH_AMERICA and vin[6].isdigit():
        before = tuple(year for year in newest_first if year < 2010)
        return before + tuple(year for year in newest_first if year >= 2010)
    return newest_first


def _year_is_sure(vin: str) -> bool:
    """North America and China demand the year; makers elsewhere may put something else there."""
    return vin[0] in _NORTH_AMERICA or vin[0] == "L"


def matches(pattern: str, vin: str, wmi: str) -> bool:
    """Whether a VIN begins with `wmi` and its characters behind that are those of a pattern, `?` being any."""
    behind = vin[len(wmi) :]
    return (
        vin.startswith(wmi)
        and len(pattern) <= len(behind)
        and all(letter in {"?", found} for letter, found in zip(pattern.upper(), behind, strict=False))
    )


def closeness(pattern: str) -> int:
    """How much a pattern says: of two that match, the one that says more is meant."""
    return sum(letter != "?" for letter in pattern)
