"""Transfers (调拨): stock that goes from one bin to another, followed by what is booked at both.

A transfer books nothing. The restocker takes the pieces out and puts them in as ever; what has left the first bin
since the transfer was proposed, and what has come to the second since then, is read from the ledger. What is on the
way is in neither bin's stock, so it is counted once. Several transfers of one bin share its movements, oldest first.
"""

import secrets
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import Session, col

from cloud.audit import record
from cloud.history import movement_lines
from cloud.identity import SignedIn
from cloud.people.rules import RefusedError, TakenError
from cloud.shop_plan import ShopPlan, plan_of, plans
from cloud.stock_views import End, TransferView
from cloud.tables import Movement, Posting, Shop, Transfer
from cloud.tenancy import NotFoundError, TenantId, tenant_rows
from edge_gateway.ledger import bin_account

NOTE_CHARACTERS_MAX = 300
QUANTITY_MAX = 10_000_000
CARRIED = ("removal", "restock", "misplaced")  # what a restocker's hands do; takes and counts are not the transfer's
OPEN_MAX = 500


@dataclass(frozen=True)
class Asked:
    """What is to go where."""

    part: str
    quantity: int
    from_: End
    to: End
    note: str = ""


@dataclass
class _Moved:
    """How much of a transfer has left and come so far."""

    taken: int = 0
    put: int = 0
    taken_ms: int = 0


def propose(session: Session, person: SignedIn, asked: Asked, now_ms: int) -> TransferView:
    """Ask for stock to be moved (`RefusedError`, `NotFoundError`)."""
    tenant = person.tenant
    if asked.from_ == asked.to:
        raise RefusedError("expected two different bins, found one")
    if not 1 <= asked.quantity <= QUANTITY_MAX:
        raise RefusedError(f"expected a quantity of 1 to {QUANTITY_MAX}, found {asked.quantity}")
    if len(asked.note) > NOTE_CHARACTERS_MAX or "\0" in asked.note:
        raise RefusedError(f"expected a note of at most {NOTE_CHARACTERS_MAX} characters, found {len(asked.note)}")
    for end in (asked.from_, asked.to):
        _check_end(session, tenant, end)
    _check_part(session, tenant, asked)
    row = Transfer(
        dealer_id=tenant.dealer,
        id=f"t-{secrets.token_hex(6)}",
        part=asked.part,
        quantity=asked.quantity,
        from_shop=asked.from_.shop,
        from_cabinet=asked.from_.cabinet,
        from_bin=asked.from_.bin,
        to_shop=asked.to.shop,
        to_cabinet=asked.to.cabinet,
        to_bin=asked.to.bin,
        made_by=person.name,
        made_ms=now_ms,
        note=asked.note.strip(),
    )
    session.add(row)
    session.flush()
    record(session, person, now_ms, action="transfer.proposed", target=f"transfer {row.id}", after=_said(row))
    return _views(session, tenant, [row], {row.id: _Moved()})[0]


def _said(row: Transfer) -> str:
    ends = f"{row.from_shop} {row.from_cabinet}/{row.from_bin} to {row.to_shop} {row.to_cabinet}/{row.to_bin}"
    return f"{row.quantity} {row.part} from {ends}"


def _check_end(session: Session, tenant: TenantId, end: End) -> None:
    if (end.cabinet, end.bin) not in plan_of(session, tenant, end.shop).bins:
        raise NotFoundError(f"expected a bin of yours, found bin {end.bin} of {end.cabinet} in {end.shop}")


def _check_part(session: Session, tenant: TenantId, asked: Asked) -> None:
    """The second bin must be one for the part: elsewhere it would only be in the wrong place."""
    bin_ = plan_of(session, tenant, asked.to.shop).bins[asked.to.cabinet, asked.to.bin]
    if asked.part not in {placed.part for placed in bin_.parts}:
        raise RefusedError(
            f"expected a bin that the planogram gives to {asked.part}, found bin {asked.to.bin} of {asked.to.cabinet}"
        )


def withdraw(session: Session, person: SignedIn, name: str, note: str, now_ms: int) -> TransferView:
    """Take a transfer back of which nothing is on the way (`TakenError`, `NotFoundError`)."""
    row, moved = _open_one(session, person.tenant, name)
    if moved.taken > moved.put:
        raise TakenError(
            f"expected nothing on the way, found {moved.taken - moved.put} of {row.part}: close it instead"
        )
    return _end(session, person, (row, moved), "withdrawn", note=note, now_ms=now_ms)


def close(session: Session, person: SignedIn, name: str, note: str, now_ms: int) -> TransferView:
    """Say that it is over although another quantity came than was asked for (`TakenError`, `NotFoundError`)."""
    row, moved = _open_one(session, person.tenant, name)
    return _end(session, person, (row, moved), "arrived", note=note, now_ms=now_ms)


def _end(
    session: Session, person: SignedIn, of: tuple[Transfer, _Moved], how: str, *, note: str, now_ms: int
) -> TransferView:
    row, moved = of
    if len(note) > NOTE_CHARACTERS_MAX or "\0" in note:
        raise RefusedError(f"expected a note of at most {NOTE_CHARACTERS_MAX} characters, found {len(note)}")
    row.ended_ms, row.how = now_ms, how
    row.note = note.strip() or row.note
    session.add(row)
    session.flush()
    record(
        session, person, now_ms, action=f"transfer.{how}", target=f"transfer {row.id}", before=_said(row), after=note
    )
    return _views(session, person.tenant, [row], {row.id: moved})[0]


def _open_one(session: Session, tenant: TenantId, name: str) -> tuple[Transfer, _Moved]:
    row = session.exec(tenant_rows(tenant, Transfer).where(col(Transfer.id) == name).with_for_update()).one_or_none()
    if row is None:
        raise NotFoundError(f"expected a transfer of yours, found {name!r}")
    if row.ended_ms:
        raise TakenError(f"expected a transfer that goes on, found it {row.how}")
    return row, _follow(session, tenant, [row])[row.id]


def transfers(
    session: Session, tenant: TenantId, *, open_only: bool = False, cursor: str = "", limit: int = 50
) -> list[TransferView]:
    """The dealer's transfers, the last proposed first; `open_only`: those that have not arrived."""
    rows = tenant_rows(tenant, Transfer)
    if open_only:
        rows = rows.where(col(Transfer.ended_ms) == 0)
    if cursor:
        rows = rows.where(_behind(session, tenant, cursor))
    newest = rows.order_by(col(Transfer.made_ms).desc(), col(Transfer.id).desc()).limit(limit)
    found = session.exec(newest).all()
    views = _views(session, tenant, found, _follow(session, tenant, found))
    return [view for view in views if not open_only or view.state != "arrived"]


def on_the_way(session: Session, tenant: TenantId, part: str) -> list[TransferView]:
    """The transfers of a part of which something has left and not yet come."""
    rows = tenant_rows(tenant, Transfer).where(col(Transfer.part) == part, col(Transfer.ended_ms) == 0)
    found = session.exec(rows.order_by(col(Transfer.made_ms)).limit(OPEN_MAX)).all()
    views = _views(session, tenant, found, _follow(session, tenant, found))
    return [view for view in views if view.on_the_way]


def _behind(session: Session, tenant: TenantId, cursor: str) -> ColumnElement[bool]:
    own = tenant_rows(tenant, Transfer).where(col(Transfer.id) == cursor)
    made_ms, name = col(Transfer.made_ms), col(Transfer.id)
    then_ms = session.scalar(own.with_only_columns(made_ms))
    if then_ms is None:
        raise NotFoundError(f"expected a transfer of this list as cursor, found {cursor!r}: begin again without one")
    return or_(made_ms < then_ms, and_(made_ms == then_ms, name < cursor))


# ---- following the restocker ----


def _follow(session: Session, tenant: TenantId, wanted: Sequence[Transfer]) -> dict[str, _Moved]:
    """How much of each has left and come, by the movements at its two bins since it was proposed.

    Every transfer of the same bins takes part, so that no piece is counted for two.
    """
    if not wanted:
        return {}
    rows = _neighbours(session, tenant, wanted)
    changes = _changes(session, tenant, rows)
    moved = {row.id: _Moved() for row in rows}
    for row in rows:  # the oldest first
        _take(row, moved[row.id], changes.get((row.from_shop, bin_account(row.from_cabinet, row.from_bin), row.part)))
    for row in rows:
        _put(row, moved[row.id], changes.get((row.to_shop, bin_account(row.to_cabinet, row.to_bin), row.part)))
    return moved


def _neighbours(session: Session, tenant: TenantId, wanted: Sequence[Transfer]) -> list[Transfer]:
    """All transfers of the same parts that can have moved the same pieces, the oldest first."""
    oldest_ms = min(row.made_ms for row in wanted)
    parts = sorted({row.part for row in wanted})
    rows = tenant_rows(tenant, Transfer).where(
        col(Transfer.part).in_(parts),
        or_(col(Transfer.ended_ms) == 0, col(Transfer.ended_ms) >= oldest_ms, col(Transfer.made_ms) >= oldest_ms),
    )
    return list(session.exec(rows.order_by(col(Transfer.made_ms), col(Transfer.id))))


_Change = list[int]  # when, and how much of it nobody has claimed yet: more is positive


def _changes(session: Session, tenant: TenantId, rows: Iterable[Transfer]) -> dict[tuple[str, str, str], list[_Change]]:
    """What restockers' movements changed, by (shop, account, part), in order."""
    since_ms: dict[tuple[str, str, str], int] = {}
    for row in rows:
        for shop, cabinet, number in (
            (row.from_shop, row.from_cabinet, row.from_bin),
            (row.to_shop, row.to_cabinet, row.to_bin),
        ):
            key = shop, bin_account(cabinet, number), row.part
            since_ms[key] = min(since_ms.get(key, row.made_ms), row.made_ms)
    found: dict[tuple[str, str, str], list[_Change]] = defaultdict(list)
    for (shop, account, part), then_ms in since_ms.items():
        lines = movement_lines(tenant).where(
            col(Movement.shop_id) == shop,
            col(Movement.occurred_ms) >= then_ms,
            col(Movement.cause).in_(CARRIED),
            col(Posting.account) == account,
            col(Posting.part) == part,
        )
        ordered = lines.order_by(col(Movement.occurred_ms), col(Movement.id))
        for occurred_ms, quantity in session.execute(
            ordered.with_only_columns(col(Movement.occurred_ms), col(Posting.quantity))
        ):
            found[shop, account, part].append([occurred_ms, quantity])
    return found


def _take(row: Transfer, moved: _Moved, changes: list[_Change] | None) -> None:
    for change in changes or ():
        if change[1] < 0 and row.made_ms <= change[0] and moved.taken < row.quantity and not _is_over(row, change[0]):
            part = min(-change[1], row.quantity - moved.taken)
            change[1] += part
            moved.taken += part
            moved.taken_ms = moved.taken_ms or change[0]


def _put(row: Transfer, moved: _Moved, changes: list[_Change] | None) -> None:
    """Never more than was taken: what comes beyond that came from the store."""
    for change in changes or ():
        if change[1] > 0 and moved.taken_ms and moved.taken_ms <= change[0] and not _is_over(row, change[0]):
            part = min(change[1], moved.taken - moved.put)
            change[1] -= part
            moved.put += part


def _is_over(row: Transfer, at_ms: int) -> bool:
    return bool(row.ended_ms) and at_ms > row.ended_ms


# ---- as it is shown ----


def _views(
    session: Session, tenant: TenantId, rows: Sequence[Transfer], moved: dict[str, _Moved]
) -> list[TransferView]:
    shops = sorted({shop for row in rows for shop in (row.from_shop, row.to_shop)})
    named = tenant_rows(tenant, Shop).where(col(Shop.id).in_(shops))
    names = {row.id: row.name for row in session.exec(named)} if rows else {}
    known = {shop: plans(session, tenant, shop).get(shop, ShopPlan(None)) for shop in shops}
    return [_view(row, moved[row.id], names, known[row.to_shop]) for row in rows]


def _view(row: Transfer, moved: _Moved, names: dict[str, str], plan: ShopPlan) -> TransferView:
    has_come = moved.put >= row.quantity
    state: Any = row.how or ("arrived" if has_come else "on_the_way" if moved.taken else "proposed")
    return TransferView(
        id=row.id,
        part=plan.part_name(row.part),
        quantity=row.quantity,
        source=End(shop=row.from_shop, cabinet=row.from_cabinet, bin=row.from_bin),
        target=End(shop=row.to_shop, cabinet=row.to_cabinet, bin=row.to_bin),
        source_shop_name=names.get(row.from_shop, row.from_shop),
        target_shop_name=names.get(row.to_shop, row.to_shop),
        state=state,
        taken=moved.taken,
        put=moved.put,
        on_the_way=0 if row.ended_ms else moved.taken - moved.put,
        made_by=row.made_by,
        made_ms=row.made_ms,
        ended_ms=row.ended_ms or None,
        note=row.note,
    )
