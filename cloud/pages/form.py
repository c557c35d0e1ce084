"""A form on an open page: fields by name, read as a model of the API, and what is refused told beside its field.

The sentence of a field that does not fit its model is `wrong_<field>` of the page's texts, a general one where there
is none. The page says in a table what other refusals contain, and which field they are about.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from nicegui import ui
from pydantic import BaseModel, ValidationError
from sqlmodel import Session

from cloud.catalogue.bot_hooks import RobotError
from cloud.catalogue.writing import CatalogueError
from cloud.identity import SignedIn
from cloud.pages.role_words import REFUSALS, why
from cloud.pages.visit import SignedOutError, Visit
from page_kit.fields import Field, Select
from page_kit.language import Texts
from page_kit.look import box, button, text

M = TypeVar("M", bound=BaseModel)
N = TypeVar("N")
Action = Callable[[Session, SignedIn], object]
Change = Callable[[Action], Awaitable[object]]
REFUSED = (*REFUSALS, CatalogueError, RobotError)

TEXTS: Texts = {
    "wrong_any": ("请检查这一项。", "Please check this."),
    "wrong_number_typed": ("请填数字，例如 12.5。", "Please enter a number, such as 12.5."),
    "wrong_whole": ("请填整数。", "Please enter a whole number."),
    "kept": ("已保存", "Saved"),
}


@dataclass(frozen=True)
class Said:
    """A refusal: what its sentence contains, the field it is about, and how it is told."""

    mark: str
    field: str
    key: str


class Form:
    """Fields by name. A value is read only when it is asked for."""

    def __init__(self, visit: Visit, said: Sequence[Said] = (), change: Change | None = None) -> None:
        self._visit, self._say, self._said = visit, visit.say, said
        self._change = change or visit.change_as
        self._fields: dict[str, Field | Select] = {}
        self._wrong: dict[str, str] = {}

    def line(self, name: str, label: str, value: str = "", kind: str = "text", *, hint: str = "") -> None:
        """A line of text."""
        self._fields[name] = Field(label, value, kind, hint=hint)

    def choose(self, name: str, label: str, options: Mapping[str, str], value: str) -> None:
        """One of several."""
        self._fields[name] = Select(label, options, value)

    def __getitem__(self, name: str) -> str:
        return self._fields[name].value.strip()

    def texts(self, *names: str) -> dict[str, Any]:
        """What was typed into some fields."""
        return {name: self[name] for name in names}

    def read(self, name: str, parse: Callable[[str], N | None], key: str, empty: N) -> N:
        """A value that is no text; `empty` where nothing was typed. What cannot be read is told under `key`."""
        if not self[name]:
            return empty
        found = parse(self[name])
        if found is None:
            self._wrong[name] = self._say(key)
            return empty
        return found

    def demand(self, name: str, key: str) -> None:
        """Refuse an empty field."""
        if not self[name]:
            self._wrong[name] = self._say(key)

    def model(self, model: type[M], values: Mapping[str, Any]) -> M | None:
        """The values as a model; None when they are none, and each field says why."""
        wrong, made = self._wrong, None
        self._wrong = {}
        try:
            made = model.model_validate(dict(values))
        except ValidationError as error:
            for each in error.errors():
                name = str(each["loc"][0]) if each["loc"] else ""
                if not (len(each["loc"]) > 1 and wrong):  # of what stands in several fields, those were told
                    wrong.setdefault(name, self._sentence(name))
        self._tell(wrong)
        return None if wrong else made

    def _sentence(self, name: str) -> str:
        try:
            return self._say(f"wrong_{name}")
        except KeyError:
            return self._say("wrong_any")

    def _tell(self, wrong: Mapping[str, str]) -> None:
        for name, field in self._fields.items():
            field.refuse(wrong.get(name, ""))
        for name, sentence in wrong.items():
            if name not in self._fields:
                self._notify(sentence)

    def _notify(self, sentence: str) -> None:
        with self._visit.page:
            ui.notify(sentence, type="negative", position="top", timeout=6000)

    async def keep(self, action: Action) -> bool:
        """Do something in one transaction of the tenant's; False when it was refused, and the field says why."""
        try:
            await self._change(action)
        except SignedOutError:
            ui.navigate.to("/sign-in")
            return False
        except REFUSED as error:
            self.refuse(error)
            return False
        self._tell({})
        return True

    def refuse(self, error: Exception) -> None:
        """Tell a refusal beside the field it is about, at the page's head when it is about none."""
        sentence = str(error)
        said = next((each for each in self._said if each.mark in sentence), None)
        self._tell({said.field: self._say(said.key)} if said else {"": why(self._say, error)})


class Adding:
    """A form for one line more: empty again once the line was added."""

    def __init__(
        self,
        visit: Visit,
        draw_fields: Callable[[Form], None],
        wanted: Callable[[Form], Action | None],
        added: Callable[[], Awaitable[object]],
        *,
        label: str,
        said: Sequence[Said] = (),
    ) -> None:
        self._visit, self._said, self._label = visit, said, label
        self._draw_fields, self._wanted, self._added = draw_fields, wanted, added
        with box("pb-card pb-fold pb-gap-above", "details"):
            text(label, "", "summary")
            self._place = box("pb-gap-above")
        self._draw()

    def _draw(self) -> None:
        self._form = Form(self._visit, self._said)
        self._place.clear()
        with self._place:
            with box("pb-fields"):
                self._draw_fields(self._form)
            with box("pb-buttons pb-gap-above"):
                button(self._label, self._add, "is-quiet")

    async def _add(self) -> None:
        act = self._wanted(self._form)
        if act is not None and await self._form.keep(act):
            self._draw()
            await self._added()
