"""Releases: put up signed, listed, described, withdrawn. The operator's are every dealer's, a dealer's its own alone.

A bundle is refused that no known key has signed, that is cut short or changed, or whose version is older than one that
stands, unless somebody says that it is meant. A withdrawn release begins nothing any more; what runs it goes on.
"""

import hashlib
import secrets
from collections.abc import Sequence
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import and_, or_
from sqlmodel import Session, col, select

from cloud.audit import record
from cloud.identity import SignedIn
from cloud.people.rules import RefusedError, TakenError
from cloud.rollouts.versions import VERSION_CHARACTERS_MAX, is_older, is_version, order
from cloud.tables import FirmwareBundle, FirmwareRelease, Rollout
from cloud.tenancy import NotFoundError, TenantId, tenant_rows
from cloud.views import TimeMs, View
from edge_gateway import bundle_format
from edge_gateway.feed_format import BUNDLE_BYTES_MAX

NOTES_CHARACTERS_MAX: Final = 2000
Notes = Annotated[str, Field(max_length=NOTES_CHARACTERS_MAX, pattern=r"^[^\x00]*$")]


class ReleaseNotes(BaseModel):
    """What a release brings, in both languages."""

    model_config = ConfigDict(extra="forbid")

    zh: Notes = Field(default="", examples=["门锁更安静，省电。"])
    en: Notes = Field(default="", examples=["Quieter locks, less power."])


class ReleaseView(View):
    """A release."""

    id: str = Field(examples=["r-4kq2m7xw3pbd8s6h"])
    version: str = Field(examples=["0.3.0"])
    digest: str = Field(description="SHA-256 of the bundle, in hex")
    bytes: int = Field(ge=1, examples=[67112])
    boards: list[str] = Field(description="boards that it runs on; empty: every one", examples=[["esp32s3-w5500-12"]])
    key: str = Field(description="the release key that signed it", examples=["release"])
    of: Literal["operator", "dealer"] = Field(description="whose it is: every dealer's, or your own")
    is_older: bool = Field(description="put up although a newer version stood")
    notes: ReleaseNotes
    made_by: str = Field(examples=["李经理"])
    made_ms: TimeMs
    withdrawn_by: str
    withdrawn_ms: int | None = Field(description="null: it stands")


def put_up(
    session: Session,
    person: SignedIn,
    bundle: bytes,
    keys: Sequence[bundle_format.ReleaseKey],
    notes: ReleaseNotes,
    *,
    older: bool,
    now_ms: int,
) -> ReleaseView:
    """Check a bundle and keep it as a release (`RefusedError`, `TakenError`)."""
    dealer = None if person.may("operate") else person.tenant.dealer
    header, key = _checked(bundle, keys)
    standing = [row for row in _of_owner(session, dealer) if not row.withdrawn_ms]
    digest = hashlib.sha256(bundle).hexdigest()
    _check_new(standing, header.version, digest, older=older)
    if session.get(FirmwareBundle, digest) is None:
        session.add(FirmwareBundle(digest=digest, body=bundle))
    row = FirmwareRelease(
        id=f"r-{secrets.token_hex(8)}",
        dealer_id=dealer,
        version=header.version,
        digest=digest,
        bytes=len(bundle),
        boards=" ".join(header.boards),
        key=key,
        is_older=any(is_older(header.version, each.version) for each in standing),
        notes_zh=notes.zh.strip(),
        notes_en=notes.en.strip(),
        made_by=person.name,
        made_ms=now_ms,
    )
    session.add(row)
    session.flush()
    record(session, person, now_ms, action="release.made", target=f"release {row.version}", after=digest[:16])
    return view(row)


def _checked(bundle: bytes, keys: Sequence[bundle_format.ReleaseKey]) -> tuple[bundle_format.BundleHeader, str]:
    if not keys:
        raise RefusedError("expected release_keys in the cloud's settings, found none: nothing can be checked")
    if len(bundle) > BUNDLE_BYTES_MAX:
        raise RefusedError(f"expected a bundle of at most {BUNDLE_BYTES_MAX} bytes, found {len(bundle)}")
    try:
        header, key = bundle_format.check(bundle, keys)
    except bundle_format.BundleError as error:
        raise RefusedError(str(error)) from error
    if not is_version(header.version):
        raise RefusedError(
            f"expected a version such as 0.2.0 of at most {VERSION_CHARACTERS_MAX} characters, found {header.version!r}"
        )
    return header, key


def _of_owner(session: Session, dealer: str | None) -> list[FirmwareRelease]:
    """What stands of the same owner, and of the operator."""
    owner = col(FirmwareRelease.dealer_id)
    rows = select(FirmwareRelease).where(or_(owner.is_(None), owner == dealer))  # of the operator: is null, twice
    return list(session.exec(rows))


def _check_new(standing: Sequence[FirmwareRelease], version: str, digest: str, *, older: bool) -> None:
    for row in standing:
        if row.version == version:
            same = "the same bundle" if row.digest == digest else "another bundle"
            raise TakenError(
                f"expected a version that is not here yet, found {version} with {same}: withdraw that first"
            )
    newest = max((row.version for row in standing), key=order, default="")
    if newest and is_older(version, newest) and not older:
        raise RefusedError(f"expected a version above {newest}, found {version}: say that it is meant to be older")


def view(row: FirmwareRelease) -> ReleaseView:
    """A release as it is shown."""
    return ReleaseView(
        id=row.id,
        version=row.version,
        digest=row.digest,
        bytes=row.bytes,
        boards=row.boards.split(),
        key=row.key,
        of="operator" if row.dealer_id is None else "dealer",
        is_older=row.is_older,
        notes=ReleaseNotes(zh=row.notes_zh, en=row.notes_en),
        made_by=row.made_by,
        made_ms=row.made_ms,
        withdrawn_by=row.withdrawn_by,
        withdrawn_ms=row.withdrawn_ms or None,
    )


def releases(session: Session, tenant: TenantId, *, cursor: str = "", limit: int = 50) -> list[ReleaseView]:
    """A dealer's releases and the operator's, the last put up first (`NotFoundError` for a foreign cursor)."""
    rows = tenant_rows(tenant, FirmwareRelease)
    if cursor:
        last = own_release(session, tenant, cursor)
        same_time = and_(col(FirmwareRelease.made_ms) == last.made_ms, col(FirmwareRelease.id) < last.id)
        rows = rows.where(or_(col(FirmwareRelease.made_ms) < last.made_ms, same_time))
    by = col(FirmwareRelease.made_ms).desc(), col(FirmwareRelease.id).desc()
    return [view(row) for row in session.exec(rows.order_by(*by).limit(limit))]


def operators_releases(session: Session) -> list[ReleaseView]:
    """What the operator has put up, the last first."""
    rows = select(FirmwareRelease).where(col(FirmwareRelease.dealer_id).is_(None))
    by = col(FirmwareRelease.made_ms).desc(), col(FirmwareRelease.id).desc()
    return [view(row) for row in session.exec(rows.order_by(*by).limit(200))]


def own_release(session: Session, tenant: TenantId, name: str) -> FirmwareRelease:
    """A release that the tenant may roll out (`NotFoundError`)."""
    row = session.exec(tenant_rows(tenant, FirmwareRelease).where(col(FirmwareRelease.id) == name)).one_or_none()
    if row is None:
        raise NotFoundError(f"expected a release of yours, found {name!r}")
    return row


def _to_change(session: Session, person: SignedIn, name: str) -> FirmwareRelease:
    """Who put it up may change it: the operator the operator's, a dealer its own (`NotFoundError`)."""
    owner = col(FirmwareRelease.dealer_id)
    own = owner.is_(None) if person.may("operate") else owner == person.tenant.dealer
    rows = select(FirmwareRelease).where(own, col(FirmwareRelease.id) == name)
    row = session.exec(rows.with_for_update()).one_or_none()
    if row is None:
        raise NotFoundError(f"expected a release of yours, found {name!r}")
    return row


def describe(session: Session, person: SignedIn, name: str, notes: ReleaseNotes, now_ms: int) -> ReleaseView:
    """Say anew what a release brings (`NotFoundError`)."""
    row = _to_change(session, person, name)
    before, row.notes_zh, row.notes_en = row.notes_zh or row.notes_en, notes.zh.strip(), notes.en.strip()
    after = row.notes_zh or row.notes_en
    record(
        session, person, now_ms, action="release.described", target=f"release {row.version}", before=before, after=after
    )
    return view(row)


def withdraw(session: Session, person: SignedIn, name: str, now_ms: int) -> ReleaseView:
    """Begin nothing with a release any more (`NotFoundError`, `TakenError` while a rollout of it runs)."""
    row = _to_change(session, person, name)
    running = select(Rollout).where(col(Rollout.release) == row.id, col(Rollout.state) == "running")
    if session.exec(running.limit(1)).first() is not None:
        raise TakenError(f"expected no rollout of {row.version} to run, found one: stop it first")
    if not row.withdrawn_ms:
        row.withdrawn_ms, row.withdrawn_by = now_ms, person.name
        record(session, person, now_ms, action="release.withdrawn", target=f"release {row.version}")
    return view(row)


def older_release(session: Session, dealer: str, version: str) -> FirmwareRelease | None:
    """The release that a cabinet of a dealer is taken back to: that of the version, one that stands before others."""
    rows = select(FirmwareRelease).where(
        or_(col(FirmwareRelease.dealer_id) == dealer, col(FirmwareRelease.dealer_id).is_(None)),
        col(FirmwareRelease.version) == version,
    )
    by = col(FirmwareRelease.withdrawn_ms) > 0, col(FirmwareRelease.made_ms).desc(), col(FirmwareRelease.id)
    return session.exec(rows.order_by(*by).limit(1)).first()
