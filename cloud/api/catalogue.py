"""The catalogue over HTTP: one box to search it, its parts, numbers, fitment, prices and models, and VINs.

A part's number stands at the end of an address, because a number may have slashes in it.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import APIRouter, Body, Depends, HTTPException, Path, Query, Response

from cloud.api.access import AllServices, Needs, NeedsTenant, refusals
from cloud.catalogue import parts as reading
from cloud.catalogue.editing import FITMENT_AT_ONCE, Editor
from cloud.catalogue.parts import ROWS_MAX
from cloud.catalogue.search import HITS_MAX, TYPED_MAX, Search
from cloud.catalogue.search_views import SearchAnswer
from cloud.catalogue.suggesting import SUGGESTED_MAX, Suggestions, suggested
from cloud.catalogue.taught import ROWS_MAX as TAUGHT_MAX
from cloud.catalogue.taught import TaughtMassView, taught
from cloud.catalogue.vehicle_of_vin import vehicle_of_vin
from cloud.catalogue.views import (
    NO_NUL,
    Category,
    FitmentPage,
    ModelsPage,
    NewFitment,
    NewModel,
    NewPart,
    PartChange,
    PartsPage,
    PartUse,
    PartView,
    PriceView,
    ReferenceKind,
    ReferenceView,
)
from cloud.catalogue.vin_views import VinAnswer
from cloud.catalogue.writing import CatalogueError
from cloud.identity import SignedIn
from cloud.services import Services
from cloud.tenancy import TenantId
from cloud.work.prices import BilledPriceError
from page_kit.language import Language

router = APIRouter(
    prefix="/api",
    tags=["catalogue"],
    responses=refusals(_401="nobody is signed in", _403="your role does not allow it"),
)
NO_PART = refusals(_404="no such part in your catalogue")
NO_CURSOR = refusals(_404="the cursor is none of this list")
CANNOT_BE = refusals(_409="it contradicts what the catalogue has")

Reader = Annotated[TenantId, Depends(NeedsTenant("see_catalogue"))]
PriceReader = Annotated[TenantId, Depends(NeedsTenant("see_prices"))]
StockReader = Annotated[TenantId, Depends(NeedsTenant("see_stock"))]
Writer = Annotated[SignedIn, Depends(Needs("edit_catalogue"))]
PartNumber = Annotated[str, Path(min_length=1, max_length=64, pattern=NO_NUL, examples=["WK-1060"])]
Limit = Annotated[int, Query(ge=1, le=ROWS_MAX)]
AfterId = Annotated[int, Query(ge=0, le=2**31 - 1, description="of the page before")]
RowId = Annotated[int, Path(ge=1, le=2**31 - 1, examples=[7])]


@contextmanager
def _editing(person: SignedIn, services: Services) -> Iterator[Editor]:
    """A transaction that changes the catalogue."""
    try:
        with services.database.writing_as(person.tenant) as session:
            yield Editor(session, person, services.now_ms())
    except (CatalogueError, BilledPriceError) as error:
        raise HTTPException(409, str(error)) from error


@router.get("/search", summary="Find parts and vehicles by whatever was typed: a number, a VIN, a plate, a few words")
def search(
    tenant: Reader,
    services: AllServices,
    q: Annotated[str, Query(max_length=TYPED_MAX, examples=["解放 J6 机滤"])],
    limit: Annotated[int, Query(ge=1, le=HITS_MAX)] = 20,
) -> SearchAnswer:
    """One box for everything; the answer says how it understood the text."""
    with services.database.reading_as(tenant) as session:
        return Search(session, tenant, services.now_ms()).answer(q, limit)


@router.get("/search/suggestions", summary="The first few a search would find, for a box that suggests while one types")
def suggestions(
    tenant: Reader,
    services: AllServices,
    q: Annotated[str, Query(max_length=TYPED_MAX, examples=["机滤"])],
    language: Annotated[Language, Query(description="of the words")] = "zh",
) -> Suggestions:
    """Vehicles, then parts, each with the page it leads to."""
    with services.database.reading_as(tenant) as session:
        found = Search(session, tenant, services.now_ms()).answer(q, SUGGESTED_MAX)
    return suggested(found, language)


@router.get("/vin/{vin}", summary="Which vehicle a VIN is, as far as anybody knows, and what is wrong with it")
def vin(
    vin: Annotated[str, Path(min_length=1, max_length=40, pattern=NO_NUL, examples=["1FUJGLDR9CSBK1234"])],
    tenant: Reader,
    services: AllServices,
) -> VinAnswer:
    """Read a VIN."""
    with services.database.reading_as(tenant) as session:
        return vehicle_of_vin(session, tenant, vin, time.gmtime(services.now_ms() / 1000).tm_year)


@router.get("/catalogue/parts", summary="Parts in order of number", responses=NO_CURSOR)
def parts(
    tenant: Reader,
    services: AllServices,
    *,
    after: Annotated[str, Query(max_length=64, pattern=NO_NUL, description="`next` of the page before")] = "",
    limit: Limit = 50,
    category: Annotated[Category, Query()] = "",
    brand: Annotated[str, Query(max_length=64, pattern=NO_NUL)] = "",
    withdrawn: Annotated[bool | None, Query(description="only these, or only the others")] = None,
) -> PartsPage:
    """The catalogue, page by page."""
    with services.database.reading_as(tenant) as session:
        return reading.parts(
            session, tenant, after=after, limit=limit, category=category, brand=brand, withdrawn=withdrawn
        )


@router.post("/catalogue/parts", summary="Make a part", status_code=201, responses=CANNOT_BE)
def make_part(part: NewPart, person: Writer, services: AllServices) -> PartView:
    """A new part."""
    with _editing(person, services) as editor:
        editor.make(part)
        return reading.part(editor.session, editor.tenant, part.number)


@router.get("/catalogue/parts/{number:path}", summary="One part", responses=NO_PART)
def part(number: PartNumber, tenant: Reader, services: AllServices) -> PartView:
    """One part with what replaces it and what it replaces."""
    with services.database.reading_as(tenant) as session:
        return reading.part(session, tenant, number)


@router.patch("/catalogue/parts/{number:path}", summary="Change a part", responses={**NO_PART, **CANNOT_BE})
def change_part(number: PartNumber, wanted: PartChange, person: Writer, services: AllServices) -> PartView:
    """Change a part; it gets the next revision, by which gateways fetch it."""
    with _editing(person, services) as editor:
        editor.change(number, wanted)
        return reading.part(editor.session, editor.tenant, number)


@router.delete(
    "/catalogue/parts/{number:path}",
    summary="Offer a part no longer",
    status_code=204,
    responses={**NO_PART, **CANNOT_BE},
)
def withdraw_part(number: PartNumber, person: Writer, services: AllServices) -> Response:
    """Withdraw a part: it is found no more than its file needs, and what was booked on it stays."""
    with _editing(person, services) as editor:
        editor.withdraw(number)
    return Response(status_code=204)


@router.get("/catalogue/references/{number:path}", summary="Every other number of a part", responses=NO_PART)
def references(number: PartNumber, tenant: Reader, services: AllServices) -> list[ReferenceView]:
    """Numbers of vehicle makers and competitors, and old ones."""
    with services.database.reading_as(tenant) as session:
        return reading.references(session, tenant, number)


@router.post("/catalogue/references/{number:path}", summary="Add numbers to a part", responses={**NO_PART, **CANNOT_BE})
def add_references(
    number: PartNumber,
    wanted: Annotated[list[ReferenceView], Body(min_length=1, max_length=FITMENT_AT_ONCE)],
    person: Writer,
    services: AllServices,
) -> list[ReferenceView]:
    """Add numbers; those it has already are left."""
    with _editing(person, services) as editor:
        editor.add_references(number, wanted)
        return reading.references(editor.session, editor.tenant, number)


@router.delete(
    "/catalogue/references/{number:path}",
    summary="Take a number away from a part",
    status_code=204,
    responses={**NO_PART, **CANNOT_BE},
)
def take_reference(
    number: PartNumber,
    person: Writer,
    services: AllServices,
    *,
    kind: Annotated[ReferenceKind, Query()],
    other: Annotated[str, Query(min_length=1, max_length=64, pattern=NO_NUL, description="the number to take away")],
    brand: Annotated[str, Query(max_length=64, pattern=NO_NUL)] = "",
) -> Response:
    """Take one number away."""
    with _editing(person, services) as editor:
        editor.take_reference(number, ReferenceView.model_construct(kind=kind, brand=brand, number=other))
    return Response(status_code=204)


@router.get("/catalogue/fitment/{number:path}", summary="What a part fits", responses=NO_PART)
def fitment(
    number: PartNumber, tenant: Reader, services: AllServices, *, after: AfterId = 0, limit: Limit = 100
) -> FitmentPage:
    """Makes, models, engines and years."""
    with services.database.reading_as(tenant) as session:
        return reading.fitment(session, tenant, number, after=after, limit=limit)


@router.post("/catalogue/fitment/{number:path}", summary="Add vehicles to a part", responses={**NO_PART, **CANNOT_BE})
def add_fitment(
    number: PartNumber,
    wanted: Annotated[list[NewFitment], Body(min_length=1, max_length=FITMENT_AT_ONCE)],
    person: Writer,
    services: AllServices,
) -> FitmentPage:
    """Add vehicles; those it has already are left."""
    with _editing(person, services) as editor:
        editor.add_fitment(number, wanted)
        return reading.fitment(editor.session, editor.tenant, number, after=0, limit=ROWS_MAX)


@router.delete(
    "/catalogue/fitted/{fitment}/{number:path}",
    summary="Take a vehicle away from a part",
    status_code=204,
    responses={**NO_PART, **CANNOT_BE},
)
def take_fitment(fitment: RowId, number: PartNumber, person: Writer, services: AllServices) -> Response:
    """Take one line of fitment away."""
    with _editing(person, services) as editor:
        editor.take_fitment(number, fitment)
    return Response(status_code=204)


@router.get("/catalogue/prices/{number:path}", summary="What a part costs, by day", responses=NO_PART)
def prices(number: PartNumber, tenant: PriceReader, services: AllServices) -> list[PriceView]:
    """Prices, the newest day first."""
    with services.database.reading_as(tenant) as session:
        return reading.prices(session, tenant, number)


@router.post(
    "/catalogue/prices/{number:path}",
    summary="Say what a part costs from a day on",
    responses=refusals(_404="no such part or shop of yours", _409="a closed statement rests on that price"),
)
def set_price(number: PartNumber, wanted: PriceView, person: Writer, services: AllServices) -> list[PriceView]:
    """A price with its day; the one of the same day and shop is replaced, unless it was billed."""
    with _editing(person, services) as editor:
        editor.set_price(number, wanted)
        sees = person.may("see_prices")  # a program's token may have one right without the other
        return reading.prices(editor.session, editor.tenant, number) if sees else [wanted]


@router.get(
    "/catalogue/stock/{number:path}", summary="Where a part lies, shop by shop and bin by bin", responses=NO_PART
)
def stock(number: PartNumber, tenant: StockReader, services: AllServices) -> PartUse:
    """Every bin that keeps a part."""
    with services.database.reading_as(tenant) as session:
        return reading.where_kept(session, tenant, number, services.now_ms())


@router.get(
    "/catalogue/taught/{number:path}", summary="What shops' scales say a part weighs: proposals", responses=NO_PART
)
def taught_masses(
    number: PartNumber,
    tenant: Reader,
    services: AllServices,
    limit: Annotated[int, Query(ge=1, le=TAUGHT_MAX)] = TAUGHT_MAX,
) -> list[TaughtMassView]:
    """The newest of each shop. To take one over, change the part's `unit_mass_mg` and `spread_mg`."""
    with services.database.reading_as(tenant) as session:
        return taught(session, tenant, number, limit)


@router.get("/catalogue/models", summary="Your own table of models, by which VINs are told apart")
def models(
    tenant: Reader,
    services: AllServices,
    *,
    after: AfterId = 0,
    limit: Limit = 100,
    wmi: Annotated[str, Query(max_length=3, pattern=NO_NUL, examples=["LFW"])] = "",
) -> ModelsPage:
    """Rows of the table."""
    with services.database.reading_as(tenant) as session:
        return reading.models(session, tenant, after=after, limit=limit, wmi=wmi)


@router.post("/catalogue/models", summary="Add a row to your table of models", status_code=201, responses=CANNOT_BE)
def add_model(wanted: NewModel, person: Writer, services: AllServices) -> ModelsPage:
    """Which vehicles begin their VIN so; the rows of that identifier."""
    with _editing(person, services) as editor:
        editor.add_model(wanted)
        return reading.models(editor.session, editor.tenant, after=0, limit=ROWS_MAX, wmi=wanted.wmi)


@router.delete(
    "/catalogue/models/{model}",
    summary="Take a row out of your table of models",
    status_code=204,
    responses={**refusals(_404="no such row of yours"), **CANNOT_BE},
)
def take_model(model: RowId, person: Writer, services: AllServices) -> Response:
    """Take one row out."""
    with _editing(person, services) as editor:
        editor.take_model(model)
    return Response(status_code=204)
