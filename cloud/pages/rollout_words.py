"""The words of releases and rollouts, and how their states look."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from cloud.pages.addresses import segment
from cloud.pages.work_parts import row
from cloud.rollouts.views import CabinetLine, Cause, RolloutLine, RolloutView, StepLine
from cloud.tables import CabinetFirmware
from page_kit import markup
from page_kit.firmware_reasons import TEXTS as REASONS
from page_kit.firmware_reasons import firmware_reason
from page_kit.language import Say, Texts
from page_kit.markup import Markup, joined

TEXTS: Texts = {
    **REASONS,
    "firmware": ("固件", "Firmware"),
    "state_running": ("进行中", "Under way"),
    "state_paused": ("已暂停", "Paused"),
    "state_stopped": ("已停下", "Stopped"),
    "state_taken_back": ("正在退回", "Being taken back"),
    "state_ended": ("已结束", "Ended"),
    "state_done": ("已完成", "Done"),
    "stage_0": ("先升一个", "One cabinet"),
    "stage_1": ("再升十分之一", "A tenth"),
    "stage_2": ("其余全部", "All others"),
    "cabinet_waiting": ("等待", "Waiting"),
    "cabinet_told": ("已通知", "Told"),
    "cabinet_loading": ("传输中", "Loading"),
    "cabinet_trial": ("试运行", "On trial"),
    "cabinet_confirmed": ("已确认", "Confirmed"),
    "cabinet_returned": ("自动退回", "Went back by itself"),
    "cabinet_refused": ("拒绝安装", "Refused"),
    "cabinet_gateway_old": ("先升级网关", "Update its gateway first"),
    "cabinet_controller_old": ("要到柜前升级", "Update it at the cabinet"),
    "cabinet_excluded": ("不参加", "Left out"),
    "cabinet_not_needed": ("已是该版本", "Ran it already"),
    "cabinet_calling_back": ("正在退回", "Being taken back"),
    "cabinet_went_back": ("已退回", "Taken back"),
    "cabinet_stays": ("无法退回", "Cannot go back"),
    "sign_returned": ("试运行没通过，自己退回", "did not prove itself and went back"),
    "sign_refused": ("控制器拒绝安装", "refused by the controller"),
    "sign_silent": ("升级后没有消息", "not heard of since"),
    "sign_restarts": ("一再重新启动", "starts again and again"),
    "sign_watchdog": ("被看门狗重启", "started anew by the watchdog"),
    "sign_blind": ("有货位没有读数了", "bins give no weight any more"),
    "sign_sensor_errors": ("传感器出错变多", "many more sensor errors"),
    "sign_person": ("有人叫停", "somebody stopped it"),
    "why_signs": ("{of} 个升级过的货柜中 {bad} 个异常：{signs}。", "{bad} of {of} updated cabinets are bad: {signs}."),
    "why_person": ("{name} 叫停了它。", "{name} stopped it."),
    "sign_count": ("{sign}（{count}）", "{sign} ({count})"),
    "did_begun": ("开始升级 {cabinets} 个货柜", "Begun, for {cabinets} cabinets"),
    "did_watched": ("这一批到位，开始观察", "The stage is there; it is watched"),
    "did_stage": ("进入下一批", "The next stage began"),
    "did_another_first": ("换一个货柜先升", "Another cabinet comes first"),
    "did_stopped": ("停下", "Stopped"),
    "did_done": ("完成", "Done"),
    "did_ended": ("结束", "Ended"),
    "did_paused": ("暂停", "Paused"),
    "did_went_on": ("继续", "Went on"),
    "did_resumed": ("继续：有货柜可以升级了", "Went on: there are cabinets that can be updated by now"),
    "did_taken_back": ("退回", "Taken back"),
    "did_left_out": ("不参加：{where}", "Left out: {where}"),
    "did_taken_in": ("重新参加：{where}", "Taken in again: {where}"),
    "step_why": ("{state}：{reason}", "{state}: {reason}"),
    "board": ("控制板", "Board"),
    "version": ("版本", "Version"),
    "to_come": ("要升到", "To become"),
    "starts": ("启动次数", "Starts"),
    "no_updates": (
        "它的网关太旧，还不能升级货柜：先在网关上运行 partsbay gateway update。",
        "Its gateway is too old to update cabinets: run partsbay gateway update there first.",
    ),
    "out_of_reach": ("{count} 个在等网关升级", "Waiting for their gateway: {count}"),
    "out_of_reach_many": (
        "{count} 个货柜的网关太旧，先在这些店的网关上运行 partsbay gateway update：{shops}。",
        "Cabinets whose gateway is too old: {count}. Run partsbay gateway update at {shops}.",
    ),
    "then_by_itself": ("之后它们自动升级到 {version}。", "They get {version} by themselves after that."),
    "then_again": ("之后再给它们升级一次。", "Then roll it out to them once more."),
    "on_trial": ("试运行", "On trial"),
    "by_itself": ("自动", "by itself"),
}
_STATE_KINDS = {
    "running": "is-good",
    "done": "is-good",
    "stopped": "is-wrong",
    "paused": "is-low",
    "taken_back": "is-low",
}
_CABINET_KINDS = {
    "confirmed": "is-good",
    "not_needed": "is-good",
    "returned": "is-wrong",
    "refused": "is-wrong",
    "stays": "is-wrong",
    "trial": "is-low",
    "told": "is-low",
    "loading": "is-low",
    "calling_back": "is-low",
    "gateway_old": "is-low",
    "controller_old": "is-low",
}


def rollout_path(name: str) -> str:
    """The page of a rollout."""
    return f"/releases/rollout?id={segment(name)}"


def state_badge(say: Say, rollout: RolloutLine) -> Markup:
    """How a rollout is."""
    return markup.badge(say(f"state_{rollout.state}"), _STATE_KINDS.get(rollout.state, ""))


def cabinet_badge(say: Say, cabinet: CabinetLine) -> Markup:
    """How a cabinet in it is; what is bad about it goes before."""
    if cabinet.sign is not None and cabinet.state == "confirmed":
        return markup.badge(say(f"sign_{cabinet.sign}"), "is-wrong")
    return markup.badge(say(f"cabinet_{cabinet.state}"), _CABINET_KINDS.get(cabinet.state, ""))


def why(say: Say, cause: Cause) -> str:
    """Why it stopped, with its figures."""
    if cause.kind == "person":
        return say("why_person", name=cause.by)
    comma = "、" if say.language == "zh" else ", "
    signs = comma.join(say("sign_count", sign=say(f"sign_{sign}"), count=count) for sign, count in cause.signs)
    return say("why_signs", of=cause.of, bad=cause.bad, signs=signs)


def step_words(say: Say, step: StepLine) -> str:
    """What happened, in words."""
    told: Mapping[str, Any] = json.loads(step.detail) if step.detail else {}
    if step.cabinet:
        reason = told.get("reason", "")
        state = say(step.what) if step.what in TEXTS else step.what
        return say("step_why", state=state, reason=firmware_reason(say, reason)) if reason else state
    key = f"did_{step.what}"
    figures = {"cabinets": told.get("cabinets", 0), "where": told.get("where", "")}
    return say(key, **figures) if key in TEXTS else step.what


def firmware_card(say: Say, firmware: CabinetFirmware | None, steps: Sequence[StepLine]) -> Markup:
    """What a cabinet's controller runs, and what happened to it in rollouts."""
    head = markup.heading(say("firmware"))
    if firmware is None:
        return joined(head, markup.box("pb-card", markup.box("pb-soft", say("no_updates"))))
    version: list[Markup] = [markup.box("pb-strong", firmware.version)]
    if firmware.trial:
        version.append(markup.badge(say("on_trial"), "is-low"))
    facts = [row(say("version"), markup.box("pb-row pb-tight", *version))]
    if firmware.wanted and firmware.wanted != firmware.version:
        facts.append(row(say("to_come"), firmware.wanted))
    if firmware.board:
        facts.append(row(say("board"), firmware.board))
    if firmware.starts >= 0:
        facts.append(row(say("starts"), str(firmware.starts)))
    lines = [_step_of_cabinet(say, step) for step in steps]
    return joined(head, markup.box("pb-card", markup.box("pb-facts pb-below" if lines else "pb-facts", *facts), *lines))


def _step_of_cabinet(say: Say, step: StepLine) -> Markup:
    """One line of a cabinet's history; it leads to the rollout."""
    return markup.link(
        "pb-line pb-plain-link",
        rollout_path(step.rollout),
        markup.box(
            "pb-grow", markup.box("pb-strong", step.version), markup.box("pb-soft pb-small", step_words(say, step))
        ),
        markup.age(say, step.at_ms, "pb-soft pb-small"),
    )


def out_of_reach(say: Say, rollout: RolloutView) -> Markup:
    """Which cabinets wait for their gateways, and what to do about it; nothing when none does."""
    if not rollout.out_of_reach:
        return Markup()
    shops = sorted({each.shop_name for each in rollout.of_cabinets if each.state == "gateway_old"})
    comma = "、" if say.language == "zh" else ", "
    told = say("out_of_reach_many", count=rollout.out_of_reach, shops=comma.join(shops))
    then = say("then_by_itself", version=rollout.version) if rollout.goes_on else say("then_again")
    return markup.box("pb-trouble pb-gap-above", markup.box("", told), markup.box("pb-small", then))
