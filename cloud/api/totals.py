"""Totals by brand, part and month: for brands, and for the dealer that shares them."""

import re
from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Depends, Query

from cloud import totals as counted
from cloud.api.access import AllServices, Needs, NotAllowedError, refusals
from cloud.identity import SignedIn
from cloud.people.rules import RefusedError
from cloud.totals import MONTHS_MAX, Totals

router = APIRouter(prefix="/api", tags=["totals"])
Counting = Annotated[SignedIn, Depends(Needs("see_totals"))]
_MONTH = re.compile(r"\d{4}-\d{2}")


@router.get(
    "/totals",
    summary="What all shops together used, by brand, part and month; no sum is over fewer than three shops",
    responses=refusals(
        _401="nobody is signed in",
        _403="your role does not allow it, or it is another brand's",
        _422="the cursor is no month",
    ),
)
def totals(
    person: Counting,
    services: AllServices,
    later: BackgroundTasks,
    *,
    brand: Annotated[str | None, Query(max_length=64, description="only this one", examples=["WIX"])] = None,
    cursor: Annotated[str, Query(max_length=7, description="only months before", examples=["2026-03"])] = "",
    months: Annotated[int, Query(ge=1, le=MONTHS_MAX)] = 12,
) -> Totals:
    """Published months, the newest first; those that are due are summed up meanwhile."""
    if cursor and not _MONTH.fullmatch(cursor):
        raise RefusedError(f"expected a cursor of this list, a month such as 2026-03, found {cursor!r}")
    tenant, now_ms = person.tenant, services.now_ms()
    with services.database.reading_as(tenant) as session:
        found = counted.totals(session, tenant, now_ms, brand=shown_brand(person, brand), before=cursor, months=months)
    if found.due:
        later.add_task(counted.publish_due, services.database, tenant, now_ms)
    return found


def shown_brand(person: SignedIn, asked: str | None) -> str | None:
    """A brand's own person sees that brand alone (`NotAllowedError`)."""
    if person.role != "brand":
        return asked
    if asked not in {None, person.brand}:
        raise NotAllowedError(f"expected your own brand {person.brand}, found {asked}")
    return person.brand
