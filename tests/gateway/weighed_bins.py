"""Bins with the levels somebody left in them, and how to read the verdict on them, for the tests of counting."""

from edge_gateway.counting.cells import CELLS
from edge_gateway.counting.evidence import BinEvidence, Cell, Held, Level, Mass, Outcome, Verdict

C3, CHEAP = CELLS["c3-10kg"], CELLS["cheap-10kg"]
FILTER = Mass(512_000, 2_000, 400)
PAD = Mass(1_130_000, 5_000, 1_000)
BULB = Mass(23_000, 100, 20)
NOTHING = Outcome()


def held(part: str, mass: Mass, stock: int = 8, capacity: int = 12) -> Held:
    """A part in a bin, by the ledger."""
    return Held(part, mass, stock, capacity)


def weighed(*levels_mg: int, noise_mg: int = 80) -> tuple[Level, ...]:
    """Levels two seconds after each other, all as sharp."""
    return tuple(Level(2_000 * at, mg, noise_mg) for at, mg in enumerate(levels_mg))


def one_bin(
    *levels_mg: int,
    of: tuple[Held, ...] = (held("F", FILTER),),
    number: int = 1,
    cell: Cell = C3,
    noise_mg: int = 80,
) -> BinEvidence:
    """A bin, of filters unless it is said, that showed these levels."""
    return BinEvidence(number, cell, of, weighed(*levels_mg, noise_mg=noise_mg))


def pads(*levels_mg: int, number: int = 2) -> BinEvidence:
    """A bin of pads that showed these levels."""
    return one_bin(*levels_mg, of=(held("P", PAD),), number=number)


def best(verdict: Verdict, number: int = 1) -> Outcome:
    """What most probably happened to a bin."""
    return next(found.best for found in verdict.bins if found.bin == number)


def confidence(verdict: Verdict, number: int = 1) -> int:
    """How sure that is."""
    return next(found.confidence_ppm for found in verdict.bins if found.bin == number)


def ppm_of(verdict: Verdict, *changes: tuple[str, int], number: int = 1, foreign: bool = False) -> int:
    """How likely it is that just these pieces moved; `foreign`: and something that is none of the parts."""
    candidates = next(found.candidates for found in verdict.bins if found.bin == number)
    return sum(ppm for outcome, ppm in candidates if outcome.changes == changes and bool(outcome.foreign_mg) == foreign)
