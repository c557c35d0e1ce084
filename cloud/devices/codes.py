"""Codes that let a shop's gateway in: made by an admin, good for a quarter of an hour and once."""

from pydantic import Field
from sqlalchemy import func
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from cloud.audit import record
from cloud.devices.happened import note
from cloud.gate import as_service
from cloud.gateway_keys import own_host_shop
from cloud.identity import SignedIn
from cloud.people.rules import TakenError
from cloud.tables import EnrolmentCode
from cloud.tenancy import NotFoundError, TenantId, tenant_rows
from cloud.views import TimeMs, View
from edge_gateway.enrolment_format import CODE_MS, Code, new_code

OPEN_MAX = 50  # of one dealer at a time


class CodeMade(View):
    """A new code, shown this once."""

    id: int = Field(examples=[7])
    code: str = Field(examples=["7KM3Q-9XW4D"])
    shop: str = Field(examples=["shop-1"])
    expires_ms: TimeMs


class CodeView(View):
    """A code that is still good; its secret nobody can be shown again."""

    id: int = Field(examples=[7])
    begins: str = Field(description="the part of it that may be said", examples=["7KM3"])
    shop: str = Field(examples=["shop-1"])
    made_by: str = Field(examples=["李经理"])
    expires_ms: TimeMs


class Codes(View):
    """The dealer's codes that are still good, the newest first."""

    codes: list[CodeView]


def make(session: Session, person: SignedIn, shop: str, pepper: bytes, now_ms: int) -> CodeMade:
    """A code for a shop's gateway, its first or one in place of another (`NotFoundError`, `TakenError`)."""
    own_host_shop(session, person.tenant, shop)
    standing = _open(person.tenant, now_ms).with_only_columns(func.count())
    if int(session.scalar(standing) or 0) >= OPEN_MAX:
        raise TakenError(f"expected at most {OPEN_MAX} codes at a time, found as many: withdraw one, or wait")
    code = _unused(session)
    row = EnrolmentCode(
        dealer_id=person.tenant.dealer,
        shop_id=shop,
        name=code.name,
        digest=code.digest(pepper),
        made_by=person.name,
        made_ms=now_ms,
        expires_ms=now_ms + CODE_MS,
    )
    session.add(row)
    session.flush()
    record(session, person, now_ms, action="gateway.code_made", target=f"shop {shop}", after=f"{code.name}…")
    note(session, now_ms, "code_made", dealer=row.dealer_id, shop=shop, target=f"code {code.name}", detail=person.name)
    return CodeMade(id=row.id or 0, code=code.text, shop=shop, expires_ms=row.expires_ms)


def _unused(session: Session) -> Code:
    """A code whose name no other has: names are short."""
    while True:
        code = new_code()
        if session.exec(select(EnrolmentCode.id).where(col(EnrolmentCode.name) == code.name)).first() is None:
            return code


def standing(session: Session, tenant: TenantId, now_ms: int) -> Codes:
    """The codes that are still good."""
    rows = session.exec(_open(tenant, now_ms).order_by(col(EnrolmentCode.id).desc())).all()
    return Codes(
        codes=[
            CodeView(id=row.id or 0, begins=row.name, shop=row.shop_id, made_by=row.made_by, expires_ms=row.expires_ms)
            for row in rows
        ]
    )


def withdraw(session: Session, person: SignedIn, code: int, now_ms: int) -> None:
    """Let nobody in by a code any more (`NotFoundError`)."""
    row = session.exec(_open(person.tenant, now_ms).where(col(EnrolmentCode.id) == code)).one_or_none()
    if row is None:
        raise NotFoundError(f"expected a code of yours that is still good, found {code}")
    row.withdrawn_ms = now_ms
    record(session, person, now_ms, action="gateway.code_withdrawn", target=f"shop {row.shop_id}", before=row.name)


def is_used(session: Session, tenant: TenantId, code: int) -> bool:
    """Whether somebody was let in by it: the page that shows it says so."""
    rows = tenant_rows(tenant, EnrolmentCode).where(col(EnrolmentCode.id) == code, col(EnrolmentCode.used_ms) > 0)
    with as_service(session):  # a tenant's own rows, of a table that no tenant's query may show
        return session.exec(rows).one_or_none() is not None


def _open(tenant: TenantId, now_ms: int) -> SelectOfScalar[EnrolmentCode]:
    return tenant_rows(tenant, EnrolmentCode).where(
        col(EnrolmentCode.used_ms) == 0,
        col(EnrolmentCode.withdrawn_ms) == 0,
        col(EnrolmentCode.expires_ms) > now_ms,
    )
