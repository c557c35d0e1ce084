"""The real cloud for the gateway's tests, on a database that can be saved and rolled back like from a backup."""

import shutil
import socket
import sqlite3
import threading
from pathlib import Path
from typing import Any

import uvicorn

from cloud.app import create_app
from cloud.database import open_database
from cloud.seed import Seed, SeedDealer, SeedGateway, SeedShop, store
from cloud.services import Services
from cloud.settings import Settings
from cloud.shop_feed import tell
from edge_gateway.feed_format import Told, told
from edge_gateway.shop_document import ShopDocument
from tests.firmware.brokers import wait_until

KEY = "the key of gateway one"


class RealCloud:
    """The cloud's app behind a socket, on a port that stays."""

    def __init__(self, folder: Path, document: ShopDocument) -> None:
        folder.mkdir()
        self.path = folder / "cloud.db"
        self.settings = Settings(secret="s" * 32, database_url=f"sqlite:///{self.path}")
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self.seed(document)

    def seed(self, document: ShopDocument) -> int:
        """Load a document; the version it has in the cloud."""
        dealer = SeedDealer(document.dealer, document.dealer_name)
        shop = SeedShop(SeedGateway("gw-1", KEY), document)
        database = open_database(self.settings.database_url)
        with database.writing() as session:
            version = store(session, Seed([dealer], [shop]), 1)[document.shop]
        database.close()
        return version

    def tell(self, *entries: Told) -> list[int]:
        """Tell the shop's gateway; the numbers."""
        database = open_database(self.settings.database_url)
        with database.writing() as session:
            numbers = [tell(session, "shop-1", *told(what), 1) for what in entries]
        database.close()
        return numbers

    def start(self) -> None:
        """Answer, from the database as it is now."""
        app = create_app(self.settings, pages=False)
        config = uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=1)
        server = self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=server.run, kwargs={"sockets": [self._listener.dup()]})
        self._thread.start()
        wait_until(lambda: server.started, "the cloud's start")

    @property
    def services(self) -> Services:
        """The parts of the running cloud."""
        assert self._server is not None
        services: Services = self._server.config.app.state.services  # type: ignore[union-attr]
        return services

    def stop(self) -> None:
        """Answer no more; what was asked for is answered first."""
        if self._server is not None and self._thread is not None:
            self._server.config.app.state.services.documents.end()  # type: ignore[union-attr]
            self._server.should_exit = True
            self._thread.join()
        self._server = None

    def close(self) -> None:
        """Stop, and give the port back."""
        self.stop()
        self._listener.close()

    def save(self, name: str) -> None:
        """Keep a copy of the database. Only while stopped."""
        shutil.copy(self.path, self.path.with_name(name))

    def roll_back(self, name: str) -> None:
        """Put a copy in the place of the database, and go on with it."""
        self.stop()
        self.path.with_name(self.path.name + "-wal").unlink(missing_ok=True)
        shutil.copy(self.path.with_name(name), self.path)
        self.start()

    def query(self, statement: str) -> list[Any]:
        """Rows of the database."""
        db = sqlite3.connect(self.path)
        try:
            return db.execute(statement).fetchall()
        finally:
            db.close()
