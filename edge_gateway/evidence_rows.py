"""What the body of an event says as rows of evidence: weighings, plateaus, inventories of tags.

Pure. The same rows are made where an event comes in, where a lost database is rebuilt from its lines, and where
`verify-ledger` derives them again to compare. It decides nothing.
"""

from collections.abc import Iterator
from typing import Any

from edge_gateway.decision import Plateau, TagRead, Weighed


def session_id(cabinet: str, epoch: str, seq: int) -> str:
    """The id of a session everywhere on the host."""
    return f"{cabinet}/{epoch}/{seq}"


def weighed(body: dict[str, Any]) -> Iterator[Weighed]:
    """What an event's bins weighed."""
    if body["kind"] == "session_opened":
        return (Weighed(row[0], None, 0, row[1], row[2], row[3]) for row in body["bins"])
    if body["kind"] in ("session_closed", "bins_changed"):
        return (Weighed(*row) for row in body["bins"])
    return iter(())


def plateaus(body: dict[str, Any]) -> Iterator[Plateau]:
    """The weights between before and after, numbered by bin in the order of time."""
    if body["kind"] != "session_closed":
        return
    numbers: dict[int, int] = {}
    for bin_, at_ms, mg, noise_mg in body.get("plateaus") or ():
        numbers[bin_] = numbers.get(bin_, 0) + 1
        yield Plateau(bin_, numbers[bin_], at_ms, mg, noise_mg)


def tag_read(cabinet: str, epoch: str, body: dict[str, Any]) -> TagRead | None:
    """One event of an inventory; None for an event of another kind."""
    if body["kind"] != "tags_read":
        return None
    session = session_id(cabinet, epoch, body["session"]) if body["session"] else ""
    found = dict.fromkeys(body["missing"].split(), "missing")
    found |= dict.fromkeys(body["came"].split(), "came")
    return TagRead(session, body["pass"], body["rounds"], body["seen"], body["more"], tuple(sorted(found.items())))
