"""A whole shop in one folder: cloud and gateway as real processes, cabinets as virtual ones, on free ports.

The broker is the gateway's own, or one that somebody else runs on `external_broker_port`; the cloud's database is a
file, or the one at `cloud_database_url`. Writes the same configuration files a person would write, and starts the same
commands. `linked`: the gateway's ways to an external broker and to the cloud can be cut like a cabinet's (`links`).
"""

import asyncio
import contextlib
import json
import secrets
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from simulator.network import Network
from simulator.ports import free_port
from simulator.programs import Program, keep_running
from simulator.virtual_cabinet import VirtualCabinet

BOARDS = Path(__file__).resolve().parent.parent / "hardware" / "boards"


class WholeShop:
    """One dealer, one shop, its gateway and its cabinets. `boards` names the board of each cabinet."""

    def __init__(
        self,
        folder: Path,
        document: Mapping[str, Any],
        dealer_users: Sequence[Mapping[str, object]],
        boards: Mapping[str, str],
        *,
        speed: float = 1.0,
        cell_class: str = "c3-10kg",
        seed: int = 1,
        external_broker_port: int = 0,
        cloud_database_url: str = "",
        linked: bool = False,
    ):
        self.folder = folder
        self.document = document
        self.cloud_port = free_port()
        self.kiosk_port = free_port()
        self.mqtt_port = external_broker_port or free_port()
        self.speed = speed
        self.stopping = asyncio.Event()
        self._users = dealer_users
        self._keepers: list[asyncio.Task[None]] = []
        folder.mkdir(parents=True, exist_ok=True)
        self.links = {"cloud": Network("127.0.0.1", self.cloud_port)} if linked else {}
        if linked and external_broker_port:
            self.links["broker"] = Network("127.0.0.1", external_broker_port)
        self._broker = "external" if external_broker_port else "embedded"
        self._cloud_database_url = cloud_database_url
        self._credentials = _random_credentials(boards)
        self.cloud = Program("cloud", ["cloud", "run", "--config", str(folder / "cloud.toml")], folder / "cloud.log")
        self.gateway = Program(
            "gateway", ["gateway", "run", "--config", str(folder / "gateway.toml")], folder / "gateway.log"
        )
        self.cabinets = {
            name: self._make_cabinet(name, BOARDS / f"{board}.json", cell_class, seed + at)
            for at, (name, board) in enumerate(boards.items())
        }

    @property
    def cloud_url(self) -> str:
        """Where the dealer's pages are."""
        return f"http://127.0.0.1:{self.cloud_port}"

    @property
    def kiosk_url(self) -> str:
        """Where the kiosk is."""
        return f"http://127.0.0.1:{self.kiosk_port}"

    def cabinet_password(self, cabinet: str) -> str:
        """The MQTT password of a cabinet's controller."""
        return self._credentials[f"password {cabinet}"]

    @property
    def gateway_database(self) -> Path:
        """The gateway's ledger."""
        return self.folder / "gateway" / "gateway.db"

    @property
    def cloud_database(self) -> Path | str:
        """The cloud's ledger: a file, or an address."""
        return self._cloud_database_url or self.folder / "cloud.db"

    async def start(self) -> None:
        """Seed and start the cloud, then the gateway; the cabinets are powered on by `power_on`."""
        for link in self.links.values():
            await link.start()
        self._write_configuration()
        seed = Program(
            "seed",
            ["cloud", "seed", "--config", str(self.folder / "cloud.toml"), str(self.folder / "seed.json")],
            self.folder / "seed.log",
        )
        await seed.run()
        await self.cloud.start()
        await self.gateway.start()
        self._keepers = [
            asyncio.create_task(keep_running(program, self.stopping)) for program in (self.cloud, self.gateway)
        ]
        await self._opening_stock()

    async def power_on(self) -> None:
        """Power all cabinets on."""
        await asyncio.gather(*(cabinet.power_on() for cabinet in self.cabinets.values()))

    async def stop(self) -> None:
        """End everything: cabinets, gateway, cloud."""
        self.stopping.set()
        await asyncio.gather(*(cabinet.stop() for cabinet in self.cabinets.values()), return_exceptions=True)
        await self.gateway.stop()
        await self.cloud.stop()
        for link in self.links.values():
            await link.stop()
        for keeper in self._keepers:
            keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await keeper

    async def _opening_stock(self) -> None:
        """Wait until the gateway has the document and has booked the opening stock."""
        expected = sum(1 for c in self.document["cabinets"] for b in c["bins"] if b.get("opening"))
        for _ in range(600):
            with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(self.gateway_database)) as db:
                (found,) = db.execute("SELECT count(*) FROM movement WHERE cause = 'opening'").fetchone()
                if found >= expected:
                    return
            await asyncio.sleep(0.1)
        raise TimeoutError(f"expected {expected} opening movements in the gateway's ledger within 60 s")

    def _make_cabinet(self, name: str, board: Path, cell_class: str, seed: int) -> VirtualCabinet:
        return VirtualCabinet(
            name,
            board,
            self.folder / name,
            broker_host="127.0.0.1",
            broker_port=self.mqtt_port,
            username=name,
            password=self._credentials[f"password {name}"],
            access_key=self._credentials[f"access_key {name}"],
            cell_class=cell_class,
            speed=self.speed,
            seed=seed,
        )

    def _write_configuration(self) -> None:
        keys = self._credentials
        database_url = self._cloud_database_url or f"sqlite:///{self.cloud_database}"
        (self.folder / "cloud.toml").write_text(
            f'database_url = "{database_url}"\nhost = "127.0.0.1"\nport = {self.cloud_port}\n'
            f'secret = "{keys["cloud_secret"]}"\n'
        )
        cabinets = "".join(
            f'[cabinets.{name}]\npassword = "{keys[f"password {name}"]}"\naccess_key = "{keys[f"access_key {name}"]}"\n'
            for name in self.cabinets
        )
        ports = {"broker": self.mqtt_port, "cloud": self.cloud_port}
        ports |= {name: link.port for name, link in self.links.items()}
        (self.folder / "gateway.toml").write_text(
            f'gateway = "gw-1"\ndata_dir = "{self.folder / "gateway"}"\n'
            f'[cloud]\nurl = "http://127.0.0.1:{ports["cloud"]}"\nkey = "{keys["gateway_key"]}"\n'
            f'[kiosk]\nhost = "127.0.0.1"\nport = {self.kiosk_port}\n'
            f'[broker]\nkind = "{self._broker}"\nhost = "127.0.0.1"\nport = {ports["broker"]}\n{cabinets}'
        )
        self._write_seed()

    def _write_seed(self) -> None:
        seed = {
            "dealers": [
                {"id": self.document["dealer"], "name": self.document["dealer_name"], "users": self._users},
            ],
            "shops": [{"gateway": {"id": "gw-1", "key": self._credentials["gateway_key"]}, "document": self.document}],
        }
        (self.folder / "seed.json").write_text(json.dumps(seed, ensure_ascii=False))


def _random_credentials(cabinets: Iterable[str]) -> dict[str, str]:
    names = ["gateway_key", "cloud_secret"]
    names += [f"{kind} {cabinet}" for cabinet in cabinets for kind in ("password", "access_key")]
    return {name: secrets.token_hex(32) for name in names}
