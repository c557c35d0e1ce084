"""Sessions with their evidence for the pages: verdicts, weights, tags, what came later.

`RICH` has everything at once: a hesitation, a part put into the wrong bin, a tool left behind, a blind sensor, a second
pass of the tags, a person's correction, a zero moved, a question still open.
"""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from edge_gateway import ledger
from edge_gateway.upload_format import (
    Content,
    DiscrepancyItem,
    EventItem,
    MovementItem,
    PostingItem,
    ResolutionItem,
    ReZeroItem,
    SessionItem,
    VerdictItem,
)

EPOCH = "0123456789abcdef"
MINUTE_MS = 60_000
RICH = f"cab-1/{EPOCH}/300"
RICH_END, SECOND_PASS = f"cab-1/{EPOCH}/306", f"cab-1/{EPOCH}/309"
AGAIN = f"{SECOND_PASS}/1/again"  # what was booked when the tags had been read a second time

Changes = Sequence[tuple[str, int]]


@dataclass(frozen=True)
class Told:
    """A verdict to write: what happened, the candidates (changes, foreign mg, ppm), levels, steps, tags."""

    bin: int
    candidates: Sequence[tuple[Changes, int, int]]
    levels: Sequence[tuple[int, int, int]]
    steps: Sequence[tuple[int, Changes, int]] = ()  # the level, what the step to it was, foreign mg
    tags: Sequence[tuple[str, int, int, int]] = ()
    number: int = 1
    event: str = RICH_END
    session: str = RICH


def verdict(told: Told, at_ms: int) -> VerdictItem:
    """The item of a verdict, its best candidate first."""
    changes, foreign_mg, ppm = told.candidates[0]
    cabinet = told.session.split("/")[0]
    return VerdictItem(
        id=f"{told.event}/{told.bin}/verdict",
        cabinet=cabinet,
        session=told.session,
        bin=told.bin,
        number=told.number,
        event=told.event,
        decided_ms=at_ms,
        confidence_ppm=ppm,
        best=json.dumps([changes, foreign_mg]),
        candidates=json.dumps(told.candidates),
        levels=json.dumps(told.levels),
        steps=json.dumps(_steps(told)),
        tags=json.dumps(told.tags),
        ground="{}",
        algorithm=1,
    )


def _steps(told: Told) -> list[tuple[int, Changes, int, int, int]]:
    """The steps with their masses, each from the step before."""
    found, before = [], 0
    for level, changes, foreign_mg in told.steps:
        found.append(
            (level, changes, foreign_mg, told.levels[level][1] - told.levels[before][1], told.levels[level][2])
        )
        before = level
    return found


# Two sessions that the other tests of the pages know, with the weights they had.
PLAIN = (
    Told(
        1,
        [([("OF-1012", -2)], 0, 999_400), ([("OF-1012", -1)], 0, 300)],
        [(0, 6_732_300, 210), (6_400, 6_120_100, 380), (14_200, 5_508_300, 230)],
        [(1, [("OF-1012", -1)], 0), (2, [("OF-1012", -1)], 0)],
        event=f"cab-1/{EPOCH}/1-end",
        session=f"cab-1/{EPOCH}/1",
    ),
    Told(
        2,
        [([("FF-2040", -1)], 0, 997_200), ([], 0, 2_100)],
        [(0, 2_190_100, 240), (9_800, 1_752_300, 220)],
        [(1, [("FF-2040", -1)], 0)],
        event=f"cab-1/{EPOCH}/1-end",
        session=f"cab-1/{EPOCH}/1",
    ),
    Told(
        5,
        [([("VB-1225", -3)], 0, 640_000), ([("VB-1225", -2)], 0, 350_000), ([], 0, 6_000)],
        [(0, 2_646_000, 2_600), (7_000, 1_900_400, 61_000), (18_000, 1_851_000, 49_000)],
        [(2, [("VB-1225", -3)], 0)],
        event=f"cab-2/{EPOCH}/2-end",
        session=f"cab-2/{EPOCH}/2",
    ),
)
OF_TAGS, AF_TAGS = ("OF-1012", 6, 2, 0), ("OF-1012", 5, 3, 0)
FIRST = (
    Told(
        1,
        [([("OF-1012", -2)], 0, 871_000), ([("OF-1012", -3)], 0, 127_000), ([("OF-1012", -1)], 0, 1_200)],
        [
            (0, 5_508_200, 240),
            (4_100, 4_284_400, 900),
            (7_300, 3_671_800, 700),
            (11_600, 4_284_900, 500),
            (24_800, 4_283_600, 260),
        ],
        [(1, [("OF-1012", -2)], 0), (2, [("OF-1012", -1)], 0), (3, [("OF-1012", 1)], 0)],
        [OF_TAGS],
    ),
    Told(
        3,
        [([("AF-3300", -1)], 0, 996_800), ([], 0, 2_900)],
        [(0, 3_162_300, 230), (15_300, 2_976_100, 240)],
        [(1, [("AF-3300", -1)], 0)],
    ),
    Told(
        4,
        [([], 338_600, 982_000), ([("BS-0077", 6)], 0, 11_000)],
        [(0, 5_068_100, 230), (18_900, 5_406_700, 260)],
        [(1, [], 338_600)],
    ),
    Told(
        7,
        [([("AF-3300", 1)], 0, 991_000), ([("AF-3300", 1), ("BS-0077", -1)], 0, 6_000)],
        [(0, 1_276_100, 190), (9_000, 1_683_000, 3_000), (21_000, 1_462_500, 220)],
        [(2, [("AF-3300", 1)], 0)],
    ),
    Told(
        8,
        [([("LB-2421", -1)], 0, 812_000), ([("LB-2421", -2)], 0, 171_000), ([], 0, 14_000)],
        [(0, 1_032_400, 5_600), (20_500, 1_005_200, 6_100)],
        [(1, [("LB-2421", -1)], 0)],
    ),
    Told(9, [([], 0, 1_000_000)], [(0, 465_000, 190), (24_800, 465_100, 190)]),
    Told(10, [([], 0, 1_000_000)], [(0, 3_302_000, 190), (24_800, 3_301_900, 190)]),
)
SECOND = Told(
    1,
    [([("OF-1012", -2)], 0, 999_700), ([("OF-1012", -3)], 0, 200)],
    FIRST[0].levels,
    FIRST[0].steps,
    [AF_TAGS],
    number=2,
    event=SECOND_PASS,
)


def rich_items(now_ms: int) -> list[Content]:
    """`RICH` as its gateway reports it: first the session, then what came later."""
    opened_ms = now_ms - 26 * MINUTE_MS
    closed_ms = opened_ms + 24_800
    after_ms = closed_ms + 6 * MINUTE_MS
    likely = [[[["LB-2421", -1]], 0, 812_000], [[["LB-2421", -2]], 0, 171_000], [[], 0, 14_000]]
    facts = {"candidates": likely, "delta_mg": -27_200}
    return [
        *_taken(closed_ms),
        *(verdict(told, closed_ms + 900) for told in FIRST),
        _doubt(8, "LB-2421", "uncertain_count", closed_ms, json.dumps(facts)),
        _doubt(5, "VB-1225", "blind", closed_ms, "{}"),
        _doubt(1, "OF-1012", "uncertain_count", closed_ms, "{}"),
        _doubt(0, "", "contested", closed_ms, json.dumps({"note": "不是我拿的", "person": "p-wang"})),
        SessionItem(RICH, "cab-1", "p-wang", "badge", "shut", "", opened_ms, closed_ms, closed_ms + 900),
        ReZeroItem(f"{RICH_END}/9/rezero", "cab-1", 9, RICH_END, 465_000, 463_800, -3_400, closed_ms + 900),
        verdict(SECOND, after_ms),
        _moved(AGAIN, "take", ("bin:cab-1/1", "shop:shop-1"), 3, after_ms),
        ResolutionItem(f"{RICH}/1", "", "decided again by later evidence", AGAIN, after_ms),
        _moved(f"{AGAIN}/correction-1-00ff", "correction", ("shop:shop-1", "bin:cab-1/1"), 1, after_ms + 4 * MINUTE_MS,
               person="p-li", corrects=AGAIN, note="一只放回了，另一只在车上"),
    ]  # fmt: skip


def rich_events(now_ms: int) -> list[Content]:
    """The events that led to its verdicts, as the cloud has them."""
    weights = [(told.bin, told.levels[0][1], told.levels[0][2], told.levels[-1][1], 230, 0) for told in FIRST]
    bodies = {
        306: {"kind": "session_closed", "session": 300, "bins": [*weights, (5, 1_764_000, 200, None, 0, 2)]},
        309: {"kind": "tags_read", "session": 300, "pass": 2},
    }
    at_ms = now_ms - 19 * MINUTE_MS
    return [
        EventItem("cab-1", EPOCH, seq, at_ms, at_ms, json.dumps({"v": 1, "cabinet": "cab-1", "seq": seq, "body": body}))
        for seq, body in bodies.items()
    ]


def _taken(at_ms: int) -> list[Content]:
    """What the first verdicts were booked as: the filter that went astray, and nothing for what was unsure."""
    lines = [PostingItem("bin:cab-1/3", "AF-3300", -1), PostingItem("bin:cab-1/7", "AF-3300", 1)]
    return [_movement(f"{RICH_END}/3/session-to-7", "misplaced", lines, at_ms, 991_000)]


def _moved(name: str, cause: str, way: tuple[str, str], count: int, at_ms: int, **fields: str) -> MovementItem:
    """Oil filters from one account to another."""
    lines = [PostingItem(p.account, p.part, p.quantity) for p in ledger.transfer(*way, "OF-1012", count)]
    return _movement(name, cause, lines, at_ms, 999_700, **fields)


def _movement(identity: str, cause: str, lines: list[PostingItem], at_ms: int, ppm: int, **fields: str) -> MovementItem:
    given = {"person": "p-wang", "corrects": "", "note": ""} | fields
    return MovementItem(
        identity, cause, "cab-1", RICH, given["person"], "", at_ms, at_ms, ppm, given["corrects"], given["note"], lines
    )


def _doubt(number: int, part: str, reason: str, at_ms: int, facts: str) -> DiscrepancyItem:
    return DiscrepancyItem(f"{RICH}/{number}", "cab-1", number, part, RICH, reason, at_ms, facts)


# ---- into a gateway's own tables ----


def write_sessions(database: sqlite3.Connection, now_ms: int) -> None:
    """All of it into a gateway's database: what the other tests know gets its verdicts, `RICH` is new."""
    for told in PLAIN:
        _write(database, verdict(told, now_ms))
    for item in rich_items(now_ms):
        _write(database, item)
    at_ms = now_ms - 26 * MINUTE_MS
    for seq, kind in ((300, "session_opened"), (305, "tags_read"), (309, "tags_read")):
        _insert(database, "inbox", ("cab-1", EPOCH, seq, at_ms, at_ms, kind, "", b"", b""))
    closed_ms = at_ms + 24_800
    _insert(database, "inbox", ("cab-1", EPOCH, 306, closed_ms, closed_ms, "session_closed", "", b"", b""))
    for told in FIRST:
        before, after = told.levels[0], told.levels[-1]
        row = ("cab-1", EPOCH, 306, told.bin, before[1], before[2], after[1], after[2], 0, at_ms)
        _insert(database, "weighing", row)
    _insert(database, "weighing", ("cab-1", EPOCH, 306, 5, 1_764_000, 200, None, 0, 2, at_ms))
    _insert(database, "tag_read", ("cab-1", EPOCH, 305, RICH, 1, 4, 61, 0, at_ms))
    _insert(database, "tag_read", ("cab-1", EPOCH, 309, RICH, 2, 12, 60, 0, at_ms + 6 * MINUTE_MS))
    for seq, epcs in ((305, 2), (309, 3)):
        for number in range(epcs):
            _insert(database, "tag_found", ("cab-1", EPOCH, seq, f"3034257BF7194E4000001A{number:02X}", "missing"))


def _write(database: sqlite3.Connection, item: Content) -> None:
    match item:
        case VerdictItem():
            _insert(database, "verdict", tuple(getattr(item, name) for name in item.__struct_fields__))
        case ReZeroItem():
            _insert(database, "rezero", tuple(getattr(item, name) for name in item.__struct_fields__))
        case DiscrepancyItem():
            row = (item.id, item.cabinet, item.bin, item.part, item.session, item.reason, item.opened_ms, item.detail)
            _insert(database, "discrepancy", row)
        case ResolutionItem():
            answer = (item.discrepancy, item.person, item.note, item.movement, item.resolved_ms)
            _insert(database, "resolution", answer)
        case SessionItem():
            session = (item.id, item.cabinet, 1, item.opened_by, item.person, "", item.how, item.missing,
                       item.opened_ms, item.closed_ms, item.booked_ms)  # fmt: skip
            _insert(database, "session", session)
        case MovementItem():
            _write_movement(database, item)
        case _:
            raise AssertionError(f"expected an item of a session, found {item!r}")


def _write_movement(database: sqlite3.Connection, item: MovementItem) -> None:
    places = [int(line.account.rsplit("/", 1)[1]) for line in item.postings if line.account.startswith("bin:")]
    row = (item.id, item.cause, item.cabinet, places[0], item.session, item.person, item.job, item.occurred_ms,
           item.booked_ms, item.confidence_ppm, item.corrects, item.note, "", 0)  # fmt: skip
    _insert(database, "movement", row)
    for number, line in enumerate(item.postings, 1):
        _insert(database, "posting", (item.id, number, line.account, line.part, line.quantity))


def _insert(database: sqlite3.Connection, table: str, row: tuple[object, ...]) -> None:
    database.execute(f"insert into {table} values ({','.join('?' * len(row))})", row)
