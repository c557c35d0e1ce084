"""Whether the cloud is well: for whoever watches over it. Says nothing about anybody's rows."""

from fastapi import APIRouter
from pydantic import BaseModel
from sqlmodel import col, select

from cloud.api.access import AllServices
from cloud.tables import SchemaVersion

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """The database answered."""

    status: str = "ok"
    schema_version: int


@router.get("/healthz", summary="Whether the cloud and its database answer")
def healthz(services: AllServices) -> Health:
    """Ask the database for one row."""
    with services.database.reading() as session:
        return Health(schema_version=session.exec(select(col(SchemaVersion.version))).one())
