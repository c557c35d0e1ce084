"""What can be imported: for each kind its columns, by which names they are found, and how their cells are read.

Pure tables. A column's first two names are those that an export writes, so that what is exported is read back.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from cloud.catalogue.imports import fields
from cloud.catalogue.imports.fields import INT_MAX, Reader
from page_kit.language import Language

Kind = Literal["parts", "references", "fitment", "prices", "models", "vehicles"]
Measure = Literal["", "mass", "money"]


@dataclass(frozen=True)
class Column:
    """A column of a kind. `names`: Chinese, English, and what else it is called. `default`: of a line that is new.

    `once`: where the file lacks it, a person says it for all lines.
    """

    key: str
    names: tuple[str, ...]
    read: Reader
    required: bool = False
    default: object = ""
    measure: Measure = ""
    is_number: bool = False  # written with a decimal mark
    once: bool = False

    def name(self, language: Language) -> str:
        """What people call it."""
        return self.names[0] if language == "zh" else self.names[1]

    def shown(self, value: Any) -> str:
        """A value as people read it, with its unit."""
        if value is None or value == "":
            return ""
        if self.measure == "mass":
            return f"{decimal(value, 1000)} g"
        if self.measure == "money":
            return f"{value // 100}.{value % 100:02d}"
        if self.key == "tax_ppm":
            return f"{decimal(value, 10_000)} %"
        return ("–", "✓")[value] if isinstance(value, bool) else str(value)


def decimal(value: int, scale: int) -> str:
    """A number of smaller units as one of larger ones; never with three decimals, which could be thousands."""
    whole, rest = divmod(value, scale)
    digits = f"{rest:0{len(str(scale)) - 1}d}".rstrip("0")
    return f"{whole}.{digits}{'0' if len(digits) == 3 else ''}" if digits else str(whole)


@dataclass(frozen=True)
class Shape:
    """One kind: its columns, and what makes a line the same as another."""

    kind: Kind
    names: tuple[str, str]
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    def column(self, key: str) -> Column:
        """A column by its key."""
        return next(column for column in self.columns if column.key == key)

    def name(self, language: Language) -> str:
        """What people call it."""
        return self.names[0] if language == "zh" else self.names[1]


_TEXT = fields.text()
_YEAR = fields.integer(1900, 2100)
_PART = Column(
    "part",
    (
        "配件编号",
        "Part number",
        "编号",
        "零件号",
        "配件号",
        "part",
        "part no",
        "partnumber",
        "sku",
        "part_number",
        "件号",
    ),
    fields.part_number("part"),
    required=True,
)
_MAKE = Column("make", ("品牌车系", "Make", "厂牌", "车辆品牌", "主机厂", "品牌"), _TEXT)
_MODEL = Column("model", ("车型", "Model", "车系", "vehicle model"), _TEXT)
_ENGINE = Column("engine", ("发动机", "Engine", "发动机型号", "engine code"), _TEXT)
_FROM_YEAR = Column(
    "from_year",
    ("起始年", "From year", "年款起", "year from", "start year", "from", "起"),
    _YEAR,
    default=0,
    is_number=True,
)
_TO_YEAR = Column(
    "to_year", ("截止年", "To year", "年款止", "year to", "end year", "to", "止"), _YEAR, default=0, is_number=True
)

PARTS: Final = Shape(
    "parts",
    ("配件", "Parts"),
    (
        Column("number", _PART.names, fields.part_number("number"), required=True),
        Column(
            "name_zh",
            ("中文名称", "Chinese name", "名称", "品名", "配件名称", "产品名称", "中文名", "中文品名", "name zh"),
            _TEXT,
        ),
        Column(
            "name_en",
            ("英文名称", "English name", "英文名", "英文品名", "name", "description", "name en", "part name"),
            _TEXT,
        ),
        Column("brand", ("品牌", "Brand", "厂家", "manufacturer"), _TEXT),
        Column("category", ("类别", "Category", "分类", "大类"), fields.one_of(fields.CATEGORY_WORDS, "a_category")),
        Column(
            "unit", ("单位", "Unit", "计量单位", "uom"), fields.one_of(fields.UNIT_WORDS, "a_unit"), default="piece"
        ),
        Column(
            "unit_mass_mg",
            ("单件质量", "Unit mass", "单重", "重量", "克重", "净重", "weight", "net weight", "unit weight", "mass"),
            fields.mass,
            default=0,
            measure="mass",
            is_number=True,
        ),
        Column(
            "spread_mg",
            ("质量偏差", "Mass spread", "标准差", "重量偏差", "spread", "std", "deviation"),
            fields.mass,
            default=0,
            measure="mass",
            is_number=True,
        ),
        Column(
            "pack_size",
            ("包装数", "Pack size", "每包数量", "包装数量", "装箱数", "pack", "moq"),
            fields.integer(1, 1_000_000),
            default=1,
            is_number=True,
        ),
        Column("gtin", ("条码", "GTIN", "商品条码", "ean", "upc", "barcode"), fields.gtin),
        Column("image", ("图片", "Image", "图片地址", "picture", "image url", "photo"), fields.address),
        Column(
            "superseded_by",
            ("替代为", "Superseded by", "新编号", "替代件", "replaced by", "supersession"),
            fields.part_number("superseded_by"),
        ),
        Column("withdrawn", ("停用", "Withdrawn", "停售", "discontinued"), fields.flag, default=False),
        Column(
            "shelf_life_days",
            ("保质期(天)", "Shelf life (days)", "保质期", "shelf life", "shelf life days"),
            fields.integer(0, 36_500),
            default=0,
            is_number=True,
        ),
    ),
    key=("number",),
)
REFERENCES: Final = Shape(
    "references",
    ("对照号", "Cross-references"),
    (
        _PART,
        Column(
            "kind",
            ("种类", "Kind", "类型", "type", "reference type"),
            fields.one_of(fields.REFERENCE_WORDS, "a_reference_kind"),
        ),
        Column("brand", ("对照品牌", "Reference brand", "品牌", "brand", "oem brand", "厂家"), _TEXT),
        Column(
            "number",
            (
                *("对照号", "Reference number", "oe号", "oem号", "oe", "oe number", "oem number", "原厂号", "竞品号"),
                *("competitor number", "cross reference", "reference", "旧号", "交叉号"),
            ),
            fields.part_number("number"),
            required=True,
        ),
    ),
    key=("part", "kind", "brand", "number"),
)
FITMENT: Final = Shape(
    "fitment",
    ("适用车型", "Fitment"),
    (
        _PART,
        _MAKE,
        _MODEL,
        _ENGINE,
        _FROM_YEAR,
        _TO_YEAR,
        Column(
            "base_vehicle",
            ("BaseVehicle", "Base vehicle", "basevehicleid", "base vehicle id"),
            fields.integer(0, INT_MAX),
            default=0,
            is_number=True,
        ),
        Column("position", ("位置", "Position", "安装位置"), _TEXT),
        Column(
            "quantity",
            ("每车用量", "Quantity per vehicle", "用量", "数量", "qty", "quantity"),
            fields.integer(0, 10_000),
            default=0,
            is_number=True,
        ),
        Column("note", ("备注", "Note", "说明", "notes", "remark"), _TEXT),
    ),
    key=("part", "make", "model", "engine", "from_year", "to_year", "base_vehicle", "position", "quantity", "note"),
)
ACES: Final = Shape(  # fitment as an ACES file has it: an application is added or deleted
    "fitment",
    ("ACES 适用车型", "ACES fitment"),
    (
        Column(
            "action", ("动作", "Action"), fields.one_of({"a": "add", "d": "delete"}, "action_a_or_d"), required=True
        ),
        *FITMENT.columns,
    ),
    key=FITMENT.key,
)
PRICES: Final = Shape(
    "prices",
    ("价格", "Prices"),
    (
        _PART,
        Column("shop_id", ("店铺", "Shop", "门店", "shop id"), fields.shop),
        Column(
            "from_day",
            ("生效日期", "From day", "生效", "日期", "from", "valid from", "date", "effective date"),
            fields.day,
            required=True,
            once=True,
        ),
        Column(
            "price_minor",
            ("单价", "Price", "价格", "未税单价", "不含税单价", "unit price", "net price", "售价"),
            fields.money,
            required=True,
            default=0,
            measure="money",
            is_number=True,
        ),
        Column("currency", ("币种", "Currency", "货币"), fields.currency, default="CNY"),
        Column(
            "tax_ppm",
            ("税率", "Tax rate", "税率%", "增值税率", "tax", "vat", "tax %", "tax rate %"),
            fields.tax,
            default=0,
            is_number=True,
        ),
    ),
    key=("part", "shop_id", "from_day"),
)
MODELS: Final = Shape(
    "models",
    ("VIN 车型表", "VIN models"),
    (
        Column("wmi", ("WMI", "WMI code", "vin前三位", "wmi"), fields.wmi, required=True),
        Column("pattern", ("VIN 特征", "VIN pattern", "特征", "pattern", "vds"), fields.vin_pattern),
        Column("make", _MAKE.names, _TEXT, required=True),
        _MODEL,
        _ENGINE,
        _FROM_YEAR,
        _TO_YEAR,
    ),
    key=("wmi", "pattern", "make", "model", "engine", "from_year", "to_year"),
)
VEHICLES: Final = Shape(
    "vehicles",
    ("车辆", "Vehicles"),
    (
        Column("shop_id", ("店铺", "Shop", "门店", "shop id"), fields.shop),
        Column(
            "plate",
            ("车牌", "Plate", "车牌号", "号牌", "license plate", "licence plate", "registration"),
            fields.text(40),
        ),
        Column("vin", ("VIN", "VIN number", "车架号", "vin码", "chassis number"), fields.vin),
        _MAKE,
        _MODEL,
        _ENGINE,
        Column("year", ("年款", "Year", "年份", "model year"), _YEAR, default=0, is_number=True),
        Column("owner", ("车主", "Owner", "客户", "单位名称", "customer"), fields.text(200)),
        Column("note", ("备注", "Note", "说明", "remark"), _TEXT),
    ),
    key=("shop_id", "vin", "plate"),
)
SHAPES: Final[Mapping[str, Shape]] = {
    shape.kind: shape for shape in (PARTS, REFERENCES, FITMENT, PRICES, MODELS, VEHICLES)
}


def plain_header(header: str) -> str:
    """A header as it is compared: narrow, in small letters, without units in brackets, blanks, and marks."""
    plain = unicodedata.normalize("NFKC", header).lower().removeprefix("\ufeff").replace("*", "")
    shorter = re.sub(r"[(\[【][^)\]】]*[)\]】]", "", plain) or plain
    return re.sub(r"[\s_\-./:：#%]", "", shorter)


def columns_of(shape: Shape, headers: tuple[str, ...]) -> dict[int, str]:
    """Which column of a file is which of a kind, by its name; a name that comes first in the table goes first."""
    plain = [plain_header(header) for header in headers]
    found: dict[int, str] = {}
    for rank in range(max(len(column.names) for column in shape.columns)):
        for column in shape.columns:
            if rank < len(column.names) and column.key not in found.values():
                name = plain_header(column.names[rank])
                place = next((at for at, header in enumerate(plain) if header == name and at not in found), None)
                if place is not None:
                    found[place] = column.key
    return dict(sorted(found.items()))


def kind_of(headers: tuple[str, ...]) -> tuple[str, int]:
    """The kind that a file's headers speak for, and how many of them; ("", 0) when none has what it needs."""
    best = ("", 0)
    for shape in SHAPES.values():
        found = set(columns_of(shape, headers).values())
        needed = all(column.key in found for column in shape.columns if column.required and not column.once)
        if needed and _is_enough(shape, found) and len(found) > best[1]:
            best = (shape.kind, len(found))
    return best


def _is_enough(shape: Shape, found: set[str]) -> bool:
    if shape.kind == "fitment":
        return bool(found & {"make", "model", "engine", "base_vehicle"})
    return shape.kind != "vehicles" or bool(found & {"plate", "vin"})
