"""The picking list of a van's day: ticked off while it is loaded, by place in the store; then shop by shop; printed."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response
from sqlmodel import Session

from cloud.identity import SignedIn
from cloud.pages import role_words, round_words, work_parts
from cloud.pages.addresses import segment
from cloud.pages.names import CabinetNames, cabinet_name, cabinet_names
from cloud.pages.round_words import clock, day_name, kg, load, state_badge, visit_path
from cloud.pages.visit import Visit, part_name, show
from cloud.pages.work_parts import Part, press
from cloud.replenishment.visits import carrying, picking
from cloud.replenishment.visits.carrying import Step
from cloud.replenishment.visits.views import LineView, PickingView, PickView, VisitView
from cloud.tenancy import TenantId
from page_kit import markup
from page_kit.address import page
from page_kit.fields import Field
from page_kit.language import Texts
from page_kit.look import box, button, dialog, link_button, text
from page_kit.markup import Markup, joined
from page_kit.quantity import quantity

TEXTS: Texts = {
    "to_rounds": ("‹ 送货安排", "‹ Rounds"),
    "list": ("装车单", "Picking list"),
    "progress": ("已装", "Loaded"),
    "weight": ("最重时 / 能装", "Heaviest load / limit"),
    "shops_count": ("店", "Shops"),
    "print": ("打印", "Print"),
    "csv": ("下载 CSV", "Download CSV"),
    "store": ("从仓库拿", "From the store"),
    "nothing": ("没有要装的", "Nothing to load"),
    "nothing_why": ("这辆车这天还没有已定的店。", "No accepted visit is on this van that day."),
    "packs": ("{packs} 包 × {size}", "{packs} × pack of {size}"),
    "for": ("{n} → 第 {stop} 站 {shop}", "{n} → stop {stop}, {shop}"),
    "tick": ("装好", "Tick"),
    "ticked": ("✓ {n}", "✓ {n}"),
    "other_number": ("数量不同", "Another number"),
    "finish": ("装车完成", "The van is loaded"),
    "finish_rest": (
        "还有 {count} 种没勾：按“装车完成”就是一件没装。",
        "{count} parts are not ticked: of those, nothing is on the van.",
    ),
    "finish_sure": ("还有 {count} 种没勾，一件都没装？", "{count} parts are not ticked: nothing of them on the van?"),
    "finished": ("已装车，网关都知道了", "Loaded; the gateways know"),
    "by_shop": ("按店，最后一站先装", "By shop, the last stop first"),
    "stop": ("第 {stop} 站 · {clock}", "Stop {stop} · {clock}"),
    "place": ("{cabinet} 货位 {bin}", "{cabinet} bin {bin}"),
    "take_back": ("带回", "take back"),
    "from": ("从 {shop}", "from {shop}"),
    "to_visit": ("到店清单", "List for the shop"),
    "how_many": ("装了多少", "How many are on the van"),
    "bad_number": ("写 0 到 {most} 的整数", "A whole number from 0 to {most}"),
}
TABLES = (role_words.TEXTS, work_parts.TEXTS, round_words.TEXTS, TEXTS)


@dataclass(frozen=True)
class Found:
    """What the page shows."""

    view: PickingView
    names: CabinetNames


def register() -> None:
    """Add the page."""

    @page("/rounds/picking")
    async def picking_list(request: Request, van: str = "", day: str = "") -> Response | None:
        return await show(request, TABLES, lambda visit: _Page(visit, van, day).build(), "load_visits")


class _Page:
    """The open page."""

    def __init__(self, visit: Visit, van: str, day: str) -> None:
        self.visit, self.say, self.van, self.day = visit, visit.say, van, day
        self.parts: dict[str, PickView] = {}
        self.view: PickingView | None = None

    def query(self, session: Session, tenant: TenantId) -> Found:
        """The list (`NotFoundError`)."""
        view = picking.picking(session, tenant, self.van, self.day, self.visit.now_ms())
        return Found(view, cabinet_names(session, tenant, [each.shop for each in view.visits]))

    async def build(self) -> None:
        """The list as it is ticked, here or at another phone."""
        found = await self.visit.read(self.query)
        with self.visit.frame():
            link_button(self.say("to_rounds"), "/rounds", "is-quiet pb-back")
            text(f"{self.say('list')} · {found.view.van.name}", "pb-h1", "h1")
            text(day_name(self.say, found.view.day), "pb-lead", "p")
            self._draw_ways()
            self.part = Part(self.visit, self.query, self.draw, found)
            for name, act in (("tick", self.tick), ("other", self.ask_other), ("finish", self.ask_finish)):
                self.part.on(name, act)

    def _draw_ways(self) -> None:
        with box("pb-buttons pb-below"):
            made = text(self.say("print"), "pb-button is-quiet", "button").props("type=button")
            made.on("click", js_handler="() => window.print()")
            path = f"/api/vans/{segment(self.van)}/picking/csv?day={segment(self.day)}"
            text(self.say("csv"), "pb-button is-quiet", "a").props["href"] = path

    # ---- what is pressed ----

    async def tick(self, number: str) -> None:
        """All of a part; pressed again, nobody said."""
        part = self.parts[number]
        await self._load(part, None if part.loaded == part.quantity else part.quantity)

    def ask_other(self, number: str) -> None:
        """Less than planned."""
        part = self.parts[number]
        with dialog(self.visit.page) as asked:
            text(part_name(self.say, part.part), "pb-question")
            with box("pb-fields pb-gap-above"):
                amount = Field(
                    self.say("how_many"), str(part.quantity if part.loaded is None else part.loaded), "number"
                )

            async def go() -> None:
                typed = amount.value.strip()
                if not (typed.isascii() and typed.isdigit() and int(typed) <= part.quantity):
                    amount.refuse(self.say("bad_number", most=part.quantity))
                    return
                asked.close()
                await self._load(part, int(typed))

            with box("pb-buttons pb-gap-above"):
                button(self.say("keep"), go, "is-main")
                button(self.say("cancel"), asked.close, "is-quiet")

    async def _load(self, part: PickView, total: int | None) -> None:
        """What is less is missing at the last stops; None: it is ticked no more."""
        by_visit: dict[str, dict[int, int | None]] = defaultdict(dict)
        for line in sorted(part.lines, key=lambda line: (line.stop, line.line)):
            given = None if total is None else min(line.quantity, total)
            by_visit[line.visit][line.line] = given
            total = None if total is None else total - (given or 0)

        def act(session: Session, person: SignedIn) -> object:
            step = Step(person, self.visit.now_ms())
            return [carrying.load(session, step, each, lines, finished=False) for each, lines in by_visit.items()]

        await self.part.change(act)

    async def ask_finish(self, _told: str) -> None:
        """Of what is not ticked nothing is on the van: that is asked."""
        lacking = sum(part.loaded is None for part in self.parts.values())
        if not lacking:
            await self._finish()
            return
        with dialog(self.visit.page) as asked:
            text(self.say("finish_sure", count=lacking), "pb-question")

            async def go() -> None:
                asked.close()
                await self._finish()

            with box("pb-buttons pb-gap-above"):
                button(self.say("finish"), go, "is-main")
                button(self.say("cancel"), asked.close, "is-quiet")

    async def _finish(self) -> None:
        names = [each.id for each in (self.view.visits if self.view else []) if each.state == "planned"]

        def act(session: Session, person: SignedIn) -> object:
            step = Step(person, self.visit.now_ms())
            return [carrying.load(session, step, name, {}, finished=True) for name in names]

        await self.part.change(act)

    # ---- what is drawn ----

    def draw(self, found: Found) -> Markup:
        """By place in the store, then by shop."""
        self.view, self.parts = found.view, {part.part.number: part for part in found.view.parts}
        if not found.view.visits:
            return markup.empty(self.say("nothing"), self.say("nothing_why"))
        return joined(
            self._figures(found.view),
            markup.heading(self.say("store")),
            self._store(found.view),
            markup.heading(self.say("by_shop")),
            markup.box("pb-cards pb-wide-cards", *(self._shop(visit, found.names) for visit in found.view.visits)),
        )

    def _figures(self, view: PickingView) -> Markup:
        say = self.say
        ticked = sum(part.loaded is not None for part in view.parts)
        return markup.box(
            "pb-card",
            markup.box(
                "pb-figures",
                markup.figure(say("progress"), f"{ticked} / {len(view.parts)}", "pb-fact"),
                markup.figure(say("weight"), load(view.kg, view.van.max_kg), "pb-fact"),
                markup.figure(say("shops_count"), str(len(view.visits)), "pb-fact"),
            ),
        )

    def _store(self, view: PickingView) -> Markup:
        say = self.say
        if not view.parts:
            return markup.empty(say("nothing"))
        rows = [self._pick(part, loaded=view.loaded) for part in view.parts]
        lacking = sum(part.loaded is None for part in view.parts)
        if view.loaded:
            end = markup.box("pb-row pb-gap-above", markup.badge(say("finished"), "is-good"))
        else:
            note = markup.box("pb-soft pb-small pb-note", say("finish_rest", count=lacking)) if lacking else Markup()
            end = joined(markup.box("pb-actions", press(say("finish"), "finish", "1", "is-main is-wide")), note)
        return markup.box("pb-card", *rows, end)

    def _pick(self, part: PickView, *, loaded: bool) -> Markup:
        say, unit = self.say, part.part.unit

        def told(number: int) -> str:
            return quantity(number, unit, say.language)

        is_whole = part.loaded == part.quantity
        place = markup.tag("span", part.location, class_="pb-pick-place") if part.location else Markup()
        packs = say("packs", packs=part.packs, size=told(part.pack)) if part.pack > 1 else ""
        goes = [say("for", n=told(line.quantity), stop=line.stop, shop=line.shop_name) for line in part.lines]
        words = markup.box(
            "pb-grow",
            markup.box("pb-strong", place, part_name(say, part.part)),
            markup.box("pb-small pb-soft", " · ".join(each for each in (part.part.number, packs) if each)),
            markup.box("pb-number pb-change", told(part.quantity)),
            *(markup.box("pb-small pb-soft", each) for each in goes),
        )
        return markup.box(
            f"pb-pick {'is-ticked' if is_whole else ''}".strip(), words, self._tick(part, told, loaded=loaded)
        )

    def _tick(self, part: PickView, told: Callable[[int], str], *, loaded: bool) -> Markup:
        say = self.say
        shown = say("tick") if part.loaded is None else say("ticked", n=told(part.loaded))
        if loaded:
            return markup.badge(shown, "is-low" if (part.loaded or 0) < part.quantity else "is-good")
        kind = "is-ticked" if part.loaded == part.quantity else ""
        return markup.box(
            "pb-stack pb-tight",
            press(shown, "tick", part.part.number, f"pb-tick {kind}".strip()),
            press(say("other_number"), "other", part.part.number, "is-quiet pb-slim"),
        )

    def _shop(self, visit: VisitView, names: CabinetNames) -> Markup:
        say = self.say
        when = clock(visit.arrives_min) if visit.arrives_min else say("no_time_known")
        lines = [self._bin(visit, line, names) for line in visit.lines if line.state != "left_out"]
        return markup.box(
            "pb-card",
            markup.box(
                "pb-row pb-between pb-top",
                markup.box("pb-card-title pb-grow", visit.shop_name),
                state_badge(say, visit),
            ),
            markup.box("pb-small pb-soft", f"{say('stop', stop=visit.stop, clock=when)} · {kg(visit.kg)}"),
            *lines,
            markup.box("pb-actions", markup.link("pb-button is-quiet pb-slim", visit_path(visit.id), say("to_visit"))),
        )

    def _bin(self, visit: VisitView, line: LineView, names: CabinetNames) -> Markup:
        say = self.say
        cabinet = cabinet_name(say, names, visit.shop, line.cabinet)
        amount = line.quantity if line.loaded is None else line.loaded
        extra = (
            say("take_back") if line.quantity < 0 else say("from", shop=line.from_shop_name) if line.from_shop else ""
        )
        where = say("place", cabinet=cabinet, bin=line.bin)
        return markup.box(
            "pb-line",
            markup.box("pb-number", quantity(abs(amount), line.part.unit, say.language)),
            markup.box(
                "pb-grow",
                markup.box("", part_name(say, line.part)),
                markup.box("pb-small pb-soft", " · ".join(each for each in (where, extra) if each)),
            ),
        )
