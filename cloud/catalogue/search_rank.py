"""Which of the parts that match are shown, and in which order: match first, then stock at hand, then how usual."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

from rapidfuzz import fuzz
from sqlmodel import Session, col

from cloud.catalogue.ordinals import members, set_of
from cloud.catalogue.part_stock import PartStockFound, bins_of, stock_of
from cloud.catalogue.search_views import How, PartHit
from cloud.catalogue.supersession import last_of
from cloud.catalogue.usual_parts import usual_parts
from cloud.tables import CataloguePart, SearchPart
from cloud.tenancy import TenantId, tenant_rows
from cloud.views import PartName

COMPARED_MAX = 200  # parts that are compared by name; of more, those that bins keep come first
_LIKE = (75, 90)  # how much alike, of 100, a name and the words are
_WEIGHED_BESIDE = 10  # parts whose stock is looked up beside those that are shown


@dataclass(frozen=True, slots=True)
class Match:
    """Why a part was found."""

    how: How
    matched: str = ""
    brand: str = ""
    score: int = 0


def shortlist(session: Session, tenant: TenantId, bits: int) -> list[str]:
    """Of a set of ordinals the parts to compare."""
    if bits.bit_count() <= COMPARED_MAX:
        return _numbers(session, tenant, list(members(bits)))
    usual = usual_parts(session, tenant)
    kept = set(members(bits & usual.bits))
    first = [ordinal for ordinal in usual.ordinals if ordinal in kept][:COMPARED_MAX]
    others = islice(members(bits & ~set_of(first)), COMPARED_MAX - len(first))
    return _numbers(session, tenant, [*first, *others])


def shorten(session: Session, tenant: TenantId, parts: Sequence[str]) -> list[str]:
    """Of many parts the ones to compare."""
    if len(parts) <= COMPARED_MAX:
        return list(parts)
    usual = usual_parts(session, tenant).bins
    return sorted(parts, key=lambda part: (-usual.get(part, 0), part))[:COMPARED_MAX]


def _numbers(session: Session, tenant: TenantId, ordinals: list[int]) -> list[str]:
    rows = tenant_rows(tenant, SearchPart).where(col(SearchPart.ordinal).in_(ordinals))
    return list(session.execute(rows.with_only_columns(col(SearchPart.part))).scalars())


def ranked(session: Session, tenant: TenantId, matches: Mapping[str, Match], typed: str, limit: int) -> list[PartHit]:
    """The best parts of those that match, with their stock."""
    bins = bins_of(session, tenant, matches)
    asked = typed.casefold()
    found = [_weighed(row, matches[row.number], asked, bins) for row in _rows(session, tenant, matches)]
    found.sort(key=lambda each: each.order(in_stock=False))
    # What is in stock goes before what is not, among the first that match as well.
    first = found[: limit + _WEIGHED_BESIDE]
    stock = stock_of(session, tenant, [each.row.number for each in first if each.bins])
    nothing = PartStockFound()
    first.sort(key=lambda each: each.order(in_stock=stock.get(each.row.number, nothing).stock > 0))
    newest = successors(session, tenant, (each.row.number for each in first[:limit] if each.row.superseded_by))
    return [
        _hit(
            each,
            matches[each.row.number],
            stock.get(each.row.number, nothing),
            newest.get(each.row.number, ""),
        )
        for each in first[:limit]
    ]


@dataclass(frozen=True, slots=True)
class _Weighed:
    """A part that matches: how well, and in how many bins it is kept."""

    row: Any
    score: int
    grade: int
    bins: int

    def order(self, *, in_stock: bool) -> tuple[object, ...]:
        row = self.row
        replaced = bool(row.superseded_by)
        return (row.withdrawn, -self.grade, not in_stock, replaced, -self.bins, -self.score, row.number)


def _weighed(row: Any, match: Match, asked: str, bins: Mapping[str, int]) -> _Weighed:
    """A number that matched says it all. Of words only a name that is nearly what was asked says more than others."""
    kept = bins.get(row.number, 0)
    if match.how not in {"words", "fits"}:
        return _Weighed(row, match.score, match.score, kept)
    likeness = max(fuzz.ratio(asked, row.name_zh.casefold()), fuzz.ratio(asked, row.name_en.casefold()))
    score = int(likeness * match.score / 100)
    return _Weighed(row, match.score, sum(score >= like for like in _LIKE), kept)


def _rows(session: Session, tenant: TenantId, parts: Iterable[str]) -> Sequence[Any]:
    """As much of parts as a hit shows. Whole rows cost three times as long."""
    table = CataloguePart
    wanted = (
        table.number, table.name_zh, table.name_en, table.brand, table.category, table.unit, table.image,
        table.superseded_by, table.withdrawn,
    )  # fmt: skip
    rows = tenant_rows(tenant, table).where(col(table.number).in_(sorted(parts)))
    return session.execute(rows.with_only_columns(*(col(each) for each in wanted))).all()


def named(row: Any) -> PartName:
    """What a part of the catalogue is called."""
    unit: Literal["piece", "gram"] = "gram" if row.unit == "gram" else "piece"
    return PartName(number=row.number, name_zh=row.name_zh, name_en=row.name_en, unit=unit, brand=row.brand)


def _hit(weighed: _Weighed, match: Match, held: PartStockFound, newest: str) -> PartHit:
    row = weighed.row
    return PartHit(
        part=named(row),
        category=row.category,
        image=row.image,
        how=match.how,
        matched=match.matched or row.number,
        matched_brand=match.brand,
        score=weighed.score,
        stock=held.stock,
        shops=held.shops,
        places=held.places,
        bins=weighed.bins,
        replaced_by=newest,
        withdrawn=row.withdrawn,
    )


def successors(session: Session, tenant: TenantId, parts: Iterable[str]) -> dict[str, str]:
    """The part at the end of each part's chain, for parts that are replaced."""
    known: dict[str, str] = {}
    asked = set(parts)
    waiting = set(asked)
    while waiting:
        rows = (
            tenant_rows(tenant, CataloguePart)
            .where(col(CataloguePart.number).in_(sorted(waiting)))
            .with_only_columns(col(CataloguePart.number), col(CataloguePart.superseded_by))
        )
        found = {number: successor for number, successor in session.execute(rows).all() if successor}
        known.update(found)
        waiting = set(found.values()) - known.keys()
    return {part: last_of(known, part) for part in asked if part in known}
