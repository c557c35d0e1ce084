"""Earlier versions of a planogram: who changed what, and the way back to one of them."""

from fastapi import Request
from fastapi.responses import Response
from nicegui import ui
from sqlmodel import Session

from cloud.document_edit import Edited
from cloud.identity import SignedIn
from cloud.pages import planogram_words
from cloud.pages.addresses import shop_path
from cloud.pages.own_part import OwnPart, ask_first, attempt
from cloud.pages.visit import Visit, show
from cloud.planogram_edit import Version, restore, versions
from cloud.shop_plan import own_shop
from page_kit.address import page
from page_kit.live_part import Ages
from page_kit.look import badge, box, button, empty, link_button, text, title

VERSIONS_SHOWN = 30
CHANGES_SHOWN = 12


def register() -> None:
    """Add the page."""

    @page("/shops/{shop}/planogram/versions")
    async def planogram_versions(request: Request, shop: str) -> Response | None:
        tables = (planogram_words.TEXTS,)
        return await show(request, tables, lambda visit: _Versions(visit, shop).build(), "edit_planogram")


class _Versions:
    """The open page."""

    def __init__(self, visit: Visit, shop: str) -> None:
        self.visit, self.say, self.shop = visit, visit.say, shop

    async def build(self) -> None:
        """The whole page."""
        await self.visit.read(lambda session, tenant: own_shop(session, tenant, self.shop).id)
        with self.visit.frame():
            path = shop_path(self.shop, "/planogram")
            link_button(self.say("back", shop=self.say("planogram")), path, "is-quiet pb-back")
            title(self.say("versions"), self.say("versions_lead"))
            self._part: OwnPart[list[Version]] = OwnPart(self.visit, self._query, self._draw)
            await self._part.start()

    def _query(self, session: Session, person: SignedIn) -> list[Version]:
        return versions(session, person.tenant, self.shop, 0, VERSIONS_SHOWN)

    def _draw(self, found: list[Version], ages: Ages) -> None:
        if not found:
            empty(self.say("no_cabinet"))
        with box("pb-stack"):
            for at, version in enumerate(found):
                self._draw_version(version, found[0].version, ages, newest=at == 0)

    def _draw_version(self, version: Version, seen: int, ages: Ages, *, newest: bool) -> None:
        say = self.say
        with box("pb-card"):
            with box("pb-row pb-wrap pb-between"):
                with box("pb-row pb-wrap pb-tight"):
                    text(say("version", version=version.version), "pb-card-title")
                    if newest:
                        badge(say("newest"), "is-good")
                    if version.restored:
                        badge(say("restored"))
                if not newest:
                    button(say("restore"), lambda: self._ask(version.version), "is-quiet")
            with box("pb-row pb-wrap pb-tight pb-soft pb-small"):
                text(version.who or say("by_nobody"))
                ages.show(version.stored_ms, "")
            for told in version.changes[:CHANGES_SHOWN]:
                with box("pb-line"):
                    where = told.cabinet if not told.bin else f"{told.cabinet} · {told.bin}"
                    text(where, "pb-strong pb-nowrap")
                    text(told.sentence(say.language))
            if len(version.changes) > CHANGES_SHOWN:
                text(f"… + {len(version.changes) - CHANGES_SHOWN}", "pb-soft pb-small")
            if not version.changes:
                text(say("first_version"), "pb-soft pb-gap-above")

    def _ask(self, version: int) -> None:
        say = self.say
        ask_first(
            self.visit,
            say("restore_sure", version=version),
            say("restore"),
            lambda: self._restore(version),
            say("cancel"),
        )

    async def _restore(self, version: int) -> None:
        now_ms = self.visit.now_ms()

        def write(session: Session, person: SignedIn) -> Edited:
            newest = own_shop(session, person.tenant, self.shop).document_version
            return restore(session, person, self.shop, now_ms, version=version, seen=newest)

        made = await attempt(self.visit, lambda: self.visit.change(write))
        if made is not None:
            with self.visit.page:
                ui.notify(self.say("sent", version=made.version), type="positive", position="top")
        await self._part.refresh()
