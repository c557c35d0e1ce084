"""Files into the catalogue and out of it: sent, previewed, taken over whole or dropped; exported as they are read."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from cloud.api.access import AllServices, Needs, NeedsTenant, NotAllowedError, refusals
from cloud.catalogue.imports.exporting import export, export_aces
from cloud.catalogue.imports.import_views import (
    RIGHT_TO_SEE,
    ImportChoices,
    ImportDetail,
    ImportMade,
    ImportRunView,
    KindName,
    choices_of,
    detail,
    refusals_csv,
    runs,
)
from cloud.catalogue.imports.kinds import SHAPES
from cloud.catalogue.imports.report import Choices
from cloud.catalogue.imports.runs import found_run, report_of
from cloud.catalogue.imports.unpacking import FILE_BYTES_MAX
from cloud.dealer_time import own_day
from cloud.identity import SignedIn
from cloud.tenancy import TenantId
from page_kit.language import Language

router = APIRouter(
    prefix="/api",
    tags=["imports"],
    responses=refusals(_401="nobody is signed in", _403="your role does not allow it"),
)
NO_RUN = refusals(_404="no such import, or not yours")
NOT_NOW = refusals(_404="no such import, or not yours", _409="the import is not ready for that")

Editor = Annotated[SignedIn, Depends(Needs("edit_catalogue"))]
EditingTenant = Annotated[TenantId, Depends(NeedsTenant("edit_catalogue"))]
Reader = Annotated[SignedIn, Depends(Needs("see_catalogue"))]
RunId = Annotated[str, Path(max_length=60, examples=["i-5f2c9a1e0b7d4c33"])]
Spoken = Annotated[Language, Query(description="of the sentences")]


@router.get("/imports", summary="Imports of files, newest first", responses=NO_RUN)
def list_imports(
    tenant: EditingTenant,
    services: AllServices,
    after: Annotated[str, Query(max_length=60, description="the last import of the page before")] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> list[ImportRunView]:
    """The dealer's imports."""
    with services.database.reading_as(tenant) as session:
        return runs(session, tenant, after, limit)


@router.post(
    "/imports",
    summary="Send a file (CSV, XLSX, ACES XML, also as .gz or .zip); it is read and nothing is written",
    status_code=202,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/octet-stream": {
                    "schema": {"type": "string", "format": "binary"},
                    "example": "配件编号,中文名称,单件质量(g)\nWK-1060,柴油滤清器,850\n",
                }
            },
        }
    },
    responses=refusals(_413="the file is too large"),
)
async def send(
    request: Request,
    person: Editor,
    services: AllServices,
    *,
    file_name: Annotated[str, Query(min_length=1, max_length=200, examples=["parts.csv"])],
    kind: Annotated[Literal["", "parts", "references", "fitment", "prices", "models", "vehicles"], Query()] = "",
) -> ImportMade:
    """Keep the file and begin to examine it."""
    data = await _body(request)
    made = await run_in_threadpool(services.imports.receive, person, file_name, data, Choices(kind=kind))
    return ImportMade(id=made)


async def _body(request: Request) -> bytes:
    data = bytearray()
    async for piece in request.stream():
        data += piece
        if len(data) > FILE_BYTES_MAX:
            raise HTTPException(413, f"expected at most {FILE_BYTES_MAX // 2**20} MB, found more")
    return bytes(data)


@router.get("/imports/{run}", summary="An import with its preview, or how far it has come", responses=NO_RUN)
def one_import(run: RunId, person: Editor, services: AllServices, language: Spoken = "en") -> ImportDetail:
    """One import."""
    progress = services.imports.progress(run)
    with services.database.reading_as(person.tenant) as session:
        return detail(found_run(session, person.tenant, run), progress, language, person.may)


@router.put("/imports/{run}/choices", summary="Read the file again, as chosen", status_code=202, responses=NOT_NOW)
def choose(run: RunId, choices: ImportChoices, person: Editor, services: AllServices) -> ImportMade:
    """Another preview of the same file."""
    services.imports.choose(person, run, choices_of(choices))
    return ImportMade(id=run)


@router.post(
    "/imports/{run}/take",
    summary="Take an import over in one transaction; when the catalogue changed since, it is previewed again instead",
    status_code=202,
    responses=NOT_NOW,
)
def take(run: RunId, person: Editor, services: AllServices) -> ImportMade:
    """Begin to take it over: `GET` tells when it is done."""
    services.imports.take(person, run)
    return ImportMade(id=run)


@router.delete("/imports/{run}", summary="Drop an import; its file is deleted", status_code=204, responses=NOT_NOW)
def drop(run: RunId, person: Editor, services: AllServices) -> None:
    """Let it go."""
    services.imports.drop(person, run)


@router.get(
    "/imports/{run}/refusals.csv",
    summary="Every refused line: its number, the column, what was expected and found",
    response_class=Response,
    responses={**NO_RUN, 200: {"content": {"text/csv": {"schema": {"type": "string"}}}, "description": "the table"}},
)
def refused_lines(run: RunId, tenant: EditingTenant, services: AllServices, language: Spoken = "en") -> Response:
    """The refusals as a table."""
    with services.database.reading_as(tenant) as session:
        report = report_of(found_run(session, tenant, run))
    return Response(
        refusals_csv(report, language),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="refused-{run}.csv"'},
    )


@router.get(
    "/exports/{kind}",
    summary="The catalogue as a file that can be imported again; prices and vehicles need the right to see them",
    response_class=Response,
    responses={
        200: {
            "content": {
                "text/csv": {"schema": {"type": "string"}},
                "application/xml": {"schema": {"type": "string"}},
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": {
                    "schema": {"type": "string", "format": "binary"}
                },
            },
            "description": "the file",
        },
    },
)
def export_file(
    kind: Annotated[KindName, Path(examples=["parts"])],
    person: Reader,
    services: AllServices,
    *,
    form: Annotated[
        Literal["csv", "xlsx", "xml"], Query(alias="format", description="xml: ACES, fitment alone")
    ] = "csv",
    language: Annotated[Language, Query(description="of the column names")] = "zh",
    part_type: Annotated[
        int, Query(ge=0, le=10**6, description="of an ACES file: the PCdb id of what the parts are")
    ] = 0,
) -> Response:
    """One kind of rows."""
    needed = RIGHT_TO_SEE.get(kind)
    if needed and not person.may(needed):
        raise NotAllowedError(f"expected somebody who may {needed.replace('_', ' ')}, found a {person.role}")
    if form == "xml" and kind != "fitment":
        raise HTTPException(422, f"expected fitment for ACES, found {SHAPES[kind].name('en').lower()}")
    with services.database.reading_as(person.tenant) as session:
        if form == "xml":
            today = own_day(session, person.tenant, services.now_ms())
            made = export_aces(session, person.tenant, person.dealer_name, today, part_type)
        else:
            made = export(session, person.tenant, kind, form, language)
    headers = {"Content-Disposition": f'attachment; filename="{made.name}"'}
    return Response(made.data, media_type=made.media_type, headers=headers)
