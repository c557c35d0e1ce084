"""A dealer with shops whose gateways update cabinets, on a clock that is moved: told by HTTP as real gateways tell it.

Bundles are made here byte by byte, by docs/updates.md, and signed by `cryptography` itself.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from sqlmodel import select

from cloud.document import store_status
from cloud.gateway_feed import feed_page
from cloud.ingest import GatewayIdentity
from cloud.rollouts.following import look_at_all
from cloud.seed import Seed, SeedDealer, SeedGateway, SeedShop, store
from cloud.tables import Rollout, RolloutCabinet, Shop
from edge_gateway.bundle_format import ReleaseKey
from edge_gateway.feed_format import Firmware, read_entry
from edge_gateway.shop_document import Bin, Cabinet, ShopDocument
from edge_gateway.upload_format import CabinetFirmware, CabinetStatus, FeedAnswerItem, GatewayStatus
from tests.cloud.conftest import Cloud
from tests.cloud.worlds import upload

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
BOARD = "esp32s3-w5500-12"
OLD, GOOD = "0.2.0", "0.3.0"


@cache
def private_key(name: str = "release") -> rsa.RSAPrivateKey:
    """A release key of the tests, one a name."""
    return rsa.generate_private_key(65537, 3072)


def public_key(name: str = "release") -> ReleaseKey:
    """What the cloud knows of it."""
    return ReleaseKey(name, private_key(name).public_key().public_numbers().n)


def bundle(version: str, *, key: str = "release", boards: tuple[str, ...] = (BOARD,), image: bytes = b"") -> bytes:
    """A signed bundle of a version; its image is nothing that anybody could run."""
    image = image or f"image of {version} ".encode() * 4000
    header = {
        "version": version,
        "boards": list(boards),
        "micropython": "1.29",
        "mpy": 6,
        "previous_min": "",
        "image_bytes": len(image),
        "image_sha256": hashlib.sha256(image).hexdigest(),
        "created_ms": 0,
        "key": key,
    }
    text = json.dumps(header).encode()
    head = b"PBFW\x00\x00\x00\x01" + len(text).to_bytes(4, "big") + text
    return head + private_key(key).sign(head, padding.PKCS1v15(), hashes.SHA256()) + image


@dataclass
class ModelCabinet:
    """A cabinet as its gateway tells of it."""

    version: str = OLD
    number: int = 0
    state: str = ""
    reason: str = ""
    wanted: str = ""
    trial: bool = False
    starts: int = 1
    cause: str = "power_on"
    errors: int = 0
    blind: int = 0
    order: Firmware | None = None
    is_silent: bool = False
    heard_ms: int = 0
    versions: list[str] = field(default_factory=lambda: [OLD])
    before: str = OLD


@dataclass
class ModelShop:
    """A shop's gateway. `knows`: it can update cabinets; an older one refuses the kind."""

    name: str
    cabinets: dict[str, ModelCabinet]
    knows: bool = True
    is_silent: bool = False
    after: int = 0
    seq: int = 0

    @property
    def identity(self) -> GatewayIdentity:
        """Who its gateway is, as the cloud knows it."""
        return GatewayIdentity(f"gw-{self.name}", self.name, "north")


@dataclass
class Fleet:
    """All of it. `bad`: what happens to a cabinet that begins to run a version, None when all is well."""

    cloud: Cloud
    shops: dict[str, ModelShop]
    bad: dict[str, Callable[[ModelCabinet], None]] = field(default_factory=dict)

    def pass_time(self, minutes: int, every: int = 5) -> None:
        """Let so much time pass: gateways report, cabinets go on, the cloud looks."""
        database = self.cloud.services.database
        for _ in range(0, minutes, every):
            self.cloud.clock.ms += every * MINUTE_MS
            for cabinet in self.all():
                self._go_on(cabinet)
            self.report()
            self._fetch()
            look_at_all(database, self.cloud.clock.ms)

    def _fetch(self) -> None:
        """What the feeds have that the gateways have not."""
        database = self.cloud.services.database
        with database.reading() as session:
            newest = {row.id: row.feed_number for row in session.exec(select(Shop))}
        for shop in self.shops.values():
            if newest[shop.name] > shop.after and not shop.is_silent:
                for entry in feed_page(database, shop.identity, shop.after, 100).entries:
                    shop.after = entry.number
                    self._take(shop, entry.number, bytes(entry.body))

    def _take(self, shop: ModelShop, number: int, body: bytes) -> None:
        if not shop.knows:
            self._refuse(shop, number)
            return
        order = read_entry("firmware", body)
        assert isinstance(order, Firmware)
        for name in order.cabinets:
            cabinet = shop.cabinets[name]
            cabinet.order = order if order.digest else None
            cabinet.number, cabinet.wanted = number, order.version
            cabinet.state = "waiting" if order.digest else ""

    def _refuse(self, shop: ModelShop, number: int) -> None:
        """As a gateway does that does not know the kind."""
        shop.seq += 1
        item = FeedAnswerItem(number, "refused", "found 'firmware': a later version knows it", "", self.cloud.clock.ms)
        sent = upload([item], first=shop.seq, gateway=shop.identity.gateway)
        key = {"Authorization": f"Bearer the key of the gateway of {shop.name}"}
        response = self.cloud.client.post("/api/gateway/upload", content=sent, headers=key)
        assert response.status_code == 200, response.text

    def _go_on(self, cabinet: ModelCabinet) -> None:
        """A step of an update, one a report: loading, on trial, then what comes of it."""
        if cabinet.order is None or cabinet.is_silent:
            return
        if cabinet.state == "waiting":
            cabinet.state = "loading"
        elif cabinet.state == "loading":
            cabinet.before = cabinet.version
            cabinet.version, cabinet.state, cabinet.trial = cabinet.order.version, "installed", True
            cabinet.starts, cabinet.cause = cabinet.starts + 1, "soft"
            cabinet.versions.append(cabinet.version)
            if cabinet.version in self.bad:
                self.bad[cabinet.version](cabinet)
        elif cabinet.state == "installed":
            cabinet.state, cabinet.trial = "confirmed", False

    def report(self) -> None:
        """What the gateways say with every poll."""
        with self.cloud.services.database.writing() as session:
            for shop in self.shops.values():
                if not shop.is_silent:
                    store_status(session, shop.identity, self._status(shop), self.cloud.clock.ms)

    def _status(self, shop: ModelShop) -> GatewayStatus:
        now_ms = self.cloud.clock.ms
        told, firmware = [], []
        for name, one in shop.cabinets.items():
            one.heard_ms = one.heard_ms if one.is_silent else now_ms
            told.append(CabinetStatus(name, one.heard_ms, not one.is_silent, 0, one.blind, one.version))
            firmware.append(
                CabinetFirmware(
                    name, one.version, "a", one.trial, one.wanted, one.state, one.reason, now_ms, one.number, BOARD,
                    starts=one.starts, reset_cause=one.cause, sensor_errors=one.errors,
                )
            )  # fmt: skip
        identity = shop.identity.gateway
        return GatewayStatus(identity, 0, 0, 1, told, firmware=firmware if shop.knows else None)

    # ---- what is asked ----

    def versions(self) -> dict[str, int]:
        """How many cabinets run what."""
        found: dict[str, int] = {}
        for cabinet in self.all():
            found[cabinet.version] = found.get(cabinet.version, 0) + 1
        return found

    def all(self) -> list[ModelCabinet]:
        """Every cabinet."""
        return [cabinet for shop in self.shops.values() for cabinet in shop.cabinets.values()]

    def put_up(self, version: str, *, older: bool = False) -> dict[str, Any]:
        """A release."""
        made = self.cloud.browser().post(f"/api/releases?older={str(older).lower()}", content=bundle(version))
        assert made.status_code == 201, made.text
        return dict(made.json())

    def begin(self, version: str, **more: Any) -> str:
        """A rollout of a release that is put up; its id."""
        wanted = {"release": self.put_up(version)["id"], "soak_min": [30, 30, 30]} | more
        made = self.cloud.browser().post("/api/rollouts", json=wanted)
        assert made.status_code == 201, made.text
        return str(made.json()["id"])

    def rollout(self, name: str) -> dict[str, Any]:
        """A rollout as its page shows it."""
        return dict(self.cloud.get(f"/api/rollouts/{name}"))

    def do(self, name: str, what: str, **body: Any) -> dict[str, Any]:
        """What a person does with it."""
        answer = self.cloud.browser().post(f"/api/rollouts/{name}/{what}", **({"json": body} if body else {}))
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def rows(self) -> tuple[Rollout, list[RolloutCabinet]]:
        """What is kept of the only rollout."""
        with self.cloud.services.database.reading() as session:
            return session.exec(select(Rollout)).one(), list(session.exec(select(RolloutCabinet)))


def make_fleet(cloud: Cloud, shops: int, cabinets: int, old: tuple[str, ...] = ()) -> Fleet:
    """Shops of the northern dealer with cabinets each, all heard of just now."""
    object.__setattr__(cloud.services, "settings", replace(cloud.services.settings, release_keys=(public_key(),)))
    names = [f"s{number:02}" for number in range(1, shops + 1)]
    seed = Seed(
        dealers=[SeedDealer("north", "North Parts", [])],
        shops=[
            SeedShop(SeedGateway(f"gw-{name}", f"the key of the gateway of {name}"), _document(name, cabinets))
            for name in names
        ],
    )
    with cloud.services.database.writing() as session:
        store(session, seed, cloud.clock.ms)
    fleet = Fleet(
        cloud, {name: ModelShop(name, {f"c{at}": ModelCabinet() for at in range(1, cabinets + 1)}) for name in names}
    )
    for name in old:
        fleet.shops[name].knows = False
    fleet.report()
    return fleet


def _document(shop: str, cabinets: int) -> ShopDocument:
    made = [
        Cabinet(id=f"c{at}", name_zh=f"{at}号柜", name_en=f"Cabinet {at}", bins=[Bin(bin=1)])
        for at in range(1, cabinets + 1)
    ]
    return ShopDocument(
        version=1, shop=shop, shop_name=f"店 {shop}", dealer="north", dealer_name="North Parts", parts=[],
        cabinets=made, people=[], jobs=[],
    )  # fmt: skip
