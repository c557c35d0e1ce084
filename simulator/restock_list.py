"""The list in a restocker's hand: what visits that stand have left to do at a cabinet, as the shop's kiosk shows it."""

import json
import sqlite3
from collections import defaultdict
from contextlib import closing
from pathlib import Path

from simulator.people import Spot

_CAME = "select coalesce(sum(counted), 0) from restocked where visit = ? and cabinet = ? and bin = ? and part = ?"


def left_at(database: Path, cabinet: str, now_ms: int) -> dict[Spot, int]:
    """By bin and part: how much is to come; negative is to be taken out. Nothing when there is no gateway to ask."""
    left: dict[Spot, int] = defaultdict(int)
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as db:
            for visit, lines in db.execute(
                "select id, lines from visit where not is_off and until_ms > ? order by day, number", (now_ms,)
            ).fetchall():
                for name, at, part, quantity in json.loads(lines):
                    if name == cabinet:
                        left[at, part] += quantity - db.execute(_CAME, (visit, name, at, part)).fetchone()[0]
    except sqlite3.OperationalError:  # not there yet, or just dead
        return {}
    return {spot: quantity for spot, quantity in left.items() if quantity}
