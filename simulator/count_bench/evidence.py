"""Gathers evidence for the count bench and keeps it, so that the counting can be run on it again and again.

    python -m simulator.count_bench.evidence --seed 1 --sessions 3000 --rows 'c3-10kg/*' --jobs 2 DIR

Work is cut into chunks of one planogram, each drawn from its own seed: the result does not depend on `--jobs`.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fnmatch import fnmatchcase
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import msgspec

from simulator.count_bench import record
from simulator.count_bench.bench_cabinet import SESSIONS_A_PLANOGRAM, Chunk, live
from simulator.count_bench.bench_planogram import CAPACITY_MG
from simulator.count_bench.record import CabinetRecord

PARTS_PER_CELL = (1, 2, 4, 8)
TAGS = ("no", "yes")


class Row(NamedTuple):
    """One line of the table."""

    cell: str
    parts_per_cell: int
    tags: bool

    @property
    def name(self) -> str:
        """How it is asked for."""
        return f"{self.cell}/{self.parts_per_cell}/{TAGS[self.tags]}"


ROWS = tuple(Row(cell, parts, tags) for cell in CAPACITY_MG for parts in PARTS_PER_CELL for tags in (False, True))


def rows_asked(selection: str) -> tuple[Row, ...]:
    """The rows of a selection like `c3-10kg/1/no,cheap*/*` (`ValueError` when there is none)."""
    patterns = [pattern.strip() + ("" if pattern.count("/") > 1 else "*") for pattern in selection.split(",")]
    rows = tuple(row for row in ROWS if any(fnmatchcase(row.name, pattern) for pattern in patterns))
    if not rows:
        raise ValueError(f"expected rows like c3-10kg/2/no or cheap*/*, found {selection!r}")
    return rows


def chunks(seed: int, cell: str, parts_per_cell: int, sessions: int) -> list[Chunk]:
    """The work of a row: whole planograms, and a shorter one at the end."""
    whole, rest = divmod(sessions, SESSIONS_A_PLANOGRAM)
    sizes = [SESSIONS_A_PLANOGRAM] * whole + ([rest] if rest else [])
    return [Chunk(seed, cell, parts_per_cell, number, size) for number, size in enumerate(sizes)]


@contextmanager
def lives(work: Sequence[Chunk], jobs: int) -> Iterator[Iterator[CabinetRecord]]:
    """The cabinets of all chunks in their order, lived by so many processes."""
    if jobs == 1:
        yield map(live, work)
        return
    with get_context("spawn").Pool(jobs) as pool:
        yield pool.imap(live, work)


def path_of(folder: Path, chunk: Chunk) -> Path:
    """Where the evidence of two rows (without and with tags) is kept."""
    return folder / f"{chunk.cell}-{chunk.parts_per_cell}-seed-{chunk.seed}.jsonl.gz"


def gather(folder: Path, work: Sequence[Chunk], jobs: int) -> Path:
    """The evidence of a row on disk: what is there is used if it is enough."""
    path = path_of(folder, work[0])
    if path.exists() and sum(1 for _ in islice(record.read(path), len(work))) == len(work):
        return path
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".new")
    with lives(work, jobs) as cabinets:
        record.write(unfinished, cabinets)
    return unfinished.rename(path)


def cabinets_of(path: Path, sessions: int) -> Iterator[CabinetRecord]:
    """The first so many sessions of a file. How a cabinet's life begins does not depend on how long it is."""
    for cabinet in record.read(path):
        if sessions <= 0:
            return
        yield msgspec.structs.replace(cabinet, sessions=cabinet.sessions[:sessions])
        sessions -= len(cabinet.sessions)


def main(arguments: Sequence[str] | None = None) -> int:
    """Gather the evidence of the rows asked for."""
    parser = argparse.ArgumentParser(prog="python -m simulator.count_bench.evidence", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sessions", type=int, default=3000)
    parser.add_argument("--rows", default="*")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("folder", type=Path)
    asked = parser.parse_args(arguments)
    for cell, parts in dict.fromkeys((row.cell, row.parts_per_cell) for row in rows_asked(asked.rows)):
        work = chunks(asked.seed, cell, parts, asked.sessions)
        sys.stdout.write(f"{gather(asked.folder, work, asked.jobs)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
