"""One session with all its evidence: verdicts, bookings, what came later. At most one query a table; reads only."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col

from cloud.places import bin_of
from cloud.raw_events import event_lines
from cloud.shop_plan import ShopPlan, plans
from cloud.tables import CabinetSession, Discrepancy, Job, Movement, Posting, Resolution, ReZero, Verdict
from cloud.tenancy import NotFoundError, TenantId, owned, tenant_rows
from cloud.verdicts import verdict_row
from edge_gateway.shop_document import Bin, Part
from page_kit.session_rows import DoubtRow, MovedRow, ReZeroRow, WeighedRow
from page_kit.session_story import BinStory, said_by_a_person, tell_session

REZERO_WITHIN_MS = 3_600_000  # a zero that was moved long after a session is not its own
EVENTS_MAX = 200  # that one session's verdicts may rest on


@dataclass(frozen=True)
class ChargedJob:
    """A job that has parts of a session, and its vehicle's file, "" without one."""

    name: str
    vehicle: str = ""


@dataclass(frozen=True)
class ToldSession:
    """A session as the dealer's page shows it. `jobs`: what it was charged to, `uncharged`: something is left."""

    id: str
    shop_name: str
    cabinet: str
    cabinet_zh: str
    cabinet_en: str
    person_name: str
    opened_by: str
    how: str
    missing: str
    opened_ms: int
    closed_ms: int
    jobs: tuple[ChargedJob, ...]
    uncharged: bool
    bins: tuple[BinStory, ...]
    places: tuple[Bin, ...]
    parts: tuple[Part, ...]  # those that are mentioned, or belong into one of the bins

    @property
    def whole(self) -> BinStory | None:
        """What concerns the session and no bin of it."""
        return next((story for story in self.bins if not story.bin), None)

    def planned(self, number: int) -> tuple[str, ...]:
        """The parts that the planogram puts into a bin."""
        return tuple(placed.part for place in self.places if place.bin == number for placed in place.parts)


def told_session(session: Session, tenant: TenantId, shop: str, name: str) -> ToldSession:
    """One session of a shop by its id (`NotFoundError`)."""
    plan = plans(session, tenant, shop).get(shop)
    if plan is None:
        raise NotFoundError(f"expected a shop of yours, found {shop!r}")
    return _Reader(session, tenant, shop, plan).read(name)


class _Reader:
    """The queries of one session."""

    def __init__(self, session: Session, tenant: TenantId, shop: str, plan: ShopPlan) -> None:
        self._session, self._tenant, self._shop, self._plan = session, tenant, shop, plan

    def read(self, name: str) -> ToldSession:
        """Everything, table by table."""
        rows = tenant_rows(self._tenant, CabinetSession).where(
            col(CabinetSession.shop_id) == self._shop, col(CabinetSession.id) == name
        )
        found = self._session.exec(rows).one_or_none()
        if found is None:
            raise NotFoundError(f"expected a session of this shop, found {name!r}")
        verdicts = self._verdicts(name)
        bodies = self._bodies({row.event for row in verdicts})
        postings = self._postings(name)
        bins = tell_session(
            [verdict_row(row, str(bodies.get(row.event, {}).get("kind", ""))) for row in verdicts],
            [moved for movement, posting in postings for moved in self._moved(movement, posting)],
            self._doubts(name),
            self._rezeros(found, {row.event for row in verdicts}),
            [
                row
                for row in _weighed([bodies.get(row.event, {}) for row in verdicts if row.number == 1])
                if row.bin in self._own(found.cabinet, verdicts)
            ],
            lasted_ms=max(0, found.closed_ms - found.opened_ms),
        )
        return self._told(found, bins, [posting for _, posting in postings])

    # ---- one query each ----

    def _verdicts(self, name: str) -> Sequence[Verdict]:
        rows = tenant_rows(self._tenant, Verdict).where(
            col(Verdict.shop_id) == self._shop, col(Verdict.session) == name
        )
        return self._session.exec(rows.order_by(col(Verdict.bin), col(Verdict.number))).all()

    def _bodies(self, events: set[str]) -> dict[str, dict[str, Any]]:
        """What the events say that led to verdicts, by their ids; one that is not here is left out."""
        keys = [key for key in map(_event_key, sorted(events)) if key][:EVENTS_MAX]
        lines = event_lines(self._session, self._shop, keys)
        return {f"{cabinet}/{epoch}/{seq}": _body(line) for (cabinet, epoch, seq), line in lines.items()}

    def _own(self, cabinet: str, verdicts: Sequence[Verdict]) -> set[int]:
        """The bins of which a session may tell: by the planogram, or because it was counted as the dealer's."""
        return {number for where, number in self._plan.bins if where == cabinet} | {row.bin for row in verdicts}

    def _postings(self, name: str) -> list[tuple[Movement, Posting]]:
        rows = (
            tenant_rows(self._tenant, Movement)
            .join(
                Posting,
                (col(Posting.shop_id) == col(Movement.shop_id))
                & (col(Posting.movement_id) == col(Movement.id))
                & owned(self._tenant, Posting),
            )
            .where(col(Movement.shop_id) == self._shop, col(Movement.session) == name)
            .with_only_columns(Movement, Posting)
            .order_by(col(Movement.booked_ms), col(Movement.id), col(Posting.line))
        )
        return [(movement, posting) for movement, posting in self._session.execute(rows).all()]

    def _doubts(self, name: str) -> list[DoubtRow]:
        rows = (
            tenant_rows(self._tenant, Discrepancy)
            .join(
                Resolution,
                (col(Resolution.shop_id) == col(Discrepancy.shop_id))
                & (col(Resolution.discrepancy) == col(Discrepancy.id))
                & owned(self._tenant, Resolution),
                isouter=True,
            )
            .where(col(Discrepancy.shop_id) == self._shop, col(Discrepancy.session) == name)
            .with_only_columns(Discrepancy, Resolution)
            .order_by(col(Discrepancy.opened_ms), col(Discrepancy.id))
        )
        return [self._doubt(doubt, answer) for doubt, answer in self._session.execute(rows).all()]

    def _rezeros(self, found: CabinetSession, events: set[str]) -> list[ReZeroRow]:
        rows = tenant_rows(self._tenant, ReZero).where(
            col(ReZero.shop_id) == self._shop,
            col(ReZero.cabinet) == found.cabinet,
            col(ReZero.rezeroed_ms).between(found.opened_ms, found.closed_ms + REZERO_WITHIN_MS),
        )
        return [
            ReZeroRow(row.bin, row.from_mg, row.to_mg, row.sum_mg, row.rezeroed_ms)
            for row in self._session.exec(rows.order_by(col(ReZero.rezeroed_ms)))
            if row.event in events | {found.id}
        ]

    # ---- rows as values ----

    def _moved(self, movement: Movement, posting: Posting) -> Iterator[MovedRow]:
        place = bin_of(posting.account)
        if place is not None:
            yield MovedRow(
                movement.id,
                movement.cause,
                place[1],
                posting.part,
                posting.quantity,
                movement.confidence_ppm,
                self._name(movement.person) if said_by_a_person(movement.id, movement.corrects) else "",
                movement.corrects,
                movement.note,
                movement.booked_ms,
            )

    def _doubt(self, doubt: Discrepancy, answer: Resolution | None) -> DoubtRow:
        return DoubtRow(
            doubt.id,
            doubt.bin,
            doubt.part,
            doubt.reason,
            doubt.opened_ms,
            answer.resolved_ms if answer else 0,
            self._name(answer.person) if answer else "",
            answer.note if answer else "",
        )

    def _name(self, person: str) -> str:
        return self._plan.person_name(person) if person else ""

    def _told(self, found: CabinetSession, bins: tuple[BinStory, ...], postings: Iterable[Posting]) -> ToldSession:
        document = self._plan.document
        cabinets = {cabinet.id: cabinet for cabinet in (document.cabinets if document else ())}
        cabinet = cabinets.get(found.cabinet)
        places = tuple(cabinet.bins) if cabinet else ()
        held = _held_by(postings)
        return ToldSession(
            id=found.id,
            shop_name=document.shop_name if document else self._shop,
            cabinet=found.cabinet,
            cabinet_zh=cabinet.name_zh if cabinet else "",
            cabinet_en=cabinet.name_en if cabinet else "",
            person_name=self._name(found.person),
            opened_by=found.opened_by,
            how=found.how,
            missing=found.missing,
            opened_ms=found.opened_ms,
            closed_ms=found.closed_ms,
            jobs=self._jobs([job[4:] for job, n in held.items() if job.startswith("job:") and n > 0]),
            uncharged=sum(n for account, n in held.items() if account.startswith("shop:")) > 0,
            bins=bins,
            places=places,
            parts=self._parts(bins, places),
        )

    def _jobs(self, charged: Sequence[str]) -> tuple[ChargedJob, ...]:
        """What jobs are called: by the plate, else by what is done, else by their number."""
        document = self._plan.document
        told = {job.id: ChargedJob(job.plate or job.title) for job in (document.jobs if document else ())}
        rows = tenant_rows(self._tenant, Job).where(col(Job.shop_id) == self._shop, col(Job.id).in_(charged))
        for row in self._session.exec(rows) if charged else ():
            told[row.id] = ChargedJob(" · ".join(filter(None, (row.plate, row.title))) or row.id, row.vehicle)
        return tuple(told.get(job, ChargedJob(job)) for job in charged)

    def _parts(self, bins: Sequence[BinStory], places: Sequence[Bin]) -> tuple[Part, ...]:
        shown = {story.bin for story in bins}
        numbers = [part for story in bins for part in story.parts]
        numbers += [placed.part for place in places if place.bin in shown for placed in place.parts]
        known = self._plan.parts
        return tuple(known.get(number) or Part(number, "", "") for number in dict.fromkeys(numbers))


def _weighed(bodies: Sequence[dict[str, Any]]) -> list[WeighedRow]:
    """The weights of all bins at the session's end, those without a verdict too: one may have been blind."""
    rows = bodies[0].get("bins", ()) if bodies and bodies[0].get("kind") == "session_closed" else ()
    return [WeighedRow(*row) for row in rows if len(row) == len(WeighedRow._fields)]


def _held_by(postings: Iterable[Posting]) -> dict[str, int]:
    """What a session left with each account, over all parts."""
    held: dict[str, int] = {}
    for row in postings:
        held[row.account] = held.get(row.account, 0) + row.quantity
    return held


def _event_key(event: str) -> tuple[str, str, int] | None:
    """(cabinet, epoch, seq) of an event's id; None for any other text."""
    pieces = event.split("/")
    return (pieces[0], pieces[1], int(pieces[2])) if len(pieces) == 3 and pieces[2].isdigit() else None


def _body(line: str) -> dict[str, Any]:
    """The body of an event as the controller wrote it; {} for one that cannot be read."""
    try:
        found = json.loads(line)["body"]
    except (ValueError, KeyError, TypeError):
        return {}
    return found if isinstance(found, dict) else {}
