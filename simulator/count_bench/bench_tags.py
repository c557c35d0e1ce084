"""The tags of the bench's cabinet: a number for every piece, and what its reader finds in an inventory.

Every piece has a tag. An inventory is the controller's (`firmware/cabinet/inventory.py`): some rounds of all tags, then
each one in doubt by its number until the test of its answers says in or out; a second one minutes later when the first
found a change. Of the pieces just taken some are still near the cabinet, and answer now and then.
"""

from collections.abc import Collection
from random import Random
from typing import NamedTuple

from cabinet.inventory import HEARD, IN, LATER_MS, OUT, ROUND, SHUT_MS

from simulator.count_bench.record import TagsRead
from simulator.count_bench.shelf import FOREIGN, Thing
from simulator.physics.tag_field import TagField
from simulator.tag_inventory import inventory

NEAR_FIRST = 0.5  # of the pieces taken, still near when the doors have just been shut
NEAR_LATER = 0.1  # and minutes later
_ROUNDS = 4
_ROUNDS_FIRST = 24
_CALLS = 12
_ROUND_MS = 6  # docs/tags.md: of a round in which nobody answers,
_TAG_MS = 10  # and of an answer

_COMPANY = 6901234  # of seven digits, partition 5 of an SGTIN-96
_HEAD = 0x30 << 6 | 1 << 3 | 5


def gtin(part: str) -> str:
    """The trade item number of a part: company, item, and the check digit of the GS1 General Specifications."""
    digits = f"0{_COMPANY}{_item(part):05}"
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-total % 10}"


def epc(thing: Thing) -> bytes:
    """What a piece's tag says: an SGTIN-96 (EPC Tag Data Standard, 14.6.1)."""
    return (((_HEAD << 24 | _COMPANY) << 20 | _item(thing.part)) << 38 | thing.tag).to_bytes(12, "big")


def _item(part: str) -> int:
    return int(part[1:])


class _Looked(NamedTuple):
    found: frozenset[bytes]
    rounds: int
    took_ms: int


class TaggedCabinet:
    """The reader of one cabinet and the tags around it."""

    def __init__(self, things: Collection[Thing], random: Random) -> None:
        self._random = random
        self._field = TagField(random.randrange(1_000_000))
        self._known: frozenset[bytes] = frozenset()  # to the controller: in the cabinet
        self._doubted: frozenset[bytes] = frozenset()  # of those, silent at the last look
        for thing in things:
            self._field.put(epc(thing))
        self._field.shut()

    def start(self) -> tuple[TagsRead, ...]:
        """The first inventory tells all that it finds."""
        looked = self._look(_ROUNDS_FIRST)
        self._known = looked.found
        return (_read(0, looked, frozenset(), looked.found),)

    def session(self, out: Collection[Thing], into: Collection[Thing]) -> tuple[TagsRead, ...]:
        """Things left and came while the doors were open: the inventories after it."""
        left = [epc(thing) for thing in out if thing.part != FOREIGN]
        for tag in left:
            self._field.take(tag, near=self._random.random() < NEAR_FIRST)
        for thing in into:
            if thing.part != FOREIGN:
                self._field.put(epc(thing))
        self._field.shut()
        reads = self._told(1, self._look(_ROUNDS), SHUT_MS)
        for tag in left:
            self._field.take(tag, near=self._random.random() < NEAR_LATER)
        if not reads or reads[0].missing or reads[0].came:
            reads += self._told(2, self._look(_ROUNDS), LATER_MS)
        self._remember(reads)
        for tag in left:
            self._field.take(tag)
        return tuple(reads)

    def _look(self, rounds: int) -> _Looked:
        """All tags together, then those in doubt one by one."""
        heard = inventory(self._field, rounds)
        scores = {tag: HEARD * times + ROUND * rounds for tag, times in heard.items()}
        asked, answers = rounds, sum(heard.values())
        found = set()
        for tag in sorted(self._known | scores.keys()):
            score = scores.get(tag, ROUND * rounds)
            while OUT < score < IN:
                times = sum(self._field.answers(tag) for _ in range(_CALLS))
                score += HEARD * times + ROUND * _CALLS
                asked += _CALLS
                answers += times
            if score >= IN:
                found.add(tag)
        return _Looked(frozenset(found), asked, asked * _ROUND_MS + answers * _TAG_MS)

    def _told(self, pass_: int, looked: _Looked, ms_max: int) -> list[TagsRead]:
        """An inventory against what was known; one that takes too long tells nothing."""
        if looked.took_ms > ms_max:
            return []
        return [_read(pass_, looked, self._known - looked.found, looked.found - self._known)]

    def _remember(self, reads: list[TagsRead]) -> None:
        """A tag is gone when two looks in a row found it silent."""
        if not reads:
            raise RuntimeError(f"expected an inventory of {len(self._known)} tags within {LATER_MS} ms")
        silent = frozenset(bytes.fromhex(tag) for tag in reads[-1].missing)
        before = frozenset(bytes.fromhex(tag) for tag in reads[0].missing) if len(reads) > 1 else self._doubted
        came = frozenset(bytes.fromhex(tag) for tag in reads[-1].came)
        gone = silent & before
        self._known = (self._known - gone) | came
        self._doubted = silent - gone


def _read(pass_: int, looked: _Looked, missing: frozenset[bytes], came: frozenset[bytes]) -> TagsRead:
    texts = (tuple(sorted(tag.hex().upper() for tag in tags)) for tags in (missing, came))
    return TagsRead(pass_, looked.rounds, len(looked.found), *texts)
