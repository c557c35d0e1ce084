"""A cabinet with bins of two dealers, and a session in which somebody took from both."""

from msgspec import structs

from cloud.document import store_document
from edge_gateway.shop_document import Bin, Part, ShopDocument
from edge_gateway.upload_format import Content, DiscrepancyItem, ReZeroItem
from tests.cloud import worlds
from tests.cloud.conftest import Cloud
from tests.cloud.worlds import FILTER, NOW_MS, event, movement, opening

NORTH, SOUTH = "li@north.example", "wang@south.example"
LAMP = Part(number="LAMP-7", name_zh="大灯", name_en="Head lamp", unit_mass_mg=900_000, price_minor=12_300)
SESSION = "cab-1/c0ffee00/2"
CLOSED = "cab-1/c0ffee00/4"
NORTHS_WORDS = ("north", "North", "M12x40", "Bolt", "螺栓", "Diesel", "柴油", "li@")
SOUTHS_WORDS = ("south", "South", "LAMP-7", "Head lamp", "大灯", "wang@")


def shared_document() -> ShopDocument:
    """shop-1 of the northern dealer; bin 3 of cab-1 is the southern one's."""
    document = worlds.document("shop-1", "north")
    filters = structs.replace(FILTER, price_minor=4_500)
    lamps = Bin(bin=3, part=LAMP.number, dealer="south", capacity=10, reorder_point=2, order_up_to=8, cell="c3-50kg")
    first = document.cabinets[0]
    return structs.replace(
        document,
        parts=[filters, worlds.BOLT, LAMP],
        cabinets=[structs.replace(first, bins=[*first.bins, lamps]), *document.cabinets[1:]],
    )


def store_shared(cloud: Cloud, document: ShopDocument | None = None, at_ms: int = NOW_MS - 1) -> None:
    """Put the shared cabinet into force."""
    with cloud.services.database.writing() as session:
        store_document(session, document or shared_document(), at_ms)


LAMPS_IN = movement(
    "opening/cab-1/3", ("dealer:south", LAMP.number, -8), ("bin:cab-1/3", LAMP.number, 8), cause="opening"
)
LAMPS_OUT = movement(
    f"{CLOSED}/3/session", ("bin:cab-1/3", LAMP.number, -2), ("shop:shop-1", LAMP.number, 2), session=SESSION
)
CHARGED = movement(
    f"{LAMPS_OUT.id}/charge-1-0a1b2c3d",
    ("shop:shop-1", LAMP.number, -2),
    ("job:j-1", LAMP.number, 2),
    cause="charge",
    session=SESSION,
)
CORRECTED = movement(
    f"{LAMPS_OUT.id}/correction-1-0a1b2c3d",
    ("job:j-1", LAMP.number, -1),
    ("bin:cab-1/3", LAMP.number, 1),
    cause="correction",
    session=SESSION,
    corrects=LAMPS_OUT.id,
)
STRAYED = movement(
    f"{CLOSED}/1/session-to-3",
    ("bin:cab-1/1", FILTER.number, -1),
    ("bin:cab-1/3", FILTER.number, 1),
    cause="misplaced",
    session=SESSION,
)
LOST = movement(
    f"{CLOSED}/3/level",
    ("bin:cab-1/3", LAMP.number, -1),
    ("unexplained:cab-1:south", LAMP.number, 1),
    cause="unexplained",
)
WORLD: list[Content] = [
    *(
        event(seq, line=f'{{"body":{{"kind":"session_closed","bins":[[1,1,1,1,1,0],[3,3,3,3,3,0]],"seq":{seq}}}}}')
        for seq in range(1, 5)
    ),
    opening("opening/cab-1/1", 20),
    LAMPS_IN,
    worlds.session(SESSION),
    structs.replace(worlds.session("cab-2/c0ffee00/1"), cabinet="cab-2"),
    worlds.take(f"{CLOSED}/1/session", 3, session=SESSION),
    LAMPS_OUT,
    CHARGED,
    CORRECTED,
    STRAYED,
    LOST,
    structs.replace(
        worlds.verdict(f"{CLOSED}/1/verdict", event=CLOSED), ground='{"others":["LAMP-7"]}', tags='[["WK-1060",1,0,0]]'
    ),
    structs.replace(
        worlds.verdict(f"{CLOSED}/3/verdict", event=CLOSED),
        bin=3,
        best='[[["LAMP-7",-2]],0]',
        candidates='[[[["LAMP-7",-2]],0,998000]]',
        steps='[[1,[["LAMP-7",-2]],0,-1800000,220]]',
        ground='{"others":["WK-1060"]}',
        tags='[["LAMP-7",6,2,0],["WK-1060",1,0,0]]',
    ),
    worlds.discrepancy("d1"),
    DiscrepancyItem("d3", "cab-1", 3, "WK-1060", SESSION, "misplaced", NOW_MS, '{"quantity":1,"belongs_to":[1]}'),
    DiscrepancyItem("d0", "cab-1", 0, "", SESSION, "session_unended", NOW_MS, "{}"),
    worlds.resolution("d3"),
    worlds.request("r1"),
    structs.replace(worlds.request("r3", part=LAMP.number), bin=3),
    worlds.request_end("r3"),
    worlds.set_aside("cab-1/c0ffee00/3"),
    worlds.read_again("cab-1/c0ffee00/3"),
    worlds.rezero("z1"),
    worlds.restocked("b1"),
    ReZeroItem("z3", "cab-1", 3, CLOSED, 1, 2, 1, NOW_MS),
]
