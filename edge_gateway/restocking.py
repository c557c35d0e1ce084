"""What a restocker's session did to the bins of visits: one answer for each line that it touched.

Pure: what the session's end booked goes in. What is booked is the weight's word and none of this module's; a bin whose
count is in doubt is answered by the likeliest count, without a movement, and its question stands as after any session.
"""

import json
from collections.abc import Iterable

from edge_gateway.decision import Decision
from edge_gateway.ledger import bin_account
from edge_gateway.policies import Place
from edge_gateway.upload_format import RestockedItem, SessionItem
from edge_gateway.visits import Line, Progress, Visit, standing_lines

_CAUSES = ("restock", "removal", "misplaced")


def answers(
    decision: Decision, session: SessionItem, visits: Iterable[Visit], progress: Progress
) -> list[RestockedItem]:
    """What a restocker's session did to the bins of visits: one item for each line that it touched."""
    changes = _changes(decision, session)
    found: dict[Place, Line] = {}
    for line in standing_lines(visits, progress, session.opened_ms):
        first = found.get(line.place)
        if line.place in changes and (first is None or (line.is_open and not first.is_open)):
            found[line.place] = line
    return [_item(line, *changes[place], decision, session) for place, line in sorted(found.items())]


def _item(line: Line, counted: int, movement: str, decision: Decision, session: SessionItem) -> RestockedItem:
    cabinet, number, part = line.place
    return RestockedItem(
        id=f"{line.visit.id}/{number}/{part}/{session.id}",  # which begins with the cabinet
        visit=line.visit.id,
        cabinet=cabinet,
        bin=number,
        part=part,
        session=session.id,
        person=session.person,
        expected=line.left,
        counted=counted,
        movement=movement,
        restocked_ms=decision.cause.occurred_ms,
    )


def _changes(decision: Decision, session: SessionItem) -> dict[Place, tuple[int, str]]:
    """By place: by how much the session changed it, and what was booked for it ("": it is asked)."""
    found = _estimated(decision, session)
    for place, changed in _booked(decision, session).items():
        found[place] = changed
    return {place: changed for place, changed in found.items() if changed[0]}


def _booked(decision: Decision, session: SessionItem) -> dict[Place, tuple[int, str]]:
    found: dict[Place, tuple[int, str]] = {}
    prefix = bin_account(session.cabinet, 0).removesuffix("0")
    for booking in decision.bookings:
        item = booking.item
        if item.session != session.id or item.cause not in _CAUSES:
            continue
        for posting in item.postings:
            if posting.account.startswith(prefix):
                place = session.cabinet, int(posting.account.removeprefix(prefix)), posting.part
                before, movement = found.get(place, (0, item.id))
                found[place] = before + posting.quantity, movement
    return found


def _estimated(decision: Decision, session: SessionItem) -> dict[Place, tuple[int, str]]:
    """The likeliest counts, also of bins where they are asked and not booked."""
    return {
        (session.cabinet, verdict.bin, part): (pieces, "")
        for verdict in decision.verdicts
        if verdict.session == session.id
        for part, pieces in json.loads(verdict.best)[0]
    }
