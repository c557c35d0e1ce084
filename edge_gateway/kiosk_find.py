"""The kiosk's search box: a number, words or a plate; and where the part lies, shown by a light. Without internet."""

from collections.abc import Callable, Sequence

from fastapi import Request
from nicegui import ui
from nicegui.events import GenericEventArguments

from edge_gateway import kiosk_light
from edge_gateway.catalogue_format import CataloguePart, Fits
from edge_gateway.catalogue_search import ASKED_CHARACTERS_MAX, Holding
from edge_gateway.kiosk_frame import Visit, cabinet_name, kiosk_page
from edge_gateway.kiosk_jobs import TEXTS as JOB_TEXTS
from edge_gateway.kiosk_jobs import draw_job
from edge_gateway.kiosk_light import draw_show
from edge_gateway.kiosk_scan import where_to
from edge_gateway.part_finder import Answer, FoundPart, PartPlace
from edge_gateway.serial_devices.scans import read_scan
from page_kit.address import page
from page_kit.language import Say, Texts
from page_kit.live_part import Ages, live_part
from page_kit.look import badge, box, empty, heading, text
from page_kit.quantity import quantity

TYPING_PAUSE_S = 0.15
FITS_SHOWN = 3

TEXTS: Texts = {
    "find_hint": ("配件号、原厂号、名称、车型、车牌…", "Part number, OE number, name, model, plate …"),
    "find_ready": ("想找什么配件？", "Which part are you looking for?"),
    "find_ready_why": (
        "输入配件号、原厂号或别家的号，或者几个字：机滤、豪沃 刹车片、oil filter。没有网络也能查。",
        "Type a part number, a maker's or a competitor's, or a few words: oil filter, brake pad J6P. Works offline.",
    ),
    "find_none": ("没有找到“{asked}”", "Nothing found for “{asked}”"),
    "find_none_why": ("换个说法，或少打几个字。", "Try other words, or fewer."),
    "find_mistyped": ("没有完全一样的，您是不是要找：", "Nothing is called just so. Did you mean:"),
    "find_some": ("没有全部符合的，这些符合一部分：", "Nothing fits all of it; these fit some:"),
    "find_more": ("还有 {count} 种，请再多打几个字。", "{count} more; type a little more."),
    "find_jobs": ("工单", "Jobs"),
    "find_parts": ("配件", "Parts"),
    "find_here": ("{cabinet} · 货位 {bin}", "{cabinet} · bin {bin}"),
    "find_empty_bin": ("现在没有", "none left"),
    "find_dealer": ("本店货柜里没有，经销商有", "Not in this shop's cabinets; the dealer has it"),
    "find_at_dealer": ("柜里没有的", "Not in the cabinets"),
    "find_gone": ("不再供应", "No longer offered"),
    "find_gone_dealer": ("本店货柜里没有", "Not in this shop's cabinets"),
    "find_instead": ("已由 {part} 替代", "Replaced by {part}"),
    "find_by": ("对应号 {number}", "by its number {number}"),
    "find_fits": ("适用", "Fits"),
    "find_fits_more": ("…等 {count} 种车型", "… and {count} more"),
    "find_numbers": ("原厂号和其他号", "Other numbers"),
    "ref_oe": ("原厂 {brand}", "{brand} (OE)"),
    "ref_competitor": ("{brand}", "{brand}"),
    "ref_old": ("旧号 {brand}", "old number {brand}"),
    "year_from": ("{year} 年起", "from {year}"),
    "year_to": ("到 {year} 年", "until {year}"),
    "years": ("{first}–{last} 年", "{first}–{last}"),
    "held_whole": ("目录共 {count} 种配件，都在本机", "{count} parts of the catalogue, all of them here"),
    "held_part": (
        "目录正在送来：已有 {count} 种（{percent} %），其余的还查不到",
        "The catalogue is still coming: {count} parts so far ({percent} %), the others are not found yet",
    ),
    "held_bins": ("本店货柜里的 {count} 种配件", "The {count} parts of this shop's cabinets"),
    "held_indexing": (
        "正在重新整理目录，有些配件暂时查不到",
        "The catalogue is being sorted anew: some parts are not found yet",
    ),
}


class Asked:
    """What stands in the search box of one open page."""

    def __init__(self, text: str) -> None:
        self.text = text


def register() -> None:
    """Add the page to the kiosk."""

    @page("/find")
    def find(request: Request, q: str = "") -> None:
        visit = Visit(request, kiosk_light.TEXTS, JOB_TEXTS, TEXTS)
        asked = Asked(q[:ASKED_CHARACTERS_MAX])
        with kiosk_page(visit):
            field = box("pb-field pb-seek", "input")
            look = live_part(
                visit.say,
                lambda: visit.view.find(asked.text),
                lambda found, ages: _draw(visit, found, ages),
                lambda: (asked.text, visit.changes()),
            )
            _make_field(visit, field, asked, look)


def _make_field(visit: Visit, field: ui.element, asked: Asked, look: Callable[[], None]) -> None:
    """One large field; the answer follows the typing."""

    def typed(event: GenericEventArguments) -> None:
        asked.text = str(event.args or "")[:ASKED_CHARACTERS_MAX]
        look()

    def entered(event: GenericEventArguments) -> None:
        """A scanner that types ends with Enter; what it read may be a trade item's number, or a bin's label."""
        scan = read_scan(str(event.args or "")[:ASKED_CHARACTERS_MAX])
        if scan.kind != "text":
            visit.go(where_to(scan, visit.view.document))

    field.props(
        f"type=search autofocus autocomplete=off autocapitalize=off spellcheck=false "
        f"inputmode=search enterkeyhint=search maxlength={ASKED_CHARACTERS_MAX}"
    )
    field.props["placeholder"], field.props["value"] = visit.say("find_hint"), asked.text
    field.props["aria-label"] = visit.say("find_hint")
    field.on(
        "input",
        typed,
        js_handler="(event) => emit(event.target.value)",
        throttle=TYPING_PAUSE_S,
        leading_events=False,
    )
    field.on("keydown.enter", entered, js_handler="(event) => emit(event.target.value)")


def _draw(visit: Visit, found: Answer, ages: Ages) -> None:
    say = visit.say
    if not found.asked:
        empty(say("find_ready"), say("find_ready_why"))
    elif not found.parts and not found.jobs:
        empty(say("find_none", asked=found.asked), say("find_none_why"))
    if found.jobs:
        heading(say("find_jobs"))
        with box("pb-cards"):
            for job in found.jobs:
                draw_job(visit, job, ages)
    if found.parts:
        _draw_parts(visit, found)
    text(_holding_words(say, found.holding), "pb-soft pb-small pb-gap-above")


def _draw_parts(visit: Visit, found: Answer) -> None:
    say, how = visit.say, found.parts[0].hit.how
    if how in ("mistyped", "some_words"):
        text(say("find_mistyped" if how == "mistyped" else "find_some"), "pb-note pb-gap-above")
    elif found.jobs:
        heading(say("find_parts"))
    here = [part for part in found.parts if part.places or part.instead]
    away = [part for part in found.parts if part not in here]
    for group in (here, away):
        if here and group is away and away:
            heading(say("find_at_dealer"))
        if group:
            with box("pb-cards pb-wide-cards pb-gap-above"):
                for part in group:
                    _draw_part(visit, part)
    if found.more:
        text(say("find_more", count=found.more), "pb-soft pb-gap-above")


def _draw_part(visit: Visit, found: FoundPart) -> None:
    say, part = visit.say, found.hit.part
    with box("pb-card"):
        text(name_of(say, part), "pb-card-title")
        by = say("find_by", number=found.hit.by) if found.hit.by else ""
        text(" · ".join(piece for piece in (part.number, part.brand, by) if piece), "pb-soft pb-small")
        if part.withdrawn:
            badge(say("find_gone"), "is-low")
        _draw_places(
            visit, part, found.places, "find_gone_dealer" if part.withdrawn or found.instead else "find_dealer"
        )
        if found.instead is not None:
            _draw_instead(visit, found.instead)
        _draw_fits(say, part)
        _draw_numbers(say, part)


def _draw_places(visit: Visit, part: CataloguePart, places: Sequence[PartPlace], nowhere: str) -> None:
    say = visit.say
    if not places:
        text(say(nowhere), "pb-strong pb-gap-above")
        return
    with box("pb-gap-above"):
        for place in places:
            with box("pb-place"):
                with box("pb-grow"):
                    text(say("find_here", cabinet=cabinet_name(say, place.cabinet), bin=place.bin), "pb-strong")
                    amount = (
                        quantity(place.stock, part.unit, say.language) if place.stock > 0 else say("find_empty_bin")
                    )
                    text(amount, "pb-number pb-change" if place.stock > 0 else "is-low")
                draw_show(visit, place.cabinet, place.bin, "is-main" if place.stock > 0 else "is-quiet")


def _draw_instead(visit: Visit, instead: FoundPart) -> None:
    say, part = visit.say, instead.hit.part
    with box("pb-note pb-gap-above"):
        name = " · ".join(dict.fromkeys((part.number, name_of(say, part))))
        text(say("find_instead", part=name), "pb-strong")
        _draw_places(visit, part, instead.places, "find_dealer")


def _draw_fits(say: Say, part: CataloguePart) -> None:
    if not part.fits:
        return
    lines = list(dict.fromkeys(fits_words(say, each) for each in part.fits))
    more = len(lines) - FITS_SHOWN + part.fits_more
    with box("pb-gap-above"):
        text(say("find_fits"), "pb-soft pb-small")
        for line in lines[:FITS_SHOWN]:
            text(line, "pb-small")
        if more > 0:
            with box("pb-fold", "details"):
                text(say("find_fits_more", count=more), tag="summary")
                for line in lines[FITS_SHOWN:]:
                    text(line, "pb-small")


def _draw_numbers(say: Say, part: CataloguePart) -> None:
    if not part.references:
        return
    with box("pb-fold", "details"):
        text(say("find_numbers"), tag="summary")
        for each in part.references:
            known = each.kind if each.kind in ("oe", "old") else "competitor"
            with box("pb-row pb-between pb-small"):
                text(say(f"ref_{known}", brand=each.brand).strip(), "pb-soft")
                text(each.number, "pb-code")


def fits_words(say: Say, fits: Fits) -> str:
    """A vehicle in one line."""
    return " ".join(piece for piece in (fits.make, fits.model, fits.engine, fits.position, _years(say, fits)) if piece)


def _years(say: Say, fits: Fits) -> str:
    if fits.from_year and fits.to_year:
        return say("years", first=fits.from_year, last=fits.to_year)
    if fits.from_year:
        return say("year_from", year=fits.from_year)
    return say("year_to", year=fits.to_year) if fits.to_year else ""


def name_of(say: Say, part: CataloguePart) -> str:
    """A part's name in the page's language, its number when it has none."""
    return say.name(part.name_zh, part.name_en) or part.number


def _holding_words(say: Say, holding: Holding) -> str:
    if not holding.indexed:
        return say("held_indexing")
    count = f"{holding.parts:,}"
    if holding.whole:
        return say("held_whole", count=count)
    if holding.fetched_permille:
        return say("held_part", count=count, percent=f"{holding.fetched_permille / 10:.1f}")
    return say("held_bins", count=count)
