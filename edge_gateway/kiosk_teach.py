"""Teaching what a piece weighs, at the kiosk: count twenty onto the scale, press one button; again with another number.

The page only gathers batches; whether they agree is judged by `serial_devices/teaching.py`, and again when kept.
"""

from collections.abc import Callable
from typing import NamedTuple

from fastapi import Request

from edge_gateway import schema
from edge_gateway.kiosk_bench import TEXTS as BENCH_TEXTS
from edge_gateway.kiosk_bench import choose_part, draw_chosen
from edge_gateway.kiosk_frame import BENCH_PATH, Visit, kiosk_page
from edge_gateway.kiosk_seam import TeachMass
from edge_gateway.serial_devices.bench_scale import BenchScale, Shown
from edge_gateway.serial_devices.teaching import BATCHES_MAX, PIECES_MAX, Batch, Doubt, Taught, by_known_mass, judge
from edge_gateway.shop_document import Part
from page_kit.address import page
from page_kit.language import Language, Say, Texts
from page_kit.live_part import live_part
from page_kit.look import badge, box, button, empty, figure, text, title
from page_kit.quantity import MINUS

FOLLOW_S = 0.25
COUNTS = (20, 10, 30, 50)  # what is asked for, in this order
EMPTY_STEPS = 2  # of the scale's last digit: so near to zero it is empty

TEXTS: Texts = {
    **BENCH_TEXTS,
    "no_scale": ("没有接台秤", "No scale"),
    "no_scale_why": ("在网关设置里登记一台。", "Name one in the gateway's settings."),
    "step_empty": ("1. 清空秤盘", "1. Clear the scale"),
    "step_empty_why": ("用盒子装：放上空盒，按“去皮”。", "Using a box? Put the empty box on and press Tare."),
    "step_put": ("2. 放上 {count} 个", "2. Put {count} on"),
    "step_put_why": ("一个一个数。数目不同就改下面的数。", "Count them one by one. Another number? Change it below."),
    "step_wait": ("稳定后按按钮", "Press when it stands still"),
    "scale_away": ("秤没有读数", "The scale shows nothing"),
    "scale_moving": ("未稳…", "moving…"),
    "scale_still": ("稳定", "at rest"),
    "scale_over": ("超重", "too much"),
    "scale_under": ("低于零", "below zero"),
    "zero": ("归零", "Zero"),
    "tare": ("去皮", "Tare"),
    "press_there": ("请按秤上的键", "Press the key on the scale"),
    "it_is": ("就是 {count} 个", "These are {count}"),
    "fewer": ("少一个", "One less"),
    "more_pieces": ("多一个", "One more"),
    "batches": ("称过的", "Weighed so far"),
    "batch": ("{count} 个 · {mass}", "{count} pcs · {mass}"),
    "remove": ("删掉", "Remove"),
    "is_really": ("是 {count} 个", "They were {count}"),
    "piece": ("一个重", "One weighs"),
    "piece_error": ("± {mass}（95 %）", "± {mass} (95 %)"),
    "spread": ("个体差异", "From piece to piece"),
    "spread_value": ("± {mass}，不超过 {most}", "± {mass}, at most {most}"),
    "spread_unknown": ("还不知道：再称一批别的数目", "Not known yet: weigh another number"),
    "catalogue_says": ("目录", "Catalogue"),
    "learned_says": ("已学到", "Learned so far"),
    "says_nothing": ("没有", "nothing"),
    "differs": ("和目录差 {percent} %", "{percent} % off the catalogue"),
    "next_batch": ("再称一批 {count} 个，结果更可靠。", "Weigh {count} more of another handful: it gets surer."),
    "confirm": ("确认：按 {mass} 数", "Confirm: count by {mass}"),
    "confirmed": (
        "记下了，以后按 {mass} 数；也告诉了经销商",
        "Kept: counted by {mass} from now on; the dealer knows",
    ),
    "not_counted": (
        "经销商目录里还没有它的重量：经销商采用后才能按重量数。",
        "The catalogue has no weight for it yet: it is counted once the dealer takes this over.",
    ),
    "doubt_miscounted": ("第 {batch} 批像是 {count} 个，请重数", "Batch {batch} looks like {count}: count it again"),
    "doubt_one_of": ("有一批数错了：请重数", "One of the batches is miscounted: count again"),
    "doubt_varies": (
        "两批对不上：数错了，还是混了别的？再称一批看看。",
        "The batches do not agree: miscounted, or something else among them? Weigh one more.",
    ),
    "doubt_more": ("太少了，称不准：多放一些", "Too few to tell: put more on"),
    "hint_catalogue": ("按目录重量，秤上是 {count} 个", "By the catalogue there are {count} on it"),
    "in_grams": ("这个配件按克计，不用教", "This part is kept in grams: nothing to teach"),
}


class Seen(NamedTuple):
    """What the page shows."""

    shown: Shown
    is_empty: bool
    pieces: int
    batches: tuple[Batch, ...]


class Teaching:
    """One open page: the batches so far, and whether the scale was empty since the last one."""

    def __init__(self, part: Part, scale: BenchScale) -> None:
        self.part, self.scale = part, scale
        self.pieces = COUNTS[0]
        self.batches: list[Batch] = []
        self._was_empty = False

    def look(self) -> Seen:
        """What stands on the scale, and what is known so far."""
        shown = self.scale.shown()
        steady = shown.steady
        if steady is not None and abs(steady.mass_mg) <= EMPTY_STEPS * max(1, steady.step_mg):
            self._was_empty = True
        return Seen(shown, self._was_empty, self.pieces, tuple(self.batches))

    def take(self) -> None:
        """What stands still on the scale is a batch."""
        steady = self.scale.shown().steady
        if steady is None or not self._was_empty or steady.mass_mg <= 0 or len(self.batches) >= BATCHES_MAX:
            return
        self.batches.append(Batch(self.pieces, steady.mass_mg, steady.step_mg))
        self._was_empty = False
        self.pieces = COUNTS[len(self.batches) % len(COUNTS)]

    def change(self, by: int) -> None:
        """Another number of pieces."""
        self.pieces = min(PIECES_MAX, max(1, self.pieces + by))


def register() -> None:
    """Add the page to the kiosk."""

    @page("/teach")
    def teach(request: Request, part: str = "", scale: str = "") -> None:
        visit = Visit(request, TEXTS)
        known = {each.number: each for each in visit.view.document.parts}
        with kiosk_page(visit):
            title(visit.say("teach_title"), "" if part else visit.say("teach_lead"))
            scales = visit.gateway.devices.scales
            found = scales.get(scale) or next(iter(scales.values()), None)
            if found is None:
                empty(visit.say("no_scale"), visit.say("no_scale_why"))
            elif part not in known:
                choose_part(visit, "/teach")
            else:
                draw_chosen(visit, known[part], "/teach")
                _build(visit, Teaching(known[part], found))


def _build(visit: Visit, teaching: Teaching) -> None:
    if teaching.part.unit != "piece":
        empty(visit.say("in_grams"))
        return
    with box("pb-two"):
        with box():
            live_part(visit.say, teaching.look, lambda seen, _: _draw_scale(visit, teaching, seen), every_s=FOLLOW_S)
        with box():
            live_part(
                visit.say,
                lambda: tuple(teaching.batches),
                lambda batches, _: _draw_result(visit, teaching, batches),
                every_s=FOLLOW_S,
            )


# ---- the scale ----


def _draw_scale(visit: Visit, teaching: Teaching, seen: Seen) -> None:
    say, steady = visit.say, seen.shown.steady
    ready = seen.is_empty and steady is not None and steady.mass_mg > 5 * max(1, steady.step_mg)
    with box("pb-card is-live" if ready else "pb-card"):
        _draw_step(say, seen)
        _draw_reading(say, seen.shown)
        with box("pb-row pb-wrap pb-gap-above"):
            button(MINUS, lambda: teaching.change(-1), "is-big is-quiet").props["aria-label"] = say("fewer")
            text(str(seen.pieces), "pb-huge pb-stepper")
            button("+", lambda: teaching.change(1), "is-big is-quiet").props["aria-label"] = say("more_pieces")
            for count in COUNTS:
                if count != seen.pieces:
                    by = count - seen.pieces
                    button(str(count), lambda by=by: teaching.change(by), "is-quiet")
        taken = button(say("it_is", count=seen.pieces), teaching.take, "is-main is-big is-wide pb-gap-above")
        if not ready:
            taken.props("disabled")
        with box("pb-buttons pb-gap-above"):
            _draw_key(visit, "zero", teaching.scale.zero)
            _draw_key(visit, "tare", teaching.scale.tare)
        if seen.shown.refused:
            text(seen.shown.refused, "is-wrong pb-small pb-gap-above")


def _draw_step(say: Say, seen: Seen) -> None:
    steady = seen.shown.steady
    if not seen.is_empty:
        text(say("step_empty"), "pb-question")
        text(say("step_empty_why"), "pb-soft")
        return
    is_loaded = steady is not None and steady.mass_mg > 5 * max(1, steady.step_mg)
    text(say("step_wait") if is_loaded else say("step_put", count=seen.pieces), "pb-question")
    text(say("step_put_why"), "pb-soft")


def _draw_reading(say: Say, shown: Shown) -> None:
    weight = shown.weight
    with box("pb-row pb-wrap pb-gap-above"):
        if weight is None:
            text(say("scale_away"), "pb-huge is-wrong")
        elif weight.mass_mg is None:
            text(say(f"scale_{weight.range}"), "pb-huge is-wrong")
        else:
            text(grams(weight.mass_mg, weight.step_mg, say.language), "pb-huge")
            still = shown.steady is not None
            badge(say("scale_still" if still else "scale_moving"), "is-good" if still else "is-low")


def _draw_key(visit: Visit, name: str, press: Callable[[], bool]) -> None:
    def pressed() -> None:
        try:
            known = press()
        except OSError:
            visit.tell(visit.say("scale_away"), "negative")
            return
        if not known:
            visit.tell(visit.say("press_there"), "warning")

    button(visit.say(name), pressed, "is-quiet")


# ---- what it tells ----


def _draw_result(visit: Visit, teaching: Teaching, batches: tuple[Batch, ...]) -> None:
    say = visit.say
    if not batches:
        _draw_known(visit, teaching.part, None)
        return
    found = judge(batches, teaching.part.spread_mg)
    with box("pb-card is-warned" if isinstance(found, Doubt) else "pb-card"):
        if isinstance(found, Doubt):
            _draw_doubt(visit, teaching, found)
        else:
            _draw_taught(visit, teaching, found)
        text(say("batches"), "pb-label pb-gap-above")
        for place, batch in enumerate(batches):
            _draw_batch(visit, teaching, place, batch)
    _draw_known(visit, teaching.part, found if isinstance(found, Taught) else None)


def _draw_doubt(visit: Visit, teaching: Teaching, doubt: Doubt) -> None:
    say = visit.say
    if doubt.problem == "miscounted" and doubt.batch < 0:
        text(say("doubt_one_of"), "pb-question is-low")
    elif doubt.problem == "miscounted":
        text(say("doubt_miscounted", batch=doubt.batch + 1, count=doubt.pieces), "pb-question is-low")

        def recount() -> None:
            teaching.batches[doubt.batch] = teaching.batches[doubt.batch]._replace(pieces=doubt.pieces)

        button(say("is_really", count=doubt.pieces), recount, "pb-gap-above")
    else:
        text(say(f"doubt_{doubt.problem}"), "pb-question is-low")


def _draw_taught(visit: Visit, teaching: Teaching, found: Taught) -> None:
    say = visit.say
    mass = grams(found.unit_mass_mg, _shown_step(found.error_mg), say.language)
    text(say("piece"), "pb-soft")
    text(mass, "pb-huge")
    text(say("piece_error", mass=grams(found.error_mg, 1, say.language)), "pb-soft")
    text(say("spread"), "pb-label pb-gap-above")
    if found.spread_max_mg:
        spread, most = (grams(each, 1, say.language) for each in (found.spread_mg, found.spread_max_mg))
        text(say("spread_value", mass=spread, most=most))
    else:
        text(say("spread_unknown"), "pb-soft")
    if found.batches < 3:
        text(say("next_batch", count=COUNTS[found.batches % len(COUNTS)]), "pb-note pb-gap-above")

    async def confirm() -> None:
        batches = tuple((each.pieces, each.mass_mg, each.step_mg) for each in teaching.batches)
        scale, part = teaching.scale.device.name, teaching.part.number
        if await visit.ask(lambda who: TeachMass(part, scale, batches, who), say("confirmed", mass=mass)):
            visit.go(BENCH_PATH)

    button(say("confirm", mass=mass), confirm, "is-main is-wide pb-gap-above")


def _draw_batch(visit: Visit, teaching: Teaching, place: int, batch: Batch) -> None:
    say = visit.say

    def remove() -> None:
        if teaching.batches[place : place + 1] == [batch]:
            del teaching.batches[place]

    with box("pb-place"):
        with box("pb-grow"):
            told = say("batch", count=batch.pieces, mass=grams(batch.mass_mg, batch.step_mg, say.language))
            text(f"{place + 1}. {told}", "pb-strong")
            by_catalogue = by_known_mass(batch, teaching.part.unit_mass_mg)
            if by_catalogue != batch.pieces:
                text(say("hint_catalogue", count=by_catalogue), "is-low pb-small")
        button(say("remove"), remove, "is-quiet")


def _draw_known(visit: Visit, part: Part, found: Taught | None) -> None:
    """What the catalogue says, and what counting has learned."""
    say = visit.say
    learned = _learned_mg(visit, part)
    with box("pb-figures pb-gap-above"):
        for name, mass_mg in (("catalogue_says", part.unit_mass_mg), ("learned_says", learned)):
            figure(say(name), grams(mass_mg, 10, say.language) if mass_mg else say("says_nothing"))
    if not part.unit_mass_mg:
        text(say("not_counted"), "pb-soft pb-small pb-gap-above")
    elif found is not None:
        permille = abs(found.unit_mass_mg - part.unit_mass_mg) * 1000 // part.unit_mass_mg
        if permille >= 5:
            text(say("differs", percent=f"{permille / 10:g}"), "is-low pb-strong pb-gap-above")


def _learned_mg(visit: Visit, part: Part) -> int:
    """What counting believes a piece weighs; 0 when it has learned nothing of the catalogue's figures of now."""
    database = schema.open_for_reading(str(visit.gateway.database))
    try:
        row = database.execute(
            "select mean_mg from part_mass where part = ? and unit_mass_mg = ? and spread_mg = ?",
            (part.number, part.unit_mass_mg, part.spread_mg),
        ).fetchone()
    finally:
        database.close()
    return round(row[0]) if row else 0


def _shown_step(error_mg: int) -> int:
    """The last digit worth showing beside such an error."""
    return 100 if error_mg >= 500 else 10 if error_mg >= 50 else 1


def grams(mass_mg: int, step_mg: int, language: Language) -> str:
    """A mass as the scale shows it: no digit more than it knows."""
    digits = 0 if step_mg >= 1000 else 1 if step_mg >= 100 else 2 if step_mg >= 10 else 3
    sign = MINUS if mass_mg < 0 else ""
    return f"{sign}{abs(mass_mg) / 1000:,.{digits}f} {'克' if language == 'zh' else 'g'}"
