"""One rollout: its stages, its cabinets and how they are, why it stopped, and what somebody can do about it."""

from collections.abc import Callable, Sequence

from fastapi import Request
from fastapi.responses import Response
from sqlmodel import Session

from cloud.identity import SignedIn
from cloud.pages import releases as releases_page
from cloud.pages import role_words, rollout_words, work_parts
from cloud.pages.addresses import cabinet_path
from cloud.pages.own_part import ask_first, attempt
from cloud.pages.releases import bar
from cloud.pages.rollout_words import cabinet_badge, out_of_reach, state_badge, step_words, why
from cloud.pages.typed_clock import clock_text
from cloud.pages.visit import Visit, show
from cloud.pages.work_parts import Part, press
from cloud.rollouts import deciding, listing
from cloud.rollouts.views import CabinetLine, Place, RolloutView, StageView, StepLine
from cloud.tenancy import TenantId
from page_kit import markup
from page_kit.address import page
from page_kit.firmware_reasons import firmware_reason
from page_kit.language import Texts
from page_kit.look import link_button
from page_kit.markup import Markup, joined

STEPS_SHOWN = 40
TEXTS: Texts = {
    "back": ("‹ 固件升级", "‹ Firmware"),
    "do_pause": ("暂停", "Pause"),
    "do_go_on": ("继续升级", "Go on"),
    "do_stop": ("停下", "Stop"),
    "do_take_back": ("退回旧版本", "Take it back"),
    "do_end": ("就此结束", "Leave it at that"),
    "sure_go_on": (
        "不管这些异常，继续给其余货柜升级？",
        "Go on to the other cabinets, in spite of what is bad?",
    ),
    "sure_stop": (
        "停下？还没装上的不再装；已经装上的照常运行。",
        "Stop? What does not run it yet will not get it; what runs it goes on.",
    ),
    "sure_take_back": (
        "让 {count} 个货柜退回升级前的版本？",
        "Order {count} cabinets back to what they ran before?",
    ),
    "sure_end": ("结束这次升级，一切保持现状？", "End this rollout, and leave everything as it is?"),
    "no": ("不", "No"),
    "cannot_go_back": (
        "这里没有旧版本的固件包，退回前先上传它。",
        "The older version's bundle is not kept here: put it up before taking anything back.",
    ),
    "left_alone": ("没有升级的货柜都没动。", "Cabinets without it were left alone."),
    "stage_ahead": ("还没到", "Not yet"),
    "stage_under_way": ("进行中", "Under way"),
    "stage_watched": ("观察中", "Watched"),
    "stage_over": ("通过", "Passed"),
    "of_stage": ("{through} / {cabinets}", "{through} / {cabinets}"),
    "soak_left": ("还要观察 {time}", "{time} of watching left"),
    "soak_all": ("观察 {time}", "Watched for {time}"),
    "hours": ("{count} 小时", "{count} h"),
    "minutes": ("{count} 分钟", "{count} min"),
    "bad": ("{count} 个异常", "{count} bad"),
    "busy": ("{count} 个正在装", "{count} under way"),
    "waits": ("{count} 个等待", "{count} waiting"),
    "out": ("{count} 个不计入", "{count} not counted"),
    "how": ("升级方式", "How it goes"),
    "at_hours": ("店里 {from_} 到 {to}", "From {from_} to {to} at the shop"),
    "at_any_hour": ("任何时间", "At any hour"),
    "pace": ("每小时最多 {count} 个", "At most {count} an hour"),
    "limit": ("异常超过 {count} % 就停", "Stops above {count} % bad"),
    "takes_back_too": ("停下时自动退回", "Taken back by itself when it stops"),
    "asks_first": ("停下时先问人", "Asks somebody when it stops"),
    "runs_version": ("现在 {version}", "runs {version}"),
    "was": ("原来 {version}", "ran {version}"),
    "loaded": ("已传 {percent} %", "{percent} % gone over"),
    "forgiven": ("不再计较", "not counted any more"),
    "leave_out": ("不参加", "Leave out"),
    "take_in": ("重新参加", "Take in again"),
    "history": ("升级记录", "What happened"),
}
TABLES = (role_words.TEXTS, work_parts.TEXTS, rollout_words.TEXTS, releases_page.TEXTS, TEXTS)
_BUTTONS = {
    "running": ("pause", "stop"),
    "paused": ("go_on", "stop", "take_back"),
    "stopped": ("take_back", "go_on", "end"),
    "taken_back": ("end",),
    "done": ("take_back",),
    "ended": ("take_back",),
}
_KINDS = {"running": "is-live", "taken_back": "is-live", "stopped": "is-alert", "paused": "is-warned"}
_ACTIONS: dict[str, Callable[[Session, SignedIn, str, int], None]] = {
    "pause": deciding.pause,
    "go_on": deciding.go_on,
    "stop": deciding.stop_it,
    "take_back": deciding.take_it_back,
    "end": deciding.end,
}


def register() -> None:
    """Add the page."""

    @page("/releases/rollout")
    async def one_rollout(request: Request, id: str = "") -> Response | None:  # noqa: A002 - as the address has it
        return await show(request, TABLES, lambda visit: _Page(visit, id[:60]).build(), "manage_gateways")


class _Page:
    """The open page."""

    def __init__(self, visit: Visit, name: str) -> None:
        self.visit, self.say, self.name = visit, visit.say, name
        self.found: RolloutView | None = None

    def query(self, session: Session, tenant: TenantId) -> RolloutView:
        """The rollout as it is now."""
        return listing.one_rollout(session, tenant, self.name, self.visit.now_ms())

    async def build(self) -> None:
        """The frame and what changes."""
        found = await self.visit.read(self.query)
        with self.visit.frame():
            link_button(self.say("back"), "/releases", "is-quiet pb-back")
            self.part = Part(self.visit, self.query, self.draw, found)
            self.part.on("do", self.do)
            self.part.on("out", lambda at: self.place(int(at), deciding.leave_out))
            self.part.on("in", lambda at: self.place(int(at), deciding.take_in))

    # ---- what is drawn ----

    def draw(self, found: RolloutView) -> Markup:
        """State and what to do about it, stages, cabinets, history."""
        self.found = found
        return joined(
            self._head(found),
            markup.box("pb-cards pb-stages", *(self._stage(found, stage) for stage in found.of_stages)),
            self._cabinets(found.of_cabinets),
            self._how(found),
            self._history(found),
        )

    def _head(self, found: RolloutView) -> Markup:
        say, kind, buttons = self.say, _KINDS.get(found.state, ""), self._buttons(found)
        cause = joined(
            markup.box("pb-gap-above", f"{why(say, found.why)} {say('left_alone')}") if found.why else Markup(),
            self._no_way_back(found),
            out_of_reach(say, found),
        )
        return markup.box(
            f"pb-card {kind} pb-below",
            markup.box(
                "pb-row pb-between pb-top",
                markup.tag("h1", f"{say('firmware')} {found.version}", class_="pb-h1"),
                state_badge(say, found),
            ),
            markup.box("pb-strong pb-gap-above", say("reached", through=found.through, cabinets=found.cabinets)),
            bar(found.through, found.cabinets, found.bad),
            cause,
            markup.box("pb-buttons pb-gap-above", *buttons) if buttons else Markup(),
        )

    def _no_way_back(self, found: RolloutView) -> Markup:
        lacks = found.confirmed and not found.can_go_back and found.state in {"stopped", "paused"}
        return markup.box("pb-soft pb-small pb-gap-above", self.say("cannot_go_back")) if lacks else Markup()

    def _buttons(self, found: RolloutView) -> list[Markup]:
        made = []
        for at, action in enumerate(_BUTTONS[found.state]):
            if action == "take_back" and not (found.confirmed and found.can_go_back):
                continue
            kind = "is-main" if at == 0 and found.state in {"stopped", "paused"} else "is-quiet"
            made.append(press(self.say(f"do_{action}"), "do", action, kind))
        return made

    def _stage(self, found: RolloutView, stage: StageView) -> Markup:
        say = self.say
        is_now = stage.stage == found.stage and found.ended_ms is None
        counts = [
            say(key, count=count)
            for key, count in (("busy", stage.under_way), ("waits", stage.waiting), ("out", stage.out))
            if count
        ]
        bad = markup.badge(say("bad", count=stage.bad), "is-wrong") if stage.bad else Markup()
        soak = self._time(stage.soak_min * 60_000)
        told = say("soak_all", time=soak)
        if stage.soak_left_ms is not None:
            told = say("soak_left", time=self._time(stage.soak_left_ms))
        return markup.box(
            f"pb-card {_KINDS.get(found.state, '')}" if is_now else "pb-card",
            markup.box(
                "pb-row pb-between pb-top",
                markup.box("pb-card-title", say(f"stage_{min(stage.stage, 2)}")),
                self._stage_badge(found, stage),
            ),
            markup.box(
                "pb-row pb-between pb-gap-above",
                markup.box("pb-number", say("of_stage", through=stage.through, cabinets=stage.cabinets)),
                bad,
            ),
            bar(stage.through, stage.cabinets, stage.bad),
            markup.box("pb-soft pb-small pb-gap-above", " · ".join([*counts, told])),
        )

    def _stage_badge(self, found: RolloutView, stage: StageView) -> Markup:
        if stage.stage == found.stage and found.state not in {"running", "done"}:
            return state_badge(self.say, found)
        kind = {"over": "is-good", "watched": "is-low", "under_way": "is-low"}.get(stage.state, "")
        return markup.badge(self.say(f"stage_{stage.state}"), kind)

    def _time(self, ms: int) -> str:
        minutes = -(-ms // 60_000)
        if minutes >= 120:
            return self.say("hours", count=round(minutes / 60))
        return self.say("minutes", count=minutes)

    def _cabinets(self, found: Sequence[CabinetLine]) -> Markup:
        by_stage: dict[int, list[tuple[int, CabinetLine]]] = {}
        for at, cabinet in enumerate(found):
            by_stage.setdefault(cabinet.stage, []).append((at, cabinet))
        return joined(
            *(
                joined(
                    markup.heading(self.say(f"stage_{min(stage, 2)}")),
                    markup.box("pb-card", *(self._cabinet(at, cabinet) for at, cabinet in own)),
                )
                for stage, own in sorted(by_stage.items())
            )
        )

    def _cabinet(self, at: int, cabinet: CabinetLine) -> Markup:
        say = self.say
        name = say.name(cabinet.name_zh, cabinet.name_en) or cabinet.cabinet
        facts = [say("runs_version", version=cabinet.firmware)] if cabinet.firmware else []
        if cabinet.before and cabinet.before != cabinet.firmware:
            facts.append(say("was", version=cabinet.before))
        if cabinet.of_bytes:
            facts.append(say("loaded", percent=100 * (cabinet.got_bytes or 0) // cabinet.of_bytes))
        if cabinet.is_forgiven:
            facts.append(say("forgiven"))
        told = firmware_reason(say, cabinet.reason)
        reason = markup.box("pb-small is-low", told) if told else Markup()
        return markup.box(
            "pb-line pb-wraps",
            markup.box(
                "pb-grow",
                markup.link(
                    "pb-plain-link pb-strong pb-tall",
                    cabinet_path(cabinet.shop, cabinet.cabinet),
                    f"{cabinet.shop_name} · {name}",
                ),
                markup.box("pb-soft pb-small", " · ".join(facts)),
                reason,
            ),
            markup.box("pb-line-end pb-row pb-tight", self._in_or_out(at, cabinet), cabinet_badge(say, cabinet)),
        )

    def _in_or_out(self, at: int, cabinet: CabinetLine) -> Markup:
        if self.found is None or self.found.state not in {"running", "paused", "stopped"}:
            return Markup()
        if cabinet.state in {"waiting", "told", "loading"}:
            return press(self.say("leave_out"), "out", str(at), "is-quiet is-small")
        if cabinet.state == "excluded":
            return press(self.say("take_in"), "in", str(at), "is-quiet is-small")
        return Markup()

    def _how(self, found: RolloutView) -> Markup:
        say = self.say
        hours = say("at_any_hour")
        if found.from_min is not None and found.to_min is not None:
            hours = say("at_hours", from_=clock_text(found.from_min), to=clock_text(found.to_min))
        told = [
            hours,
            say("pace", count=found.pace),
            say("limit", count=found.bad_percent),
            say("takes_back_too" if found.takes_back else "asks_first"),
        ]
        return joined(
            markup.heading(say("how")), markup.box("pb-card", *(markup.box("pb-line", each) for each in told))
        )

    def _history(self, found: RolloutView) -> Markup:
        names = {(each.shop, each.cabinet): each for each in found.of_cabinets}
        lines = [self._step(step, names.get((step.shop, step.cabinet))) for step in found.steps[:STEPS_SHOWN]]
        return joined(markup.heading(self.say("history")), markup.box("pb-card", *lines))

    def _step(self, step: StepLine, cabinet: CabinetLine | None) -> Markup:
        say = self.say
        where = ""
        if cabinet is not None:
            name = say.name(cabinet.name_zh, cabinet.name_en) or cabinet.cabinet
            where = f"{cabinet.shop_name} · {name}"
        by = "" if step.cabinet else step.by or say("by_itself")
        return markup.box(
            "pb-line",
            markup.box(
                "pb-grow",
                markup.box("" if step.cabinet else "pb-strong", step_words(say, step)),
                markup.box("pb-soft pb-small", where or by),
            ),
            markup.age(say, step.at_ms, "pb-soft pb-small"),
        )

    # ---- what is pressed ----

    async def do(self, action: str) -> None:
        """What has consequences is asked about first."""
        say = self.say
        is_forgiving = action == "go_on" and self.found is not None and self.found.state == "stopped"
        if action in {"stop", "take_back", "end"} or is_forgiving:
            count = self.found.confirmed if self.found else 0
            question = say(f"sure_{action}", **({"count": count} if action == "take_back" else {}))
            ask_first(self.visit, question, say(f"do_{action}"), lambda: self._do(action), say("no"))
            return
        await self._do(action)

    async def _do(self, action: str) -> None:
        now_ms, act = self.visit.now_ms(), _ACTIONS[action]
        await self._change(lambda session, person: act(session, person, self.name, now_ms))

    async def place(self, at: int, act: Callable[[Session, SignedIn, str, Place, int], None]) -> None:
        """Leave a cabinet out, or take it in again."""
        if self.found is None:
            return
        cabinet, now_ms = self.found.of_cabinets[at], self.visit.now_ms()
        where = Place(shop=cabinet.shop, cabinet=cabinet.cabinet)
        await self._change(lambda session, person: act(session, person, self.name, where, now_ms))

    async def _change(self, action: Callable[[Session, SignedIn], None]) -> None:
        await attempt(self.visit, lambda: self.visit.change(action))
        await self.part.refresh()
