"""`partsbay gateway replay-session ID`: decides a session again from its stored evidence, and says what is different.

For a dispute, for a better algorithm, or with a part's mass put right (`--mass PART=GRAMS`). Where nothing was changed
it reaches the stored verdict bit by bit. It reads the database, also beside a running gateway, and changes nothing: a
booking that turns out wrong is corrected by people, at the kiosk.
"""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, TextIO

from edge_gateway import schema
from edge_gateway.counting.evidence import BinEvidence, BinVerdict, Held, Mass, SessionEvidence
from edge_gateway.counting.session_count import count_session
from edge_gateway.session_evidence import (
    ALGORITHM,
    candidates_of,
    evidence_of,
    ground_of,
    outcome_of,
    steps_shown,
    verdict_of,
)
from edge_gateway.upload_format import VerdictItem

_MOVEMENTS = """
select m.id, m.cause, m.corrects, p.account, p.part, p.quantity from movement m join posting p on p.movement = m.id
where m.session = ? and p.account = ? order by m.booked_ms, m.id, p.line
"""


class ReplayError(ValueError):
    """A session cannot be decided again; the text says what was expected and what was found."""


@dataclass(frozen=True, slots=True)
class BinReplay:
    """One bin: what its verdict stood on, what is said now and what was said then, and what was booked.

    `best` and `candidates` are as in the table `verdict`.
    """

    bin: int
    cell: str
    held: tuple[tuple[str, int, float, float], ...]  # part, pieces by the ledger, mean and spread of its mass in mg
    foreign_mg: tuple[int, ...]
    gain_ppm: int  # what its cell was known to read too much
    levels: tuple[tuple[int, int, int], ...]
    tags: Any
    now_best: Any
    now_ppm: int
    now_candidates: Any
    now_steps: Any
    then_best: Any
    then_ppm: int
    then_candidates: Any
    verdicts: int  # how many there are of this bin in this session
    event: str  # what led to the last of them
    accepted: bool
    booked: tuple[tuple[str, str, str, int], ...]  # movement, cause, part, pieces in the bin

    @property
    def same(self) -> bool:
        """Whether the same is said as then, to the last digit."""
        return (self.now_best, self.now_ppm, self.now_candidates) == (
            self.then_best,
            self.then_ppm,
            self.then_candidates,
        )


@dataclass(frozen=True, slots=True)
class Replay:
    """A session decided again."""

    session: str
    algorithm_then: int
    algorithm_now: int
    masses: dict[str, float]  # put right for this replay, in grams
    bins: tuple[BinReplay, ...]

    @property
    def same(self) -> bool:
        """Whether every bin is."""
        return all(of_bin.same for of_bin in self.bins)


def replay(database: Path, session: str, masses: Mapping[str, float]) -> Replay:
    """Decide a session again (`ReplayError`). `masses`: grams of one piece, by part, instead of what was known then."""
    if not database.exists():
        raise ReplayError(f"expected a database at {database}, found none")
    db = schema.open_for_reading(str(database))
    try:
        schema.check_version(db)
        items = _newest(db, session)
        evidence = _with_masses(evidence_of(items), masses)
        verdict = count_session(evidence)
        bins = tuple(
            _bin_replay(db, item, of_bin, verdict_of(verdict, item.bin))
            for item, of_bin in zip(items, evidence.bins, strict=True)
        )
    finally:
        db.close()
    return Replay(session, items[0].algorithm, ALGORITHM, dict(masses), bins)


def run(database: Path, session: str, masses: Sequence[str], as_json: bool, out: TextIO) -> int:
    """The command: 0 when the same is said as then, 1 when not (`ReplayError`)."""
    found = replay(database, session, dict(map(_read_mass, masses)))
    if as_json:
        table = {**asdict(found), "same": found.same}
        table["bins"] = [{**asdict(of_bin), "same": of_bin.same} for of_bin in found.bins]
        out.write(json.dumps(table, ensure_ascii=False, indent=2) + "\n")
    else:
        out.writelines(line + "\n" for line in _told(found))
    return 0 if found.same else 1


# ---- what was stored ----


def _newest(db: sqlite3.Connection, session: str) -> list[VerdictItem]:
    """The verdicts that count, which were reached together."""
    rows = db.execute("select * from newest_verdict where session = ? order by bin", (session,)).fetchall()
    if rows:
        return [VerdictItem(*row) for row in rows]
    if db.execute("select 1 from session where id = ?", (session,)).fetchone() is None:
        raise ReplayError(f"expected a session of this gateway, found {session!r}")
    raise ReplayError(
        f"expected a session in which something may have moved, found {session}: no bin had to be counted"
    )


def _read_mass(text: str) -> tuple[str, float]:
    part, equals, grams = text.rpartition("=")
    try:
        value = float(grams)
    except ValueError:
        value = 0.0
    if not equals or not part or not 0 < value < 1e6:
        raise ReplayError(f"expected a mass such as OF-1012=612.5 (grams of one piece), found {text!r}")
    return part, value


def _with_masses(evidence: SessionEvidence, masses: Mapping[str, float]) -> SessionEvidence:
    known = {held.part for of_bin in evidence.bins for held in of_bin.held} | set(evidence.masses)
    for part in masses:
        if part not in known:
            raise ReplayError(f"expected a part of this session's bins ({', '.join(sorted(known))}), found {part!r}")
    if not masses:
        return evidence
    bins = tuple(
        replace(of_bin, held=tuple(_with_mass(held, masses) for held in of_bin.held)) for of_bin in evidence.bins
    )
    in_hand = {part: _put_right(part, mass, masses) for part, mass in evidence.masses.items()}
    return replace(evidence, bins=bins, masses=in_hand)


def _with_mass(held: Held, masses: Mapping[str, float]) -> Held:
    return replace(held, mass=_put_right(held.part, held.mass, masses))


def _put_right(part: str, mass: Mass, masses: Mapping[str, float]) -> Mass:
    return replace(mass, mean_mg=masses[part] * 1000.0) if part in masses else mass


def _bin_replay(db: sqlite3.Connection, item: VerdictItem, of_bin: BinEvidence, now: BinVerdict) -> BinReplay:
    ground = ground_of(item)
    account = f"bin:{item.cabinet}/{item.bin}"
    moved = db.execute(_MOVEMENTS, (ground.mover.session, account)).fetchall()
    return BinReplay(
        bin=item.bin,
        cell=of_bin.cell.name,
        held=tuple((held.part, held.stock, held.mass.mean_mg, held.mass.spread_mg) for held in of_bin.held),
        foreign_mg=of_bin.foreign_mg,
        gain_ppm=of_bin.gain_ppm,
        levels=tuple((level.at_ms, level.mg, level.noise_mg) for level in of_bin.levels),
        tags=json.loads(item.tags),
        now_best=outcome_of(now.best),
        now_ppm=now.confidence_ppm,
        now_candidates=candidates_of(now),
        now_steps=steps_shown(now.steps),
        then_best=json.loads(item.best),
        then_ppm=item.confidence_ppm,
        then_candidates=json.loads(item.candidates),
        verdicts=item.number,
        event=item.event,
        accepted=ground.accepted,
        booked=tuple((row["id"], row["cause"], row["part"], row["quantity"]) for row in moved),
    )


# ---- for a person at a terminal ----


def _told(found: Replay) -> list[str]:
    lines = [f"session {found.session}"]
    lines += [f"with {part} at {grams:g} g a piece" for part, grams in found.masses.items()]
    if found.algorithm_then != found.algorithm_now:
        lines.append(f"counted by version {found.algorithm_then} then, by version {found.algorithm_now} now")
    for of_bin in found.bins:
        lines += ["", *_bin_told(of_bin)]
    verdict = "the same is said as then" if found.same else "ANOTHER THING IS SAID THAN THEN"
    return [*lines, "", verdict]


def _bin_told(of_bin: BinReplay) -> list[str]:
    again = f", decided {of_bin.verdicts} times, last by {of_bin.event}" if of_bin.verdicts > 1 else ""
    lines = [f"bin {of_bin.bin} on a {of_bin.cell} cell{again}"]
    lines += [
        f"  held {stock} x {part}, {mean_mg / 1000:.2f} g a piece, spread {spread_mg / 1000:.2f} g"
        for part, stock, mean_mg, spread_mg in of_bin.held
    ]
    lines += [f"  held something else of {mg / 1000:.1f} g" for mg in of_bin.foreign_mg]
    if of_bin.gain_ppm:
        lines.append(f"  reads {of_bin.gain_ppm / 10_000:+.2f} % of the load too much since its controller's start")
    lines += [
        f"  {at_ms / 1000:8.1f} s  {mg / 1000:12.2f} g  +-{noise_mg / 1000:.2f}"
        for at_ms, mg, noise_mg in of_bin.levels
    ]
    lines += [
        f"  tags of {part}: {present} heard that were there, {missing} missing, {came} came"
        for part, present, missing, came in of_bin.tags
    ]
    lines.append(f"  now   {words(of_bin.now_best)}, {_percent(of_bin.now_ppm)}")
    lines += [
        f"        or {words(candidate)}, {_percent(candidate[2])}"
        for candidate in of_bin.now_candidates
        if candidate[:2] != of_bin.now_best
    ]
    told = "the same" if of_bin.same else f"{words(of_bin.then_best)}, {_percent(of_bin.then_ppm)}"
    lines.append(f"  then  {told}{'' if of_bin.accepted else ' (asked, not booked)'}")
    lines += [
        f"  booked {cause} {quantity:+d} x {part} as {movement}" for movement, cause, part, quantity in of_bin.booked
    ]
    return lines if of_bin.booked else [*lines, "  booked nothing"]


def words(outcome: Sequence[Any]) -> str:
    """An outcome in words: `-2 x OF-1012`, with `and something of 340.0 g`."""
    changes, foreign_mg = outcome[0], outcome[1]
    pieces = [f"{count:+d} x {part}" for part, count in changes]
    if foreign_mg:
        pieces.append(f"something of {foreign_mg / 1000:+.1f} g that is none of the parts")
    return " and ".join(pieces) or "nothing"


def _percent(ppm: int) -> str:
    return f"{ppm / 10_000:.4f} %"
