"""The physical truth against both ledgers, by queries of its own: it shares no code with the product.

Reads the gateway's and the cloud's databases after a run and compares them with what people really did.
"""

import json
import sqlite3
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from simulator.people import Pile, Spot, Visit

WallClock = Callable[[str, int, int], int]  # (cabinet, boot, up_ms) -> wall-clock ms


@dataclass(slots=True)
class Comparison:
    """What was found. `differences` says in words what is not equal."""

    sessions: int = 0
    events: int = 0
    lost: int = 0
    doubled: int = 0
    wrong_counts: int = 0
    unused_sessions: int = 0
    open_discrepancies: int = 0
    truth_equals_ledger: bool = True
    ledger_equals_cloud: bool = True
    door_shut_to_ledger_ms: dict[str, int] = field(default_factory=dict)
    door_shut_to_cloud_ms: dict[str, int] = field(default_factory=dict)
    differences: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Nothing lost, nothing doubled, nothing unequal."""
        return self.lost == 0 and self.doubled == 0 and self.truth_equals_ledger and self.ledger_equals_cloud


class Ledgers:
    """Both databases, opened to read. The cloud's is an SQLite file or the address of a PostgreSQL database."""

    def __init__(self, gateway: Path, cloud: Path | str):
        self._gateway = gateway
        self._cloud = cloud

    def gateway(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of the gateway's database."""
        return _sqlite_rows(self._gateway, query, values)

    def cloud(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of the cloud's database."""
        if isinstance(self._cloud, Path):
            return _sqlite_rows(self._cloud, query, values)
        return _postgres_rows(self._cloud, query, values)


def _sqlite_rows(path: Path, query: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)) as db:
        return db.execute(query, values).fetchall()


def _postgres_rows(address: str, query: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
    with psycopg.connect(address) as db:
        db.read_only = True
        return db.execute(query.replace("%", "%%").replace("?", "%s").encode(), values).fetchall()


def compare_events(found: Comparison, ledgers: Ledgers, journal_last: Mapping[str, int]) -> None:
    """Every event of every journal stands in the inbox once. `journal_last` comes from the controllers' flash."""
    for cabinet, last in journal_last.items():
        seqs = [seq for (seq,) in ledgers.gateway("SELECT seq FROM inbox WHERE cabinet = ?", cabinet)]
        found.events += last
        missing = set(range(1, last + 1)) - set(seqs)
        found.lost += len(missing)
        found.doubled += len(seqs) - len(set(seqs))
        if missing:
            found.differences.append(
                f"{cabinet}: expected events 1 to {last} in the inbox, missing {sorted(missing)[:10]}"
            )
        strange = ledgers.gateway("SELECT count(*) FROM inbox WHERE cabinet = ? AND reason != ''", cabinet)[0][0]
        if strange:
            found.differences.append(f"{cabinet}: {strange} events were not understood")


def compare_sessions(found: Comparison, ledgers: Ledgers, visits: Sequence[Visit], bulk: set[str]) -> None:
    """Each visit that was let in is one session, and each session booked what was really taken."""
    real = defaultdict(list)
    for visit in visits:
        real[visit.cabinet].append(visit)
    for cabinet, happened in real.items():
        _compare_cabinet(found, ledgers, cabinet, happened, bulk)


def _compare_cabinet(
    found: Comparison, ledgers: Ledgers, cabinet: str, happened: Sequence[Visit], bulk: set[str]
) -> None:
    let_in = [visit for visit in happened if visit.let_in]
    booked, unused = _without_unused(happened, _sessions(ledgers, cabinet))
    found.sessions += len(let_in)
    found.unused_sessions += unused
    found.lost += max(0, len(let_in) - len(booked))
    found.doubled += max(0, len(booked) - len(let_in))
    if len(let_in) != len(booked):
        found.differences.append(f"{cabinet}: expected {len(let_in)} sessions, found {len(booked)}")
        return
    for visit, session in zip(let_in, booked, strict=True):
        found.wrong_counts += _wrong_counts(found, ledgers, visit, session.id, bulk)


@dataclass(frozen=True, slots=True)
class _Session:
    """A session as it was booked. `idle`: closed after a restart, nothing was moved, and nothing is still asked."""

    id: str
    idle: bool


def _sessions(ledgers: Ledgers, cabinet: str) -> list[_Session]:
    rows = ledgers.gateway(
        "SELECT id, how = 'recovered' AND NOT EXISTS (SELECT 1 FROM movement WHERE session = s.id) "
        "AND NOT EXISTS (SELECT 1 FROM discrepancy WHERE session = s.id "
        "AND id NOT IN (SELECT discrepancy FROM resolution)) "
        "FROM session s WHERE cabinet = ? AND how IN ('shut', 'recovered')",
        cabinet,
    )
    ordered = sorted(rows, key=lambda row: int(row[0].rsplit("/", 1)[1]))
    return [_Session(identity, bool(idle)) for identity, idle in ordered]


def _without_unused(happened: Sequence[Visit], booked: Sequence[_Session]) -> tuple[list[_Session], int]:
    """The sessions that somebody was inside for, and the number of the others.

    When the power goes after a badge was read and before the door is pulled, a session may stand in the journal that
    nobody used: at most one for each such cut, closed after the restart, and idle.
    """
    waiting = deque(booked)
    used: list[_Session] = []
    expected = sum(visit.let_in for visit in happened)
    cuts = 0
    for visit in happened:
        cuts += visit.cuts_before
        while cuts and waiting and waiting[0].idle and len(waiting) > expected - len(used):
            waiting.popleft()
            cuts -= 1
        if visit.let_in and waiting:
            used.append(waiting.popleft())
            cuts = 0
    used += waiting
    return used, len(booked) - len(used)


def _wrong_counts(found: Comparison, ledgers: Ledgers, visit: Visit, session: str, bulk: set[str]) -> int:
    """How many parts of bins were booked in a session with a wrong count and without asking."""
    booked: dict[Spot, int] = defaultdict(int)
    prefix = f"bin:{visit.cabinet}/"
    for account, part, quantity in ledgers.gateway(
        "SELECT p.account, p.part, p.quantity FROM posting p JOIN movement m ON m.id = p.movement WHERE m.session = ?",
        session,
    ):
        if account.startswith(prefix):
            booked[int(account[len(prefix) :]), part] += quantity
    asked = {at for (at,) in ledgers.gateway("SELECT bin FROM discrepancy WHERE session = ?", session)}
    wrong = 0
    for spot in sorted(set(booked) | set(visit.net)):
        (at, part), real = spot, visit.net.get(spot, 0)
        difference = booked[spot] * 1000 - real if part in bulk else booked[spot] - real
        if abs(difference) > (BULK_TOLERANCE_G * 1000 if part in bulk else 0) and at not in asked:
            wrong += 1
            found.differences.append(
                f"{session} bin {at}: really {real} of {part}, booked {booked[spot]}, nobody asked"
            )
    return wrong


BULK_TOLERANCE_G = 20  # the dead band of the demo's bulk bins


def compare_stock(found: Comparison, ledgers: Ledgers, piles: Mapping[tuple[str, int, str], Pile]) -> None:
    """Every bin holds what the ledger says of every part, or a discrepancy is open for it."""
    open_bins = set(
        ledgers.gateway("SELECT cabinet, bin FROM discrepancy WHERE id NOT IN (SELECT discrepancy FROM resolution)")
    )
    (found.open_discrepancies,) = ledgers.gateway(
        "SELECT count(*) FROM discrepancy WHERE id NOT IN (SELECT discrepancy FROM resolution)"
    )[0]
    rows = ledgers.gateway(
        "SELECT account, part, sum(quantity) FROM posting WHERE account LIKE 'bin:%' GROUP BY account, part"
    )
    balance: dict[tuple[str, str], int] = {(account, part): quantity for account, part, quantity in rows}
    for (cabinet, at, part), pile in piles.items():
        booked = balance.pop((f"bin:{cabinet}/{at}", part), 0)
        if pile.part.unit == "gram":
            equal = abs(booked * 1000 - pile.mass_mg) <= BULK_TOLERANCE_G * 1000
        else:
            equal = booked == pile.quantity
        if not equal:
            asked = (cabinet, at) in open_bins
            found.truth_equals_ledger &= asked
            word = "a discrepancy is open" if asked else "no discrepancy is open"
            found.differences.append(f"{cabinet}/{at}: really {pile.quantity} of {part}, booked {booked}, {word}")
    for (account, part), booked in balance.items():
        if booked:
            found.truth_equals_ledger &= account in {f"bin:{cabinet}/{at}" for cabinet, at in open_bins}
            found.differences.append(f"{account}: really no {part}, booked {booked}")
    if _needless(ledgers) > max(1, found.sessions * 0.01):  # how often it asks is what count-bench measures
        found.truth_equals_ledger = False
        found.differences.append(f"{found.open_discrepancies} discrepancies are open after {found.sessions} sessions")


def _needless(ledgers: Ledgers) -> int:
    """Discrepancies that are open though no session was torn: what light parts weigh over a start is rightly asked."""
    return int(
        ledgers.gateway(
            "SELECT count(*) FROM discrepancy WHERE id NOT IN (SELECT discrepancy FROM resolution) "
            "AND session NOT IN (SELECT id FROM session WHERE how = 'recovered')"
        )[0][0]
    )


SAME_IN_BOTH = (
    (
        "postings",
        "SELECT movement, account, part, quantity FROM posting",
        "SELECT movement_id, account, part, quantity FROM posting",
    ),
    (
        "events",
        "SELECT cabinet, epoch, seq FROM inbox WHERE kind != 'forgotten'",
        "SELECT cabinet, epoch, seq FROM event",
    ),
    (
        "sessions",
        "SELECT id, how FROM session WHERE how != ''",
        "SELECT id, how FROM cabinet_session",
    ),
)


def compare_cloud(found: Comparison, ledgers: Ledgers) -> None:
    """The cloud has the same events, movements and postings as the gateway, and its balances follow from them."""
    for what, in_gateway, in_cloud in SAME_IN_BOTH:
        here, there = sorted(ledgers.gateway(in_gateway)), sorted(ledgers.cloud(in_cloud))
        if here != there:
            found.ledger_equals_cloud = False
            found.differences.append(f"the gateway has {len(here)} {what}, the cloud {len(there)}, and they differ")
    for name, read in (("gateway", ledgers.gateway), ("cloud", ledgers.cloud)):
        kept = read("SELECT account, part, quantity FROM balance WHERE quantity != 0")
        summed = read(
            "SELECT account, part, sum(quantity) FROM posting GROUP BY account, part HAVING sum(quantity) != 0"
        )
        if sorted(kept) != sorted(summed):
            found.ledger_equals_cloud = False
            found.differences.append(f"the balances of the {name} do not follow from its postings")


def measure_latencies(found: Comparison, ledgers: Ledgers, wall_ms_of: WallClock) -> None:
    """Wall time from the moment the controller had settled to the commit in each ledger."""
    to_ledger, to_cloud = [], []
    ingested = dict(ledgers.cloud("SELECT id, ingested_ms FROM cabinet_session"))
    rows = ledgers.gateway("SELECT cabinet, epoch, line FROM inbox WHERE kind = 'session_closed'")
    booked = dict(ledgers.gateway("SELECT id, booked_ms FROM session WHERE how != ''"))
    for cabinet, epoch, line in rows:
        body = json.loads(line)["body"]
        session = f"{cabinet}/{epoch}/{body['session']}"
        settled_ms = wall_ms_of(cabinet, body["boot"], body["up_ms"])
        if session in booked:
            to_ledger.append(booked[session] - settled_ms)
        if session in ingested:
            to_cloud.append(ingested[session] - settled_ms)
    found.door_shut_to_ledger_ms = _percentiles(to_ledger)
    found.door_shut_to_cloud_ms = _percentiles(to_cloud)


def _percentiles(values: list[int]) -> dict[str, int]:
    ordered = sorted(values) or [0]
    return {f"p{p}": ordered[min(len(ordered) - 1, len(ordered) * p // 100)] for p in (50, 99)}
