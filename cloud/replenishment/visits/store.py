"""The dealer's own store: what it holds of each part, who supplies it; typed in, or from a CSV file."""

import csv
import io
from dataclasses import dataclass, fields
from typing import Any

from sqlmodel import Session, col

from cloud.audit import record
from cloud.catalogue.imports.csv_table import delimiter_of
from cloud.identity import SignedIn
from cloud.people.rules import RefusedError
from cloud.replenishment.visits.views import StoreView
from cloud.tables import CataloguePart, DealerStock
from cloud.tenancy import NotFoundError, TenantId, tenant_rows
from cloud.views import PartName
from cloud.work.vehicle_file import safe_cell

QUANTITY_MAX = 10_000_000
LEAD_DAYS_MAX = 365
TEXT_MAX = 120
LINES_MAX = 50_000
FILE_BYTES_MAX = 8_000_000
COLUMNS: dict[str, tuple[str, ...]] = {  # what a column may be called in a file
    "part": ("part", "number", "part number", "配件", "配件号", "编号", "编码"),
    "on_hand": ("on_hand", "on hand", "stock", "quantity", "库存", "现有", "数量"),
    "on_order": ("on_order", "on order", "ordered", "在途", "已订"),
    "supplier": ("supplier", "供应商", "供货商"),
    "lead_days": ("lead_days", "lead days", "lead time", "到货天数", "交期"),
    "order_pack": ("order_pack", "order pack", "pack", "起订包装", "订货包装", "包装"),
    "location": ("location", "place", "库位", "货架"),
}


@dataclass(frozen=True)
class Facts:
    """What is said of a part in the store; None says nothing: what was said before stands."""

    part: str
    on_hand: int | None = None
    on_order: int | None = None
    supplier: str | None = None
    lead_days: int | None = None
    order_pack: int | None = None
    location: str | None = None


def stock(session: Session, tenant: TenantId, *, words: str = "", cursor: str = "", limit: int = 50) -> list[StoreView]:
    """The store by part, behind the part `cursor`; `words`: in the number, the supplier or the place."""
    rows = tenant_rows(tenant, DealerStock)
    if words:
        rows = rows.where(
            col(DealerStock.part).icontains(words, autoescape=True)
            | col(DealerStock.supplier).icontains(words, autoescape=True)
            | col(DealerStock.location).icontains(words, autoescape=True)
        )
    if cursor:
        rows = rows.where(col(DealerStock.part) > cursor)
    found = session.exec(rows.order_by(col(DealerStock.part)).limit(limit)).all()
    names = part_names(session, tenant, [row.part for row in found])
    return [store_view(row, names) for row in found]


def store_view(row: DealerStock, names: dict[str, PartName]) -> StoreView:
    """A row as it is shown."""
    return StoreView(part=names[row.part], **row.model_dump(exclude={"dealer_id", "part"}))


def part_names(session: Session, tenant: TenantId, numbers: list[str]) -> dict[str, PartName]:
    """What parts are called by the dealer's catalogue."""
    rows = tenant_rows(tenant, CataloguePart).where(col(CataloguePart.number).in_(numbers))
    known = {
        row.number: PartName(
            number=row.number, name_zh=row.name_zh, name_en=row.name_en, unit=row.unit, brand=row.brand  # type: ignore[arg-type]
        )
        for row in session.exec(rows)
    }  # fmt: skip
    return {each: known.get(each) or PartName(number=each, name_zh=each, name_en=each) for each in numbers}


def keep(session: Session, person: SignedIn, facts: Facts, now_ms: int) -> StoreView:
    """Say something of a part (`RefusedError`)."""
    row, before = _take_over(session, person.tenant, facts, now_ms)
    target = f"store {facts.part}"
    record(session, person, now_ms, action="store.changed", target=target, before=before, after=_text(row))
    return store_view(row, part_names(session, person.tenant, [row.part]))


def remove(session: Session, person: SignedIn, part: str, now_ms: int) -> None:
    """The store does not keep it any more: nothing is planned by what it has (`NotFoundError`)."""
    row = own_row(session, person.tenant, part)
    record(session, person, now_ms, action="store.removed", target=f"store {part}", before=_text(row))
    session.delete(row)
    session.flush()


def own_row(session: Session, tenant: TenantId, part: str) -> DealerStock:
    """The store's row of a part (`NotFoundError`)."""
    rows = tenant_rows(tenant, DealerStock).where(col(DealerStock.part) == part).with_for_update()
    row = session.exec(rows).one_or_none()
    if row is None:
        raise NotFoundError(f"expected a part that your store keeps, found {part!r}")
    return row


def _take_over(session: Session, tenant: TenantId, facts: Facts, now_ms: int) -> tuple[DealerStock, str]:
    _check(facts)
    rows = tenant_rows(tenant, DealerStock).where(col(DealerStock.part) == facts.part).with_for_update()
    row = session.exec(rows).one_or_none()
    before = _text(row) if row else ""
    row = row or DealerStock(dealer_id=tenant.dealer, part=facts.part, changed_ms=now_ms)
    for name, value in _said(facts).items():
        setattr(row, name, value)
    row.changed_ms = now_ms
    session.add(row)
    session.flush()
    return row, before


def _said(facts: Facts) -> dict[str, Any]:
    return {name: value for name, value in vars(facts).items() if value is not None and name != "part"}


def _check(facts: Facts) -> None:
    if not 1 <= len(facts.part) <= TEXT_MAX or "\0" in facts.part:
        raise RefusedError(f"expected a part's number, found {facts.part[:60]!r}")
    for name, least, most in (
        ("on_hand", -QUANTITY_MAX, QUANTITY_MAX),
        ("on_order", 0, QUANTITY_MAX),
        ("lead_days", 0, LEAD_DAYS_MAX),
        ("order_pack", 1, QUANTITY_MAX),
    ):
        value = getattr(facts, name)
        if value is not None and not least <= value <= most:
            raise RefusedError(f"expected {name} of {least} to {most} for {facts.part}, found {value}")
    for name in ("supplier", "location"):
        text = getattr(facts, name) or ""
        if len(text) > TEXT_MAX or "\0" in text:
            raise RefusedError(f"expected a {name} of at most {TEXT_MAX} characters, found {len(text)}")


def _text(row: DealerStock) -> str:
    return f"{row.on_hand} + {row.on_order} · {row.supplier} · {row.lead_days} d · {row.order_pack} · {row.location}"


# ---- files ----


def take_file(session: Session, person: SignedIn, data: bytes, now_ms: int) -> int:
    """Take a CSV file over, all or nothing; how many parts (`RefusedError` names the line)."""
    found = read_file(data)
    for facts in found:
        _take_over(session, person.tenant, facts, now_ms)
    record(session, person, now_ms, action="store.imported", target="store", after=f"{len(found)} parts")
    return len(found)


def read_file(data: bytes) -> list[Facts]:
    """The lines of a file with a line of column names, in UTF-8 or GB 18030 (`RefusedError`). Pure."""
    if len(data) > FILE_BYTES_MAX:
        raise RefusedError(f"expected a file of at most {FILE_BYTES_MAX} bytes, found {len(data)}")
    text = _decoded(data)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text), strict=True))
    except csv.Error as error:
        raise RefusedError(f"expected a CSV file, found that it breaks off ({error})") from error
    if len(lines) > LINES_MAX:
        raise RefusedError(f"expected at most {LINES_MAX} lines, found {len(lines)}")
    columns = _columns(lines[0] if lines else [])
    made = [_facts(cells, columns, at) for at, cells in enumerate(lines[1:], 2) if any(cell.strip() for cell in cells)]
    seen: set[str] = set()
    for facts in made:
        if facts.part in seen:
            raise RefusedError(f"expected each part once, found {facts.part!r} twice")
        seen.add(facts.part)
    return made


def _decoded(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise RefusedError("expected text in UTF-8 or GB 18030, found something else")


def _columns(head: list[str]) -> dict[str, int]:
    named = {cell.strip().casefold(): at for at, cell in enumerate(head)}
    found = {name: next((named[each] for each in names if each in named), -1) for name, names in COLUMNS.items()}
    if found["part"] < 0:
        raise RefusedError(f"expected a first line with a column named part, found {', '.join(head)[:100]!r}")
    return {name: at for name, at in found.items() if at >= 0}


def _facts(cells: list[str], columns: dict[str, int], line: int) -> Facts:
    said: dict[str, Any] = {}
    for name, at in columns.items():
        cell = cells[at].strip() if at < len(cells) else ""
        if name in {"part", "supplier", "location"}:
            said[name] = cell
        elif cell:
            said[name] = _whole(cell, name, line)
    facts = Facts(**said)
    try:
        _check(facts)
    except RefusedError as error:
        raise RefusedError(f"line {line}: {error}") from error
    return facts


def _whole(cell: str, name: str, line: int) -> int:
    text = cell.replace(",", "").removesuffix(".0")
    if not text.removeprefix("-").isascii() or not text.removeprefix("-").isdecimal() or len(text) > 12:
        raise RefusedError(f"line {line}: expected a whole number as {name}, found {cell[:40]!r}")
    return int(text)


def csv_of(rows: list[StoreView]) -> str:
    """The store as a file that can be taken over again as it is."""
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(each.name for each in fields(Facts))
    for row in rows:
        texts = safe_cell(row.supplier), safe_cell(row.location)
        numbers = (row.on_hand, row.on_order)
        writer.writerow((safe_cell(row.part.number), *numbers, texts[0], row.lead_days, row.order_pack, texts[1]))
    return out.getvalue()
