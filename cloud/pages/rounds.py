"""The coming rounds, day by day and van by van: proposed, accepted, loaded; what fits on none, and why."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

from fastapi import Request
from fastapi.responses import Response
from nicegui import run
from nicegui.elements.mixins.text_element import TextElement
from sqlmodel import Session

from cloud.identity import SignedIn
from cloud.pages import role_words, round_words, work_parts
from cloud.pages.addresses import segment, shop_path
from cloud.pages.found_parts import part_link
from cloud.pages.own_part import attempt
from cloud.pages.round_map import Point, draw_round
from cloud.pages.round_words import (
    clock,
    counts,
    day_name,
    kg,
    load,
    picking_path,
    reason,
    remedy,
    state_badge,
    visit_path,
)
from cloud.pages.visit import Visit, show
from cloud.pages.work_parts import Part, press
from cloud.replenishment.visits import carrying, proposing, showing, vans
from cloud.replenishment.visits.carrying import Step
from cloud.replenishment.visits.views import DifferenceView, LeftOutView, RoundsView, TourView, VanView, VisitView
from cloud.tenancy import TenantId
from page_kit import markup
from page_kit.address import page
from page_kit.fields import Field, Select
from page_kit.language import Texts
from page_kit.look import box, button, dialog, text, title
from page_kit.markup import Markup, joined
from page_kit.quantity import quantity

LEFT_OUT_SHOPS = 30
DIFFERENCES_SHOWN = 40

TEXTS: Texts = {
    "lead": (
        "哪天去哪家店、带什么。先看建议，接受后网关就知道了。",
        "Which shop on which day, and what to bring. Once you accept a proposal its gateways know.",
    ),
    "lead_restocker": ("你这几天去哪些店，带什么。", "Where you go on the coming days, and what you bring."),
    "propose": ("安排接下来几天", "Plan the coming days"),
    "planning": ("正在安排…", "Planning…"),
    "proposed": ("建议做于", "Proposed"),
    "no_rounds": ("还没有安排", "No rounds yet"),
    "no_rounds_why": ("按一下“安排接下来几天”。", "Press “Plan the coming days”."),
    "no_rounds_wait": ("等调度安排。", "They come when somebody has planned them."),
    "nothing_needed": ("没有店需要去", "No shop needs a visit"),
    "no_vans": ("先添加车", "Add a van first"),
    "no_vans_why": ("有了车才能安排送货。", "Rounds need a van."),
    "to_vans": ("车与收货时间", "Vans and hours"),
    "accept_all": ("全部接受（{count} 站）", "Accept all {count}"),
    "accept": ("接受", "Accept"),
    "move": ("移动", "Move"),
    "cancel_visit": ("取消", "Cancel"),
    "cancel_sure": ("取消去{shop}？要货会重新安排。", "Cancel the visit to {shop}? What it needs can be planned anew."),
    "keep_it": ("不取消", "Keep it"),
    "picking": ("装车单", "Picking list"),
    "stops": ("站", "Stops"),
    "load": ("最重时 / 能装", "Heaviest load / limit"),
    "way": ("路程", "Way"),
    "back_at": ("回来", "Back at"),
    "unknown_place": (
        "不知道位置的店排在最后，不在图上。",
        "Shops whose place is not known come last; they are not drawn.",
    ),
    "on_top": ("加到已定的这一站", "On top of the accepted stop"),
    "left_out": ("没有排上的", "What is on no round"),
    "left_out_lead": ("为什么，和可以怎么办。", "Why, and what can be done."),
    "is_back": ("要过货，现在已经够了 · {count}", "Asked for, and there is enough by now · {count}"),
    "more_left": ("还有 {count} 家店", "Shops behind these: {count}"),
    "differences": ("等你说明的差异", "Differences that wait for your word"),
    "differ": ("装了 {loaded}，到了 {counted}", "{loaded} loaded, {counted} came"),
    "differ_back": ("该带回 {loaded}，带回 {counted}", "{loaded} to be taken back, {counted} were"),
    "differ_unclear": ("{loaded}，没有人说到了多少", "{loaded}: nobody said what came"),
    "settle": ("说明", "Explain"),
    "settle_note": ("怎么回事", "What happened"),
    "move_title": ("把“{shop}”移到", "Move {shop} to"),
    "van": ("车", "Van"),
    "day_field": ("日期", "Day"),
    "bring_all": ("所有要货", "All requests"),
}
TABLES = (role_words.TEXTS, work_parts.TEXTS, round_words.TEXTS, TEXTS)


@dataclass(frozen=True)
class Found:
    """What the page shows."""

    view: RoundsView
    vans: list[VanView]
    differences: list[DifferenceView]


def register() -> None:
    """Add the page."""

    @page("/rounds")
    async def rounds(request: Request) -> Response | None:
        return await show(request, TABLES, lambda visit: _Page(visit).build(), "load_visits")


class _Page:
    """The open page."""

    def __init__(self, visit: Visit) -> None:
        self.visit, self.say = visit, visit.say
        self.plans = visit.may("plan_visits")
        self.found: Found | None = None
        self.visits: dict[str, VisitView] = {}

    def query(self, session: Session, tenant: TenantId) -> Found:
        """The rounds, the vans, and what waits for a word; who does not plan sees no proposals: they may change yet."""
        now_ms = self.visit.now_ms()
        waiting = showing.differences(session, tenant, now_ms, limit=DIFFERENCES_SHOWN) if self.plans else []
        view = showing.rounds(session, tenant, now_ms, states=showing.SHOWN if self.plans else showing.ACCEPTED)
        return Found(view, vans.vans(session, tenant), waiting)

    async def build(self) -> None:
        """The head, the buttons, and the rounds as they change."""
        found = await self.visit.read(self.query)
        with self.visit.frame():
            title(self.say("rounds"), self.say("lead" if self.plans else "lead_restocker"))
            if self.plans:
                self._draw_ways()
            self.part = Part(self.visit, self.query, self.draw, found)
            for name, act in (
                ("accept", self.accept), ("move", self.ask_move), ("cancel", self.ask_cancel),
                ("settle", self.ask_settle),
            ):  # fmt: skip
                self.part.on(name, act)

    def _draw_ways(self) -> None:
        with box("pb-buttons pb-below"):
            self.planner: TextElement = button(self.say("propose"), self.propose, "is-main")
            for path, key in (("/vans", "to_vans"), ("/to-bring", "bring_all")):
                made = text(self.say(key), "pb-button is-quiet", "a")
                made.props["href"] = path

    # ---- what is pressed ----

    async def propose(self) -> None:
        """Plan in a thread: the page goes on living."""
        self.planner.text = self.say("planning")
        self.planner.props["disabled"] = True
        self.planner.update()
        try:
            await attempt(self.visit, self._propose)
        finally:
            self.planner.text = self.say("propose")
            self.planner.props.pop("disabled", None)
            self.planner.update()
            await self.part.refresh()

    async def _propose(self) -> int | None:
        services, person = self.visit.services, self.visit.person
        asked = proposing.Asked()
        return await run.io_bound(proposing.propose, services.database, person, asked, self.visit.now_ms())

    async def accept(self, names: str) -> None:
        """Take one or several over."""
        await self._do(lambda session, step: carrying.accept(session, step, names.split(",")))

    async def _do(self, act: Callable[[Session, Step], object]) -> None:
        def go(session: Session, person: SignedIn) -> object:
            return act(session, Step(person, self.visit.now_ms()))

        await self.part.change(go)

    def ask_move(self, name: str) -> None:
        """Where to."""
        visit = self.visits[name]
        with dialog(self.visit.page) as asked:
            text(self.say("move_title", shop=visit.shop_name), "pb-question")
            with box("pb-fields pb-gap-above"):
                known = {van.id: van.name for van in (self.found.vans if self.found else [])}
                van = Select(self.say("van"), known, visit.van)
                day = Field(self.say("day_field"), visit.day, "date")

            async def go() -> None:
                asked.close()
                await self._do(lambda session, step: carrying.move(session, step, name, van.value, day.value))

            with box("pb-buttons pb-gap-above"):
                button(self.say("move"), go, "is-main")
                button(self.say("cancel"), asked.close, "is-quiet")

    def ask_cancel(self, name: str) -> None:
        """It cannot be undone."""
        visit = self.visits[name]
        with dialog(self.visit.page) as asked:
            text(self.say("cancel_sure", shop=visit.shop_name), "pb-question")

            async def go() -> None:
                asked.close()
                await self._do(lambda session, step: carrying.cancel(session, step, name))

            with box("pb-buttons pb-gap-above"):
                button(self.say("cancel_visit"), go, "is-danger")
                button(self.say("keep_it"), asked.close, "is-quiet")

    def ask_settle(self, told: str) -> None:
        """What happened."""
        name, _, line = told.rpartition("/")
        with dialog(self.visit.page) as asked:
            note = Field(self.say("settle_note"))

            async def go() -> None:
                asked.close()
                await self._do(lambda session, step: carrying.settle(session, step, name, int(line), note.value))

            with box("pb-buttons pb-gap-above"):
                button(self.say("settle"), go, "is-main")
                button(self.say("cancel"), asked.close, "is-quiet")

    # ---- what is drawn ----

    def draw(self, found: Found) -> Markup:
        """Differences first: they wait for somebody; then the days."""
        self.found = found
        self.visits = {visit.id: visit for tour in found.view.tours for visit in tour.visits}
        days = groupby(found.view.tours, key=lambda tour: tour.day)
        pieces = [self._day(day, list(tours)) for day, tours in days]
        if not pieces:
            pieces = [self._nothing(found)]
        return joined(
            self._made(found.view), self._differences(found.differences), *pieces, self._left_out(found.view.left_out)
        )

    def _made(self, view: RoundsView) -> Markup:
        if view.proposed_ms is None or not self.plans:
            return Markup()
        who = markup.tag("span", view.proposed_by)
        return markup.box(
            "pb-row pb-tight pb-soft pb-small", self.say("proposed"), markup.age(self.say, view.proposed_ms), who
        )

    def _nothing(self, found: Found) -> Markup:
        say = self.say
        if not self.plans:
            return markup.empty(say("no_rounds"), say("no_rounds_wait"))
        if not found.vans:
            way = markup.link("pb-button is-main", "/vans", say("to_vans"))
            return joined(markup.empty(say("no_vans"), say("no_vans_why")), markup.box("pb-buttons pb-gap-above", way))
        if found.view.proposed_ms is not None and not found.view.left_out:
            return markup.empty(say("nothing_needed"))
        return markup.empty(say("no_rounds"), say("no_rounds_why"))

    def _day(self, day: str, tours: Sequence[TourView]) -> Markup:
        return joined(markup.heading(day_name(self.say, day)), markup.box("pb-stack", *map(self._tour, tours)))

    def _tour(self, tour: TourView) -> Markup:
        say = self.say
        proposed = [visit.id for visit in tour.visits if visit.state == "proposed"]
        head = markup.box("pb-card-title pb-grow", tour.van.name)
        kind = "is-warned" if any(visit.overdue for visit in tour.visits) else ""
        return markup.box(
            f"pb-card {kind}".strip(),
            markup.box(
                "pb-row pb-between pb-wrap", head, markup.box("pb-buttons", *self._tour_buttons(tour, proposed))
            ),
            markup.box("pb-figures pb-gap-above", *self._figures(tour)),
            markup.box("pb-round", self._stops(tour), self._map(tour)),
            self._unknown(say("unknown_place"), tour),
        )

    def _tour_buttons(self, tour: TourView, proposed: Sequence[str]) -> list[Markup]:
        made = []
        if proposed and self.plans:
            made.append(press(self.say("accept_all", count=len(proposed)), "accept", ",".join(proposed), "is-main"))
        if any(visit.state != "proposed" for visit in tour.visits):
            made.append(markup.link("pb-button is-quiet", picking_path(tour.van.id, tour.day), self.say("picking")))
        return made

    def _figures(self, tour: TourView) -> list[Markup]:
        say = self.say
        most = load(tour.kg, tour.van.max_kg)
        return [
            markup.figure(say("stops"), str(len({visit.shop for visit in tour.visits})), "pb-fact"),
            markup.figure(say("load"), most, "pb-fact is-low" if tour.kg > tour.van.max_kg else "pb-fact"),
            markup.figure(say("way"), f"{tour.km:.0f} km", "pb-fact"),
            markup.figure(say("back_at"), clock(tour.back_min), "pb-fact"),
        ]

    @staticmethod
    def _unknown(words: str, tour: TourView) -> Markup:
        lacking = any(visit.latitude_e6 is None for visit in tour.visits)
        return markup.box("pb-soft pb-small pb-gap-above", words) if lacking else Markup()

    def _map(self, tour: TourView) -> Markup:
        points, seen = [], set()
        for visit in tour.visits:
            if visit.latitude_e6 is None or visit.longitude_e6 is None or visit.shop in seen:
                continue
            seen.add(visit.shop)
            kind = "is-proposed" if visit.state == "proposed" else ""
            points.append(
                Point(visit.latitude_e6, visit.longitude_e6, visit.stop, visit.shop_name, visit_path(visit.id), kind)
            )
        home = tour.van.latitude_e6, tour.van.longitude_e6
        return draw_round(home, points, f"{tour.van.name} · {tour.day}") if points else Markup()

    def _stops(self, tour: TourView) -> Markup:
        return markup.box("", *(self._stop(visit, tour) for visit in tour.visits))

    def _stop(self, visit: VisitView, tour: TourView) -> Markup:
        say = self.say
        proposed = visit.state == "proposed"
        known = {each.shop for each in tour.visits if each.state != "proposed"}
        weight = kg(visit.kg) if visit.kg else ""
        about = " · ".join(each for each in (counts(say, visit), weight) if each)
        badges = [state_badge(say, visit)]
        if proposed and visit.shop in known:
            badges.append(markup.badge(say("on_top")))
        return markup.box(
            "pb-stop",
            markup.box(f"pb-stop-number {'is-proposed' if proposed else ''}".strip(), str(visit.stop)),
            markup.box(
                "pb-grow",
                markup.link("pb-way pb-strong", visit_path(visit.id), visit.shop_name),
                markup.box("pb-small pb-soft", about),
                markup.box("pb-row pb-tight pb-wrap", *badges),
            ),
            markup.box("pb-stop-time", clock(visit.arrives_min) if visit.arrives_min else say("no_time_known")),
            self._stop_buttons(visit),
        )

    def _stop_buttons(self, visit: VisitView) -> Markup:
        say, made = self.say, []
        if not self.plans or visit.state == "done":
            return Markup()
        if visit.state == "proposed":
            made.append(press(say("accept"), "accept", visit.id, "is-quiet pb-slim"))
        if visit.state in {"proposed", "planned"}:
            made.append(press(say("move"), "move", visit.id, "is-quiet pb-slim"))
        made.append(press(say("cancel_visit"), "cancel", visit.id, "is-quiet pb-slim"))
        return markup.box("pb-stop-buttons", *made)

    # ---- what does not fit, and what waits ----

    def _left_out(self, left: Sequence[LeftOutView]) -> Markup:
        """What somebody can do something about; folded up below it, what settles itself."""
        if not self.plans:
            return Markup()
        back = [each for each in left if each.reason == "stock_is_back"]
        lacking = [each for each in left if each.reason != "stock_is_back"]
        head = joined(
            markup.heading(f"{self.say('left_out')} · {len(lacking)}"),
            markup.box("pb-soft pb-below", self.say("left_out_lead")),
        )
        return joined(
            joined(head, self._left_cards(lacking, "is-warned")) if lacking else Markup(),
            self._is_back(back) if back else Markup(),
        )

    def _is_back(self, left: Sequence[LeftOutView]) -> Markup:
        title_ = markup.tag("summary", self.say("is_back", count=len(left)))
        return markup.tag("details", title_, self._left_cards(left, ""), class_="pb-card pb-fold pb-gap-above")

    def _left_cards(self, left: Sequence[LeftOutView], kind: str) -> Markup:
        by_shop: dict[str, list[LeftOutView]] = {}
        for each in left:
            by_shop.setdefault(each.shop, []).append(each)
        shops = list(by_shop.values())
        cards = [self._left_card(rows, kind) for rows in shops[:LEFT_OUT_SHOPS]]
        more = len(shops) - LEFT_OUT_SHOPS
        note = markup.box("pb-soft pb-gap-above", self.say("more_left", count=more)) if more > 0 else Markup()
        return joined(markup.box("pb-cards pb-wide-cards", *cards), note)

    def _left_card(self, rows: Sequence[LeftOutView], kind: str) -> Markup:
        first = rows[0]
        name = markup.link("pb-way pb-card-title", shop_path(first.shop), first.shop_name)
        return markup.box(f"pb-card {kind}".strip(), name, *(self._left_line(each) for each in rows))

    def _left_line(self, left: LeftOutView) -> Markup:
        way = remedy(self.say, left, lambda shop: f"/vans?shop={segment(shop)}")
        amount = quantity(left.quantity, left.part.unit, self.say.language) if left.quantity else ""
        return markup.box(
            "pb-line",
            markup.box("pb-number", amount),
            markup.box(
                "pb-grow",
                part_link(self.visit, left.part),
                markup.box("pb-small", reason(self.say, left)),
                markup.box("pb-small pb-soft", way),
            ),
        )

    def _differences(self, rows: Sequence[DifferenceView]) -> Markup:
        if not rows:
            return Markup()
        cards = [self._difference(each) for each in rows]
        head = markup.heading(f"{self.say('differences')} · {len(rows)}")
        return joined(head, markup.box("pb-cards pb-wide-cards", *cards))

    def _difference(self, row: DifferenceView) -> Markup:
        say, line = self.say, row.line
        should = line.quantity if line.loaded is None else line.loaded

        def told(number: int) -> str:
            return quantity(abs(number), line.part.unit, say.language)

        if line.counted is None:
            words = say("differ_unclear", loaded=told(should))
        else:
            words = say("differ_back" if should < 0 else "differ", loaded=told(should), counted=told(line.counted))
        return markup.box(
            "pb-card is-alert",
            markup.box("pb-card-title", part_link(self.visit, line.part)),
            markup.box("pb-strong", words),
            markup.box(
                "pb-small pb-soft",
                markup.link("pb-way", visit_path(row.visit), f"{row.shop_name} · {day_name(say, row.day)}"),
            ),
            markup.box("pb-actions", press(say("settle"), "settle", f"{row.visit}/{line.line}", "is-quiet")),
        )
