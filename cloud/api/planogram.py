"""A dealer's planogram of a shop: seen, drafted, checked, sent to the gateway, and put back to what it was."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Path, Query

from cloud.api.access import AllServices, Needs, NeedsTenant, refusals
from cloud.document import PlanogramError
from cloud.document_edit import Edited
from cloud.identity import SignedIn
from cloud.planogram_edit import planogram, preview, restore, save, versions
from cloud.planogram_views import (
    PlanogramDraft,
    PlanogramPreview,
    PlanogramRestoring,
    PlanogramSaved,
    PlanogramSaving,
    PlanogramVersion,
    PlanogramView,
    draft_of,
    planogram_view,
    preview_view,
    version_view,
)
from cloud.tenancy import TenantId
from edge_gateway.shop_document import DocumentError
from page_kit.language import Language

router = APIRouter(
    prefix="/api/shops/{shop}/planogram",
    tags=["planogram"],
    responses=refusals(
        _401="nobody is signed in", _403="your role does not allow it", _404="no such shop or version, or not yours"
    ),
)
STALE = refusals(_409="somebody changed it after the version that was seen")

Editor = Annotated[SignedIn, Depends(Needs("edit_planogram"))]
EditingTenant = Annotated[TenantId, Depends(NeedsTenant("edit_planogram"))]
ShopId = Annotated[str, Path(max_length=200, examples=["shop-1"])]
VersionNumber = Annotated[int, Path(ge=1, le=2**53, examples=[3])]
Spoken = Annotated[Language, Query(description="of the sentences")]


@router.get("", summary="Your bins in a shop: parts, policy, what cannot be counted, and what the gateway works from")
def seen(shop: ShopId, tenant: EditingTenant, services: AllServices, language: Spoken = "en") -> PlanogramView:
    """The planogram as it is."""
    with services.database.reading_as(tenant) as session:
        return planogram_view(planogram(session, tenant, shop), language)


@router.post("/check", summary="What a draft would come to: which parts cannot be told apart, and what changes")
def check(
    shop: ShopId, draft: PlanogramDraft, tenant: EditingTenant, services: AllServices, language: Spoken = "en"
) -> PlanogramPreview:
    """A draft checked; nothing is kept."""
    with services.database.reading_as(tenant) as session:
        return preview_view(preview(session, tenant, shop, draft_of(draft), services.now_ms()), language)


@router.put("", summary="Send changed bins to the gateway as a new version of the shop's document", responses=STALE)
def put(shop: ShopId, draft: PlanogramSaving, person: Editor, services: AllServices) -> PlanogramSaved:
    """Put a draft into force."""
    try:
        with services.database.writing() as session:
            made = save(session, person, shop, draft_of(draft), services.now_ms(), force=draft.force)
    except (PlanogramError, DocumentError) as error:
        raise HTTPException(422, str(error)) from error
    return _saved(made)


@router.get("/versions", summary="Versions in which your planogram became another, newest first")
def past(
    shop: ShopId,
    tenant: EditingTenant,
    services: AllServices,
    *,
    before: Annotated[int, Query(ge=0, le=2**53, description="older than this version; 0: all")] = 0,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    language: Spoken = "en",
) -> list[PlanogramVersion]:
    """Who changed what, and when."""
    with services.database.reading_as(tenant) as session:
        return [version_view(found, language) for found in versions(session, tenant, shop, before, limit)]


@router.post(
    "/versions/{version}/restore",
    summary="Make your bins what they were in an older version, as a new one",
    responses=STALE,
)
def put_back(
    shop: ShopId, version: VersionNumber, restoring: PlanogramRestoring, person: Editor, services: AllServices
) -> PlanogramSaved:
    """Put an older planogram into force again."""
    with services.database.writing() as session:
        made = restore(session, person, shop, services.now_ms(), version=version, seen=restoring.version)
    return _saved(made)


def _saved(made: Edited) -> PlanogramSaved:
    return PlanogramSaved(version=made.version, changed=made.changed)
