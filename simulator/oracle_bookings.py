"""At rest: what every movement rests on, whether anything is booked twice, and what really lies in the bins.

Reads the gateway's database only. Shares no code with the product; of the form of its ids it knows that a movement
which rests on an event is named `<cabinet>/<epoch>/<seq>/<bin>/<what>`, each `what` once: of another part than the
bin's first with `:<part>` behind it, from one bin to another with `-to-<bin>`.
"""

import re
from collections import defaultdict
from collections.abc import Mapping

from simulator.oracle_database import Database, Row
from simulator.verdict import Bin, Truth, Violation

# A change in a session, what the ledger was short of, what a weight shows, and a session decided again.
WHAT = ("session", "short", "level", "again")
_WHAT = re.compile(rf"(?:{'|'.join(WHAT)})(?:-to-[0-9]+)?(?::.+?)?(?:~[0-9]+)?", re.DOTALL)
BY_A_PERSON = ("take", "return", "restock", "removal")
EVIDENCE = ("session_opened", "session_closed", "bins_changed", "tags_read")


class Bookings:
    """The gateway's movements, read once. `doubled` are the ids of those that are one too many."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._rows = database.rows(
            "SELECT m.id, m.cause, m.cabinet, m.bin, m.session, m.epoch, m.seq, p.part FROM movement m "
            "LEFT JOIN posting p ON p.movement = m.id AND p.line = 0 ORDER BY m.booked_ms, m.id"
        )
        self.doubled: list[str] = []

    def twice(self) -> list[Violation]:
        """Ids that are there twice, and parts of a bin that a session's person is booked for twice."""
        found: list[Violation] = []
        ids: set[str] = set()
        bins: dict[tuple[str, int, str], str] = {}
        for name, cause, _cabinet, at, session, _epoch, seq, part in self._rows:
            before = bins.setdefault((session, at, part), name) if self._is_of_session(cause, session, seq) else name
            if name in ids:
                found.append(Violation("booked_once", f"expected movement {name} once, found it again"))
            elif before != name:
                text = f"expected bin {at} booked once for session {session}, found {name} beside {before}"
                found.append(Violation("booked_once", text))
            else:
                ids.add(name)
                continue
            self.doubled.append(name)
        return found

    def cited(self) -> list[Violation]:
        """Every movement that rests on an event says which, and that one is in the inbox."""
        inbox: dict[Row, str] = {
            (cabinet, epoch, seq): kind
            for cabinet, epoch, seq, kind in self._database.rows("SELECT cabinet, epoch, seq, kind FROM inbox")
        }
        read_later = self._read_later()
        found: list[str] = []
        for name, _cause, cabinet, at, _session, epoch, seq, _part in self._rows:
            if not seq:
                continue
            expected = f"{cabinet}/{epoch}/{seq}/{at}/"
            if not name.startswith(expected) or not _WHAT.fullmatch(name.removeprefix(expected)):
                found.append(
                    f"movement {name}: expected a name of its evidence such as {expected}session, found another"
                )
            kind = inbox.get((cabinet, epoch, seq), "no event")
            if kind not in EVIDENCE and (cabinet, epoch, seq) not in read_later:
                found.append(f"movement {name}: expected one of {', '.join(EVIDENCE)} under its event, found {kind}")
        return [Violation("cited", text) for text in found]

    def _read_later(self) -> set[Row]:
        """Events that stand in the inbox as quarantined and were understood after an upgrade."""
        if not self._database.rows("SELECT 1 FROM sqlite_master WHERE name = 'quarantine_read'"):
            return set()
        return set(self._database.rows("SELECT cabinet, epoch, seq FROM quarantine_read"))

    def _is_of_session(self, cause: str, session: str, seq: int) -> bool:
        return bool(seq and session) and cause in BY_A_PERSON


def requests_open_twice(side: str, database: Database, shop: str | None = None) -> list[Violation]:
    """Parts of a bin for which more than one replenishment request is open."""
    query = "SELECT cabinet, bin, part, id FROM request WHERE id NOT IN (SELECT request FROM request_end)"
    rows = database.rows(query + " AND shop_id = ?", shop) if shop else database.rows(query)
    open_for: dict[tuple[str, int, str], list[str]] = defaultdict(list)
    for *place, name in rows:
        open_for[tuple(place)].append(name)
    return [
        Violation(
            "requests",
            f"{side}, {cabinet} bin {at}: expected one open request for {part} at most, found {sorted(names)}",
        )
        for (cabinet, at, part), names in sorted(open_for.items())
        if len(names) > 1
    ]


def untrue_stock(
    database: Database, balances: Mapping[tuple[str, str], int], truth: Mapping[Bin, Truth], excused: frozenset[Bin]
) -> list[Violation]:
    """Bins whose balance is not what lies in them, and nobody is asked why."""
    asked = set(
        database.rows("SELECT cabinet, bin FROM discrepancy WHERE id NOT IN (SELECT discrepancy FROM resolution)")
    )
    held: dict[str, dict[str, int]] = defaultdict(dict)
    for (account, part), quantity in balances.items():
        held[account][part] = quantity
    found: list[Violation] = []
    for at in sorted(truth.keys() - excused - asked):
        found += _untrue(at, truth[at], held.get(f"bin:{at[0]}/{at[1]}", {}))
    return found


def _untrue(at: Bin, real: Truth, held: dict[str, int]) -> list[Violation]:
    texts = []
    booked = held.get(real.part, 0)
    if abs(booked - real.quantity) > real.tolerance:
        texts.append(f"{real.quantity} {real.unit} of {real.part} by truth, found {booked} by the ledger")
    texts += [
        f"no {part} by truth, found {quantity} by the ledger"
        for part, quantity in held.items()
        if part != real.part and quantity
    ]
    return [
        Violation("true_stock", f"{at[0]} bin {at[1]}: expected {text}, and no discrepancy is open for it")
        for text in texts
    ]
