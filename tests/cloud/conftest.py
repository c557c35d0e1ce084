"""What the cloud's tests stand on: a database of each kind, and a cloud with two dealers on it."""

import itertools
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlmodel import col, select

from cloud.api.access import COOKIE
from cloud.app import create_app
from cloud.database import Database, open_database
from cloud.identity import Identity
from cloud.seed import store
from cloud.services import Services, open_services
from cloud.settings import Settings
from cloud.tables import IngestQuarantine, Table, User
from edge_gateway.upload_format import Receipt, decode_receipt
from tests.cloud import worlds
from tests.cloud.caller import Caller, Runner
from tests.cloud.postgres import new_database, remember_rows, restore_rows, running_postgres

_numbers = itertools.count(1)
KINDS = ("sqlite", "postgresql")


@dataclass(frozen=True)
class Template:
    """A database with the small world in it, to begin from, and good cookies of both dealers' people."""

    address: str
    cookies: dict[str, str]
    again: str  # the statements that make it what it was; nothing for a file, which is copied


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A PostgreSQL server for the whole run."""
    with running_postgres() as socket_folder:
        yield socket_folder


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Template]:
    """The templates made so far, by kind of database: passwords are hashed once a run, not once a test."""
    return {}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Each kind of database in turn."""
    return str(request.param)


@pytest.fixture
def empty_address(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database."""
    if kind == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    return new_database(request.getfixturevalue("postgres"), f"empty_{next(_numbers)}")


@pytest.fixture
def template(
    kind: str,
    request: pytest.FixtureRequest,
    templates: dict[str, Template],
    tmp_path_factory: pytest.TempPathFactory,
) -> Template:
    """The template of this kind of database."""
    if kind not in templates:
        if kind == "sqlite":
            address = f"sqlite:///{tmp_path_factory.mktemp('template') / 'cloud.db'}"
        else:
            address = new_database(request.getfixturevalue("postgres"), "small_world")
        templates[kind] = _make_template(address)
    return templates[kind]


def _make_template(address: str) -> Template:
    database = open_database(address)
    with database.writing() as session:
        store(session, worlds.seed(), worlds.NOW_MS)
    with database.reading() as session:
        people = {user.email: user.id or 0 for user in session.exec(select(User))}
    identity = Identity(database, worlds.SECRET, lambda: worlds.NOW_MS)
    cookies = {email: identity.begin(people[email], "127.0.0.1") for email in worlds.PASSWORDS}
    database.close()
    return Template(address, cookies, remember_rows(address) if address.startswith("postgresql") else "")


@pytest.fixture
def address(kind: str, template: Template, tmp_path: Path) -> str:
    """The address of a database with the small world in it, for one test alone."""
    if kind == "sqlite":
        shutil.copy(template.address.removeprefix("sqlite:///"), tmp_path / "cloud.db")
        return f"sqlite:///{tmp_path / 'cloud.db'}"
    restore_rows(template.address, template.again)
    return template.address


@pytest.fixture
def database(address: str) -> Iterator[Database]:
    """An open database with the small world in it."""
    opened = open_database(address)
    yield opened
    opened.close()


@dataclass
class Clock:
    """A clock that stands until it is moved."""

    ms: int = worlds.NOW_MS

    def __call__(self) -> int:
        return self.ms


@dataclass
class Cloud:
    """A cloud in this process, as gateways and dealers see it."""

    services: Services
    client: Caller
    clock: Clock
    cookies: dict[str, str]

    def upload(self, body: bytes, *, gateway: str = "gw-1") -> httpx.Response:
        """What a gateway gets for an upload."""
        headers = {"Authorization": f"Bearer {worlds.KEYS[gateway]}"}
        return self.client.post("/api/gateway/upload", content=body, headers=headers)

    def receipt(self, body: bytes, *, gateway: str = "gw-1") -> Receipt:
        """The receipt of an upload that is accepted."""
        answer = self.upload(body, gateway=gateway)
        assert answer.status_code == 200, answer.text
        return decode_receipt(answer.content)

    def browser(self, email: str = "li@north.example") -> Caller:
        """A browser of somebody who is signed in."""
        return Caller(self.client.app, self.client.runner, httpx.Cookies({COOKIE: self.cookies[email]}))

    def count(self, table: type[Table]) -> int:
        """How many rows a table has."""
        with self.services.database.reading() as session:
            return len(session.exec(select(table)).all())

    def get(self, path: str, *, email: str = "li@north.example") -> Any:
        """What somebody signed in reads under a path."""
        answer = self.browser(email).get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def balances(self, shop: str = "shop-1") -> dict[tuple[str, str], int]:
        """The cloud's balances of a shop of the northern dealer, by its own API."""
        held = self.get(f"/api/shops/{shop}/ledger")
        return {(row["account"], row["part"]): row["quantity"] for row in held["balances"]}

    def reasons(self) -> list[str]:
        """Why items are in quarantine, in order of their numbers."""
        with self.services.database.reading() as session:
            rows = session.exec(select(IngestQuarantine).order_by(col(IngestQuarantine.seq))).all()
        return [row.reason for row in rows]


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    """The app without services: its routes are built once a run, not once a test."""
    address = f"sqlite:///{tmp_path_factory.mktemp('app') / 'cloud.db'}"
    made = create_app(Settings(secret=worlds.SECRET, database_url=address), pages=False)
    made.state.services.close()
    return made


@pytest.fixture
def cloud(app: FastAPI, address: str, template: Template) -> Iterator[Cloud]:
    """A cloud with the small world, on each kind of database in turn."""
    clock = Clock()
    services = open_services(Settings(secret=worlds.SECRET, database_url=address), clock)
    app.state.services = services
    with closing(services), closing(Runner()) as runner:
        yield Cloud(services, Caller(app, runner), clock, template.cookies)
