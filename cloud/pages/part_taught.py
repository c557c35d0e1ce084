"""What shops' scales say a part weighs, on its page: beside the catalogue's word, to be taken over with one press."""

from collections.abc import Mapping

from sqlmodel import Session

from cloud.catalogue.editing import Editor
from cloud.catalogue.taught import TaughtMassView, taught
from cloud.catalogue.views import PartChange
from cloud.identity import SignedIn
from cloud.pages.visit import Visit
from cloud.pages.work_parts import Part, press
from cloud.tenancy import TenantId
from page_kit.age import age
from page_kit.language import Texts
from page_kit.markup import Markup, badge, box, heading, joined

TEXTS: Texts = {
    "taught": ("店里称出来的重量", "Weighed in shops"),
    "taught_mass": ("{mass} ± {error} 克", "{mass} ± {error} g"),
    "taught_spread": ("个体差异 ± {spread} 克", "pieces differ by ± {spread} g"),
    "taught_by": ("{shop} · {pieces} 个，分 {batches} 批", "{shop} · {pieces} pieces in {batches} batches"),
    "taught_off": ("和目录差 {percent} %", "{percent} % off the catalogue"),
    "taught_same": ("目录已采用", "As the catalogue has it"),
    "taught_take": ("采用 {mass} 克", "Take over {mass} g"),
}


async def draw_taught(visit: Visit, number: str, shops: Mapping[str, str], unit_mass_mg: int) -> None:
    """A card for each shop that weighed it; nothing where none did."""

    def query(session: Session, tenant: TenantId) -> list[TaughtMassView]:
        return taught(session, tenant, number)

    found = await visit.read(query)
    if not found:
        return
    drawn = Part(visit, query, lambda newest: _cards(visit, newest, shops, unit_mass_mg), found)

    async def take(identity: str) -> None:
        def change(session: Session, person: SignedIn) -> None:
            one = next((each for each in taught(session, person.tenant, number) if each.id == identity), None)
            if one is not None:
                figures = {"unit_mass_mg": one.unit_mass_mg, **({"spread_mg": one.spread_mg} if one.spread_mg else {})}
                Editor(session, person, visit.now_ms()).change(number, PartChange.model_validate(figures))

        await drawn.change(change)

    drawn.on("take", take)


def _cards(visit: Visit, found: list[TaughtMassView], shops: Mapping[str, str], unit_mass_mg: int) -> Markup:
    cards = [_card(visit, each, shops.get(each.shop, each.shop), unit_mass_mg) for each in found]
    return joined(heading(visit.say("taught")), box("pb-cards", *cards))


def _card(visit: Visit, one: TaughtMassView, shop: str, unit_mass_mg: int) -> Markup:
    say, mass = visit.say, known_grams(one.unit_mass_mg, one.error_mg)
    pieces = [box("pb-number pb-change", say("taught_mass", mass=mass, error=known_grams(one.error_mg, one.error_mg)))]
    if one.spread_mg:
        pieces.append(box("", say("taught_spread", spread=grams(one.spread_mg))))
    told = say("taught_by", shop=shop, pieces=one.pieces, batches=one.batches)
    pieces.append(box("pb-soft pb-small", f"{told} · {age(one.taught_ms, visit.now_ms(), say.language)}"))
    if not one.is_news:
        pieces.append(badge(say("taught_same"), "is-good"))
        return box("pb-card", *pieces)
    if unit_mass_mg:
        off = abs(one.unit_mass_mg - unit_mass_mg) * 1000 // unit_mass_mg
        pieces.append(badge(say("taught_off", percent=f"{off / 10:g}"), "is-low" if off >= 5 else ""))
    if visit.may("edit_catalogue"):
        pieces.append(box("pb-buttons pb-gap-above", press(say("taught_take", mass=mass), "take", one.id, "is-main")))
    return box("pb-card", *pieces)


def grams(mass_mg: int) -> str:
    """Milligrams as grams: no more digits than they have."""
    return f"{mass_mg / 1000:,.3f}".rstrip("0").rstrip(".")


def known_grams(mass_mg: int, error_mg: int) -> str:
    """A mass as grams with the digits that its error leaves."""
    digits = 0 if error_mg >= 10_000 else 1 if error_mg >= 1_000 else 2 if error_mg >= 100 else 3
    shown = f"{mass_mg / 1000:,.{digits}f}"
    return shown.rstrip("0").rstrip(".") if digits else shown
