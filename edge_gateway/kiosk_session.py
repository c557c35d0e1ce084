"""One session at the kiosk: charge it to a job, correct a count, see which bin it was, contest it."""

from dataclasses import dataclass

from fastapi import Request
from nicegui import ui

from edge_gateway.kiosk_frame import Visit, draw_confidence, kiosk_page, part_name
from edge_gateway.kiosk_now import TEXTS as NOW_TEXTS
from edge_gateway.kiosk_now import draw_session_head, draw_session_marks, nothing_booked
from edge_gateway.kiosk_seam import ChargeSession, ContestSession, CorrectCount, SendCommand
from edge_gateway.shop_document import Job
from edge_gateway.shop_rows import Line, Session
from page_kit.language import Say, Texts
from page_kit.live_part import Ages, live_part
from page_kit.look import box, button, dialog, empty, heading, link_button, text
from page_kit.quantity import MINUS, change, quantity

CORRECTED = ("take", "return", "restock", "removal")  # what the person at the kiosk may say was otherwise
LIGHT_MS = 20_000  # long enough to walk to the cabinet

MISSING = {"doors not watched": "not_watched", "weights before": "weights_lost"}  # how our controller ends its words

TEXTS: Texts = {
    "back": ("‹ 返回", "‹ Back"),
    "no_session": ("没有这条开柜记录", "There is no such session"),
    "for_which_job": ("记到哪张工单？", "Which job is it for?"),
    "no_jobs": ("现在没有可记的工单。", "There are no jobs to charge just now."),
    "charged": ("已记到 {job}", "Charged to {job}"),
    "what_was_booked": ("记了什么", "What was booked"),
    "set_to": ("改为 {quantity}", "Make it {quantity}"),
    "corrected": ("已更正", "Corrected"),
    "first_booked": ("原记 {change}", "first booked {change}"),
    "show_bin": ("点亮货位 {bin}", "Light bin {bin}"),
    "lit": ("货位 {bin} 亮绿灯 20 秒", "Bin {bin} shines green for 20 s"),
    "give_back": (
        "要还回：刷卡开柜，把配件放回原货位，货柜会自己记账。",
        "To give something back: badge, put it into its bin, and the cabinet books it.",
    ),
    "disagree": ("对不上？", "Not right?"),
    "contest": ("我有异议", "I do not agree"),
    "contest_why": ("哪里不对？", "What is not right?"),
    "why_not_me": ("不是我拿的", "It was not me"),
    "why_count": ("数量不对", "The count is wrong"),
    "why_part": ("配件不对", "It was another part"),
    "contest_line": ("{where}：{why}", "{where}: {why}"),
    "contested": ("已登记为差异，等待核对", "Noted: it stays open until somebody has checked"),
    "cancel": ("取消", "Cancel"),
    "bin": ("货位 {bin}", "Bin {bin}"),
    "not_watched": (
        "这条记录中间断过电：断电时没人看着门，请核对数量。",
        "The power failed in the middle: nobody watched the door meanwhile. Please check the counts.",
    ),
    "missing": (
        "这条记录中间断过电，可能缺少：{missing}",
        "The power failed in the middle. What may be missing: {missing}",
    ),
    "missing_unknown": ("不详", "not known"),
    "weights_lost": (
        "这条记录中间断过电：开门前的重量丢了，数量要靠人数。",
        "The power failed in the middle: the weights before it are lost. Please count the bins.",
    ),
    "less": ("少一件", "One less"),
    "more": ("多一件", "One more"),
}


@dataclass(frozen=True, slots=True)
class Found:
    """What the page shows: a session and the jobs that can be charged."""

    session: Session | None
    jobs: tuple[Job, ...]


def register() -> None:
    """Add the page to the kiosk."""

    @ui.page("/session", title="Partsbay")
    def session(request: Request, id: str = "") -> None:  # noqa: A002 - the name in the address
        visit = Visit(request, NOW_TEXTS, TEXTS)
        with kiosk_page(visit):
            link_button(visit.say("back"), "/", "is-quiet")
            live_part(
                visit.say,
                lambda: Found(visit.view.session(id), tuple(visit.view.document.jobs)),
                lambda found, ages: _draw(visit, found, ages),
                visit.changes,
            )


def _draw(visit: Visit, found: Found, ages: Ages) -> None:
    if found.session is None:
        empty(visit.say("no_session"))
        return
    session = found.session
    with box("pb-card pb-gap-above"):
        draw_session_head(visit, session, ages)
        draw_session_marks(visit, session)
        if session.recovered:
            text(missing_text(visit.say, session.missing), "is-low pb-small pb-gap-above")
    if session.uncharged or session.jobs:
        _draw_jobs(visit, session, found.jobs)
    if session.lines:
        heading(visit.say("what_was_booked"))
        with box("pb-stack"):
            for line in session.lines:
                _draw_line(visit, session, line)
        text(visit.say("give_back"), "pb-soft pb-gap-above")
    else:
        text(visit.say(nothing_booked(session)), "pb-soft pb-gap-above")
    heading(visit.say("disagree"))
    button(visit.say("contest"), lambda: _contest(visit, session), "is-danger")


def missing_text(say: Say, missing: str) -> str:
    """What a power cut left out, for people; words of another controller stand as they came."""
    for words, key in MISSING.items():
        if missing.endswith(words):
            return say(key)
    return say("missing", missing=missing or say("missing_unknown"))


def _draw_jobs(visit: Visit, session: Session, jobs: tuple[Job, ...]) -> None:
    heading(visit.say("for_which_job"))
    if not jobs:
        text(visit.say("no_jobs"), "pb-soft")
    with box("pb-choices"):
        for job in jobs:
            _draw_job(visit, session, job)


def _draw_job(visit: Visit, session: Session, job: Job) -> None:
    async def charge() -> None:
        done = visit.say("charged", job=job.plate or job.title)
        await visit.ask(lambda person: ChargeSession(session.id, job.id, person), done)

    with button("", charge, "pb-choice is-chosen" if job in session.jobs else "pb-choice"):
        text(job.plate or job.id, "pb-strong")
        text(job.title, "pb-soft")


def _draw_line(visit: Visit, session: Session, line: Line) -> None:
    say = visit.say
    with box("pb-card"):
        with box("pb-row pb-top"):
            with box("pb-grow"):
                text(part_name(say, line.part), "pb-strong")
                text(f"{line.part.number} · {say('bin', bin=line.bin)}", "pb-soft pb-small")
                with box("pb-row pb-wrap pb-small pb-soft"):
                    text(say(f"cause_{line.cause}"))
                    draw_confidence(say, line.confidence_ppm)
                    if line.change != line.booked:
                        text(say("first_booked", change=change(line.booked, line.part.unit, say.language)))
            text(change(line.change, line.part.unit, say.language), "pb-huge")
        with box("pb-row pb-wrap pb-gap-above"):
            if line.cause in CORRECTED:
                _draw_correction(visit, line)
            box("pb-grow")
            _draw_light(visit, session, line)


def _draw_correction(visit: Visit, line: Line) -> None:
    """A stepper on the count, and the button that books it once it differs."""
    say, step = visit.say, 1 if line.part.unit == "piece" else 10
    wanted = {"count": abs(line.change)}

    def move(by: int) -> None:
        wanted["count"] = max(0, wanted["count"] + by)
        shown.set_text(str(wanted["count"]))
        save.set_text(say("set_to", quantity=quantity(wanted["count"], line.part.unit, say.language)))
        save.set_visibility(wanted["count"] != abs(line.change))

    async def correct() -> None:
        await visit.ask(lambda person: CorrectCount(line.movement, wanted["count"], person), say("corrected"))

    button(MINUS, lambda: move(-step), "is-big is-quiet").props["aria-label"] = say("less")
    shown = text(str(wanted["count"]), "pb-huge pb-stepper")
    button("+", lambda: move(step), "is-big is-quiet").props["aria-label"] = say("more")
    save = button("", correct, "is-main")
    save.set_visibility(False)


def _draw_light(visit: Visit, session: Session, line: Line) -> None:
    async def light() -> None:
        command = SendCommand(
            session.cabinet.id, "light", {"bin": line.bin, "colour": "green", "for_ms": LIGHT_MS}, LIGHT_MS
        )
        await visit.ask(lambda _: command, visit.say("lit", bin=line.bin))

    button(visit.say("show_bin", bin=line.bin), light, "is-quiet")


def _contest(visit: Visit, session: Session) -> None:
    """Ask in one dialog what is not right; every answer opens a discrepancy."""
    say = visit.say
    with dialog(visit.page) as opened:
        text(say("contest_why"), "pb-h2 pb-first")
        with box("pb-stack"):
            _contest_button(visit, session, opened, 0, say("why_not_me"))
            for line in session.lines:
                where = f"{say('bin', bin=line.bin)} · {part_name(say, line.part)}"
                for why in ("why_count", "why_part"):
                    _contest_button(visit, session, opened, line.bin, say("contest_line", where=where, why=say(why)))
            button(say("cancel"), opened.close, "is-quiet is-wide")


def _contest_button(visit: Visit, session: Session, opened: ui.dialog, bin_number: int, note: str) -> None:
    async def contest() -> None:
        opened.close()
        await visit.ask(lambda person: ContestSession(session.id, person, note, bin_number), visit.say("contested"))

    button(note, contest, "is-wide")
