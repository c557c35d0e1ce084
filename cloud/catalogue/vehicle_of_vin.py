"""Which vehicle a VIN is: make, model, engine and year, each with where that comes from and how sure it is.

Asked in this order, the first that knows wins: the dealer's own table of models, NHTSA's vPIC for what was sold in
North America (`ultravin`, loaded at the first VIN: 60 MB and 0.1 s, later ones some microseconds), our table of
manufacturer identifiers. Years come from the VIN itself; vPIC breaks a tie.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlmodel import Session, col

from cloud.catalogue.vin import VinReading, closeness, matches, read_vin
from cloud.catalogue.vin_views import Known, Source, Sure, VinAnswer, VinFinding, VinVehicle
from cloud.catalogue.wmi import maker_of, region_of
from cloud.tables import ModelPattern
from cloud.tenancy import TenantId, tenant_rows
from edge_gateway.part_words import make_key, make_name


@dataclass(frozen=True, slots=True)
class _Vpic:
    """What vPIC knows; "" and 0 where it does not."""

    make: str = ""
    model: str = ""
    engine: str = ""
    year: int = 0


def vehicle_of_vin(session: Session, tenant: TenantId, typed: str, this_year: int) -> VinAnswer:
    """Read a VIN and say which vehicle it is, as far as anybody knows."""
    reading = read_vin(typed, this_year)
    vehicle = _vehicle(session, tenant, reading, this_year) if reading.is_whole else VinVehicle()
    zh, en = region_of(reading.wmi)
    findings = [VinFinding(key=each.key, severity=each.severity, values=dict(each.values)) for each in reading.findings]
    return VinAnswer(
        vin=reading.vin,
        is_whole=reading.is_whole,
        wmi=reading.wmi,
        region_zh=zh,
        region_en=en,
        findings=findings,
        perhaps=list(reading.perhaps),
        vehicle=vehicle,
    )


def _vehicle(session: Session, tenant: TenantId, reading: VinReading, this_year: int) -> VinVehicle:
    own = _own_model(session, tenant, reading)
    vpic = _vpic(reading.vin)
    return VinVehicle(
        make=_make(own, vpic, reading),
        model=_first((own.model if own else "", "model_table", "sure"), (vpic.model, "vpic", "sure")),
        engine=_first((own.engine if own else "", "model_table", "sure"), (vpic.engine, "vpic", "likely")),
        year=_year(reading, vpic, own, this_year),
    )


def _own_model(session: Session, tenant: TenantId, reading: VinReading) -> ModelPattern | None:
    """The pattern of the dealer's own table that matches and says most."""
    rows = session.exec(tenant_rows(tenant, ModelPattern).where(col(ModelPattern.wmi) == reading.wmi))
    found = [row for row in rows if matches(row.pattern, reading.vin, row.wmi) and _in_years(row, reading.years)]
    return max(found, key=lambda row: (closeness(row.pattern), row.id or 0), default=None)


def _in_years(row: ModelPattern, years: tuple[int, ...]) -> bool:
    return not years or any((row.from_year or 0) <= year <= (row.to_year or 9999) for year in years)


def _make(own: ModelPattern | None, vpic: _Vpic, reading: VinReading) -> Known | None:
    table = maker_of(reading.wmi)
    name = make_name(table)[1] if table else ""
    return _first(
        (own.make if own else "", "model_table", "sure"), (vpic.make, "vpic", "sure"), (name, "wmi", "likely")
    )


def _first(*told: tuple[str, Source, Sure]) -> Known | None:
    for value, source, sure in told:
        if value:
            return Known(value=value, source=source, sure=sure)
    return None


def _year(reading: VinReading, vpic: _Vpic, own: ModelPattern | None, this_year: int) -> Known | None:
    years = [year for year in reading.years if own is None or _in_years(own, (year,))] or list(reading.years)
    if not years:
        return None
    if reading.vin[0] in "12345" and vpic.year in years and vpic.year <= this_year + 1:
        return Known(value=str(vpic.year), source="vpic", sure="sure" if len(years) == 1 else "likely")
    if len(years) == 1 and reading.year_is_sure:
        return Known(value=str(years[0]), source="vin", sure="sure")
    return Known(value=str(years[0]), source="vin", sure="likely" if reading.year_is_sure else "guess")


@lru_cache(maxsize=1024)
def _vpic(vin: str) -> _Vpic:
    import ultravin  # noqa: PLC0415 -- 60 MB that a cloud without VINs need not spend

    told: dict[str, Any] = ultravin.decode(vin)
    attributes: dict[str, Any] = told["attributes"]
    model = _text(attributes, "Model")
    if not model or (told["wmi"][:1] not in "12345" and not _text(attributes, "Engine Model")):
        # Outside North America it names a maker by the identifier alone, and not always the one who built it.
        model_less = _Vpic(year=int(told["model_year"] or 0))
        return model_less if not model else _Vpic(_named(attributes), model, "", int(told["model_year"] or 0))
    return _Vpic(_named(attributes), model, _text(attributes, "Engine Model"), int(told["model_year"] or 0))


def _named(attributes: dict[str, Any]) -> str:
    """The maker as we write it, where we know it."""
    told = _text(attributes, "Make")
    key = make_key(told)
    name = make_name(key)[1]
    return name if name != key else told.title()


def _text(attributes: dict[str, Any], name: str) -> str:
    value = attributes.get(name)
    return value.strip() if isinstance(value, str) else ""
