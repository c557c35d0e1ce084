"""One file per vehicle (一车一档), as somebody at the counter wants it: what falls due, what was used, what changed."""

from collections.abc import Mapping

from fastapi import Request
from fastapi.responses import Response
from nicegui import ui
from sqlmodel import Session

from cloud.audit import record
from cloud.identity import SignedIn
from cloud.pages import claim_words, vehicle_words, work_parts
from cloud.pages.addresses import segment
from cloud.pages.jobs import km_of
from cloud.pages.own_part import ask_first
from cloud.pages.vehicle_drawn import FileDrawing, Found, name_of
from cloud.pages.vehicle_words import TEXTS
from cloud.pages.visit import part_name, show
from cloud.pages.work_parts import Part
from cloud.shop_plan import own_shop
from cloud.tables import ServiceInterval, Vehicle
from cloud.tenancy import TenantId
from cloud.work import claims, intervals, vehicles
from cloud.work.claims import Asked
from cloud.work.shop_rows import ShopRows, own_rows
from cloud.work.vehicle_file import vehicle_file
from page_kit.address import page
from page_kit.fields import Choice, Field
from page_kit.look import box, button, dialog, link_button, text


def register() -> None:
    """Add the page."""

    @page("/shops/{shop}/vehicles/{vehicle}")
    async def one_vehicle(request: Request, shop: str, vehicle: str) -> Response | None:
        tables = (work_parts.TEXTS, claim_words.TEXTS, TEXTS)
        return await show(request, tables, lambda visit: _Page(visit, shop, vehicle).build(), "see_vehicles")


class _Page(FileDrawing):
    """The open page."""

    def query(self, session: Session, tenant: TenantId) -> Found:
        """The file."""
        row = own_shop(session, tenant, self.shop)
        now_ms, with_prices = self.visit.now_ms(), self.visit.may("see_prices")
        file = vehicle_file(session, tenant, self.shop, self.vehicle, now_ms, with_prices=with_prices)
        return Found(file, row.time_zone, row.name)

    async def build(self) -> None:
        """The frame and the file."""
        found = await self.visit.read(self.query)
        with self.visit.frame():
            say = self.say
            link_button(say("back_to_vehicles"), f"/vehicles?shop={segment(self.shop)}", "is-quiet pb-back")
            self.part = Part(self.visit, self.query, self.draw, found)
            presses = {
                "change": lambda _: self.ask_facts(),
                "read": lambda _: self.ask_km(),
                "interval": self.ask_interval,
                "join": self.ask_join,
                "split": self.split,
                "claim": self.ask_claim,
            }
            for name, pressed in presses.items():
                self.part.on(name, pressed)

    # ---- what is done ----

    def ask_facts(self) -> None:
        """What the file says of the vehicle."""
        say, vehicle = self.say, self.file.vehicle
        names = ("plate", "vin", "make", "model", "engine", "year", "owner", "note")
        with dialog(self.visit.page) as asked, box("pb-stack"):
            text(say("change_facts"), "pb-question")
            known = {name: "" if name in vehicle.from_vin else str(getattr(vehicle, name) or "") for name in names}
            fields = {name: Field(say(f"field_{name}"), value) for name, value in known.items()}

            async def keep() -> None:
                told: dict[str, str | int] = {name: field.value.strip() for name, field in fields.items()}
                year = str(told["year"])
                told["year"] = int(year) if year.isascii() and year.isdigit() else 0
                if await self._do("vehicle.changed", lambda rows: vehicles.change(rows, self._own(rows), told)):
                    asked.close()

            with box("pb-buttons"):
                button(say("keep"), keep, "is-main")
                button(say("cancel"), asked.close, "is-quiet")

    def ask_km(self) -> None:
        """What the odometer shows now."""
        say = self.say
        with dialog(self.visit.page) as asked, box("pb-stack"):
            text(say("read_km"), "pb-question")
            km = Field(say("odometer"), kind="number")

            async def keep() -> None:
                number = km_of(km.value)
                if number is None or number < 0:
                    ui.notify(say("bad_km"), type="negative", position="top")
                    return
                if await self._do(
                    "vehicle.read",
                    lambda rows: vehicles.read_odometer(rows, self._own(rows).id, number, rows.now_ms),
                ):
                    asked.close()

            with box("pb-buttons"):
                button(say("keep"), keep, "is-main")
                button(say("cancel"), asked.close, "is-quiet")

    def ask_interval(self, title: str) -> None:
        """What falls due, and how often."""
        say = self.say
        known = next((due for due in self.file.due if due.title == title), None)
        with dialog(self.visit.page) as asked, box("pb-stack"):
            text(say("follow"), "pb-question")
            name = Field(say("what"), title, hint=say("what_hint"))
            part = Field(say("part_number"), known.part.number if known and known.part else "", hint=say("part_hint"))
            km = Field(say("every_km"), str(known.every_km or "") if known else "", kind="number")
            months = Field(say("every_months"), str(known.every_months or "") if known else "", kind="number")
            last_km = Field(say("last_km"), str(known.last_km or "") if known else "", kind="number")
            fields = {"every_km": km, "every_months": months, "last_km": last_km}

            async def keep() -> None:
                wanted = ServiceInterval(
                    shop_id=self.shop, vehicle="", title=name.value.strip(), dealer_id="", part=part.value.strip(),
                    last_ms=known.last_ms if known else self.visit.now_ms(), **_numbers(fields),
                )  # fmt: skip
                if await self._do("interval.set", lambda rows: intervals.set_interval(rows, self._own(rows), wanted)):
                    asked.close()

            async def end() -> None:
                if await self._do("interval.ended", lambda rows: intervals.end_interval(rows, self._own(rows), title)):
                    asked.close()

            with box("pb-buttons"):
                button(say("keep"), keep, "is-main")
                if known:
                    button(say("stop_following"), end, "is-danger")
                button(say("cancel"), asked.close, "is-quiet")

    def ask_join(self, other: str) -> None:
        """Two files of one vehicle."""
        say = self.say
        name = next((name_of(each) for each in self.file.alike if each.id == other), other)

        async def go() -> None:
            await self._do(
                "vehicle.joined",
                lambda rows: vehicles.join(rows, self._own(rows), vehicles.own_vehicle(rows, other)),
            )

        ask_first(self.visit, say("join_sure", name=name), say("join"), go, say("cancel"))

    async def split(self, other: str) -> None:
        """Take a joining back."""
        await self._do("vehicle.parted", lambda rows: vehicles.part(rows, vehicles.own_vehicle(rows, other)))

    def ask_claim(self, place: str) -> None:
        """Something that was used comes back."""
        say = self.say
        movement, _, line = place.partition("\n")
        use = next((each for each in self.file.uses if (each.movement, str(each.line)) == (movement, line)), None)
        if use is None:
            return
        with dialog(self.visit.page) as asked, box("pb-stack"):
            text(f"{say('claim')} · {part_name(say, use.part)}", "pb-question")
            kind = Choice(say("claim_kind"), claim_words.choices(say), "return")
            count = Field(say("how_many", most=use.claimable), str(use.claimable), kind="number")
            reason = Field(say("reason"))

            async def keep() -> None:
                number = km_of(count.value)
                wanted = Asked(kind.value, use.movement, use.part.number, max(number or 0, 0), reason.value, use.line)
                if await self._claim(wanted):
                    asked.close()

            with box("pb-buttons"):
                button(say("keep"), keep, "is-main")
                button(say("cancel"), asked.close, "is-quiet")

    async def _claim(self, wanted: Asked) -> bool:
        def act(session: Session, person: SignedIn) -> None:
            rows = own_rows(session, person.tenant, self.shop, self.visit.now_ms(), person)
            claim = claims.open_claim(rows, person.tenant, wanted)
            target = f"claim {claim.id} of {self.shop}"
            record(session, person, rows.now_ms, action="claim.opened", target=target, after=wanted.movement)

        return await self.part.change(act)

    def _own(self, rows: ShopRows) -> Vehicle:
        return vehicles.standing_for(rows, vehicles.own_vehicle(rows, self.vehicle))

    async def _do(self, action: str, step: "vehicle_words.Step") -> bool:
        def act(session: Session, person: SignedIn) -> None:
            rows = own_rows(session, person.tenant, self.shop, self.visit.now_ms(), person)
            step(rows)
            record(session, person, rows.now_ms, action=action, target=f"vehicle {self.vehicle} of {self.shop}")

        return await self.part.change(act)


def _numbers(fields: Mapping[str, Field]) -> dict[str, int]:
    return {name: max(km_of(field.value) or 0, 0) for name, field in fields.items()}
