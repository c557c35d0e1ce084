"""What a dealer does about stock: where a part is, open discrepancies and their answers, counts, transfers."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, Field

from cloud import stock
from cloud.api.access import AllServices, Needs, NeedsTenant, refusals
from cloud.api.asked import HERE, Limit, ShopId
from cloud.identity import SignedIn
from cloud.stock_views import CountView, End, OpenDiscrepancy, PartPlace, Sent, TransferView
from cloud.stock_work import counts, discrepancies, transfers
from cloud.tenancy import TenantId

router = APIRouter(prefix="/api", tags=["stock"], responses=HERE)

StockTenant = Annotated[TenantId, Depends(NeedsTenant("see_stock"))]
SessionsTenant = Annotated[TenantId, Depends(NeedsTenant("see_sessions"))]
Resolver = Annotated[SignedIn, Depends(Needs("resolve"))]
OneShop = Annotated[str, Query(max_length=200, description="only this shop", examples=["shop-1"])]
Cursor = Annotated[str, Query(max_length=200, description="the id of the last one of the page before")]
CursorShop = Annotated[str, Query(max_length=200, description="its shop", examples=["shop-1"])]
Name = Annotated[str, Field(min_length=1, max_length=200)]
BinNumber = Annotated[int, Field(ge=1, le=64, examples=[4])]
NO_PAGE = refusals(_404="no such shop, or the cursor is none of this list")


class FoundPart(BaseModel):
    """How much of a part somebody counted in a bin."""

    part: Annotated[Name, Field(examples=["WK-1060"])]
    quantity: int = Field(ge=0, le=discrepancies.QUANTITY_MAX, examples=[11])


class Answer(BaseModel):
    """What closes a discrepancy: a note, or what was counted in its bin."""

    discrepancy: Annotated[Name, Field(examples=["cab-1/6f1c20aa/17/4"])]
    note: str = Field(default="", max_length=discrepancies.NOTE_CHARACTERS_MAX, examples=["借给隔壁工位"])
    found: list[FoundPart] = Field(default=[], max_length=20)


class NewCount(BaseModel):
    """Which bin to count."""

    cabinet: Annotated[Name, Field(examples=["cab-1"])]
    bin: BinNumber
    part: str = Field(default="", max_length=200, description="empty: the bin's first")
    note: str = Field(default="", max_length=counts.NOTE_CHARACTERS_MAX)


class Place(BaseModel):
    """One end of a transfer."""

    shop: Annotated[Name, Field(examples=["shop-1"])]
    cabinet: Annotated[Name, Field(examples=["cab-1"])]
    bin: BinNumber

    def end(self) -> End:
        """The same as the transfers know it."""
        return End(shop=self.shop, cabinet=self.cabinet, bin=self.bin)


class NewTransfer(BaseModel):
    """What is to go where."""

    part: Annotated[Name, Field(examples=["WK-1060"])]
    quantity: int = Field(ge=1, le=transfers.QUANTITY_MAX, examples=[6])
    source: Place
    target: Place
    note: str = Field(default="", max_length=transfers.NOTE_CHARACTERS_MAX)


class Note(BaseModel):
    """What is said about it."""

    note: str = Field(default="", max_length=transfers.NOTE_CHARACTERS_MAX)


@router.get("/stock", summary="Where how much of a part is, over all shops")
def stock_of_part(
    part: Annotated[str, Query(min_length=1, max_length=200, examples=["WK-1060"])],
    tenant: StockTenant,
    services: AllServices,
    shop: OneShop = "",
) -> list[PartPlace]:
    """Every bin that holds it or should, the fullest first."""
    with services.database.reading_as(tenant) as session:
        return stock.of_part(session, tenant, part, services.now_ms(), shop)


@router.get("/discrepancies", summary="What is open over all shops, the newest first", responses=NO_PAGE)
def all_open(
    tenant: SessionsTenant,
    services: AllServices,
    *,
    shop: OneShop = "",
    cursor: Cursor = "",
    cursor_shop: CursorShop = "",
    limit: Limit = 50,
) -> list[OpenDiscrepancy]:
    """Each with the last order that was given about it."""
    behind = (cursor_shop, cursor) if cursor else None
    with services.database.reading_as(tenant) as session:
        return discrepancies.open_discrepancies(session, tenant, shop=shop, cursor=behind, limit=limit)


@router.post(
    "/shops/{shop}/discrepancies/answers",
    summary="Have a discrepancy closed by its shop's gateway",
    status_code=202,
    responses=refusals(
        _404="no such discrepancy or shop, or not yours",
        _409="it is closed, or an answer is on its way",
        _422="it cannot be answered so",
    ),
)
def answer(shop: ShopId, told: Answer, person: Resolver, services: AllServices) -> Sent:
    """The gateway books it and answers; until then the discrepancy stays open."""
    found = [(each.part, each.quantity) for each in told.found]
    with services.database.writing_as(person.tenant) as session:
        return discrepancies.resolve(
            session, person, shop, told.discrepancy, note=told.note, found=found, now_ms=services.now_ms()
        )


@router.get("/counts", summary="Counts that were asked for, the last first", responses=NO_PAGE)
def all_counts(
    person: Resolver,
    services: AllServices,
    *,
    shop: OneShop = "",
    cursor: Cursor = "",
    cursor_shop: CursorShop = "",
    limit: Limit = 50,
) -> list[CountView]:
    """With what was expected and what was counted."""
    behind = (cursor_shop, cursor) if cursor else None
    with services.database.reading_as(person.tenant) as session:
        return counts.counts(session, person.tenant, shop=shop, cursor=behind, limit=limit)


@router.post(
    "/shops/{shop}/counts",
    summary="Have a bin counted",
    status_code=201,
    responses=refusals(
        _404="no such bin or shop, or not yours", _409="such a count waits already", _422="it cannot be counted so"
    ),
)
def ask_for_a_count(shop: ShopId, wanted: NewCount, person: Resolver, services: AllServices) -> CountView:
    """It stands at the shop's kiosk until somebody has counted."""
    place = wanted.cabinet, wanted.bin
    with services.database.writing_as(person.tenant) as session:
        return counts.ask(session, person, shop, place, part=wanted.part, note=wanted.note, now_ms=services.now_ms())


@router.post(
    "/shops/{shop}/counts/{count}/withdraw",
    summary="Take a count back that nobody has made",
    status_code=202,
    responses=refusals(_404="no such count or shop, or not yours", _409="it has been answered"),
)
def withdraw_count(
    shop: ShopId, count: Annotated[str, Path(max_length=200)], person: Resolver, services: AllServices
) -> Sent:
    """The kiosk lets it go when its gateway has heard of it."""
    with services.database.writing_as(person.tenant) as session:
        return counts.withdraw(session, person, shop, count, services.now_ms())


@router.get("/transfers", summary="Transfers, the last proposed first", responses=NO_PAGE)
def all_transfers(
    person: Resolver,
    services: AllServices,
    *,
    open_only: bool = False,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> list[TransferView]:
    """What was taken, what has come, and what is on the way."""
    with services.database.reading_as(person.tenant) as session:
        return transfers.transfers(session, person.tenant, open_only=open_only, cursor=cursor, limit=limit)


@router.post(
    "/transfers",
    summary="Propose to move stock from one bin to another",
    status_code=201,
    responses=refusals(_404="no such bin, or not yours", _422="it cannot be moved so"),
)
def propose(wanted: NewTransfer, person: Resolver, services: AllServices) -> TransferView:
    """It books nothing: the restocker's movements at both bins are followed."""
    asked = transfers.Asked(wanted.part, wanted.quantity, wanted.source.end(), wanted.target.end(), wanted.note)
    with services.database.writing_as(person.tenant) as session:
        return transfers.propose(session, person, asked, services.now_ms())


END = refusals(_404="no such transfer, or not yours", _409="it is over, or something is on the way")


@router.post("/transfers/{transfer}/withdraw", summary="Take a transfer back", responses=END)
def withdraw_transfer(
    transfer: Annotated[str, Path(max_length=200)], told: Note, person: Resolver, services: AllServices
) -> TransferView:
    """Only while nothing of it is on the way."""
    with services.database.writing_as(person.tenant) as session:
        return transfers.withdraw(session, person, transfer, told.note, services.now_ms())


@router.post("/transfers/{transfer}/close", summary="Say that a transfer is over", responses=END)
def close_transfer(
    transfer: Annotated[str, Path(max_length=200)], told: Note, person: Resolver, services: AllServices
) -> TransferView:
    """Also when less came than was asked for."""
    with services.database.writing_as(person.tenant) as session:
        return transfers.close(session, person, transfer, told.note, services.now_ms())
