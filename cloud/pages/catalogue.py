"""The catalogue, part by part in order of number, and the ways to what changes it."""

from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import Response
from sqlmodel import Session

from cloud.catalogue import parts as reading
from cloud.catalogue.views import PartsPage, PartView
from cloud.pages import found_parts, part
from cloud.pages.addresses import part_path
from cloud.pages.part_facts import CATEGORIES
from cloud.pages.visit import Visit, show
from cloud.tenancy import TenantId
from page_kit import markup
from page_kit.address import page
from page_kit.language import Say, Texts
from page_kit.look import box, link_button, title
from page_kit.markup import Markup, badge, link, tag

SHOWN = 50
TEXTS: Texts = {
    "catalogue": ("电子目录", "Catalogue"),
    "catalogue_lead": (
        "按零件号排列。用上面的搜索框可以按任何号码、车型或名称查找。",
        "In order of number. The box above finds parts by any number, vehicle or name.",
    ),
    "new_part": ("新建配件", "New part"),
    "models": ("VIN 车型表", "Table of models"),
    "imports": ("导入导出", "Imports"),
    "all_parts": ("全部", "All"),
    "only_withdrawn": ("已停售", "Withdrawn"),
    "number": ("零件号", "Number"),
    "name": ("名称", "Name"),
    "brand": ("品牌", "Brand"),
    "more": ("下一页", "Next page"),
    "from_start": ("回到开头", "From the beginning"),
    "no_parts": ("目录里没有这样的配件", "The catalogue has no such part"),
    "no_parts_how": ("新建一个，或者导入一个文件。", "Make one, or import a file."),
}


def register() -> None:
    """Add the page."""

    @page("/catalogue")
    async def catalogue(request: Request, after: str = "", category: str = "", withdrawn: str = "") -> Response | None:
        wanted = category if category in CATEGORIES else ""

        async def build(visit: Visit) -> None:
            await _build(visit, after.replace("\0", "")[:64], wanted, only_withdrawn=withdrawn == "1")

        return await show(request, (part.TEXTS, found_parts.TEXTS, TEXTS), build, "see_catalogue")


async def _build(visit: Visit, after: str, category: str, *, only_withdrawn: bool) -> None:
    def query(session: Session, tenant: TenantId) -> PartsPage:
        withdrawn = True if only_withdrawn else None
        return reading.parts(
            session, tenant, after=after, limit=SHOWN, category=category, brand="", withdrawn=withdrawn
        )

    found = await visit.read(query)
    say = visit.say
    with visit.frame():
        title(say("catalogue"), say("catalogue_lead"))
        if visit.may("edit_catalogue"):
            with box("pb-buttons pb-below"):
                link_button(say("new_part"), "/part/edit", "is-main")
                link_button(say("models"), "/models", "is-quiet")
                link_button(say("imports"), "/imports", "is-quiet")
        markup.show(_ways(say, category, only_withdrawn=only_withdrawn), _list(say, found))
        kept = {"category": category, "withdrawn": "1" if only_withdrawn else ""}
        with box("pb-buttons pb-gap-above"):
            if after:
                link_button(say("from_start"), _path(**kept), "is-quiet")
            if found.next:
                link_button(say("more"), _path(**kept, after=found.next), "is-quiet")


def _path(**values: str) -> str:
    asked = urlencode({key: value for key, value in values.items() if value})
    return f"/catalogue?{asked}" if asked else "/catalogue"


def _ways(say: Say, category: str, *, only_withdrawn: bool) -> Markup:
    chosen = "withdrawn" if only_withdrawn else category
    ways = [("", _path(), say("all_parts"))]
    ways += [(key, _path(category=key), say(f"category_{key}")) for key in CATEGORIES]
    ways.append(("withdrawn", _path(withdrawn="1"), say("only_withdrawn")))
    links = [
        link(f"pb-button pb-slim {'is-main' if key == chosen else 'is-quiet'}", path, name) for key, path, name in ways
    ]
    return markup.box("pb-buttons pb-below", *links)


def _list(say: Say, found: PartsPage) -> Markup:
    if not found.parts:
        return markup.empty(say("no_parts"), say("no_parts_how"))
    names = ("number", "name", "brand", "category", "unit_mass")
    head = tag("thead", tag("tr", *(tag("th", say(name)) for name in names)))
    return tag("table", head, tag("tbody", *(_row(say, row) for row in found.parts)), class_="pb-table")


def _row(say: Say, row: PartView) -> Markup:
    marks: list[Markup] = []
    if row.withdrawn:
        marks.append(badge(say("withdrawn"), "is-wrong"))
    if row.replaced_by:
        marks.append(badge(say("replaced_by", part=row.replaced_by[-1]), "is-low"))
    mass = f"{row.unit_mass_mg / 1000:,.1f}".removesuffix(".0") + " g" if row.unit_mass_mg else "–"
    return tag(
        "tr",
        tag("td", link("pb-way pb-strong pb-vin", part_path(row.number), row.number)),
        tag("td", tag("span", say.name(row.name_zh, row.name_en) or "–"), " ", *marks),
        tag("td", tag("span", row.brand or "–"), data_name=say("brand")),
        tag("td", tag("span", say(f"category_{row.category}") if row.category else "–"), data_name=say("category")),
        tag("td", tag("span", mass), data_name=say("unit_mass")),
    )
