"""The vehicles of all shops, or of one: found by plate, VIN or owner; a new file is begun here."""

from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response
from nicegui import ui
from sqlmodel import Session, col

from cloud.audit import record
from cloud.identity import SignedIn
from cloud.pages import choosing, work_parts
from cloud.pages.addresses import segment, vehicle_path
from cloud.pages.choosing import choose_shop
from cloud.pages.own_part import attempt
from cloud.pages.visit import Visit, show
from cloud.pages.work_parts import search_form
from cloud.tables import Shop
from cloud.tenancy import TenantId, tenant_rows
from cloud.work import vehicles
from cloud.work.shop_rows import own_rows
from cloud.work.vehicle_file import vehicle_views
from cloud.work.views import VehicleView
from page_kit import markup
from page_kit.address import page
from page_kit.fields import Field
from page_kit.language import Texts
from page_kit.look import box, button, dialog, text, title
from page_kit.markup import Markup, joined

PAGE = 60

TEXTS: Texts = {
    "vehicles": ("车辆", "Vehicles"),
    "vehicles_lead": (
        "一车一档：每辆车用过什么、什么时候换的、接下来该换什么。",
        "One file per vehicle: what was ever used on it, when, and what falls due next.",
    ),
    "find_vehicle": ("车牌、VIN 或车主", "Plate, VIN or owner"),
    "no_vehicles": ("没有找到车辆", "No vehicles found"),
    "no_vehicles_why": ("开工单时写上车牌，就有了档案。", "A job with a plate begins a vehicle's file."),
    "begin_file": ("新建车辆档案", "Begin a file"),
    "plate": ("车牌", "Plate"),
    "vin": ("VIN 车架号", "VIN"),
    "make": ("厂牌", "Make"),
    "model": ("车型", "Model"),
    "owner": ("车主", "Owner"),
    "no_plate": ("没有车牌", "No plate"),
    "at": ("在 {shop}", "at {shop}"),
}


@dataclass(frozen=True)
class Found:
    """What the page shows."""

    shops: list[tuple[str, str]]
    vehicles: list[VehicleView]


def register() -> None:
    """Add the page."""

    @page("/vehicles")
    async def all_vehicles(request: Request, words: str = "", shop: str = "", after: str = "") -> Response | None:
        return await show(
            request,
            (work_parts.TEXTS, choosing.TEXTS, TEXTS),
            lambda visit: _Page(visit, words[:200], shop, after[:500]).build(),
            "see_vehicles",
        )


class _Page:
    """The open page."""

    def __init__(self, visit: Visit, words: str, shop: str, after: str) -> None:
        self.visit, self.say = visit, visit.say
        self.words, self.shop, self.after = words, shop, after

    def query(self, session: Session, tenant: TenantId) -> Found:
        """Vehicles and the shops they may be of."""
        named = tenant_rows(tenant, Shop).order_by(col(Shop.name)).with_only_columns(col(Shop.id), col(Shop.name))
        found = vehicles.search(session, tenant, self.words, shop=self.shop, after=self.after, limit=PAGE)
        shops = [(str(shop), str(name)) for shop, name in session.execute(named)]
        return Found(shops, vehicle_views(session, tenant, found))

    async def build(self) -> None:
        """The frame, the search, the list."""
        say = self.say
        found = await self.visit.read(self.query)
        with self.visit.frame():
            with box("pb-row pb-between pb-top pb-wrap"):
                with box("pb-grow"):
                    title(say("vehicles"), say("vehicles_lead"))
                where = self.shop or (found.shops[0][0] if len(found.shops) == 1 else "")
                if where and self.visit.may("edit_jobs"):
                    button(say("begin_file"), lambda: self.ask_new(where), "is-main")
            choose_shop(
                say,
                found.shops,
                self.shop,
                lambda shop: f"/vehicles?shop={shop}&words={segment(self.words)}",
                or_all=True,
            )
            markup.show(
                markup.box(
                    "pb-gap-above", search_form(say, "/vehicles", self.words, say("find_vehicle"), shop=self.shop)
                )
            )
            markup.show(self.draw(found))

    def draw(self, found: Found) -> Markup:
        """A card a vehicle."""
        say = self.say
        if not found.vehicles:
            return markup.box("pb-gap-above", markup.empty(say("no_vehicles"), say("no_vehicles_why")))
        with_shop = not self.shop and len(found.shops) > 1
        older = []
        if len(found.vehicles) == PAGE:
            path = f"/vehicles?words={segment(self.words)}&shop={segment(self.shop)}"
            after = segment(found.vehicles[-1].cursor)
            older = [markup.link("pb-button is-quiet", f"{path}&after={after}", say("older"))]
        return joined(
            markup.box("pb-cards pb-gap-above", *(self._card(each, with_shop=with_shop) for each in found.vehicles)),
            markup.box("pb-buttons pb-gap-above", *older),
        )

    def _card(self, vehicle: VehicleView, *, with_shop: bool) -> Markup:
        say = self.say
        model = " ".join(filter(None, (vehicle.make, vehicle.model, str(vehicle.year or ""))))
        facts = [model, vehicle.owner, say("km", km=f"{vehicle.km:,}") if vehicle.km is not None else ""]
        return markup.link(
            "pb-card",
            vehicle_path(vehicle.shop, vehicle.id),
            markup.box("pb-card-title pb-plate", vehicle.plate or say("no_plate")),
            markup.box("", " · ".join(filter(None, facts))),
            markup.box("pb-code", vehicle.vin),
            markup.box("pb-soft pb-small", say("at", shop=vehicle.shop_name)) if with_shop else Markup(),
        )

    def ask_new(self, shop: str) -> None:
        """A new file."""
        say = self.say
        with dialog(self.visit.page) as asked, box("pb-stack"):
            text(say("begin_file"), "pb-question")
            fields = {name: Field(say(name)) for name in ("plate", "vin", "make", "model", "owner")}

            async def keep() -> None:
                told = {name: field.value.strip() for name, field in fields.items()}
                made = await attempt(
                    self.visit, lambda: self.visit.change_as(lambda s, p: self._make(s, p, shop, told))
                )
                if made:
                    asked.close()
                    ui.navigate.to(vehicle_path(shop, made))

            with box("pb-buttons"):
                button(say("keep"), keep, "is-main")
                button(say("cancel"), asked.close, "is-quiet")

    def _make(self, session: Session, person: SignedIn, shop: str, told: dict[str, str]) -> str:
        rows = own_rows(session, person.tenant, shop, self.visit.now_ms(), person)
        row = vehicles.find_or_make(rows, told["plate"], told["vin"])
        if row is None:
            raise vehicles.VehicleError("expected a plate or a VIN, found neither")
        vehicles.change(rows, row, {name: told[name] for name in ("make", "model", "owner") if told[name]})
        record(session, person, rows.now_ms, action="vehicle.added", target=f"vehicle {row.id} of {shop}")
        return row.id
