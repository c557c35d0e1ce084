"""One session at the kiosk: charge it to a job, correct a count, see which bin it was, contest it."""

from dataclasses import dataclass
from datetime import datetime

from fastapi import Request
from nicegui import ui

from edge_gateway import kiosk_bin, kiosk_restock
from edge_gateway.decision import ShopJob
from edge_gateway.kiosk_bin import Unfolded, draw_bin, draw_question
from edge_gateway.kiosk_frame import Visit, kiosk_page, part_name
from edge_gateway.kiosk_jobs import TEXTS as JOB_TEXTS
from edge_gateway.kiosk_jobs import ask_for_job, draw_job_name
from edge_gateway.kiosk_now import TEXTS as NOW_TEXTS
from edge_gateway.kiosk_now import draw_session_head, draw_session_marks, nothing_booked
from edge_gateway.kiosk_questions import TEXTS as QUESTION_TEXTS
from edge_gateway.kiosk_seam import ChargeSession, ContestSession
from edge_gateway.part_words import plain_plate
from edge_gateway.serial_devices.scans import Scan
from edge_gateway.session_view import SessionStory, TagPass
from edge_gateway.shop_rows import Session
from page_kit import missing, session_face
from page_kit.address import page
from page_kit.language import Say, Texts
from page_kit.live_part import Ages, live_part
from page_kit.look import box, button, dialog, empty, heading, link_button, text
from page_kit.missing import missing_text
from page_kit.session_face import draw_later
from page_kit.session_story import moved_bins, still_count
from page_kit.weight_trace import clock

TEXTS: Texts = {
    "back": ("‹ 返回", "‹ Back"),
    "no_session": ("没有这条开柜记录", "There is no such session"),
    "for_which_job": ("记到哪张工单？", "Which job is it for?"),
    "no_jobs": ("现在没有可记的工单。", "There are no jobs to charge just now."),
    "charged": ("已记到 {job}", "Charged to {job}"),
    "what_was_booked": ("记了什么", "What was booked"),
    "opened_at": ("{time} 开柜", "Opened {time}"),
    "opened_for": ("{time} 开柜，共 {took}", "Opened {time}, for {took}"),
    "whole_session": ("整条开柜记录", "The session as a whole"),
    "stood_still": ("另外 {count} 个货位没有动。", "{count} other bins did not move."),
    "tags_first": ("关门后读到 {seen} 个标签。", "{seen} tags were heard when the doors had shut."),
    "tags_again": ("几分钟后又读到 {seen} 个。", "Minutes later: {seen}."),
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
}


@dataclass(frozen=True, slots=True)
class Found:
    """What the page shows: a session with its evidence, and the jobs that can be charged."""

    story: SessionStory | None
    jobs: tuple[ShopJob, ...]


def register() -> None:
    """Add the page to the kiosk."""

    @page("/session")
    def session(request: Request, id: str = "") -> None:  # noqa: A002 - the name in the address
        told = (
            NOW_TEXTS,
            session_face.TEXTS,
            missing.TEXTS,
            QUESTION_TEXTS,
            kiosk_restock.TEXTS,
            kiosk_bin.TEXTS,
            JOB_TEXTS,
            TEXTS,
        )
        visit = Visit(request, *told)
        unfolded = Unfolded()
        visit.on_scan = lambda scan: _charge_scanned(visit, id, scan)
        with kiosk_page(visit):
            link_button(visit.say("back"), "/", "is-quiet")
            live_part(
                visit.say,
                lambda: Found(visit.view.story(id), visit.view.jobs()),
                lambda found, ages: _draw(visit, found, unfolded, ages),
                visit.changes,
            )


def _draw(visit: Visit, found: Found, unfolded: Unfolded, ages: Ages) -> None:
    if found.story is None:
        empty(visit.say("no_session"))
        return
    story, session = found.story, found.story.session
    with box("pb-card pb-gap-above"):
        draw_session_head(visit, session, ages)
        text(when_text(visit.say, session), "pb-soft pb-small pb-gap-above")
        draw_session_marks(visit, session)
        if session.recovered:
            text(missing_text(visit.say, session.missing), "is-low pb-small pb-gap-above")
    _draw_bins(visit, story, unfolded, ages)
    _draw_whole(visit, story, ages)
    if session.uncharged or session.jobs:
        _draw_jobs(visit, session, found.jobs)
    heading(visit.say("disagree"))
    button(visit.say("contest"), lambda: _contest(visit, session), "is-danger")


def _draw_whole(visit: Visit, story: SessionStory, ages: Ages) -> None:
    """What is open, or was answered, about the session and no bin of it."""
    asked = [question for question in story.questions if not question.bin]
    answered = [later for each in story.bins if not each.bin for later in each.later]
    if not asked and not answered:
        return
    with box("pb-card pb-gap-above"):
        text(visit.say("whole_session"), "pb-strong")
        for question in asked:
            draw_question(visit, question)
        for later in answered:
            draw_later(visit.say, later, {}, ages)


def _draw_bins(visit: Visit, story: SessionStory, unfolded: Unfolded, ages: Ages) -> None:
    say, moved = visit.say, moved_bins(story.bins)
    if not moved:
        text(say(nothing_booked(story.session)), "pb-soft pb-gap-above")
        return
    heading(say("what_was_booked"))
    with box("pb-stack"):
        for each in moved:
            draw_bin(visit, story, each, unfolded, ages)
    still = still_count(story.bins)
    if still:
        text(say("stood_still", count=still), "pb-soft pb-small pb-gap-above")
    if story.passes:
        text(" ".join(pass_text(say, each) for each in story.passes), "pb-soft pb-small pb-gap-above")
    if story.session.lines:
        text(say("give_back"), "pb-soft pb-gap-above")


def when_text(say: Say, session: Session) -> str:
    """When it began by the wall clock, and how long it took."""
    opened = datetime.fromtimestamp(session.opened_ms / 1000).astimezone()
    if not session.closed_ms:
        return say("opened_at", time=f"{opened:%Y-%m-%d %H:%M:%S}")
    took = clock(session.closed_ms - session.opened_ms, say)
    return say("opened_for", time=f"{opened:%Y-%m-%d %H:%M:%S}", took=took)


def pass_text(say: Say, found: TagPass) -> str:
    """How many tags one inventory heard."""
    return say("tags_again" if found.number > 1 else "tags_first", seen=found.seen)


def _draw_jobs(visit: Visit, session: Session, jobs: tuple[ShopJob, ...]) -> None:
    heading(visit.say("for_which_job"))
    if not jobs:
        text(visit.say("no_jobs"), "pb-soft")
    with box("pb-choices"):
        for job in jobs:
            _draw_job(visit, session, job)

    async def charge(job: str) -> None:
        await visit.ask(lambda person: ChargeSession(session.id, job, person), visit.say("charged", job=job))

    button(visit.say("new_job"), lambda: ask_for_job(visit, charge), "pb-gap-above")


async def _charge_scanned(visit: Visit, session: str, scan: Scan) -> bool:
    """A job's number or plate that was scanned: the session is charged to it."""
    asked, jobs = plain_plate(scan.text), visit.view.jobs()
    job = next((each for each in jobs if scan.text == each.id or (asked and plain_plate(each.plate) == asked)), None)
    if job is None:
        return False
    await visit.ask(
        lambda person: ChargeSession(session, job.id, person), visit.say("charged", job=job.plate or job.title)
    )
    return True


def _draw_job(visit: Visit, session: Session, job: ShopJob) -> None:
    async def charge() -> None:
        done = visit.say("charged", job=job.plate or job.title)
        await visit.ask(lambda person: ChargeSession(session.id, job.id, person), done)

    chosen = job.id in {each.id for each in session.jobs}
    with button("", charge, "pb-choice is-chosen" if chosen else "pb-choice"):
        draw_job_name(job)


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
