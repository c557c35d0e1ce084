"""North's two shops with a van between them, and the steps of a round by the API."""

import json
from typing import Any

from sqlmodel import col, select

from cloud.replenishment.visits.following import catch_up
from cloud.tables import DealerStock, OnVisit, Shop, ShopFeed
from edge_gateway.upload_format import Content
from tests.cloud import people_world
from tests.cloud.conftest import Cloud
from tests.cloud.worlds import FILTER, upload

PART = FILTER.number
VAN = {"name": "一号车", "latitude_e6": 36_650_000, "longitude_e6": 117_120_000, "max_kg": 500}
PLACES = {"shop-1": (36_700_000, 117_150_000), "shop-2": (36_600_000, 117_300_000)}


class Rounds:
    """The dealer at a browser, and what shop-1's gateway tells."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud, self.own = cloud, cloud.browser()
        self.told: dict[str, int] = {}
        with cloud.services.database.writing() as session:
            for name, (latitude, longitude) in PLACES.items():
                row = session.get_one(Shop, name)
                row.latitude_e6, row.longitude_e6 = latitude, longitude
        self.van = self.send("post", "/api/vans", VAN, 201)["id"]

    def send(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        """A step of the dealer's and its answer."""
        options = {} if body is None else {"json": body}
        answer = self.own.request(method.upper(), path, **options)
        assert answer.status_code == status, (path, answer.status_code, answer.text)
        return answer.json() if answer.content else None

    def tells(self, *contents: Content, gateway: str = "gw-1", epoch: str = "e1") -> None:
        """A gateway tells something."""
        first = self.told.get(gateway + epoch, 0) + 1
        self.cloud.receipt(upload(contents, first=first, gateway=gateway, epoch=epoch), gateway=gateway)
        self.told[gateway + epoch] = first + len(contents) - 1
        assert self.cloud.reasons() == []

    def look(self) -> int:
        """What the cloud does by itself every few seconds."""
        return catch_up(self.cloud.services.database, self.cloud.clock.ms)

    def propose(self) -> list[dict[str, Any]]:
        """A proposal; its visits."""
        self.send("post", "/api/rounds/propose", {"days": 3})
        found = self.send("get", "/api/visits?state=proposed")
        assert isinstance(found, list)
        return found

    def accepted(self) -> dict[str, Any]:
        """The one visit of a proposal, accepted."""
        [visit] = self.propose()
        [made] = self.send("post", "/api/rounds/accept", {"visits": [visit["id"]]})
        return dict(made)

    def visit(self, name: str) -> dict[str, Any]:
        """A visit as it stands."""
        return dict(self.send("get", f"/api/visits/{name}"))

    def feed(self, shop: str = "shop-1") -> list[tuple[str, Any]]:
        """(kind, lines) of what a shop's gateway was told of visits."""
        with self.cloud.services.database.reading() as session:
            rows = session.exec(
                select(ShopFeed).where(col(ShopFeed.shop_id) == shop, col(ShopFeed.kind).like("restock%"))
                .order_by(col(ShopFeed.number))
            ).all()  # fmt: skip
        return [(row.kind, json.loads(row.body).get("lines")) for row in rows]

    def held(self) -> list[str]:
        """Requests that are on a visit."""
        with self.cloud.services.database.reading() as session:
            return sorted(row.request for row in session.exec(select(OnVisit)))

    def store(self, part: str = PART) -> int:
        """What the store has of a part."""
        with self.cloud.services.database.reading() as session:
            return session.get_one(DealerStock, ("north", part)).on_hand

    def restocker(self) -> Any:
        """A restocker's browser."""
        people_world.add_member(self.cloud, "song@north.example", "restocker")
        return people_world.browser_of(self.cloud, "song@north.example")
