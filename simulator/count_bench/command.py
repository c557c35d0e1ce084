"""`partsbay count-bench`: counts the standard mix of sessions, row by row, and writes what came of it.

With `--evidence` the gathered evidence is kept in a folder, or taken from there when it is there already: a change of
the counting is then tried within minutes. The result depends on seed and sessions, never on the number of processes.
"""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from edge_gateway.counting.session_count import SURE_PPM
from simulator.count_bench.bench_cabinet import SESSIONS_A_PLANOGRAM, Chunk, live
from simulator.count_bench.both_runtimes import differences
from simulator.count_bench.counted import Counted, count_cabinet
from simulator.count_bench.evidence import Row, cabinets_of, chunks, gather, rows_asked
from simulator.count_bench.picture import picture
from simulator.count_bench.record import CabinetRecord
from simulator.count_bench.scoring import score
from simulator.count_bench.standard_mix import COUNTS, MIX
from simulator.count_bench.standard_parts import family_of, standard_parts

SAMPLE_OF = 40  # sessions, one is played on MicroPython too
SAMPLE_MAX = 500
SAMPLE_PARTS = 2

Both = tuple[int, int, list[list[Counted]]]  # bins refused, bins that did not fit, by tags


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for."""

    seed: int
    sessions: int
    rows: str
    jobs: int
    json: Path | None = None
    evidence: Path | None = None


def main(asked: Asked) -> int:
    """Run the bench, print the table, write JSON and picture."""
    if asked.sessions < 1 or asked.jobs < 1:
        raise ValueError(f"expected one session and one job or more, found {asked.sessions} and {asked.jobs}")
    report = run(asked)
    if asked.json is not None:
        asked.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
        asked.json.with_suffix(".svg").write_text(picture(report["rows"]), encoding="utf-8")
    return 1 if report["on_micropython"]["different"] else 0


def run(asked: Asked) -> dict[str, Any]:
    """The whole report; each row is printed as it comes."""
    wanted = rows_asked(asked.rows)
    report = _preface(asked, wanted)
    _say(_heading(report))
    for cell, parts in dict.fromkeys((row.cell, row.parts_per_cell) for row in wanted):
        here = [row for row in wanted if (row.cell, row.parts_per_cell) == (cell, parts)]
        for row in _rows(asked, here):
            report["rows"].append(row)
            _say(line(row))
    report["on_micropython"] = _on_micropython(asked, wanted)
    return report


def _on_micropython(asked: Asked, rows: Sequence[Row]) -> dict[str, Any]:
    """A sample of the sessions on the board's interpreter too, from every class of cell."""
    sample = min(SAMPLE_MAX, -(-asked.sessions // SAMPLE_OF))
    cells = list(dict.fromkeys(row.cell for row in rows))
    each = -(-sample // len(cells))
    work = [chunk for cell in cells for chunk in chunks(asked.seed, cell, SAMPLE_PARTS, each)]
    different = differences(work)
    _say(f"on MicroPython too: {each * len(cells)} sessions, {len(different)} different")
    return {"sessions": each * len(cells), "different": different}


def _preface(asked: Asked, rows: Sequence[Row]) -> dict[str, Any]:
    families = dict.fromkeys(family_of(row.cell) for row in rows)
    return {
        "seed": asked.seed,
        "sure_ppm": SURE_PPM,
        "sessions_a_planogram": SESSIONS_A_PLANOGRAM,
        "mix": MIX,
        "counts": {str(n): share for n, share in COUNTS.items()},
        "parts": {
            family: [[part.number, part.mass_mg, part.spread_ppm] for part in standard_parts(asked.seed, family)]
            for family in families
        },
        "rows": [],
    }


def _rows(asked: Asked, rows: Sequence[Row]) -> Iterator[dict[str, Any]]:
    """The rows of one cell class and number of parts: the same sessions serve all of them."""
    tags = [row.tags for row in rows]
    by_tags: list[list[Counted]] = [[] for _ in rows]
    refused = did_not_fit = 0
    for of_refused, of_unfit, found in _counted(asked, rows[0], tags):
        refused += of_refused
        did_not_fit += of_unfit
        for at, counted in enumerate(found):
            by_tags[at] += counted
    for row, counted in zip(rows, by_tags, strict=True):
        yield {
            "cell": row.cell,
            "parts_per_cell": row.parts_per_cell,
            "tags": row.tags,
            **score(counted),
            "refused_planograms": refused,
            "bins_that_did_not_fit": did_not_fit,
        }


def _counted(asked: Asked, row: Row, tags: Sequence[bool]) -> Iterator[Both]:
    planned = chunks(asked.seed, row.cell, row.parts_per_cell, asked.sessions)
    function: Callable[[Any], Both] = _live_and_count
    work: Iterable[tuple[Any, Sequence[bool]]] = [(chunk, tags) for chunk in planned]
    if asked.evidence is not None:
        path = gather(asked.evidence, planned, asked.jobs)
        function = _count
        work = ((cabinet, tags) for cabinet in cabinets_of(path, asked.sessions))
    if asked.jobs == 1:
        yield from map(function, work)
        return
    with get_context("spawn").Pool(asked.jobs) as pool:
        yield from pool.imap(function, work)


def _live_and_count(work: tuple[Chunk, Sequence[bool]]) -> Both:
    chunk, tags = work
    return _count((live(chunk), tags))


def _count(work: tuple[CabinetRecord, Sequence[bool]]) -> Both:
    cabinet, tags = work
    return cabinet.refused, cabinet.did_not_fit, [count_cabinet(cabinet, with_tags) for with_tags in tags]


# ---- what is printed ----


def _heading(report: dict[str, Any]) -> str:
    mix = ", ".join(f"{kind} {share} %" for kind, share in report["mix"].items())
    masses = [
        f"masses of the {len(parts)} {family} parts, g: "
        + " ".join(f"{mass_mg / 1000:.1f}" for mass_mg in sorted(part[1] for part in parts))
        for family, parts in report["parts"].items()
    ]
    return "\n".join(
        [
            f"seed {report['seed']}; a count is accepted from {report['sure_ppm'] / 1e4:.2f} %",
            f"mix: {mix}",
            *masses,
            "| cell | parts | tags | sessions | exact % | accepted % | accepted and exact % | errors / 1000 pieces "
            "| calibration error % | refused | count ms, median, 99 of 100 |",
            "|---|---|---|---|---|---|---|---|---|---|---|",
        ]
    )


def line(row: dict[str, Any]) -> str:
    """A row of the table, as Markdown."""
    cells = [
        row["cell"],
        str(row["parts_per_cell"]),
        "yes" if row["tags"] else "no",
        f"{row['sessions']:,}",
        *(_with_bounds(row, name) for name in ("exact", "accepted", "accepted_exact")),
        f"{row['count_error_per_1000']:.2f}",
        f"{100 * row['expected_calibration_error']:.3f}",
        str(row["refused_planograms"]),
        f"{row['count_ms']['median']:.2f}, {row['count_ms']['p99']:.2f}",
    ]
    return f"| {' | '.join(cells)} |"


def _with_bounds(row: dict[str, Any], name: str) -> str:
    if row[name] is None:
        return "none"
    return f"{100 * row[name]:.3f} ({100 * row[name + '_low']:.3f} to {100 * row[name + '_high']:.3f})"


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
