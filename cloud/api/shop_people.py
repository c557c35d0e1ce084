"""The people of a shop: who opens its cabinets by which badge, who left, and what is kept of whom for how long."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field

from cloud.api.access import AllServices, Needs, NeedsTenant, refusals
from cloud.api.asked import HERE, NO_SHOP, TIME_MS_MAX, ShopId, gives_file, saved_file
from cloud.audit import record
from cloud.document_edit import StaleEditError
from cloud.identity import SignedIn
from cloud.people.rules import TakenError
from cloud.services import Services
from cloud.tenancy import TenantId
from cloud.work import names, people, person_export
from cloud.work.people import Edit, Told
from cloud.work.shop_rows import own_rows
from cloud.work.views import ShopPeople
from edge_gateway.shop_document import DocumentError, Role

router = APIRouter(prefix="/api/shops/{shop}/people", tags=["work"], responses=HERE)

Reader = Annotated[TenantId, Depends(NeedsTenant("edit_people"))]
Editor = Annotated[SignedIn, Depends(Needs("edit_people"))]
PersonId = Annotated[str, Path(max_length=200, examples=["p-zhang"])]
NO_PERSON = refusals(_404="no such person or shop, or not yours")
EDIT = refusals(_409="somebody changed the people of the shop meanwhile", _422="nobody can be kept so")
Version = Annotated[
    int | None, Field(ge=0, le=TIME_MS_MAX, description="of the document you saw; null: whichever it is", examples=[3])
]


class NewPerson(BaseModel):
    """Somebody who is to open cabinets."""

    name: str = Field(max_length=200, examples=["张师傅"])
    role: Role = "mechanic"
    badges: list[Annotated[str, Field(max_length=100)]] = Field(default=[], max_length=20, examples=[["04A1B2C3"]])
    version: Version = None


class ChangedPerson(BaseModel):
    """What is told anew; what is left out stays."""

    name: str | None = Field(default=None, max_length=200, examples=["张师傅"])
    role: Role | None = None
    badges: list[Annotated[str, Field(max_length=100)]] | None = Field(
        default=None, max_length=20, examples=[["04A1B2C3"]]
    )
    version: Version = None


class Leaving(BaseModel):
    """Since when somebody is gone."""

    left_ms: int | None = Field(default=None, ge=1, le=TIME_MS_MAX, description="null: now")
    version: Version = None


class ListDays(BaseModel):
    """How long lists are good."""

    days: int = Field(ge=1, le=365, description="without a newer list", examples=[30])
    version: Version = None


class PinLeave(BaseModel):
    """Leave to choose a PIN."""

    version: Version = None


class NamesKept(BaseModel):
    """How long names are kept."""

    days: int = Field(ge=0, le=3650, description="after somebody left", examples=[365])


@router.get("", summary="The people of a shop", responses=NO_SHOP)
def list_people(shop: ShopId, tenant: Reader, services: AllServices) -> ShopPeople:
    """Who works there first."""
    with services.database.reading_as(tenant) as session:
        return people.people_of(session, tenant, shop)


@router.post("", summary="Add somebody; gateways know it at once", status_code=201, responses=NO_SHOP | EDIT)
def add_person(shop: ShopId, wanted: NewPerson, person: Editor, services: AllServices) -> ShopPeople:
    """A badge may be given later."""

    def add(edit: Edit) -> None:
        name = people.add(edit, Told(wanted.name, wanted.role, wanted.badges))
        said = f"{wanted.role}, {len(wanted.badges)} badges"
        record(edit.session, person, edit.now_ms, action="person.added", target=_target(shop, name), after=said)

    return _edit(services, person, shop, add, wanted.version)


@router.put("/names-kept", summary="How long names are kept after somebody left", responses=NO_SHOP | EDIT)
def keep_names(shop: ShopId, wanted: NamesKept, person: Editor, services: AllServices) -> ShopPeople:
    """They are forgotten by themselves when it is over."""

    def keep(edit: Edit) -> None:
        before = people.keep_names(edit.session, edit.tenant, shop, wanted.days)
        record(
            edit.session,
            person,
            edit.now_ms,
            action="names.kept",
            target=f"shop {shop}",
            before=f"{before} days",
            after=f"{wanted.days} days",
        )

    return _edit(services, person, shop, keep, None)


@router.put("/list-days", summary="How long a cabinet out of reach goes by its last list", responses=NO_SHOP | EDIT)
def keep_lists(shop: ShopId, wanted: ListDays, person: Editor, services: AllServices) -> ShopPeople:
    """A badge that was taken away opens such a cabinet for that long at most."""

    def keep(edit: Edit) -> None:
        people.keep_lists(edit, wanted.days)
        said = f"{wanted.days} days"
        record(edit.session, person, edit.now_ms, action="lists.kept", target=f"shop {shop}", after=said)

    return _edit(services, person, shop, keep, wanted.version)


@router.patch("/{person_id}", summary="Change somebody's name, role or badges", responses=NO_PERSON | EDIT)
def change_person(
    shop: ShopId, person_id: PersonId, wanted: ChangedPerson, person: Editor, services: AllServices
) -> ShopPeople:
    """A badge lets somebody who had left in again."""

    def change(edit: Edit) -> None:
        people.change(edit, person_id, Told(wanted.name, wanted.role, wanted.badges))
        said = ", ".join(sorted(wanted.model_dump(exclude_none=True, exclude={"version"})))
        record(edit.session, person, edit.now_ms, action="person.changed", target=_target(shop, person_id), after=said)

    return _edit(services, person, shop, change, wanted.version)


@router.post("/{person_id}/leave", summary="Say that somebody left: no badge opens now", responses=NO_PERSON | EDIT)
def leave(shop: ShopId, person_id: PersonId, told: Leaving, person: Editor, services: AllServices) -> ShopPeople:
    """The name is kept for as long as the shop says."""

    def go(edit: Edit) -> None:
        people.leave(edit, person_id, told.left_ms or edit.now_ms)
        record(edit.session, person, edit.now_ms, action="person.left", target=_target(shop, person_id))

    return _edit(services, person, shop, go, told.version)


@router.post("/{person_id}/pin", summary="Let somebody choose a new PIN within a day", responses=NO_PERSON | EDIT)
def let_choose_pin(
    shop: ShopId, person_id: PersonId, told: PinLeave, person: Editor, services: AllServices
) -> ShopPeople:
    """For doors that a badge alone does not open. The old PIN counts no more; the new one never leaves the shop."""

    def let(edit: Edit) -> None:
        people.let_choose_pin(edit, person_id)
        record(edit.session, person, edit.now_ms, action="person.pin", target=_target(shop, person_id))

    return _edit(services, person, shop, let, told.version)


@router.post("/{person_id}/forget", summary="Forget somebody's name now and for ever", responses=NO_PERSON)
async def forget(shop: ShopId, person_id: PersonId, person: Editor, services: AllServices) -> ShopPeople:
    """What was booked stays booked, by the id. It cannot be taken back."""
    return await run_in_threadpool(_forget, services, person, shop, person_id)


def _forget(services: Services, person: SignedIn, shop: str, person_id: str) -> ShopPeople:
    with services.database.reading_as(person.tenant) as session:
        people.hosted_shop(session, person.tenant, shop)
        people.known_person(session, person.tenant, shop, person_id)
    names.forget(services.database, shop, person_id, services.now_ms())
    with services.database.writing_as(person.tenant) as session:
        record(session, person, services.now_ms(), action="person.forgotten", target=_target(shop, person_id))
        return people.people_of(session, person.tenant, shop)


@router.get("/{person_id}/export", summary="Everything that is held about somebody", responses=NO_PERSON)
def export(shop: ShopId, person_id: PersonId, person: Editor, services: AllServices) -> dict[str, Any]:
    """For the person to take away."""
    return _export(services, person, shop, person_id)


@router.get(
    "/{person_id}/export.csv",
    summary="Everything that is held about somebody, as CSV",
    response_class=Response,
    responses=gives_file("text/csv", "a row for each thing") | NO_PERSON,
)
def export_csv(shop: ShopId, person_id: PersonId, person: Editor, services: AllServices) -> Response:
    """The same as a table."""
    found = _export(services, person, shop, person_id)
    with services.database.reading_as(person.tenant) as session:
        zone = own_rows(session, person.tenant, shop, services.now_ms()).time_zone
    content = "\ufeff" + person_export.csv_of(found, zone)
    return saved_file(content.encode(), "text/csv; charset=utf-8", f"person-{person_id}.csv")


def _export(services: Services, person: SignedIn, shop: str, person_id: str) -> dict[str, Any]:
    with services.database.writing_as(person.tenant) as session:
        found = person_export.export(session, person.tenant, shop, person_id)
        record(session, person, services.now_ms(), action="person.exported", target=_target(shop, person_id))
        return found


def _edit(
    services: Services, person: SignedIn, shop: str, action: Callable[[Edit], None], version: int | None
) -> ShopPeople:
    with services.database.writing_as(person.tenant) as session:
        edit_people(Edit(session, person.tenant, shop, services.now_ms(), version), action)
        return people.people_of(session, person.tenant, shop)


def edit_people(edit: Edit, action: Callable[[Edit], None]) -> None:
    """Make an edit of a shop's people; its refusals are those of the API."""
    try:
        action(edit)
    except StaleEditError as error:
        raise TakenError(str(error)) from error
    except DocumentError as error:
        raise people.PersonError(str(error)) from error


def _target(shop: str, person: str) -> str:
    return f"person {person} of {shop}"
