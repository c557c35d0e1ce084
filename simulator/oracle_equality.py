"""At rest: whether the cloud holds exactly what the gateway holds, row by row. Shares no code with the product.

Times are compared too, unless the gateway was restored: it then dates anew what it is told again, and the cloud
keeps the first date.
"""

from collections import Counter
from dataclasses import dataclass

from simulator.oracle_database import Database, Row
from simulator.verdict import Violation

SHOWN_MAX = 5  # rows of one kind are named; the rest is counted


@dataclass(frozen=True)
class Kind:
    """One kind of row on both sides. `columns` begins with the identity, `identity` columns long; `times` come last."""

    what: str
    gateway: str
    cloud: str
    identity: int
    columns: str
    times: str


KINDS = (
    Kind("event", "inbox WHERE kind != 'forgotten'", "event", 3,
         "cabinet, epoch, seq, line", "received_ms, occurred_ms"),
    Kind("movement", "movement", "movement", 1,
         "id, cause, cabinet, session, person, job, confidence_ppm, corrects, note", "occurred_ms, booked_ms"),
    Kind("posting", "posting", "posting", 2, "movement, line, account, part, quantity", ""),
    Kind("session", "session WHERE closed_ms IS NOT NULL", "cabinet_session", 1,
         "id, cabinet, person, opened_by, how, missing", "opened_ms, closed_ms, booked_ms"),
    Kind("discrepancy", "discrepancy", "discrepancy", 1,
         "id, cabinet, bin, part, session, reason, detail", "opened_ms"),
    Kind("resolution", "resolution", "resolution", 1, "discrepancy, person, note, movement", "resolved_ms"),
    Kind("request", "request", "request", 1, "id, cabinet, bin, part, quantity, stock", "raised_ms"),
    Kind("request_end", "request_end", "request_end", 1, "request, how", "ended_ms"),
)  # fmt: skip


def differences(gateway: Database, cloud: Database, shop: str, with_times: bool) -> list[Violation]:
    """Every kind of row that is not the same on both sides."""
    found: list[Violation] = []
    for kind in KINDS:
        columns = ", ".join(filter(None, (kind.columns, kind.times if with_times else "")))
        here = [_as_text(row) for row in gateway.rows(f"SELECT {columns} FROM {kind.gateway}")]  # noqa: S608
        theirs = columns.replace("movement,", "movement_id,", 1) if kind.what == "posting" else columns
        there = cloud.rows(f"SELECT {theirs} FROM {kind.cloud} WHERE shop_id = ?", shop)  # noqa: S608
        found += _compare(kind, here, there)
    return found


def _as_text(row: Row) -> Row:
    """The gateway keeps an event's line as it came, the cloud as text."""
    if len(row) > 3 and isinstance(row[3], bytes):
        return (*row[:3], row[3].decode("utf-8", "backslashreplace").replace("\0", "\\x00"), *row[4:])
    return row


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
