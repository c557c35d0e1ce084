"""What to buy from whom, how many, and when at the latest: the store against what all shops will ask for.

Until the order after this one can arrive (`lead_days` and `REVIEW_DAYS`) the store must fill what the bins lack now and
what the forecasts expect, with `SURE` standard deviations on top (nine times of ten that is enough: the sum over many
bins is close to normal). It has what lies there and what is on order, less what accepted visits will load. When that
is less, the difference is bought in whole order packs, at the latest on the day on which it still comes in time.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil, sqrt

from sqlmodel import Session, col

from cloud.audit import record
from cloud.identity import SignedIn
from cloud.people.rules import RefusedError
from cloud.replenishment.outlook import outlooks
from cloud.replenishment.visits import store
from cloud.replenishment.visits.gathering import open_visits, store_left
from cloud.replenishment.visits.showing import today_of
from cloud.replenishment.visits.views import PurchaseView, StoreView
from cloud.tables import DealerStock, VisitLine
from cloud.tenancy import TenantId, tenant_rows
from cloud.views import PartName
from cloud.work.vehicle_file import safe_cell

REVIEW_DAYS = 7
SURE = 1.2816  # the normal distribution's 90 % point
DAYS_LEFT_MAX = 365


@dataclass
class _Asked:
    """What all shops ask of a part: what bins lack now, and the demand of a day."""

    lacking: int = 0
    mean: float = 0.0
    own: float = 0.0
    shared: float = 0.0

    def until(self, days: float) -> float:
        """What the store must be able to give in so many days."""
        return self.lacking + self.mean * days + self.spare(days)

    def spare(self, days: float) -> float:
        """What of it is there for more demand than is expected."""
        return SURE * sqrt(self.own * days + self.shared * days * days)


@dataclass(frozen=True)
class Line:
    """So much of a part was ordered, or came."""

    part: str
    quantity: int


def purchases(session: Session, tenant: TenantId, now_ms: int, supplier: str = "") -> list[PurchaseView]:
    """What to buy now, by supplier, the most urgent first; only parts that the store keeps are known."""
    today = today_of(session, tenant, now_ms)
    left = store_left(session, tenant)
    asked = _asked(session, tenant, now_ms)
    rows = tenant_rows(tenant, DealerStock)
    if supplier:
        rows = rows.where(col(DealerStock.supplier) == supplier)
    found = list(session.exec(rows))
    names = store.part_names(session, tenant, [row.part for row in found])
    wanted = [(row, asked.get(row.part, _Asked()), left[row.part]) for row in found]
    made = [
        _view(row, names[row.part], (of, there), today) for row, of, there in wanted if quantity(row, of, there) > 0
    ]
    return sorted(made, key=lambda each: (each.supplier, each.order_by, each.part.number))


def quantity(row: DealerStock, asked: _Asked, left: int) -> int:
    """How many to buy, in whole order packs; 0 when there is enough. `left`: on hand less what visits will load."""
    lacking = asked.until(row.lead_days + REVIEW_DAYS) - left - row.on_order
    pack = max(1, row.order_pack)
    return ceil(lacking / pack) * pack if lacking > 0 else 0


def _view(row: DealerStock, name: PartName, needs: tuple[_Asked, int], today: date) -> PurchaseView:
    asked, left = needs
    there = left + row.on_order - asked.lacking
    days_left = max(0.0, there / asked.mean) if asked.mean > 0 else DAYS_LEFT_MAX if there >= 0 else 0.0
    wait_days = max(0, int(days_left) - row.lead_days)
    return PurchaseView(
        part=name,
        supplier=row.supplier,
        quantity=quantity(row, asked, left),
        order_pack=row.order_pack,
        on_hand=row.on_hand,
        on_order=row.on_order,
        on_visits=row.on_hand - left,
        shops_ask=asked.lacking,
        demand=round(asked.mean * (row.lead_days + REVIEW_DAYS), 1),
        spare=round(asked.spare(row.lead_days + REVIEW_DAYS), 1),
        days_left=round(days_left, 1) if days_left < DAYS_LEFT_MAX else None,
        order_by=(today + timedelta(days=min(wait_days, REVIEW_DAYS))).isoformat(),
        lead_days=row.lead_days,
    )


def _asked(session: Session, tenant: TenantId, now_ms: int) -> dict[str, _Asked]:
    incoming: dict[tuple[str, str, int, str], int] = defaultdict(int)
    ids = [visit.id for visit in open_visits(session, tenant)]
    rows = tenant_rows(tenant, VisitLine).where(
        col(VisitLine.visit).in_(ids),
        col(VisitLine.counted).is_(None),
        col(VisitLine.left_out) == "",
        col(VisitLine.settled_ms) == 0,
    )
    for line in session.exec(rows) if ids else ():
        place = line.shop_id, line.cabinet, line.bin, line.part
        incoming[place] += line.quantity if line.loaded is None else line.loaded
    found: dict[str, _Asked] = defaultdict(_Asked)
    for each in outlooks(session, tenant.dealer, now_ms):
        of = found[each.part]
        held = each.surely + incoming.get((each.shop, each.cabinet, each.bin, each.part), 0)
        of.lacking += max(0, each.order_up_to - held)
        of.mean += each.demand.mean
        of.own += each.demand.own
        of.shared += each.demand.shared
    return found


def ordered(session: Session, person: SignedIn, lines: Sequence[Line], now_ms: int) -> list[StoreView]:
    """These were ordered: they are on order from now on (`NotFoundError`, `RefusedError`)."""
    return [_move(session, person, line, "ordered", now_ms) for line in _checked(lines)]


def received(session: Session, person: SignedIn, lines: Sequence[Line], now_ms: int) -> list[StoreView]:
    """These came: on hand, and no more on order (`NotFoundError`, `RefusedError`)."""
    return [_move(session, person, line, "received", now_ms) for line in _checked(lines)]


def _checked(lines: Sequence[Line]) -> Sequence[Line]:
    for line in lines:
        if not 1 <= line.quantity <= store.QUANTITY_MAX:
            raise RefusedError(f"expected 1 to {store.QUANTITY_MAX} of {line.part}, found {line.quantity}")
    return lines


def _move(session: Session, person: SignedIn, line: Line, how: str, now_ms: int) -> StoreView:
    row = store.own_row(session, person.tenant, line.part)
    if how == "ordered":
        row.on_order += line.quantity
    else:
        row.on_order = max(0, row.on_order - line.quantity)
        row.on_hand += line.quantity
    row.changed_ms = now_ms
    session.add(row)
    session.flush()
    record(session, person, now_ms, action=f"purchase.{how}", target=f"store {line.part}", after=str(line.quantity))
    return store.store_view(row, store.part_names(session, person.tenant, [line.part]))


def csv_of(rows: Sequence[PurchaseView]) -> str:
    """What to buy, as a file for suppliers."""
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(("supplier", "part", "name_zh", "name_en", "quantity", "order_pack", "unit", "order_by"))
    for row in rows:
        part = row.part
        words = [safe_cell(each) for each in (row.supplier, part.number, part.name_zh, part.name_en)]
        writer.writerow((*words, row.quantity, row.order_pack, part.unit, row.order_by))
    return out.getvalue()
