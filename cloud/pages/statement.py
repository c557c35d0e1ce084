"""A shop's statement of one month: what was used on which vehicle, at which price; as CSV and PDF; closed here."""

from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response
from sqlmodel import Session

from cloud.audit import record
from cloud.identity import SignedIn
from cloud.pages import work_parts
from cloud.pages.addresses import segment, shop_path
from cloud.pages.own_part import ask_first
from cloud.pages.statement_drawn import TEXTS, draw_statement
from cloud.pages.visit import Visit, show
from cloud.pages.work_parts import Part, press
from cloud.shop_plan import own_shop
from cloud.tenancy import NotFoundError, TenantId
from cloud.work import statement_closing, statement_words, statements
from cloud.work.shop_time import MonthError, month_before, month_of
from cloud.work.statement_views import MonthView, StatementView
from page_kit import markup
from page_kit.address import page
from page_kit.look import link_button
from page_kit.markup import Markup, joined

_GO_JS = "(event) => { if (event.target.value) window.location.href = event.target.value }"


@dataclass(frozen=True)
class Found:
    """What the page shows."""

    shop_name: str
    months: list[MonthView]
    statement: StatementView


def register() -> None:
    """Add the page."""

    @page("/shops/{shop}/statement")
    async def shop_statement(request: Request, shop: str, month: str = "") -> Response | None:
        tables = (work_parts.TEXTS, statement_words.TEXTS, TEXTS)
        return await show(request, tables, lambda visit: _Page(visit, shop, month).build(), "see_statements")


class _Page:
    """The open page."""

    def __init__(self, visit: Visit, shop: str, month: str) -> None:
        self.visit, self.say, self.shop, self.month = visit, visit.say, shop, month
        self.first_with_earlier: set[str] = set()  # months to be the first one closed, with others before them

    def query(self, session: Session, tenant: TenantId) -> Found:
        """The statement, and which months there are."""
        row = own_shop(session, tenant, self.shop)
        now_ms = self.visit.now_ms()
        found = statement_closing.months(session, tenant, self.shop, now_ms)
        self.first_with_earlier = _first_with_earlier(found)
        self.month = self.month or _first_month(found, month_of(now_ms, row.time_zone))
        try:
            view = statements.statement(session, tenant, self.shop, self.month, now_ms)
        except MonthError as error:
            raise NotFoundError(str(error)) from error
        return Found(row.name, found, view)

    async def build(self) -> None:
        """The frame, the months, the statement."""
        say = self.say
        found = await self.visit.read(self.query)
        with self.visit.frame():
            link_button(say("back_to_shop", shop=found.shop_name), shop_path(self.shop), "is-quiet pb-back")
            markup.show(self._choose(found.months)).on("change", js_handler=_GO_JS)
            self.part = Part(self.visit, self.query, self.draw, found)
            self.part.on("close", self.ask_close)

    def _choose(self, months: list[MonthView]) -> Markup:
        path = shop_path(self.shop, "/statement?month=")
        names = [month.month for month in months]
        shown = months if self.month in names else [_asked(self.month), *months]
        options = [
            markup.tag(
                "option",
                f"{month.month}  {self.say('closed_mark') if month.closed_ms else ''}",
                value=path + segment(month.month),
                selected=month.month == self.month,
            )
            for month in shown
        ]
        return markup.tag("select", *options, class_="pb-field pb-month", aria_label=self.say("month"))

    def draw(self, found: Found) -> Markup:
        """The statement and what may be done with it."""
        view = found.statement
        return joined(draw_statement(self.say, view, self.shop), self._ways(found))

    def _ways(self, found: Found) -> Markup:
        say = self.say
        path = f"/api{shop_path(self.shop)}/statements/{segment(self.month)}"
        month = next((each for each in found.months if each.month == self.month), None)
        ways = [
            markup.link("pb-button is-main", f"{path}/pdf?lang={say.language}", say("as_pdf"), download=True),
            markup.link("pb-button is-quiet", f"{path}/csv", say("as_csv"), download=True),
        ]
        if month is not None and month.can_close and self.visit.may("close_statements"):
            ways.append(press(say("close_month"), "close", self.month, "is-danger"))
        return markup.box("pb-actions pb-sticky-actions", *ways)

    def ask_close(self, month: str) -> None:
        """It is for ever."""

        async def go() -> None:
            await self.part.change(lambda session, person: self._close(session, person, month))

        say = self.say
        sure = say("close_first_sure" if month in self.first_with_earlier else "close_sure", month=month)
        ask_first(self.visit, sure, say("close_month"), go, say("cancel"))

    def _close(self, session: Session, person: SignedIn, month: str) -> None:
        now_ms = self.visit.now_ms()
        _, row = statement_closing.close(session, person.tenant, self.shop, month, now_ms, closed_by=person.name)
        target = f"statement {month} of {self.shop}"
        record(session, person, now_ms, action="statement.closed", target=target, after=f"sha256 {row.digest}")


def _first_with_earlier(months: list[MonthView]) -> set[str]:
    """Where billing would begin while something was taken before: what lies before is billed on no statement."""
    if any(month.closed_ms for month in months):
        return set()
    return {month.month for month in months[:-1]}


def _first_month(months: list[MonthView], present: str) -> str:
    """What somebody wants to see first: the month that is to be closed next, else the present one."""
    to_close = [month.month for month in months if month.can_close and month.month == month_before(present)]
    return to_close[0] if to_close else present


def _asked(month: str) -> MonthView:
    return MonthView(month=month, closed_ms=0, can_close=False)
