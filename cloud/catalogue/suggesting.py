"""The first answers of a search as a box shows them while one types: a line, what stands under it, where it leads."""

from typing import Literal
from urllib.parse import quote

from pydantic import Field

from cloud.catalogue.answer_words import TEXTS, how, vehicle
from cloud.catalogue.search_views import PartHit, SearchAnswer, VehicleHit
from cloud.views import View
from page_kit.language import Language, Say
from page_kit.quantity import quantity

SUGGESTED_MAX = 8


class Suggestion(View):
    """One line; `badge` is a short mark at its end."""

    path: str = Field(description="the page it leads to", examples=["/part?number=WK-1060"])
    title: str = Field(examples=["柴油滤清器"])
    under: str = Field(examples=["WK-1060 · MANN"])
    badge: str = Field(examples=["24"])
    kind: Literal["", "is-good", "is-low"] = Field(description="of the mark", examples=["is-good"])


class Suggestions(View):
    """The lines, best first."""

    suggestions: list[Suggestion]


def suggested(found: SearchAnswer, language: Language) -> Suggestions:
    """The first vehicles and parts."""
    say = Say(language, TEXTS)
    lines = [_vehicle(each) for each in found.vehicles[:3]]
    if found.vin and found.vin.is_whole and not found.vehicles:
        path = f"/search?q={quote(found.vin.vin)}"
        lines.append(
            Suggestion(path=path, title=vehicle(found.vin) or "VIN", under=found.vin.vin, badge="VIN", kind="")
        )
    return Suggestions(suggestions=[*lines, *(_part(say, hit) for hit in found.hits)][:SUGGESTED_MAX])


def _vehicle(hit: VehicleHit) -> Suggestion:
    what = " ".join(word for word in (hit.make, hit.model, hit.engine) if word)
    path = f"/shops/{quote(hit.shop, safe='')}/vehicles/{quote(hit.id, safe='')}"
    under = " · ".join(word for word in (what, hit.shop_name) if word)
    return Suggestion(path=path, title=hit.plate or hit.vin, under=under, badge="", kind="")


def _part(say: Say, hit: PartHit) -> Suggestion:
    part = hit.part
    words = [part.number, part.brand]
    if hit.how not in {"words", "fits", "part_number"} and hit.matched != part.number:
        words.append(f"{how(say, hit.how)} {hit.matched}")
    return Suggestion(
        path=f"/part?number={quote(part.number, safe='')}",
        title=say.name(part.name_zh, part.name_en) or part.number,
        under=" · ".join(word for word in words if word),
        badge=quantity(hit.stock, part.unit, say.language),
        kind="is-good" if hit.stock > 0 else "",
    )
