"""Lines of the ledger by which a shop or one of its jobs gained or gave back parts, and the take each goes back to.

A charge to a job and a correction belong to the take they speak of: its day decides the price, and its month the
statement. A return names no take; it is priced as the last take of the same part by the same person before it, or by
anybody. Reads only.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import and_, or_, text
from sqlmodel import Session, col
from sqlmodel.sql.expression import SelectOfScalar

from cloud.history import movement_lines
from cloud.tables import Movement, Posting
from cloud.tenancy import TenantId, tenant_rows

LATER = ("charge", "correction")
RETURNED_WITHIN_MS = 31 * 86_400_000
_IDS_AT_ONCE = 500
_CHARGE = "/charge-"


@dataclass(frozen=True)
class Consumed:
    """One line: `quantity` more at the shop (`job` "") or on a job. `origin_ms`: when it was taken."""

    movement: str
    line: int
    cause: str
    job: str
    part: str
    quantity: int
    person: str
    occurred_ms: int
    ingested_ms: int
    corrects: str
    origin: str
    origin_ms: int

    @property
    def ref(self) -> str:
        """How statements name it."""
        return f"m:{self.movement}/{self.line}"


def lines_between(session: Session, tenant: TenantId, shop: str, from_ms: int, to_ms: int) -> list[Consumed]:
    """What was taken or given back from `from_ms` until before `to_ms`, with whatever corrected or charged it since."""
    happened = and_(col(Movement.occurred_ms) >= from_ms, col(Movement.occurred_ms) < to_ms)
    plain = _read(session, _lines(tenant, shop).where(happened, ~col(Movement.cause).in_(LATER)))
    later = _read(
        session, _lines(tenant, shop).where(col(Movement.occurred_ms) >= from_ms, col(Movement.cause).in_(LATER))
    )
    found = _with_origins(session, tenant, shop, plain + later)
    return [line for line in found if from_ms <= line.origin_ms < to_ms]


def lines_ingested(session: Session, tenant: TenantId, shop: str, since_ms: int, until_ms: int) -> list[Consumed]:
    """What arrived since a time and goes back to a take before `until_ms`."""
    arrived = and_(
        col(Movement.ingested_ms) >= since_ms,
        or_(col(Movement.occurred_ms) < until_ms, col(Movement.cause).in_(LATER)),
    )
    found = _with_origins(session, tenant, shop, _read(session, _lines(tenant, shop).where(arrived)))
    return [line for line in found if line.origin_ms < until_ms]


def lines_of_jobs(session: Session, tenant: TenantId, shop: str, jobs: Iterable[str]) -> list[Consumed]:
    """Everything charged to certain jobs, given back or corrected."""
    accounts = [f"job:{job}" for job in sorted(set(jobs))]
    found: list[Consumed] = []
    for start in range(0, len(accounts), _IDS_AT_ONCE):
        some = accounts[start : start + _IDS_AT_ONCE]
        found += _read(
            session,
            _lines(tenant, shop).where(text("substr(posting.account, 1, 4) = 'job:'"), col(Posting.account).in_(some)),
        )
    return _with_origins(session, tenant, shop, found)


def lines_of_movement(session: Session, tenant: TenantId, shop: str, movement: str) -> list[Consumed]:
    """The lines of one movement."""
    return _with_origins(
        session, tenant, shop, _read(session, _lines(tenant, shop).where(col(Movement.id) == movement))
    )


def corrections_of(session: Session, tenant: TenantId, shop: str, movements: Iterable[str]) -> list[Consumed]:
    """The lines of the movements that correct some takes."""
    ids = sorted(set(movements))
    found: list[Consumed] = []
    for start in range(0, len(ids), _IDS_AT_ONCE):
        some = ids[start : start + _IDS_AT_ONCE]
        found += _read(session, _lines(tenant, shop).where(col(Movement.corrects).in_(some)))
    return [replace(line, origin=origin_of(line)) for line in found]


def charges_of(session: Session, tenant: TenantId, shop: str, takes: Iterable[str]) -> list[Consumed]:
    """The lines of the movements that charged some takes to jobs, or on to others."""
    found: list[Consumed] = []
    for take in sorted(set(takes)):
        low, high = f"{take}{_CHARGE}", f"{take}{_CHARGE[:-1]}."  # "." follows "-" in ASCII
        found += _read(session, _lines(tenant, shop).where(col(Movement.id) > low, col(Movement.id) < high))
    return [replace(line, origin=origin_of(line)) for line in found]


def _lines(tenant: TenantId, shop: str) -> SelectOfScalar[Movement]:
    return movement_lines(tenant).where(
        col(Movement.shop_id) == shop,
        col(Posting.shop_id) == shop,
        or_(col(Posting.account).like("shop:%"), col(Posting.account).like("job:%")),
    )


def _read(session: Session, rows: SelectOfScalar[Movement]) -> list[Consumed]:
    columns = (
        col(Movement.id), col(Posting.line), col(Movement.cause), col(Posting.account), col(Posting.part),
        col(Posting.quantity), col(Movement.person), col(Movement.occurred_ms), col(Movement.ingested_ms),
        col(Movement.corrects),
    )  # fmt: skip
    return [
        Consumed(
            movement, line, cause, account.removeprefix("job:") if account.startswith("job:") else "",
            part, int(quantity), person, occurred_ms, ingested_ms, corrects, movement, occurred_ms,
        )
        for movement, line, cause, account, part, quantity, person, occurred_ms, ingested_ms, corrects
        in session.execute(rows.with_only_columns(*columns))
    ]  # fmt: skip


def origin_of(line: Consumed) -> str:
    """The movement that a charge or a correction speaks of; "" for any other."""
    if line.corrects:
        return line.corrects.partition(_CHARGE)[0]
    return line.movement.partition(_CHARGE)[0] if line.cause == "charge" and _CHARGE in line.movement else ""


def _with_origins(session: Session, tenant: TenantId, shop: str, lines: Sequence[Consumed]) -> list[Consumed]:
    times = _times(session, tenant, shop, {origin for line in lines if (origin := origin_of(line))})
    found = []
    for line in lines:
        origin = origin_of(line)
        if origin in times:
            found.append(replace(line, origin=origin, origin_ms=times[origin]))
        else:
            found.append(line)
    return sorted(found, key=lambda line: (line.occurred_ms, line.movement, line.line))


def _times(session: Session, tenant: TenantId, shop: str, movements: Iterable[str]) -> dict[str, int]:
    ids = sorted(movements)
    found: dict[str, int] = {}
    for start in range(0, len(ids), _IDS_AT_ONCE):
        rows = tenant_rows(tenant, Movement).where(
            col(Movement.shop_id) == shop, col(Movement.id).in_(ids[start : start + _IDS_AT_ONCE])
        )
        times = session.execute(rows.with_only_columns(col(Movement.id), col(Movement.occurred_ms)))
        found |= {name: int(at_ms) for name, at_ms in times}
    return found


def priced_as(session: Session, tenant: TenantId, shop: str, lines: Sequence[Consumed]) -> dict[str, tuple[str, int]]:
    """By line's `ref`, the movement whose price counts and when it happened: the take it goes back to."""
    found = {line.ref: (line.origin, line.origin_ms) for line in lines}
    returns = [line for line in lines if line.cause == "return"]
    if not returns:
        return found
    takes = _takes_before(session, tenant, shop, returns)
    for line in returns:
        before = [take for take in takes[line.part] if take.occurred_ms <= line.occurred_ms]
        own = [take for take in before if take.person == line.person]
        for take in (own or before)[-1:]:
            found[line.ref] = (take.movement, take.occurred_ms)
    return found


def _takes_before(
    session: Session, tenant: TenantId, shop: str, returns: Sequence[Consumed]
) -> dict[str, list[Consumed]]:
    first_ms = min(line.occurred_ms for line in returns) - RETURNED_WITHIN_MS
    last_ms = max(line.occurred_ms for line in returns)
    rows = _lines(tenant, shop).where(
        col(Movement.occurred_ms) >= first_ms,
        col(Movement.occurred_ms) <= last_ms,
        col(Movement.cause) == "take",
        col(Posting.part).in_(sorted({line.part for line in returns})),
    )
    takes: dict[str, list[Consumed]] = defaultdict(list)
    for take in sorted(_read(session, rows), key=lambda line: line.occurred_ms):
        takes[take.part].append(take)
    return takes
