"""One visit: what goes into which bin, why, what was loaded and what came; and what can be done about it."""

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response
from nicegui import ui
from sqlmodel import Session

from cloud.identity import SignedIn
from cloud.pages import role_words, round_words, work_parts
from cloud.pages.addresses import cabinet_path, shop_path
from cloud.pages.found_parts import part_link
from cloud.pages.names import CabinetNames, cabinet_name, cabinet_names
from cloud.pages.round_words import LINE_KINDS, clock, day_name, kg, packs, picking_path, state_badge, why
from cloud.pages.visit import Visit, show
from cloud.pages.work_parts import Part, press
from cloud.replenishment.visits import carrying, showing
from cloud.replenishment.visits.carrying import Said, Step
from cloud.replenishment.visits.views import LineView, VisitView
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
    "when": ("{day} · {clock} 到", "{day} · there at {clock}"),
    "when_open": ("{day} · 时间未知", "{day} · time not known"),
    "accept": ("接受", "Accept"),
    "picking": ("装车单", "Picking list"),
    "finish": ("这家店送完了", "This shop is done"),
    "finish_why": (
        "柜前补货时网关会自己确认；没有网关才在这里按。",
        "The gateway confirms each bin itself; press this where none does.",
    ),
    "told": ("网关已知道", "Its gateway knows"),
    "not_told": ("网关还不知道", "Its gateway has not been told"),
    "brings": ("带去", "Brings"),
    "takes": ("带回", "Takes back"),
    "lines": ("货位", "Bins"),
    "unweighed": ("{count} 项不知道重量", "{count} parts of unknown mass"),
    "no_lines": ("没有要做的", "Nothing to do here"),
    "place": ("{cabinet} 货位 {bin}", "{cabinet} bin {bin}"),
    "loaded": ("装了 {n}", "{n} loaded"),
    "counted": ("到了 {n}", "{n} came"),
    "counted_back": ("带回 {n}", "{n} taken back"),
    "by_gateway": ("网关称过", "weighed by the gateway"),
    "by_person": ("{name} 说", "says {name}"),
    "short": ("少装了", "Less than planned"),
    "change": ("改数量", "Change"),
    "drop": ("不带", "Drop"),
    "bring_again": ("还是带", "Bring it after all"),
    "confirm": ("填到了多少", "Say what came"),
    "settle": ("说明", "Explain"),
    "how_many": ("数量", "How many"),
    "note": ("备注", "Note"),
    "bad_number": ("数量要写成整数", "A quantity is a whole number"),
}
TABLES = (role_words.TEXTS, work_parts.TEXTS, round_words.TEXTS, TEXTS)


@dataclass(frozen=True)
class Found:
    """What the page shows."""

    visit: VisitView
    names: CabinetNames


def register() -> None:
    """Add the page."""

    @page("/rounds/visit")
    async def one_visit(request: Request, id: str = "") -> Response | None:  # noqa: A002 -- as in the address
        return await show(request, TABLES, lambda visit: _Page(visit, id).build(), "load_visits")


class _Page:
    """The open page."""

    def __init__(self, visit: Visit, name: str) -> None:
        self.visit, self.say, self.name = visit, visit.say, name
        self.plans = visit.may("plan_visits")
        self.lines: dict[int, LineView] = {}

    def query(self, session: Session, tenant: TenantId) -> Found:
        """The visit (`NotFoundError`)."""
        view = showing.visit_of(session, tenant, self.name, self.visit.now_ms())
        return Found(view, cabinet_names(session, tenant, [view.shop]))

    async def build(self) -> None:
        """The visit as it changes."""
        found = await self.visit.read(self.query)
        with self.visit.frame():
            link_button(self.say("to_rounds"), "/rounds", "is-quiet pb-back")
            self.part = Part(self.visit, self.query, self.draw, found)
            for name, act in (
                ("accept", self.accept), ("finish", self.finish), ("change", self.ask_change),
                ("drop", self.drop), ("confirm", self.ask_confirm), ("settle", self.ask_settle),
            ):  # fmt: skip
                self.part.on(name, act)

    # ---- what is pressed ----

    async def _do(self, act: Callable[[Session, Step], object]) -> None:
        def go(session: Session, person: SignedIn) -> object:
            return act(session, Step(person, self.visit.now_ms()))

        await self.part.change(go)

    async def accept(self, _told: str) -> None:
        """Take it over; on top of an accepted one it becomes part of that."""
        joined_to: list[str] = []
        await self._do(lambda session, step: joined_to.extend(carrying.accept(session, step, [self.name])))
        if joined_to and joined_to[0] != self.name:
            with self.visit.page:
                ui.navigate.to(f"/rounds/visit?id={joined_to[0]}")

    async def finish(self, _told: str) -> None:
        """The restocker was there."""
        await self._do(lambda session, step: carrying.finish(session, step, self.name))

    async def drop(self, line: str) -> None:
        """Bring nothing of it."""
        await self._do(lambda session, step: carrying.change_line(session, step, self.name, int(line), 0))

    def ask_change(self, line: str) -> None:
        """Another quantity."""
        known = self.lines[int(line)]

        async def go(number: int, _note: str) -> None:
            signed = -number if known.quantity < 0 else number
            await self._do(lambda session, step: carrying.change_line(session, step, self.name, known.line, signed))

        self._ask("change", abs(known.quantity), go)

    def ask_confirm(self, line: str) -> None:
        """What came, by a person's word."""
        known = self.lines[int(line)]
        expected = known.quantity if known.loaded is None else known.loaded

        async def go(number: int, note: str) -> None:
            said = Said(known.line, -number if known.quantity < 0 else number, note)
            await self._do(lambda session, step: carrying.confirm(session, step, self.name, said))

        self._ask("confirm", abs(expected), go, with_note=True)

    def ask_settle(self, line: str) -> None:
        """Why it differs."""
        with dialog(self.visit.page) as asked:
            note = Field(self.say("note"))

            async def go() -> None:
                asked.close()
                act = carrying.settle
                await self._do(lambda session, step: act(session, step, self.name, int(line), note.value))

            with box("pb-buttons pb-gap-above"):
                button(self.say("settle"), go, "is-main")
                button(self.say("cancel"), asked.close, "is-quiet")

    def _ask(self, key: str, value: int, go: Callable[[int, str], object], *, with_note: bool = False) -> None:
        with dialog(self.visit.page) as asked:
            text(self.say(key), "pb-question")
            with box("pb-fields pb-gap-above"):
                amount = Field(self.say("how_many"), str(value), "number")
                note = Field(self.say("note")) if with_note else None

            async def act() -> None:
                typed = amount.value.strip()
                if not (typed.isascii() and typed.isdigit()):
                    amount.refuse(self.say("bad_number"))
                    return
                asked.close()
                await go(int(typed), note.value if note else "")  # type: ignore[misc]

            with box("pb-buttons pb-gap-above"):
                button(self.say("keep"), act, "is-main")
                button(self.say("cancel"), asked.close, "is-quiet")

    # ---- what is drawn ----

    def draw(self, found: Found) -> Markup:
        """The head, and a card for each bin."""
        visit = found.visit
        self.lines = {line.line: line for line in visit.lines}
        cards = [self._line(visit, line, found.names) for line in visit.lines]
        lines = markup.box("pb-cards pb-wide-cards", *cards) if cards else markup.empty(self.say("no_lines"))
        return joined(self._head(visit), markup.heading(f"{self.say('lines')} · {len(cards)}"), lines)

    def _head(self, visit: VisitView) -> Markup:
        say = self.say
        at = clock(visit.arrives_min) if visit.arrives_min else ""
        day = day_name(say, visit.day)
        when = say("when", day=day, clock=at) if at else say("when_open", day=day)
        name = markup.link("pb-plain-link", shop_path(visit.shop), visit.shop_name)
        figures = [markup.figure(say("brings"), kg(visit.kg))]
        if visit.back_kg:
            figures.append(markup.figure(say("takes"), kg(visit.back_kg)))
        note = say("unweighed", count=visit.unweighed) if visit.unweighed else ""
        known = say("told" if visit.told else "not_told") if visit.state in {"planned", "loaded"} else ""
        return joined(
            markup.box("pb-row pb-between pb-top", markup.tag("h1", name, class_="pb-h1"), state_badge(say, visit)),
            markup.box("pb-lead", when),
            markup.box(
                "pb-card",
                markup.box("pb-figures", *figures),
                markup.box("pb-soft pb-small", note) if note else Markup(),
                markup.box("pb-soft pb-small", known) if known else Markup(),
                self._steps(visit),
            ),
        )

    def _steps(self, visit: VisitView) -> Markup:
        say, made = self.say, []
        if visit.state == "proposed" and self.plans:
            made.append(press(say("accept"), "accept", visit.id, "is-main"))
        if visit.state in {"planned", "loaded", "done"}:
            kind = "is-main" if visit.state == "planned" else "is-quiet"
            made.append(markup.link(f"pb-button {kind}", picking_path(visit.van, visit.day), say("picking")))
        if visit.state in {"planned", "loaded"}:
            made.append(press(say("finish"), "finish", visit.id, "is-quiet"))
        note = (
            markup.box("pb-soft pb-small pb-note", say("finish_why"))
            if visit.state in {"planned", "loaded"}
            else Markup()
        )
        return joined(markup.box("pb-actions", *made), note) if made else Markup()

    def _line(self, visit: VisitView, line: LineView, names: CabinetNames) -> Markup:
        say = self.say
        cabinet = cabinet_name(say, names, visit.shop, line.cabinet)
        place = markup.link(
            "pb-way", cabinet_path(visit.shop, line.cabinet), say("place", cabinet=cabinet, bin=line.bin)
        )
        kind = {"is-wrong": "is-alert", "is-low": "is-warned"}.get(LINE_KINDS.get(line.state, ""), "")
        amount = quantity(abs(line.quantity), line.part.unit, say.language)
        badges = [
            markup.badge(say(f"purpose_{line.purpose}"), "is-low" if line.purpose == "need" else ""),
            markup.badge(say(f"line_{line.state}"), LINE_KINDS.get(line.state, "")),
        ]
        return markup.box(
            f"pb-card {kind}".strip(),
            markup.box(
                "pb-row pb-between pb-top",
                markup.box("pb-grow", markup.box("pb-card-title", part_link(self.visit, line.part)), place),
                markup.box("pb-number pb-change", amount),
            ),
            markup.box("pb-row pb-wrap pb-marks", *badges),
            *(markup.box("pb-small pb-soft", words) for words in (packs(say, line), why(say, line)) if words),
            *(markup.box("pb-small pb-strong", words) for words in self._became(line)),
            self._line_buttons(visit, line),
        )

    def _became(self, line: LineView) -> list[str]:
        say, made = self.say, []

        def told(number: int) -> str:
            return quantity(abs(number), line.part.unit, say.language)

        if line.left_out:
            made.append(say(f"left_out_{line.left_out}"))
        if line.loaded is not None:
            short = f" · {say('short')}" if line.loaded < line.quantity else ""
            made.append(say("loaded", n=told(line.loaded)) + short)
        if line.counted is not None:
            by = "by_gateway" if line.counted_by == "gateway" else "by_person"
            key = "counted_back" if line.quantity < 0 else "counted"
            made.append(f"{say(key, n=told(line.counted))} · {say(by, name=line.counted_by)}")
        return [*made, line.note] if line.note else made

    def _line_buttons(self, visit: VisitView, line: LineView) -> Markup:
        say, made, number = self.say, [], str(line.line)
        if self.plans and visit.state in {"proposed", "planned"} and line.counted is None:
            made.append(press(say("bring_again" if line.left_out else "change"), "change", number, "is-quiet pb-slim"))
            if not line.left_out:
                made.append(press(say("drop"), "drop", number, "is-quiet pb-slim"))
        if line.state in {"delivered", "unclear"}:
            made.append(press(say("confirm"), "confirm", number, "is-quiet pb-slim"))
        if self.plans and line.state in {"different", "unclear"}:
            made.append(press(say("settle"), "settle", number, "is-quiet pb-slim"))
        return markup.box("pb-actions", *made) if made else Markup()
