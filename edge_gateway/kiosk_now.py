"""The kiosk's first page: what hands are doing at an open cabinet, and who took what just now."""

from dataclasses import dataclass
from urllib.parse import quote

from fastapi import Request

from edge_gateway import kiosk_restock
from edge_gateway.kiosk_frame import LIVE_MS, Visit, cabinet_name, draw_confidence, kiosk_page, part_name
from edge_gateway.shop_document import Bin, Cabinet, Part
from edge_gateway.shop_rows import Line, Session
from page_kit.address import page
from page_kit.language import Texts
from page_kit.live_part import Ages, live_part
from page_kit.look import badge, box, empty, face, heading, link_card, text
from page_kit.quantity import change

SETTLED = 0  # the quality of a weighing that rests

TEXTS: Texts = {
    "just_now": ("刚才谁拿了什么", "Who took what just now"),
    "door_open": ("门开着", "Door open"),
    "unlocked": ("已开锁，请拉门", "Unlocked: pull the door"),
    "in_hand": ("正在拿取", "Hands at work"),
    "nothing_yet": ("还没有动什么", "Nothing moved yet"),
    "one_bin": ("货位 {bin}", "Bin {bin}"),
    "about": ("约 {change}", "about {change}"),
    "none": ("还没有开柜记录", "No sessions yet"),
    "none_why": ("有人刷卡开柜后，这里马上会显示。", "As soon as somebody badges and opens a cabinet it shows here."),
    "took_nothing": ("没有拿东西", "Nothing was taken"),
    "in_question": ("拿了多少还要人确认，见“差异”", "How much was taken is in doubt: see Discrepancies"),
    "being_counted": ("关好门就清点…", "Counted once the door is shut…"),
    "recovered": ("断电恢复", "Recovered after a power cut"),
    "question": ("{count} 处存疑", "{count} in doubt"),
    "to_job": ("记到 {job}", "On {job}"),
    "no_job": ("未记工单", "No job yet"),
    "partly_no_job": ("部分未记工单", "Part of it on no job yet"),
    "cause_take": ("领用", "Taken"),
    "cause_return": ("归还", "Given back"),
    "cause_restock": ("补货", "Restocked"),
    "cause_removal": ("撤出", "Removed"),
    "cause_misplaced": ("从一个货位到另一个", "From one bin into another"),
    "cause_unexplained": ("无法解释", "Unexplained"),
    "forced": ("强行开门", "Forced open"),
}


@dataclass(frozen=True, slots=True)
class Hint:
    """A change seen while the door is open: an estimate, not a booking; None while a hand is still in the bin.

    `part` None: the bin holds several, and `change` is in grams.
    """

    bin: int
    part: Part | None
    change: int | None


@dataclass(frozen=True, slots=True)
class OpenCabinet:
    """A cabinet whose door is open or unlocked just now."""

    cabinet: Cabinet
    person: str
    open: bool
    hints: tuple[Hint, ...]


def register() -> None:
    """Add the page to the kiosk."""

    @page("/")
    def now(request: Request) -> None:
        visit = Visit(request, kiosk_restock.TEXTS, TEXTS)
        with kiosk_page(visit):
            live_part(
                visit.say,
                lambda: kiosk_restock.look(visit),
                lambda shown, _: kiosk_restock.draw_restocking(visit, shown),
                visit.changes,
            )
            live_part(visit.say, lambda: open_cabinets(visit), lambda found, _: _draw_open(visit, found), visit.changes)
            heading(visit.say("just_now"))
            live_part(
                visit.say, visit.view.sessions, lambda found, ages: _draw_sessions(visit, found, ages), visit.changes
            )


def open_cabinets(visit: Visit) -> tuple[OpenCabinet, ...]:
    """Every cabinet that a fresh live message shows unlocked or open."""
    found = (_open_cabinet(visit, cabinet) for cabinet in visit.view.document.cabinets)
    return tuple(cabinet for cabinet in found if cabinet)


def _open_cabinet(visit: Visit, cabinet: Cabinet) -> OpenCabinet | None:
    live = visit.gateway.live(cabinet.id)
    if live is None or visit.gateway.now_ms() - live.received_ms > LIVE_MS:
        return None
    if visit.gateway.guidance(cabinet.id) is not None:  # what its restocker does stands above
        return None
    doors = live.message["doors"]
    is_open = any(row[1] for row in doors)
    if not is_open and all(row[2] for row in doors):
        return None
    person = visit.view.person_name(live.message["person"])
    return OpenCabinet(cabinet, person, is_open, _hints(visit, cabinet, live.message["bins"]))


def _hints(visit: Visit, cabinet: Cabinet, rows: list[list[int | None]]) -> tuple[Hint, ...]:
    settled = visit.view.settled_mg(cabinet.id)
    parts = {part.number: part for part in visit.view.document.parts}
    places = {place.bin: place for place in cabinet.bins}
    hints = []
    for number, mg, quality in rows:
        place = places.get(number or 0)
        if place is None or mg is None or number not in settled or not place.parts:
            continue
        part = None if place.also else parts[place.part]
        moved = estimate(mg - settled[number], part, place)
        if moved:
            hints.append(Hint(number, part, moved if quality == SETTLED else None))
    return tuple(hints)


def estimate(change_mg: int, part: Part | None, place: Bin) -> int:
    """The change in the part's unit, rounded, in grams without one; 0 when it is too small to mean anything."""
    if part is None or part.unit == "gram":
        grams = round(change_mg / 1000)
        return grams if abs(grams) > max(1, place.dead_band) else 0
    return round(change_mg / part.unit_mass_mg) if part.unit_mass_mg else 0


def _draw_open(visit: Visit, cabinets: tuple[OpenCabinet, ...]) -> None:
    if cabinets:
        with box("pb-cards"):
            for found in cabinets:
                _draw_open_cabinet(visit, found)


def _draw_open_cabinet(visit: Visit, found: OpenCabinet) -> None:
    say = visit.say
    with box("pb-card is-live"):
        with box("pb-row"):
            box("pb-dot pb-pulse")
            text(cabinet_name(say, found.cabinet), "pb-strong pb-grow")
            text(say("door_open") if found.open else say("unlocked"), "pb-strong is-good")
        if found.person:
            text(found.person, "pb-soft")
        for hint in found.hints:
            with box("pb-line"):
                name = part_name(say, hint.part) if hint.part else say("one_bin", bin=hint.bin)
                unit = hint.part.unit if hint.part else "gram"
                text(name, "pb-grow")
                if hint.change is None:
                    text(say("in_hand"), "pb-soft")
                else:
                    text(say("about", change=change(hint.change, unit, say.language)), "pb-number")
        if not found.hints:
            text(say("nothing_yet"), "pb-soft")


def _draw_sessions(visit: Visit, sessions: tuple[Session, ...], ages: Ages) -> None:
    if not sessions:
        empty(visit.say("none"), visit.say("none_why"))
        return
    with box("pb-cards"):
        for session in sessions:
            _draw_session(visit, session, ages)


def _draw_session(visit: Visit, session: Session, ages: Ages) -> None:
    alert = "is-alert" if session.questions else "is-warned" if session.recovered else ""
    with link_card(f"/session?id={quote(session.id, safe='')}", alert):
        draw_session_head(visit, session, ages)
        draw_session_marks(visit, session)
        for line in session.lines:
            _draw_line(visit, line)
        if not session.lines:
            text(visit.say(nothing_booked(session)), "pb-soft")


def nothing_booked(session: Session) -> str:
    """The text for a session without a line: it goes on still, the weights do not tell, or nothing was taken."""
    if session.questions:
        return "in_question"
    return "took_nothing" if session.closed_ms else "being_counted"


def draw_session_head(visit: Visit, session: Session, ages: Ages) -> None:
    """Who, where, how long ago."""
    say = visit.say
    with box("pb-row"):
        face(session.person_name)
        with box("pb-stack pb-tight pb-grow"):
            text(session.person_name or say("forced" if session.opened_by == "forced" else "someone"), "pb-strong")
            text(cabinet_name(say, session.cabinet), "pb-soft pb-small")
        ages.show(session.closed_ms or session.opened_ms, "pb-soft pb-age")


def draw_session_marks(visit: Visit, session: Session) -> None:
    """What somebody should know or do about a session, in short marks."""
    say = visit.say
    with box("pb-row pb-wrap pb-marks"):
        for job in session.jobs:
            badge(say("to_job", job=job.plate or job.title), "is-good")
        if session.uncharged:
            badge(say("partly_no_job" if session.jobs else "no_job"))
        if session.recovered:
            badge(say("recovered"), "is-low")
        if session.questions:
            badge(say("question", count=session.questions), "is-wrong")


def _draw_line(visit: Visit, line: Line) -> None:
    say = visit.say
    with box("pb-line"):
        with box("pb-grow"):
            text(part_name(say, line.part))
            with box("pb-row pb-wrap pb-small pb-soft"):
                text(say(f"cause_{line.cause}"))
                draw_confidence(say, line.confidence_ppm)
        text(change(line.change, line.part.unit, say.language), "pb-number pb-change")
