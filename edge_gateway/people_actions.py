"""What a person asks for at the kiosk, turned into a decision: charge, correct, contest.

`resolving.py`: explain; `work_actions.py`: jobs, and counts the cloud asked for.

Every input is checked and refused with a sentence (`ActionError`). Nothing is ever changed: a correction is a new
movement that names the one it corrects, a charge a movement from the shop to a job. It writes nothing itself.
"""

from edge_gateway import resolving, work_actions
from edge_gateway.books import Books
from edge_gateway.decision import Decision, detail, postings
from edge_gateway.desk import Desk, Rows, check_quantity, checked_note
from edge_gateway.kiosk_seam import (
    Action,
    ActionError,
    ChargeSession,
    CloseJob,
    ContestSession,
    CorrectCount,
    CountBin,
    GiveTag,
    OpenJob,
    ResolveByCount,
    ResolveByNote,
    ResolveByStock,
    TagDone,
    TeachMass,
)
from edge_gateway.ledger import bin_account, job_account
from edge_gateway.review import review_bins
from edge_gateway.serial_devices import bench_actions
from edge_gateway.upload_format import DiscrepancyItem, PostingItem

_CORRECTABLE = ("take", "return", "restock", "removal")

Decided = tuple[Decision, str]  # and the id of what it makes


def decide(action: Action, books: Books, rows: Rows, now_ms: int) -> Decided:
    """The decision of an action, and the id of what it makes."""
    desk = Desk(books, rows, now_ms)
    match action:
        case ChargeSession():
            decided = _charge(desk, action)
        case CorrectCount():
            decided = _correct(desk, action)
        case ContestSession():
            decided = _contest(desk, action)
        case ResolveByCount():
            decided = resolving.by_count(desk, action)
        case ResolveByStock():
            decided = resolving.by_stock(desk, action)
        case ResolveByNote():
            decided = resolving.by_note(desk, action)
        case OpenJob():
            decided = work_actions.open_job(desk, action)
        case CloseJob():
            decided = work_actions.close_job(desk, action)
        case CountBin():
            decided = work_actions.count_bin(desk, action)
        case TeachMass() | GiveTag() | TagDone():
            return bench_actions.decide(desk, action)
        case _:
            raise ActionError(f"expected an action that books something, found {type(action).__name__}")
    decision = decided[0]
    work_actions.answer_counts(decision, books)
    review_bins(decision, desk.plan.cabinet(decision.cause.cabinet), books)
    return decided


# ---- charge ----


def _charge(desk: Desk, action: ChargeSession) -> Decided:
    desk.check_person(action.person)
    if action.job not in desk.books.open_jobs():
        raise ActionError(f"expected a job of this shop, found {action.job!r}", "unknown_job")
    cabinet = desk.session(action.session)[0]
    rows = desk.rows.all("select id from movement where session = ? and cause = 'take'", (action.session,))
    takes = [row[0] for row in rows]
    for movement in action.movements:
        if movement not in takes:
            raise ActionError(f"expected a take of session {action.session}, found {movement!r}")
    decision = desk.decision(f"{action.session}/charge", cabinet)
    for movement in dict.fromkeys(action.movements or takes):
        _charge_line(desk, decision, movement, action)
    if not decision.bookings:
        raise ActionError(
            f"expected something to charge to job {action.job}, found nothing that is not there yet",
            "nothing_to_charge",
        )
    return decision, decision.bookings[0].item.id


def _charge_line(desk: Desk, decision: Decision, movement: str, action: ChargeSession) -> None:
    target = job_account(action.job)
    lines: list[PostingItem] = []
    for (account, part), quantity in desk.holders(movement).items():
        if quantity > 0 and account != target:
            lines += postings(account, target, part, quantity)
    if lines:
        identity = desk.next_id(movement, "charge")
        desk.book(decision, identity, "charge", lines, person=action.person, session=action.session, job=action.job)


# ---- correct ----


def _correct(desk: Desk, action: CorrectCount) -> Decided:
    desk.check_person(action.person)
    check_quantity(action.quantity)
    row = desk.rows.one("select cause, cabinet, bin, session, person from movement where id = ?", (action.movement,))
    if row is None or row[0] not in _CORRECTABLE or row[2] == 0:
        raise ActionError(f"expected a take, return, restock or removal, found {action.movement!r}")
    cause, cabinet, number, session, person = row
    held_in = bin_account(cabinet, number)
    ((part, now),) = desk.bin_lines(action.movement, held_in)
    change = (-action.quantity if cause in ("take", "removal") else action.quantity) - now
    if change == 0:
        raise ActionError(
            f"expected another quantity than the {action.quantity} booked, found the same", "same_quantity"
        )
    desk.check_held(held_in, part, change)
    made = desk.next_id(action.movement, "correction")
    decision = desk.decision(made, cabinet)
    desk.book(
        decision,
        made,
        "correction",
        _correction(desk, action.movement, held_in, part, change),
        person=action.person,
        number=number,
        session=session,
        corrects=action.movement,
        hand=person if cause in ("take", "return") else "",
        note=action.note,
    )
    return decision, made


def _correction(desk: Desk, movement: str, held_in: str, part: str, change: int) -> list[PostingItem]:
    """Move `change` into the bin from wherever the movement's quantity lies now, or out of it to where that went."""
    statement = "select account from posting where movement = ? and account != ? order by line"
    other = str(desk.rows.one(statement, (movement, held_in))[0])
    if change < 0:
        return postings(held_in, other, part, -change)
    lines: list[PostingItem] = []
    for (account, _part), held in sorted(desk.holders(movement).items()):
        quantity = min(held, change)
        if account != held_in and quantity > 0:
            lines += postings(account, held_in, part, quantity)
            change -= quantity
    return lines + (postings(other, held_in, part, change) if change > 0 else [])


# ---- contest ----


def _contest(desk: Desk, action: ContestSession) -> Decided:
    desk.check_person(action.person)
    cabinet = desk.session(action.session)[0]
    plan = desk.plan.cabinet(cabinet)
    if action.bin != 0 and action.bin not in plan.bins:
        raise ActionError(f"expected a bin of {cabinet}, found {action.bin}")
    statement = "select count(*) from discrepancy where session = ? and reason = 'contested'"
    count = desk.rows.one(statement, (action.session,))[0]
    identity = f"{action.session}/{action.bin}/contested-{count + 1}"
    parts = plan.bin(action.bin).parts if action.bin else ()
    part = parts[0].number if len(parts) == 1 else ""
    facts = detail(note=checked_note(action.note), person=action.person)
    decision = desk.decision(action.session, cabinet)
    decision.discrepancies.append(
        DiscrepancyItem(identity, cabinet, action.bin, part, action.session, "contested", desk.now_ms, facts)
    )
    return decision, identity
