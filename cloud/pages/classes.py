"""Parts in the four fields of the BCG matrix and in ABC by XYZ, and shops by what they use, those that fade first."""

from collections.abc import Sequence
from dataclasses import asdict
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import Response
from nicegui import run
from sqlmodel import Session

from cloud.pages import class_drawn, class_words
from cloud.pages.addresses import shop_path
from cloud.pages.class_drawn import percent
from cloud.pages.found_parts import part_link
from cloud.pages.visit import Visit, show
from cloud.replenishment.gauges import classing
from cloud.replenishment.gauges.classing import PartClass, PartClasses, ShopGrade
from cloud.replenishment.gauges.daily import make_looked_at
from cloud.replenishment.gauges.part_classes import Thresholds
from cloud.tenancy import TenantId
from cloud.work.money import money_text
from page_kit import markup
from page_kit.address import page
from page_kit.look import title
from page_kit.markup import Markup, joined, tag
from page_kit.quantity import quantity

PARTS_SHOWN = 24
SHOPS_SHOWN = 24
LIMITS = Thresholds()
IN_PERCENT = {"growth", "a", "b"}


def register() -> None:
    """Add the page."""

    @page("/classes")
    async def classes(request: Request, view: str = "", of: str = "", every: str = "") -> Response | None:
        limits = read_limits(request.query_params)
        if view == "shops":
            return await show(
                request, (class_words.TEXTS,), lambda visit: _build_shops(visit, every=bool(every)), "see_planning"
            )
        return await show(
            request, (class_words.TEXTS,), lambda visit: _build_parts(visit, limits, of[:20]), "see_planning"
        )


def read_limits(asked: object) -> Thresholds:
    """What the address says of where the classes part; what cannot be read is as usual."""
    found = asdict(LIMITS)
    for name, usual in asdict(LIMITS).items():
        told = asked.get(name) if hasattr(asked, "get") else None
        try:
            value = float(str(told).replace(",", ".")) / (100 if name in IN_PERCENT else 1) if told else usual
        except ValueError:
            continue
        if -1 <= value <= 1000:
            found[name] = value
    return Thresholds(**found)


async def _build_parts(visit: Visit, limits: Thresholds, chosen: str) -> None:
    def query(session: Session, tenant: TenantId) -> PartClasses:
        return classing.part_classes(session, tenant, limits)

    found = await visit.read(query)
    if not found.parts:
        await run.io_bound(make_looked_at, visit.services.database, visit.person.tenant.dealer, visit.now_ms())
        found = await visit.read(query)
    with visit.frame():
        _draw_head(visit, "parts")
        markup.show(_draw_parts(visit, found, limits, chosen))


def _draw_head(visit: Visit, view: str) -> None:
    say = visit.say
    title(say("classes"), say("classes_lead"))
    ways = (("parts", "/classes"), ("shops", "/classes?view=shops"))
    made = [
        markup.link(f"pb-button {'is-main' if name == view else 'is-quiet'}", path, say(f"view_{name}"))
        for name, path in ways
    ]
    markup.show(markup.box("pb-buttons", *made))


def _path(limits: Thresholds, chosen: str = "") -> str:
    """The page with the same limits; those that are as usual are left out."""
    said = {
        name: f"{value * 100 if name in IN_PERCENT else value:g}"
        for name, value in asdict(limits).items()
        if value != getattr(LIMITS, name)
    }
    query = urlencode(said | ({"of": chosen} if chosen else {}))
    return f"/classes{f'?{query}' if query else ''}"


def _draw_parts(visit: Visit, found: PartClasses, limits: Thresholds, chosen: str) -> Markup:
    say, parts = visit.say, found.parts
    if not parts:
        return markup.box("pb-gap-above", markup.empty(say("no_classes"), say("no_classes_why")))
    unpriced = sum(part.value_minor is None for part in parts)
    note = say("no_prices") if unpriced == len(parts) else say("unpriced_parts", count=unpriced) if unpriced else ""
    return joined(
        markup.box("pb-note pb-gap-above", note) if note else Markup(),
        class_drawn.fields(say, parts, limits, chosen, lambda name: _path(limits, name) + "#parts"),
        class_drawn.nine(say, parts, limits, chosen, lambda name: _path(limits, name) + "#parts"),
        _limits_form(visit, limits),
        _list(visit, class_drawn.in_class(parts, chosen), limits, chosen),
    )


def _limits_form(visit: Visit, limits: Thresholds) -> Markup:
    say = visit.say
    fields = []
    for name, value in asdict(limits).items():
        shown = f"{value * 100 if name in IN_PERCENT else value:g}"
        field = tag("input", name_=name, value=shown, inputmode="decimal", class_="pb-field", autocomplete="off")
        fields.append(tag("label", tag("span", say(f"t_{name}"), class_="pb-label"), field, class_="pb-labelled"))
    press = tag("button", say("apply"), type="submit", class_="pb-button is-main")
    form = tag(
        "form",
        markup.box("pb-fields", *fields),
        markup.box("pb-buttons pb-gap-above", press),
        action="/classes",
        method="get",
        class_="pb-gap-above",
    )
    return tag("details", tag("summary", say("thresholds")), form, class_="pb-card pb-fold pb-gap-above")


def _list(visit: Visit, parts: Sequence[PartClass], limits: Thresholds, chosen: str) -> Markup:
    say = visit.say
    known = chosen if chosen in class_drawn.FIELDS else ""
    name = say(known) if known else chosen if len(chosen) == 2 else ""
    heading = say("parts_in", field=name, count=len(parts)) if name else say("all_parts", count=len(parts))
    file = f"/api/classes/parts.csv?{urlencode(asdict(limits))}"
    ways = [tag("a", say("csv"), href=file, class_="pb-button is-quiet", download=True)]
    if name:
        ways.append(markup.link("pb-button is-quiet", _path(limits), say("show_all_parts")))
    heads = [tag("th", say("part"))]
    heads += [tag("th", say(key), class_="is-figure") for key in ("used", "value", "growth", "class")]
    table = tag(
        "table",
        tag("thead", tag("tr", *heads)),
        tag("tbody", *(_row(visit, part) for part in parts[:PARTS_SHOWN])),
        class_="pb-table",
    )
    rest = len(parts) - PARTS_SHOWN
    return joined(
        tag("h2", heading, class_="pb-h2", id="parts"),
        markup.box("pb-buttons pb-below", *ways),
        table if parts else Markup(),
        markup.box("pb-soft pb-gap-above", say("more_parts", count=rest)) if rest > 0 else Markup(),
    )


def _change(growth: float) -> str:
    """In per cent with its sign; what rounds to nothing has none."""
    whole = round(growth * 100)
    return f"{whole:+d} %".replace("-", "\u2212") if whole else "0 %"


def _row(visit: Visit, part: PartClass) -> Markup:
    say = visit.say
    value = "–" if part.value_minor is None else money_text(part.value_minor, part.currency)
    growth = "–" if part.growth is None else _change(part.growth)
    marks = [markup.badge(f"{part.abc or '–'}{part.xyz or '–'}")]
    if part.bcg:
        marks.append(markup.badge(say(part.bcg), "is-good" if part.bcg in {"star", "cow"} else ""))
    cells = (
        ("used", tag("span", quantity(part.used, part.part.unit, say.language), class_="pb-number")),
        ("value", tag("span", value, class_="pb-number")),
        ("growth", tag("span", growth, class_="pb-number")),
        ("class", tag("span", *marks, class_="pb-row pb-tight pb-marks-end")),
    )
    return tag(
        "tr",
        tag("td", part_link(visit, part.part)),
        *(tag("td", shown, class_="is-figure", data_name=say(key)) for key, shown in cells),
    )


# ---- shops ----


async def _build_shops(visit: Visit, *, every: bool) -> None:
    def query(session: Session, tenant: TenantId) -> list[ShopGrade]:
        return classing.shop_grades(session, tenant)

    found = await visit.read(query)
    with visit.frame():
        _draw_head(visit, "shops")
        markup.show(_draw_shops(visit, found, every=every))


def _draw_shops(visit: Visit, shops: Sequence[ShopGrade], *, every: bool) -> Markup:
    say = visit.say
    if not shops:
        return markup.box("pb-gap-above", markup.empty(say("no_classes"), say("no_classes_why")))
    fading, others = [shop for shop in shops if shop.fading], [shop for shop in shops if not shop.fading]
    shown = others if every else others[:SHOPS_SHOWN]
    more = markup.link("pb-button is-quiet", "/classes?view=shops&every=1", say("all_shops", count=len(others)))
    return joined(
        markup.heading(say("fading_shops", count=len(fading)) if fading else say("no_fading")),
        markup.box("pb-soft pb-below", say("fading_why"), " ", say("expected_line")),
        markup.box("pb-cards pb-wide-cards", *(_shop(visit, shop) for shop in fading)),
        markup.heading(say("other_shops")) if others else Markup(),
        markup.box("pb-cards pb-wide-cards", *(_shop(visit, shop) for shop in shown)),
        markup.box("pb-buttons pb-gap-above", more) if len(others) > len(shown) else Markup(),
    )


def _shop(visit: Visit, shop: ShopGrade) -> Markup:
    say = visit.say
    value = money_text(shop.value_minor, shop.currency) if shop.currency and shop.value_minor else ""
    chance = "" if shop.chance is None else "<0.1 %" if shop.chance < 0.001 else percent(shop.chance, 1)
    return markup.link(
        f"pb-card{' is-alert' if shop.fading else ''}",
        shop_path(shop.shop),
        markup.box(
            "pb-row pb-between pb-top",
            markup.box("pb-card-title", shop.shop_name),
            markup.badge(shop.grade, "is-good" if shop.grade == "A" else ""),
        ),
        markup.box("pb-soft pb-small", say("half_year_value", value=value)) if value else Markup(),
        class_drawn.shop_year(say, shop),
        markup.box("is-wrong pb-strong" if shop.fading else "pb-small", _told(visit, shop)),
        markup.box("pb-soft pb-small", say("by_chance", chance=chance)) if shop.fading else Markup(),
    )


def _told(visit: Visit, shop: ShopGrade) -> str:
    say = visit.say
    if shop.expected is None:
        return say("shop_unknown", recent=shop.recent)
    told = {"recent": shop.recent, "expected": f"{shop.expected:.0f}"}
    if shop.fading:
        return say("shop_is", lost=percent(1 - shop.recent / shop.expected), **told)
    return say("shop_holds", **told)
