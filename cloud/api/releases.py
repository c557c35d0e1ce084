"""Releases of the controllers' firmware, and their rollout over the dealer's cabinets."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request
from fastapi.concurrency import run_in_threadpool

from cloud.api.access import AllServices, Needs, NeedsTenant, refusals
from cloud.api.asked import HERE, Limit, ShopId
from cloud.identity import SignedIn
from cloud.people.rules import RefusedError
from cloud.rollouts import beginning, deciding, listing, releases
from cloud.rollouts.releases import Notes, ReleaseNotes, ReleaseView
from cloud.rollouts.views import Fleet, NewRollout, Place, RolloutLine, RolloutView, StepLine
from cloud.tenancy import TenantId
from edge_gateway.feed_format import BUNDLE_BYTES_MAX

router = APIRouter(prefix="/api", tags=["firmware"], responses=HERE)

Manager = Annotated[SignedIn, Depends(Needs("manage_gateways"))]
Tenant = Annotated[TenantId, Depends(NeedsTenant("manage_gateways"))]
Operator = Annotated[SignedIn, Depends(Needs("operate"))]
ReleaseId = Annotated[str, Path(max_length=60, pattern=r"^[^\x00]*$", examples=["r-4kq2m7xw3pbd8s6h"])]
RolloutId = Annotated[str, Path(max_length=60, pattern=r"^[^\x00]*$", examples=["f-9d21c0aa17be"])]
Older = Annotated[bool, Query(description="it is older than what stands, and that is meant")]
NoteZh = Annotated[Notes, Query(alias="notes_zh", examples=["门锁更安静"])]
NoteEn = Annotated[Notes, Query(alias="notes_en", examples=["Quieter locks"])]
Cursor = Annotated[str, Query(max_length=60, description="the id of the last one of the page before")]
NO_RELEASE = refusals(_404="no such release, or not yours")
NO_ROLLOUT = refusals(_404="no such rollout, or not yours", _409="its state does not allow that")
BUNDLE = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
PUT_UP = refusals(
    _409="that version stands already", _413="the body is too large", _422="no bundle that a release key has signed"
)


@dataclass(frozen=True)
class NewBundle:
    """A bundle as a request brings it: its bytes are the body, what is said of it stands in the address."""

    request: Request
    services: AllServices
    older: Older = False
    notes_zh: NoteZh = ""
    notes_en: NoteEn = ""

    async def put_up(self, person: SignedIn) -> ReleaseView:
        """Check it and keep it as a release."""
        return await run_in_threadpool(self._keep, await _body(self.request), person)

    def _keep(self, body: bytes, person: SignedIn) -> ReleaseView:
        notes, services = ReleaseNotes(zh=self.notes_zh, en=self.notes_en), self.services
        with services.database.writing() as session:
            keys, now_ms = services.settings.release_keys, services.now_ms()
            return releases.put_up(session, person, body, keys, notes, older=self.older, now_ms=now_ms)


@dataclass(frozen=True)
class Decision:
    """What a person decides about a rollout of the dealer's; all such routes answer with the rollout as it is then."""

    rollout: RolloutId
    person: Manager
    services: AllServices

    def carry_out(self, decide: Callable[..., None], *about: Place) -> RolloutView:
        """By one of `deciding`, in one transaction."""
        with self.services.database.writing() as session:
            now_ms = self.services.now_ms()
            decide(session, self.person, self.rollout, *about, now_ms)
            return listing.one_rollout(session, self.person.tenant, self.rollout, now_ms)


OfBundle = Annotated[NewBundle, Depends()]
OfRollout = Annotated[Decision, Depends()]


# ---- releases ----


@router.get(
    "/releases",
    summary="Releases of the controllers' firmware, the last put up first",
    responses=refusals(_404="the cursor is none of yours"),
)
def all_releases(tenant: Tenant, services: AllServices, *, cursor: Cursor = "", limit: Limit = 50) -> list[ReleaseView]:
    """The dealer's own and the operator's, withdrawn ones too."""
    with services.database.reading_as(tenant) as session:
        return releases.releases(session, tenant, cursor=cursor, limit=limit)


@router.post("/releases", summary="Put up a signed bundle", status_code=201, openapi_extra=BUNDLE, responses=PUT_UP)
async def put_up(person: Manager, bundle: OfBundle) -> ReleaseView:
    """The body is the bundle, as it is. Nothing is told to any cabinet by that."""
    return await bundle.put_up(person)


@router.put("/releases/{release}/notes", summary="Say anew what a release brings", responses=NO_RELEASE)
def describe(release: ReleaseId, notes: ReleaseNotes, person: Manager, services: AllServices) -> ReleaseView:
    """Of a release of the dealer's own."""
    with services.database.writing() as session:
        return releases.describe(session, person, release, notes, services.now_ms())


@router.delete(
    "/releases/{release}",
    summary="Begin nothing with a release any more",
    responses={**NO_RELEASE, **refusals(_409="a rollout of it runs")},
)
def withdraw(release: ReleaseId, person: Manager, services: AllServices) -> ReleaseView:
    """What runs it goes on."""
    with services.database.writing() as session:
        return releases.withdraw(session, person, release, services.now_ms())


@router.get("/operator/releases", summary="What the operator has put up for every dealer")
def operators(_person: Operator, services: AllServices) -> list[ReleaseView]:
    """The last first."""
    with services.database.reading() as session:
        return releases.operators_releases(session)


@router.post(
    "/operator/releases",
    summary="Put up a signed bundle for every dealer",
    status_code=201,
    openapi_extra=BUNDLE,
    responses=PUT_UP,
)
async def put_up_for_all(person: Operator, bundle: OfBundle) -> ReleaseView:
    """Each dealer decides by itself when its cabinets get it."""
    return await bundle.put_up(person)


@router.delete(
    "/operator/releases/{release}",
    summary="Withdraw a release from every dealer",
    responses={**NO_RELEASE, **refusals(_409="a rollout of it runs")},
)
def withdraw_from_all(release: ReleaseId, person: Operator, services: AllServices) -> ReleaseView:
    """Rollouts of it have to be stopped by their dealers first."""
    with services.database.writing() as session:
        return releases.withdraw(session, person, release, services.now_ms())


async def _body(request: Request) -> bytes:
    """The whole body; refused as soon as it is seen to be too large."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BUNDLE_BYTES_MAX:
            raise HTTPException(413, f"expected a bundle of at most {BUNDLE_BYTES_MAX} bytes, found more")
    if not body:
        raise RefusedError("expected a bundle, found an empty body")
    return bytes(body)


# ---- rollouts ----


@router.get("/firmware", summary="How many cabinets run which firmware")
def fleet(tenant: Tenant, services: AllServices) -> Fleet:
    """Of the dealer's own shops."""
    with services.database.reading_as(tenant) as session:
        return listing.fleet(session, tenant, services.now_ms())


@router.get(
    "/rollouts", summary="Rollouts, the last begun first", responses=refusals(_404="the cursor is none of yours")
)
def all_rollouts(tenant: Tenant, services: AllServices, *, cursor: Cursor = "", limit: Limit = 50) -> list[RolloutLine]:
    """Those that are over too."""
    with services.database.reading_as(tenant) as session:
        return listing.rollouts(session, tenant, services.now_ms(), cursor=cursor, limit=limit)


@router.post(
    "/rollouts",
    summary="Begin a rollout: one cabinet, a tenth, all",
    status_code=201,
    responses=refusals(_404="no such release, or not yours", _409="another one is under way", _422="it cannot be"),
)
def begin(wanted: NewRollout, person: Manager, services: AllServices) -> RolloutView:
    """The first cabinet is told within half a minute."""
    with services.database.writing() as session:
        made = beginning.begin(session, person, wanted, services.now_ms())
        return listing.one_rollout(session, person.tenant, made.id, services.now_ms())


@router.get("/rollouts/{rollout}", summary="One rollout", responses=refusals(_404="no such rollout, or not yours"))
def one(rollout: RolloutId, tenant: Tenant, services: AllServices) -> RolloutView:
    """With its stages, its cabinets and what happened in it."""
    with services.database.reading_as(tenant) as session:
        return listing.one_rollout(session, tenant, rollout, services.now_ms())


@router.post("/rollouts/{rollout}/pause", summary="Begin no more cabinets for now", responses=NO_ROLLOUT)
def pause(decision: OfRollout) -> RolloutView:
    """What is under way goes on."""
    return decision.carry_out(deciding.pause)


@router.post("/rollouts/{rollout}/go-on", summary="Go on, also after it has stopped by itself", responses=NO_ROLLOUT)
def go_on(decision: OfRollout) -> RolloutView:
    """What is bad so far does not count any more."""
    return decision.carry_out(deciding.go_on)


@router.post("/rollouts/{rollout}/stop", summary="Stop: call off what does not run yet", responses=NO_ROLLOUT)
def stop(decision: OfRollout) -> RolloutView:
    """It can go on, be taken back or be ended after that."""
    return decision.carry_out(deciding.stop_it)


@router.post(
    "/rollouts/{rollout}/take-back", summary="Order its cabinets back to what they ran before", responses=NO_ROLLOUT
)
def take_back(decision: OfRollout) -> RolloutView:
    """A downgrade, ordered by a person; only to releases that are kept here."""
    return decision.carry_out(deciding.take_it_back)


@router.post("/rollouts/{rollout}/end", summary="End it, and leave everything as it is", responses=NO_ROLLOUT)
def end(decision: OfRollout) -> RolloutView:
    """Cabinets that wait are not begun any more."""
    return decision.carry_out(deciding.end)


@router.post("/rollouts/{rollout}/leave-out", summary="Leave a cabinet or a shop out", responses=NO_ROLLOUT)
def leave_out(decision: OfRollout, place: Place) -> RolloutView:
    """Of what is still to be done: a cabinet that runs the release goes on with it."""
    return decision.carry_out(deciding.leave_out, place)


@router.post("/rollouts/{rollout}/take-in", summary="Take in again what was left out", responses=NO_ROLLOUT)
def take_in(decision: OfRollout, place: Place) -> RolloutView:
    """It waits for its turn."""
    return decision.carry_out(deciding.take_in, place)


@router.get(
    "/shops/{shop}/cabinets/{cabinet}/firmware-steps",
    summary="What happened to a cabinet in rollouts, the last first",
    responses=refusals(_404="no such shop, or not yours"),
)
def cabinet_steps(
    shop: ShopId,
    cabinet: Annotated[str, Path(max_length=200, examples=["cab-1"])],
    tenant: Tenant,
    services: AllServices,
    limit: Limit = 50,
) -> list[StepLine]:
    """Empty when there was none."""
    with services.database.reading_as(tenant) as session:
        return listing.cabinet_steps(session, tenant, shop, cabinet, limit)
