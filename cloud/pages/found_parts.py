"""Parts and vehicles as a search shows them, for the page of answers, a vehicle and a part. Draws only."""

from cloud.catalogue.answer_words import how
from cloud.catalogue.search_views import PartHit, StockPlace, VehicleHit
from cloud.pages.addresses import cabinet_path, part_path, vehicle_path
from cloud.pages.visit import Visit, part_name
from cloud.views import PartName
from page_kit.language import Say, Texts
from page_kit.markup import Markup, badge, box, joined, link, tag
from page_kit.quantity import quantity

TEXTS: Texts = {
    "in_stock": ("现有 {stock}", "{stock} in stock"),
    "at_shops": ("{count} 家店", "{count} shops"),
    "in_shop": ("1 家店", "1 shop"),
    "no_stock": ("无库存", "none in stock"),
    "replaced_by": ("已由 {part} 替代", "replaced by {part}"),
    "withdrawn": ("已停售", "withdrawn"),
    "place": ("{shop} · {cabinet} · 货位 {bin}", "{shop} · {cabinet} · bin {bin}"),
    "category_appearance": ("外观件", "Body"),
    "category_chassis": ("底盘件", "Chassis"),
    "category_engine": ("发动机件", "Engine"),
    "category_electrical": ("电子电器件", "Electrical"),
    "category_wearing": ("易损易耗件", "Wearing"),
}


def part_link(visit: Visit, part: PartName) -> Markup:
    """A part's name, the way to its page for those who may see it."""
    name = part_name(visit.say, part)
    if not visit.may("see_catalogue"):
        return box("pb-strong", name)
    return box("", link("pb-way pb-strong", part_path(part.number), name))


def stock_text(say: Say, hit: PartHit) -> str:
    """How much there is, and in how many shops."""
    if hit.stock <= 0:
        return say("no_stock")
    shops = say("in_shop") if hit.shops == 1 else say("at_shops", count=hit.shops)
    return f"{say('in_stock', stock=quantity(hit.stock, hit.part.unit, say.language))} · {shops}"


def number_text(say: Say, hit: PartHit) -> str:
    """A part's number, its brand, and the other number that led to it."""
    own = " · ".join(word for word in (hit.part.number, hit.part.brand) if word)
    if hit.how in {"words", "fits", "part_number"} or hit.matched == hit.part.number:
        return own
    other = " ".join(word for word in (hit.matched_brand, hit.matched) if word)
    return f"{own} · {how(say, hit.how)} {other}"


def place_text(say: Say, place: StockPlace) -> str:
    """A bin in words."""
    return say("place", shop=place.shop_name, cabinet=cabinet_text(say, place), bin=place.bin)


def cabinet_text(say: Say, place: StockPlace) -> str:
    """What a bin's cabinet is called."""
    return say.name(place.cabinet_zh, place.cabinet_en) or place.cabinet


def hit_card(say: Say, hit: PartHit) -> Markup:
    """A part that was found: what it is, its number, where it lies."""
    kind = "is-good" if hit.stock > 0 else ""
    marks = [badge(stock_text(say, hit), kind)]
    if hit.replaced_by:
        marks.append(badge(say("replaced_by", part=hit.replaced_by), "is-low"))
    if hit.withdrawn:
        marks.append(badge(say("withdrawn"), "is-wrong"))
    places = [
        link(
            "pb-spot",
            cabinet_path(place.shop, place.cabinet),
            tag("span", place_text(say, place)),
            _amount(say, hit, place),
        )
        for place in hit.places
    ]
    return box(
        "pb-card pb-hit",
        _picture(hit.image),
        box(
            "pb-grow",
            link("pb-card-title pb-hit-name", part_path(hit.part.number), part_name(say, hit.part)),
            box("pb-soft", number_text(say, hit)),
            box("pb-row pb-wrap pb-marks", *marks),
            box("pb-places", *places) if places else Markup(),
        ),
    )


def _amount(say: Say, hit: PartHit, place: StockPlace) -> Markup:
    return tag("strong", quantity(place.stock, hit.part.unit, say.language))


def _picture(address: str) -> Markup:
    return tag("img", class_="pb-hit-picture", src=address, alt="", loading="lazy") if address else Markup()


def vehicle_card(vehicle: VehicleHit) -> Markup:
    """A vehicle whose file is known."""
    what = " ".join(word for word in (vehicle.make, vehicle.model, vehicle.engine, str(vehicle.year or "")) if word)
    return link(
        "pb-card",
        vehicle_path(vehicle.shop, vehicle.id),
        box("pb-card-title", vehicle.plate or vehicle.vin or vehicle.id),
        box("", what) if what else Markup(),
        box("pb-soft", " · ".join(word for word in (vehicle.vin, vehicle.shop_name) if word)),
    )


def hit_list(say: Say, hits: list[PartHit]) -> Markup:
    """Parts, one below the other."""
    return box("pb-hits", joined(*(hit_card(say, hit) for hit in hits)))
