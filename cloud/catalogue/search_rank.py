"""Which of the parts that match are shown, and in which order: match first, then stock at hand, then how usual."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from rapidfuzz import fuzz
from sqlmodel import Session, col

from cloud.catalogue.ordinals import members, set_of
from cloud.catalogue.part_stock import PartStockFound, stock_of, usual_parts
from cloud.catalogue.search_views import How, PartHit
from cloud.catalogue.supersession import last_of
from cloud.tables import CataloguePart, SearchPart
from cloud.tenancy import TenantId, tenant_rows
from cloud.views import PartName
from edge_gateway.part_words import folded

COMPARED_MAX = 300  # parts that are compared by name; of more, those that bins keep come first
_USUAL_MAX = 4000


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
    most = sorted(usual, key=lambda part: (-usual[part], part))[:_USUAL_MAX]
    ordinals = ordinals_of(session, tenant, most)
    kept = [ordinals[part] for part in most if part in ordinals and bits >> ordinals[part] & 1][:COMPARED_MAX]
    others = islice(members(bits & ~set_of(kept)), COMPARED_MAX - len(kept))
    return _numbers(session, tenant, [*kept, *others])


def shorten(session: Session, tenant: TenantId, parts: Sequence[str]) -> list[str]:
    """Of many parts the ones to compare."""
    if len(parts) <= COMPARED_MAX:
        return list(parts)
    usual = usual_parts(session, tenant)
    return sorted(parts, key=lambda part: (-usual.get(part, 0), part))[:COMPARED_MAX]


def ordinals_of(session: Session, tenant: TenantId, parts: Sequence[str]) -> dict[str, int]:
    """The ordinals of parts."""
    rows = (
        tenant_rows(tenant, SearchPart)
        .where(col(SearchPart.part).in_(parts))
        .with_only_columns(col(SearchPart.part), col(SearchPart.ordinal))
    )
    return dict(session.execute(rows).tuples().all())


def _numbers(session: Session, tenant: TenantId, ordinals: list[int]) -> list[str]:
    rows = tenant_rows(tenant, SearchPart).where(col(SearchPart.ordinal).in_(ordinals))
    return list(session.execute(rows.with_only_columns(col(SearchPart.part))).scalars())


def ranked(session: Session, tenant: TenantId, matches: Mapping[str, Match], typed: str, limit: int) -> list[PartHit]:
    """The best parts of those that match, with their stock."""
    rows = session.exec(tenant_rows(tenant, CataloguePart).where(col(CataloguePart.number).in_(sorted(matches)))).all()
    asked = folded(typed)
    scores = {row.number: _score(row, matches[row.number], asked) for row in rows}
    stock = stock_of(session, tenant, sorted(scores))
    nothing = PartStockFound()

    def order(row: CataloguePart) -> tuple[object, ...]:
        held = stock.get(row.number, nothing)
        return (
            row.withdrawn,
            -(scores[row.number] // 10),
            held.stock <= 0,
            bool(row.superseded_by),
            -held.bins,
            -scores[row.number],
            row.number,
        )

    best = sorted(rows, key=order)[:limit]
    newest = successors(session, tenant, (row.number for row in best if row.superseded_by))
    return [
        _hit(row, matches[row.number], scores[row.number], stock.get(row.number, nothing), newest.get(row.number, ""))
        for row in best
    ]


def _score(row: CataloguePart, match: Match, asked: str) -> int:
    """A number that matched says it all; among words, names that say little else come first."""
    if match.how not in {"words", "fits"}:
        return match.score
    names = (row.name_zh, row.name_en)
    return int(max(fuzz.ratio(asked, folded(name)) for name in names) * match.score / 100)


def named(row: CataloguePart) -> PartName:
    """What a part of the catalogue is called."""
    unit: Literal["piece", "gram"] = "gram" if row.unit == "gram" else "piece"
    return PartName(number=row.number, name_zh=row.name_zh, name_en=row.name_en, unit=unit, brand=row.brand)


def _hit(row: CataloguePart, match: Match, score: int, held: PartStockFound, newest: str) -> PartHit:
    return PartHit(
        part=named(row),
        category=row.category,
        image=row.image,
        how=match.how,
        matched=match.matched or row.number,
        matched_brand=match.brand,
        score=score,
        stock=held.stock,
        shops=held.shops,
        places=held.places,
        bins=held.bins,
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
        found = {number: successor for number, successor in session.execute(rows).tuples().all() if successor}
        known.update(found)
        waiting = set(found.values()) - known.keys()
    return {part: last_of(known, part) for part in asked if part in known}
