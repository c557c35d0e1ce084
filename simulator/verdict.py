"""What the oracle is told of the truth, and what it finds: values only. Shares no code with the product.

Times are virtual milliseconds since 1970-01-01 UTC; quantities whole pieces or grams.
"""

from dataclasses import dataclass, field

Journal = tuple[str, str]  # cabinet, epoch
Bin = tuple[str, int]  # cabinet, number

RULES = {
    "balanced": "Every movement has at least two postings, and they sum to zero for each part.",
    "acknowledged": "What a journal_ack said was taken in stands in the inbox, with its session and its weighings.",
    "booked_once": "No event, movement or evidence is booked twice; a session changes a bin once.",
    "cited": "A movement that rests on an event rests on one that is in the inbox, and its id says which.",
    "kept": "What once stood in the gateway's ledger stands there unchanged.",
    "same_in_cloud": "After sync the cloud holds exactly what the gateway holds, and has put nothing aside.",
    "replayed": "On both sides the postings add up to the balances, and no bin ever holds less than nothing.",
    "true_stock": "After quiet time a bin's balance is what lies in it, or a discrepancy is open for the bin.",
    "lock_bounded": "A lock's coil is never on for longer than its limit, and never at rest.",
    "nobody_blocked": "After quiet time the gateway has come to the end of every journal it can reach.",
    "boots": "After power is given the firmware reaches its main loop in time.",
    "in_order": "Events are taken in by number without holes, and no cursor is ahead of what is held.",
    "content": "An event has one content for ever: on the wire and in the inbox.",
    "flushed": "What was sent stands in the flash: no controller says what a power cut would make unsaid.",
    "requests": "At most one replenishment request is open for a part of a bin; after quiet time each need has one.",
    "visits": "A bin of a visit is answered once a session, by what was booked; none that was touched is left out.",
}


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that does not hold. `account` is a sentence for a person: expected, found, where."""

    rule: str
    account: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.account}"


@dataclass(frozen=True, slots=True)
class Truth:
    """What really lies in a bin. `tolerance` is in the part's unit: 0 for pieces, the dead band for grams."""

    part: str
    unit: str  # piece or gram
    quantity: int
    tolerance: int = 0


@dataclass(frozen=True, slots=True)
class Excused:
    """What the run itself took away or holds back when it is judged. What was acknowledged is never excused.

    `destroyed`: journals whose flash is gone, with what was never acknowledged. `waiting`: journals of controllers
    that have no power or no network now; what they hold back is counted as waiting, not as lost. `bins`: bins of
    which nobody can know the truth.
    """

    destroyed: frozenset[Journal] = frozenset()
    waiting: frozenset[Journal] = frozenset()
    bins: frozenset[Bin] = frozenset()


NOTHING_EXCUSED = Excused()


@dataclass(slots=True)
class Verdict:
    """What was found at rest; `violations` begins with those found on the way.

    events      numbers in the journals, each identity (cabinet, epoch, seq) once: up to the last on its flash, or the
                last acknowledged if that is more
    sessions    sessions the gateway holds as ended
    lost        events that are in no inbox row and under no stated loss, and are neither waiting nor destroyed before
                they were acknowledged
    stated      events the gateway passed over on the record (a `forgotten` row with its discrepancy): only a gateway
                restored from a backup may, for all others it is lost
    waiting     events of `Excused.waiting` journals that the gateway does not have yet
    destroyed   events of `Excused.destroyed` journals that the gateway never had
    doubled     rows beyond the first: of an event in the inbox, of a movement's id on either side, of a booking of
                a bin for the person of a session
    quarantined events that stand in the inbox and were not understood
    """

    events: int = 0
    sessions: int = 0
    lost: int = 0
    stated: int = 0
    waiting: int = 0
    destroyed: int = 0
    doubled: int = 0
    quarantined: int = 0
    violations: list[Violation] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Nothing lost, nothing doubled, no rule broken."""
        return not (self.lost or self.doubled or self.violations)
