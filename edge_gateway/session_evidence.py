"""From what the gateway knows to the evidence of a session, and from a verdict to the row that keeps it, and back.

Pure. A verdict is kept with everything it rests on, so that it can be reached again, bit by bit, years later, or with
a part's mass put right. Nothing is booked here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import msgspec

from edge_gateway.counting.cells import CELLS
from edge_gateway.counting.evidence import (
    BinEvidence,
    BinVerdict,
    Held,
    Level,
    Lump,
    Mass,
    Outcome,
    SessionEvidence,
    Step,
    TagEvidence,
    Verdict,
)
from edge_gateway.decision import Cause, Mover, detail
from edge_gateway.gain import Gain, blurred
from edge_gateway.learned import Lesson, Masses, known_of
from edge_gateway.planogram import BinPlan, CabinetPlan, PartPlan
from edge_gateway.upload_format import VerdictItem

ALGORITHM = 2  # the version of counting; a later one may say otherwise of the same evidence


class VerdictGround(msgspec.Struct, frozen=True):
    """All that a verdict on one bin rests on beside its levels, and on whose account it was to be booked.

    `accepted`: it was sure enough to be booked, or one before it was; `booked` is what stands in the ledger of it
    (part, pieces), and `movements` how (part, id). `settled`: its last level was. `heard`: the tags have had their last
    look. `taught`: what it taught of parts' masses (None: of an older gateway, that did not say).
    """

    bin: BinEvidence  # without its levels: they are kept for themselves
    role: str
    in_hand: tuple[Lump, ...]
    masses: dict[str, Mass]
    tags: dict[str, TagEvidence] | None
    mover: Mover
    occurred_ms: int
    settled: bool
    accepted: bool
    movements: tuple[tuple[str, str], ...]
    booked: tuple[tuple[str, int], ...] = ()
    heard: bool = False
    taught: tuple[Lesson, ...] | None = None


class Booked(NamedTuple):
    """What became of a verdict on one bin, as its ground keeps it."""

    mover: Mover
    occurred_ms: int
    settled: bool
    accepted: bool
    movements: tuple[tuple[str, str], ...] = ()
    booked: tuple[tuple[str, int], ...] = ()
    heard: bool = False
    taught: tuple[Lesson, ...] | None = ()


_encode = msgspec.json.Encoder().encode
_decode_ground = msgspec.json.Decoder(VerdictGround).decode
_decode_levels = msgspec.json.Decoder(tuple[Level, ...]).decode
_decode_steps = msgspec.json.Decoder(tuple[Step, ...]).decode
_decode_best = msgspec.json.Decoder(tuple[tuple[tuple[str, int], ...], int]).decode


# ---- evidence ----


def held_parts(plan: BinPlan, cabinet: CabinetPlan, in_bin: Mapping[str, int]) -> list[PartPlan]:
    """The parts that can be counted in a bin: those of the planogram, and those that strayed there, by their names."""
    strays = sorted(part for part, stock in in_bin.items() if stock > 0 and plan.part(part) is None)
    return [part for part in (*plan.parts, *(cabinet.part(plan.bin, part) for part in strays)) if part.counted]


class Contents(NamedTuple):
    """What lies in a bin by the ledger: pieces by part, the parts that can be counted, and what is none of them.

    `gain`: what its cell makes of it.
    """

    pieces: Mapping[str, int]
    parts: Sequence[PartPlan]
    foreign_mg: tuple[int, ...]
    gain: Gain


def bin_evidence(
    plan: BinPlan,
    contents: Contents,
    levels: tuple[Level, ...],
    masses: Masses,
    takes: Mapping[tuple[str, str], int],
) -> BinEvidence:
    """What is known of one bin in one session. `takes`: how often each part was taken, by account."""
    in_bin = contents.pieces
    held = tuple(
        Held(
            part=part.number,
            mass=known_of(part, masses).mass,
            stock=in_bin.get(part.number, 0),
            capacity=part.capacity if part.planned else in_bin.get(part.number, 0),
            planned=part.planned,
            weight=1.0 + takes.get((plan.account, part.number), 0),
        )
        for part in contents.parts
    )
    cell = blurred(CELLS[plan.cell], contents.gain)
    return BinEvidence(plan.bin, cell, held, levels, contents.foreign_mg, contents.gain.ppm)


def masses_of_guests(
    in_hand: Iterable[Lump], tags: Mapping[str, TagEvidence] | None, cabinet: CabinetPlan, masses: Masses
) -> dict[str, Mass]:
    """What the parts weigh that may come into any bin: in somebody's hand, or heard to have come.

    Those without a unit mass are left out.
    """
    heard = (part for part, found in (tags or {}).items() if found.came)
    parts = {number: cabinet.part(0, number) for number in [*(lump.part for lump in in_hand), *heard]}
    return {number: known_of(part, masses).mass for number, part in parts.items() if part.counted}


# ---- a verdict as it is kept ----


def verdict_item(
    cause: Cause,
    place: tuple[str, int],
    evidence: tuple[SessionEvidence, BinEvidence],
    verdict: BinVerdict,
    outcome: Booked,
) -> VerdictItem:
    """The row of a verdict on one bin, and of what became of it. `place`: whose it is, and the how manieth."""
    (occurrence, number), (session, of_bin) = place, evidence
    ground = VerdictGround(
        bin=replace(of_bin, levels=()),
        role=session.role,
        in_hand=session.in_hand,
        masses=dict(session.masses),
        tags=None if session.tags is None else dict(session.tags),
        mover=outcome.mover,
        occurred_ms=outcome.occurred_ms,
        settled=outcome.settled,
        accepted=outcome.accepted,
        movements=outcome.movements,
        booked=outcome.booked,
        heard=outcome.heard,
        taught=outcome.taught,
    )
    return VerdictItem(
        id=f"{cause.id}/{of_bin.bin}/verdict",
        cabinet=cause.cabinet,
        session=occurrence,
        bin=of_bin.bin,
        number=number,
        event=cause.id,
        decided_ms=cause.booked_ms,
        confidence_ppm=verdict.confidence_ppm,
        best=_text(outcome_of(verdict.best)),
        candidates=_text(candidates_of(verdict)),
        levels=_text(of_bin.levels),
        steps=_text(steps_shown(verdict.steps)),
        tags=_text(_tags_shown(session.tags, of_bin)),
        ground=_text(ground),
        algorithm=ALGORITHM,
    )


def candidates_of(verdict: BinVerdict) -> list[Any]:
    """[[[[part, pieces]...], foreign_mg, ppm]...], as rows and discrepancies have them."""
    return [[*outcome_of(outcome), ppm] for outcome, ppm in verdict.candidates]


def doubt_detail(verdict: BinVerdict, evidence: BinEvidence) -> str:
    """What an uncertain count says to whoever is asked."""
    before, after = evidence.levels[0], evidence.levels[-1]
    return detail(
        candidates=candidates_of(verdict),
        delta_mg=after.mg - before.mg,
        before_mg=before.mg,
        after_mg=after.mg,
        stock=[[held.part, held.stock] for held in evidence.held],
        unit="piece",
    )


def outcome_of(outcome: Outcome) -> list[Any]:
    """[[[part, pieces]...], foreign_mg]."""
    return [[list(change) for change in outcome.changes], outcome.foreign_mg]


def steps_shown(steps: Sequence[Step]) -> list[Any]:
    """[level, [[part, pieces]...], foreign_mg, mg, noise_mg] of every step."""
    return [
        [step.level, [list(change) for change in step.changes], step.foreign_mg, step.mg, step.noise_mg]
        for step in steps
    ]


def _tags_shown(tags: Mapping[str, TagEvidence] | None, of_bin: BinEvidence) -> list[Any]:
    """[part, present, missing, came] of the bin's parts whose tags say something."""
    shown = []
    for held in of_bin.held:
        found = None if tags is None else tags.get(held.part)
        if found is not None:
            shown.append([held.part, found.present, len(found.silent_ppm), found.came])
    return shown


def _text(value: Any) -> str:
    return _encode(value).decode()


# ---- and read back ----


def ground_of(item: VerdictItem) -> VerdictGround:
    """What a verdict rests on (`msgspec.DecodeError` when another version wrote it)."""
    return _decode_ground(item.ground)


def levels_of(item: VerdictItem) -> tuple[Level, ...]:
    """The levels of a verdict."""
    return _decode_levels(item.levels)


def steps_of(item: VerdictItem) -> tuple[Step, ...]:
    """The likeliest way to a verdict's best outcome."""
    return _decode_steps(item.steps)


def best_of(item: VerdictItem) -> Outcome:
    """What a verdict says."""
    changes, foreign_mg = _decode_best(item.best)
    return Outcome(changes, foreign_mg)


def evidence_of(items: Sequence[VerdictItem]) -> SessionEvidence:
    """The evidence of verdicts that were reached together."""
    grounds = [ground_of(item) for item in items]
    bins = tuple(replace(ground.bin, levels=levels_of(item)) for ground, item in zip(grounds, items, strict=True))
    first = grounds[0]
    return SessionEvidence(bins, first.role, first.in_hand, first.masses, first.tags)


def with_last_levels(evidence: SessionEvidence, levels: Mapping[int, Level]) -> SessionEvidence:
    """The same, with other weights at the end: by bin, `at_ms` counts from that of the level it replaces."""
    return replace(evidence, bins=tuple(_with_last_level(of_bin, levels.get(of_bin.bin)) for of_bin in evidence.bins))


def _with_last_level(of_bin: BinEvidence, level: Level | None) -> BinEvidence:
    if level is None:
        return of_bin
    last = level._replace(at_ms=of_bin.levels[-1].at_ms)
    return replace(of_bin, levels=(*of_bin.levels[:-1], last))


def verdict_of(verdict: Verdict, number: int) -> BinVerdict:
    """The verdict on one bin."""
    return next(of_bin for of_bin in verdict.bins if of_bin.bin == number)
