"""Certificates of this shop's cabinets: who has one, a code for a new or repaired one, and the end of a stolen one.

A code is made for somebody who may restock or runs the shop, after badging; or for anybody while no cabinet is
connected, for then nobody can badge. It lets in whoever types it in the local network: it is shown here alone.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi import Request
from nicegui import run, ui

from edge_gateway.identity.register import Happened, Issued
from edge_gateway.identity.shop import MadeCode
from edge_gateway.kiosk_frame import CERTIFICATES_PATH, STATUS_PATH, Visit, cabinet_name, is_silent, kiosk_page
from edge_gateway.shop_rows import CabinetNow
from page_kit.address import page
from page_kit.language import Texts
from page_kit.live_part import Ages, live_part
from page_kit.look import badge, box, button, dialog, heading, link_button, text, title

MAY = ("restocker", "shop_owner")
LINES_SHOWN = 12
LOOK_EVERY = 2  # ticks of a second
BAD = ("code_refused", "revoked")
TEXTS: Texts = {
    "certificates": ("货柜证书", "Certificates of the cabinets"),
    "certificates_lead": (
        "每个货柜凭自己的证书连到网关。新装或修好的货柜在这里要入网码，被盗的在这里吊销。",
        "Each cabinet connects by a certificate of its own. A new or repaired one gets its code here; a stolen one is "
        "revoked here.",
    ),
    "certificates_back": ("‹ 状态", "‹ Status"),
    "certificate_until": ("有效到 {day}", "Good until {day}"),
    "certificate_none": ("没有证书", "No certificate"),
    "certificate_enrol": ("入网", "Enrol"),
    "certificate_again": ("换控制器", "Another controller"),
    "certificate_revoke": ("吊销", "Revoke"),
    "certificate_sure": (
        "吊销 {cabinet} 的证书？它会立即断开，重新入网之前开不了柜。",
        "Revoke the certificate of {cabinet}? It is cut off at once, and opens for nobody until it enrols anew.",
    ),
    "certificate_yes": ("吊销", "Revoke"),
    "certificate_no": ("取消", "Cancel"),
    "certificate_ended": ("已吊销 {cabinet} 的证书", "The certificate of {cabinet} is revoked"),
    "need_restocker": ("请补货员或店主先刷卡", "Somebody who restocks or runs the shop must badge first"),
    "enrol_title": ("{cabinet} 的入网码", "The code for {cabinet}"),
    "enrol_lead": (
        "在装柜的电脑上输入。只能用一次。",
        "Type it into the computer that sets the cabinet up. It works once.",
    ),
    "enrol_left": ("还有 {minutes} 分 {seconds} 秒", "{minutes} min {seconds} s left"),
    "enrol_over": ("已过期：请另要一个", "It has expired: make another"),
    "enrol_used": ("货柜已入网", "The cabinet has joined"),
    "enrol_by": ("由 {name} 要求", "Asked for by {name}"),
    "enrol_print": ("核对本店指纹", "The shop's fingerprint, to compare"),
    "enrol_close": ("关闭", "Close"),
    "nobody_badged": ("没有人刷卡", "nobody who badged"),
    "happened": ("发生过什么", "What happened"),
    "did_code_made": ("生成入网码", "Code made"),
    "did_code_withdrawn": ("作废入网码", "Code withdrawn"),
    "did_code_refused": ("拒绝入网码", "Code refused"),
    "did_enrolled": ("入网", "Joined"),
    "did_renewed": ("续期", "Renewed"),
    "did_revoked": ("吊销", "Revoked"),
}


@dataclass(frozen=True, slots=True)
class Found:
    """The cabinets, what each has in force, and what happened."""

    cabinets: tuple[CabinetNow, ...]
    in_force: tuple[Issued | None, ...]
    lines: tuple[Happened, ...]


def register() -> None:
    """Add the page to the kiosk."""

    @page(CERTIFICATES_PATH)
    def certificates(request: Request) -> None:
        visit = Visit(request, TEXTS)
        with kiosk_page(visit):
            link_button(visit.say("certificates_back"), STATUS_PATH, "is-quiet pb-back")
            title(visit.say("certificates"), visit.say("certificates_lead"))
            live_part(visit.say, lambda: _look(visit), lambda found, ages: _draw(visit, found, ages), visit.changes)


def _look(visit: Visit) -> Found:
    shop = visit.gateway.identity.shop
    cabinets = tuple(visit.view.now().cabinets)
    in_force = tuple(shop.in_force(each.cabinet.id) for each in cabinets)
    return Found(cabinets, in_force, tuple(shop.happened(LINES_SHOWN)))


def _draw(visit: Visit, found: Found, ages: Ages) -> None:
    with box("pb-cards"):
        for cabinet, issued in zip(found.cabinets, found.in_force, strict=True):
            _draw_cabinet(visit, cabinet, issued)
    names = {each.cabinet.id: cabinet_name(visit.say, each.cabinet) for each in found.cabinets}
    if found.lines:
        heading(visit.say("happened"))
    with box("pb-stack"):
        for line in found.lines:
            _draw_line(visit, line, names, ages)


def _draw_cabinet(visit: Visit, found: CabinetNow, issued: Issued | None) -> None:
    say = visit.say
    with box("pb-card"):
        text(cabinet_name(say, found.cabinet), "pb-strong")
        if issued is None:
            badge(say("certificate_none"), "is-low")
        else:
            day = f"{datetime.fromtimestamp(issued.not_after_ms / 1000, UTC):%Y-%m-%d}"
            badge(say("certificate_until", day=day), "is-good")
        with box("pb-buttons pb-gap-above"):
            label = say("certificate_enrol" if issued is None else "certificate_again")
            button(label, lambda: _enrol(visit, found), "is-main" if issued is None else "is-quiet")
            if issued is not None:
                button(say("certificate_revoke"), lambda: _ask_to_revoke(visit, found), "is-danger")


def _draw_line(visit: Visit, line: Happened, names: dict[str, str], ages: Ages) -> None:
    known = f"did_{line.what}"
    with box("pb-card pb-device-line"):
        with box("pb-row pb-wrap pb-tight"):
            badge(visit.say(known) if known in TEXTS else line.what, "is-wrong" if line.what in BAD else "")
            text(names.get(line.cabinet, line.cabinet) or "–", "pb-strong")
            ages.show(line.at_ms)
        told = " · ".join(each for each in (line.detail, line.address) if each)
        if told:
            text(told, "pb-soft pb-small pb-fact")


def _may(visit: Visit) -> bool:
    """Whether somebody who may is at the kiosk; anybody, while nobody can badge anywhere."""
    now_ms = visit.gateway.now_ms()
    if all(is_silent(each.status, now_ms) or not each.status.online for each in visit.view.now().cabinets):
        return True
    at = visit.look_for_person()
    return at is not None and any(each.id == at.person and each.role in MAY for each in visit.view.document.people)


async def _enrol(visit: Visit, found: CabinetNow) -> None:
    if not _may(visit):
        visit.tell(visit.say("need_restocker"), "warning")
        return
    by = visit.person.name if visit.person else visit.say("nobody_badged")
    identity = visit.gateway.identity

    def make() -> MadeCode:
        made = identity.shop.make_code(found.cabinet.id, by)
        identity.look_now()
        return made

    made = await run.io_bound(make)
    if made is not None:  # the program is ending
        _show_code(visit, made, cabinet_name(visit.say, found.cabinet), by)


def _show_code(visit: Visit, made: MadeCode, name: str, by: str) -> None:
    say, shop = visit.say, visit.gateway.identity.shop
    with dialog(visit.page) as shown, box("pb-stack"):
        text(say("enrol_title", cabinet=name), "pb-question")
        text(say("enrol_lead"), "pb-soft")
        code = text(made.code.text, "pb-enrol-code")
        left = text("", "pb-center pb-strong").props("role=status")
        text(say("enrol_by", name=by), "pb-center pb-soft pb-small")
        text(say("enrol_print"), "pb-label")
        text(shop.shown_fingerprint(), "pb-code pb-secret")
        with box("pb-buttons"):
            button(say("enrol_close"), shown.close, "is-quiet")
        ticks = 0

        def tick() -> None:
            nonlocal ticks
            left_s = (made.expires_ms - visit.gateway.now_ms()) // 1000
            is_open = left_s > 0 and (ticks % LOOK_EVERY or _is_open(visit, made))
            ticks += 1
            if is_open:
                left.text = say("enrol_left", minutes=left_s // 60, seconds=f"{left_s % 60:02}")
                return
            left.text = say("enrol_over" if left_s <= 0 else "enrol_used")
            left.classes(add="is-wrong" if left_s <= 0 else "is-good")
            code.classes(add="is-over")
            timer.cancel()

        timer = ui.timer(1.0, tick)
        shown.on("hide", timer.cancel)


def _is_open(visit: Visit, made: MadeCode) -> bool:
    shop = visit.gateway.identity.shop
    kept = shop.register.open_code(made.cabinet, visit.gateway.now_ms())
    return kept is not None and kept.name == made.code.name


def _ask_to_revoke(visit: Visit, found: CabinetNow) -> None:
    say, name = visit.say, cabinet_name(visit.say, found.cabinet)
    if not _may(visit):
        visit.tell(say("need_restocker"), "warning")
        return
    by = visit.person.name if visit.person else say("nobody_badged")

    async def revoke() -> None:
        asked.close()
        await run.io_bound(visit.gateway.identity.shop.revoke, found.cabinet.id, "", by)
        visit.tell(say("certificate_ended", cabinet=name), "positive")

    with dialog(visit.page) as asked:
        text(say("certificate_sure", cabinet=name), "pb-question")
        with box("pb-buttons pb-gap-above"):
            button(say("certificate_yes"), revoke, "is-danger")
            button(say("certificate_no"), asked.close, "is-quiet")
