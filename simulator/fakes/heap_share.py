"""Whose the heap is: what it holds before the fakes are imported, and which part of it they hold when they are done.

Imported first of all. The interpreter keeps names in tables that double: 20 places, 40, and so on. The firmware's own
end in the table of 320 (`tests/firmware/test_short_names.py`), so tables up to that one are the firmware's, and those
that are needed because the fakes' names come on top are theirs.
"""

import asyncio  # noqa: F401 - the firmware's, not the fakes'
import gc
import sys

_PLACE_BYTES = 11
_OWN_PLACES = 320
_ALL_PLACES = 1280
_TABLE_BYTES_MIN = 800  # interning takes less, unless it takes a table

gc.threshold(1024)  # so that the fakes lie together, and leave the rest of the heap in one piece
gc.collect()
_bare_bytes = gc.mem_alloc()


def _make_tables(places):
    """Have the tables of names made up to that of so many places; what they take."""
    gc.disable()
    made = grown = number = 0
    while grown < places * _PLACE_BYTES:
        before = gc.mem_alloc()
        getattr(gc, "name%d_%d" % (places, number), None)  # interned, and never used
        number += 1
        grown = gc.mem_alloc() - before
        if grown > _TABLE_BYTES_MIN:
            made += grown
    gc.enable()
    return made


# A heap in lockstep is wide, and nobody asks: finding out would take a look at all of it for each of hundreds of names.
asked = sys.argv[-1] != "lockstep"
_own_names_bytes = _make_tables(_OWN_PLACES) if asked else 0


def fakes_bytes():
    """What the fakes hold; to be asked when all of them are made, and the firmware is not imported yet."""
    _make_tables(_ALL_PLACES)
    gc.collect()
    return gc.mem_alloc() - _bare_bytes - _own_names_bytes
