"""What the API and the pages work with, made once for each app and handed in."""

from collections.abc import Callable
from dataclasses import dataclass

from cloud.catalogue.bot_answering import Robots
from cloud.catalogue.bot_hooks import Seal
from cloud.catalogue.imports.runs import Imports
from cloud.clock import wall_clock_ms
from cloud.database import Database, open_database
from cloud.devices.service import Devices
from cloud.document import Documents
from cloud.document_parts import follow_catalogue
from cloud.identity import Identity
from cloud.ingest import Ingest
from cloud.people.mail import OutboundMail
from cloud.replenishment.alerts.telling import Telling
from cloud.replenishment.alerts.work import open_telling
from cloud.settings import Settings


@dataclass(frozen=True)
class Services:
    """The parts of a running cloud."""

    settings: Settings
    database: Database
    identity: Identity
    ingest: Ingest
    documents: Documents
    imports: Imports
    robots: Robots
    devices: Devices
    alerts: Telling
    now_ms: Callable[[], int]
    mail: OutboundMail | None = None  # None: nobody is written to

    def close(self) -> None:
        """Let everyone who waits go, and end the database's connections."""
        self.documents.end()
        self.imports.close()
        self.database.close()


def open_services(settings: Settings, now_ms: Callable[[], int] = wall_clock_ms) -> Services:
    """Everything a cloud needs, on an open database."""
    database = open_database(settings.database_url)
    identity = Identity(database, settings.secret, now_ms)
    mail = OutboundMail(settings.mail) if settings.mail else None
    return Services(
        settings=settings,
        database=database,
        identity=identity,
        ingest=Ingest(database, now_ms),
        documents=Documents(database),
        imports=Imports(database, now_ms, lambda dealer: follow_catalogue(database, dealer, now_ms())),
        robots=Robots(database, identity, Seal(settings.secret), now_ms),
        devices=Devices(database, settings.secret, identity.limit, now_ms),
        alerts=open_telling(settings, database, mail, now_ms),
        now_ms=now_ms,
        mail=mail,
    )
