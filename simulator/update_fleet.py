"""A dealer's fleet in virtual time: several shops with the real firmware in slots, on one real cloud that rolls it out.

Bundles are made as `partsbay firmware bundle` makes them, by a release key of the fleet's own; what changes in the
firmware of a bundle is written over its sources. People work at the cabinets meanwhile, and each shop's oracle listens.
"""

import asyncio
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final

import httpx
from cryptography.hazmat.primitives.asymmetric import rsa

from cloud.rollouts.following import look_at_all
from edge_gateway.bundle_format import read_keys
from hardware import firmware_build
from hardware.bundles import bundle, release_key
from simulator.commissioning import Firmware
from simulator.conductor import Conductor
from simulator.flash_reading import slot_version
from simulator.simulated_cloud import SimulatedCloud
from simulator.simulated_shop import START_MS, FleetShop, SimulatedShop
from simulator.verdict import Excused, Verdict

LOOK_S: Final = 30.0
EMAIL, PASSWORD = "fleet@dealer.example", "fleet of the simulator"
Change = tuple[str, str, str]  # a file of the firmware, what stands there, what stands there instead


@dataclass(frozen=True)
class Version:
    """A firmware to be made: its version, and what is otherwise in it."""

    version: str
    changes: tuple[Change, ...] = ()


def make_bundle(version: Version, key: rsa.RSAPrivateKey, folder: Path) -> bytes:
    """The bundle of a firmware that differs from this one as said."""
    changed = folder / f"changed-{version.version}"
    names = {"cabinet/health.py", *(name for name, _, _ in version.changes)}
    texts = {name: (firmware_build.FIRMWARE / name).read_text() for name in names}
    told = f'FIRMWARE = "{version.version}"'
    texts["cabinet/health.py"] = re.sub(r'FIRMWARE = ".+"', told, texts["cabinet/health.py"], count=1)
    for name, before, after in version.changes:
        if before not in texts[name]:
            raise ValueError(f"expected {before!r} in {name}, found nothing of the kind")
        texts[name] = texts[name].replace(before, after)
    short = json.loads((firmware_build.build() / "names.json").read_text())["names"]
    for name, text in texts.items():
        source = changed / "source" / name
        source.parent.mkdir(parents=True, exist_ok=True)
        source.write_text(text)
        firmware_build.compile_file(source, (changed / "mpy" / name).with_suffix(".mpy"), name, names=short)
    return bundle.sign(bundle.image(changed / "mpy", version.version), key)


class UpdateFleet:
    """Shops on one cloud, that begin with firmware 0.2.0 in their slots."""

    def __init__(self, conductor: Conductor, folder: Path, seed: int, shops: int, cabinets: int):
        self.conductor = conductor
        self.folder = folder
        self.key = rsa.generate_private_key(65537, 3072)
        line = release_key.public_line(self.key, "fleet")
        self.cloud = SimulatedCloud(
            folder / "cloud.db", conductor.loop, Random(f"cloud {seed}"), self.now_ms, tuple(read_keys(line))
        )
        self.first = make_bundle(Version("0.2.0"), self.key, folder)
        firmware = Firmware(self.first, (line,))
        self.shops: list[SimulatedShop] = []
        for at in range(1, shops + 1):
            place = folder / f"shop-{at}"
            place.mkdir()
            of_fleet = FleetShop(f"shop-{at}", f"gw-{at}", self.cloud)
            self.shops.append(
                SimulatedShop(conductor, place, seed * 100 + at, cabinets, 65_536, of_fleet=of_fleet, firmware=firmware)
            )
        self.sessions = 0

    def now_ms(self) -> int:
        """True time, in ms since 1970 UTC."""
        return START_MS + self.conductor.now_us // 1000

    async def start(self) -> None:
        """The cloud knows everybody, gateways run, cabinets have power."""
        self.cloud.start()
        document = self.shops[0].document
        user = {"email": EMAIL, "password": PASSWORD, "name": "Fleet", "role": "admin"}
        self.cloud.seed(
            {
                "dealers": [{"id": document["dealer"], "name": document["dealer_name"], "users": [user]}],
                "shops": [
                    {
                        "gateway": {"id": shop.gateway.settings.gateway, "key": shop.gateway.settings.cloud.key},
                        "document": shop.document,
                    }
                    for shop in self.shops
                ],
            }
        )
        for shop in self.shops:
            await shop.start()

    def close(self) -> None:
        """End every process and program."""
        for shop in self.shops:
            shop.close()
        self.cloud.stop()

    # ---- the dealer ----

    def person(self) -> httpx.AsyncClient:
        """A browser of the dealer's admin, not signed in yet."""
        return httpx.AsyncClient(transport=self.cloud.wire, base_url="http://cloud", timeout=60)

    async def signed_in(self) -> httpx.AsyncClient:
        """A browser of the dealer's admin."""
        browser = self.person()
        answer = await browser.post("/api/sign-in", json={"email": EMAIL, "password": PASSWORD})
        answer.raise_for_status()
        return browser

    async def begin(self, browser: httpx.AsyncClient, data: bytes, **more: Any) -> str:
        """Put a bundle up, and begin its rollout; its id."""
        release = await browser.post("/api/releases", content=data)
        if release.status_code != 201:
            raise ValueError(f"expected a release, found {release.text}")
        wanted = {"release": release.json()["id"], "soak_min": [5], "pace": 1000} | more
        made = await browser.post("/api/rollouts", json=wanted)
        if made.status_code != 201:
            raise ValueError(f"expected a rollout, found {made.text}")
        return str(made.json()["id"])

    async def rollout(self, browser: httpx.AsyncClient, name: str) -> Mapping[str, Any]:
        """It, as its page shows it."""
        found: Mapping[str, Any] = (await browser.get(f"/api/rollouts/{name}")).json()
        return found

    # ---- time ----

    async def until(self, is_so: Callable[[], bool], hours: float) -> bool:
        """Let time pass, with the cloud's work done, until something is so; whether it is."""
        for _ in range(round(hours * 3600 / LOOK_S)):
            await asyncio.sleep(LOOK_S)
            if self.cloud.app is not None:
                look_at_all(self.cloud.app.state.services.database, self.now_ms())
            if is_so():
                return True
        return False

    async def visit(self, random: Random, every_s: float) -> None:
        """Somebody comes to some cabinet again and again, until it is cancelled."""
        while True:
            await asyncio.sleep(random.uniform(0.5, 1.5) * every_s)
            shop = random.choice(self.shops)
            await shop.people[random.choice(sorted(shop.people))].next_visit()
            self.sessions += 1

    # ---- what is found ----

    def versions(self) -> Counter[str]:
        """How many cabinets' slots run what, by the flash itself."""
        return Counter(
            slot_version(cabinet.flash_path, cabinet.slots_path)
            for shop in self.shops
            for cabinet in shop.cabinets.values()
            if cabinet.slots_path is not None
        )

    def has_arrived(self) -> bool:
        """Whether every journal is in its gateway and everything of the gateways in the cloud."""
        return all(shop.has_arrived() for shop in self.shops)

    def verdicts(self) -> list[Verdict]:
        """What each shop's oracle says at rest."""
        return [self._verdict(shop) for shop in self.shops]

    def _verdict(self, shop: SimulatedShop) -> Verdict:
        shop.look()
        journals = {name: journal for name in shop.cabinets if (journal := shop.journal(name)) is not None}
        ends = {name: {epoch: last} for name, (epoch, last) in journals.items()}
        return shop.oracle.at_rest(shop.now_ms(), shop.truth(), ends, Excused())
