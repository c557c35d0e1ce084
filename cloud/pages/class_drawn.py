"""The fields, the nine classes, and a shop's year, as they are drawn. Pure."""

from collections.abc import Callable, Sequence

from cloud.pages.visit import part_name
from cloud.replenishment.gauges.classing import PartClass, ShopGrade
from cloud.replenishment.gauges.part_classes import Thresholds
from cloud.replenishment.gauges.shop_grades import RECENT
from page_kit import markup
from page_kit.language import Say
from page_kit.markup import Markup, joined, tag

FIELDS = ("question", "star", "dog", "cow")  # as they stand: growing above, large to the right
NAMED = 3
WIDTH, HEIGHT, GAP = 520, 92, 1.5
To = Callable[[str], str]  # where a press on a class leads


def percent(share: float, digits: int = 0) -> str:
    """A share as people write it."""
    return f"{share * 100:.{digits}f} %"


def fields(say: Say, parts: Sequence[PartClass], limits: Thresholds, chosen: str, to: To) -> Markup:
    """The four fields, each with what lies in it and what to do."""
    return joined(
        markup.heading(say("four_fields")),
        markup.box(
            "pb-soft pb-below",
            say("by_share_and_growth", share=f"{limits.share:g}", growth=percent(limits.growth)),
        ),
        markup.box("pb-fields-four", *(_field(say, name, parts, chosen, to) for name in FIELDS)),
    )


def _field(say: Say, name: str, parts: Sequence[PartClass], chosen: str, to: To) -> Markup:
    own = [part for part in parts if part.bcg == name]
    names = "、".join if say.language == "zh" else ", ".join
    return markup.link(
        f"pb-card pb-field-of is-{name}{' is-chosen' if chosen == name else ''}",
        to(name),
        markup.box(
            "pb-row pb-between pb-wrap pb-tight",
            markup.box("pb-card-title", say(name)),
            markup.box("pb-number", _count(say, own)),
        ),
        markup.box("pb-field-do", say(f"{name}_do")),
        markup.box("pb-soft pb-small", names([part_name(say, part.part) for part in own[:NAMED]]) if own else "–"),
    )


def nine(say: Say, parts: Sequence[PartClass], limits: Thresholds, chosen: str, to: To) -> Markup:
    """ABC by XYZ."""
    heads = [tag("span", ""), *(markup.box("pb-nine-head", each) for each in "XYZ")]
    cells: list[Markup] = []
    for abc in "ABC":
        cells.append(markup.box("pb-nine-head", abc))
        cells += [_cell(say, abc + xyz, parts, chosen, to) for xyz in "XYZ"]
    told = {"a": percent(limits.a), "b": percent(limits.b), "x": f"{limits.x:g}", "y": f"{limits.y:g}"}
    return joined(
        markup.heading(say("abc_xyz")),
        markup.box("pb-soft pb-below", say("by_value_and_variation", **told)),
        markup.box("pb-nine", *heads, *cells),
    )


def _cell(say: Say, name: str, parts: Sequence[PartClass], chosen: str, to: To) -> Markup:
    own = in_class(parts, name)
    return markup.link(
        f"pb-card pb-nine-cell is-{name[0].lower()}{' is-chosen' if chosen == name else ''}",
        to(name),
        markup.box(
            "pb-row pb-between pb-wrap pb-tight", markup.box("pb-strong", name), markup.box("pb-number", str(len(own)))
        ),
        markup.box("pb-soft pb-small", percent(sum(part.share for part in own), 1)),
        markup.box("pb-small", say(f"{name}_do")),
    )


def in_class(parts: Sequence[PartClass], name: str) -> list[PartClass]:
    """The parts of a field or of one of the nine; all for a name that is neither."""
    if name in FIELDS:
        return [part for part in parts if part.bcg == name]
    if len(name) == 2:
        return [part for part in parts if part.abc == name[0] and part.xyz == name[1]]
    return list(parts)


def _count(say: Say, own: Sequence[PartClass]) -> str:
    return say("count_and_share", count=len(own), share=percent(sum(part.share for part in own)))


def shop_year(say: Say, shop: ShopGrade) -> Markup:
    """A bar a week, the last eight marked, and the line of what was expected."""
    known = [used for used in shop.weeks if used is not None] + [each for each in shop.expected_weeks if each]
    top = max([1.0, *known])
    wide = WIDTH / len(shop.weeks)
    bars = [
        tag(
            "rect",
            x=round(at * wide, 1),
            y=round(HEIGHT - max(0, used) / top * HEIGHT, 1),
            width=round(wide - GAP, 1),
            height=round(max(0, used) / top * HEIGHT, 1),
            class_="pb-year-bar is-recent" if at >= len(shop.weeks) - RECENT else "pb-year-bar",
        )
        for at, used in enumerate(shop.weeks)
        if used is not None
    ]
    spots = [
        f"{(at + 0.5) * wide:.1f} {HEIGHT - each / top * HEIGHT:.1f}"
        for at, each in enumerate(shop.expected_weeks)
        if each is not None
    ]
    line = tag("path", d="M" + "L".join(spots), class_="pb-year-line") if spots else Markup()
    return tag(
        "svg",
        *bars,
        line,
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        preserveAspectRatio="none",
        class_=f"pb-year{' is-fading' if shop.fading else ''}",
        role="img",
        aria_label=say("weeks_of", shop=shop.shop_name),
    )
