"""The form of an aim: for everything, a shop, a category, or a category in a shop."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from cloud.pages.visit import Visit
from cloud.replenishment.aims import Aims, said_by
from cloud.tables import CATEGORIES
from page_kit.fields import Choice, Field, Select
from page_kit.language import Texts
from page_kit.look import box, button, dialog, text

Keep = Callable[[tuple[str, str], dict[str, str | int]], Awaitable[bool]]

TEXTS: Texts = {
    "aim_of": ("目标：{what}", "Aim: {what}"),
    "aim_new": ("单独的目标", "An aim of its own"),
    "for_shop": ("店铺", "Shop"),
    "for_category": ("分类", "Category"),
    "every_shop": ("所有店铺", "Every shop"),
    "every_category": ("所有分类", "Every category"),
    "mode": ("怎样定", "How"),
    "mode_fill": ("按有货率", "By fill rate"),
    "mode_fill_what": ("说好多少用量当场有货", "How much of what is used lies there at once"),
    "mode_cost": ("按成本", "By cost"),
    "mode_cost_what": ("缺货和存货哪个贵，系统来权衡", "What missing costs beside holding; the rest follows"),
    "fill": ("有货率，%", "Fill rate, %"),
    "ratio": ("缺一件一天，抵存货几件一天", "A missing piece a day costs as much as holding so many"),
    "review": ("货车几天来一次", "Days between visits"),
    "lead": ("要货后几天送到", "Days until the van is there"),
    "holding": ("存货一年的费用，占价格的 %", "Holding a year, % of the price"),
    "line": ("送一行货的费用，元", "Bringing one line, in money"),
    "inherits": ("跟随上级：{value}", "as above: {value}"),
    "leave_empty": ("空着的跟随上级的目标。", "What is left empty follows the wider aim."),
    "take_away": ("取消这个目标", "Take this aim away"),
    "bad_figure": ("要写成 {least} 到 {most} 的数", "A number of {least} to {most}"),
    "save": ("保存", "Save"),
    "cancel": ("取消", "Cancel"),
}
# Field, how much larger the kept number is than the typed one, and the least and most that may be typed.
FIGURES = (
    ("fill_ppm", "fill", 10_000, 50.0, 99.9),
    ("shortage_ratio_milli", "ratio", 1_000, 1.0, 10_000.0),
    ("review_days", "review", 1, 1.0, 60.0),
    ("lead_days", "lead", 1, 0.0, 60.0),
    ("holding_ppm", "holding", 10_000, 1.0, 200.0),
    ("line_minor", "line", 100, 0.0, 10_000.0),
)


class AimForm:
    """The open form."""

    def __init__(
        self, visit: Visit, aims: Aims, shops: list[tuple[str, str]], key: tuple[str, str] | None, keep: Keep
    ) -> None:
        self.visit, self.say, self.aims, self.shops, self.key, self.keep = visit, visit.say, aims, shops, key, keep
        row = aims.said(*key) if key else None
        self.said = said_by(row) if row else {}
        self.fields: dict[str, Field] = {}

    def open(self) -> None:
        """Show it over the page."""
        say = self.say
        with dialog(self.visit.page) as opened:
            text(self._title(), "pb-h2 pb-first")
            if self.key is None:
                names = {"": say("every_shop")} | dict(self.shops)
                kinds = {"": say("every_category")} | {name: say(f"category_{name}") for name in CATEGORIES}
                self.category = Select(say("for_category"), kinds, "")
                self.shop = Select(say("for_shop"), names, "")
            self._draw_fields()
            with box("pb-actions"):
                button(say("save"), lambda: self._save(opened), "is-main")
                button(say("cancel"), opened.close, "is-quiet")
                if self.said and self.key not in {None, ("", "")}:
                    button(say("take_away"), lambda: self._take_away(opened), "is-quiet")

    def _title(self) -> str:
        if self.key is None:
            return self.say("aim_new")
        shop, category = self.key
        what = [dict(self.shops).get(shop, shop)] if shop else []
        what += [self.say(f"category_{category}")] if category else []
        return self.say("aim_of", what=" · ".join(what) or self.say("everything"))

    def _draw_fields(self) -> None:
        say, counts = self.say, self.aims.of(*(self.key or ("", "")))
        modes = {name: (say(f"mode_{name}"), say(f"mode_{name}_what")) for name in ("fill", "cost")}
        self.mode = Choice(say("mode"), modes, counts.mode)
        with box("pb-fields pb-gap-above"):
            for name, label, scale, _least, _most in FIGURES:
                own = self.said.get(name)
                wide = f"{getattr(counts, name) / scale:g}"
                value = f"{int(own) / scale:g}" if own is not None else ""
                self.fields[name] = Field(say(label), value, hint=say("inherits", value=wide) if own is None else "")
        text(say("leave_empty"), "pb-soft pb-small pb-gap-above")

    def _typed(self) -> dict[str, str | int] | None:
        """What the form says; None when a figure is none, which is said beside it."""
        found: dict[str, str | int] = {}
        if "by_forecast" in self.said:
            found["by_forecast"] = self.said["by_forecast"]
        if self.mode.value != self.aims.of(*(self.key or ("", ""))).mode or "mode" in self.said:
            found["mode"] = self.mode.value
        good = True
        for name, _label, scale, least, most in FIGURES:
            typed = self.fields[name].value.strip().replace("，", ".").rstrip("%")
            if typed:
                value = _number(typed)
                fits = value is not None and least <= value <= most
                refusal = "" if fits else self.say("bad_figure", least=f"{least:g}", most=f"{most:g}")
                self.fields[name].refuse(refusal)
                good = good and fits
                found[name] = round((value or 0) * scale)
            else:
                self.fields[name].refuse("")
        return found if good else None

    async def _save(self, opened: ui.dialog) -> None:
        said = self._typed()
        if said is None:
            return
        key = self.key or (self.shop.value, self.category.value)
        if self.key is None:
            said |= {name: value for name, value in self._said_there(key).items() if name == "by_forecast"}
        if await self.keep(key, said):
            opened.close()

    def _said_there(self, key: tuple[str, str]) -> dict[str, str | int]:
        row = self.aims.said(*key)
        return said_by(row) if row else {}

    async def _take_away(self, opened: ui.dialog) -> None:
        kept = {name: value for name, value in self.said.items() if name == "by_forecast"}
        if await self.keep(self.key or ("", ""), kept):
            opened.close()


def _number(typed: str) -> float | None:
    try:
        value = float(typed)
    except ValueError:
        return None
    return value if value == value and abs(value) < 1e9 else None  # noqa: PLR0124 -- not a number is none
