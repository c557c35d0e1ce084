"""Changes a shop's document safely: one editor at a time, nobody's change lost, everything checked before it is kept.

Runs in the cloud's own transaction (`database.writing()`), because a document holds the bins of every dealer in the
shop: the caller has made sure that the person may change what `change` changes, and records it in the audit trail of
the same transaction. Nothing but this module and `store_document` makes a version of a document.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from msgspec import structs
from sqlmodel import Session, col, select

from cloud.document import PlanogramError, store_document
from cloud.people.rules import TakenError
from cloud.tables import Document, Shop
from cloud.tenancy import NotFoundError
from edge_gateway.planogram_check import CheckedBin, check_planogram
from edge_gateway.planogram_words import SAYS, bin_lines
from edge_gateway.shop_document import Bin, Part, ShopDocument, check_document, decode_document

Change = Callable[[ShopDocument], ShopDocument]
Watched = Callable[[ShopDocument], object]


class StaleEditError(TakenError):
    """Somebody changed the same part of the document meanwhile; `seen` and `found` are the two versions."""

    def __init__(self, seen: int, found: int) -> None:
        super().__init__(
            f"expected an edit of version {found}, found one of version {seen}: somebody changed it meanwhile; "
            "load the newest and make your change again"
        )
        self.seen, self.found = seen, found


@dataclass(frozen=True)
class Edited:
    """What an edit made of a document; `version` is the old one when nothing changed."""

    before: ShopDocument
    after: ShopDocument
    version: int

    @property
    def changed(self) -> bool:
        """Whether there is a new version."""
        return self.version != self.before.version


def edit_document(
    session: Session,
    shop: str,
    change: Change,
    now_ms: int,
    *,
    seen: int | None = None,
    watched: Watched | None = None,
    force: bool = False,
) -> Edited:
    """Put `change(newest document)` into force as the shop's next version.

    `seen`: the version that the person edited. It is refused (`StaleEditError`) when what `watched` picks from a
    document has changed since; without `watched`, when anything has. `force` keeps bins that the planogram check
    refuses (`PlanogramError` otherwise); bins that this edit leaves alone are not checked again. `DocumentError`: the
    result is no sound document; `NotFoundError`: the shop has none yet.
    """
    before = locked_document(session, shop)
    if seen is not None and seen != before.version:
        _refuse_stale(session, before, seen, watched)
    after = change(before)
    check_document(after)
    if not force:
        _refuse_worse(before, after)
    version = store_document(session, after, now_ms, force=True)
    return Edited(before, document_of(session, shop, version), version)


def locked_document(session: Session, shop: str) -> ShopDocument:
    """The newest document, with the shop's row locked until the transaction ends (`NotFoundError`)."""
    locked = select(Shop).where(col(Shop.id) == shop).with_for_update()
    # Read again: somebody else may have edited since this transaction first saw the shop.
    row = session.exec(locked.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NotFoundError(f"expected a shop of yours, found {shop!r}")
    return document_of(session, shop, row.document_version)


def document_of(session: Session, shop: str, version: int) -> ShopDocument:
    """One version of a shop's document, whole: for the cloud's own work (`NotFoundError`)."""
    row = session.get(Document, (shop, version))
    if row is None:
        raise NotFoundError(f"expected a version of {shop}'s document, found {version}")
    return decode_document(bytes(row.body))


def _refuse_stale(session: Session, newest: ShopDocument, seen: int, watched: Watched | None) -> None:
    base = session.get(Document, (newest.shop, seen))
    same = base is not None and watched is not None and watched(decode_document(bytes(base.body))) == watched(newest)
    if not same:
        raise StaleEditError(seen, newest.version)


def _refuse_worse(before: ShopDocument, after: ShopDocument) -> None:
    refused = [found for found in changed_checks(before, after) if found.verdict == "refused"]
    if refused:
        told = "; ".join("; ".join(line.strip() for line in bin_lines(found, SAYS["en"])) for found in refused)
        raise PlanogramError(f"expected a planogram that can be counted by weight, found {told}")


def changed_checks(before: ShopDocument, after: ShopDocument) -> list[CheckedBin]:
    """What the planogram check says of the bins whose parts, cell or masses are others than before."""
    known = _weighed(before)
    now = _weighed(after)
    places = {place for place, weighed in now.items() if known.get(place) != weighed}
    return [found for found in check_planogram(_only(after, places)) if (found.cabinet, found.bin) in places]


def _only(document: ShopDocument, places: set[tuple[str, int]]) -> ShopDocument:
    cabinets = [
        structs.replace(cabinet, bins=[bin_ for bin_ in cabinet.bins if (cabinet.id, bin_.bin) in places])
        for cabinet in document.cabinets
    ]
    return structs.replace(document, cabinets=cabinets)


def _weighed(document: ShopDocument) -> dict[tuple[str, int], object]:
    """By place, everything that the check of a bin looks at."""
    parts = {part.number: part for part in document.parts}
    return {(cabinet.id, bin_.bin): _weighed_bin(bin_, parts) for cabinet in document.cabinets for bin_ in cabinet.bins}


def _weighed_bin(bin_: Bin, parts: Mapping[str, Part]) -> object:
    held = []
    for placed in bin_.parts:
        part = parts[placed.part]
        held.append((part.number, part.unit, part.unit_mass_mg, part.spread_mg, bool(part.gtin), placed.capacity))
    return bin_.cell, held
