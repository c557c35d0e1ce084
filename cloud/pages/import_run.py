"""One import: how far it has come, what the file leaves open, its lines as they will be taken, and what was refused."""

from collections.abc import Callable
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from nicegui import ui
from sqlmodel import Session

from cloud.catalogue.imports.import_views import (
    ImportChoices,
    ImportDetail,
    ImportQuestion,
    ImportRefusal,
    choices_of,
    detail,
    shape_named,
)
from cloud.catalogue.imports.kinds import SHAPES
from cloud.catalogue.imports.runs import found_run
from cloud.identity import SignedIn
from cloud.pages import found_parts, import_words
from cloud.pages.addresses import segment
from cloud.pages.import_words import draw_state, kind_name
from cloud.pages.own_part import attempt
from cloud.pages.visit import Visit, show
from cloud.tables import Shop
from cloud.tenancy import TenantId, tenant_rows
from page_kit.address import page
from page_kit.fields import Field, Select
from page_kit.language import Texts
from page_kit.live_part import Ages, slow_live_part
from page_kit.look import badge, box, button, figure, heading, link_button, text, title

EVERY_S = 1.0
REFUSALS_SHOWN = 50
_OUTCOMES = ("new", "changed", "same", "removed", "refused")
TEXTS: Texts = {
    "back": ("‹ 导入", "‹ Imports"),
    "working_waiting": ("正在排队", "Waiting for its turn"),
    "working_reading": ("正在读取：{lines} 行", "Reading: {lines} lines"),
    "working_writing": ("正在写入：{lines} / {wanted}", "Taking over: {lines} of {wanted}"),
    "interrupted": ("读取中断了，请重新读取。", "Reading was interrupted: read the file again."),
    "changed_since": (
        "预览之后，目录已被别人改动。下面是按现在的目录重新算出的预览，请再看一遍。",
        "Somebody changed the catalogue after the preview. This is the preview by the catalogue of now: look again.",
    ),
    "questions": ("文件没有说明的", "What the file leaves open"),
    "questions_lead": ("回答之后才能写入。", "To be answered before anything is taken over."),
    "settings": ("更改识别方式和各列", "Change how it is read, and its columns"),
    "read_again": ("按此重新读取", "Read it again so"),
    "found": ("文件里有什么", "What was found"),
    "preview": ("预览", "Preview"),
    "line": ("行", "Line"),
    "column": ("列", "Column"),
    "expected": ("应为", "Expected"),
    "really": ("实际", "Found"),
    "not_taken": ("不导入", "Not taken"),
    "refusals": ("被拒绝的行", "Refused lines"),
    "refusals_all": ("全部下载为 CSV", "All of them as CSV"),
    "notices": ("值得留意", "Worth a look"),
    "take": ("写入 {count} 行", "Take over: {count}"),
    "take_nothing": ("没有新的内容可写入", "There is nothing new to take over"),
    "take_blocked": ("有行被拒绝，按你的选择什么都不写。", "Lines were refused: as you chose, nothing is taken over."),
    "drop": ("放弃", "Drop it"),
    "taken": ("已全部写入。", "Everything was taken over."),
    "any_shop": ("每行自己说明", "As each line says"),
}


_WORDS: Texts = {**found_parts.TEXTS, **import_words.TEXTS}


def register() -> None:
    """Add the page."""

    @page("/imports/{run}")
    async def one_import(request: Request, run: str) -> Response | None:
        tables = (_WORDS, TEXTS)
        return await show(request, tables, lambda visit: _Page(visit, run).build(), "edit_catalogue")


class _Page:
    """The open page. `pending` are choices that were made here and not read yet."""

    def __init__(self, visit: Visit, run: str) -> None:
        self.visit, self.say, self.run = visit, visit.say, run
        self.pending: dict[str, Any] = {}
        self.shops: dict[str, str] = {}
        self._open = False

    async def build(self) -> None:
        """The whole page."""
        first = await self.visit.read(self._query)
        self.shops = await self.visit.read(_shops)
        with self.visit.frame():
            link_button(self.say("back"), "/imports", "is-quiet pb-back")
            title(first.file_name)
            await slow_live_part(self.say, self._again, self._draw, first, EVERY_S)

    def _query(self, session: Session, tenant: TenantId) -> ImportDetail:
        progress = self.visit.services.imports.progress(self.run)
        return detail(found_run(session, tenant, self.run), progress, self.say.language, self.visit.may)

    async def _again(self) -> ImportDetail | None:
        return await self.visit.read_again(self._query)

    # ---- what is drawn ----

    def _draw(self, found: ImportDetail, _ages: Ages) -> None:
        self.pending = {}
        with box("pb-row pb-wrap pb-tight"):
            draw_state(self.say, found.state)
            badge(kind_name(self.say, found.kind, found.state))
        if found.progress is not None:
            self._draw_progress(found)
            return
        if found.problem:
            text(found.problem, "pb-error pb-gap-above")
        elif not found.shown and found.state == "previewed":
            text(self.say("interrupted"), "pb-error pb-gap-above")
        if found.changed_since and found.state == "previewed":
            text(self.say("changed_since"), "pb-trouble pb-gap-above")
        self._draw_figures(found)
        if found.state in {"previewed", "refused"}:
            self._draw_questions(found)
            self._draw_buttons(found)
            self._draw_settings(found)
        elif found.state == "taken":
            text(self.say("taken"), "pb-note pb-gap-above")
        self._draw_report(found)

    def _draw_progress(self, found: ImportDetail) -> None:
        progress = found.progress
        if progress is None:
            return
        with box("pb-card is-live pb-gap-above").props("role=status"):
            said = self.say(f"working_{progress.stage}", lines=progress.lines, wanted=progress.wanted)
            with box("pb-row"):
                box("pb-dot pb-pulse")
                text(said, "pb-strong")
            if progress.wanted:
                with box("pb-bar"):
                    share = min(100, 100 * progress.lines // progress.wanted)
                    box("pb-bar-fill").style(f"width:{share}%")

    def _draw_figures(self, found: ImportDetail) -> None:
        shown = [(key, found.counts[key]) for key in _OUTCOMES if found.counts.get(key)]
        if not shown:
            return
        with box("pb-card pb-gap-above"), box("pb-figures"):
            for key, count in shown:
                figure(self.say(f"outcome_{key}"), f"{count:,}", "is-wrong" if key == "refused" else "")
            if found.parts_made:
                figure(self.say("parts_made"), f"{found.parts_made:,}")

    def _draw_questions(self, found: ImportDetail) -> None:
        if not found.questions:
            return
        heading(self.say("questions"))
        with box("pb-card is-warned"):
            text(self.say("questions_lead"), "pb-soft pb-small")
            with box("pb-questions pb-gap-above"):
                for question in found.questions:
                    self._draw_question(question)
            with box("pb-buttons pb-gap-above"):
                button(self.say("read_again"), lambda: self._read(found), "is-main")

    def _draw_question(self, question: ImportQuestion) -> None:
        label = self.say(f"about_{question.about}")
        if not question.options:
            field = Field(label, question.guess, "date" if question.about == "from_day" else "text")
            self.pending[question.about] = lambda: field.value
            return
        self.pending[question.about] = question.guess
        options = {option: self._option(question.about, option) for option in question.options}
        if question.guess not in options:
            options = {"": "–", **options}
        Select(label, options, question.guess, self._setter(question.about))

    def _option(self, about: str, option: str) -> str:
        if about == "kind":
            return kind_name(self.say, option)
        if about == "shop":
            return self.shops.get(option, option)
        return self.say(f"option_{option}")

    def _setter(self, about: str) -> Callable[[str], None]:
        def take(value: str) -> None:
            self.pending[about] = value

        return take

    def _draw_buttons(self, found: ImportDetail) -> None:
        say = self.say
        new = sum(found.counts.get(key, 0) for key in ("new", "changed", "removed"))
        blocked = found.refused and (found.choices.all_or_nothing or found.choices.replace)
        if blocked:
            text(say("take_blocked"), "pb-trouble pb-gap-above")
        with box("pb-buttons pb-gap-above"):
            if new and not found.questions and not found.problem and not blocked:
                button(say("take", count=f"{new:,}"), self._take, "is-main")
            elif found.counts and not new:
                text(say("take_nothing"), "pb-soft")
            button(say("drop"), self._drop, "is-quiet")

    # ---- how it is read ----

    def _draw_settings(self, found: ImportDetail) -> None:
        say, choices = self.say, found.choices
        with box("pb-fold", "details"):
            text(say("settings"), "", "summary")
            if found.kind != "aces":  # such a file says everything itself
                self._draw_reading(found)
            with box("pb-checks pb-gap-above"):
                for about in ("all_or_nothing", "new_parts", "replace"):
                    chosen = getattr(choices, about)
                    self._check(about, found.kind == "aces" if chosen is None else bool(chosen))
            self._draw_columns(found)
            with box("pb-buttons pb-gap-above"):
                button(say("read_again"), lambda: self._read(found), "is-main")

    def _draw_reading(self, found: ImportDetail) -> None:
        say, choices = self.say, found.choices
        with box("pb-form"):
            self._choice("kind", {kind: shape.name(say.language) for kind, shape in SHAPES.items()}, choices.kind)
            names = ("utf-8", "gb18030", "utf-16", "big5", "windows-1252")
            self._choice("encoding", {name: say(f"option_{name}") for name in names}, choices.encoding)
            self._choice("delimiter", {",": ",", ";": ";", "\t": "Tab", "|": "|"}, choices.delimiter)
            if found.sheets:
                self._choice("sheet", {name: name for name in found.sheets}, choices.sheet)
            for about, options in (
                ("decimal", (".", ",")),
                ("mass_unit", ("mg", "g", "kg")),
                ("money_unit", ("major", "minor")),
                ("reference_kind", ("oe", "competitor", "old")),
            ):
                named = {option: say(f"option_{option}") for option in options}
                self._choice(about, named, getattr(choices, about))
            if found.kind in {"vehicles", "prices"}:
                self._choice("shop", self.shops, choices.shop, empty=say("any_shop"))

    def _choice(self, about: str, options: dict[str, str], value: str, empty: str = "") -> None:
        Select(self.say(f"about_{about}"), {"": empty or self.say("as_found"), **options}, value, self._setter(about))

    def _check(self, about: str, value: bool) -> None:
        with box("pb-option", "label"):
            made = box("", "input").props("type=checkbox")
            if value:
                made.props["checked"] = True
            made.on(
                "change",
                lambda event: self.pending.__setitem__(about, bool(event.args)),
                js_handler="(event) => emit(event.target.checked)",
            )
            text(self.say(f"about_{about}"))

    def _draw_columns(self, found: ImportDetail) -> None:
        if not found.headers or found.kind == "aces":
            return
        names = {column.key: column.name(self.say.language) for column in shape_named(found.kind).columns}
        options = {"": self.say("not_taken"), **names}
        columns = list(found.columns)
        with box("pb-form pb-gap-above"):
            for at, header in enumerate(found.headers):
                Select(header or f"({at + 1})", options, columns[at], self._column_setter(columns, at))

    def _column_setter(self, columns: list[str], at: int) -> Callable[[str], None]:
        def take(value: str) -> None:
            columns[at] = value
            self.pending["columns"] = columns

        return take

    # ---- what it says ----

    def _draw_report(self, found: ImportDetail) -> None:
        if found.preview:
            heading(self.say("preview"))
            self._draw_preview(found)
        if found.refusals:
            with box("pb-row pb-wrap pb-between"):
                heading(self.say("refusals"))
                language = self.say.language
                path = f"/api/imports/{segment(self.run)}/refusals.csv?language={language}"
                link_button(self.say("refusals_all"), path, "is-quiet").props("download")
            self._draw_refusals(found.refusals[:REFUSALS_SHOWN])
        if found.notices:
            heading(self.say("notices"))
            self._draw_refusals(found.notices[:REFUSALS_SHOWN])
        if found.said:
            heading(self.say("found"))
            with box("pb-card"):
                for said in found.said:
                    text(said, "pb-line")

    def _draw_preview(self, found: ImportDetail) -> None:
        names = {column.key: column.name(self.say.language) for column in shape_named(found.kind).columns}
        with box("pb-scroll"), box("pb-sheet", "table"):
            with box("", "thead"), box("", "tr"):
                for name in (self.say("line"), "", *(names.get(key, key) for key in found.shown)):
                    text(name, "", "th")
            with box("", "tbody"):
                for line in found.preview:
                    with box("", "tr"):
                        text(str(line.line), "pb-soft", "td")
                        with box("", "td"):
                            badge(self.say(f"outcome_{line.outcome}"), _OUTCOME_KINDS.get(line.outcome, ""))
                        for key, value in zip(found.shown, line.values, strict=True):
                            self._draw_value(self._word(key, value), self._word(key, line.before.get(key)))

    def _word(self, key: str, value: str | None) -> str | None:
        """A value in the page's language, where it is one of a few words."""
        return self.say(f"{key}_{value}") if f"{key}_{value}" in _WORDS else value

    @staticmethod
    def _draw_value(value: str | None, before: str | None) -> None:
        with box("", "td"):
            text(value or "")
            if before is not None:
                text(before or "–", "is-before pb-small")

    def _draw_refusals(self, refusals: list[ImportRefusal]) -> None:
        with box("pb-table", "table"):
            with box("", "thead"), box("", "tr"):
                for key in ("line", "column", "expected", "really"):
                    text(self.say(key), "", "th")
            with box("", "tbody"):
                for refusal in refusals:
                    with box("", "tr"):
                        text(f"{self.say('line')} {refusal.line}", "pb-strong pb-nowrap", "td")
                        text(refusal.column, "", "td")
                        text(refusal.expected, "", "td")
                        text(refusal.found, "pb-code", "td")

    # ---- what is done ----

    async def _read(self, found: ImportDetail) -> None:
        said = {name: value() if callable(value) else value for name, value in self.pending.items()}
        if said.get("kind", found.choices.kind) != found.choices.kind and "columns" not in said:
            said["columns"] = None  # another kind has other columns
        choices = ImportChoices(**{**found.choices.model_dump(), **said})
        await self._do(lambda person: self.visit.services.imports.choose(person, self.run, choices_of(choices)))

    async def _take(self) -> None:
        await self._do(lambda person: self.visit.services.imports.take(person, self.run))

    async def _drop(self) -> None:
        if await self._do(lambda person: self.visit.services.imports.drop(person, self.run)):
            ui.navigate.to("/imports")

    async def _do(self, action: Callable[[SignedIn], None]) -> bool:
        """Do something as whoever is signed in by now; whether it was done."""

        async def act() -> bool:
            await self.visit.read_own(lambda _session, person: action(person))
            return True

        return bool(await attempt(self.visit, act))


_OUTCOME_KINDS = {"new": "is-good", "changed": "is-low", "refused": "is-wrong", "removed": "is-wrong"}


def _shops(session: Session, tenant: TenantId) -> dict[str, str]:
    return {row.id: row.name for row in session.exec(tenant_rows(tenant, Shop))}
