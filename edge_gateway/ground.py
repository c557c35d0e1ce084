"""What a decision about a cabinet's bins stands on: the plan, what the ledger holds, and what is known of the past.

Only definitions; gathered from the books in `deciding.py`, read by everything that decides.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from edge_gateway.balance import Reference
from edge_gateway.counting.evidence import Lump, TagEvidence
from edge_gateway.decision import Moved, OpenDiscrepancy, OpenSession
from edge_gateway.gain import Gain
from edge_gateway.learned import Masses
from edge_gateway.planogram import CabinetPlan
from edge_gateway.upload_format import VerdictItem

Verdicts = Mapping[str, Mapping[int, VerdictItem]]  # by session (or event outside of any) and bin

UNSURE = ("uncertain_count", "not_this_part")
SETTLED_BY_WEIGHT = (*UNSURE, "balance", "blind")  # a later weighing that agrees with the ledger ends these


class LaterWeight(NamedTuple):
    """A settled weight of a bin that is newer than the event: it judges the ledger, not the event's own."""

    mg: int
    noise_mg: int


@dataclass(frozen=True, slots=True)
class Ground:
    """What a decision stands on. What is only there for sessions has a default."""

    plan: CabinetPlan
    in_bins: Mapping[str, Mapping[str, int]]  # by account and part: what the ledger holds in bins
    open_by_bin: Mapping[int, Mapping[str, OpenDiscrepancy]]
    session: OpenSession | None = None  # the one the event belongs to, when it is open
    session_seen: bool = False  # a session of that id was closed before
    role: str = ""  # of whoever opened the session
    unended: tuple[OpenSession, ...] = ()  # open although this event begins another
    later: Mapping[int, LaterWeight] | None = None  # None: the event is read as it comes
    boot: int = 0  # the start of the controller that the event is of
    references: Mapping[int, Reference] = field(default_factory=dict)
    gains: Mapping[int, Gain] = field(default_factory=dict)
    moved: Mapping[int, Moved] = field(default_factory=dict)
    masses: Masses = field(default_factory=dict)
    takes: Mapping[tuple[str, str], int] = field(default_factory=dict)  # how often, by account and part
    in_hand: tuple[Lump, ...] = ()
    tags: Mapping[str, TagEvidence] | None = None  # of the session, by all its passes so far
    verdicts: Verdicts = field(default_factory=dict)
    answered: Collection[tuple[str, int]] = ()  # sessions' bins of which a person has said what happened
    charged: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # by session and movement: to what account

    def open_here(self, number: int) -> Mapping[str, OpenDiscrepancy]:
        """What is open of a bin."""
        return self.open_by_bin.get(number, _NOTHING_OPEN)

    def is_open(self, number: int, *reasons: str) -> bool:
        """Whether something of these reasons is open of a bin."""
        found = self.open_by_bin.get(number)
        return found is not None and any(each.reason in reasons for each in found.values())

    def foreign_mg(self, number: int) -> tuple[int, ...]:
        """Objects that are none of the parts and are known to lie in a bin."""
        return tuple(found.foreign_mg for found in self.open_here(number).values() if found.foreign_mg)

    def lies_on(self, session: str, movement: str, account: str) -> str:
        """Where what a movement moved to an account lies now: it may have been charged to a job."""
        return self.charged.get(session, {}).get(movement, account)


_NOTHING_OPEN: Mapping[str, OpenDiscrepancy] = {}
