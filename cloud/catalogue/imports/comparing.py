"""What lines would change: each kind compared with the rows that the dealer has, some thousand lines at a time.

Reads only. A comparison answers for each row `new`, `changed` or `same` and what a changed one was before, or why it
cannot be taken; `writing_runs.py` writes what it says.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from sqlmodel import Session, col

from cloud.catalogue.imports.kinds import Shape
from cloud.catalogue.imports.line_reading import Plan, Row
from cloud.catalogue.imports.report import Outcome
from cloud.catalogue.supersession import chain_from, circles
from cloud.catalogue.vin import plain_vin
from cloud.catalogue.writing import REFERENCE_KINDS, known_parts
from cloud.many_rows import read
from cloud.shop_plan import plans
from cloud.tables import Vehicle
from cloud.tenancy import TenantId, tenant_rows
from edge_gateway.part_words import plain_plate

Values = Mapping[str, Any]


class Compared(NamedTuple):
    """What a row would be; `column` and `key` say why it is refused."""

    outcome: Outcome
    before: Values = MappingProxyType({})
    column: str = ""
    key: str = ""
    said: Mapping[str, str] = MappingProxyType({})
    warned: tuple[str, str, Mapping[str, str]] | None = None
    found: str = ""


NEW: Final = Compared("new")
SAME: Final = Compared("same")
REMOVED: Final = Compared("removed")
NOT_THERE: Final = Compared("same", warned=("", "delete_missing", {}))


def refused(column: str, key: str, **said: str) -> Compared:
    """Why a row cannot be taken."""
    return Compared("refused", column=column, key=key, said=said)


@dataclass
class Comparison:
    """The base of all kinds. `chunk` compares rows as they come; `finish` refuses some of them in the end."""

    session: Session
    tenant: TenantId
    plan: Plan
    makes_parts: bool = False
    made_parts: set[str] = field(default_factory=set)

    @property
    def shape(self) -> Shape:
        """The kind."""
        return self.plan.shape

    def key(self, row: Row) -> Any:
        """What makes a row the same as another of the file."""
        return tuple(self.plan.value(row, name) for name in self.shape.key)

    def chunk(self, rows: Sequence[Row]) -> list[Compared]:
        """Each row compared."""
        raise NotImplementedError

    def finish(self) -> dict[int, Compared]:
        """Lines that are refused after all, once every line is known."""
        return {}

    def removed(self) -> int:
        """How many of the rows that are there the file does not have, where it replaces what a part has."""
        return 0

    def _unknown(self, rows: Sequence[Row]) -> set[str]:
        """Parts that the catalogue does not have; they are made, where a person chose so."""
        numbers = {self.plan.value(row, "part") for row in rows}
        unknown = numbers - known_parts(self.session, self.tenant.dealer, numbers)
        if self.makes_parts:
            self.made_parts |= unknown
            return set()
        return unknown


@dataclass
class PartComparison(Comparison):
    """Parts by number. A line says what it says: the rest of a part stays."""

    _lines: dict[str, int] = field(default_factory=dict)
    _successors: dict[str, str] = field(default_factory=dict)
    _gtins: dict[str, tuple[int, str]] = field(default_factory=dict)
    _gtin_of: dict[str, str] = field(default_factory=dict)
    _taken_gtins: list[tuple[int, str, str, str]] = field(default_factory=list)
    _units: dict[str, str] | None = None

    def key(self, row: Row) -> Any:
        """A part's number."""
        return row.values[self.plan.at["number"]]

    def chunk(self, rows: Sequence[Row]) -> list[Compared]:
        """Each part compared."""
        numbers = [self.key(row) for row in rows]
        columns = [key for key in self.plan.keys if key != "number"]
        stored = self._stored(numbers, columns)
        padded = self._padded(numbers, stored)
        places = [(self.plan.at[key], key) for key in columns]
        found = [self._compare(row, number, stored, places, padded) for row, number in zip(rows, numbers, strict=True)]
        self._note_gtins(rows, numbers)
        return found

    def _stored(self, numbers: Iterable[str], columns: Sequence[str]) -> dict[str, Values]:
        names = ", ".join(columns or ["unit"])
        statement = f"SELECT number, {names} FROM part WHERE dealer_id = ? AND number IN ??"  # noqa: S608 -- our own names
        rows = read(self.session, statement, self.tenant.dealer, sorted(set(numbers)))
        return {
            number: {
                key: bool(value) if key == "withdrawn" else value for key, value in zip(columns, values, strict=False)
            }
            for number, *values in rows
        }

    def _compare(
        self,
        row: Row,
        number: str,
        stored: Mapping[str, Values],
        places: Sequence[tuple[int, str]],
        padded: Mapping[str, str],
    ) -> Compared:
        before = stored.get(number)
        said = {key: row.values[at] for at, key in places if row.values[at] is not None}
        if "unit" in said and self._unit(number) not in {"", said["unit"]}:
            return refused("unit", "fixed_unit", unit=self._unit(number))
        self._lines[number] = row.line
        if "superseded_by" in said:
            self._successors[number] = said["superseded_by"]
        if before is None:
            warned = ("number", "zeros_lost", {"part": padded[number]}) if number in padded else None
            return Compared("new", warned=warned) if warned else NEW
        other = {key: before[key] for key, value in said.items() if before[key] != value}
        return Compared("changed", other) if other else SAME

    def _unit(self, number: str) -> str:
        """The unit in which a part lies in a bin somewhere, which it keeps for ever; "" when it does not."""
        if self._units is None:
            documents = (plan.document for plan in plans(self.session, self.tenant).values())
            self._units = {part.number: part.unit for found in documents if found for part in found.parts}
        return self._units.get(number, "")

    def _padded(self, numbers: Iterable[str], stored: Mapping[str, Values]) -> dict[str, str]:
        """Numbers that the catalogue has with zeros in front, and not as they stand here."""
        wanted = {
            "0" * zeros + number: number
            for number in numbers
            if number.isdecimal() and number not in stored
            for zeros in (1, 2, 3)
        }
        return {wanted[known]: known for known in known_parts(self.session, self.tenant.dealer, wanted)}

    def _note_gtins(self, rows: Sequence[Row], numbers: Sequence[str]) -> None:
        place = self.plan.at.get("gtin")
        if place is None:
            return
        said = {row.values[place]: (row.line, number) for row, number in zip(rows, numbers, strict=True)}
        wanted = {gtin: where for gtin, where in said.items() if gtin}
        for row, number in zip(rows, numbers, strict=True):
            gtin = row.values[place]
            if gtin is not None:
                self._gtin_of[number] = gtin
            if gtin and self._gtins.setdefault(gtin.zfill(14), (row.line, number))[1] != number:
                self._taken_gtins.append((row.line, number, gtin, self._gtins[gtin.zfill(14)][1]))
        statement = "SELECT gtin, number FROM part WHERE dealer_id = ? AND gtin IN ??"
        for gtin, holder in read(self.session, statement, self.tenant.dealer, sorted(wanted)):
            line, number = wanted[gtin]
            if holder != number:
                self._taken_gtins.append((line, number, gtin, holder))

    def finish(self) -> dict[int, Compared]:
        """Successors that nobody knows, circles, and GTINs that another part has."""
        found: dict[int, Compared] = {}
        for line, _, gtin, holder in self._taken_gtins:
            if self._gtin_of.get(holder, gtin) == gtin:
                found[line] = refused("gtin", "own_gtin", part=holder)._replace(found=gtin)
        dropped = {number for number, line in self._lines.items() if line in found} if found else set()
        self._refuse_successors(found, dropped)
        return found

    def _refuse_successors(self, found: dict[int, Compared], dropped: set[str]) -> None:
        wanted = {part: successor for part, successor in self._successors.items() if successor and part not in dropped}
        known = known_parts(self.session, self.tenant.dealer, wanted.values())
        again = True
        while again:  # a line that is refused may have been the successor of another
            again = False
            for part, successor in list(wanted.items()):
                if successor not in known and (successor not in self._lines or successor in dropped):
                    found[self._lines[part]] = refused("superseded_by", "known_part")._replace(found=successor)
                    dropped.add(part)
                    del wanted[part]
                    again = True
        self._refuse_circles(found, wanted)

    def _refuse_circles(self, found: dict[int, Compared], wanted: Mapping[str, str]) -> None:
        rows = read(
            self.session,
            "SELECT number, superseded_by FROM part WHERE dealer_id = ? AND superseded_by <> ''",
            self.tenant.dealer,
        )
        ended = {part for part, successor in self._successors.items() if not successor}
        successors = {part: successor for part, successor in rows if part not in ended} | dict(wanted)
        for part in circles(successors) & set(wanted):
            circle = " → ".join([*chain_from(successors, part)[:6], part])
            found[self._lines[part]] = refused("superseded_by", "no_circle", circle=circle)._replace(
                found=successors[part]
            )


@dataclass
class OfPartComparison(Comparison):
    """Rows that belong to parts and are their own key: references and fitment."""

    table: str = ""
    _named: set[str] = field(default_factory=set)
    _same: int = 0

    def chunk(self, rows: Sequence[Row]) -> list[Compared]:
        """Each row: there already, or not."""
        unknown = self._unknown(rows)
        parts = {self.plan.value(row, "part") for row in rows}
        columns = ", ".join(self.shape.key)
        statement = f"SELECT {columns} FROM {self.table} WHERE dealer_id = ? AND part IN ??"  # noqa: S608 -- our own names
        stored = set(read(self.session, statement, self.tenant.dealer, sorted(parts)))
        self._named |= parts - unknown
        found = [self._compare(row, stored, unknown) for row in rows]
        self._same += sum(compared is SAME for compared in found)
        return found

    def _compare(self, row: Row, stored: set[tuple[Any, ...]], unknown: set[str]) -> Compared:
        if self.plan.value(row, "part") in unknown:
            return refused("part", "known_part")
        if wrong := self.wrong(row):
            return wrong
        is_there = self.key(row) in stored
        if self.plan.at.get("action") is not None and self.plan.value(row, "action") == "delete":
            return REMOVED if is_there else NOT_THERE
        return SAME if is_there else NEW

    def wrong(self, row: Row) -> Compared | None:
        """What else is wrong with a row."""
        if self.table == "cross_reference":
            return None if self.plan.value(row, "kind") in REFERENCE_KINDS else refused("kind", "a_reference_kind")
        if not any(self.plan.value(row, name) for name in ("make", "model", "engine", "base_vehicle")):
            return refused("", "a_vehicle")
        return _years_in_order(self.plan, row)

    def removed(self) -> int:
        """What the named parts have beyond the file."""
        statement = f"SELECT count(*) FROM {self.table} WHERE dealer_id = ? AND part IN ??"  # noqa: S608 -- our own names
        named = sorted(self._named)
        stored = sum(
            read(self.session, statement, self.tenant.dealer, named[at : at + 10_000])[0][0]
            for at in range(0, len(named), 10_000)
        )
        return int(stored) - self._same


def _years_in_order(plan: Plan, row: Row) -> Compared | None:
    first, last = plan.value(row, "from_year"), plan.value(row, "to_year")
    return refused("to_year", "years_in_order") if first and last and first > last else None


@dataclass
class PriceComparison(Comparison):
    """Prices by part, shop and day."""

    def chunk(self, rows: Sequence[Row]) -> list[Compared]:
        """Each price compared."""
        unknown = self._unknown(rows)
        parts = {self.plan.value(row, "part") for row in rows}
        billed = self._billed(parts)
        statement = (
            "SELECT part, shop_id, from_day, price_minor, currency, tax_ppm FROM part_price "
            "WHERE dealer_id = ? AND part IN ??"
        )
        stored = {found[:3]: found[3:] for found in read(self.session, statement, self.tenant.dealer, sorted(parts))}
        return [self._compare(row, stored, unknown, billed) for row in rows]

    def _billed(self, parts: Iterable[str]) -> set[tuple[Any, ...]]:
        """Prices that a closed statement rests on: they stand for ever."""
        statement = "SELECT DISTINCT part, price_shop, price_day FROM billed_line WHERE dealer_id = ? AND part IN ??"
        return set(read(self.session, statement, self.tenant.dealer, sorted(parts)))

    def _compare(
        self,
        row: Row,
        stored: Mapping[tuple[Any, ...], tuple[Any, ...]],
        unknown: set[str],
        billed: set[tuple[Any, ...]],
    ) -> Compared:
        if self.plan.value(row, "part") in unknown:
            return refused("part", "known_part")
        before = stored.get(self.key(row))
        if before is None:
            return NEW
        said = self.plan.said(row.values)
        names = ("price_minor", "currency", "tax_ppm")
        other = {key: old for key, old in zip(names, before, strict=True) if key in said and said[key] != old}
        if other and self.key(row) in billed:
            return refused("from_day", "not_billed")
        return Compared("changed", other) if other else SAME


@dataclass
class ModelComparison(Comparison):
    """Lines of the dealer's own table of VINs, known or not."""

    def chunk(self, rows: Sequence[Row]) -> list[Compared]:
        """Each line: there already, or not."""
        columns = ", ".join(self.shape.key)
        statement = f"SELECT {columns} FROM model_pattern WHERE dealer_id = ?"  # noqa: S608 -- our own names
        stored = set(read(self.session, statement, self.tenant.dealer))
        return [_years_in_order(self.plan, row) or (SAME if self.key(row) in stored else NEW) for row in rows]


@dataclass
class VehicleComparison(Comparison):
    """Vehicles by VIN, or by plate where no VIN tells otherwise: as `work/vehicles.py` finds them."""

    ids: dict[int, str] = field(default_factory=dict)  # by line, the vehicle that is there
    _by_vin: dict[tuple[str, str], Vehicle] | None = None
    _by_plate: dict[tuple[str, str], Vehicle] = field(default_factory=dict)

    def key(self, row: Row) -> Any:
        """The VIN, or the plate, in a shop."""
        vin = plain_vin(self.plan.value(row, "vin"))
        return self.plan.value(row, "shop_id"), vin or plain_plate(self.plan.value(row, "plate"))

    def chunk(self, rows: Sequence[Row]) -> list[Compared]:
        """Each vehicle compared."""
        if self._by_vin is None:
            known = self.session.exec(tenant_rows(self.tenant, Vehicle).where(col(Vehicle.merged_into) == "")).all()
            self._by_vin = {(row.shop_id, row.vin): row for row in known if row.vin}
            self._by_plate = {(row.shop_id, row.plain_plate): row for row in known if row.plain_plate}
        return [self._compare(row) for row in rows]

    def _compare(self, row: Row) -> Compared:
        shop, vin = self.plan.value(row, "shop_id"), plain_vin(self.plan.value(row, "vin"))
        plate = plain_plate(self.plan.value(row, "plate"))
        if not shop:
            return refused("shop_id", "known_shop")
        if not vin and not plate:
            return refused("", "plate_or_vin")
        found = (self._by_vin or {}).get((shop, vin)) if vin else None
        by_plate = self._by_plate.get((shop, plate)) if plate else None
        if found is None and by_plate is not None and (not vin or not by_plate.vin):
            found = by_plate
        if found is None:
            return NEW
        self.ids[row.line] = found.id
        said = {key: value for key, value in self.plan.said(row.values).items() if key != "shop_id" and value}
        other = {key: getattr(found, key) for key, value in said.items() if _differs(found, key, value)}
        return Compared("changed", other) if other else SAME


def _differs(row: Vehicle, name: str, value: object) -> bool:
    if name == "plate":
        return plain_plate(row.plate) != plain_plate(str(value))
    return bool((plain_vin(str(value)) if name == "vin" else value) != getattr(row, name))


def comparison(session: Session, tenant: TenantId, plan: Plan, *, makes_parts: bool) -> Comparison:
    """The comparison of a kind."""
    match plan.shape.kind:
        case "parts":
            return PartComparison(session, tenant, plan)
        case "references":
            return OfPartComparison(session, tenant, plan, makes_parts, table="cross_reference")
        case "fitment":
            return OfPartComparison(session, tenant, plan, makes_parts, table="fitment")
        case "prices":
            return PriceComparison(session, tenant, plan, makes_parts)
        case "models":
            return ModelComparison(session, tenant, plan)
        case _:
            return VehicleComparison(session, tenant, plan)
