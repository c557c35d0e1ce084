"""What the pages of rounds say: days, reasons, states, why a line is on a visit. Pure but for its texts."""

from collections.abc import Callable, Mapping
from datetime import date

from cloud.pages.addresses import segment
from cloud.pages.typed_clock import clock_text
from cloud.replenishment.visits.views import LeftOutView, LineView, VisitView
from page_kit import markup
from page_kit.language import Say, Texts
from page_kit.markup import Markup
from page_kit.quantity import quantity

TEXTS: Texts = {
    "rounds": ("送货安排", "Rounds"),
    "day": ("{month} {day} 日 {weekday}", "{weekday} {day} {month}"),
    "weekday_1": ("星期一", "Monday"),
    "weekday_2": ("星期二", "Tuesday"),
    "weekday_3": ("星期三", "Wednesday"),
    "weekday_4": ("星期四", "Thursday"),
    "weekday_5": ("星期五", "Friday"),
    "weekday_6": ("星期六", "Saturday"),
    "weekday_7": ("星期日", "Sunday"),
    "month_1": ("1 月", "January"),
    "month_2": ("2 月", "February"),
    "month_3": ("3 月", "March"),
    "month_4": ("4 月", "April"),
    "month_5": ("5 月", "May"),
    "month_6": ("6 月", "June"),
    "month_7": ("7 月", "July"),
    "month_8": ("8 月", "August"),
    "month_9": ("9 月", "September"),
    "month_10": ("10 月", "October"),
    "month_11": ("11 月", "November"),
    "month_12": ("12 月", "December"),
    "state_proposed": ("建议", "Proposed"),
    "state_planned": ("已定", "Accepted"),
    "state_loaded": ("已装车", "Loaded"),
    "state_done": ("已送到", "Done"),
    "state_cancelled": ("已取消", "Cancelled"),
    "overdue": ("过期未送", "Its day is over"),
    "purpose_need": ("急需", "Needed"),
    "purpose_worth": ("顺带", "Worth bringing"),
    "purpose_take_back": ("带回", "Take back"),
    "purpose_transfer": ("调拨", "Transfer"),
    "line_waiting": ("等送货", "To be brought"),
    "line_left_out": ("不带", "Not brought"),
    "line_answered": ("已确认", "Confirmed"),
    "line_different": ("有差异", "Different"),
    "line_delivered": ("已送，等网关确认", "Delivered, not yet confirmed"),
    "line_unclear": ("不清楚", "Unclear"),
    "line_settled": ("已说明", "Settled"),
    "left_out_withdrawn": ("要货已撤回", "its request was withdrawn"),
    "left_out_dropped": ("有人划掉了", "somebody dropped it"),
    "why_need": (
        "补到 {up_to}，现有 {stock}",
        "Filled up to {up_to}; {stock} there now",
    ),
    "why_waited": ("已等 {days} 天", "asked for {days} days ago"),
    "why_risk": ("下次来之前用完的可能 {percent}\u00a0%", "{percent}\u00a0% likely to run out before the next visit"),
    "why_worth": (
        "现有 {stock}，下次来之前会降到约 {falls_to}，补到 {up_to}",
        "{stock} there now, about {falls_to} before the next visit; filled up to {up_to}",
    ),
    "why_take_back": (
        "{quiet} 天没人用；现有 {stock}，留 {kept} 足够",
        "Nobody took any for {quiet} days; of {stock} there, {kept} are enough",
    ),
    "why_give": ("多出来的；现有 {stock}，留 {kept}", "More than it needs: {stock} there, {kept} stay"),
    "why_get": ("从 {shop} 带来；现有 {stock}，补到 {up_to}", "From {shop}; {stock} there now, filled up to {up_to}"),
    "reason_no_van": ("没有出车的车", "No van drives on these days"),
    "reason_closed": ("这几天店都不收货", "The shop takes no deliveries on these days"),
    "reason_too_far": ("太远，一天来回不够", "Too far: there and back is longer than a driver's day"),
    "reason_too_heavy": ("太重，一辆车装不下", "Too heavy for a van"),
    "reason_no_time": ("车都排满了更急的", "The vans are full with what is more urgent"),
    "reason_no_room": ("货位只放得下 {found}，不够一整包", "Only {found} fit into the bin: not a whole pack"),
    "reason_not_in_store": ("仓库不够", "The store has not enough"),
    "reason_stock_is_back": ("货位已经有 {found}，不用带", "The bin holds {found} again: nothing to bring"),
    "do_no_van": ("添加车或出车的日子", "Add a van or days"),
    "do_closed": ("看看收货时间", "Look at its hours"),
    "do_too_far": ("换一个起点更近的车", "Use a van that starts nearer"),
    "do_too_heavy": ("分两次送，或换大车", "Bring it twice, or with a bigger van"),
    "do_no_time": ("加一天，或多用一辆车", "Plan another day, or another van"),
    "do_no_room": ("改容量或包装数量", "Change the capacity or the pack"),
    "do_not_in_store": ("看采购建议", "See what to buy"),
    "do_stock_is_back": ("网关会自己撤回", "Its gateway will withdraw it"),
    "counts_need": ("急需 {n}", "{n} needed"),
    "counts_worth": ("顺带 {n}", "{n} worth it"),
    "counts_back": ("带回 {n}", "{n} back"),
    "counts_moved": ("调拨 {n}", "{n} moved"),
    "no_time_known": ("时间未知", "time not known"),
    "packs": ("{packs} 包 × {size}", "{packs} × pack of {size}"),
    "loose": ("散装", "loose"),
    "why_cut": ("想要 {wanted}", "of {wanted} wanted"),
    "short_1": ("周一", "Mon"),
    "short_2": ("周二", "Tue"),
    "short_3": ("周三", "Wed"),
    "short_4": ("周四", "Thu"),
    "short_5": ("周五", "Fri"),
    "short_6": ("周六", "Sat"),
    "short_7": ("周日", "Sun"),
}  # fmt: skip
KINDS: Mapping[str, str] = {
    "proposed": "", "planned": "is-good", "loaded": "is-good", "done": "", "cancelled": "is-low",
}  # fmt: skip
LINE_KINDS: Mapping[str, str] = {
    "different": "is-wrong", "unclear": "is-wrong", "left_out": "is-low", "delivered": "is-low", "answered": "is-good",
}  # fmt: skip


def visit_path(visit: str) -> str:
    """The page of a visit."""
    return f"/rounds/visit?id={segment(visit)}"


def picking_path(van: str, day: str) -> str:
    """The picking list of a van's day."""
    return f"/rounds/picking?van={segment(van)}&day={segment(day)}"


def day_name(say: Say, day: str) -> str:
    """A day as people say it."""
    found = date.fromisoformat(day)
    return say("day", month=say(f"month_{found.month}"), day=found.day, weekday=say(f"weekday_{found.isoweekday()}"))


def weekdays(say: Say, days: str) -> str:
    """Weekdays as people say them: Mon–Fri, or each by itself."""
    names = [say(f"short_{each}") for each in days]
    if len(days) > 2 and days in "1234567":
        return f"{names[0]}–{names[-1]}"
    return " ".join(names)


def clock(minute: int | None) -> str:
    """A minute of the day as a clock shows it."""
    return "–" if minute is None else clock_text(minute)


def kg(grams_or_kg: float) -> str:
    """Kilograms without needless decimals."""
    return f"{grams_or_kg:.0f} kg" if grams_or_kg >= 20 else f"{grams_or_kg:.1f} kg"


def load(carried_kg: float, most_kg: int) -> str:
    """What a van carries of what it may: a light load is not none."""
    carried = f"{carried_kg:.0f}" if carried_kg >= 1 or not carried_kg else "<1"
    return f"{carried} / {most_kg} kg"


def state_badge(say: Say, visit: VisitView) -> Markup:
    """How a visit stands."""
    if visit.overdue:
        return markup.badge(say("overdue"), "is-wrong")
    return markup.badge(say(f"state_{visit.state}"), KINDS[visit.state])


def counts(say: Say, visit: VisitView) -> str:
    """What a visit does, in a few words."""
    told = (("need", visit.needed), ("worth", visit.worth), ("back", visit.taken_back), ("moved", visit.transferred))
    return " · ".join(say(f"counts_{key}", n=number) for key, number in told if number)


def amount(say: Say, line: LineView) -> str:
    """How much of it, with its packs."""
    return quantity(line.quantity, line.part.unit, say.language)


def packs(say: Say, line: LineView) -> str:
    """So many packs, "" for single pieces."""
    size, whole = line.pack, abs(line.quantity)
    if size <= 1:
        return ""
    if whole % size:
        return say("loose")
    return say("packs", packs=whole // size, size=quantity(size, line.part.unit, say.language))


def why(say: Say, line: LineView) -> str:
    """Why a line is on its visit, in a sentence."""
    told = _Told(say, line)
    if line.purpose == "worth":
        return told("why_worth", "stock", "falls_to", up_to="order_up_to")
    if line.purpose == "take_back":
        return told("why_take_back", "stock", "kept", quiet="quiet_days")
    if line.quantity < 0:
        return told("why_give", "stock", "kept")
    first = told("why_get" if line.from_shop else "why_need", "stock", up_to="order_up_to")
    more = [each for each in (_cut(say, line), _waited(say, line), _risk(say, line)) if each]
    return " · ".join([first, *more])


class _Told:
    """A sentence with the figures of a line's `why`."""

    def __init__(self, say: Say, line: LineView) -> None:
        self._say, self._line = say, line

    def __call__(self, key: str, *names: str, **renamed: str) -> str:
        if not self._line.why:
            return ""
        wanted = {name: name for name in names} | renamed
        values = {shown: self._value(name) for shown, name in wanted.items()}
        return self._say(key, shop=self._line.from_shop_name, **values)

    def _value(self, name: str) -> str:
        value = int(self._line.why.get(name, 0))
        return str(value) if name == "quiet_days" else quantity(value, self._line.part.unit, self._say.language)


def _cut(say: Say, line: LineView) -> str:
    wanted = int(line.why.get("wanted", 0))
    return say("why_cut", wanted=quantity(wanted, line.part.unit, say.language)) if wanted > line.quantity else ""


def _waited(say: Say, line: LineView) -> str:
    days = float(line.why.get("waited_days", 0))
    return say("why_waited", days=f"{days:.0f}") if days >= 1 else ""


def _risk(say: Say, line: LineView) -> str:
    share = float(line.why.get("out_by_next", 0))
    return say("why_risk", percent=f"{100 * share:.0f}") if share >= 0.05 else ""


def reason(say: Say, left: LeftOutView) -> str:
    """Why a need is on no visit."""
    found = "" if left.found is None else quantity(left.found, left.part.unit, say.language)
    return say(f"reason_{left.reason}", found=found)


_REMEDIES: Mapping[str, str] = {
    "no_van": "/vans",
    "too_far": "/vans",
    "too_heavy": "/vans",
    "not_in_store": "/purchases",
}


def remedy(say: Say, left: LeftOutView, hours_path: Callable[[str], str]) -> Markup:
    """What to do about it, leading there."""
    path = hours_path(left.shop) if left.reason == "closed" else _REMEDIES.get(left.reason, "")
    words = say(f"do_{left.reason}")
    return markup.link("pb-way", path, words) if path else markup.tag("span", words)
