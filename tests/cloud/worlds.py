"""Small worlds to try the cloud on: two dealers, three shops, and what their gateways say."""

from collections.abc import Sequence
from typing import Any

import msgspec

from cloud.seed import Seed, SeedDealer, SeedGateway, SeedShop, SeedUser
from edge_gateway.shop_document import Bin, Cabinet, Job, Part, Person, ShopDocument
from edge_gateway.upload_format import (
    Content,
    DiscrepancyItem,
    EventItem,
    Item,
    MovementItem,
    PostingItem,
    ReadAgainItem,
    RequestEndItem,
    RequestItem,
    ResolutionItem,
    RestockedItem,
    ReZeroItem,
    SessionItem,
    SetAsideItem,
    Upload,
    VerdictItem,
    encode_upload,
)

NOW_MS = 1_794_873_600_000  # 2026-11-17 00:00 UTC
HOUR_MS = 3_600_000
SECRET = "a secret of the tests that is long enough"
PASSWORDS = {"li@north.example": "north password", "wang@south.example": "south password"}
KEYS = {"gw-1": "key of gateway one", "gw-2": "key of gateway two", "gw-9": "key of gateway nine"}

FILTER = Part(number="WK-1060", name_zh="柴油滤清器", name_en="Diesel filter", unit_mass_mg=850_000, pack_size=6)
BOLT = Part(number="M12x40", name_zh="螺栓", name_en="Bolt", unit="gram")


def document(shop: str, dealer: str, *, reorder_point: int = 4) -> ShopDocument:
    """A shop with two cabinets: filters and bolts in the first, an empty bin in the second."""
    first = [
        Bin(bin=1, part=FILTER.number, capacity=24, reorder_point=reorder_point, order_up_to=20, cell="c3-50kg"),
        Bin(
            bin=2,
            part=BOLT.number,
            capacity=20_000,
            reorder_point=500,
            order_up_to=10_000,
            dead_band=20,
            cell="c3-50kg",
        ),
    ]
    return ShopDocument(
        version=1,
        shop=shop,
        shop_name=f"店 {shop}",
        dealer=dealer,
        dealer_name=dealer,
        parts=[FILTER, BOLT],
        cabinets=[
            Cabinet(id="cab-1", name_zh="一号柜", name_en="Cabinet 1", bins=first),
            Cabinet(id="cab-2", name_zh="二号柜", name_en="Cabinet 2", bins=[Bin(bin=1)]),
        ],
        people=[Person(id="p-zhang", name="张师傅", role="mechanic", badges=["04A1B2C3"])],
        jobs=[Job(id="j-1", title="保养", plate="鲁B12345")],
    )


def seed() -> Seed:
    """Dealer north with shop-1 and shop-2, dealer south with shop-9."""
    users = {email: SeedUser(email, password, email.split("@")[0]) for email, password in PASSWORDS.items()}
    return Seed(
        dealers=[
            SeedDealer("north", "North Parts", [users["li@north.example"]]),
            SeedDealer("south", "South Parts", [users["wang@south.example"]]),
        ],
        shops=[
            SeedShop(SeedGateway("gw-1", KEYS["gw-1"]), document("shop-1", "north")),
            SeedShop(SeedGateway("gw-2", KEYS["gw-2"]), document("shop-2", "north")),
            SeedShop(SeedGateway("gw-9", KEYS["gw-9"]), document("shop-9", "south")),
        ],
    )


def seed_json() -> bytes:
    """The same as a seed file."""
    return msgspec.json.encode(seed())


def event(seq: int, *, cabinet: str = "cab-1", line: str = "") -> EventItem:
    """An event of a controller."""
    return EventItem(cabinet, "c0ffee00", seq, NOW_MS, NOW_MS, line or f'{{"seq":{seq}}}')


def movement(
    name: str,
    *postings: tuple[str, str, int],
    cause: str = "take",
    cabinet: str = "cab-1",
    session: str = "",
    corrects: str = "",
    occurred_ms: int = NOW_MS,
) -> MovementItem:
    """A movement of the given postings."""
    lines = [PostingItem(*posting) for posting in postings]
    return MovementItem(
        name, cause, cabinet, session, "p-zhang", "", occurred_ms, occurred_ms, 999_000, corrects, "", lines
    )


def opening(name: str, quantity: int, *, dealer: str = "north") -> MovementItem:
    """The first filters in bin 1 of cab-1."""
    return movement(
        name,
        (f"dealer:{dealer}", FILTER.number, -quantity),
        ("bin:cab-1/1", FILTER.number, quantity),
        cause="opening",
    )


def take(name: str, quantity: int, *, shop: str = "shop-1", session: str = "", at_ms: int = NOW_MS) -> MovementItem:
    """Filters out of bin 1 of cab-1."""
    return movement(
        name,
        ("bin:cab-1/1", FILTER.number, -quantity),
        (f"shop:{shop}", FILTER.number, quantity),
        session=session,
        occurred_ms=at_ms,
    )


def session(name: str, *, closed_ms: int = NOW_MS, cabinet: str = "cab-1") -> SessionItem:
    """A finished session of Zhang's."""
    return SessionItem(name, cabinet, "p-zhang", "04A1B2C3", "badge", "", closed_ms - 9000, closed_ms, closed_ms + 5)


def discrepancy(name: str) -> DiscrepancyItem:
    """Something in bin 1 of cab-1 that nobody can explain."""
    return DiscrepancyItem(name, "cab-1", 1, FILTER.number, "", "not_a_part", NOW_MS, "312 g")


def resolution(name: str) -> ResolutionItem:
    """Zhang's explanation."""
    return ResolutionItem(name, "p-zhang", "扳手", "", NOW_MS + 1)


def request(name: str, quantity: int = 15, part: str = FILTER.number) -> RequestItem:
    """Bring filters, or another part, to bin 1 of cab-1."""
    return RequestItem(name, "cab-1", 1, part, quantity, 4, NOW_MS)


def request_end(name: str) -> RequestEndItem:
    """The filters came."""
    return RequestEndItem(name, "filled", NOW_MS + 1)


def set_aside(name: str) -> SetAsideItem:
    """An event the gateway could not understand."""
    return SetAsideItem(name, "cab-1", "expected a known kind, found 'bin_cleaned'", NOW_MS)


def read_again(name: str) -> ReadAgainItem:
    """And could, after an upgrade."""
    return ReadAgainItem(name, "cab-1", NOW_MS, NOW_MS + HOUR_MS)


def verdict(name: str, number: int = 1, event: str = "cab-1/c0ffee00/4") -> VerdictItem:
    """Two filters were taken from bin 1 of cab-1, one at the least."""
    part = FILTER.number
    return VerdictItem(
        id=name,
        cabinet="cab-1",
        session="cab-1/c0ffee00/2",
        bin=1,
        number=number,
        event=event,
        decided_ms=NOW_MS,
        confidence_ppm=998_000,
        best=f'[[["{part}",-2]],0]',
        candidates=f'[[[["{part}",-2]],0,998000],[[["{part}",-1]],0,2000]]',
        levels="[[0,6000000,150],[4000,5400000,160],[9000,4800000,150]]",
        steps=f'[[1,[["{part}",-1]],0,-600000,220],[2,[["{part}",-1]],0,-600000,220]]',
        tags="[]",
        ground="{}",
        algorithm=1,
    )


def rezero(name: str) -> ReZeroItem:
    """The cell of bin 1 of cab-1 had drifted."""
    return ReZeroItem(name, "cab-1", 1, "cab-1/c0ffee00/3", 6_000_000, 6_001_200, 1200, NOW_MS)


def restocked(name: str, **said: Any) -> RestockedItem:
    """Five of six planned filters were put into bin 1 of cab-1."""
    told: dict[str, Any] = {
        "visit": "v-1",
        "cabinet": "cab-1",
        "bin": 1,
        "part": FILTER.number,
        "session": "cab-1/c0ffee00/2",
        "person": "p-zhang",
        "expected": 6,
        "counted": 5,
        "movement": "m1",
        "restocked_ms": NOW_MS,
        **said,
    }
    return RestockedItem(name, **told)


def upload(contents: Sequence[Content], *, first: int = 1, gateway: str = "gw-1", epoch: str = "e1") -> bytes:
    """Contents numbered from `first`."""
    return encode_upload(Upload(gateway, epoch, [Item(first + at, content) for at, content in enumerate(contents)]))
