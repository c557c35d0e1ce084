"""What is put on a van for a day: by place in the store, and by shop with the last stop first. CSV as well."""

import csv
import io
from collections import defaultdict
from collections.abc import Mapping

from sqlmodel import Session, col

from cloud.replenishment.visits.arranging import own_van
from cloud.replenishment.visits.calendar import day_of_text
from cloud.replenishment.visits.showing import know, van_view, view_of
from cloud.replenishment.visits.stops import stop_of
from cloud.replenishment.visits.values import heaviest_g
from cloud.replenishment.visits.views import LineView, PickingView, PickLine, PickView, VisitView
from cloud.tables import DealerStock, Visit
from cloud.tenancy import TenantId, tenant_rows
from cloud.work.vehicle_file import safe_cell

CARRIED = ("planned", "loaded", "done")
COLUMNS = ("location", "part", "name_zh", "name_en", "unit", "quantity", "packs", "pack", "stop", "shop", "cabinet",
           "bin", "for_bin", "loaded")  # fmt: skip


def picking(session: Session, tenant: TenantId, van: str, day: str, now_ms: int) -> PickingView:
    """The accepted visits of a van on a day (`NotFoundError`, `RefusedError`)."""
    row, date_ = own_van(session, tenant, van), day_of_text(day).isoformat()
    rows = tenant_rows(tenant, Visit).where(
        col(Visit.van) == van, col(Visit.day) == date_, col(Visit.state).in_(CARRIED)
    )
    visits = list(session.exec(rows.order_by(col(Visit.stop).desc(), col(Visit.id).desc())))
    known = know(session, tenant, visits, now_ms)
    views = [view_of(visit, known) for visit in visits]
    stock = session.exec(tenant_rows(tenant, DealerStock))
    places = {each.part: each.location for each in stock}
    stops = [stop_of(visit, known.lines.get(visit.id, [])) for visit in reversed(visits)]
    return PickingView(
        van=van_view(row),
        day=date_,
        parts=_parts(views, places),
        visits=views,
        kg=round(heaviest_g(stops) / 1000, 1),
        loaded=bool(views) and all(view.state != "planned" for view in views),
    )


def from_store(line: LineView) -> bool:
    """Whether the store gives it: what is taken back or moved from a shop is not picked."""
    return line.quantity > 0 and not line.from_shop and line.state not in {"left_out", "settled"}


def _parts(views: list[VisitView], places: Mapping[str, str]) -> list[PickView]:
    found: dict[str, list[tuple[VisitView, LineView]]] = defaultdict(list)
    for view in views:
        for line in view.lines:
            if from_store(line):
                found[line.part.number].append((view, line))
    made = [_part(rows, places.get(number, "")) for number, rows in found.items()]
    return sorted(made, key=lambda each: (not each.location, each.location, each.part.number))


def _part(rows: list[tuple[VisitView, LineView]], location: str) -> PickView:
    first = rows[0][1]
    quantity = sum(line.quantity for _, line in rows)
    loaded = [line.loaded for _, line in rows]
    return PickView(
        part=first.part,
        location=location,
        quantity=quantity,
        pack=first.pack,
        packs=-(-quantity // first.pack),
        loaded=None if any(each is None for each in loaded) else sum(each or 0 for each in loaded),
        mass_g=sum(line.mass_g for _, line in rows),
        lines=[_pick_line(view, line) for view, line in rows],
    )


def _pick_line(view: VisitView, line: LineView) -> PickLine:
    return PickLine(
        visit=view.id,
        line=line.line,
        stop=view.stop,
        shop_name=view.shop_name,
        cabinet=line.cabinet,
        bin=line.bin,
        quantity=line.quantity,
        loaded=line.loaded,
    )


def csv_of(view: PickingView) -> str:
    """The list as CSV: a row a bin, in the order of the store. Read by spreadsheets as UTF-8 by its first sign."""
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for part in view.parts:
        name = part.part
        about = [safe_cell(each) for each in (part.location, name.number, name.name_zh, name.name_en)]
        for line in part.lines:
            where = (line.stop, safe_cell(line.shop_name), safe_cell(line.cabinet), line.bin)
            loaded = "" if line.loaded is None else line.loaded
            writer.writerow((*about, name.unit, part.quantity, part.packs, part.pack, *where, line.quantity, loaded))
    return out.getvalue()
