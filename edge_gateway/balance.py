"""The balance assertion of a bin: a settled weight, its doors shut, against what the ledger says should lie there.

Pure. Two questions are asked of a weight. Is it what so many pieces weigh (`level`)? That is absolute, but blurred by
the spread of every piece. And is it what the bin weighed last, with what was booked since (`Reference`)? That is
sharp, and drifts with the cell. A drift within a bound is taken over, on the record; the sum of what was taken over
since a person counted the bin, or since its weight confirmed the count, stays below half of its lightest part: pieces
that go one at a time cannot hide in it, and warm and cold days, which come and go, do not fill it.

It never changes a stock: what is beyond its bounds is for a person to look at.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import hypot, sqrt
from typing import NamedTuple

from edge_gateway.counting.evidence import Cell, Level, Mass
from edge_gateway.gain import Gain, Load, learn, load_before

# What a cell of its class may have drifted, restart and seasons together; beyond it something lies there.
DRIFT_PPM = 20_000  # of its capacity
_QUIET_SHARE = 4  # of the bound: less than a quarter of it is not worth a record
_SURE_SIGMAS = 4
_GAIN_SIGMAS = 2  # beyond it something lies there more likely than that a start did so much


class Reference(NamedTuple):
    """What a bin weighed last, with what was booked since; `sum_mg`: all drift that was taken over."""

    mg: int
    sum_mg: int


@dataclass(frozen=True, slots=True)
class Holding:
    """What the ledger says lies in a bin: pieces with their masses, and objects that are none of the parts.

    `gain`: of its cell since its controller's last start.
    """

    cell: Cell
    pieces: tuple[tuple[int, Mass], ...]
    foreign_mg: int = 0
    gain: Gain = Gain()  # noqa: RUF009 - never changed

    @property
    def load(self) -> Load:
        """What lies there by the parts' masses."""
        mg = sum(stock * mass.mean_mg for stock, mass in self.pieces) + self.foreign_mg
        return Load(mg, sqrt(sum(mass.variance(stock) for stock, mass in self.pieces)))

    @property
    def level_mg(self) -> float:
        """What it should weigh."""
        return self.gain.reads_mg(self.load.mg)

    @property
    def lightest_mg(self) -> float:
        """One piece of the lightest part that belongs there."""
        return min((mass.mean_mg for _stock, mass in self.pieces), default=0.0)

    def sigma_mg(self, found: Level) -> float:
        """How far a settled weight of exactly this may be from its level."""
        own = self.cell.variance(found.noise_mg)
        scale = found.mg * hypot(self.cell.scale_ppm, self.gain.sigma_ppm) / 1e6
        return sqrt(own + scale * scale + self.load.sigma_mg**2)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a weight says. `agrees`: no piece is missing or too many, by all that can be told; `firm`: and that is so
    sure that it answers what was asked before. A drift that is taken over may be all but half a piece.

    `reference`: what to compare with from now on. `rezero_mg`: the weight it replaces, None where none was taken over.
    `expected_mg` and `limit_mg`: what was asked for, and how far from it a weight may be.
    """

    agrees: bool
    firm: bool
    reference: Reference | None
    rezero_mg: int | None
    expected_mg: int
    limit_mg: int


def bound_mg(holding: Holding) -> float:
    """What drift may sum up to."""
    return _bound_mg(holding.lightest_mg, holding.cell)


def quiet_mg(lightest_mg: float, cell: Cell) -> int:
    """A drift that is not worth a record, nor a look at the level."""
    return int(_bound_mg(lightest_mg, cell) / _QUIET_SHARE)


def _bound_mg(lightest_mg: float, cell: Cell) -> float:
    return min(lightest_mg / 2, cell.capacity_mg * DRIFT_PPM / 1e6)


def judge(found: Level, reference: Reference | None, holding: Holding) -> Judgement:
    """A settled weight against the ledger. `reference` None: nothing is known since when a person counted."""
    sigma = holding.sigma_mg(found)
    level = holding.level_mg
    limit = _limit_mg(found, holding)
    error = found.mg - level
    drifted = 0 if reference is None else reference.sum_mg
    if confirms(found, holding):
        return _confirmed(found, reference, holding)
    if min(abs(error), abs(error - drifted)) > limit:
        return Judgement(False, False, reference, None, round(level), int(limit))
    if reference is None:
        return Judgement(True, _tells(sigma, holding), Reference(found.mg, 0), None, round(level), int(limit))
    return _followed(found, reference, holding)


def _limit_mg(found: Level, holding: Holding) -> float:
    """How far a weight may be from its level. A gain that nobody knows explains less than what is known to spread."""
    sharp = replace(holding, gain=holding.gain._replace(sigma_ppm=0)).sigma_mg(found)
    by_gain_mg = _GAIN_SIGMAS * found.mg * holding.gain.sigma_ppm / 1e6
    return max(holding.lightest_mg / 2, _SURE_SIGMAS * sharp + by_gain_mg)


def judge_start(found: Level, reference: Reference, holding: Holding, before: Gain) -> tuple[Judgement, Gain]:
    """The first weight after a start, and what it says of the gain since. `before`: the gain until then.

    A start leaves the gain as it was, or makes it as it was calibrated, or another one. The first two can be told from
    a piece that is gone; the third only as far as a drift can.
    """
    judgement = judge(found, reference, replace(holding, gain=before))
    if not judgement.agrees and before.ppm:
        judgement = _judge_calibrated(found, reference, holding, before) or judgement
    if not judgement.agrees:
        return judgement, holding.gain
    is_step = abs(found.mg - reference.mg) <= bound_mg(holding)
    load = load_before(reference.mg, before) if is_step or not judgement.firm else holding.load
    return judgement, learn(holding.gain, found, load, holding.cell)


def _judge_calibrated(found: Level, reference: Reference, holding: Holding, before: Gain) -> Judgement | None:
    """The same if the gain is as it was calibrated, where that explains the weight closely; None where not."""
    load, calibrated = load_before(reference.mg, before), replace(holding, gain=Gain())
    quiet_mg = bound_mg(holding) / _QUIET_SHARE
    is_close = abs(found.mg - load.mg) <= quiet_mg and 2 * load.sigma_mg <= quiet_mg
    if not is_close and not confirms(found, calibrated):
        return None
    if _may_be_pieces(before.load_mg(found.mg - reference.mg), holding):
        return None
    step_mg = round(load.mg) - reference.mg
    sum_mg = min(reference.sum_mg, reference.sum_mg + step_mg, key=abs)
    judgement = judge(found, Reference(round(load.mg), sum_mg), calibrated)
    if judgement.agrees and judgement.rezero_mg is None:
        return replace(judgement, rezero_mg=reference.mg)
    return judgement


def _may_be_pieces(change_mg: float, holding: Holding) -> bool:
    """Whether whole pieces that went, or came, explain a change as closely as another gain does."""
    quiet_mg = bound_mg(holding) / _QUIET_SHARE
    whole = ((round(change_mg / mass.mean_mg), mass.mean_mg) for _stock, mass in holding.pieces)
    return any(n and abs(change_mg - n * piece_mg) <= quiet_mg for n, piece_mg in whole)


def confirms(found: Level, holding: Holding) -> bool:
    """Whether a weight by itself says that so many pieces lie there, and not one more or less."""
    sigma = holding.sigma_mg(found)
    return _tells(sigma, holding) and abs(found.mg - holding.level_mg) <= _SURE_SIGMAS * sigma


def _tells(sigma: float, holding: Holding) -> bool:
    return 2 * _SURE_SIGMAS * sigma <= holding.lightest_mg  # half a piece would have shown


def _confirmed(found: Level, reference: Reference | None, holding: Holding) -> Judgement:
    """The weight is what so many pieces weigh, and one more or less would not: whatever the drift, it is all there."""
    bound = int(bound_mg(holding))
    if reference is None:
        return Judgement(True, True, Reference(found.mg, 0), None, found.mg, bound)
    if abs(found.mg - reference.mg) <= bound / _QUIET_SHARE:
        return Judgement(True, True, reference._replace(sum_mg=0), None, reference.mg, bound)
    return Judgement(True, True, Reference(found.mg, 0), reference.mg, reference.mg, bound)


def _followed(found: Level, reference: Reference, holding: Holding) -> Judgement:
    """The level alone is too blurred to tell: the change since the last weight does, within the bound."""
    bound = bound_mg(holding)
    drift = found.mg - reference.mg
    if abs(drift) <= bound / _QUIET_SHARE:
        return Judgement(True, True, reference, None, reference.mg, int(bound))
    total = reference.sum_mg + drift
    if abs(total) <= bound:
        return Judgement(True, False, Reference(found.mg, total), reference.mg, reference.mg, int(bound))
    return Judgement(False, False, reference, None, reference.mg, int(bound))


def after_booking(reference: Reference | None, changes: Sequence[tuple[int, Mass]]) -> Reference | None:
    """What a bin should weigh once pieces were booked out of it or into it without its being weighed."""
    if reference is None:
        return None
    return reference._replace(mg=reference.mg + round(sum(n * mass.mean_mg for n, mass in changes)))
