"""What a restocker's visit still has to do, read for the kiosk: by cabinet and bin, in the order in which one walks.

Reads only, by a connection that cannot write.
"""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from edge_gateway.plan_rows import visit_of_row
from edge_gateway.policies import Place
from edge_gateway.shop_document import Cabinet, Part, ShopDocument
from edge_gateway.visits import Came, Visit, due, lines_of, local_day

_VISITS = "select * from visit where not is_off and until_ms >= ?"
_CAME = """
select visit, cabinet, bin, part, sum(counted) as counted, count(*) as sessions from restocked
where visit in (select id from visit where not is_off and until_ms >= ?) group by visit, cabinet, bin, part
"""
_OF_SESSION = "select bin, part, expected, counted from restocked where session = ? order by bin, part"


@dataclass(frozen=True, slots=True)
class RestockLine:
    """A part of a bin: what was planned (negative: to be taken out), what came so far, in how many sessions."""

    bin: int
    part: Part
    planned: int
    counted: int
    sessions: int

    @property
    def left(self) -> int:
        """What is still to come."""
        return self.planned - self.counted


@dataclass(frozen=True, slots=True)
class RestockCabinet:
    """A cabinet with all its lines, by bin."""

    cabinet: Cabinet
    lines: tuple[RestockLine, ...]


@dataclass(frozen=True, slots=True)
class Restocking:
    """What is to be done now: of every visit that is due."""

    days: tuple[str, ...]
    by: tuple[str, ...]
    cabinets: tuple[RestockCabinet, ...]

    @property
    def lines(self) -> tuple[RestockLine, ...]:
        """Those of all cabinets."""
        return tuple(line for cabinet in self.cabinets for line in cabinet.lines)


@dataclass(frozen=True, slots=True)
class Restocked:
    """What a session did to a bin of a visit."""

    bin: int
    part: str
    expected: int
    counted: int


class RestockView:
    """By one document and one connection."""

    def __init__(self, database: sqlite3.Connection, document: ShopDocument) -> None:
        self._database = database
        self._document = document

    def now(self, now_ms: int) -> Restocking | None:
        """What a restocker who comes now has to do; None when no visit stands."""
        visits = {row[0]: visit_of_row(tuple(row)) for row in self._database.execute(_VISITS, (now_ms,))}
        came = {
            (row["visit"], (row["cabinet"], row["bin"], row["part"])): Came(row["counted"], row["sessions"])
            for row in self._database.execute(_CAME, (now_ms,))
        }
        wanted = due(visits.values(), came, now_ms, local_day(now_ms))
        return self._restocking(wanted, came) if wanted else None

    def of_session(self, session: str) -> tuple[Restocked, ...]:
        """What a session answered."""
        return tuple(Restocked(*row) for row in self._database.execute(_OF_SESSION, (session,)))

    def _restocking(self, wanted: list[Visit], came: Mapping[tuple[str, Place], Came]) -> Restocking:
        lines: dict[Place, RestockLine] = {}
        for visit in wanted:
            for line in lines_of(visit, came):
                before = lines.get(line.place)
                planned, counted, sessions = line.planned, *line.came
                if before is not None:
                    planned, counted = planned + before.planned, counted + before.counted
                    sessions += before.sessions
                _cabinet, number, part = line.place
                lines[line.place] = RestockLine(number, self._part(part), planned, counted, sessions)
        days = tuple(sorted({visit.day for visit in wanted if visit.day}))
        by = tuple(sorted({visit.by for visit in wanted if visit.by}))
        return Restocking(days, by, self._cabinets(lines))

    def _cabinets(self, lines: Mapping[Place, RestockLine]) -> tuple[RestockCabinet, ...]:
        """In the document's order; a cabinet it does not know stands at the end by its id."""
        known = {cabinet.id: cabinet for cabinet in self._document.cabinets}
        named = {place[0] for place in lines}
        in_order = [*(each for each in known if each in named), *sorted(named - known.keys())]
        return tuple(
            RestockCabinet(
                known.get(name) or Cabinet(name, "", "", []),
                tuple(line for place, line in sorted(lines.items()) if place[0] == name),
            )
            for name in in_order
        )

    def _part(self, number: str) -> Part:
        return next((part for part in self._document.parts if part.number == number), Part(number, "", ""))
