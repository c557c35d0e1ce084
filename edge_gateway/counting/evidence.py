"""What counting works on, and what it answers: the evidence of a session in, a verdict out.

Only definitions. Masses and their deviations are milligrams, probabilities parts per million where they are kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Cell:
    """What a class of load cell and its converter can do, beyond the noise a weighing states itself.

    `floor_mg`: what a settled weighing wanders from one minute to the next. `repeat_mg`: how well the same load reads
    the same when it is put there again. `creep_ppm`: of a change, over the time of a session.
    """

    name: str
    capacity_mg: int
    floor_mg: int
    repeat_mg: int
    creep_ppm: int
    scale_ppm: int

    def variance(self, noise_mg: int) -> float:
        """Of a level that states so much noise, as a measurement of the load, in mg squared."""
        return self.rest_variance(noise_mg) + self.repeat_mg**2

    def rest_variance(self, noise_mg: int) -> float:
        """The same of a load that nobody touches: what it reads is beside it by as much each time."""
        return noise_mg**2 + float(self.floor_mg) ** 2


class Level(NamedTuple):
    """A weight that stood still for a while: `noise_mg` is its standard deviation, `at_ms` since the first."""

    at_ms: int
    mg: int
    noise_mg: int


@dataclass(frozen=True, slots=True)
class Mass:
    """What a part weighs, as far as it is known.

    `mean_mg` and how sure that is (`mean_sigma_mg`), how much one piece differs from the next (`spread_mg`), and from
    how many pieces' worth of knowledge that is (`freedom`, of Student's distribution).
    """

    mean_mg: float
    spread_mg: float
    mean_sigma_mg: float = 0.0
    freedom: float = 1000.0

    def variance(self, pieces: int) -> float:
        """Of what so many pieces weigh together, in mg squared: each differs, and the mean is known only so well."""
        common = pieces * self.mean_sigma_mg
        return abs(pieces) * self.spread_mg**2 + common * common


@dataclass(frozen=True, slots=True)
class Held:
    """One part in one bin: what the ledger says is there, and what fits.

    `planned`: the planogram puts it there; otherwise it strayed there. `weight`: how often it is taken, relative to
    the other parts of the bin (the bin's own history).
    """

    part: str
    mass: Mass
    stock: int
    capacity: int
    planned: bool = True
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class BinEvidence:
    """What is known of one bin in one session.

    `levels`: the last settled weight before, the plateaus in between, the settled weight after; at least two.
    `foreign_mg`: objects that are none of the parts and were found to lie in it before. `gain_ppm`: what the cell reads
    too much of the load, since its controller's last start.
    """

    bin: int
    cell: Cell
    held: tuple[Held, ...]
    levels: tuple[Level, ...]
    foreign_mg: tuple[int, ...] = ()
    gain_ppm: int = 0

    @property
    def loads(self) -> tuple[Level, ...]:
        """The levels as what lay there."""
        if not self.gain_ppm:
            return self.levels
        scale = 1e6 / (1e6 + self.gain_ppm)
        return tuple(level._replace(mg=round(level.mg * scale)) for level in self.levels)


class Lump(NamedTuple):
    """Pieces of one part that left a bin together: what they weighed, and its standard deviation.

    The very same pieces weigh the same when they come back, here or in the wrong bin. `mg` 0: not known.
    """

    part: str
    pieces: int
    mg: int
    noise_mg: int


@dataclass(frozen=True, slots=True)
class TagEvidence:
    """What the reader says of one part, cabinet-wide: pieces are told apart by their tags, bins are not.

    `silent_ppm`: for each tag that was there before the session and is not heard now, how likely it is to be silent in
    all passes made so far although it is there. `present`: how many were heard that were there before. `came`: how
    many are heard that were not there before.
    """

    silent_ppm: tuple[int, ...]
    present: int
    came: int


@dataclass(frozen=True, slots=True)
class SessionEvidence:
    """Everything a verdict rests on.

    `role`: "mechanic" (also the shop's owner), "restocker", or "" when nobody answers for it. `in_hand`: what this
    person took lately and has not brought back, a lump for each step it was taken in, the newest last; `masses`: of
    those parts. `tags`: by part; None: the cabinet has no reader or a part here has no tags.
    """

    bins: tuple[BinEvidence, ...]
    role: str = "mechanic"
    in_hand: tuple[Lump, ...] = ()
    masses: Mapping[str, Mass] = field(default_factory=dict)
    tags: Mapping[str, TagEvidence] | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happened to one bin: pieces by part (negative: taken), in order of the part's number, none of them zero.

    `foreign_mg`: what was left there (negative: taken away) that is none of the parts; 0: nothing of the kind.
    """

    changes: tuple[tuple[str, int], ...] = ()
    foreign_mg: int = 0

    @property
    def nothing(self) -> bool:
        """Whether nothing came of it."""
        return not self.changes and not self.foreign_mg


class Step(NamedTuple):
    """What one change of level was explained as: `level` is the number of the level it led to, from 1.

    `mg` is the change of weight itself, `noise_mg` its standard deviation as a measurement. No `changes` and no
    `foreign_mg`: nothing came of it.
    """

    level: int
    changes: tuple[tuple[str, int], ...]
    foreign_mg: int
    mg: int
    noise_mg: int


@dataclass(frozen=True, slots=True)
class BinVerdict:
    """The outcomes of one bin by probability, the likeliest first, and which of them belongs to the likeliest whole.

    `steps`: the likeliest way to `best`, level by level; a level nobody's load stood for is left out.
    """

    bin: int
    best: Outcome
    confidence_ppm: int
    candidates: tuple[tuple[Outcome, int], ...]
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """A session's: `confidence_ppm` is how likely it is that the best outcomes of all bins are what happened."""

    bins: tuple[BinVerdict, ...]
    confidence_ppm: int
