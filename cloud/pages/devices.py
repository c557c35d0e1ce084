"""A shop's devices: the certificates of its gateway and cabinets, their end, and what happened to them or was tried."""

from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response
from sqlmodel import Session, col

from cloud.devices import happened, listing
from cloud.devices.happened import DeviceLine
from cloud.devices.listing import DeviceView
from cloud.identity import SignedIn
from cloud.pages import role_words
from cloud.pages.audit import clock
from cloud.pages.own_part import OwnPart, ask_first, attempt
from cloud.pages.visit import Visit, show
from cloud.tables import Shop
from cloud.tenancy import NotFoundError, tenant_rows
from cloud.work.shop_time import day_of
from page_kit.address import page
from page_kit.language import Texts
from page_kit.live_part import Ages
from page_kit.look import badge, box, button, empty, heading, link_button, text, title

LINES_SHOWN = 60
BAD = ("refused", "code_refused", "revoked")
TEXTS: Texts = {
    "devices": ("设备与证书", "Devices and certificates"),
    "devices_lead": (
        "{shop} 的网关和货柜，各凭自己的证书说话。被盗的可以立即吊销。",
        "The gateway and the cabinets of {shop} speak by certificates of their own. A stolen one is revoked at once.",
    ),
    "devices_back": ("‹ 店铺与网关", "‹ Shops and gateways"),
    "devices_none": ("还没有证书", "No certificates yet"),
    "devices_none_why": (
        "网关凭入网码入网以后，它和它的货柜会列在这里。",
        "Once its gateway has joined by a code, it and its cabinets stand here.",
    ),
    "kind_gateway": ("网关", "Gateway"),
    "kind_cabinet": ("货柜", "Cabinet"),
    "device_until": ("有效到 {day}", "Good until {day}"),
    "device_ended": ("已过期", "Ended"),
    "device_revoked": ("已吊销", "Revoked"),
    "device_old": ("以前的证书 {count} 张", "Earlier certificates: {count}"),
    "device_revoke": ("吊销", "Revoke"),
    "device_revoke_gateway": (
        "吊销网关 {device} 的证书？从下一次请求起它就会被拒绝。要恢复，须凭新的入网码重新入网。",
        "Revoke the certificate of gateway {device}? It is refused from its next request on, and must join anew.",
    ),
    "device_revoke_cabinet": (
        "吊销货柜 {device} 的证书？网关收到后立即断开它。要恢复，须重新入网。",
        "Revoke the certificate of cabinet {device}? Its gateway cuts it off as soon as it hears; it must enrol anew.",
    ),
    "device_why": ("在网页上吊销", "revoked on the page"),
    "device_cancel": ("取消", "Cancel"),
    "happened": ("发生过什么", "What happened"),
    "happened_none": ("还没有", "Nothing yet"),
    "did_code_made": ("生成入网码", "Code made"),
    "did_code_refused": ("拒绝入网码", "Code refused"),
    "did_enrolled": ("入网", "Joined"),
    "did_renewed": ("续期", "Renewed"),
    "did_refused": ("拒绝", "Refused"),
    "did_revoked": ("吊销", "Revoked"),
    "did_deposit_taken": ("收存备份", "Deposit taken"),
    "did_deposit_given": ("交还备份", "Deposit given back"),
}


@dataclass(frozen=True)
class Found:
    """A shop's certificates, and what happened; times are by its own clock."""

    time_zone: str
    devices: list[DeviceView]
    lines: list[DeviceLine]


def register() -> None:
    """Add the page."""

    @page("/devices")
    async def devices(request: Request, shop: str = "") -> Response | None:
        tables = (role_words.TEXTS, TEXTS)
        return await show(request, tables, lambda visit: _build(visit, shop[:200]), "manage_gateways")


async def _build(visit: Visit, shop: str) -> None:
    shown = _Page(visit, shop)
    name = await visit.read_own(lambda session, person: shown.shop(session, person).name)
    with visit.frame():
        link_button(visit.say("devices_back"), "/gateways", "is-quiet pb-back")
        title(visit.say("devices"), visit.say("devices_lead", shop=name))
        await shown.part.start()


class _Page:
    """The open page."""

    def __init__(self, visit: Visit, shop: str) -> None:
        self.visit, self.say, self._shop = visit, visit.say, shop
        self.part: OwnPart[Found] = OwnPart(visit, self._query, self._draw)

    def shop(self, session: Session, person: SignedIn) -> Shop:
        """The shop's row (`NotFoundError` when it is not one's own)."""
        own = tenant_rows(person.tenant, Shop).where(col(Shop.id) == self._shop)
        row = session.exec(own.where(col(Shop.dealer_id) == person.tenant.dealer)).one_or_none()
        if row is None:
            raise NotFoundError(f"expected a shop of yours, found {self._shop!r}")
        return row

    def _query(self, session: Session, person: SignedIn) -> Found:
        tenant = person.tenant
        found = listing.of_shops(session, tenant, [self._shop])
        lines = happened.lines(session, tenant, shop=self._shop, limit=LINES_SHOWN).lines
        return Found(self.shop(session, person).time_zone, found, lines)

    def _draw(self, found: Found, _ages: Ages) -> None:
        say = self.say
        standing = [each for each in found.devices if not each.revoked_ms]
        if not standing:
            empty(say("devices_none"), say("devices_none_why"))
        with box("pb-cards"):
            for device in standing:
                self._draw_device(device, found.time_zone)
        if old := len(found.devices) - len(standing):
            text(say("device_old", count=old), "pb-soft pb-small pb-gap-above")
        heading(say("happened"))
        if not found.lines:
            text(say("happened_none"), "pb-soft")
        with box("pb-stack"):
            for line in found.lines:
                self._draw_line(line, found.time_zone)

    def _draw_device(self, device: DeviceView, zone: str) -> None:
        say = self.say
        with box("pb-card"):
            with box("pb-row pb-between pb-top"):
                with box("pb-grow"):
                    text(device.device, "pb-card-title")
                    text(say(f"kind_{device.kind}"), "pb-soft pb-small")
                button(say("device_revoke"), lambda: self._ask(device), "is-danger")
            day = day_of(device.not_after_ms, zone)
            if device.not_after_ms < self.visit.now_ms():
                badge(say("device_ended"), "is-wrong")
            else:
                badge(say("device_until", day=day), "is-good")
            text(device.serial, "pb-code pb-small pb-gap-above")

    def _ask(self, device: DeviceView) -> None:
        question = self.say(f"device_revoke_{device.kind}", device=device.device)
        ask_first(
            self.visit, question, self.say("device_revoke"), lambda: self._revoke(device), self.say("device_cancel")
        )

    async def _revoke(self, device: DeviceView) -> None:
        now_ms, why = self.visit.now_ms(), self.say("device_why")

        def end(session: Session, person: SignedIn) -> None:
            listing.revoke(session, person, device.serial, why, now_ms)

        await attempt(self.visit, lambda: self.visit.change(end))
        await self.part.refresh()

    def _draw_line(self, line: DeviceLine, zone: str) -> None:
        known = f"did_{line.what}"
        with box("pb-card pb-device-line"):
            with box("pb-row pb-wrap pb-tight"):
                badge(self.say(known) if known in TEXTS else line.what, "is-wrong" if line.what in BAD else "")
                text(line.target, "pb-strong")
                text(clock(line.at_ms, zone), "pb-soft pb-small")
            told = " · ".join(each for each in (line.detail, line.address) if each)
            if told:
                text(told, "pb-soft pb-small pb-figured pb-fact")
