"""Shows the sessions whose most probable verdict was wrong (or that were asked about): levels, truth and candidates.

    python -m simulator.count_bench.failures --seed 1 --rows c3-10kg/1/no --sessions 1200 DIR

DIR holds evidence as `simulator.count_bench.evidence` gathers it; what is missing is gathered.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from edge_gateway.counting.cells import CELLS
from edge_gateway.counting.evidence import Outcome, Verdict
from simulator.count_bench.counted import Counted, Counting, foreign_within_mg, mistake_of
from simulator.count_bench.evidence import Row, cabinets_of, chunks, gather, rows_asked
from simulator.count_bench.record import SessionRecord


def main(arguments: Sequence[str] | None = None) -> int:
    """Print them."""
    parser = argparse.ArgumentParser(prog="python -m simulator.count_bench.failures", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sessions", type=int, default=1200)
    parser.add_argument("--rows", default="c3-10kg/1/no")
    parser.add_argument("--kind", default="", help="only this kind of session")
    parser.add_argument("--show", choices=("wrong", "accepted_wrong", "asked"), default="wrong")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("folder", type=Path)
    asked = parser.parse_args(arguments)
    for row in rows_asked(asked.rows):
        work = chunks(asked.seed, row.cell, row.parts_per_cell, asked.sessions)
        within_mg = foreign_within_mg(CELLS[row.cell])
        path = gather(asked.folder, work, asked.jobs)
        for place, session, counted, verdict in _counted(path, asked.sessions, row):
            if asked.kind in ("", session.kind) and _is_shown(asked.show, counted):
                sys.stdout.write(f"{row.name} {place}: {_text(session, counted, verdict, within_mg)}\n")
    return 0


def _counted(path: Path, sessions: int, row: Row) -> Iterator[tuple[str, SessionRecord, Counted, Verdict]]:
    for number, cabinet in enumerate(cabinets_of(path, sessions)):
        counting = Counting(cabinet)
        for at, session in enumerate(cabinet.sessions):
            counted, verdict = counting.session(session, row.tags)
            yield f"cabinet {number} session {at}", session, counted, verdict


def _is_shown(show: str, counted: Counted) -> bool:
    if show == "asked":
        return not counted.accepted
    return not counted.exact and (counted.accepted or show == "wrong")


def _text(session: SessionRecord, counted: Counted, verdict: Verdict, within_mg: int) -> str:
    heading = (
        f"{session.kind} by {session.role} {session.person}, {counted.confidence_ppm / 1e4:.3f} %, "
        f"{'accepted' if counted.accepted else 'asked'}: {', '.join(counted.mistakes) or 'right'}"
    )
    lines = [heading, f"  in hand {dict(session.in_hand)}"]
    for bin_, found in zip(session.bins, verdict.bins, strict=True):
        if len(bin_.levels) == 2 and not bin_.truth.changes and not bin_.truth.foreign_mg and found.best.nothing:
            continue
        levels = " ".join(f"{mg}±{noise_mg}@{at_ms}" for at_ms, mg, noise_mg in bin_.levels)
        truth = Outcome(bin_.truth.changes, bin_.truth.foreign_mg)
        mark = "WRONG " if mistake_of(bin_.truth, found.best, within_mg) else ""
        lines.append(f"  bin {found.bin} {levels}{'' if bin_.settled else ' unsettled'}")
        lines.append(f"    was {_named(truth)}; {mark}found {_named(found.best)} {found.confidence_ppm / 1e4:.3f} %")
        lines += [f"      {ppm / 1e4:8.4f} % {_named(outcome)}" for outcome, ppm in found.candidates[:4]]
    return "\n".join(lines)


def _named(outcome: Outcome) -> str:
    parts = [f"{n:+} {part}" for part, n in outcome.changes]
    foreign = [f"foreign {outcome.foreign_mg} mg"] if outcome.foreign_mg else []
    return ", ".join(parts + foreign) or "nothing"


if __name__ == "__main__":
    sys.exit(main())
