"""How often an inventory misses a tag that is there: the table of docs/tags.md, from the model of the tags.

    python -m simulator.tag_table [SEED]

Each cabinet is shut, read, and read again after some minutes with nothing moved. A tag counts as heard when it was in a
twelfth of the rounds, 30 on each of 4 antennas: more than a tag outside is.
"""

import sys
from collections.abc import Iterator
from typing import NamedTuple

from simulator.physics.tag_field import TagField
from simulator.tag_inventory import inventory

ROUNDS = 120
SHARE = 12
CABINETS = 40
SHUTS = 250
SIZES = (20, 60, 120, 240)


class Missed(NamedTuple):
    """Of so many readings of so many tags: readings and tags missed once, readings and tags missed twice in a row."""

    tags: int
    readings: int
    readings_missing: int
    tags_missing: int
    readings_missing_twice: int
    tags_missing_twice: int


def missed(tags: int, seed: int, cabinets: int = CABINETS, shuts: int = SHUTS) -> Missed:
    """Read cabinets of so many tags, twice each time they were shut."""
    once: list[int] = []
    twice: list[int] = []
    for number in range(cabinets):
        field = TagField(seed, number)
        for serial in range(tags):
            field.put((number << 32 | serial).to_bytes(12, "big"))
        for silent, still_silent in _read_twice(field, shuts):
            once.append(silent)
            twice.append(still_silent)
    return Missed(tags, len(once), sum(map(bool, once)), sum(once), sum(map(bool, twice)), sum(twice))


def _read_twice(field: TagField, shuts: int) -> Iterator[tuple[int, int]]:
    for _ in range(shuts):
        field.shut()
        silent = _silent(field)
        yield len(silent), len(silent & _silent(field)) if silent else 0


def _silent(field: TagField) -> set[bytes]:
    heard = inventory(field, ROUNDS)
    return {epc for epc in field.inside if heard.get(epc, 0) * SHARE < ROUNDS}


def lines(seed: int) -> Iterator[str]:
    """The table in Markdown."""
    yield "| tags | readings | with a tag missing | chance of a tag | with one missing twice | chance of a tag |"
    yield "|---|---|---|---|---|---|"
    for size in SIZES:
        found = missed(size, seed)
        asked = found.tags * found.readings
        yield (
            f"| {found.tags} | {found.readings:,} | {100 * found.readings_missing / found.readings:.1f} % "
            f"| {1e6 * found.tags_missing / asked:.0f} ppm "
            f"| {100 * found.readings_missing_twice / found.readings:.2f} % "
            f"| {1e6 * found.tags_missing_twice / asked:.0f} ppm |"
        )


if __name__ == "__main__":
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    sys.stdout.write(f"seed {seed}\n" + "".join(f"{line}\n" for line in lines(seed)))
