"""Shops and their gateways: open a shop, say where it is, register its gateway, replace its key, withdraw it."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import Response
from sqlmodel import Session, col

from cloud import gateway_keys, shop_edit
from cloud.devices import codes
from cloud.devices.codes import CodeMade
from cloud.gateway_keys import GatewayKey, GatewayView
from cloud.identity import SignedIn
from cloud.pages import device_code, role_words
from cloud.pages.addresses import segment
from cloud.pages.device_code import show_code
from cloud.pages.own_part import OwnPart, ask_first, attempt, show_secret
from cloud.pages.visit import Visit, show
from cloud.people.rules import RefusedError
from cloud.shop_edit import Facts, facts_of
from cloud.tables import Shop
from cloud.tenancy import tenant_rows
from page_kit.address import page
from page_kit.fields import Field
from page_kit.language import Texts
from page_kit.live_part import Ages
from page_kit.look import badge, box, button, dialog, empty, link_button, text, title

SHOPS_SHOWN = 40
TEXTS: Texts = {
    "gateways": ("店铺与网关", "Shops and gateways"),
    "gateways_lead": (
        "每个店铺有一个网关，凭入网码入网。",
        "Each shop has one gateway. It joins by a code.",
    ),
    "shop_open": ("新开店铺", "Open a shop"),
    "shop_none": ("还没有店铺", "No shops yet"),
    "shop_find": ("按店名查找", "Find a shop by name"),
    "shop_find_go": ("查找", "Find"),
    "shop_before": ("上一页", "Page before"),
    "shop_behind": ("下一页", "Next page"),
    "shop_edit": ("店铺资料", "Edit the shop"),
    "shop_name": ("店名", "Name"),
    "shop_address": ("地址", "Address"),
    "shop_latitude": ("纬度（度，可不填）", "Latitude (degrees, may be empty)"),
    "shop_longitude": ("经度（度，可不填）", "Longitude (degrees, may be empty)"),
    "shop_zone": ("时区", "Time zone"),
    "shop_keep": ("保存", "Save"),
    "gw_enrol": ("入网", "Enrol"),
    "gw_replace_sure": (
        "{shop} 已有网关 {gateway}。换一台？新机器用了入网码，旧的就会被拒绝，账和货柜都接着用。",
        "{shop} has the gateway {gateway}. Another machine in its place? The old one is refused once the code is used; "
        "books and cabinets go on.",
    ),
    "gw_make_code": ("生成入网码", "Make a code"),
    "gw_devices": ("设备与证书", "Devices"),
    "gw_register": ("登记网关（用密钥）", "Register with a key"),
    "gw_none": ("没有网关", "No gateway"),
    "gw_never": ("从未联系", "Never heard of"),
    "gw_heard": ("上次联系", "Last contact"),
    "gw_waiting": ("待上传 {count} 条", "Waiting to be sent: {count}"),
    "gw_key": ("更换密钥", "Replace its key"),
    "gw_key_sure": (
        "更换 {gateway} 的密钥？旧密钥立即失效，网关在换上新密钥之前连不上。",
        "Replace the key of {gateway}? The old one ends at once: the gateway is out until it has the new one.",
    ),
    "gw_withdraw": ("停用", "Withdraw"),
    "gw_withdraw_sure": (
        "停用 {gateway}？它会立即被拒绝，已经上传的数据会保留。",
        "Withdraw {gateway}? It is refused at once; what it sent stays.",
    ),
    "gw_made": ("网关的密钥", "The gateway's key"),
    "gw_made_lead": (
        "只显示这一次。把它写进店里的 gateway.toml。",
        "It is shown this once. Put it into the shop's gateway.toml.",
    ),
    "gw_copy": ("复制", "Copy"),
    "gw_copied": ("已复制", "Copied"),
    "gw_close": ("关闭", "Close"),
    "gw_cancel": ("取消", "Cancel"),
}


@dataclass(frozen=True)
class Asked:
    """Which shops are to be shown."""

    find: str
    page: int


@dataclass(frozen=True)
class Found:
    """A shop, what is said of it, and its gateway."""

    id: str
    facts: Facts
    gateway: GatewayView | None


def register() -> None:
    """Add the page."""

    @page("/gateways")
    async def gateways(request: Request, find: str = "", page: int = 1) -> Response | None:
        asked = Asked(find.strip()[:100], min(max(1, page), 10_000))
        tables = (role_words.TEXTS, device_code.TEXTS, TEXTS)
        return await show(request, tables, lambda visit: _build(visit, asked), "manage_gateways")


async def _build(visit: Visit, asked: Asked) -> None:
    with visit.frame():
        page = _Page(visit, asked)
        with box("pb-row pb-between pb-top"):
            with box():
                title(visit.say("gateways"), visit.say("gateways_lead"))
            button(visit.say("shop_open"), page.ask_shop, "is-main")
        _draw_find(visit, asked)
        await page.part.start()


def _draw_find(visit: Visit, asked: Asked) -> None:
    """A plain form: it works with hundreds of shops as with ten."""
    with box("pb-row pb-wrap pb-filters", "form").props("method=get action=/gateways"):
        made = box("pb-field pb-find", "input").props("type=search name=find")
        made.props["value"] = asked.find
        made.props["placeholder"] = made.props["aria-label"] = visit.say("shop_find")
        text(visit.say("shop_find_go"), "pb-button is-quiet", "button").props("type=submit")


class _Page:
    """The open page: what is shown, and what may be done with it."""

    def __init__(self, visit: Visit, asked: Asked) -> None:
        self.visit, self.say, self._asked = visit, visit.say, asked
        self.part: OwnPart[list[Found]] = OwnPart(visit, self._query, self._draw)

    def _query(self, session: Session, person: SignedIn) -> list[Found]:
        tenant = person.tenant
        own = tenant_rows(tenant, Shop).where(col(Shop.dealer_id) == tenant.dealer)
        if self._asked.find:
            own = own.where(col(Shop.name).icontains(self._asked.find, autoescape=True))
        skipped = (self._asked.page - 1) * SHOPS_SHOWN
        own = own.order_by(col(Shop.name), col(Shop.id)).offset(skipped).limit(SHOPS_SHOWN + 1)
        gateways = {row.shop: row for row in gateway_keys.all_gateways(session, tenant, self.visit.now_ms())}
        return [Found(row.id, facts_of(row), gateways.get(row.id)) for row in session.exec(own)]

    def _draw(self, found: list[Found], ages: Ages) -> None:
        if not found:
            empty(self.say("shop_none"))
        with box("pb-stack"):
            for shop in found[:SHOPS_SHOWN]:
                self._draw_shop(shop, ages)
        with box("pb-buttons pb-gap-above"):
            for key, page in (("shop_before", self._asked.page - 1), ("shop_behind", self._asked.page + 1)):
                if 0 < page < self._asked.page or (page > self._asked.page and len(found) > SHOPS_SHOWN):
                    query = urlencode({"find": self._asked.find, "page": page})
                    link_button(self.say(key), f"/gateways?{query}", "is-quiet")

    def _draw_shop(self, shop: Found, ages: Ages) -> None:
        say = self.say
        with box("pb-card pb-person pb-many"):
            with box("pb-grow"):
                text(shop.facts.name, "pb-card-title")
                if shop.facts.address:
                    text(shop.facts.address, "pb-soft")
                if shop.gateway is None:
                    badge(say("gw_none"), "is-low")
                else:
                    self._draw_gateway(shop.gateway, ages)
            with box("pb-buttons"):
                button(say("gw_enrol"), lambda: self._ask_code(shop), "is-main" if shop.gateway is None else "is-quiet")
                link_button(say("gw_devices"), f"/devices?shop={segment(shop.id)}", "is-quiet")
                button(say("shop_edit"), lambda: self.ask_shop(shop), "is-quiet")
                if shop.gateway is None:
                    button(say("gw_register"), lambda: self._register(shop.id), "is-quiet")
                else:
                    self._draw_buttons(shop.gateway)

    def _draw_gateway(self, gateway: GatewayView, ages: Ages) -> None:
        say = self.say
        with box("pb-row pb-wrap pb-tight pb-small"):
            text(gateway.id, "pb-code")
            if gateway.last_contact_age_ms is None:
                badge(say("gw_never"), "is-low")
                return
            text(say("gw_heard"), "pb-soft")
            ages.show(self.visit.then_ms(gateway.last_contact_age_ms), "")
            if gateway.backlog:
                badge(say("gw_waiting", count=gateway.backlog), "is-low")

    def _draw_buttons(self, gateway: GatewayView) -> None:
        say, name = self.say, gateway.id
        key_sure, end_sure = (say(f"gw_{what}_sure", gateway=name) for what in ("key", "withdraw"))

        def key() -> None:
            ask_first(self.visit, key_sure, say("gw_key"), lambda: self._replace(name), say("gw_cancel"))

        def end() -> None:
            ask_first(self.visit, end_sure, say("gw_withdraw"), lambda: self._withdraw(name), say("gw_cancel"))

        button(say("gw_key"), key, "is-quiet")
        button(say("gw_withdraw"), end, "is-danger")

    # ---- what is done ----

    async def _ask_code(self, shop: Found) -> None:
        if shop.gateway is None:
            await self._make_code(shop)
            return
        sure = self.say("gw_replace_sure", shop=shop.facts.name, gateway=shop.gateway.id)
        ask_first(self.visit, sure, self.say("gw_make_code"), lambda: self._make_code(shop), self.say("gw_cancel"))

    async def _make_code(self, shop: Found) -> None:
        services, now_ms = self.visit.services, self.visit.now_ms()

        def make(session: Session, person: SignedIn) -> CodeMade:
            return codes.make(session, person, shop.id, services.devices.vault.pepper, now_ms)

        made = await attempt(self.visit, lambda: self.visit.change(make))
        if made is not None:
            show_code(self.visit, made, shop.facts.name, self._address())

    def _address(self) -> str:
        """How gateways reach this cloud."""
        return self.visit.services.settings.public_url or str(self.visit.request.base_url).rstrip("/")

    async def _register(self, shop: str) -> None:
        now_ms = self.visit.now_ms()
        await self._get_key(lambda session, person: gateway_keys.register(session, person, shop, now_ms))

    async def _replace(self, gateway: str) -> None:
        now_ms = self.visit.now_ms()
        await self._get_key(lambda session, person: gateway_keys.replace_key(session, person, gateway, now_ms))

    async def _get_key(self, action: Callable[[Session, SignedIn], GatewayKey]) -> None:
        made = await attempt(self.visit, lambda: self.visit.change(action))
        await self.part.refresh()
        if made is None:
            return
        base = self._address()
        lines = f'gateway = "{made.gateway}"\n\n[cloud]\nurl = "{base}"\nkey = "{made.key}"'
        words = {key: self.say(f"gw_{key}") for key in ("copy", "copied", "close")}
        show_secret(self.visit, self.say("gw_made"), self.say("gw_made_lead"), lines, **words)

    async def _withdraw(self, gateway: str) -> None:
        now_ms = self.visit.now_ms()
        await attempt(self.visit, lambda: self.visit.change(lambda s, p: gateway_keys.withdraw(s, p, gateway, now_ms)))
        await self.part.refresh()

    def ask_shop(self, shop: Found | None = None) -> None:
        """What is to be said of a shop, or of a new one."""
        say, facts = self.say, shop.facts if isinstance(shop, Found) else Facts("")
        with dialog(self.visit.page) as asked, box("pb-stack"):
            text(say("shop_edit") if facts.name else say("shop_open"), "pb-question")
            name = Field(say("shop_name"), facts.name)
            address = Field(say("shop_address"), facts.address)
            latitude = Field(say("shop_latitude"), degrees(facts.latitude_e6), hint="36.067")
            longitude = Field(say("shop_longitude"), degrees(facts.longitude_e6), hint="120.383")
            zone = Field(say("shop_zone"), facts.time_zone)

            def keep(session: Session, person: SignedIn) -> bool:
                place = (millionths(latitude.value), millionths(longitude.value))
                wanted = Facts(name.value, address.value, *place, zone.value.strip())
                now_ms = self.visit.now_ms()
                if isinstance(shop, Found):
                    shop_edit.edit(session, person, shop.id, wanted, now_ms)
                else:
                    shop_edit.create(session, person, wanted, now_ms)
                return True

            async def go() -> None:
                if await attempt(self.visit, lambda: self.visit.change(keep)):
                    asked.close()
                    await self.part.refresh()

            with box("pb-buttons"):
                button(say("shop_keep"), go, "is-main")
                button(say("gw_cancel"), asked.close, "is-quiet")


def degrees(e6: int | None) -> str:
    """Millionths of a degree as people write them."""
    if e6 is None:
        return ""
    sign = "-" if e6 < 0 else ""
    return f"{sign}{abs(e6) // 1_000_000}.{abs(e6) % 1_000_000:06}".rstrip("0").rstrip(".")


def millionths(written: str) -> int | None:
    """A degree as somebody writes it; None for nothing (`RefusedError`)."""
    if not written.strip():
        return None
    sign, whole, rest = 1, *(written.strip().lstrip("+").partition(".")[::2])
    if whole.startswith("-"):
        sign, whole = -1, whole[1:]
    if not (whole.isascii() and whole.isdecimal()) or (rest and not (rest.isascii() and rest.isdecimal())):
        raise RefusedError(f"expected latitude and longitude in degrees such as 36.067, found {written[:20]!r}")
    return sign * (int(whole[:4]) * 1_000_000 + int(f"{rest[:6]:0<6}"))
