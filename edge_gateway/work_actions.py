"""What people do at the kiosk about jobs, and about counts that the cloud asked for.

Part of `people_actions.py`: every input is checked and refused with a sentence, and nothing is written here.
"""

import secrets
from datetime import UTC, datetime

from edge_gateway.books import Books
from edge_gateway.decision import CountFound, Decision, ShopJob, postings
from edge_gateway.desk import Desk, check_quantity, checked_note
from edge_gateway.feed_format import Count
from edge_gateway.kiosk_seam import ActionError, CloseJob, CountBin, OpenJob
from edge_gateway.part_words import plain_plate
from edge_gateway.resolving import answer_others
from edge_gateway.upload_format import FeedAnswerItem, JobClosedItem, JobOpenedItem

TITLE_CHARACTERS_MAX = 80
PLATE_CHARACTERS_MAX = 20
KM_MAX = 9_999_999

Decided = tuple[Decision, str]  # and the id of what it makes


# ---- jobs ----


def open_job(desk: Desk, action: OpenJob) -> Decided:
    """A new repair order; the open one of the same plate and title, when there is one: it was asked for twice."""
    desk.check_person(action.person)
    title, plate, vin = (checked_note(text) for text in (action.title, action.plate, action.vin))
    _check_job(title, plate, vin, action.km)
    decision = desk.decision("", "")
    for known in desk.books.open_jobs().values():
        if (plain_plate(known.plate), known.title) == (plain_plate(plate), title):
            return decision, known.id
    job = ShopJob(_job_id(desk.now_ms), title, plate, vin, action.km, action.person, desk.now_ms, "kiosk")
    decision.jobs.append(job)
    decision.job_news.append(JobOpenedItem(job.id, title, plate, vin, action.km, action.person, desk.now_ms))
    return decision, job.id


def _check_job(title: str, plate: str, vin: str, km: int) -> None:
    if not title and not plain_plate(plate):
        raise ActionError("expected a plate or a title for the job, found neither", "job_without_name")
    for what, text, most in (
        ("a title", title, TITLE_CHARACTERS_MAX),
        ("a plate", plate, PLATE_CHARACTERS_MAX),
        ("a VIN", vin, PLATE_CHARACTERS_MAX),
    ):
        if len(text) > most:
            raise ActionError(f"expected {what} of at most {most} characters, found {len(text)}")
    if type(km) is not int or not -1 <= km <= KM_MAX:
        raise ActionError(f"expected 0 to {KM_MAX} km, or -1 for not read, found {km!r}")


def _job_id(now_ms: int) -> str:
    """The day, and chance: no other gateway, cloud or database put back from a backup gives it to another job."""
    return f"K{datetime.fromtimestamp(now_ms / 1000, UTC):%y%m%d}-{secrets.token_hex(5)}"


def close_job(desk: Desk, action: CloseJob) -> Decided:
    """An open job is over."""
    desk.check_person(action.person)
    job = desk.books.open_jobs().get(action.job)
    if job is None:
        raise ActionError(f"expected an open job of this shop, found {action.job!r}", "unknown_job")
    decision = desk.decision("", "")
    decision.jobs.append(job._replace(closed_ms=desk.now_ms))
    decision.job_news.append(JobClosedItem(job.id, action.person, desk.now_ms))
    return decision, job.id


# ---- counts ----


def count_bin(desk: Desk, action: CountBin) -> Decided:
    """What a person found, against what the ledger holds: the difference is booked as unexplained."""
    desk.check_person(action.person)
    check_quantity(action.counted)
    order = desk.books.counts.get(action.order)
    if order is None:
        raise ActionError(f"expected a count that is still asked for, found order {action.order}", "order_gone")
    plan = desk.plan.cabinet(order.cabinet).bin(order.bin)
    identity = f"count/{order.cabinet}/{order.bin}/{action.order}-{secrets.token_hex(4)}"
    decision = desk.decision(identity, order.cabinet)
    held = desk.held(plan.account, order.part)
    movement = ""
    if action.counted != held:
        source, target = plan.unexplained_account, plan.account
        if action.counted < held:
            source, target = target, source
        lines = postings(source, target, order.part, abs(action.counted - held))
        movement = desk.book(
            decision, identity, "unexplained", lines, person=action.person, number=order.bin, note=action.note
        )
    decision.counted.add(order.bin)
    decision.touched.add(order.bin)
    decision.found.append(CountFound(order.bin, order.part, held, action.counted, action.person, movement))
    answer_others(desk, decision, plan, {order.part: action.counted}, action)
    return decision, identity


def answer_counts(decision: Decision, books: Books) -> None:
    """Whoever counted a part in a bin, for whatever reason, did what every order to count it asks for."""
    for found in decision.found:
        for number, order in books.counts.items():
            if _is_about(order, found, decision.cause.cabinet):
                decision.answers.append(
                    FeedAnswerItem(
                        number,
                        "done",
                        "",
                        found.movement,
                        decision.cause.booked_ms,
                        found.person,
                        found.expected,
                        found.counted,
                    )
                )


def _is_about(order: Count, found: CountFound, cabinet: str) -> bool:
    return (order.cabinet, order.bin, order.part) == (cabinet, found.bin, found.part)
