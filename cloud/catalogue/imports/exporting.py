"""A dealer's catalogue as files: CSV and XLSX as they are imported, ACES for fitment. What is written reads back.

Reads only. A text that a table program would take for a formula is written behind an apostrophe.
"""

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlmodel import Session, col

from cloud.catalogue.imports.aces import Application, aces_xml
from cloud.catalogue.imports.fields import DANGEROUS
from cloud.catalogue.imports.kinds import SHAPES, Column, Shape, decimal
from cloud.many_rows import read
from cloud.tables import CATEGORIES, Vehicle
from cloud.tenancy import TenantId, tenant_rows
from page_kit.language import Language

ExportFormat = Literal["csv", "xlsx", "xml"]
MEDIA_TYPES: Final[Mapping[str, str]] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xml": "application/xml",
}
_TABLES: Final = {
    "parts": ("part", "number"),
    "references": ("cross_reference", "part, kind, brand, number"),
    "fitment": ("fitment", "part, id"),
    "prices": ("part_price", "part, shop_id, from_day"),
    "models": ("model_pattern", "wmi, pattern, id"),
}
_CATEGORY_NAMES: Final = dict(
    zip(CATEGORIES, ("外观件", "底盘件", "发动机件", "电子电器件", "易损易耗件"), strict=True)
)
_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "category": _CATEGORY_NAMES,
    "unit": {"piece": "件", "gram": "克"},
    "kind": {"oe": "OE", "competitor": "竞品", "old": "旧号"},
}
_UNITS: Final[Mapping[str, tuple[str, str]]] = {"mass": ("(g)", " (g)"), "money": ("(元)", " (yuan)")}


@dataclass(frozen=True, slots=True)
class Export:
    """A file to hand out."""

    data: bytes
    name: str
    media_type: str


def export(session: Session, tenant: TenantId, kind: str, form: ExportFormat, language: Language) -> Export:
    """All rows of one kind as CSV or XLSX."""
    shape = SHAPES[kind]
    header = [_header(column, language) for column in shape.columns]
    rows = (
        [_cell(column, row[at], language) for at, column in enumerate(shape.columns)]
        for row in _rows(session, tenant, shape)
    )
    write: Callable[[list[str], Iterator[list[str]]], bytes] = _xlsx if form == "xlsx" else _csv
    return Export(write(header, rows), f"{kind}.{form}", MEDIA_TYPES[form])


def export_aces(session: Session, tenant: TenantId, company: str, today: str, part_type: int) -> Export:
    """All fitment as an ACES file."""
    shape = SHAPES["fitment"]
    applications = [Application(*row) for row in _rows(session, tenant, shape)]
    data = "".join(aces_xml(applications, company, today, part_type)).encode()
    return Export(data, "fitment.xml", MEDIA_TYPES["xml"])


def _rows(session: Session, tenant: TenantId, shape: Shape) -> Iterator[tuple[Any, ...]]:
    columns = [column.key for column in shape.columns]
    if shape.kind == "vehicles":
        vehicles = tenant_rows(tenant, Vehicle).where(col(Vehicle.merged_into) == "")
        for vehicle in session.exec(vehicles.order_by(col(Vehicle.shop_id), col(Vehicle.id))):
            yield tuple(getattr(vehicle, key) for key in columns)
        return
    table, order = _TABLES[shape.kind]
    statement = f"SELECT {', '.join(columns)} FROM {table} WHERE dealer_id = ? ORDER BY {order}"  # noqa: S608 -- our names
    for row in read(session, statement, tenant.dealer):
        if shape.kind != "prices" or tenant.shops is None or row[columns.index("shop_id")] in {"", *tenant.shops}:
            yield row


def _header(column: Column, language: Language) -> str:
    units = _UNITS.get(column.measure, ("", ""))
    return column.name(language) + units[0 if language == "zh" else 1]


def _cell(column: Column, value: Any, language: Language) -> str:
    """A value as it is read back; what a new line has anyway is left empty."""
    if column.key == "withdrawn":
        return ("是" if language == "zh" else "yes") if value else ""
    if value in {"", 0} or (
        value == column.default and not column.required and column.key not in {"pack_size", "unit"}
    ):
        return "0.00" if column.measure == "money" else ""
    if column.key == "tax_ppm":
        return f"{decimal(value, 10_000)}%"
    if column.measure == "mass":
        return decimal(value, 1000)
    if column.measure == "money":
        return f"{value // 100}.{value % 100:02d}"
    words = _WORDS.get(column.key) if column.key in {"category", "unit"} or column.names[1] == "Kind" else None
    return words.get(value, value) if words and language == "zh" else str(value)


def defused(text: str) -> str:
    """A text that no table program takes for a formula."""
    return f"'{text}" if text.startswith((*DANGEROUS, "\t", "\r")) else text


def _csv(header: list[str], rows: Iterator[list[str]]) -> bytes:
    return csv_bytes([header, *([defused(cell) for cell in row] for row in rows)])


def csv_bytes(rows: list[list[str]]) -> bytes:
    """CSV that Excel opens as it is meant: UTF-8 with its mark, lines ended as there."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def _xlsx(header: list[str], rows: Iterator[list[str]]) -> bytes:
    from openpyxl import Workbook  # noqa: PLC0415 -- slow to import: numpy comes with it
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Partsbay")

    def cell(content: str) -> Any:
        if not content.startswith(DANGEROUS):
            return content or None
        text = WriteOnlyCell(sheet, value=content)
        text.data_type = "s"
        return text

    sheet.append(header)
    for row in rows:
        sheet.append([cell(content) for content in row])
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()
