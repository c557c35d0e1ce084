"""The real cloud as its own process, seeded from a file and told by two gateways what happened."""

import contextlib
import functools
import json
import re
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec

from cloud.seed import Seed, SeedDealer, SeedGateway, SeedShop, SeedUser
from edge_gateway import ledger
from edge_gateway.shop_document import Bin, BinPart, Cabinet, ShopDocument
from edge_gateway.upload_format import (
    CabinetDoors,
    CabinetStatus,
    Content,
    DiscrepancyItem,
    GatewayStatus,
    Item,
    MovementItem,
    PostingItem,
    RequestItem,
    SessionItem,
    Upload,
    encode_upload,
)
from tests import warm_programs
from tests.pages.browser import Tab, refuse_tracebacks, wait_for
from tests.pages.small_shop import small_document
from tests.pages.told_sessions import rich_events, rich_items

EMAIL, PASSWORD = "chen@huatong.example", "green apples 4711"
OTHER_EMAIL, OTHER_PASSWORD = "lin@other.example", "blue pears 4712"
SECRET = "a secret for the pages tests, long enough"
KEYS = {"gw-1": "key of the first gateway", "gw-2": "key of the second gateway", "gw-9": "key of another's gateway"}
MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
ANSWER_S = 60  # other work may have the machine meanwhile; httpx itself gives up after 5 s
# days ago, hours ago, bin, part, quantity
TAKES = [
    (6, 2, 1, "OF-1012", 4), (6, 3, 8, "LB-2421", 7), (5, 1, 3, "AF-3300", 5), (5, 4, 9, "FU-0020", 11),
    (4, 2, 1, "OF-1012", 3), (4, 5, 5, "VB-1225", 2), (3, 1, 6, "BP-2913", 2), (3, 6, 8, "LB-2421", 9),
    (2, 2, 2, "FF-2040", 6), (2, 3, 10, "WB-0600", 4), (1, 4, 1, "OF-1012", 5), (1, 2, 9, "FU-0020", 14),
    (0, 5, 2, "FF-2040", 2), (0, 3, 12, "BT-M800", 340), (0, 1, 8, "LB-2421", 3), (2, 5, 12, "BT-M800", 910),
]  # fmt: skip


@contextlib.contextmanager
def running_cloud(folder: Path) -> Iterator[str]:
    """Its address; the process is ended by its id."""
    config = folder / "cloud.toml"
    # It takes a port itself and says which: one found free before could be another worker's by the time it starts.
    config.write_text(
        f'database_url = "sqlite:///{folder / "cloud.db"}"\nhost = "127.0.0.1"\nport = 0\nsecret = "{SECRET}"\n'
    )
    (folder / "cloud.db").write_bytes(_seeded())
    log = folder / "cloud.log"
    process = warm_programs.start("cloud", "run", "--config", config, log=log)
    try:
        wait_for(lambda: _ready(log) or not process.is_alive(), "the cloud to start", 60)
        base = _ready(log)
        assert base and process.is_alive(), _read(log)
        # Other commands make links of what stands there.
        config.write_text(config.read_text().replace("port = 0\n", f"port = {base.rsplit(':', 1)[1]}\n"))
        _tell(base)
        signed_in.cache_clear()  # of a cloud that was at this port before
        yield base
    finally:
        warm_programs.end(process)
    refuse_tracebacks(log)


@functools.cache
def _seeded() -> bytes:
    """The database as the commands seed and plan it, made once a run.

    Passwords are slow to hash; and where nothing has been planned today, every cloud starts a process that does.
    """
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        (folder / "seed.json").write_bytes(msgspec.json.encode(_seed()))
        config = folder / "cloud.toml"
        config.write_text(f'database_url = "sqlite:///{folder / "cloud.db"}"\nsecret = "{SECRET}"\n')
        warm_programs.run("cloud", "seed", "--config", config, folder / "seed.json", log=folder / "seed.log")
        warm_programs.run("cloud", "plan", "--config", config, log=folder / "plan.log")
        return (folder / "cloud.db").read_bytes()


@functools.cache
def signed_in(base: str, email: str = EMAIL, password: str = PASSWORD) -> dict[str, str]:
    """The cookie of somebody at a cloud, asked for once: passwords are slow to hash."""
    answer = httpx.post(f"{base}/api/sign-in", json={"email": email, "password": password}, timeout=ANSWER_S)
    assert answer.status_code == 204, answer.text
    return dict(answer.cookies)


def let_in(tab: Tab, base: str, email: str = EMAIL, password: str = PASSWORD) -> None:
    """Make it the browser of somebody who signed in before; no page is opened."""
    for name, value in signed_in(base, email, password).items():
        tab.call("Network.setCookie", name=name, value=value, url=base, httpOnly=True)


def _read(log: Path) -> str:
    return log.read_text() if log.exists() else ""


def _ready(log: Path) -> str:
    """Where it is, once it has said so in a whole line."""
    said = re.search(r"^cloud ready (http://127\.0\.0\.1:\d+)\n", _read(log), re.MULTILINE)
    return said[1] if said else ""


def other_document() -> ShopDocument:
    """A shop of another dealer, with one cabinet."""
    first = small_document()
    return msgspec.structs.replace(
        first,
        shop="shop-9",
        shop_name="别家的店",
        dealer="dealer-9",
        dealer_name="别家配件",
        cabinets=[msgspec.structs.replace(first.cabinets[0], bins=[_bin_of_nine(first.cabinets[0])])],
    )


def _bin_of_nine(cabinet: Cabinet) -> object:
    return msgspec.structs.replace(cabinet.bins[0], dealer="dealer-9")


def _shared_cabinet() -> Cabinet:
    """Air filters and wipers lie together in the bin that is empty elsewhere."""
    cabinet = small_document().cabinets[0]
    shared = Bin(11, "AF-3300", "dealer-1", 20, 6, 18, also=[BinPart("WB-0600", 20, 6, 18)])
    return msgspec.structs.replace(cabinet, bins=[shared if place.bin == 11 else place for place in cabinet.bins])


def _seed() -> Seed:
    first = small_document()
    second = msgspec.structs.replace(first, shop="shop-2", shop_name="北环货车保养站", cabinets=[_shared_cabinet()])
    return Seed(
        dealers=[
            SeedDealer("dealer-1", "华通配件", [SeedUser(EMAIL, PASSWORD, "陈经理")]),
            SeedDealer("dealer-9", "别家配件", [SeedUser(OTHER_EMAIL, OTHER_PASSWORD, "林经理")]),
        ],
        shops=[
            SeedShop(SeedGateway("gw-1", KEYS["gw-1"]), first),
            SeedShop(SeedGateway("gw-2", KEYS["gw-2"]), second),
            SeedShop(SeedGateway("gw-9", KEYS["gw-9"]), other_document()),
        ],
    )


def _tell(base: str) -> None:
    now = int(time.time() * 1000)
    with httpx.Client(base_url=base, timeout=ANSWER_S) as gateways:
        _upload(gateways, "gw-1", _shop_one(now))
        _upload(gateways, "gw-2", _shop_two(now))
        _report(gateways, _troubled_status(now))
        well = CabinetStatus("cab-1", now - 20_000, True, 0, 0, "0.1.0")
        _report(gateways, GatewayStatus("gw-2", 0, 0, 1, [well]))


def _troubled_status(now: int) -> GatewayStatus:
    """A gateway whose disk has filled up, and whose second cabinet could not bring its records for long."""
    well = CabinetStatus("cab-1", now - 9_000, True, 0, 0, "0.1.0", now - 60_000, journal_room_sessions=743)
    full = CabinetStatus(
        "cab-2", now - 7 * MINUTE_MS, True, 1_830, 1, "0.1.0", now - 3 * DAY_MS, 12, now - 2 * DAY_MS, 0, True, 4
    )
    return GatewayStatus(
        gateway="gw-1",
        outbox_backlog=3,
        quarantined=2,
        document_version=1,
        cabinets=[well, full],
        outbox_oldest_ms=now - 2 * HOUR_MS,
        quarantine_oldest_ms=now - 6 * DAY_MS,
        broken=3,
        broken_ms=now - 4 * HOUR_MS,
        cannot_write_since_ms=now - 40 * MINUTE_MS,
        disk_free_bytes=1_400_000,
        disk_days=2,
        disk_low=True,
        doors=[
            CabinetDoors("cab-1", "fail_secure", "8f3a19c2", now - 40 * DAY_MS),
            CabinetDoors("cab-2", "fail_safe", "0c77b5e1", now - 3 * DAY_MS, "expected an HMAC by this cabinet's key"),
        ],
    )


def _report(gateways: httpx.Client, status: GatewayStatus) -> None:
    headers = {"Authorization": f"Bearer {KEYS[status.gateway]}"}
    answer = gateways.post("/api/gateway/status", content=msgspec.json.encode(status), headers=headers)
    assert answer.status_code == 204, answer.text


def _upload(gateways: httpx.Client, gateway: str, contents: list[Content]) -> None:
    items = [Item(seq, content) for seq, content in enumerate(contents, 1)]
    upload = Upload(gateway, "0123456789abcdef", items)
    headers = {"Authorization": f"Bearer {KEYS[gateway]}"}
    answer = gateways.post("/api/gateway/upload", content=encode_upload(upload), headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.json()["through"] == len(items)


def _openings(shop: str, cabinets: list[Cabinet], now: int) -> list[Content]:
    """Opening stock: what the planogram says, and what will be taken on top."""
    later: dict[int, int] = {}
    for _, _, number, _, quantity in TAKES if shop == "shop-1" else []:
        later[number] = later.get(number, 0) + quantity
    contents: list[Content] = []
    for cabinet in cabinets:
        for place in cabinet.bins:
            if place.opening:
                amount = place.opening + (later.get(place.bin, 0) if cabinet.id == "cab-1" else 0)
                postings = ledger.transfer("dealer:dealer-1", f"bin:{cabinet.id}/{place.bin}", place.part, amount)
                contents.append(_movement(f"opening/{cabinet.id}/{place.bin}", "opening", postings, now - 8 * DAY_MS))
    return contents


def _movement(
    identity: str, cause: str, postings: tuple[ledger.Posting, ...], at_ms: int, session: str = ""
) -> MovementItem:
    lines = [PostingItem(p.account, p.part, p.quantity) for p in postings]
    return MovementItem(identity, cause, "cab-1", session, "p-wang", "", at_ms, at_ms, 999_400, "", "", lines)


def _shop_two(now: int) -> list[Content]:
    """A shop that began minutes ago: one filter was taken; two parts share bin 11, and a third strayed into it."""
    lying = (("AF-3300", 12), ("WB-0600", 4), ("FU-0020", 3))
    shared = [
        _movement(
            f"opening/cab-1/11/{part}", "opening", ledger.transfer("dealer:dealer-1", "bin:cab-1/11", part, n), now
        )
        for part, n in lying
    ]
    postings = ledger.transfer("bin:cab-1/1", "shop:shop-2", "OF-1012", 1)
    taken = _movement("cab-1/0123456789abcdef/1/1/session", "take", postings, now - 2 * MINUTE_MS)
    return [*_openings("shop-2", small_document().cabinets[:1], now), *shared, taken]


def _shop_one(now: int) -> list[Content]:
    contents = _openings("shop-1", small_document().cabinets, now)
    for seq, (days, hours, number, part, quantity) in enumerate(sorted(TAKES, reverse=True), 1):
        at_ms = now - days * DAY_MS - hours * HOUR_MS
        session = f"cab-1/0123456789abcdef/{seq}"
        postings = ledger.transfer(f"bin:cab-1/{number}", "shop:shop-1", part, quantity)
        contents.append(_movement(f"{session}/{number}/session", "take", postings, at_ms, session))
        contents.append(SessionItem(session, "cab-1", "p-wang", "badge", "shut", "", at_ms, at_ms + 20_000, at_ms))
    low = [(2, "FF-2040", 10, 4), (6, "BP-2913", 6, 1)]
    for number, part, quantity, stock in low:
        contents.append(RequestItem(f"r-{number}", "cab-1", number, part, quantity, stock, now - 5 * HOUR_MS))
    contents.append(RequestItem("r-2-6", "cab-2", 6, "BP-2913", 6, 1, now - 90 * MINUTE_MS))
    facts = json.dumps({"found_mg": 3_100_000, "expected_mg": 4_132_000, "stock": 22})
    contents.append(DiscrepancyItem("d-7", "cab-1", 7, "BS-0077", "", "balance", now - 50 * MINUTE_MS, facts))
    contents += [*rich_items(now), *rich_events(now)]
    contents.append(DiscrepancyItem("d-11", "cab-1", 11, "", "", "no_part", now - 3 * HOUR_MS, "{}"))
    return contents
