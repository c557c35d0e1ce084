"""A dealer's planogram in a shop: as it is, as a draft would make it, sent to the gateway, and as it was before.

What is shown comes from the dealer's own view of the document. A change runs in the cloud's own transaction, because
the document is that of every dealer in the shop; whose bins it touches is checked first (`planogram_draft.py`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from cloud.audit import record
from cloud.document_edit import Edited, changed_checks, document_of, edit_document
from cloud.document_parts import catalogue_parts
from cloud.gate import as_service
from cloud.history import open_requests
from cloud.identity import SignedIn
from cloud.people.rules import RefusedError
from cloud.places import bin_of
from cloud.planogram_changes import Running, Told, changes
from cloud.planogram_draft import BinDraft, CabinetDraft, Draft, laid_over
from cloud.shop_plan import own_shop
from cloud.shop_views import view_of
from cloud.tables import AuditEntry, Balance, Dealer, Document, Gateway, Request, Shop
from cloud.tenancy import NotFoundError, TenantId, tenant_rows
from edge_gateway.planogram_check import CheckedBin, check_planogram
from edge_gateway.shop_document import (
    Cabinet,
    DocumentError,
    ShopDocument,
    check_document,
    check_units,
    decode_document,
)

VERSIONS_LOOKED_AT = 300
EDITED, RESTORED = "planogram.changed", "planogram.restored"


@dataclass(frozen=True)
class Planogram:
    """A dealer's view of a shop's planogram. `in_force`: the version each of the shop's gateways works from."""

    document: ShopDocument
    is_host: bool
    in_force: tuple[int, ...]
    checked: tuple[CheckedBin, ...]

    @property
    def version(self) -> int:
        """The newest version."""
        return self.document.version


@dataclass(frozen=True)
class Preview:
    """What a draft would come to: the dealer's view after it, what the check says, and what changes."""

    document: ShopDocument
    checked: tuple[CheckedBin, ...]
    changes: tuple[Told, ...]
    newest: int

    @property
    def refused(self) -> bool:
        """Whether a changed bin cannot be counted by weight."""
        return any(found.verdict == "refused" for found in self.checked)


@dataclass(frozen=True)
class Version:
    """One version of a document in which the dealer's planogram became another; `who` "": no person."""

    version: int
    stored_ms: int
    who: str
    restored: bool
    changes: tuple[Told, ...]


def planogram(session: Session, tenant: TenantId, shop: str) -> Planogram:
    """The tenant's planogram of a shop (`NotFoundError`)."""
    row = own_shop(session, tenant, shop)
    document = _view(session, tenant, row, row.document_version)
    return Planogram(
        document, row.dealer_id == tenant.dealer, _in_force(session, tenant, shop), tuple(check_planogram(document))
    )


def _in_force(session: Session, tenant: TenantId, shop: str) -> tuple[int, ...]:
    gateways = tenant_rows(tenant, Gateway).where(col(Gateway.shop_id) == shop, col(Gateway.withdrawn_ms) == 0)
    return tuple(row.document_version for row in session.exec(gateways.order_by(col(Gateway.id))))


def _view(session: Session, tenant: TenantId, shop: Shop, version: int) -> ShopDocument:
    """One version as the tenant may see it. Whole documents are the cloud's own; what leaves here is the view."""
    with as_service(session):
        document = document_of(session, shop.id, version)
        dealer = session.get_one(Dealer, tenant.dealer)
        return view_of(document, tenant.dealer, dealer.name)


# ---- a draft ----


def preview(session: Session, tenant: TenantId, shop: str, draft: Draft, now_ms: int) -> Preview:
    """What a draft would come to, laid over the newest version (`NotFoundError`, `RefusedError`)."""
    row = own_shop(session, tenant, shop)
    running = running_stock(session, tenant, shop)
    with as_service(session):
        before = document_of(session, shop, row.document_version)
        after = _Laying(session, tenant, row, draft, now_ms).over(before)
        own_before, own_after = view_of(before, tenant.dealer, ""), view_of(after, tenant.dealer, "")
    return Preview(
        own_after,
        tuple(changed_checks(own_before, own_after)),
        tuple(changes(own_before, own_after, running)),
        row.document_version,
    )


@dataclass(frozen=True)
class _Laying:
    """Lays a dealer's draft over a shop's document."""

    session: Session
    tenant: TenantId
    shop: Shop
    draft: Draft
    now_ms: int

    def over(self, document: ShopDocument) -> ShopDocument:
        """The document as the draft wants it, checked (`RefusedError`, `NotFoundError`)."""
        placed = {part.part for bin_ in self.draft.bins for part in bin_.parts}
        known = catalogue_parts(self.session, self.tenant.dealer, self.shop, placed, self.now_ms)
        return _sound(document, laid_over(document, self.tenant.dealer, self.draft, known))


def _sound(before: ShopDocument, after: ShopDocument) -> ShopDocument:
    try:
        check_document(after)
        check_units(after, before)
    except DocumentError as error:
        raise RefusedError(str(error)) from error
    return after


def running_stock(session: Session, tenant: TenantId, shop: str) -> Running:
    """What lies in the tenant's bins by the ledger, and what was asked for."""
    stock: dict[tuple[str, int, str], int] = {}
    for row in session.exec(
        tenant_rows(tenant, Balance).where(col(Balance.shop_id) == shop, col(Balance.account).like("bin:%"))
    ):
        place = bin_of(row.account)
        if place is not None:
            stock[*place, row.part] = row.quantity
    asked = session.exec(open_requests(tenant).where(col(Request.shop_id) == shop))
    return Running(stock, frozenset((row.cabinet, row.bin, row.part) for row in asked))


# ---- putting it into force ----


def save(session: Session, person: SignedIn, shop: str, draft: Draft, now_ms: int, *, force: bool = False) -> Edited:
    """Make a draft the shop's next version, in the cloud's own transaction.

    `RefusedError`: it is not possible; `StaleEditError`: somebody changed the dealer's planogram after the version that
    was seen; `PlanogramError`: a bin cannot be counted by weight, and `force` was not said.
    """
    return _put(session, person, shop, draft, now_ms, force=force, action=EDITED)


def restore(session: Session, person: SignedIn, shop: str, now_ms: int, *, version: int, seen: int) -> Edited:
    """Make the dealer's planogram what it was in an older version: as a new version, refused by nothing but its sum."""
    tenant = person.tenant
    row = own_shop(session, tenant, shop)
    if not any(
        found.version == version for found in versions(session, tenant, shop, after=0, limit=VERSIONS_LOOKED_AT)
    ):
        raise NotFoundError(f"expected a version of your planogram, found {version}")
    now, then = _view(session, tenant, row, row.document_version), _view(session, tenant, row, version)
    return _put(session, person, shop, as_draft(now, then, seen), now_ms, force=True, action=RESTORED)


def cabinet_draft(cabinet: Cabinet) -> CabinetDraft:
    """A cabinet as a draft that changes nothing of it."""
    return CabinetDraft(cabinet.id, cabinet.name_zh, cabinet.name_en, cabinet.doors, tuple(cabinet.pin_doors))


def as_draft(now: ShopDocument, then: ShopDocument, seen: int) -> Draft:
    """What makes one view another: every bin of then, and those that came since emptied."""
    old = {(cabinet.id, bin_.bin): bin_ for cabinet in then.cabinets for bin_ in cabinet.bins}
    places = [(cabinet.id, bin_.bin) for cabinet in now.cabinets for bin_ in cabinet.bins]
    bins = []
    for place in places:
        before = old.get(place)
        bins.append(BinDraft(*place, before.parts, before.cell) if before else BinDraft(*place))
    names = {cabinet.id: cabinet for cabinet in then.cabinets}
    cabinets = [
        cabinet_draft(names[cabinet.id])
        for cabinet in now.cabinets
        if cabinet.id in names and _called(cabinet) != _called(names[cabinet.id])
    ]
    return Draft(seen, tuple(bins), tuple(cabinets))


def _called(cabinet: object) -> tuple[object, ...]:
    return tuple(getattr(cabinet, name) for name in ("name_zh", "name_en", "doors", "pin_doors"))


def _put(
    session: Session, person: SignedIn, shop: str, draft: Draft, now_ms: int, *, force: bool, action: str
) -> Edited:
    tenant = person.tenant
    row = own_shop(session, tenant, shop)
    _refuse_strange_owner(session, row, draft)
    laying = _Laying(session, tenant, row, draft, now_ms)

    def watched(document: ShopDocument) -> object:
        return view_of(document, tenant.dealer, "").cabinets

    edited = edit_document(session, shop, laying.over, now_ms, seen=draft.seen, watched=watched, force=force)
    if edited.changed:
        told = changes(view_of(edited.before, tenant.dealer, ""), view_of(edited.after, tenant.dealer, ""))
        record(
            session,
            person,
            now_ms,
            action=action,
            target=_target(shop, edited.version),
            before=f"version {edited.before.version}",
            after="; ".join(f"{each.cabinet}/{each.bin}: {each.sentence('en')}" for each in told),
        )
    return edited


def _refuse_strange_owner(session: Session, shop: Shop, draft: Draft) -> None:
    """A bin is handed over to a dealer of this cloud, and only when the ledger holds nothing in it."""
    for bin_ in draft.bins:
        if bin_.hand_over is None:
            continue
        dealer = session.get(Dealer, bin_.hand_over or shop.dealer_id)
        if dealer is None or dealer.closed_ms:
            raise RefusedError(
                f"expected a dealer of this cloud to hand the bin over to, found {bin_.hand_over[:60]!r}"
            )
        account = f"bin:{bin_.cabinet}/{bin_.bin}"
        held = select(Balance.quantity).where(
            col(Balance.shop_id) == shop.id, col(Balance.account) == account, col(Balance.quantity) != 0
        )
        if session.exec(held).first() is not None:
            raise RefusedError(f"expected an empty bin to hand over, found some in bin {bin_.bin} of {bin_.cabinet}")


def _target(shop: str, version: int) -> str:
    return f"shop {shop} version {version}"


# ---- what it was before ----


def versions(session: Session, tenant: TenantId, shop: str, after: int, limit: int) -> list[Version]:
    """Versions in which the tenant's planogram became another, newest first, older than `after` (0: all)."""
    own_shop(session, tenant, shop)
    found = []
    with as_service(session):
        for row, before, now in _pairs(session, shop, tenant.dealer, after):
            told = changes(before, now) if before is not None else []
            if told or (before is None and now.cabinets):
                found.append((row, tuple(told)))
            if len(found) == limit:
                break
    people = _people(session, tenant, shop, [row.version for row, _ in found])
    return [
        Version(
            row.version,
            row.stored_ms,
            people.get(row.version, ("", ""))[0],
            people.get(row.version, ("", ""))[1] == RESTORED,
            told,
        )
        for row, told in found
    ]


def _pairs(
    session: Session, shop: str, dealer: str, after: int
) -> Iterator[tuple[Document, ShopDocument | None, ShopDocument]]:
    """Each version with the one before it, as the dealer may see them; None before the first."""
    rows = select(Document).where(col(Document.shop_id) == shop)
    if after:
        rows = rows.where(col(Document.version) < after)
    stored = session.exec(rows.order_by(col(Document.version).desc()).limit(VERSIONS_LOOKED_AT + 1)).all()
    views = [view_of(decode_document(bytes(row.body)), dealer, "") for row in stored]
    for at, row in enumerate(stored[:VERSIONS_LOOKED_AT]):
        yield row, views[at + 1] if at + 1 < len(views) else None, views[at]


def _people(session: Session, tenant: TenantId, shop: str, wanted: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Who of the dealer's made which version, by the audit trail."""
    targets = {_target(shop, version): version for version in wanted}
    rows = tenant_rows(tenant, AuditEntry).where(
        col(AuditEntry.action).in_([EDITED, RESTORED]), col(AuditEntry.target).in_(sorted(targets))
    )
    return {targets[row.target]: (row.user_name, row.action) for row in session.exec(rows)}
