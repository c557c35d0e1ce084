"""The dealer's own store, and what to buy for it."""

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Query, Response
from pydantic import BaseModel, Field

from cloud.api.access import AllServices, Needs, refusals
from cloud.api.asked import HERE, Limit, gives_file, saved_file
from cloud.identity import SignedIn
from cloud.replenishment.visits import purchases, store
from cloud.replenishment.visits.views import PurchaseView, StoreView

router = APIRouter(prefix="/api", tags=["rounds"], responses=HERE)

Planner = Annotated[SignedIn, Depends(Needs("plan_visits"))]
Number = Annotated[str, Field(min_length=1, max_length=store.TEXT_MAX, examples=["WK-1060"])]
Supplier = Annotated[str, Query(max_length=store.TEXT_MAX, description="only of this supplier")]
NO_PART = refusals(_404="your store keeps no such part", _422="it is not possible")


class StoreFacts(BaseModel):
    """What is said of a part in the store; what is left out stands as it was."""

    part: Number
    on_hand: int | None = Field(default=None, ge=-store.QUANTITY_MAX, le=store.QUANTITY_MAX, examples=[120])
    on_order: int | None = Field(default=None, ge=0, le=store.QUANTITY_MAX, examples=[0])
    supplier: str | None = Field(default=None, max_length=store.TEXT_MAX, examples=["曼牌滤清器"])
    lead_days: int | None = Field(default=None, ge=0, le=store.LEAD_DAYS_MAX, examples=[7])
    order_pack: int | None = Field(default=None, ge=1, le=store.QUANTITY_MAX, examples=[12])
    location: str | None = Field(default=None, max_length=store.TEXT_MAX, examples=["A-03-2"])


class Moved(BaseModel):
    """So much of a part."""

    part: Number
    quantity: int = Field(ge=1, le=store.QUANTITY_MAX, examples=[48])


class MovedLines(BaseModel):
    """Parts that were ordered, or came."""

    lines: list[Moved] = Field(min_length=1, max_length=1000)

    def all(self) -> list[purchases.Line]:
        """The same as the store takes them."""
        return [purchases.Line(each.part, each.quantity) for each in self.lines]


class Taken(BaseModel):
    """How many parts a file said something of."""

    parts: int = Field(ge=0, examples=[320])


@router.get("/dealer-stock", summary="What the dealer's own store holds")
def all_stock(
    person: Planner,
    services: AllServices,
    *,
    words: Annotated[str, Query(max_length=200, description="in the number, the supplier or the place")] = "",
    cursor: Annotated[str, Query(max_length=200, description="the last part of the page before")] = "",
    limit: Limit = 50,
) -> list[StoreView]:
    """By part. A part that is not in it is taken to be there whenever it is needed."""
    with services.database.reading_as(person.tenant) as session:
        return store.stock(session, person.tenant, words=words, cursor=cursor, limit=limit)


@router.put("/dealer-stock", summary="Say what the store holds of a part", responses=refusals(_422="not possible"))
def keep_stock(said: StoreFacts, person: Planner, services: AllServices) -> StoreView:
    """New or changed."""
    with services.database.writing_as(person.tenant) as session:
        return store.keep(session, person, store.Facts(**said.model_dump()), services.now_ms())


@router.delete(
    "/dealer-stock", summary="The store keeps a part no more", status_code=204, response_class=Response,
    responses=NO_PART,
)  # fmt: skip
def remove_stock(
    part: Annotated[str, Query(min_length=1, max_length=store.TEXT_MAX, examples=["WK-1060"])],
    person: Planner,
    services: AllServices,
) -> Response:
    """Nothing is planned by what it has any more."""
    with services.database.writing_as(person.tenant) as session:
        store.remove(session, person, part, services.now_ms())
    return Response(status_code=204)


@router.get(
    "/dealer-stock/csv",
    summary="The store as CSV",
    response_class=Response,
    responses=gives_file("text/csv", "a row a part"),
)
def stock_csv(person: Planner, services: AllServices) -> Response:
    """As it can be taken over again."""
    with services.database.reading_as(person.tenant) as session:
        rows = store.stock(session, person.tenant, limit=store.LINES_MAX)
    return saved_file(store.csv_of(rows).encode(), "text/csv; charset=utf-8", "store.csv")


@router.post("/dealer-stock/csv", summary="Take a CSV file over", responses=refusals(_422="the line that is wrong"))
def take_csv(
    person: Planner,
    services: AllServices,
    content: Annotated[
        bytes, Body(media_type="text/csv", openapi_examples={"file": {"value": "part,on_hand\nWK-1060,120\n"}})
    ] = b"",
) -> Taken:
    """All of it or nothing. Columns by their names, Chinese or English; only `part` must be there."""
    with services.database.writing_as(person.tenant) as session:
        return Taken(parts=store.take_file(session, person, content, services.now_ms()))


@router.get("/purchases", summary="What to buy, by supplier")
def all_purchases(person: Planner, services: AllServices, supplier: Supplier = "") -> list[PurchaseView]:
    """The most urgent first; at most what the store keeps."""
    with services.database.reading_as(person.tenant) as session:
        return purchases.purchases(session, person.tenant, services.now_ms(), supplier)


@router.get(
    "/purchases/csv",
    summary="What to buy, as CSV",
    response_class=Response,
    responses=gives_file("text/csv", "a row a part"),
)
def purchases_csv(person: Planner, services: AllServices, supplier: Supplier = "") -> Response:
    """To send to a supplier."""
    with services.database.reading_as(person.tenant) as session:
        rows = purchases.purchases(session, person.tenant, services.now_ms(), supplier)
    return saved_file(purchases.csv_of(rows).encode(), "text/csv; charset=utf-8", f"purchases-{supplier or 'all'}.csv")


@router.post("/purchases/ordered", summary="Say that parts were ordered", responses=NO_PART)
def ordered(said: MovedLines, person: Planner, services: AllServices) -> list[StoreView]:
    """They are on order from then on."""
    with services.database.writing_as(person.tenant) as session:
        return purchases.ordered(session, person, said.all(), services.now_ms())


@router.post("/purchases/received", summary="Say that parts came", responses=NO_PART)
def received(said: MovedLines, person: Planner, services: AllServices) -> list[StoreView]:
    """On hand, and no more on order."""
    with services.database.writing_as(person.tenant) as session:
        return purchases.received(session, person, said.all(), services.now_ms())
