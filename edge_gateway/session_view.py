"""One session with all its evidence, read from the gateway's database for the kiosk: at most one query a table.

Reads only; it never decides. What it answers is frozen and can be compared.
"""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from edge_gateway.shop_document import Cabinet, Job, Part, ShopDocument
from edge_gateway.shop_rows import Line, Question, Session, noted_pairs
from edge_gateway.stock_view import StockView
from edge_gateway.work_view import job_named
from page_kit.session_rows import DoubtRow, MovedRow, ReZeroRow, VerdictRow, WeighedRow
from page_kit.session_story import BinStory, said_by_a_person, tell_session

SESSION_EVENTS_MAX = 500  # between the unlock and the session's end
REZERO_WITHIN_MS = 3_600_000  # a zero that was moved long after a session is not its own


class TagPass(NamedTuple):
    """One inventory of the tag reader in a session: how many rounds it took and how many tags were heard."""

    number: int
    rounds: int
    seen: int
    missing: int
    came: int


@dataclass(frozen=True, slots=True)
class SessionStory:
    """A session, each of its bins of which something is known, and the inventories of its tags."""

    session: Session
    bins: tuple[BinStory, ...]
    passes: tuple[TagPass, ...]
    questions: tuple[Question, ...]  # what is open about it


class _Row(NamedTuple):
    """A session's own row, and where its events lie in the journal."""

    row: sqlite3.Row
    cabinet: str
    epoch: str
    seq: int


def read_story(database: sqlite3.Connection, document: ShopDocument, session: str) -> SessionStory | None:
    """A session by its id; None when there is none."""
    row = database.execute("select * from session where id = ?", (session,)).fetchone()
    if row is None:
        return None
    cabinet, epoch, seq = session.rsplit("/", 2)
    return _Reader(database, document, _Row(row, cabinet, epoch, int(seq))).story()


class _Reader:
    """The queries of one session."""

    def __init__(self, database: sqlite3.Connection, document: ShopDocument, found: _Row) -> None:
        self._database, self._document, self._found = database, document, found
        self._session: str = found.row["id"]
        self._names = {person.id: person.name for person in document.people}
        self._parts = {part.number: part for part in document.parts}

    def story(self) -> SessionStory:
        """Everything, table by table."""
        verdicts = self._all("select * from verdict where session = ? order by bin, number", self._session)
        kinds, closed = self._events([row["event"] for row in verdicts if row["number"] > 1])
        postings = self._postings()
        moved = [row for row in map(self._moved, postings) if row is not None]
        asked = self._doubts()
        doubts = [self._doubt(row) for row in asked]
        bins = tell_session(
            [_verdict(row, kinds) for row in verdicts],
            moved,
            doubts,
            self._rezeros({row["event"] for row in verdicts}, closed),
            self._weighed(closed),
            lasted_ms=max(0, (self._found.row["closed_ms"] or 0) - self._found.row["opened_ms"]),
        )
        questions = self._questions([row for row in asked if not row["resolved_ms"]])
        return SessionStory(self._shown(bins, postings, len(questions)), bins, self._passes(), questions)

    # ---- one query each ----

    def _events(self, later: Sequence[str]) -> tuple[dict[str, str], int]:
        """The kinds of later events that led to verdicts, and the seq of the session's own end; 0 when it has none."""
        found = self._found
        seqs = [int(event.rsplit("/", 1)[1]) for event in later if event.startswith(f"{found.cabinet}/{found.epoch}/")]
        rows = self._all(
            "select seq, kind from inbox where cabinet = ?1 and epoch = ?2 and (seq = (select min(seq) from inbox "
            "where cabinet = ?1 and epoch = ?2 and seq > ?3 and seq < ?3 + ?4 and kind = 'session_closed' "
            "and occurred_ms = ?5) or seq in (select value from json_each(?6)))",
            found.cabinet,
            found.epoch,
            found.seq,
            SESSION_EVENTS_MAX,
            found.row["closed_ms"],
            json.dumps(seqs),
        )
        own = set(seqs)
        closed = [row["seq"] for row in rows if row["kind"] == "session_closed" and row["seq"] not in own]
        kinds = {f"{found.cabinet}/{found.epoch}/{row['seq']}": str(row["kind"]) for row in rows}
        return kinds, min(closed, default=0)

    def _postings(self) -> list[sqlite3.Row]:
        return self._all(
            "select m.id, m.cause, m.bin, m.person, m.confidence_ppm, m.corrects, m.note, m.booked_ms, p.account, "
            "p.part, p.quantity from movement m join posting p on p.movement = m.id "
            "where m.session = ? and m.session != '' order by m.booked_ms, m.id, p.line",
            self._session,
        )

    def _doubts(self) -> list[sqlite3.Row]:
        return self._all(
            "select d.*, r.person as resolved_by, r.note as answer, r.resolved_ms from discrepancy d "
            "left join resolution r on r.discrepancy = d.id where d.session = ? and d.session != '' "
            "order by d.opened_ms, d.id",
            self._session,
        )

    def _questions(self, rows: Sequence[sqlite3.Row]) -> tuple[Question, ...]:
        """What is still open, as the page of all questions asks it."""
        if not rows:
            return ()
        cabinet, who = self._cabinet(self._found.cabinet), self._name(self._found.row["person"])
        stock = StockView(self._database, self._document)
        held = stock.countable_in(cabinet, [(row["bin"], row["part"]) for row in rows])
        return tuple(
            Question(
                id=row["id"],
                cabinet=cabinet,
                bin=row["bin"],
                part=self._part(row["part"]) if row["part"] else None,
                session=self._session,
                person=who,
                reason=row["reason"],
                opened_ms=row["opened_ms"],
                held=countable,
                detail=noted_pairs(row["detail"]),
            )
            for row, countable in zip(rows, held, strict=True)
        )

    def _rezeros(self, events: set[str], closed: int) -> list[ReZeroRow]:
        """The zeros moved by this session's weights, or by what led to one of its verdicts."""
        row, found = self._found.row, self._found
        own = {f"{found.cabinet}/{found.epoch}/{seq}" for seq in (found.seq, closed)} | events
        rows = self._all(
            "select * from rezero where cabinet = ? and rezeroed_ms between ? and ? order by rezeroed_ms",
            found.cabinet,
            row["opened_ms"],
            (row["closed_ms"] or row["opened_ms"]) + REZERO_WITHIN_MS,
        )
        return [
            ReZeroRow(row["bin"], row["from_mg"], row["to_mg"], row["sum_mg"], row["rezeroed_ms"])
            for row in rows
            if row["event"] in own
        ]

    def _weighed(self, closed: int) -> list[WeighedRow]:
        rows = self._all(
            "select bin, before_mg, before_noise_mg, mg, noise_mg, quality from weighing "
            "where cabinet = ? and epoch = ? and seq = ?",
            self._found.cabinet,
            self._found.epoch,
            closed,
        )
        return [WeighedRow(*row) for row in rows]

    def _passes(self) -> tuple[TagPass, ...]:
        rows = self._all(
            "select t.pass, t.rounds, t.seen, sum(f.what = 'missing') as missing, sum(f.what = 'came') as came "
            "from tag_read t left join tag_found f on f.cabinet = t.cabinet and f.epoch = t.epoch and f.seq = t.seq "
            "where t.session = ? and t.session != '' group by t.pass, t.rounds, t.seen order by t.pass",
            self._session,
        )
        return tuple(TagPass(row[0], row[1], row[2], row[3] or 0, row[4] or 0) for row in rows)

    def _all(self, query: str, *values: object) -> list[sqlite3.Row]:
        return self._database.execute(query, values).fetchall()

    # ---- rows as values ----

    def _moved(self, row: sqlite3.Row) -> MovedRow | None:
        """A posting to a bin; None for the other side of a movement, and for opening stock."""
        place = str(row["account"])
        if not place.startswith("bin:"):
            return None
        who = self._name(row["person"]) if said_by_a_person(row["id"], row["corrects"]) else ""
        return MovedRow(
            row["id"],
            row["cause"],
            int(place.rsplit("/", 1)[1]),
            row["part"],
            row["quantity"],
            row["confidence_ppm"],
            who,
            row["corrects"],
            row["note"],
            row["booked_ms"],
        )

    def _doubt(self, row: sqlite3.Row) -> DoubtRow:
        who = self._name(row["resolved_by"]) if row["resolved_by"] else ""
        return DoubtRow(
            row["id"],
            row["bin"],
            row["part"],
            row["reason"],
            row["opened_ms"],
            row["resolved_ms"] or 0,
            who,
            row["answer"] or "",
        )

    def _shown(self, bins: Sequence[BinStory], postings: Sequence[sqlite3.Row], questions: int) -> Session:
        row, held = self._found.row, _held_by(postings)
        jobs = tuple(self._job(account[4:]) for account, n in held if account.startswith("job:") and n > 0)
        return Session(
            id=row["id"],
            cabinet=self._cabinet(row["cabinet"]),
            person=row["person"],
            person_name=self._name(row["person"]),
            opened_by=row["opened_by"],
            how=row["how"],
            missing=row["missing"],
            opened_ms=row["opened_ms"],
            closed_ms=row["closed_ms"] or 0,
            lines=tuple(
                Line(m.movement, m.cause, self._part(m.part), story.bin, m.change, m.booked, m.confidence_ppm)
                for story in bins
                for m in story.moved
            ),
            jobs=jobs,
            uncharged=sum(n for account, n in held if account.startswith("shop:")) > 0,
            questions=questions,
        )

    # ---- the document ----

    def _name(self, person: str) -> str:
        return self._names.get(person, person)

    def _part(self, number: str) -> Part:
        return self._parts.get(number) or Part(number, "", "")

    def _cabinet(self, cabinet: str) -> Cabinet:
        known = (each for each in self._document.cabinets if each.id == cabinet)
        return next(known, Cabinet(cabinet, "", "", []))

    def _job(self, job: str) -> Job:
        return job_named(self._database, self._document, job)


def _verdict(row: sqlite3.Row, kinds: dict[str, str]) -> VerdictRow:
    columns = ("decided_ms", "confidence_ppm", "best", "candidates", "levels", "steps", "tags")
    values: list[Any] = [row[column] for column in columns]
    return VerdictRow(row["bin"], row["number"], row["event"], kinds.get(row["event"], ""), *values)


def _held_by(postings: Iterable[sqlite3.Row]) -> list[tuple[str, int]]:
    """What a session left with each account, over all parts."""
    held: dict[str, int] = {}
    for row in postings:
        held[row["account"]] = held.get(row["account"], 0) + row["quantity"]
    return list(held.items())
