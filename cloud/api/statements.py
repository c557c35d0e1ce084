"""Statements (对账单): what a shop used in a month and what it costs, as JSON, CSV and PDF; closed once."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Response

from cloud.api.access import AllServices, Needs, NeedsTenant, refusals
from cloud.api.asked import HERE, NO_SHOP, ShopId, gives_file, saved_file
from cloud.audit import record
from cloud.identity import SignedIn
from cloud.services import Services
from cloud.tenancy import TenantId
from cloud.work import statement_closing, statements
from cloud.work.statement_csv import csv_of
from cloud.work.statement_views import MonthView, StatementView

router = APIRouter(prefix="/api/shops/{shop}/statements", tags=["work"], responses=HERE)

Reader = Annotated[TenantId, Depends(NeedsTenant("see_statements"))]
Closer = Annotated[SignedIn, Depends(Needs("close_statements"))]
MonthName = Annotated[str, Path(max_length=20, examples=["2026-11"])]
NO_MONTH = NO_SHOP | refusals(_422="no such month")


@router.get("", summary="The months of a shop, and which of them are closed", responses=NO_SHOP)
def months(shop: ShopId, tenant: Reader, services: AllServices) -> list[MonthView]:
    """Newest first."""
    with services.database.reading_as(tenant) as session:
        return statement_closing.months(session, tenant, shop, services.now_ms())


@router.get("/{month}", summary="The statement of a month", responses=NO_MONTH)
def one_statement(shop: ShopId, month: MonthName, tenant: Reader, services: AllServices) -> StatementView:
    """Computed while the month is open; as it was closed from then on."""
    return _statement(services, tenant, shop, month)


@router.get(
    "/{month}/csv",
    summary="The statement of a month, as CSV",
    response_class=Response,
    responses=gives_file("text/csv", "a row a line") | NO_MONTH,
)
def as_csv(shop: ShopId, month: MonthName, tenant: Reader, services: AllServices) -> Response:
    """The same as a table."""
    view = _statement(services, tenant, shop, month)
    return saved_file(csv_of(view).encode(), "text/csv; charset=utf-8", f"statement-{shop}-{month}.csv")


@router.get(
    "/{month}/pdf",
    summary="The statement of a month, as PDF",
    response_class=Response,
    responses=gives_file("application/pdf", "the document, A4") | NO_MONTH,
)
def as_pdf(
    shop: ShopId,
    month: MonthName,
    tenant: Reader,
    services: AllServices,
    *,
    lang: Annotated[Literal["zh", "en"], Query()] = "zh",
) -> Response:
    """The same to print and to send."""
    from cloud.work.statement_pdf import pdf_of  # noqa: PLC0415 -- slow to import, and seldom asked for

    view = _statement(services, tenant, shop, month)
    return saved_file(pdf_of(view, lang), "application/pdf", f"statement-{shop}-{month}.pdf")


@router.post(
    "/{month}/close",
    summary="Close a month for ever",
    responses=NO_MONTH | refusals(_409="it cannot be closed now; the text says why"),
)
def close(shop: ShopId, month: MonthName, person: Closer, services: AllServices) -> StatementView:
    """What comes later for it stands in the next statement as a correction."""
    with services.database.writing_as(person.tenant) as session:
        now_ms = services.now_ms()
        view, row = statement_closing.close(session, person.tenant, shop, month, now_ms, closed_by=person.name)
        target = f"statement {month} of {shop}"
        record(session, person, now_ms, action="statement.closed", target=target, after=f"sha256 {row.digest}")
        return view


def _statement(services: Services, tenant: TenantId, shop: str, month: str) -> StatementView:
    with services.database.reading_as(tenant) as session:
        return statements.statement(session, tenant, shop, month, services.now_ms())
