"""What a higher service level costs: a curve to move along, the stock that changes with it, and "aim here"."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import sqrt
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from nicegui import ui
from sqlmodel import Session

from cloud.identity import SignedIn
from cloud.pages import choosing, found_parts
from cloud.pages.addresses import segment
from cloud.pages.choosing import GO_JS
from cloud.pages.drawn import Drawn
from cloud.pages.found_parts import part_link
from cloud.pages.names import shop_names
from cloud.pages.own_part import attempt
from cloud.pages.visit import Visit, show
from cloud.people.rules import TakenError
from cloud.replenishment import planning_runs
from cloud.replenishment.aims import aims_of, said_by
from cloud.replenishment.gauges import service_levels
from cloud.replenishment.gauges.daily import currency_of
from cloud.replenishment.gauges.service_levels import LevelPoint, PartGain, Scope, ServiceLevels
from cloud.replenishment.telling import aim_at
from cloud.tables import CATEGORIES
from cloud.tenancy import TenantId
from cloud.work.money import money_text
from page_kit import markup
from page_kit.address import page
from page_kit.language import Say, Texts
from page_kit.look import box, button, dialog, link_button, text, title
from page_kit.markup import Markup, joined, tag
from page_kit.quantity import quantity

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 640, 300, 74, 34, 14
USUAL_PPM = 950_000
_INDEX = "(event) => emit(event.target.value)"

TEXTS: Texts = {
    "service_level": ("服务水平与库存", "Service level and stock"),
    "level_lead": (
        "目标越高，缺货越少，库存越多。沿着曲线移动，看看值不值。",
        "The higher the aim, the less is missing and the more lies in stock. Move along the curve to see the cost.",
    ),
    "no_curve": ("还没有算过补货策略", "No policies have been computed yet"),
    "no_curve_why": ("算完一次补货策略，曲线就出现在这里。", "The curve appears here after the first planning run."),
    "to_planning": ("去补货策略", "To the policies"),
    "category": ("类别", "Category"),
    "every_category": ("所有类别", "All categories"),
    "aim": ("目标", "Aim"),
    "stock_value": ("库存金额", "Stock in money"),
    "stock_pieces": ("库存件数", "Stock in pieces"),
    "missing_month": ("每月缺货，件", "Pieces missing a month"),
    "cost_month": ("每月费用", "Cost a month"),
    "cost_why": ("存放和送货", "keeping and bringing it"),
    "now": ("现在", "now"),
    "aim_here": ("目标定在 {aim}", "Aim at {aim}"),
    "sure_title": ("把{where}的目标定为 {aim}？", "Aim at {aim} for {where}?"),
    "everywhere": ("全部店铺", "all shops"),
    "costs": (
        "库存大约从 {before} 变为 {after}（{change}），每月缺货从 {short_before} 件变为 {short_after} 件。",
        "Stock goes from about {before} to {after} ({change}), pieces missing a month from {short_before} to "
        "{short_after}.",
    ),
    "narrower": (
        "另有 {count} 个更窄的目标（某店或某类别），它们照旧。",
        "Narrower aims of a shop or a category stay as they are: {count}.",
    ),
    "then_run": ("确认后马上重新计算补货策略。", "The policies are computed anew at once."),
    "aim_kept": ("目标已定，正在重新计算", "The aim is set, and the policies are being computed"),
    "cancel": ("取消", "Cancel"),
    "gains": ("变化最大的配件（所有店铺）", "Parts that change most (all shops)"),
    "no_gains": ("与现在相比没有配件变化", "No part changes against now"),
    "part": ("配件", "Part"),
    "stock_change": ("库存变化", "Stock"),
    "value_change": ("金额变化", "Money"),
    "short_change": ("每月缺货变化", "Missing a month"),
    "curve_says": ("目标从 {low} 到 {high} 的库存金额曲线", "Stock in money by aim, from {low} to {high}"),
}


@dataclass(frozen=True)
class Found:
    """What the page shows."""

    shops: list[tuple[str, str]]
    levels: ServiceLevels
    gains: dict[int, list[PartGain]]
    aims: dict[tuple[str, str], int]
    currency: str


@dataclass
class _Chosen:
    """The scope, and where on the curve somebody stands."""

    scope: Scope
    aim_ppm: int = 0
    drawn: Drawn[Found] | None = field(default=None, repr=False)


def register() -> None:
    """Add the page."""

    @page("/service-level")
    async def service_level(request: Request, shop: str = "", category: str = "") -> Response | None:
        scope = Scope(shop, category if category in CATEGORIES else None)
        return await show(
            request,
            (choosing.TEXTS, found_parts.TEXTS, TEXTS),
            lambda visit: _Page(visit, _Chosen(scope)).build(),
            "see_planning",
        )


def percent(ppm: int) -> str:
    """An aim as people write it."""
    return f"{ppm / 10_000:g} %"


class _Page:
    """The open page."""

    def __init__(self, visit: Visit, chosen: _Chosen) -> None:
        self.visit, self.say, self.chosen = visit, visit.say, chosen

    def _query(self, session: Session, tenant: TenantId) -> Found:
        scope = self.chosen.scope
        levels = service_levels.service_levels(session, tenant, scope)
        points = [point.aim_ppm for point in levels.points] if not scope.shop else []
        gains = service_levels.gains(session, tenant, points, scope.category) if points else {}
        aims = service_levels.said_aims(session, tenant)
        return Found(shop_names(session, tenant), levels, gains, aims, currency_of(session, tenant.dealer))

    async def build(self) -> None:
        """Draw it."""
        say, found = self.say, await self.visit.read(self._query)
        self.found = found
        with self.visit.frame():
            title(say("service_level"), say("level_lead"))
            self._draw_scopes(found)
            if not found.levels.points or found.levels.now is None:
                markup.show(markup.box("pb-gap-above", markup.empty(say("no_curve"), say("no_curve_why"))))
                link_button(say("to_planning"), "/planning", "is-main pb-gap-above")
                return
            self.chosen.aim_ppm = self._nearest(found)
            self._draw_slider(found.levels.points)
            self.chosen.drawn = Drawn(self._draw, found)
            if self.visit.may("edit_policy"):
                with box("pb-buttons pb-gap-above"):
                    self.here = button(self._here(), self._ask, "is-main")
            if not self.chosen.scope.shop:
                self.gains = Drawn(self._draw_gains, found)

    def _nearest(self, found: Found) -> int:
        """Where to begin: at the aim that is said of the scope, else at the usual one."""
        scope = self.chosen.scope
        said = found.aims.get((scope.shop, scope.category or ""), found.aims.get(("", ""), USUAL_PPM))
        return min((point.aim_ppm for point in found.levels.points), key=lambda aim: abs(aim - said))

    def _draw_scopes(self, found: Found) -> None:
        """Two lists to open: the curve shall be seen at once on a phone."""
        say, scope = self.say, self.chosen.scope
        shops = [("", say("every_shop")), *found.shops]
        kinds = [(None, say("every_category")), *((name, say(f"category_{name}")) for name in CATEGORIES)]
        options = (
            (say("choose_shop"), [(_path(shop, scope.category), name, shop == scope.shop) for shop, name in shops]),
            (say("category"), [(_path(scope.shop, kind), name, kind == scope.category) for kind, name in kinds]),
        )
        with box("pb-row pb-wrap pb-filters"):
            for label, ways in options:
                made = [tag("option", name, value=path, selected=is_here) for path, name, is_here in ways]
                shown = markup.show(tag("select", *made, class_="pb-field pb-wide-field", aria_label=label)).classes(
                    "pb-grow"
                )
                shown.on("change", js_handler=GO_JS)

    def _draw_slider(self, points: Sequence[LevelPoint]) -> None:
        at = [point.aim_ppm for point in points].index(self.chosen.aim_ppm)
        with box("pb-slide pb-gap-above", "label"):
            text(self.say("aim"), "pb-label", "span")
            made = box("pb-range", "input").props(f"type=range min=0 max={len(points) - 1} step=1")
            made.props["value"] = at
            self.shown = text(percent(self.chosen.aim_ppm), "pb-huge pb-slide-value", "output")
        made.on("input", self._slide, js_handler=_INDEX)

    def _slide(self, event: Any) -> None:
        points = self.found.levels.points
        at = int(event.args) if str(event.args).isdigit() else 0
        self.chosen.aim_ppm = points[min(at, len(points) - 1)].aim_ppm
        self.shown.text = percent(self.chosen.aim_ppm)
        if self.visit.may("edit_policy"):
            self.here.text = self._here()
        if self.chosen.drawn is not None:
            self.chosen.drawn.again()
        if not self.chosen.scope.shop:
            self.gains.again()

    def _here(self) -> str:
        return self.say("aim_here", aim=percent(self.chosen.aim_ppm))

    def _point(self, found: Found) -> LevelPoint:
        return next(point for point in found.levels.points if point.aim_ppm == self.chosen.aim_ppm)

    # ---- what is drawn ----

    def _draw(self, found: Found) -> Markup:
        point, now = self._point(found), found.levels.now
        assert now is not None  # noqa: S101 -- without it there is no curve to draw
        return joined(
            markup.box("pb-card pb-gap-above", self._curve(found, point, now), self._figures(found, point, now)),
        )

    def _figures(self, found: Found, point: LevelPoint, now: LevelPoint) -> Markup:
        say, currency = self.say, found.currency or "CNY"
        return markup.box(
            "pb-figures pb-gap-above",
            self._figure(
                "stock_value",
                _money(point.value_minor, currency),
                _change(point.value_minor - now.value_minor, currency),
            ),
            self._figure("stock_pieces", f"{point.pieces:,.0f}", _signed(point.pieces - now.pieces)),
            self._figure(
                "missing_month", f"{point.short_a_month:,.1f}", _signed(point.short_a_month - now.short_a_month, 1)
            ),
            self._figure(
                "cost_month",
                _money(point.cost_a_month_minor, currency),
                f"{_change(point.cost_a_month_minor - now.cost_a_month_minor, currency)} · {say('cost_why')}",
            ),
        )

    def _figure(self, name: str, value: str, change: str) -> Markup:
        return markup.box(
            "pb-figure",
            markup.box("pb-number", value),
            markup.box("pb-soft", self.say(name)),
            markup.box("pb-small pb-strong", change),
        )

    def _curve(self, found: Found, point: LevelPoint, now: LevelPoint) -> Markup:
        """Stock in money over the share that is there at once; today's aims are a ring, the chosen one a dot."""
        say, points = self.say, found.levels.points
        scale = _Scale(points, now)
        line = "M" + "L".join("{} {}".format(*scale.at(each)) for each in points)
        here, ring = scale.at(point), scale.at(now)
        told = {"low": percent(points[0].aim_ppm), "high": percent(points[-1].aim_ppm)}
        currency = found.currency or "CNY"
        is_left = ring[0] > WIDTH * 0.55
        return tag(
            "svg",
            *(_grid(say, value, scale, currency) for value in scale.steps),
            *(
                tag("text", percent(aim), x=scale.x(aim), y=HEIGHT - 8, class_="pb-curve-text is-middle")
                for aim in scale.aims
            ),
            tag("path", d=line, class_="pb-curve-line"),
            tag("path", d=f"M{here[0]} {HEIGHT - BOTTOM}V{here[1]}H{LEFT}", class_="pb-curve-here"),
            tag("circle", cx=ring[0], cy=ring[1], r=8, class_="pb-curve-now"),
            tag(
                "text",
                say("now"),
                x=ring[0] - 14 if is_left else ring[0] + 14,
                y=ring[1] - 10,
                class_=f"pb-curve-text is-strong{' is-end' if is_left else ''}",
            ),
            tag("circle", cx=here[0], cy=here[1], r=9, class_="pb-curve-dot"),
            viewBox=f"0 0 {WIDTH} {HEIGHT}",
            class_="pb-curve",
            role="img",
            aria_label=say("curve_says", **told),
        )

    def _draw_gains(self, found: Found) -> Markup:
        say, rows = self.say, found.gains.get(self.chosen.aim_ppm, [])
        heads = [tag("th", say("part"))]
        heads += [tag("th", say(key), class_="is-figure") for key in ("stock_change", "value_change", "short_change")]
        table = tag(
            "table",
            tag("thead", tag("tr", *heads)),
            tag("tbody", *(self._gain(row, found.currency or "CNY") for row in rows)),
            class_="pb-table",
        )
        return joined(markup.heading(say("gains")), table if rows else markup.empty(say("no_gains")))

    def _gain(self, row: PartGain, currency: str) -> Markup:
        say, unit = self.say, row.part.unit
        changed = round(row.stock_change)
        cells = (
            ("stock_change", ("+" if changed > 0 else "") + quantity(changed, unit, say.language)),
            ("value_change", _change(row.value_change_minor, currency)),
            ("short_change", _signed(row.short_change_a_month, 1)),
        )
        return tag(
            "tr",
            tag("td", part_link(self.visit, row.part)),
            *(
                tag("td", tag("span", shown, class_="pb-number"), class_="is-figure", data_name=say(key))
                for key, shown in cells
            ),
        )

    # ---- what is done ----

    def _ask(self) -> None:
        """Say what it costs, and aim there when it is meant."""
        say, found = self.say, self.found
        point, now, currency = self._point(found), found.levels.now, found.currency or "CNY"
        assert now is not None  # noqa: S101 -- the button is there with the curve alone
        with dialog(self.visit.page) as asked:
            text(say("sure_title", where=self._where(found), aim=percent(point.aim_ppm)), "pb-question")
            told = {
                "before": _money(now.value_minor, currency),
                "after": _money(point.value_minor, currency),
                "change": _change(point.value_minor - now.value_minor, currency),
                "short_before": f"{now.short_a_month:,.1f}",
                "short_after": f"{point.short_a_month:,.1f}",
            }
            text(say("costs", **told), "pb-gap-above")
            if narrower := self._narrower(found):
                text(say("narrower", count=narrower), "pb-soft pb-gap-above")
            text(say("then_run"), "pb-soft pb-gap-above")
            with box("pb-buttons pb-gap-above"):
                button(self._here(), lambda: self._aim(asked, point.aim_ppm), "is-main")
                button(say("cancel"), asked.close, "is-quiet")

    def _where(self, found: Found) -> str:
        scope, say = self.chosen.scope, self.say
        names = [dict(found.shops).get(scope.shop, scope.shop)] if scope.shop else []
        names += [say(f"category_{scope.category}")] if scope.category else []
        return " · ".join(names) or say("everywhere")

    def _narrower(self, found: Found) -> int:
        scope = self.chosen.scope
        own = scope.shop, scope.category or ""
        return sum((shop, kind) != own and own[0] in {"", shop} and own[1] in {"", kind} for shop, kind in found.aims)

    async def _aim(self, asked: ui.dialog, aim_ppm: int) -> None:
        asked.close()
        key = self.chosen.scope.shop, self.chosen.scope.category or ""

        def keep(session: Session, person: SignedIn) -> bool:
            now_ms = self.visit.now_ms()
            row = aims_of(session, person.tenant.dealer).said(*key)
            said = (said_by(row) if row is not None else {}) | {"mode": "fill", "fill_ppm": aim_ppm}
            aim_at(session, person, key, said, now_ms)
            try:
                planning_runs.ask(session, person, now_ms)
            except TakenError:
                return True  # one goes on; the next one takes the aim up
            return True

        if await attempt(self.visit, lambda: self.visit.change_as(keep)):
            with self.visit.page:
                ui.notify(self.say("aim_kept"), position="top")


class _Scale:
    """From aims and money to the drawing; aims by what is missing, so that the last tenths have room."""

    def __init__(self, points: Sequence[LevelPoint], now: LevelPoint) -> None:
        self._low, self._high = points[0].aim_ppm, points[-1].aim_ppm
        values = [each.value_minor for each in (*points, now)]
        self.steps = _steps(max(*values, 1))
        self._top = max(self.steps[-1], *values)
        self.aims = [each.aim_ppm for each in points if each.aim_ppm in {800_000, 900_000, 950_000, 980_000, 995_000}]

    def x(self, aim_ppm: int) -> float:
        """Where a share lies."""
        share = (_spread(aim_ppm) - _spread(self._low)) / (_spread(self._high) - _spread(self._low))
        return round(LEFT + 18 + min(1.03, max(-0.05, share)) * (WIDTH - LEFT - 60), 1)

    def y(self, value_minor: float) -> float:
        """Where an amount lies."""
        return round(HEIGHT - BOTTOM - value_minor / self._top * (HEIGHT - BOTTOM - TOP), 1)

    def at(self, point: LevelPoint) -> tuple[float, float]:
        """Where a point lies: by its aim, today's by the fill that its levels give."""
        return self.x(point.aim_ppm or point.fill_ppm), self.y(point.value_minor)


def _spread(aim_ppm: int) -> float:
    """The square root of what is missing, turned round: 99 to 99.5 % is as wide as it is dear."""
    return -sqrt(max(0, 1_000_000 - aim_ppm))


def _steps(top: int) -> list[int]:
    """Round amounts up to about the top."""
    step = 10 ** (len(str(top)) - 1)
    step = next(each for each in (step // 5 or 1, step // 2 or 1, step, 2 * step) if top / each <= 5)
    return [step * number for number in range(1, top // step + 1)] or [top]


def _grid(say: Say, value: int, scale: _Scale, currency: str) -> Markup:
    y = scale.y(value)
    return joined(
        tag("path", d=f"M{LEFT} {y}H{WIDTH}", class_="pb-curve-grid"),
        tag("text", _short_money(say, value, currency), x=LEFT - 8, y=y + 5, class_="pb-curve-text is-end"),
    )


def _short_money(say: Say, minor: int, currency: str) -> str:
    """An amount on an axis: 50万, or 500k and 2M."""
    whole = minor / 100
    if say.language == "zh":
        shown = f"{whole / 10_000:g}万" if whole >= 10_000 else f"{whole:g}"
    else:
        shown = f"{whole / 1e6:g}M" if whole >= 1e6 else f"{whole / 1000:g}k" if whole >= 1000 else f"{whole:g}"
    return money_text(0, currency).rstrip("0.") + shown


def _money(minor: int, currency: str) -> str:
    return money_text(round(minor / 100) * 100, currency).removesuffix(".00")


def _change(minor: int, currency: str) -> str:
    shown = _money(minor, currency)
    return f"+{shown}" if minor > 0 else shown if round(minor / 100) else "±0"


def _signed(value: float, digits: int = 0) -> str:
    shown = f"{abs(value):,.{digits}f}"
    if float(shown.replace(",", "")) == 0:
        return "±0"
    return f"+{shown}" if value > 0 else f"\u2212{shown}"


def _path(shop: str, category: str | None) -> str:
    asked = [f"shop={segment(shop)}"] if shop else []
    asked += [f"category={category}"] if category else []
    return "/service-level" + (f"?{'&'.join(asked)}" if asked else "")
