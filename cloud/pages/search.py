"""What was found for a text: how it was understood, the vehicle a VIN stands for, vehicles, and parts, best first."""

from fastapi import Request
from fastapi.responses import Response
from sqlmodel import Session

from cloud.catalogue import answer_words
from cloud.catalogue.answer_words import finding, known, understood
from cloud.catalogue.search import HITS_MAX, Search
from cloud.catalogue.search_views import SearchAnswer
from cloud.catalogue.vin_views import Known, VinAnswer
from cloud.pages import found_parts
from cloud.pages.addresses import segment
from cloud.pages.found_parts import hit_list, vehicle_card
from cloud.pages.visit import Visit, show
from cloud.tenancy import TenantId
from edge_gateway.part_words import make_key, make_name
from page_kit.address import page
from page_kit.language import Say, Texts
from page_kit.look import box as box_of
from page_kit.look import link_button, title
from page_kit.markup import Markup, badge, box, empty, heading, joined, link, tag
from page_kit.markup import show as show_markup

SHOWN = 50

TEXTS: Texts = {
    "found": ("搜索结果", "Search"),
    "ask": ("想找什么？", "What are you looking for?"),
    "ask_how": (
        "零件号、OE 号、其他品牌的号、VIN（17 位或后 8 位）、车牌、发动机或车型，或几个词：解放 J6P 机滤",
        "A part number, a vehicle maker's or another brand's, a VIN (or its last 8), a plate, an engine or a model, "
        "or a few words: oil filter J6P",
    ),
    "read_so": ("理解为：", "Taken as: "),
    "nothing": ("没有找到“{text}”", "Nothing found for “{text}”"),
    "nothing_how": (
        "试试少输几位、换个叫法，或者输入整车 VIN。",
        "Try fewer characters, another name, or the vehicle's whole VIN.",
    ),
    "make_part": ("新建配件“{text}”", "Make a part “{text}”"),
    "vehicles": ("车辆", "Vehicles"),
    "parts": ("配件", "Parts"),
    "parts_fit": ("适用的配件", "Parts that fit"),
    "none_fit": ("目录里还没有适用这辆车的配件", "The catalogue knows no part that fits this vehicle yet"),
    "none_fit_how": (
        "导入适用车型，或者用零件号搜索。",
        "Import what parts fit, or search by a number.",
    ),
    "count": ("共 {count} 个", "{count} in all"),
    "more": ("显示前 {shown} 个，共 {count} 个", "The first {shown} of {count}"),
    "unknown_vehicle": ("这个 VIN 的车型还不知道", "Which vehicle this is nobody knows yet"),
    "made_in": ("产地：{region}", "from {region}"),
    "fact_make": ("品牌", "Make"),
    "fact_model": ("车型", "Model"),
    "fact_engine": ("发动机", "Engine"),
    "fact_year": ("年份", "Year"),
    "perhaps": ("是不是：", "Perhaps: "),
}


def register() -> None:
    """Add the page."""

    @page("/search")
    async def search(request: Request, q: str = "") -> Response | None:
        tables = (answer_words.TEXTS, found_parts.TEXTS, TEXTS)
        return await show(request, tables, lambda visit: _build(visit, q.strip()), "see_catalogue")


async def _build(visit: Visit, typed: str) -> None:
    def query(session: Session, tenant: TenantId) -> SearchAnswer:
        return Search(session, tenant, visit.now_ms()).answer(typed, min(SHOWN, HITS_MAX))

    found = await visit.read(query) if typed else None
    say = visit.say
    with visit.frame(typed):
        with box_of("pb-row pb-between pb-top pb-gap-below"):
            title(say("found"))
            link_button(say("tab_catalogue"), "/catalogue", "is-quiet")
        show_markup(draw(say, found) if found else empty(say("ask"), say("ask_how")))
        if found and not found.hits and not found.vin and not found.vehicles and visit.may("edit_catalogue"):
            path = f"/part/edit?new={segment(typed[:64])}"
            link_button(say("make_part", text=typed[:64]), path, "is-quiet pb-gap-above")


def draw(say: Say, found: SearchAnswer) -> Markup:
    """Everything that was found."""
    pieces = [_read_so(say, found)]
    if found.vin:
        pieces.append(vin_card(say, found.vin))
    if found.vehicles:
        cards = box("pb-cards", *(vehicle_card(vehicle) for vehicle in found.vehicles))
        pieces += [heading(say("vehicles")), cards]
    return joined(*pieces, _parts(say, found))


def _read_so(say: Say, found: SearchAnswer) -> Markup:
    words = [box("pb-read-word", understood(say, piece)) for piece in found.understood if piece.kind != "nothing"]
    return box("pb-read-so", tag("span", say("read_so"), class_="pb-soft"), *words) if words else Markup()


def _parts(say: Say, found: SearchAnswer) -> Markup:
    of_vehicle = bool(found.vin or found.vehicles)
    if not found.hits:
        if of_vehicle:
            return box("pb-gap-above", empty(say("none_fit"), say("none_fit_how")))
        return empty(say("nothing", text=found.typed), say("nothing_how"))
    shown = len(found.hits)
    count = say("count", count=shown) if found.total <= shown else say("more", shown=shown, count=found.total)
    return joined(
        heading(say("parts_fit") if of_vehicle else say("parts")), box("pb-lead", count), hit_list(say, found.hits)
    )


def vin_card(say: Say, answer: VinAnswer) -> Markup:
    """A VIN with what is wrong with it, and the vehicle it stands for."""
    facts = [
        _fact(say, name, fact)
        for name, fact in (
            ("fact_make", _make(say, answer.vehicle.make)),
            ("fact_model", answer.vehicle.model),
            ("fact_engine", answer.vehicle.engine),
            ("fact_year", answer.vehicle.year),
        )
        if fact
    ]
    region = say.name(answer.region_zh, answer.region_en)
    findings = [
        box("is-wrong pb-strong" if each.severity == "wrong" else "pb-soft", finding(say, each))
        for each in answer.findings
    ]
    alike = [link("pb-read-word", f"/search?q={vin}", vin) for vin in answer.perhaps]
    return box(
        "pb-card pb-gap-below",
        box(
            "pb-row pb-wrap",
            tag("span", answer.vin, class_="pb-card-title pb-vin"),
            badge(say("made_in", region=region)),
        )
        if region
        else box("pb-card-title pb-vin", answer.vin),
        box("pb-figures pb-gap-above", *facts) if facts else box("pb-soft", say("unknown_vehicle")),
        box("pb-gap-above", *findings) if findings else Markup(),
        box("pb-read-so pb-gap-above", tag("span", say("perhaps"), class_="pb-soft"), *alike) if alike else Markup(),
    )


def _make(say: Say, fact: Known | None) -> Known | None:
    """A maker as the page's language calls it, where it has a name there."""
    if fact is None or make_name(key := make_key(fact.value)) == (key, key):
        return fact
    return fact.model_copy(update={"value": say.name(*make_name(key))})


def _fact(say: Say, name: str, fact: Known) -> Markup:
    return box(
        "pb-figure",
        box("pb-number pb-fact", fact.value),
        box("pb-soft", say(name)),
        box("pb-soft pb-small", known(say, fact)),
    )
