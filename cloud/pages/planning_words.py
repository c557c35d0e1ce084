"""Words of the pages about planning: aims, runs, and the policy of a bin, in sentences that a dealer uses."""

from cloud.pages import found_parts
from cloud.replenishment.policy_views import PolicyView
from page_kit.language import Say, Texts
from page_kit.quantity import quantity

TEXTS: Texts = {key: both for key, both in found_parts.TEXTS.items() if key.startswith("category_")} | {
    "class_smooth": ("用得稳", "used steadily"),
    "class_erratic": ("每次用量差别大", "used in varying amounts"),
    "class_intermittent": ("隔一阵用一次", "used now and then"),
    "class_lumpy": ("很少用，一用就多", "seldom used, then many at once"),
    "class_new": ("新货位，还没有记录", "new here, without a history"),
    "method_typed": ("陈列图里填的", "as typed into the planogram"),
    "method_smoothing": ("平滑预测", "smoothing"),
    "method_trees": ("决策树", "boosted trees"),
    "method_both": ("平滑加决策树", "smoothing and trees"),
    "method_ses": ("指数平滑", "exponential smoothing"),
    "method_tsb": ("间歇需求（TSB）", "intermittent demand (TSB)"),
    "method_sba": ("间歇需求（SBA）", "intermittent demand (SBA)"),
    "method_imapa": ("多层汇总（IMAPA）", "several spans (IMAPA)"),
    "method_pooled": ("同类汇总", "pooled smoothing"),
    "because": (
        "平均每周用 {week}。货车 {review}来一次，要货后 {lead}送到。"
        "要让 {aim} 的用量当场有货，剩 {point}就要货，补到 {up_to}。",
        "{week} a week on average. The van comes every {review}, {lead} after it is asked for. For {aim} of what is "
        "used to be there at once, ask at {point} and fill up to {up_to}.",
    ),
    "because_typed": (
        "还没有人用过，别的店也没有：先按陈列图里填的数。",
        "Nobody has used it yet, here or elsewhere: what was typed into the planogram holds.",
    ),
    "packs": (
        "按整包补，一包 {pack}，补完可能比这多一点。",
        "Whole packs of {pack} are brought, so there may be a little more afterwards.",
    ),
    "because_none": ("几乎没有人用，不必备货。", "Hardly anybody uses it: nothing needs to be kept."),
    "because_one": (
        "用得很少（平均每周 {week}），陈列图里有它，所以留一件。",
        "Seldom used ({week} a week on average); one is kept because the planogram has it.",
    ),
    "limited_capacity": (
        "货位放不下更多，只能保证 {fill}。换大货位或让货车来得更勤。",
        "The bin holds no more, so {fill} can be promised. A larger bin or more visits would help.",
    ),
    "limited_weight": (
        "称重台承不起更多，只能保证 {fill}。",
        "The bin's cell bears no more, so {fill} can be promised.",
    ),
    "limited_shelf_life": (
        "再多就会过期，只能保证 {fill}。",
        "More would expire on the shelf, so {fill} can be promised.",
    ),
    "limited_pack": (
        "整包放不下，只能保证 {fill}。",
        "A whole pack does not fit, so {fill} can be promised.",
    ),
    "rare": ("不到 {least}", "less than {least}"),
}


def share(ppm: int, digits: int = 0) -> str:
    """A share of a million, as people write it."""
    return f"{ppm / 10_000:.{digits}f}\u00a0%"


def chance(ppm: int) -> str:
    """A chance, without pretending to know it to the last per cent."""
    if ppm < 10_000:
        return "<1%"
    return ">99%" if ppm > 990_000 else share(ppm)


def a_week(say: Say, policy: PolicyView) -> str:
    """What is used in a week."""
    amount = 7 * policy.mean_day
    if policy.part.unit == "gram":
        return quantity(round(amount), "gram", say.language)
    text = f"{amount:.1f}".removesuffix(".0") if amount >= 0.1 else f"{amount:.2f}"
    return f"{text} 件" if say.language == "zh" else text


def reason(say: Say, policy: PolicyView) -> str:
    """Why the computed levels are what they are, in one or two sentences."""
    unit, language = policy.part.unit, say.language
    if policy.method == "typed":
        return say("because_typed")
    if policy.order_up_to == 0:
        return say("because_none") + _limited(say, policy)
    if policy.order_up_to == 1 and policy.reorder_point == 0 and policy.pack_size == 1:
        return say("because_one", week=a_week(say, policy)) + _limited(say, policy)
    told = say(
        "because",
        week=a_week(say, policy),
        review=days_of(say, policy.review_days),
        lead=days_of(say, policy.lead_days),
        aim=share(policy.aim_ppm, 1).replace(".0%", "%"),
        point=quantity(policy.reorder_point, unit, language),
        up_to=quantity(policy.order_up_to, unit, language),
    )
    return told + _packs(say, policy) + _limited(say, policy)


def _packs(say: Say, policy: PolicyView) -> str:
    if policy.pack_size == 1:
        return ""
    space = "" if say.language == "zh" else " "
    return space + say("packs", pack=quantity(policy.pack_size, policy.part.unit, say.language))


def _limited(say: Say, policy: PolicyView) -> str:
    if not policy.limited_by:
        return ""
    space = "" if say.language == "zh" else " "
    return space + say(f"limited_{policy.limited_by}", fill=share(policy.fill_ppm))


def days_of(say: Say, count: int) -> str:
    """So many days."""
    if say.language == "zh":
        return f"{count} 天"
    return "1 day" if count == 1 else f"{count} days"


def days(say: Say, left: float | None) -> str:
    """How long a stock lasts."""
    if left is None:
        return "> 2 年" if say.language == "zh" else "> 2 years"
    text = f"{left:.0f}" if left >= 3 else f"{left:.1f}".removesuffix(".0")
    return f"{text} 天" if say.language == "zh" else f"{text} days"
