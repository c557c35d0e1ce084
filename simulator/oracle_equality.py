"""At rest: whether the cloud holds exactly what the gateway holds, row by row. Shares no code with the product.

Times are compared too, unless the gateway was restored: it then dates anew what it is told again, and the cloud
keeps the first date.
"""

from base64 import b64decode
from collections import Counter
from dataclasses import dataclass

from simulator.oracle_database import Database, Row
from simulator.verdict import Violation

BASE64 = "base64:"
SHOWN_MAX = 5  # rows of one kind are named; the rest is counted


@dataclass(frozen=True)
class Kind:
    """One kind of row on both sides.

    `columns` begins with the identity, `identity` columns long; `times` come last. `theirs` and `their_times` are the
    cloud's words for the same, where it has others.
    """

    what: str
    gateway: str
    cloud: str
    identity: int
    columns: str
    times: str
    theirs: str = ""
    their_times: str = ""

    def query(self, in_cloud: bool, with_times: bool) -> str:
        """What to ask one side for."""
        columns = self.theirs or self.columns if in_cloud else self.columns
        times = self.their_times or self.times if in_cloud else self.times
        names = f"{columns}, {times}" if with_times and times else columns
        where = f"{self.cloud} WHERE shop_id = ?" if in_cloud else self.gateway
        return f"SELECT {names} FROM {where}"  # noqa: S608


EVENT = "cabinet || '/' || epoch || '/' || seq"

KINDS = (
    Kind("event", "inbox WHERE kind != 'forgotten'", "event", 3,
         "cabinet, epoch, seq, line", "received_ms, occurred_ms"),
    Kind("movement", "movement", "movement", 1,
         "id, cause, cabinet, session, person, job, confidence_ppm, corrects, note", "occurred_ms, booked_ms"),
    Kind("posting", "posting", "posting", 2, "movement, line, account, part, quantity", "",
         theirs="movement_id, line, account, part, quantity"),
    Kind("session", "session WHERE closed_ms IS NOT NULL AND how != 'unended'", "cabinet_session", 1,
         "id, cabinet, person, opened_by, how, missing", "opened_ms, closed_ms, booked_ms"),
    Kind("discrepancy", "discrepancy", "discrepancy", 1,
         "id, cabinet, bin, part, session, reason, detail", "opened_ms"),
    Kind("resolution", "resolution", "resolution", 1, "discrepancy, person, note, movement", "resolved_ms"),
    Kind("request", "request", "request", 1, "id, cabinet, bin, part, quantity, stock", "raised_ms"),
    Kind("request_end", "request_end", "request_end", 1, "request, how", "ended_ms"),
    Kind("verdict", "verdict", "verdict", 1,
         "id, cabinet, session, bin, number, event, confidence_ppm, best, candidates, levels, "
         "steps, tags, ground, algorithm",
         "decided_ms"),
    Kind("re-zeroing", "rezero", "rezero", 1, "id, cabinet, bin, event, from_mg, to_mg, sum_mg", "rezeroed_ms"),
    Kind("answer to the feed", "feed_answer", "feed_answer", 1,
         "number, outcome, movement, person, expected, counted", "answered_ms"),
    Kind("bin of a visit", "restocked", "restocked_bin", 1,
         "id, visit, cabinet, bin, part, session, person, expected, counted, movement", "restocked_ms"),
    Kind("event set aside", "inbox WHERE kind IN ('quarantined', 'unreadable')", "set_aside", 1,
         f"{EVENT}, cabinet, reason", "received_ms", theirs="event, cabinet, why", their_times="booked_ms"),
    Kind("event read again", "quarantine_read", "read_again", 1,
         f"{EVENT}, cabinet", "occurred_ms, read_ms", theirs="event, cabinet", their_times="occurred_ms, booked_ms"),
)  # fmt: skip


def differences(gateway: Database, cloud: Database, shop: str, with_times: bool) -> list[Violation]:
    """Every kind of row that is not the same on both sides."""
    found: list[Violation] = []
    for kind in KINDS:
        here = gateway.rows(kind.query(in_cloud=False, with_times=with_times))
        there = cloud.rows(kind.query(in_cloud=True, with_times=with_times), shop)
        found += _compare(kind, [*map(_plain, here)], [*map(_plain, there)])
    return found


def _plain(row: Row) -> Row:
    """An event's line is kept as it came here, and as text there: in base64 where it is no text."""
    if len(row) > 3 and type(row[2]) is int and type(row[3]) in {bytes, str}:
        return (*row[:3], _line(row[3]), *row[4:])
    return row


def _line(kept: bytes | str) -> bytes:
    if isinstance(kept, bytes):
        return kept
    return b64decode(kept.removeprefix(BASE64)) if kept.startswith(BASE64) else kept.encode()


def _compare(kind: Kind, here: list[Row], there: list[Row]) -> list[Violation]:
    left, right = Counter(here) - Counter(there), Counter(there) - Counter(here)
    names = sorted({row[: kind.identity] for row in (left + right)})
    texts = []
    for name in names[:SHOWN_MAX]:
        mine, theirs = (_of(name, rows) for rows in (left, right))
        texts.append(
            f"{kind.what} {'/'.join(map(str, name))}: gateway {mine or 'nothing'}, cloud {theirs or 'nothing'}"
        )
    if len(names) > SHOWN_MAX:
        texts.append(f"and {len(names) - SHOWN_MAX} more of {kind.what}")
    return [Violation("same_in_cloud", f"expected the same on both sides, found {text}") for text in texts]


def _of(name: Row, rows: Counter[Row]) -> list[Row]:
    return [row[len(name) :] for row in rows.elements() if row[: len(name)] == name]
