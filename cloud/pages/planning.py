"""Planning (补货计划): what was promised and reached, what is aimed at where, and the run that computes it."""

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response
from nicegui import ui
from sqlmodel import Session

from cloud.identity import SignedIn
from cloud.pages import planning_words, role_words, work_parts
from cloud.pages.names import shop_names
from cloud.pages.own_part import attempt
from cloud.pages.planning_aim import TEXTS as AIM_TEXTS
from cloud.pages.planning_aim import AimForm
from cloud.pages.planning_words import days_of, share
from cloud.pages.visit import Visit, show
from cloud.pages.work_parts import Part, press
from cloud.replenishment import planning_runs, policies
from cloud.replenishment.aims import Aim, Aims, aims_of, said_by
from cloud.replenishment.policy_views import FillView, RunView
from cloud.replenishment.telling import aim_at
from cloud.tenancy import TenantId
from page_kit import markup
from page_kit.address import page
from page_kit.language import Texts
from page_kit.look import title
from page_kit.markup import Markup, joined

SHOPS_SHOWN = 60
RUNS_SHOWN = 5

TEXTS: Texts = {
    "planning": ("补货计划", "Planning"),
    "planning_lead": (
        "说好有货率，系统算出每个货位剩多少要货、补到多少，并告诉店里的网关。",
        "Say which fill rate you promise. What each bin asks for and when follows, and the shops' gateways are told.",
    ),
    "promised": ("承诺的有货率", "Promised fill rate"),
    "reached": ("近 13 周达到", "Reached in 13 weeks"),
    "rests_on": ("其间用掉的件数", "Pieces used"),
    "shops_on": ("按预测补货的店", "Shops by forecast"),
    "of": ("{some} / {all}", "{some} of {all}"),
    "nothing_yet": ("还没有", "Not yet"),
    "last_run": ("最近一次计算", "Last computed"),
    "never_run": (
        "还没有算过。每天夜里自动算一次，也可以现在算。",
        "Nothing was computed yet. It is done every night, or now.",
    ),
    "runs_now": ("正在计算，页面会自己更新…", "It is being computed; this page follows by itself…"),
    "run_bins": ("{bins} 个货位，{told} 个有新数告诉了网关", "{bins} bins; gateways were told new levels for {told}"),
    "run_failed": ("没有算成：{error}", "It failed: {error}"),
    "compute": ("现在计算", "Compute now"),
    "asked_to": ("几秒后开始", "It begins within seconds"),
    "aims": ("目标", "Aims"),
    "aims_why": (
        "没有单独设定的店和分类，按“全部”的目标。同时有分类和店铺时，分类优先。",
        "Shops and categories without an aim of their own follow that of everything. A category goes before a shop.",
    ),
    "new_aim": ("给一个分类或店铺单独定", "An aim for a category or a shop"),
    "everything": ("全部", "Everything"),
    "change": ("修改", "Change"),
    "by_cost": ("按成本", "By cost"),
    "by_cost_ratio": ("缺一件一天抵存货 {ratio} 件", "one missing costs as much as holding {ratio}"),
    "by_fill": ("有货率 {fill}", "{fill} filled"),
    "every_days": ("{review}来一次，要货后 {lead}送到", "a visit every {review}, {lead} after asking"),
    "turn_on": ("打开", "Switch on"),
    "turn_off": ("关掉", "Switch off"),
    "is_on": ("按预测", "By forecast"),
    "is_off": ("按陈列图", "By the planogram"),
    "shops": ("哪些店按预测补货", "Which shops are supplied by the forecast"),
    "shops_why": (
        "打开后，网关马上用算出来的数要货；关掉就回到陈列图里填的数。",
        "Once on, the gateway asks for stock by the computed levels; off, by those typed into the planogram.",
    ),
    "all_on": ("全部打开", "Switch all on"),
    "all_off": ("全部关掉", "Switch all off"),
    "more_shops": ("还有 {count} 家店", "{count} more shops"),
    "classes": ("承诺与达到", "Promised and reached"),
    "classes_why": (
        "按用量特点分。达到的低于承诺，计算时就自动多备一点，高了就少备。",
        "By kind of demand. Where less is reached than promised, more is kept from then on, and the other way round.",
    ),
    "kind": ("用量特点", "Kind of demand"),
    "computed_with": ("计算时用", "Computed with"),
    "method": ("预测方法", "Forecast by"),
    "too_little": ("用量还不够", "too little used yet"),
}


@dataclass(frozen=True)
class Found:
    """What the page shows."""

    runs: list[RunView]
    last_good: RunView | None
    fills: list[FillView]
    aims: Aims
    shops: list[tuple[str, str]]


def register() -> None:
    """Add the page."""

    @page("/planning")
    async def planning(request: Request) -> Response | None:
        texts = (role_words.TEXTS, work_parts.TEXTS, planning_words.TEXTS, AIM_TEXTS, TEXTS)
        return await show(request, texts, lambda visit: _Planning(visit).build(), "see_planning")


class _Planning:
    """The open page."""

    def __init__(self, visit: Visit) -> None:
        self.visit, self.say = visit, visit.say
        self.found: Found | None = None

    def query(self, session: Session, tenant: TenantId) -> Found:
        """Everything of the page."""
        good = policies.reached_lately(session, tenant)
        return Found(
            planning_runs.runs(session, tenant, limit=RUNS_SHOWN),
            planning_runs.view(good) if good else None,
            policies.fills(session, tenant),
            aims_of(session, tenant.dealer),
            sorted(dict(shop_names(session, tenant)).items(), key=lambda shop: shop[1]),
        )

    async def build(self) -> None:
        """Figures first, then what is aimed at, then the shops."""
        found = await self.visit.read(self.query)
        with self.visit.frame():
            title(self.say("planning"), self.say("planning_lead"))
            self.part = Part(self.visit, self.query, self.draw, found)
            self.part.on("run", lambda _: self.compute())
            self.part.on("aim", self.edit)
            self.part.on("new", lambda _: self.edit("new"))
            self.part.on("on", lambda shop: self.switch([shop], on=True))
            self.part.on("off", lambda shop: self.switch([shop], on=False))
            self.part.on("all", lambda how: self.switch([""], on=how == "on"))

    @property
    def may(self) -> bool:
        """Whether anything may be changed here."""
        return self.visit.may("edit_policy")

    def draw(self, found: Found) -> Markup:
        """The whole page."""
        self.found = found
        return joined(self._figures(found), self._run(found), self._aims(found), self._shops(found), self._fills(found))

    def _figures(self, found: Found) -> Markup:
        say, reached = self.say, found.last_good
        whole = found.aims.of("")
        on = [shop for shop, _ in found.shops if found.aims.of(shop).by_forecast]
        known = reached is not None and reached.reached_ppm >= 0
        promised = share(whole.fill_ppm, 1) if whole.mode == "fill" else say("by_cost")
        is_short = known and reached is not None and whole.mode == "fill" and reached.reached_ppm < whole.fill_ppm
        figures = [
            markup.figure(say("promised"), promised),
            markup.figure(
                say("reached"),
                share(reached.reached_ppm, 1) if known and reached else say("nothing_yet"),
                "is-low" if is_short else "",
            ),
            markup.figure(say("shops_on"), say("of", some=len(on), all=len(found.shops))),
        ]
        if known and reached is not None:
            figures.append(markup.figure(say("rests_on"), f"{reached.asked:,}"))
        return markup.box("pb-card", markup.box("pb-figures", *figures))

    def _run(self, found: Found) -> Markup:
        say = self.say
        run = found.runs[0] if found.runs else None
        button = (
            press(say("compute"), "run", "1", "is-main") if self.may and (run is None or run.ended_ms) else Markup()
        )
        if run is None:
            words = [markup.box("", say("never_run"))]
        elif not run.ended_ms:
            words = [markup.box("pb-strong", say("runs_now"))]
        elif run.error:
            words = [markup.box("is-wrong", say("run_failed", error=run.error)), markup.age(say, run.ended_ms)]
        else:
            told = say("run_bins", bins=f"{run.bins:,}", told=f"{run.told:,}")
            words = [markup.box("", told), markup.age(say, run.ended_ms)]
        card = markup.box("pb-row pb-between pb-wrap", markup.box("pb-grow", *words), button)
        return joined(markup.heading(say("last_run")), markup.box("pb-card", card))

    def _aims(self, found: Found) -> Markup:
        say = self.say
        keys = [
            ("", ""),
            *((row.shop_id, row.category) for row in found.aims.rows() if set(said_by(row)) - {"by_forecast"}),
        ]
        names = dict(found.shops)
        cards = [self._aim(found.aims.of(*key), key, names) for key in dict.fromkeys(keys)]
        new = [press(say("new_aim"), "new", "1", "is-quiet")] if self.may else []
        return joined(
            markup.heading(say("aims")),
            markup.box("pb-lead", say("aims_why")),
            markup.box("pb-cards", *cards),
            markup.box("pb-buttons pb-gap-above", *new),
        )

    def _aim(self, aim: Aim, key: tuple[str, str], names: dict[str, str]) -> Markup:
        say = self.say
        what = [names.get(key[0], key[0])] if key[0] else []
        what += [say(f"category_{key[1]}")] if key[1] else []
        if aim.mode == "fill":
            told = say("by_fill", fill=share(aim.fill_ppm, 1).replace(".0%", "%"))
        else:
            told = say("by_cost_ratio", ratio=f"{aim.shortage_ratio_milli / 1000:g}")
        when = say("every_days", review=days_of(say, aim.review_days), lead=days_of(say, aim.lead_days))
        change = press(say("change"), "aim", "\n".join(key), "is-quiet") if self.may else Markup()
        return markup.box(
            "pb-card",
            markup.box("pb-row pb-between pb-top", markup.box("pb-card-title", " · ".join(what) or say("everything"))),
            markup.box("pb-strong pb-gap-above", told),
            markup.box("pb-soft", when),
            markup.box("pb-actions", change),
        )

    def _shops(self, found: Found) -> Markup:
        say = self.say
        lines = [self._shop_line(found, *shop) for shop in found.shops[:SHOPS_SHOWN]]
        more = len(found.shops) - SHOPS_SHOWN
        if more > 0:
            lines.append(markup.box("pb-line pb-soft", say("more_shops", count=more)))
        all_on = all(found.aims.of(shop).by_forecast for shop, _ in found.shops)
        how = "off" if all_on else "on"
        every = [press(say(f"all_{how}"), "all", how, "is-quiet")] if self.may and len(found.shops) > 1 else []
        return joined(
            markup.heading(say("shops")),
            markup.box("pb-lead", say("shops_why")),
            markup.box("pb-card", *lines),
            markup.box("pb-buttons pb-gap-above", *every),
        )

    def _shop_line(self, found: Found, shop: str, name: str) -> Markup:
        say, is_on = self.say, bool(found.aims.of(shop).by_forecast)
        button = press(say("turn_off" if is_on else "turn_on"), "off" if is_on else "on", shop, "is-quiet")
        return markup.box(
            "pb-line",
            markup.box("pb-grow pb-strong", name),
            markup.badge(say("is_on" if is_on else "is_off"), "is-good" if is_on else ""),
            button if self.may else Markup(),
        )

    def _fills(self, found: Found) -> Markup:
        if not found.fills:
            return Markup()
        say = self.say
        head = [say(key) for key in ("kind", "promised", "reached", "computed_with", "method")]
        methods = found.last_good.methods if found.last_good else {}
        rows = [self._fill_row(row, methods.get(row.demand_class, "smoothing")) for row in found.fills]
        table = markup.tag(
            "table",
            markup.tag("thead", markup.tag("tr", *(markup.tag("th", each) for each in head))),
            markup.tag("tbody", *rows),
            class_="pb-table",
        )
        return joined(
            markup.heading(say("classes")),
            markup.box("pb-lead", say("classes_why")),
            markup.box("pb-card pb-scroll", table),
        )

    def _fill_row(self, row: FillView, method: str) -> Markup:
        say = self.say
        reached = share(row.reached_ppm, 1) if row.reached_ppm >= 0 and row.demand else say("too_little")
        cells = [
            say(f"class_{row.demand_class}"),
            share(row.aim_ppm, 1),
            reached,
            share(row.corrected_ppm, 1),
            say(f"method_{method}"),
        ]
        return markup.tag("tr", *(markup.tag("td", each) for each in cells))

    # ---- what is pressed ----

    async def compute(self) -> None:
        """Have it computed."""
        if await self.part.change(lambda session, person: planning_runs.ask(session, person, self.visit.now_ms())):
            ui.notify(self.say("asked_to"), position="top")

    async def switch(self, shops: list[str], *, on: bool) -> None:
        """Let shops be supplied by the forecast, or by the planogram."""
        await self._change(lambda session, person: _switch(session, person, shops, on, self.visit.now_ms()))

    async def edit(self, at: str) -> None:
        """Open the form of an aim; "new" of none yet."""
        if self.found is None or not self.may:
            return
        shop, _, category = at.partition("\n")
        key = None if at == "new" else (shop, category)
        AimForm(self.visit, self.found.aims, self.found.shops, key, self._keep).open()

    async def _keep(self, key: tuple[str, str], said: dict[str, str | int]) -> bool:
        return await self._change(lambda session, person: aim_at(session, person, key, said, self.visit.now_ms()))

    async def _change(self, act: Callable[[Session, SignedIn], object]) -> bool:
        async def go() -> bool:
            await self.visit.change_as(act)
            return True

        done = bool(await attempt(self.visit, go))
        await self.part.refresh()
        return done


def _switch(session: Session, person: SignedIn, shops: list[str], on: bool, now_ms: int) -> None:
    """Say it of some shops, or of everything ("")."""
    aims = aims_of(session, person.tenant.dealer)
    if shops == [""]:  # of everything: what shops say of it themselves goes
        for row in aims.rows():
            if row.shop_id and not row.category and "by_forecast" in said_by(row):
                said = {name: value for name, value in said_by(row).items() if name != "by_forecast"}
                aim_at(session, person, (row.shop_id, ""), said, now_ms)
    for shop in shops:
        there = aims.said(shop)
        aim_at(session, person, (shop, ""), (said_by(there) if there else {}) | {"by_forecast": int(on)}, now_ms)
