"""Releases of the controllers' firmware: what runs where, what is under way, and what was put up."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from nicegui import ui
from sqlmodel import Session

from cloud.pages import role_words, rollout_words, work_parts
from cloud.pages.own_part import ask_first, attempt
from cloud.pages.rollout_words import rollout_path, state_badge, why
from cloud.pages.typed_clock import typed_end, typed_minute
from cloud.pages.visit import Visit, show
from cloud.pages.work_parts import Part, press
from cloud.people.rules import RefusedError
from cloud.rollouts import beginning, listing, releases
from cloud.rollouts.releases import ReleaseView
from cloud.rollouts.versions import order
from cloud.rollouts.views import Fleet, NewRollout, RolloutLine, VersionShare
from cloud.tenancy import TenantId
from page_kit import markup
from page_kit.address import page
from page_kit.fields import Checks, Choice, Field
from page_kit.language import Texts
from page_kit.look import box, button, dialog, text, title
from page_kit.markup import Markup, joined

SHOWN = 50
CAREFULLY = {"careful": [2880, 4320, 4320], "usual": [1440, 1440, 1440], "quick": [60, 120, 240]}
TEXTS: Texts = {
    "tab_title": ("固件升级", "Firmware"),
    "lead": (
        "先升一个货柜，再升十分之一，最后全部；发现异常自动停下。",
        "One cabinet first, then a tenth, then all; it stops by itself when something is wrong.",
    ),
    "runs": ("现在运行的版本", "What runs now"),
    "unknown": ("不清楚", "not known"),
    "of_cabinets": ("{count} 个货柜 · {shops} 家店", "Cabinets: {count} · shops: {shops}"),
    "silent": ("其中 {count} 个超过一天没有消息", "{count} of them not heard of for a day"),
    "on_trial": ("{count} 个在试运行", "{count} on trial"),
    "old_gateways": (
        "{count} 家店的网关要先升级，才能给货柜升级。",
        "Shops whose gateway must be updated before their cabinets can be: {count}.",
    ),
    "old_controllers": (
        "{count} 个货柜的控制器太旧，要到柜前用电脑升级一次。",
        "Cabinets too old to be updated over the network: {count}. Once at the cabinet, with a laptop.",
    ),
    "no_cabinets": ("还没有货柜报告过", "No cabinet has been heard of yet"),
    "under_way": ("正在升级", "Under way"),
    "reached": ("{through} / {cabinets} 个货柜", "{through} of {cabinets} cabinets"),
    "see_it": ("查看", "See it"),
    "put_up": ("发布的固件", "Releases"),
    "upload": ("上传固件包", "Put up a bundle"),
    "upload_why": (
        "只接受发布密钥签过名的包。上传不会改动任何货柜。",
        "Only bundles signed by a release key are taken. Putting one up changes no cabinet.",
    ),
    "no_releases": ("还没有发布", "No releases yet"),
    "no_releases_why": ("上传一个签过名的固件包。", "Put up a signed bundle of firmware."),
    "from_operator": ("平台提供", "From the operator"),
    "own": ("自己上传", "Your own"),
    "older_than": ("旧版本", "Older than others"),
    "withdrawn": ("已撤回", "Withdrawn"),
    "for_boards": ("适用：{boards}", "For {boards}"),
    "all_boards": ("所有控制器", "every board"),
    "size": ("{kb} KB · 密钥 {signed}", "{kb} KB · key {signed}"),
    "begin": ("开始升级", "Roll out"),
    "withdraw": ("撤回", "Withdraw"),
    "withdraw_sure": (
        "撤回 {version}？不会再有货柜开始装它；已经装了的照常运行。",
        "Withdraw {version}? No cabinet begins to get it any more; those that run it go on.",
    ),
    "keep_it": ("不撤回", "Keep it"),
    "before": ("以前的升级", "Rollouts before"),
    "begin_question": ("升级到 {version}", "Roll {version} out"),
    "begin_why": (
        "货柜空闲、门都关着时才安装；试运行没通过就自动退回旧版本。",
        "Installed while the cabinet is at rest and shut; what does not prove itself goes back by itself.",
    ),
    "care": ("每一批观察多久", "How long each stage is watched"),
    "careful": ("谨慎", "Careful"),
    "careful_why": ("三批依次两天、三天、三天", "One for two days, a tenth for three, all for three"),
    "usual": ("平常", "As usual"),
    "usual_why": ("每批一天", "A day each"),
    "quick": ("尽快", "Quick"),
    "quick_why": ("三批依次一、二、四小时：紧急修复用", "One, two and four hours: to mend something"),
    "from": ("店里几点起（可不填）", "From (the shop's time)"),
    "to": ("店里几点止（可不填）", "To (the shop's time)"),
    "pace": ("每小时最多开始几个", "Cabinets an hour, at most"),
    "when_bad": ("如果停下", "If it stops"),
    "takes_back": ("已经确认的也自动退回旧版本", "Order confirmed cabinets back as well, by itself"),
    "downgrade": ("版本比现在的旧，确认要降级", "It is older than what runs, and that is meant"),
    "go": ("开始", "Begin"),
    "cancel": ("取消", "Cancel"),
    "one_at_a_time": (
        "一次只能有一个升级：先等上面的完成或结束。",
        "Only one rollout at a time: the one above must be done or ended first.",
    ),
}
TABLES = (role_words.TEXTS, work_parts.TEXTS, rollout_words.TEXTS, TEXTS)
_SEND = """(event) => {
  const file = event.target.files[0], said = document.getElementById("pb-sent");
  if (!file) return;
  const send = (older) => fetch("/api/releases?older=" + older, {
    method: "POST", headers: {"Content-Type": "application/octet-stream"}, body: file,
  }).then(async (answer) => {
    if (answer.ok) { location.reload(); return; }
    const told = await answer.json().catch(() => ({}));
    said.textContent = typeof told.detail === "string" ? told.detail : String(answer.status);
  }).catch(() => { said.textContent = "–"; });
  said.textContent = "…"; send("false"); event.target.value = "";
}"""
_COLOURS = ("var(--accent)", "#7fb49b", "#c9a24b", "#a7aaa6", "#8d94b8", "#c98f86")


@dataclass(frozen=True)
class Found:
    """What the page shows."""

    fleet: Fleet
    releases: list[ReleaseView]
    rollouts: list[RolloutLine]


def register() -> None:
    """Add the page."""

    @page("/releases")
    async def all_releases(request: Request) -> Response | None:
        return await show(request, TABLES, lambda visit: _Page(visit).build(), "manage_gateways")


class _Page:
    """The open page."""

    def __init__(self, visit: Visit) -> None:
        self.visit, self.say = visit, visit.say
        self.known: dict[str, ReleaseView] = {}

    def query(self, session: Session, tenant: TenantId) -> Found:
        """What runs, what was put up, what is and was under way."""
        now_ms = self.visit.now_ms()
        return Found(
            listing.fleet(session, tenant, now_ms),
            sorted(releases.releases(session, tenant, limit=SHOWN), key=lambda each: order(each.version), reverse=True),
            listing.rollouts(session, tenant, now_ms, limit=SHOWN),
        )

    async def build(self) -> None:
        """The head, the upload, and the rest as it changes."""
        found = await self.visit.read(self.query)
        with self.visit.frame():
            title(self.say("tab_title"), self.say("lead"))
            self.part = Part(self.visit, self.query, self.draw, found)
            self.part.on("begin", self.ask_begin)
            self.part.on("withdraw", self.ask_withdraw)
            self._draw_upload()

    def _draw_upload(self) -> None:
        with box("pb-card pb-gap-above"):
            with box("pb-row pb-wrap"):
                with box("pb-button is-quiet pb-file", "label"):
                    text(self.say("upload"), "", "span")
                    made = box("", "input").props("type=file")
                    made.props["aria-label"] = self.say("upload")
                    made.on("change", js_handler=_SEND)
                text("", "pb-strong").props("id=pb-sent role=status")
            text(self.say("upload_why"), "pb-soft pb-small pb-gap-above")

    # ---- what is drawn ----

    def draw(self, found: Found) -> Markup:
        """What is under way first, then what runs, then releases."""
        self.known = {each.id: each for each in found.releases}
        current = [each for each in found.rollouts if each.state in beginning.UNDER_WAY]
        past = [each for each in found.rollouts if each not in current]
        return joined(
            *(self._rollout(each) for each in current),
            self._fleet(found.fleet),
            self._releases(found.releases, can_begin=not current),
            self._past(past),
        )

    def _rollout(self, rollout: RolloutLine) -> Markup:
        say, kind = self.say, "is-alert" if rollout.state == "stopped" else "is-live"
        cause = markup.box("pb-gap-above", why(say, rollout.why)) if rollout.why else Markup()
        where = say(f"stage_{min(rollout.stage, 2)}")
        reached = say("reached", through=rollout.through, cabinets=rollout.cabinets)
        return markup.link(
            f"pb-card {kind} pb-plain-link pb-below",
            rollout_path(rollout.id),
            markup.box(
                "pb-row pb-between pb-top",
                markup.box("pb-card-title", f"{say('firmware')} {rollout.version}"),
                state_badge(say, rollout),
            ),
            markup.box(
                "pb-row pb-between pb-wrap pb-gap-above", markup.box("", where), markup.box("pb-strong", reached)
            ),
            bar(rollout.through, rollout.cabinets, rollout.bad),
            self._out_of_reach(rollout),
            cause,
        )

    def _out_of_reach(self, rollout: RolloutLine) -> Markup:
        told = self.say("out_of_reach", count=rollout.out_of_reach)
        return markup.box("pb-small is-low", told) if rollout.out_of_reach else Markup()

    def _fleet(self, fleet: Fleet) -> Markup:
        say = self.say
        if not fleet.cabinets:
            return markup.box("pb-below", markup.empty(say("no_cabinets")))
        notes = [
            say(key, count=count)
            for key, count in (
                ("on_trial", fleet.on_trial),
                ("old_gateways", fleet.old_gateways),
                ("old_controllers", fleet.old_controllers),
            )
            if count
        ]
        return markup.box(
            "pb-card pb-below",
            markup.box("pb-card-title", say("runs")),
            _shares(fleet.versions, fleet.cabinets),
            *(self._share(share, at, fleet.cabinets) for at, share in enumerate(fleet.versions)),
            *(markup.box("pb-soft pb-small pb-gap-above", note) for note in notes),
        )

    def _share(self, share: VersionShare, at: int, cabinets: int) -> Markup:
        say = self.say
        silent = markup.box("pb-soft pb-small", say("silent", count=share.silent)) if share.silent else Markup()
        dot = markup.tag("span", class_="pb-dot", style=f"background:{_COLOURS[min(at, len(_COLOURS) - 1)]}")
        return markup.box(
            "pb-line",
            dot,
            markup.box("pb-grow", markup.box("pb-strong", share.version or say("unknown")), silent),
            markup.box(
                "pb-line-end",
                markup.box("", f"{round(100 * share.cabinets / cabinets)} %"),
                markup.box("pb-soft pb-small", say("of_cabinets", count=share.cabinets, shops=share.shops)),
            ),
        )

    def _releases(self, found: Sequence[ReleaseView], *, can_begin: bool) -> Markup:
        say = self.say
        if not found:
            return joined(markup.heading(say("put_up")), markup.empty(say("no_releases"), say("no_releases_why")))
        cards = [self._release(each, can_begin=can_begin) for each in found]
        wait = Markup() if can_begin else markup.box("pb-soft pb-gap-below", say("one_at_a_time"))
        return joined(markup.heading(say("put_up")), wait, markup.box("pb-cards", *cards))

    def _release(self, release: ReleaseView, *, can_begin: bool) -> Markup:
        say = self.say
        notes = say.name(release.notes.zh, release.notes.en)
        buttons = []
        if release.withdrawn_ms is None:
            if can_begin:
                buttons.append(press(say("begin"), "begin", release.id, "is-main"))
            if release.of == "dealer":
                buttons.append(press(say("withdraw"), "withdraw", release.id, "is-quiet"))
        boards = ", ".join(release.boards) or say("all_boards")
        kb = f"{release.bytes / 1000:.0f}"
        return markup.box(
            "pb-card",
            markup.box(
                "pb-row pb-between pb-top",
                markup.box("pb-card-title", release.version),
                markup.box("pb-row pb-wrap pb-tight", *self._badges(release)),
            ),
            markup.box("pb-gap-above", notes) if notes else Markup(),
            markup.box("pb-soft pb-small pb-gap-above", say("for_boards", boards=boards)),
            markup.box("pb-soft pb-small", say("size", kb=kb, signed=release.key)),
            markup.box(
                "pb-row pb-tight pb-soft pb-small",
                markup.tag("span", release.made_by),
                markup.age(say, release.made_ms, "pb-soft"),
            ),
            markup.box("pb-buttons pb-gap-above", *buttons) if buttons else Markup(),
        )

    def _badges(self, release: ReleaseView) -> list[Markup]:
        say = self.say
        made = [markup.badge(say("from_operator" if release.of == "operator" else "own"))]
        if release.is_older:
            made.append(markup.badge(say("older_than"), "is-low"))
        if release.withdrawn_ms is not None:
            made.append(markup.badge(say("withdrawn"), "is-wrong"))
        return made

    def _past(self, found: Sequence[RolloutLine]) -> Markup:
        if not found:
            return Markup()
        lines = [
            markup.link(
                "pb-line pb-plain-link",
                rollout_path(each.id),
                markup.box(
                    "pb-grow",
                    markup.box(
                        "pb-row pb-wrap pb-tight", markup.box("pb-strong", each.version), state_badge(self.say, each)
                    ),
                    markup.box("pb-soft pb-small", each.made_by),
                    self._out_of_reach(each),
                ),
                markup.box(
                    "pb-line-end",
                    markup.box("", self.say("reached", through=each.through, cabinets=each.cabinets)),
                    markup.age(self.say, each.changed_ms, "pb-soft pb-small"),
                ),
            )
            for each in found
        ]
        return joined(markup.heading(self.say("before")), markup.box("pb-card", *lines))

    # ---- what is pressed ----

    def ask_begin(self, name: str) -> None:
        """How carefully, and when."""
        say, release = self.say, self.known[name]
        with dialog(self.visit.page) as asked, box("pb-stack"):
            text(say("begin_question", version=release.version), "pb-question")
            text(say("begin_why"), "pb-soft pb-small")
            care = Choice(say("care"), {key: (say(key), say(f"{key}_why")) for key in CAREFULLY}, "usual")
            with box("pb-fields"):
                from_ = Field(say("from"), hint="19:00")
                to = Field(say("to"), hint="7:00")
                pace = Field(say("pace"), "20", "number")
            options = {key: say(key) for key in ("takes_back", "downgrade")}
            chosen = Checks(say("when_bad"), options)

            async def go() -> None:
                more: dict[str, Any] = {key: key in chosen.chosen for key in options}

                async def begin() -> str:
                    wanted = NewRollout(
                        release=name,
                        soak_min=CAREFULLY[care.value],
                        from_min=_minute(from_.value, typed_minute),
                        to_min=_minute(to.value, typed_end),
                        pace=_pace(pace.value),
                        **more,
                    )
                    now_ms = self.visit.now_ms()
                    return await self.visit.change(lambda s, p: beginning.begin(s, p, wanted, now_ms).id)

                made = await attempt(self.visit, begin)
                if made:
                    asked.close()
                    ui.navigate.to(rollout_path(made))

            with box("pb-buttons"):
                button(say("go"), go, "is-main")
                button(say("cancel"), asked.close, "is-quiet")

    def ask_withdraw(self, name: str) -> None:
        """Only when it is meant."""
        say, release = self.say, self.known[name]

        async def go() -> None:
            now_ms = self.visit.now_ms()
            await attempt(self.visit, lambda: self.visit.change(lambda s, p: releases.withdraw(s, p, name, now_ms)))
            await self.part.refresh()

        question = say("withdraw_sure", version=release.version)
        ask_first(self.visit, question, say("withdraw"), go, say("keep_it"))


def bar(through: int, of: int, bad: int) -> Markup:
    """How far something has come; what is bad stands at its end."""
    of = max(1, of)
    fills = [markup.tag("div", class_="pb-bar-fill", style=f"width:{100 * through / of:.1f}%")]
    if bad:
        left, width = 100 * max(0, through - bad) / of, 100 * bad / of
        style = f"left:{left:.1f}%;right:auto;width:{max(width, 2):.1f}%"
        fills.append(markup.tag("div", class_="pb-bar-fill is-wrong", style=style))
    return markup.box("pb-bar", *fills)


def _shares(shares: Sequence[VersionShare], cabinets: int) -> Markup:
    pieces = [
        markup.tag(
            "div",
            style=f"width:{100 * share.cabinets / cabinets:.2f}%;background:{_COLOURS[min(at, len(_COLOURS) - 1)]}",
        )
        for at, share in enumerate(shares)
    ]
    return markup.box("pb-shares", *pieces, aria_hidden="true")


def _minute(typed: str, read: Any) -> int | None:
    if not typed.strip():
        return None
    minute: int | None = read(typed)
    if minute is None:
        raise RefusedError(f"expected a time such as 19:00, found {typed[:20]!r}")
    return minute % 1440


def _pace(typed: str) -> int:
    if not typed.strip().isdecimal() or not 1 <= int(typed) <= 1000:
        raise RefusedError(f"expected 1 to 1000 cabinets an hour, found {typed[:20]!r}")
    return int(typed)
