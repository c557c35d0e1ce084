"""The jobs of a shop: open one, name it later, close it; what the kiosk opened is here, too."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response
from nicegui import ui
from sqlmodel import Session

from cloud.audit import record
from cloud.identity import SignedIn
from cloud.pages import work_parts
from cloud.pages.addresses import segment, shop_path, vehicle_path
from cloud.pages.visit import Visit, show
from cloud.pages.work_parts import Part, press, search_form
from cloud.shop_plan import own_shop, plan_of
from cloud.tables import Job
from cloud.tenancy import TenantId
from cloud.work import jobs
from cloud.work.jobs import JobChange
from cloud.work.shop_rows import ShopRows, own_rows
from cloud.work.views import JobView
from page_kit import markup
from page_kit.address import page
from page_kit.fields import Field
from page_kit.language import Texts
from page_kit.look import box, button, dialog, link_button, text, title
from page_kit.markup import Markup, joined

PAGE = 50
STATES = ("open", "closed", "all")

TEXTS: Texts = {
    "jobs": ("工单", "Jobs"),
    "jobs_lead": (
        "货柜里领的件记在工单上，工单记在车上。这里开的单，货柜屏上马上能选。",
        "What is taken is charged to a job, and a job to a vehicle. The kiosk knows a job at once.",
    ),
    "open_job": ("开工单", "Open a job"),
    "state_open": ("进行中", "Open"),
    "state_closed": ("已关闭", "Closed"),
    "state_all": ("全部", "All"),
    "find_job": ("单号、车牌、VIN 或内容", "Number, plate, VIN or words"),
    "no_jobs": ("没有这样的工单", "No such jobs"),
    "title": ("做什么", "What is to be done"),
    "plate": ("车牌", "Plate"),
    "vin": ("VIN 车架号", "VIN"),
    "odometer": ("里程表（公里）", "Odometer (km)"),
    "no_title": ("还没有内容", "Not named yet"),
    "no_vehicle": ("还没有车", "No vehicle yet"),
    "name_it": ("补充", "Name it"),
    "close_job": ("关闭", "Close"),
    "reopen": ("重新打开", "Open again"),
    "close_sure": ("关闭工单 {job}？之后不能再往上记件。", "Close job {job}? Nothing is charged to it any more."),
    "parts": ("{count} 种配件", "{count} parts"),
    "no_parts": ("还没有领件", "Nothing charged yet"),
    "by_kiosk": ("货柜屏", "kiosk"),
    "by_cloud": ("网页", "cloud"),
    "by_api": ("接口", "API"),
    "by_document": ("预设", "preset"),
    "bad_km": ("里程要写成数字", "The odometer is a number"),
}


@dataclass(frozen=True)
class Found:
    """What the page shows."""

    shop: str
    shop_name: str
    now_ms: int
    jobs: list[JobView]


def register() -> None:
    """Add the page."""

    @page("/shops/{shop}/jobs")
    async def shop_jobs(
        request: Request, shop: str, state: str = "open", words: str = "", after: str = ""
    ) -> Response | None:
        asked = state if state in STATES else "open"
        return await show(
            request,
            (work_parts.TEXTS, TEXTS),
            lambda visit: _Page(visit, shop, asked, words[:200], after[:500]).build(),
            "see_vehicles",
        )


class _Page:
    """The open page."""

    def __init__(self, visit: Visit, shop: str, state: str, words: str, after: str) -> None:
        self.visit, self.say = visit, visit.say
        self.shop, self.state, self.words, self.after = shop, state, words, after

    def query(self, session: Session, tenant: TenantId) -> Found:
        """The jobs of the page."""
        row = own_shop(session, tenant, self.shop)
        rows = own_rows(session, tenant, self.shop, self.visit.now_ms())
        found = jobs.list_jobs(
            session,
            tenant,
            plan_of(session, tenant, self.shop),
            rows,
            state=self.state,
            asked=self.words,
            after=self.after,
            limit=PAGE,
        )
        return Found(self.shop, row.name, rows.now_ms, found)

    async def build(self) -> None:
        """The frame, what can be asked for, and the list."""
        say = self.say
        found = await self.visit.read(self.query)
        with self.visit.frame():
            link_button(say("back_to_shop", shop=found.shop_name), shop_path(self.shop), "is-quiet pb-back")
            with box("pb-row pb-between pb-top pb-wrap"):
                with box("pb-grow"):
                    title(say("jobs"), say("jobs_lead"))
                if self.visit.may("edit_jobs"):
                    button(say("open_job"), self.ask_new, "is-main")
            markup.show(self._head())
            self.part = Part(self.visit, self.query, self.draw, found)
            self.part.on("name", self.ask_name)
            self.part.on("close", self.ask_close)
            self.part.on("reopen", self.reopen)

    def _head(self) -> Markup:
        say, path = self.say, shop_path(self.shop, "/jobs")
        ways = [
            markup.link(
                f"pb-button {'is-main' if state == self.state else 'is-quiet'}",
                f"{path}?state={state}&words={segment(self.words)}",
                say(f"state_{state}"),
            )
            for state in STATES
        ]
        return joined(
            search_form(say, path, self.words, say("find_job"), state=self.state),
            markup.box("pb-buttons pb-gap-above", *ways),
        )

    # ---- the list ----

    def draw(self, found: Found) -> Markup:
        """A card a job."""
        say = self.say
        if not found.jobs:
            return markup.box("pb-gap-above", markup.empty(say("no_jobs")))
        cards = [self._card(job) for job in found.jobs]
        older = []
        if len(found.jobs) == PAGE:
            path = shop_path(self.shop, f"/jobs?state={self.state}&words={segment(self.words)}")
            older = [markup.link("pb-button is-quiet", f"{path}&after={segment(found.jobs[-1].cursor)}", say("older"))]
        return joined(markup.box("pb-cards pb-gap-above", *cards), markup.box("pb-buttons pb-gap-above", *older))

    def _card(self, job: JobView) -> Markup:
        say = self.say
        state = [] if job.closed_ms else [markup.badge(say("state_open"), "is-good")]
        told = f"{say(f'by_{job.source}')} · {job.opened_by}" if job.opened_by else say(f"by_{job.source}")
        return markup.box(
            "pb-card",
            markup.box(
                "pb-row pb-between pb-top",
                markup.box("pb-card-title pb-grow", job.title or say("no_title")),
                *state,
            ),
            markup.box("pb-code", job.id),
            self._vehicle(job),
            markup.box(
                "pb-row pb-wrap pb-soft pb-small pb-gap-above",
                say("parts", count=job.parts) if job.parts else say("no_parts"),
                markup.tag("span", "·"),
                told,
                markup.tag("span", "·"),
                markup.age(say, job.opened_ms),
            ),
            self._buttons(job),
        )

    def _vehicle(self, job: JobView) -> Markup:
        if not job.vehicle:
            return markup.box("pb-soft pb-gap-above", job.plate or job.vin or self.say("no_vehicle"))
        named = " · ".join(filter(None, (job.plate or job.vin, job.model)))
        path = vehicle_path(self.shop, job.vehicle)
        return markup.box("pb-gap-above", markup.link("pb-way pb-strong pb-plate", path, named or job.vehicle))

    def _buttons(self, job: JobView) -> Markup:
        say = self.say
        if not self.visit.may("edit_jobs"):
            return Markup()
        if job.closed_ms:
            return markup.box("pb-actions", press(say("reopen"), "reopen", job.id, "is-quiet"))
        return markup.box(
            "pb-actions",
            press(say("name_it"), "name", job.id, "is-quiet"),
            press(say("close_job"), "close", job.id, "is-quiet"),
        )

    # ---- what is done ----

    def ask_new(self) -> None:
        """A new job."""
        self._ask(
            self.say("open_job"), None, lambda told: self._do("job.opened", lambda rows: jobs.open_job(rows, told))
        )

    async def ask_name(self, name: str) -> None:
        """What a job is, and on which vehicle."""

        def known(session: Session, tenant: TenantId) -> Job:
            return jobs.own_job(own_rows(session, tenant, self.shop, self.visit.now_ms()), name)

        job = await self.visit.read_again(known)
        if job is not None:

            async def go(told: JobChange) -> bool:
                kept = JobChange(told.title, _if_new(told.plate, job.plate), _if_new(told.vin, job.vin), told.km)
                return await self._do("job.changed", lambda rows: jobs.change_job(rows, jobs.own_job(rows, name), kept))

            self._ask(f"{self.say('name_it')} {name}", job, go)

    def _ask(self, question: str, job: Job | None, go: Callable[[JobChange], Awaitable[bool]]) -> None:
        say = self.say
        with dialog(self.visit.page) as asked, box("pb-stack"):
            text(question, "pb-question")
            what = Field(say("title"), job.title if job else "")
            plate = Field(say("plate"), job.plate if job else "")
            vin = Field(say("vin"), job.vin if job else "")
            km = Field(say("odometer"), kind="number")

            async def keep() -> None:
                number = km_of(km.value)
                if number is None:
                    ui.notify(say("bad_km"), type="negative", position="top")
                    return
                if await go(JobChange(what.value, plate.value, vin.value, number)):
                    asked.close()

            with box("pb-buttons"):
                button(say("keep"), keep, "is-main")
                button(say("cancel"), asked.close, "is-quiet")

    def ask_close(self, name: str) -> None:
        """Close it, with what the odometer shows."""
        say = self.say
        with dialog(self.visit.page) as asked, box("pb-stack"):
            text(say("close_sure", job=name), "pb-question")
            km = Field(say("odometer"), kind="number")

            async def go() -> None:
                number = km_of(km.value)
                if number is None:
                    ui.notify(say("bad_km"), type="negative", position="top")
                    return
                asked.close()
                await self._do("job.closed", lambda rows: jobs.close_job(rows, jobs.own_job(rows, name), number))

            with box("pb-buttons"):
                button(say("close_job"), go, "is-main")
                button(say("cancel"), asked.close, "is-quiet")

    async def reopen(self, name: str) -> None:
        """Open a closed job again."""
        await self._do("job.reopened", lambda rows: jobs.reopen_job(rows, jobs.own_job(rows, name)))

    async def _do(self, action: str, step: Callable[[ShopRows], Job]) -> bool:
        def act(session: Session, person: SignedIn) -> None:
            rows = own_rows(session, person.tenant, self.shop, self.visit.now_ms(), person)
            row = step(rows)
            record(session, person, rows.now_ms, action=action, target=f"job {row.id} of {self.shop}", after=row.title)

        return await self.part.change(act)


def km_of(told: str) -> int | None:
    """Kilometres as they were typed; -1 for none, None when it is no number."""
    plain = told.strip().replace(",", "").replace(" ", "")
    if not plain:
        return -1
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) <= 8 else None


def _if_new(told: str | None, known: str) -> str | None:
    return None if (told or "").strip() == known else told
