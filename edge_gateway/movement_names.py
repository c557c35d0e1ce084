"""What a movement's name tells of it: what it rests on, and its bin. The cloud is told no more.

Pure. The names are made in `bin_bookings.py` and `desk.py`.
"""

import re

from edge_gateway import ledger
from edge_gateway.decision import Cause
from edge_gateway.upload_format import MovementItem

# How a movement that rests on an event is named behind that and its bin: see bin_bookings.py.
_BY_EVIDENCE = r"(?:session|short|level|again)(?:-to-\d+)?(?::.*)?(?:~\d+)?"


def movement_cause(item: MovementItem) -> Cause:
    """What a movement rests on: the event its name begins with, or ("" and 0) somebody's word."""
    cabinet = re.escape(item.cabinet)
    said = re.search(r"/(?:correction|charge)-\d+-[0-9a-f]{8}$", item.id)
    found = None if said else re.fullmatch(rf"{cabinet}/([0-9a-f]{{16}})/(\d+)/\d+/{_BY_EVIDENCE}", item.id)
    epoch, seq = (found[1], int(found[2])) if found else ("", 0)
    return Cause(item.id, item.cabinet, epoch, seq, item.occurred_ms, item.booked_ms)


def movement_bin(item: MovementItem) -> int:
    """The bin a movement is about; 0 for none."""
    prefix = ledger.bin_account(item.cabinet, 0).removesuffix("0")
    bins = [posting.account.removeprefix(prefix) for posting in item.postings if posting.account.startswith(prefix)]
    return int(bins[0]) if bins else 0
