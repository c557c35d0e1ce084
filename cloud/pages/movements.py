"""The movements of a shop or of one of its cabinets, the newest first, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response
from sqlmodel import Session

from cloud import history
from cloud.pages import work_parts
from cloud.pages.addresses import segment, session_path, shop_path
from cloud.pages.drawn import follow_drawn
from cloud.pages.names import CabinetNames, cabinet_name, cabinet_names
from cloud.pages.visit import Visit, part_name, show
from cloud.places import bin_of
from cloud.shop_plan import ShopPlan, own_shop, plan_of
from cloud.tenancy import TenantId
from cloud.views import MovementView, PostingView
from page_kit import markup
from page_kit.address import page
from page_kit.language import Texts
from page_kit.look import link_button, title
from page_kit.markup import Markup, joined
from page_kit.quantity import change

SHOWN = 50

TEXTS: Texts = {
    "movements": ("流水", "Movements"),
    "none": ("没有流水", "No movements"),
    "newest": ("回到最新", "Back to the newest"),
    "all_cabinets": ("所有货柜", "All cabinets"),
    "bin_place": ("{cabinet} 货位 {bin}", "{cabinet} bin {bin}"),
    "cause_opening": ("期初", "Opening stock"),
    "cause_restock": ("补货", "Restocked"),
    "cause_removal": ("撤回", "Taken back"),
    "cause_take": ("领用", "Taken"),
    "cause_return": ("退回", "Given back"),
    "cause_misplaced": ("放错货位", "Put elsewhere"),
    "cause_charge": ("记到工单", "Charged to a job"),
    "cause_unexplained": ("无法解释", "Unexplained"),
    "cause_correction": ("更正", "Correction"),
    "cause_scrap": ("报废", "Scrapped"),
    "job": ("工单 {job}", "Job {job}"),
    "shop_account": ("店里，未记工单", "The shop, no job named"),
    "nobody": ("未知人员", "Unknown person"),
}


@dataclass(frozen=True)
class Found:
    """What the page shows."""

    shop: str
    shop_name: str
    rows: list[MovementView]
    names: CabinetNames
    plan: ShopPlan


def register() -> None:
    """Add the page."""

    @page("/shops/{shop}/movements")
    async def movements(request: Request, shop: str, cabinet: str = "", cursor: str = "") -> Response | None:
        place = shop, cabinet
        return await show(
            request, (work_parts.TEXTS, TEXTS), lambda visit: _build(visit, place, cursor), "see_sessions"
        )


async def _build(visit: Visit, place: tuple[str, str], cursor: str) -> None:
    shop, cabinet = place

    def query(session: Session, tenant: TenantId) -> Found:
        rows = history.movements(session, tenant, shop, cabinet=cabinet, cursor=cursor, limit=SHOWN)
        name = own_shop(session, tenant, shop).name
        return Found(shop, name, rows, cabinet_names(session, tenant, [shop]), plan_of(session, tenant, shop))

    found = await visit.read(query)
    with visit.frame():
        link_button(visit.say("back_to_shop", shop=found.shop_name), shop_path(shop), "is-quiet pb-back")
        title(visit.say("movements"))
        markup.show(_choices(visit, found, cabinet))
        follow_drawn(visit, query, lambda rows: _draw(visit, rows, (cabinet, cursor)), found)


def _choices(visit: Visit, found: Found, chosen: str) -> Markup:
    path = shop_path(found.shop, "/movements")
    ways = [("", visit.say("all_cabinets"))]
    ways += [(cabinet, cabinet_name(visit.say, found.names, found.shop, cabinet)) for _, cabinet in found.names]
    made = [
        markup.link(
            f"pb-button {'is-main' if cabinet == chosen else 'is-quiet'}", f"{path}?cabinet={segment(cabinet)}", name
        )
        for cabinet, name in ways
    ]
    return markup.box("pb-buttons pb-below", *made)


def _draw(visit: Visit, found: Found, asked: tuple[str, str]) -> Markup:
    say, (cabinet, cursor) = visit.say, asked
    if not found.rows:
        return markup.empty(say("none"))
    path = shop_path(found.shop, f"/movements?cabinet={segment(cabinet)}")
    ways = [markup.link("pb-button is-quiet", path, say("newest"))] if cursor else []
    if len(found.rows) == SHOWN:
        ways.append(markup.link("pb-button is-quiet", f"{path}&cursor={segment(found.rows[-1].id)}", say("older")))
    rows = [_movement(visit, found, row) for row in found.rows]
    return joined(markup.box("pb-card", *rows), markup.box("pb-buttons pb-gap-above", *ways))


def _movement(visit: Visit, found: Found, row: MovementView) -> Markup:
    say = visit.say
    cause = say(f"cause_{row.cause}") if f"cause_{row.cause}" in TEXTS else row.cause
    who = row.person_name or say("nobody")
    head = markup.box(
        "pb-row pb-wrap",
        markup.tag("span", cause, class_="pb-strong"),
        markup.tag("span", who, class_="pb-soft"),
        markup.age(say, row.occurred_ms, "pb-soft pb-small"),
    )
    lines = [_line(visit, found, line) for line in _shown(row.postings)]
    note = markup.box("pb-soft pb-small", row.note) if row.note else Markup()
    body = markup.box("pb-stack pb-tight pb-grow", head, *lines, note)
    if row.session:
        return markup.link("pb-line pb-plain-link", session_path(found.shop, row.session), body)
    return markup.box("pb-line", body)


def _shown(postings: Sequence[PostingView]) -> list[PostingView]:
    """What happened to bins; of a movement without one, where it went."""
    bins = [line for line in postings if bin_of(line.account)]
    return bins or [line for line in postings if line.quantity > 0]


def _line(visit: Visit, found: Found, line: PostingView) -> Markup:
    say, part = visit.say, found.plan.part_name(line.part)
    return markup.box(
        "pb-row pb-between",
        markup.box(
            "pb-grow",
            markup.box("", part_name(say, part)),
            markup.box("pb-soft pb-small", _account(visit, found, line.account)),
        ),
        markup.box("pb-number pb-change", change(line.quantity, part.unit, say.language)),
    )


def _account(visit: Visit, found: Found, account: str) -> str:
    say, place = visit.say, bin_of(account)
    if place is not None:
        return say("bin_place", cabinet=cabinet_name(say, found.names, found.shop, place[0]), bin=place[1])
    kind, _, name = account.partition(":")
    return say("job", job=name) if kind == "job" else say("shop_account") if kind == "shop" else account
