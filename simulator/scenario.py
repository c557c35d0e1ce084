"""The demo's world as data: a truck workshop, its cabinets, parts and people. Pure.

Masses are milligrams of one piece as sold; the spread is the standard deviation between pieces. What people
believe about a part (the shop's document) and what a piece really weighs (drawn here) are kept apart.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any


@dataclass(frozen=True, slots=True)
class ScenarioPart:
    """A part: `stock` pieces (or grams) fill its bin, at `reorder` it is brought again."""

    number: str
    name_zh: str
    name_en: str
    mass_mg: int
    spread_mg: int
    stock: int
    reorder: int
    pack: int = 1
    price_minor: int = 0
    unit: str = "piece"


PARTS = (
    ScenarioPart("OF-1012", "机油滤清器", "Oil filter", 612_000, 2_400, 14, 4, 2, 6800),
    ScenarioPart("FF-2040", "燃油滤清器", "Fuel filter", 438_000, 1_700, 16, 5, 2, 8200),
    ScenarioPart("AF-3300", "空调滤清器", "Cabin air filter", 186_000, 900, 20, 6, 4, 4500),
    ScenarioPart("WS-0450", "油水分离器", "Water separator", 724_000, 2_600, 10, 3, 1, 12800),
    ScenarioPart("VB-1225", "多楔带", "V-ribbed belt", 294_000, 1_100, 18, 5, 3, 9600),
    ScenarioPart("BP-2913", "刹车片", "Brake pad", 1_215_000, 4_000, 7, 2, 2, 23800),
    ScenarioPart("BS-0077", "制动灯开关", "Brake light switch", 58_000, 250, 30, 8, 5, 3600),
    ScenarioPart("LB-2421", "24V 灯泡 H7", "24 V bulb H7", 21_500, 90, 60, 16, 10, 1800),
    ScenarioPart("LB-2405", "24V 尾灯灯泡", "24 V tail bulb", 15_200, 70, 80, 20, 10, 500),
    ScenarioPart("FU-0020", "保险丝 20A", "Blade fuse 20 A", 15_000, 60, 90, 25, 10, 120),
    ScenarioPart("WB-0600", "雨刮片 600 mm", "Wiper blade 600 mm", 254_000, 1_000, 20, 6, 2, 5400),
    ScenarioPart("TH-0083", "节温器 83 °C", "Thermostat 83 °C", 162_000, 600, 15, 4, 1, 7900),
    ScenarioPart("GK-0004", "气门室盖垫", "Valve cover gasket", 92_000, 500, 22, 6, 2, 6100),
    ScenarioPart("HC-0032", "卡箍 32 mm", "Hose clamp 32 mm", 24_600, 110, 70, 20, 10, 240),
    ScenarioPart("AH-0012", "气管接头 12 mm", "Air-line fitting 12 mm", 47_800, 200, 40, 10, 5, 1500),
    ScenarioPart("RB-0060", "轮毂轴承", "Wheel bearing", 1_046_000, 3_000, 8, 2, 1, 31500),
    ScenarioPart("CL-1000", "冷却液 1 L", "Coolant 1 l", 1_148_000, 3_500, 7, 2, 4, 3900),
    ScenarioPart("SP-0014", "火花塞", "Spark plug", 49_300, 220, 40, 12, 4, 2900),
    ScenarioPart("RL-0024", "24V 继电器", "24 V relay", 33_700, 140, 48, 12, 6, 2200),
    ScenarioPart("SE-0101", "轮速传感器", "Wheel-speed sensor", 138_000, 500, 16, 4, 1, 16500),
    ScenarioPart("BT-M800", "M8 螺栓（散装）", "M8 bolts, loose", 0, 0, 6000, 1800, 1000, 4, "gram"),
    ScenarioPart("BT-M100", "M10 螺母（散装）", "M10 nuts, loose", 0, 0, 5000, 1500, 1000, 4, "gram"),
)

LAYOUT = {  # which part stands in which bin: 22 parts in 2 cabinets of 12 bins, two of them twice
    "cab-1": ("OF-1012", "FF-2040", "AF-3300", "WS-0450", "VB-1225", "BP-2913",
              "BS-0077", "LB-2421", "LB-2405", "FU-0020", "WB-0600", "BT-M800"),
    "cab-2": ("TH-0083", "GK-0004", "HC-0032", "AH-0012", "RB-0060", "CL-1000",
              "SP-0014", "RL-0024", "SE-0101", "OF-1012", "LB-2421", "BT-M100"),
}  # fmt: skip

SHARED: Mapping[
    str, Mapping[int, tuple[str, ...]]
] = {  # which parts lie in a bin beside its first, where parts share bins: they weigh apart
    "cab-1": {7: ("TH-0083",), 11: ("SE-0101",)},
    "cab-2": {4: ("BS-0077",)},
}

CABINET_NAMES = {"cab-1": ("一号柜", "Cabinet 1"), "cab-2": ("二号柜", "Cabinet 2")}

Layout = Mapping[str, tuple[str, ...]]  # cabinet -> the part of each of its bins
Shared = Mapping[str, Mapping[int, tuple[str, ...]]]  # cabinet -> bin -> the parts beside its first
NOT_SHARED: Shared = {}

PEOPLE = (
    ("p-li", "李雷", "mechanic", "04A1B2C3"),
    ("p-han", "韩梅梅", "mechanic", "04D4E5F6A7B8C9"),
    ("p-wang", "王师傅", "mechanic", "1B2C3D4E"),
    ("p-zhao", "赵老板", "shop_owner", "5F60718293A4B5"),
    ("p-chen", "陈送货", "restocker", "C0FFEE01"),
)
UNKNOWN_BADGE = "DEADBEEF"

JOBS = (
    ("job-2101", "二级维护", "鲁B·D3K51", "LZZ5CLVB8KA512345"),
    ("job-2102", "更换刹车片", "鲁B·7Q208", "LFWSRXSJ5K1E20417"),
    ("job-2103", "空调不制冷", "冀A·88T6M", "LZGJLNR48JX044021"),
    ("job-2104", "灯光检修", "鲁U·5N990", ""),
)

DEALER = ("dealer-qd", "青岛重卡配件")
DEALER_USER = {"email": "dealer@example.com", "password": "partsbay-demo", "name": "孙经理"}
SHOP = ("shop-1", "港城卡车维修")
OTHER_USERS: list[dict[str, object]] = [  # what else people are to a dealer; the same password, which is no secret
    {"email": "restocker@example.com", "password": "partsbay-demo", "name": "小周", "role": "restocker"},
    {
        "email": "owner@example.com",
        "password": "partsbay-demo",
        "name": "港城老板",
        "role": "shop_owner",
        "shops": ["shop-1"],
    },
]


def part(number: str) -> ScenarioPart:
    """The part of that number (`KeyError` when there is none)."""
    return {p.number: p for p in PARTS}[number]


def piece_mg(random: Random, of: ScenarioPart) -> int:
    """What one piece really weighs."""
    return max(1, round(random.gauss(of.mass_mg, of.spread_mg)))


def layout_of(cabinets: int) -> dict[str, tuple[str, ...]]:
    """`cabinets` cabinets, filled as those of the demo in turn: cab-1, cab-2, cab-3 as cab-1 is …"""
    rows = tuple(LAYOUT.values())
    return {f"cab-{at + 1}": rows[at % len(rows)] for at in range(cabinets)}


def shared_of(cabinets: int) -> Shared:
    """Which parts share bins in `cabinets` cabinets laid out by `layout_of`."""
    rows: tuple[Mapping[int, tuple[str, ...]], ...] = tuple(SHARED.values())
    return {f"cab-{at + 1}": rows[at % len(rows)] for at in range(cabinets)}


def parts_of(layout: Layout, shared: Shared, cabinet: str) -> dict[int, tuple[ScenarioPart, ...]]:
    """Every part of every bin of a cabinet, the bin's first in front."""
    beside = shared.get(cabinet, {})
    return {
        at: tuple(part(number) for number in (first, *beside.get(at, ())))
        for at, first in enumerate(layout[cabinet], start=1)
    }


def document(layout: Layout = LAYOUT, shared: Shared = NOT_SHARED) -> dict[str, Any]:
    """The shop's document as the dealer would have made it."""
    return {
        "version": 1,
        "shop": SHOP[0],
        "shop_name": SHOP[1],
        "dealer": DEALER[0],
        "dealer_name": DEALER[1],
        "parts": [_part_entry(p) for p in PARTS],
        "cabinets": [_cabinet_entry(cabinet, parts_of(layout, shared, cabinet)) for cabinet in layout],
        "people": [{"id": i, "name": name, "role": role, "badges": [badge]} for i, name, role, badge in PEOPLE],
        "jobs": [{"id": i, "title": title, "plate": plate, "vin": vin} for i, title, plate, vin in JOBS],
    }


def _part_entry(p: ScenarioPart) -> dict[str, Any]:
    return {
        "number": p.number,
        "name_zh": p.name_zh,
        "name_en": p.name_en,
        "unit": p.unit,
        "unit_mass_mg": p.mass_mg,
        "spread_mg": p.spread_mg,
        "pack_size": p.pack,
        "price_minor": p.price_minor,
    }


def _cabinet_entry(cabinet: str, bins: Mapping[int, tuple[ScenarioPart, ...]]) -> dict[str, Any]:
    number = cabinet.rpartition("-")[2]
    name_zh, name_en = CABINET_NAMES.get(cabinet, (f"{number} 号柜", f"Cabinet {number}"))
    return {
        "id": cabinet,
        "name_zh": name_zh,
        "name_en": name_en,
        "bins": [_bin_entry(at, parts) for at, parts in bins.items()],
    }


def _bin_entry(at: int, parts: tuple[ScenarioPart, ...]) -> dict[str, Any]:
    first, *others = (_placed_entry(p) for p in parts)
    return {"bin": at, "dealer": DEALER[0], **first, "also": others}


def _placed_entry(p: ScenarioPart) -> dict[str, Any]:
    return {
        "part": p.number,
        "capacity": p.stock,
        "reorder_point": p.reorder,
        "order_up_to": p.stock,
        "dead_band": 20 if p.unit == "gram" else 0,
        "opening": p.stock,
    }
