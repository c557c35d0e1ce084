"""What a part costs from which day on, for every shop or one: the history, and a form to say a new price."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from cloud.catalogue import parts as reading
from cloud.catalogue.editing import Editor
from cloud.catalogue.views import PriceView
from cloud.dealer_time import own_day
from cloud.pages.catalogue_words import REFUSED
from cloud.pages.claims import minor_of
from cloud.pages.form import Action, Adding, Form
from cloud.pages.typed_numbers import percent_ppm, percent_text
from cloud.pages.visit import Visit
from cloud.pages.work_parts import Part
from cloud.tenancy import TenantId
from cloud.work.money import money_text, rate_text, tax_minor
from page_kit import markup
from page_kit.markup import Markup, tag

USUAL_TAX_PPM = 130_000  # VAT on parts in China; what was said last of a part comes before it


@dataclass(frozen=True)
class PricesFound:
    """Prices, the newest day first, and the day it is in most of the dealer's shops."""

    prices: list[PriceView]
    today: str


def prices_of(session: Session, tenant: TenantId, number: str, now_ms: int) -> PricesFound:
    """The prices of a part, and which day it is."""
    return PricesFound(reading.prices(session, tenant, number), own_day(session, tenant, now_ms))


class Prices:
    """The prices of a part."""

    def __init__(self, visit: Visit, number: str, shops: Mapping[str, str]) -> None:
        self._visit, self._say, self._number, self._shops = visit, visit.say, number, shops
        self._newest: PriceView | None = None
        self._today = ""

    def query(self, session: Session, tenant: TenantId) -> PricesFound:
        """All of them, and which day it is."""
        return prices_of(session, tenant, self._number, self._visit.now_ms())

    def build(self, found: PricesFound) -> None:
        """The history, and the form."""
        self._part = Part(self._visit, self.query, self._draw, found)
        label = self._say("set_price")
        Adding(self._visit, self._fields, self._wanted, self._part.refresh, label=label, said=REFUSED)

    def _draw(self, asked: PricesFound) -> Markup:
        say, found = self._say, asked.prices
        self._newest, self._today = found[0] if found else None, asked.today
        if not found:
            return markup.empty(say("no_prices"))
        counting = self._counting(found)
        names = ("from_day_name", "shop", "net", "tax", "gross")
        head = tag("thead", tag("tr", *(tag("th", say(name)) for name in names)))
        rows = [self._row(price, counts=price in counting) for price in found]
        return tag("table", head, tag("tbody", *rows), class_="pb-table")

    def _counting(self, found: list[PriceView]) -> list[PriceView]:
        """The one of each shop that counts today."""
        newest: dict[str, PriceView] = {}
        for price in found:
            if price.from_day <= self._today:
                newest.setdefault(price.shop, price)
        return list(newest.values())

    def _row(self, price: PriceView, *, counts: bool) -> Markup:
        say = self._say
        marks: list[Markup] = []
        if counts:
            marks = [markup.badge(say("counts_now"), "is-good")]
        elif price.from_day > self._today:
            marks = [markup.badge(say("counts_later"))]
        gross = price.price_minor + tax_minor(price.price_minor, price.tax_ppm)
        cells = {
            "from_day_name": tag("span", price.from_day, " ", *marks),
            "shop": tag("span", self._shops.get(price.shop, price.shop) if price.shop else say("all_shops")),
            "net": tag("strong", money_text(price.price_minor, price.currency)),
            "tax": tag("span", rate_text(price.tax_ppm)),
            "gross": tag("span", money_text(gross, price.currency)),
        }
        return tag("tr", *(tag("td", cell, data_name=say(name)) for name, cell in cells.items()))

    def _fields(self, form: Form) -> None:
        say, newest = self._say, self._newest
        form.line("from_day", say("from_day_name"), self._today, "date")
        form.choose("shop", say("shop"), {"": say("all_shops"), **self._shops}, "")
        form.line("price_minor", say("net"))
        form.line("tax_ppm", say("tax_percent"), percent_text(newest.tax_ppm if newest else USUAL_TAX_PPM))
        form.line("currency", say("currency"), newest.currency if newest else "CNY")

    def _wanted(self, form: Form) -> Action | None:
        currency = form["currency"].upper()
        values = {
            "shop": form["shop"],
            "currency": currency,
            "from_day": form.read("from_day", _day, "wrong_from_day", ""),
            "price_minor": form.read("price_minor", lambda typed: minor_of(typed, currency), "wrong_price_minor", None),
            "tax_ppm": form.read("tax_ppm", percent_ppm, "wrong_tax_ppm", 0),
        }
        wanted = form.model(PriceView, values)
        if wanted is None:
            return None
        now_ms = self._visit.now_ms
        return lambda session, person: Editor(session, person, now_ms()).set_price(self._number, wanted)


def _day(typed: str) -> str | None:
    try:
        return date.fromisoformat(typed).isoformat()
    except ValueError:
        return None
