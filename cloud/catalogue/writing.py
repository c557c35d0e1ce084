"""Every change of a dealer's catalogue: one part or 200,000, in the caller's transaction.

    with change_catalogue(session, tenant.dealer) as change:
        change.put_parts([{"number": "WK-1060", "name_zh": "柴油滤清器"}])
        change.put_references([Reference("WK-1060", "oe", "FAW", "1117050-29D")])

Who changes a catalogue holds the dealer's row of `catalogue_revision`, so two changes follow one another. At the end
of the block every part that is not as it was has a revision of its own, counted up, and stands in the search index
under what it says now. A part that stays as it was is not touched: the same file taken over twice changes nothing.
Rows of parts that the catalogue does not have are refused (`CatalogueError`), and then nothing is written.
This module asks nobody whether he may, and records nothing (`cloud/audit.py` does, by the caller).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Final

from sqlmodel import Session

from cloud.catalogue.search_index import reindex
from cloud.catalogue.supersession import circles
from cloud.many_rows import Row, among, delete, insert, is_postgres, read, update, upsert, write
from cloud.tables import CataloguePart, CatalogueRevision, CrossReference, Fitment, ModelPattern, PartPrice
from edge_gateway.part_words import make_key, model_key, plain_number

REFERENCE_KINDS: Final = ("oe", "competitor", "old")
DEFAULTS: Final[dict[str, object]] = {
    "name_zh": "",
    "name_en": "",
    "brand": "",
    "category": "",
    "unit": "piece",
    "unit_mass_mg": 0,
    "spread_mg": 0,
    "pack_size": 1,
    "gtin": "",
    "image": "",
    "superseded_by": "",
    "withdrawn": False,
    "shelf_life_days": 0,
}
_WORDS: Final = frozenset({"name_zh", "name_en", "brand"})
_COLUMNS: Final = tuple(DEFAULTS)


class CatalogueError(ValueError):
    """A change that cannot be: the text says what was expected and what was found."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Another number of a part; `kind` is one of `REFERENCE_KINDS`."""

    part: str
    kind: str
    brand: str
    number: str


@dataclass(frozen=True, slots=True)
class Fits:
    """That a part fits; what is "" or 0 is not restricted."""

    part: str
    make: str = ""
    model: str = ""
    engine: str = ""
    from_year: int = 0
    to_year: int = 0
    base_vehicle: int = 0
    position: str = ""
    quantity: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Price:
    """What a part costs from a day on, in one shop or ("") in all."""

    part: str
    shop_id: str
    from_day: str
    price_minor: int
    currency: str = "CNY"
    tax_ppm: int = 0


@dataclass(frozen=True, slots=True)
class Model:
    """Which vehicles begin their VIN so; `pattern` is of what follows the WMI, `?` for any character."""

    wmi: str
    pattern: str
    make: str
    model: str = ""
    engine: str = ""
    from_year: int = 0
    to_year: int = 0


_VALUES: Final = {kind: attrgetter(*(each.name for each in fields(kind))) for kind in (Reference, Fits, Price, Model)}


def _values(row: Reference | Fits | Price | Model) -> Row:
    values: Row = _VALUES[type(row)](row)  # `dataclasses.astuple` copies each value, and takes ten times as long
    return values


@dataclass(frozen=True, slots=True)
class Written:
    """What became of rows that were put: how many are new, other than before, and as they were."""

    made: int = 0
    changed: int = 0
    same: int = 0


@contextmanager
def change_catalogue(session: Session, dealer: str) -> "Iterator[CatalogueChange]":
    """One change of a dealer's catalogue in the open transaction; see above."""
    change = CatalogueChange(session, dealer, _lock(session, dealer))
    yield change
    change.finish()


def _lock(session: Session, dealer: str) -> int:
    session.flush()
    write(session, "INSERT INTO catalogue_revision (dealer_id, revision) VALUES (?, 0) ON CONFLICT DO NOTHING", dealer)
    ending = " FOR UPDATE" if is_postgres(session) else ""
    rows = read(session, f"SELECT revision FROM catalogue_revision WHERE dealer_id = ?{ending}", dealer)  # noqa: S608
    return int(rows[0][0])


def known_parts(session: Session, dealer: str, numbers: Iterable[str]) -> set[str]:
    """Which of these numbers the dealer's catalogue has, written exactly so."""
    return {
        number
        for some in among(numbers)
        for (number,) in read(session, "SELECT number FROM part WHERE dealer_id = ? AND number IN ??", dealer, some)
    }


@dataclass
class CatalogueChange:
    """An open change. `revision` is the newest that is given away."""

    session: Session
    dealer: str
    revision: int
    _numbered: set[str] = field(default_factory=set)
    _touched: set[str] = field(default_factory=set)
    _reworded: set[str] = field(default_factory=set)

    def put_parts(self, parts: Iterable[Mapping[str, object]]) -> Written:
        """Make or change parts. Each names its `number`; what else it does not name stays as it is."""
        wanted = {str(part["number"]): part for part in parts}
        stored = self._stored_parts(wanted)
        rows: list[Row] = []
        made = 0
        for number, part in wanted.items():
            before = stored.get(number)
            after = tuple(
                part.get(column, old) for column, old in zip(_COLUMNS, before or DEFAULTS.values(), strict=True)
            )
            if after == before:
                continue
            made += before is None
            rows.append((self.dealer, number, plain_number(number), self._next_revision(number), *after))
            if before is None or _words(before) != _words(after):
                self._reworded.add(number)
        upsert(self.session, CataloguePart, ("dealer_id", "number", "plain", "revision", *_COLUMNS), rows)
        self._refuse_circles(part for part in wanted.values() if part.get("superseded_by"))
        return Written(made, len(rows) - made, len(wanted) - len(rows))

    def _stored_parts(self, numbers: Iterable[str]) -> dict[str, Row]:
        columns = ", ".join(_COLUMNS)
        statement = f"SELECT number, {columns} FROM part WHERE dealer_id = ? AND number IN ??"  # noqa: S608
        found: dict[str, Row] = {}
        for some in among(numbers):
            for number, *values in read(self.session, statement, self.dealer, some):
                found[number] = tuple(
                    bool(value) if column == "withdrawn" else value
                    for column, value in zip(_COLUMNS, values, strict=True)
                )
        return found

    def _refuse_circles(self, replaced: Iterable[Mapping[str, object]]) -> None:
        wanted = {str(part["number"]): str(part["superseded_by"]) for part in replaced}
        if not wanted:
            return
        missing = sorted(set(wanted.values()) - known_parts(self.session, self.dealer, wanted.values()))
        if missing:
            raise CatalogueError(f"expected the successor to be a part of the catalogue, found {missing[0]!r}")
        rows = read(
            self.session,
            "SELECT number, superseded_by FROM part WHERE dealer_id = ? AND superseded_by <> ''",
            self.dealer,
        )
        found = circles(dict(rows)) & set(wanted)
        if found:
            part = min(found)
            raise CatalogueError(
                f"expected parts that replace one another to come to an end, found a circle from {part!r} by "
                f"{wanted[part]!r} back to {part!r}"
            )

    def put_references(self, references: Iterable[Reference]) -> Written:
        """Add numbers to parts."""
        wanted = {_values(row): row for row in references}
        self._refuse_unknown(row.part for row in wanted.values())
        stored = self._rows_of("cross_reference", "part, kind, brand, number", (row.part for row in wanted.values()))
        fresh = [key for key in wanted if key not in stored]
        rows = [(self.dealer, *key, plain_number(key[3])) for key in fresh]
        upsert(self.session, CrossReference, ("dealer_id", "part", "kind", "brand", "number", "plain"), rows)
        self._touched.update(key[0] for key in fresh)
        return Written(made=len(fresh), same=len(wanted) - len(fresh))

    def take_references(self, references: Iterable[Reference]) -> int:
        """Take numbers away from parts; how many there were."""
        wanted = {_values(row) for row in references}
        stored = self._rows_of("cross_reference", "part, kind, brand, number", (row[0] for row in wanted)) & wanted
        rows = [(self.dealer, *row) for row in stored]
        delete(self.session, CrossReference, ("dealer_id", "part", "kind", "brand", "number"), rows)
        self._touched.update(row[0] for row in stored)
        return len(stored)

    def put_fitment(self, fitment: Iterable[Fits], *, instead: bool = False) -> Written:
        """Add vehicles to parts; with `instead` these are the only ones of each part that is named."""
        wanted = {_values(row): row for row in fitment}
        parts = {row.part for row in wanted.values()}
        self._refuse_unknown(parts)
        columns = "part, make, model, engine, from_year, to_year, base_vehicle, position, quantity, note"
        stored = self._rows_of("fitment", columns, parts)
        fresh = [row for key, row in wanted.items() if key not in stored]
        gone = stored - set(wanted) if instead else set()
        names = columns.split(", ")
        delete(self.session, Fitment, ("dealer_id", *names), [(self.dealer, *row) for row in gone])
        keys = ("make_key", "model_key", "engine_key")
        insert(self.session, Fitment, ("dealer_id", *names, *keys), [self._fitment_row(row) for row in fresh])
        self._fits_others({row.part for row in fresh} | {str(row[0]) for row in gone})
        return Written(made=len(fresh), changed=len(gone), same=len(wanted) - len(fresh))

    def _fitment_row(self, row: Fits) -> Row:
        make = make_key(row.make) if row.make else ""
        return (self.dealer, *_values(row), make, model_key(row.model), model_key(row.engine))

    def take_fitment(self, part: str, ids: Sequence[int]) -> int:
        """Take vehicles away from a part by their ids; how many there were."""
        held = {row[0] for row in self._fitment_ids(part)} & set(ids)
        delete(self.session, Fitment, ("dealer_id", "id"), [(self.dealer, id_) for id_ in held])
        if held:
            self._fits_others({part})
        return len(held)

    def _fitment_ids(self, part: str) -> list[Row]:
        return read(self.session, "SELECT id FROM fitment WHERE dealer_id = ? AND part = ?", self.dealer, part)

    def _fits_others(self, parts: set[str]) -> None:
        self._touched |= parts
        self._reworded |= parts

    def put_prices(self, prices: Iterable[Price]) -> Written:
        """Set prices from their days on. A price is no part of what gateways hold: it changes no revision."""
        wanted = {(row.part, row.shop_id, row.from_day): _values(row) for row in prices}
        self._refuse_unknown(key[0] for key in wanted)
        columns = "part, shop_id, from_day, price_minor, currency, tax_ppm"
        stored = self._rows_of("part_price", columns, (key[0] for key in wanted))
        known = {row[:3] for row in stored}
        rows = [(self.dealer, *row) for row in wanted.values() if row not in stored]
        upsert(self.session, PartPrice, ("dealer_id", *columns.split(", ")), rows)
        made = sum(key not in known for key in wanted)
        return Written(made, len(rows) - made, len(wanted) - len(rows))

    def put_models(self, models: Iterable[Model]) -> Written:
        """Add to the dealer's own table of models; one that is known is left."""
        columns = "wmi, pattern, make, model, engine, from_year, to_year"
        stored = set(read(self.session, f"SELECT {columns} FROM model_pattern WHERE dealer_id = ?", self.dealer))  # noqa: S608
        wanted = {_values(row) for row in models}
        fresh = sorted(wanted - stored)
        insert(self.session, ModelPattern, ("dealer_id", *columns.split(", ")), [(self.dealer, *row) for row in fresh])
        return Written(made=len(fresh), same=len(wanted) - len(fresh))

    def _rows_of(self, table: str, columns: str, parts: Iterable[str]) -> set[Row]:
        statement = f"SELECT {columns} FROM {table} WHERE dealer_id = ? AND part IN ??"  # noqa: S608
        return {row for some in among(parts) for row in read(self.session, statement, self.dealer, some)}

    def _refuse_unknown(self, parts: Iterable[str]) -> None:
        named = set(parts)
        unknown = named - known_parts(self.session, self.dealer, named)
        if unknown:
            raise CatalogueError(f"expected a part of the catalogue, found {min(unknown)!r}")

    def _next_revision(self, part: str) -> int:
        self.revision += 1
        self._numbered.add(part)
        return self.revision

    def finish(self) -> None:
        """Give what changed its revisions, and index what is called otherwise."""
        changed = [(self.dealer, part, self._next_revision(part)) for part in sorted(self._touched - self._numbered)]
        update(self.session, CataloguePart, ("dealer_id", "number"), ("revision",), changed)
        if self._numbered:
            upsert(self.session, CatalogueRevision, ("dealer_id", "revision"), [(self.dealer, self.revision)])
        reindex(self.session, self.dealer, self._reworded)
        self.session.expire_all()


def _words(values: Row) -> list[object]:
    return [value for column, value in zip(_COLUMNS, values, strict=True) if column in _WORDS]
