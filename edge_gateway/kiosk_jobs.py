"""The shop's jobs at the kiosk: what is open, a new one with its plate and mileage, and one that is done."""

from collections.abc import Awaitable, Callable

from fastapi import Request
from nicegui.events import GenericEventArguments

from edge_gateway.decision import ShopJob
from edge_gateway.kiosk_frame import Visit, kiosk_page
from edge_gateway.kiosk_seam import CloseJob, OpenJob
from edge_gateway.work_actions import KM_MAX, PLATE_CHARACTERS_MAX, TITLE_CHARACTERS_MAX
from page_kit.address import page
from page_kit.language import Texts
from page_kit.live_part import Ages, live_part
from page_kit.look import badge, box, button, dialog, empty, text, title

TEXTS: Texts = {
    "jobs": ("工单", "Jobs"),
    "jobs_lead": ("可以把领用记在这些工单上。", "What is taken can be charged to these."),
    "jobs_none": ("现在没有开着的工单", "No job is open"),
    "jobs_none_why": ("新建一张，或等云端送来。", "Open one here, or wait for the cloud to send one."),
    "new_job": ("＋ 新工单", "+ New job"),
    "job_plate": ("车牌", "Licence plate"),
    "job_km": ("里程（公里）", "Mileage (km)"),
    "job_title": ("做什么", "What for"),
    "job_title_hint": ("例如：保养、刹车", "e.g. service, brakes"),
    "job_km_shown": ("{km} 公里", "{km} km"),
    "job_here": ("本机新建", "opened here"),
    "job_open": ("开工单", "Open the job"),
    "job_opened": ("工单已开：{job}", "Job opened: {job}"),
    "job_done": ("完工", "Done"),
    "job_done_ask": ("{job} 已经完工？以后不能再往上记。", "Is {job} done? Nothing can be charged to it any more."),
    "job_closed": ("{job} 已完工", "{job} is done"),
    "job_cancel": ("取消", "Cancel"),
}


def register() -> None:
    """Add the page to the kiosk."""

    @page("/jobs")
    def jobs(request: Request) -> None:
        visit = Visit(request, TEXTS)
        with kiosk_page(visit):
            with box("pb-row pb-between pb-wrap"):
                with box():
                    title(visit.say("jobs"), visit.say("jobs_lead"))
                button(visit.say("new_job"), lambda: ask_for_job(visit), "is-main")
            box("pb-space")
            live_part(visit.say, visit.view.jobs, lambda found, ages: _draw(visit, found, ages), visit.changes)


def draw_job_name(job: ShopJob) -> None:
    """A job by its plate, with what it is for."""
    text(job.plate or job.title or job.id, "pb-strong")
    if job.title and job.plate:
        text(job.title, "pb-soft")


def _draw(visit: Visit, jobs: tuple[ShopJob, ...], ages: Ages) -> None:
    if not jobs:
        empty(visit.say("jobs_none"), visit.say("jobs_none_why"))
        return
    with box("pb-cards"):
        for job in jobs:
            draw_job(visit, job, ages)


def draw_job(visit: Visit, job: ShopJob, ages: Ages | None = None) -> None:
    """One job's card."""
    say = visit.say
    with box("pb-card"):
        with box("pb-row pb-top"):
            with box("pb-grow"):
                text(job.plate or job.title or job.id, "pb-card-title")
                if job.title and job.plate:
                    text(job.title)
            if job.opened_ms and ages is not None:
                ages.show(job.opened_ms, "pb-soft pb-age")
        told = [
            say("job_km_shown", km=f"{job.km:,}") if job.km >= 0 else "",
            visit.view.person_name(job.opened_by),
            job.vin,
            job.id,
        ]
        text(" · ".join(piece for piece in told if piece), "pb-soft pb-small pb-gap-above")
        with box("pb-row pb-between pb-gap-above"):
            with box():
                if job.source == "kiosk":
                    badge(say("job_here"), "is-good")
            button(say("job_done"), lambda: _ask_whether_done(visit, job), "is-quiet")


def _ask_whether_done(visit: Visit, job: ShopJob) -> None:
    say, name = visit.say, job.plate or job.title or job.id
    with dialog(visit.page) as opened:
        text(say("job_done_ask", job=name), "pb-question")

        async def close() -> None:
            opened.close()
            await visit.ask(lambda person: CloseJob(job.id, person), say("job_closed", job=name))

        with box("pb-buttons pb-gap-above"):
            button(say("job_done"), close, "is-main")
            button(say("job_cancel"), opened.close, "is-quiet")


# ---- a new one ----


def ask_for_job(visit: Visit, then: Callable[[str], Awaitable[None]] | None = None, plate: str = "") -> None:
    """Ask for a new job's plate, mileage and purpose; `then` is called with its id."""
    say = visit.say
    with dialog(visit.page) as opened:
        text(say("new_job"), "pb-h2 pb-first")
        with box("pb-stack"):
            wanted = [
                _field(say("job_plate"), PLATE_CHARACTERS_MAX, "autocapitalize=characters", plate),
                _field(say("job_km"), len(str(KM_MAX)), "inputmode=numeric"),
                _field(say("job_title"), TITLE_CHARACTERS_MAX, hint=say("job_title_hint")),
            ]

        async def open_it() -> None:
            plate, km, what = (field.text for field in wanted)
            opened.close()
            digits = "".join(sign for sign in km if sign.isdigit())
            job = await visit.make(
                lambda person: OpenJob(what, plate, person, km=int(digits) if digits else -1),
                say("job_opened", job=plate or what),
            )
            if job and then is not None:
                await then(job)

        with box("pb-buttons pb-gap-above"):
            button(say("job_open"), open_it, "is-main")
            button(say("job_cancel"), opened.close, "is-quiet")


class _Typed:
    """What stands in a field."""

    def __init__(self, text: str, characters_max: int) -> None:
        self.text = text
        self._characters_max = characters_max

    def keep(self, event: GenericEventArguments) -> None:
        """It was changed."""
        self.text = str(event.args or "").strip()[: self._characters_max]


def _field(label: str, characters_max: int, props: str = "", value: str = "", hint: str = "") -> _Typed:
    """A labelled field."""
    typed = _Typed(value, characters_max)

    with box(tag="label"):
        text(label, "pb-label", "span")
        made = box("pb-field", "input").props(f"type=text autocomplete=off maxlength={characters_max} {props}")
        made.props["placeholder"], made.props["value"] = hint, value
        made.on("input", typed.keep, js_handler="(event) => emit(event.target.value)")
    return typed
