"""Vehicles that truck shops see: makers, models, engines, and identification numbers with a sound check digit. Pure."""

from random import Random
from typing import NamedTuple


class Model(NamedTuple):
    """A model with the first characters of its VINs."""

    wmi: str
    make: str
    model: str
    engine: str
    from_year: int
    to_year: int
    share: float


MODELS: tuple[Model, ...] = (
    Model("LZZ", "中国重汽", "HOWO T7H", "MC11.44", 2015, 2026, 9),
    Model("LZZ", "中国重汽", "HOWO A7", "D10.38", 2010, 2020, 6),
    Model("LZZ", "中国重汽", "汕德卡 G7", "MC13.54", 2014, 2026, 4),
    Model("LFW", "一汽解放", "J6P", "CA6DM2-42", 2011, 2024, 9),
    Model("LFW", "一汽解放", "J7", "CA6DM3-55", 2018, 2026, 5),
    Model("LGA", "东风商用车", "天龙 KL", "DDi11", 2012, 2024, 7),
    Model("LGA", "东风商用车", "天锦", "ISD245", 2010, 2023, 4),
    Model("LZG", "陕汽", "德龙 X3000", "WP12.430", 2014, 2025, 7),
    Model("LZG", "陕汽", "德龙 F3000", "WP10.336", 2009, 2019, 4),
    Model("LVB", "福田欧曼", "EST", "ISGe5-430", 2015, 2025, 5),
    Model("LJ1", "江淮", "格尔发 K7", "WP12.460", 2016, 2025, 2),
    Model("LET", "江铃", "顺达", "JX493", 2012, 2024, 3),
    Model("WDB", "Mercedes-Benz", "Actros 1844", "OM471", 2012, 2025, 3),
    Model("YS2", "Scania", "R450", "DC13", 2014, 2026, 2),
    Model("YV2", "Volvo", "FH 460", "D13K", 2013, 2026, 2),
    Model("XLR", "DAF", "XF 480", "MX-13", 2014, 2026, 1),
    Model("WMA", "MAN", "TGX 18.480", "D2676", 2013, 2025, 2),
)

_VALUES = dict(zip("ABCDEFGH", range(1, 9), strict=True))
_VALUES |= dict(zip("JKLMN", range(1, 6), strict=True)) | {"P": 7, "R": 9}
_VALUES |= dict(zip("STUVWXYZ", range(2, 10), strict=True)) | {str(digit): digit for digit in range(10)}
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_YEARS = "ABCDEFGHJKLMNPRSTVWXY123456789"  # the tenth character, from 2010 on
_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"
_PROVINCES = "鲁鲁鲁鲁京津冀豫苏皖浙沪晋陕辽"


def check_digit(vin: str) -> str:
    """The ninth character of a VIN by ISO 3779, from all the others."""
    remainder = sum(_VALUES[sign] * weight for sign, weight in zip(vin, _WEIGHTS, strict=True)) % 11
    return "X" if remainder == 10 else str(remainder)


def vin(draw: Random, model: Model, year: int) -> str:
    """A number that a vehicle of this model and year could have."""
    described = "".join(draw.choices(_LETTERS, k=5))
    number = f"{model.wmi}{described}0{_YEARS[(year - 2010) % 30]}{draw.choice('ABJR')}{draw.randrange(10**6):06d}"
    return number[:8] + check_digit(number) + number[9:]


def plate(draw: Random) -> str:
    """A licence plate of a lorry, or of one that drives by electricity."""
    return draw.choice(_PROVINCES) + draw.choice("ABCDEFGH") + "".join(draw.choices(_LETTERS, k=5))
