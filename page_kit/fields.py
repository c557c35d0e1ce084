"""Fields to fill in on a page that is open: text, one of several, some of several. Their values are kept here.

Values come from the visitor: whoever uses them checks them.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from nicegui.element import Element
from nicegui.elements.mixins.text_element import TextElement

from page_kit.look import box, text

_VALUE = "(event) => emit(event.target.value)"
_CHECKED = "(event) => emit(event.target.checked)"


class Refusable:
    """A field that says beside itself what is wrong with its value."""

    def __init__(self, place: Element, taken: Element) -> None:
        self._place, self._taken = place, taken
        self._said: TextElement | None = None

    def refuse(self, sentence: str) -> None:
        """Say what is wrong with the value; "" when nothing is."""
        if self._said is None:
            if not sentence:
                return
            with self._place:
                self._said = text("", "pb-field-wrong", "span").props("role=alert")
        self._said.text = sentence
        self._said.set_visibility(bool(sentence))
        self._taken.props["aria-invalid"] = "true" if sentence else "false"
        self._taken.update()


class Field(Refusable):
    """A line of text with its label."""

    def __init__(self, label: str, value: str = "", kind: str = "text", *, hint: str = "", autocomplete: str = "off"):
        self.value = value
        with box("pb-labelled", "label") as place:
            text(label, "pb-label", "span")
            made = box("pb-field", "input").props(f"type={kind} autocomplete={autocomplete}")
            made.props["value"] = value
            if hint:
                made.props["placeholder"] = hint
        super().__init__(place, made)
        for event in ("input", "change"):  # a browser that fills in a password says only the one
            made.on(event, self._take, js_handler=_VALUE)

    def refuse(self, sentence: str) -> None:
        """As every field does; what was typed stands as it was typed."""
        self._taken.props["value"] = self.value
        super().refuse(sentence)

    def _take(self, event: Any) -> None:
        self.value = str(event.args or "")


class Choice:
    """One of several, by radio buttons with a line of explanation each; `changed` is told."""

    def __init__(
        self,
        label: str,
        options: Mapping[str, tuple[str, str]],
        value: str,
        changed: Callable[[], None] | None = None,
    ):
        self.value, self._changed = value, changed
        text(label, "pb-label")
        with box("pb-choices pb-options").props("role=radiogroup") as group:
            group.props["aria-label"] = label
            for key, (name, what) in options.items():
                self._option(key, name, what, f"choice-{id(self)}")

    def _option(self, key: str, name: str, what: str, group: str) -> None:
        with box("pb-option", "label"):
            made = box("", "input").props("type=radio")
            made.props["name"], made.props["value"] = group, key
            if key == self.value:
                made.props["checked"] = True
            made.on("change", self._take, js_handler=_VALUE)
            with box():
                text(name, "pb-strong")
                if what:
                    text(what, "pb-soft pb-small")

    def _take(self, event: Any) -> None:
        self.value = str(event.args or "")
        if self._changed:
            self._changed()


class Select(Refusable):
    """One of many, from a list that opens; `taken` is told what was chosen."""

    def __init__(
        self,
        label: str,
        options: Mapping[str, str],
        value: str,
        taken: Callable[[str], Any] | None = None,
        *,
        quiet: bool = False,
    ):
        self.value, self._tell = value, taken
        with box("pb-labelled", "label") as place:
            text(label, "pb-hidden" if quiet else "pb-label", "span")
            with box("pb-field pb-select", "select") as made:
                for key, name in options.items():
                    option = text(name, "", "option")
                    option.props["value"] = key
                    if key == value:
                        option.props["selected"] = True
        super().__init__(place, made)
        made.on("change", self._take, js_handler=_VALUE)

    def _take(self, event: Any) -> Any:
        self.value = str(event.args or "")
        return self._tell(self.value) if self._tell else None


class Checks:
    """Some of several, by check boxes."""

    def __init__(self, label: str, options: Mapping[str, str], chosen: Collection[str] = ()):
        self.chosen = {key for key in chosen if key in options}
        text(label, "pb-label")
        with box("pb-checks"):
            for key, name in options.items():
                self._option(key, name)

    def _option(self, key: str, name: str) -> None:
        with box("pb-option", "label"):
            made = box("", "input").props("type=checkbox")
            if key in self.chosen:
                made.props["checked"] = True
            made.on("change", lambda event: self._take(key, event.args), js_handler=_CHECKED)
            text(name)

    def _take(self, key: str, checked: Any) -> None:
        if checked:
            self.chosen.add(key)
        else:
            self.chosen.discard(key)
