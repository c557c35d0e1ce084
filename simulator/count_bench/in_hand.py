"""What each person has in hand as the gateway knows it, once everything is booked as it was.

The gateway's own memory (`edge_gateway/hands.py`): what the ledger books is true here, and it weighs what the verdict's
steps say, where the verdict was right. Where it was not, somebody said what it was, and nobody knows what it weighed.
"""

from edge_gateway.counting.evidence import BinVerdict, Lump, Verdict
from edge_gateway.hands import Hands, lumps_of
from simulator.count_bench.record import Happened, SessionRecord


class InHand:
    """Lumps by person."""

    def __init__(self) -> None:
        self._hands = Hands()

    def of(self, session: SessionRecord) -> tuple[Lump, ...]:
        """What the person of a session may bring back."""
        return self._hands.of(_name(session), session.at_ms)

    def book(self, session: SessionRecord, verdict: Verdict) -> None:
        """What happened is booked."""
        if session.role == "restocker":
            return
        for bin_, found in zip(session.bins, verdict.bins, strict=True):
            self._book(session, bin_.truth, found)

    def _book(self, session: SessionRecord, truth: Happened, found: BinVerdict) -> None:
        steps = found.steps if found.best.changes == truth.changes else ()
        for part, n in truth.changes:
            lumps = lumps_of(part, n, steps)
            if n < 0:
                self._hands.take(_name(session), session.at_ms, lumps)
                continue
            for lump in lumps:
                self._hands.give_back(_name(session), lump)


def _name(session: SessionRecord) -> str:
    return f"person {session.person}"
