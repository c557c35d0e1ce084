"""What the kiosk shows, read from the gateway's database and the shop's document.

Reads only, by a connection that cannot write; it never books, decides or guesses. Every answer is a frozen value,
so that a page can tell whether anything has changed. Names come in both languages; the page chooses.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from edge_gateway.catalogue_search import CatalogueSearch
from edge_gateway.decision import ShopJob
from edge_gateway.disk import DiskWatch
from edge_gateway.kiosk_seam import GatewaySeam
from edge_gateway.part_finder import Answer, PartFinder
from edge_gateway.restock_view import Restocked, Restocking, RestockView
from edge_gateway.session_view import SessionStory, read_story
from edge_gateway.shop_document import Cabinet, Job, Part, ShopDocument
from edge_gateway.shop_rows import (
    AtKiosk,
    CabinetNow,
    CabinetStock,
    Line,
    Question,
    Session,
    ShopNow,
    noted_pairs,
)
from edge_gateway.status_report import read_status
from edge_gateway.stock_view import StockView
from edge_gateway.upload_format import CabinetStatus
from edge_gateway.work_view import Wanted, WorkView, job_named

AT_KIOSK_MS = 10 * 60 * 1000  # how long the one who opened a cabinet counts as the one at the kiosk
LOOK_AGAIN_MS = 5_000  # ages decide too: what has waited for long, which live message is too old
SHOWN_CAUSES = (
    "take",
    "return",
    "restock",
    "removal",
    "misplaced",
    "unexplained",
)  # the others correct or charge these
_NOBODY = ShopDocument(0, "", "", "", "", [], [], [], [])


class ShopView:
    """The kiosk's questions to the database. One connection, used by one thread."""

    def __init__(self, database: sqlite3.Connection, gateway: GatewaySeam) -> None:
        self._database = database
        self._gateway = gateway
        self._disk = DiskWatch(gateway.database)
        self._now: tuple[object, ShopNow] | None = None
        self._search = CatalogueSearch(gateway.catalogue)
        self._finder = PartFinder(database, self._search)

    def close(self) -> None:
        """Let the catalogue go; the database is its owner's."""
        self._search.close()

    @property
    def document(self) -> ShopDocument:
        """The shop's document in force, an empty one before the first came."""
        return self._gateway.document() or _NOBODY

    # ---- people and sessions ----

    def at_kiosk(self) -> AtKiosk | None:
        """The one who opened a cabinet last, for ten minutes; None when that was nobody we know."""
        row = self._one(
            "select id, person, opened_ms from session where person != '' order by opened_ms desc limit 1", ()
        )
        if row is None or self._gateway.now_ms() - row["opened_ms"] > AT_KIOSK_MS:
            return None
        return AtKiosk(row["id"], row["person"], self.person_name(row["person"]), row["opened_ms"])

    def person_name(self, person: str) -> str:
        """A person's name, the id where the document has no such person."""
        return next((known.name for known in self.document.people if known.id == person), person)

    def sessions(self, limit: int = 30) -> tuple[Session, ...]:
        """The latest sessions, the newest first; those in which nobody opened the door are left out."""
        rows = self._all("select * from session where how != 'not_opened' order by opened_ms desc limit ?", (limit,))
        return self._build_sessions(rows)

    def story(self, session: str) -> SessionStory | None:
        """One session by its id, with all its evidence."""
        return read_story(self._database, self.document, session)

    def _build_sessions(self, rows: list[sqlite3.Row]) -> tuple[Session, ...]:
        ids = [row["id"] for row in rows]
        lines = self._lines(ids)
        charged = self._charged(ids)
        questions = self._questions_by_session(ids)
        return tuple(
            self._build_session(row, lines.get(row["id"], ()), charged.get(row["id"], {}), questions.get(row["id"], 0))
            for row in rows
        )

    def _build_session(
        self, row: sqlite3.Row, lines: Sequence[Line], charged: Mapping[str, int], questions: int
    ) -> Session:
        jobs = [self._job(account[4:]) for account, held in charged.items() if account.startswith("job:") and held > 0]
        at_shop = sum(held for account, held in charged.items() if account.startswith("shop:"))
        return Session(
            id=row["id"],
            cabinet=self._cabinet(row["cabinet"]),
            person=row["person"],
            person_name=self.person_name(row["person"]),
            opened_by=row["opened_by"],
            how=row["how"],
            missing=row["missing"],
            opened_ms=row["opened_ms"],
            closed_ms=row["closed_ms"] or 0,
            lines=tuple(lines),
            jobs=tuple(jobs),
            uncharged=at_shop > 0,
            questions=questions,
        )

    def _lines(self, sessions: Sequence[str]) -> dict[str, list[Line]]:
        """What each session did to its bins, corrections counted into what they correct."""
        rows = self._in(
            "select m.id, m.cause, m.session, m.cabinet, m.bin, m.confidence_ppm, m.corrects, p.part, p.quantity "
            "from movement m join posting p on p.movement = m.id "
            "where m.session != '' and p.account like 'bin:%' and m.session in ({}) order by m.booked_ms, m.id",
            sessions,
        )
        corrections = _sum_corrections(rows)
        lines: dict[str, list[Line]] = {}
        for row in rows:
            if row["cause"] not in SHOWN_CAUSES:
                continue
            change = row["quantity"] + corrections.get((row["id"], row["part"]), 0)
            lines.setdefault(row["session"], []).append(
                Line(
                    row["id"],
                    row["cause"],
                    self._part(row["part"]),
                    row["bin"],
                    change,
                    row["quantity"],
                    row["confidence_ppm"],
                )
            )
        return lines

    def _charged(self, sessions: Sequence[str]) -> dict[str, dict[str, int]]:
        """What each session left with the shop and with jobs, over all its movements."""
        rows = self._in(
            "select m.session, p.account, sum(p.quantity) as held from movement m "
            "join posting p on p.movement = m.id where m.session != '' "
            "and (p.account like 'shop:%' or p.account like 'job:%') and m.session in ({}) "
            "group by m.session, p.account",
            sessions,
        )
        held: dict[str, dict[str, int]] = {}
        for row in rows:
            held.setdefault(row["session"], {})[row["account"]] = row["held"]
        return held

    def _questions_by_session(self, sessions: Sequence[str]) -> dict[str, int]:
        rows = self._in(
            "select session, count(*) as open from open_discrepancy "
            "where session != '' and session in ({}) group by session",
            sessions,
        )
        return {row["session"]: row["open"] for row in rows}

    # ---- stock ----

    def cabinets(self) -> tuple[CabinetStock, ...]:
        """Every cabinet with its bins as the planogram has them, and what lies in them."""
        return StockView(self._database, self.document).cabinets()

    def settled_mg(self, cabinet: str) -> dict[int, int]:
        """The newest settled weight of each bin, to tell a hand's work while a door is open."""
        rows = self._all("select bin, mg from bin_weight where cabinet = ?", (cabinet,))
        return {row["bin"]: row["mg"] for row in rows}

    # ---- visits of a restocker ----

    def restocking(self) -> Restocking | None:
        """What a restocker who comes now has to do; None when no visit stands."""
        return RestockView(self._database, self.document).now(self._gateway.now_ms())

    def restocked(self, session: str) -> tuple[Restocked, ...]:
        """What a session did to the bins of visits."""
        return RestockView(self._database, self.document).of_session(session)

    # ---- open discrepancies ----

    def question_count(self) -> int:
        """How many discrepancies are open."""
        row = self._one("select count(*) as open from open_discrepancy", ())
        return int(row["open"]) if row else 0

    def questions(self, limit: int = 100) -> tuple[Question, ...]:
        """The open discrepancies, the newest first."""
        rows = self._all(
            "select d.*, coalesce(s.person, '') as person from open_discrepancy d "
            "left join session s on s.id = d.session order by d.opened_ms desc limit ?",
            (limit,),
        )
        return tuple(self._question(row) for row in rows)

    def question(self, discrepancy: str) -> Question | None:
        """One open discrepancy; None when it is resolved or never was."""
        row = self._one(
            "select d.*, coalesce(s.person, '') as person from open_discrepancy d "
            "left join session s on s.id = d.session where d.id = ?",
            (discrepancy,),
        )
        return self._question(row) if row else None

    def _question(self, row: sqlite3.Row) -> Question:
        cabinet = self._cabinet(row["cabinet"])
        return Question(
            row["id"],
            cabinet,
            row["bin"],
            self._part(row["part"]) if row["part"] else None,
            row["session"],
            self.person_name(row["person"]),
            row["reason"],
            row["opened_ms"],
            StockView(self._database, self.document).countable(cabinet, row["bin"], row["part"]),
            noted_pairs(row["detail"]),
        )

    # ---- jobs, and what the dealer wants counted ----

    def jobs(self) -> tuple[ShopJob, ...]:
        """The jobs that can be charged, the newest first."""
        return WorkView(self._database, self.document).jobs()

    def counts(self) -> tuple[Wanted, ...]:
        """What the dealer wants counted, the oldest wish first."""
        return WorkView(self._database, self.document).counts()

    def find(self, asked: str) -> Answer:
        """Parts and jobs for what was typed into the search box; the cabinet opened last counts as the nearest."""
        row = self._one("select cabinet from session order by opened_ms desc limit 1", ())
        return self._finder.find(asked, self.document, row["cabinet"] if row else "")

    # ---- how everything is ----

    def now(self) -> ShopNow:
        """How the gateway and every cabinet are; read anew every few seconds at most, for every page asks for it."""
        gateway, now_ms = self._gateway, self._gateway.now_ms()
        mark = (gateway.changes(), gateway.cannot_write_since_ms(), now_ms // LOOK_AGAIN_MS)
        if self._now is None or self._now[0] != mark:
            self._now = mark, self._look(now_ms)
        return self._now[1]

    def _look(self, now_ms: int) -> ShopNow:
        status = read_status(self._database, self._disk, now_ms, self._gateway.cannot_write_since_ms())
        status = replace(status, document_refused=self._gateway.document_refused())
        received = self._one("select received_ms from document where version = ?", (self.document.version,))
        told = {each.cabinet: each for each in status.cabinets}
        return ShopNow(
            status,
            received["received_ms"] if received else 0,
            tuple(self._cabinet_now(cabinet, told.get(cabinet.id)) for cabinet in self.document.cabinets),
        )

    def door_rows(self, cabinet: str) -> tuple[str, tuple[str, int, str] | None]:
        """What a cabinet's controller said it is (JSON, "" when it never did); its key's fingerprint, age, refusal."""
        told = self._one("select told from controller_device where cabinet = ?", (cabinet,))
        key = self._one("select fingerprint, since_ms, refused from access_key where cabinet = ?", (cabinet,))
        return told["told"] if told else "", (key[0], key[1], key[2]) if key else None

    def _cabinet_now(self, cabinet: Cabinet, status: CabinetStatus | None) -> CabinetNow:
        weighed = self._one("select max(weighed_ms) as at from bin_weight where cabinet = ?", (cabinet.id,))
        return CabinetNow(
            cabinet,
            status if status is not None else CabinetStatus(cabinet.id, 0, False, 0, 0, ""),
            (weighed["at"] or 0) if weighed else 0,
        )

    # ---- the document ----

    def _part(self, number: str) -> Part:
        return next((part for part in self.document.parts if part.number == number), Part(number, "", ""))

    def _cabinet(self, cabinet: str) -> Cabinet:
        return next((known for known in self.document.cabinets if known.id == cabinet), Cabinet(cabinet, "", "", []))

    def _job(self, job: str) -> Job:
        return job_named(self._database, self.document, job)

    # ---- the connection ----

    def _all(self, query: str, values: Iterable[Any]) -> list[sqlite3.Row]:
        return self._database.execute(query, tuple(values)).fetchall()

    def _one(self, query: str, values: Iterable[Any]) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self._database.execute(query, tuple(values)).fetchone()
        return row

    def _in(self, query: str, values: Sequence[str]) -> list[sqlite3.Row]:
        """A query with one `in ({})`, its places as many as `values`."""
        return self._all(query.format(",".join("?" * len(values))), values) if values else []


def _sum_corrections(rows: Sequence[sqlite3.Row]) -> dict[tuple[str, str], int]:
    """What later movements changed about each movement, by (movement, part), following corrections of corrections."""
    corrects = {row["id"]: row["corrects"] for row in rows}
    sums: dict[tuple[str, str], int] = {}
    for row in rows:
        first = row["id"]
        while corrects.get(first):
            first = corrects[first]
        if first != row["id"]:
            sums[first, row["part"]] = sums.get((first, row["part"]), 0) + row["quantity"]
    return sums
