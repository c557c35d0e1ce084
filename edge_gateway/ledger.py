"""Double entry for parts: movements, postings, balances and their checks.

Pure: functions of values, no I/O, no clock. Shared by the gateway and the cloud.
A quantity is a whole number of the part's unit: pieces, or grams for bulk. A movement moves parts between
places and causes, and its postings sum to zero for every part. Nothing is ever changed: a correction is a new
movement that names the one it corrects.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

KINDS = (
    "opening",  # dealer -> bin: what a person counted when the bin was first filled
    "restock",  # dealer -> bin
    "removal",  # bin -> dealer
    "take",  # bin -> shop (or job)
    "return",  # shop (or job) -> bin
    "misplaced",  # bin -> bin: out of one and into another in one session
    "charge",  # shop -> job: a job named later
    "unexplained",  # bin <-> unexplained: what the evidence shows and nobody can explain
    "correction",  # any: names the movement it corrects
    "scrap",  # bin -> scrap
)


class LedgerError(ValueError):
    """A movement breaks a rule of double entry; the text says which, expected and found."""


class Line(Protocol):
    """What a line of a movement has, whatever it is carried in."""

    @property
    def account(self) -> str: ...

    @property
    def part(self) -> str: ...

    @property
    def quantity(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Posting:
    """One line of a movement: `quantity` more of `part` in `account` (less when negative)."""

    account: str
    part: str
    quantity: int


def bin_account(cabinet: str, bin_number: int) -> str:
    """`bin:<cabinet>/<bin>`: what a bin holds."""
    return f"bin:{cabinet}/{bin_number}"


def dealer_account(dealer: str) -> str:
    """`dealer:<id>`: where stock comes from and goes back to."""
    return f"dealer:{dealer}"


def shop_account(shop: str) -> str:
    """`shop:<id>`: taken, job not named."""
    return f"shop:{shop}"


def job_account(job: str) -> str:
    """`job:<id>`: used on one repair order."""
    return f"job:{job}"


def unexplained_account(cabinet: str, dealer: str) -> str:
    """`unexplained:<cabinet>:<dealer>`: what nobody can explain, in sight."""
    return f"unexplained:{cabinet}:{dealer}"


def scrap_account(cabinet: str, dealer: str) -> str:
    """`scrap:<cabinet>:<dealer>`: thrown away."""
    return f"scrap:{cabinet}:{dealer}"


def transfer(source: str, target: str, part: str, quantity: int) -> tuple[Posting, Posting]:
    """The two postings that move `quantity` (positive) of `part` from `source` to `target`."""
    if quantity <= 0:
        raise LedgerError(f"expected a positive quantity to move, found {quantity} of {part}")
    return Posting(source, part, -quantity), Posting(target, part, quantity)


def check(kind: str, postings: Iterable[Line]) -> None:
    """Refuse a movement that is not balanced per part, is empty, or is of no known kind (`LedgerError`)."""
    if kind not in KINDS:
        raise LedgerError(f"expected a kind of movement among {', '.join(KINDS)}, found {kind!r}")
    sums: dict[str, int] = defaultdict(int)
    lines = 0
    for posting in postings:
        lines += 1
        if type(posting.quantity) is not int or posting.quantity == 0:
            raise LedgerError(f"expected a whole quantity other than zero, found {posting!r}")
        if not posting.account or not posting.part:
            raise LedgerError(f"expected an account and a part, found {posting!r}")
        sums[posting.part] += posting.quantity
    if lines < 2:
        raise LedgerError(f"expected at least two postings, found {lines}")
    for part, total in sums.items():
        if total != 0:
            raise LedgerError(f"expected the postings of {part} to sum to zero, found {total}")


def balances(postings: Iterable[Line]) -> dict[tuple[str, str], int]:
    """The quantity of every (account, part) that is not zero."""
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for posting in postings:
        sums[posting.account, posting.part] += posting.quantity
    return {key: total for key, total in sums.items() if total != 0}


def differences(
    expected: Mapping[tuple[str, str], int], found: Mapping[tuple[str, str], int]
) -> list[tuple[str, str, int, int]]:
    """(account, part, expected, found) wherever two sets of balances differ, in order."""
    keys = sorted(expected.keys() | found.keys())
    rows = [(account, part, expected.get((account, part), 0), found.get((account, part), 0)) for account, part in keys]
    return [row for row in rows if row[2] != row[3]]
