"""What the count bench keeps of a cabinet's life: evidence as it was gathered, and the truth beside it.

Only definitions, and their form on disk: one line of JSON a cabinet. The masses the counting works with are not in it:
they are learned while counting.
"""

import gzip
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

LevelRow = tuple[int, int, int]  # at_ms, mg, noise_mg


class Happened(msgspec.Struct, frozen=True, array_like=True):
    """What really happened to one bin."""

    changes: tuple[tuple[str, int], ...] = ()  # in order of the part's number, none of them zero
    foreign_mg: int = 0


class TagsRead(msgspec.Struct, frozen=True, array_like=True):
    """One inventory as the controller tells it: against what it knew before the session."""

    pass_: int
    rounds: int
    seen: int
    missing: tuple[str, ...]
    came: tuple[str, ...]


class BinRecord(msgspec.Struct, frozen=True, array_like=True):
    """One bin in one session: its stock before (parts in the planogram's order), its levels, and the truth."""

    stock: tuple[int, ...]
    levels: tuple[LevelRow, ...]
    settled: bool
    truth: Happened


class SessionRecord(msgspec.Struct, frozen=True, array_like=True):
    """One session. `reads`: the reader's inventories after it; `reads_before`: since the session before."""

    kind: str
    person: int
    role: str
    at_ms: int
    in_hand: tuple[tuple[str, int], ...]
    bins: tuple[BinRecord, ...]
    reads_before: tuple[TagsRead, ...]
    reads: tuple[TagsRead, ...]


class CabinetRecord(msgspec.Struct, frozen=True, array_like=True):
    """One planogram's life. `learned`: by part, twenty pieces on a bench scale in milligrams."""

    cell: str
    planogram: tuple[tuple[tuple[str, int], ...], ...]  # bin by bin: part, capacity
    learned: dict[str, tuple[int, ...]]
    sessions: tuple[SessionRecord, ...]
    refused: int  # bins drawn that the product's check refused
    did_not_fit: int  # bins drawn that could not be filled


def write(path: Path, cabinets: Iterable[CabinetRecord]) -> None:
    """All cabinets of a row."""
    with gzip.open(path, "wb", compresslevel=1) as file:
        for cabinet in cabinets:
            file.write(msgspec.json.encode(cabinet) + b"\n")


def read(path: Path) -> Iterator[CabinetRecord]:
    """What `write` wrote (`msgspec.ValidationError` where it is something else)."""
    decoder = msgspec.json.Decoder(CabinetRecord)
    with gzip.open(path, "rb") as file:
        for line in file:
            yield decoder.decode(line)
