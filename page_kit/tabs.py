"""The tabs of a page: one press to a page, or to a few pages that belong together.

A group is a `details` of the browser's own: Tab, Enter and Space open it without a script, Escape or a press beside it
close it. On a phone the tabs stand at the thumb and a group opens above them. Knows no page.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from nicegui import ui

from page_kit.language import Say, Texts
from page_kit.look import box, text

TEXTS: Texts = {"sections": ("页面", "Pages")}
_SCRIPT = """<script>(() => {
  if (window.pbMenu) return; window.pbMenu = true;
  const open = () => [...document.querySelectorAll('.pb-group[open]')];
  document.addEventListener('pointerdown', (event) => open().forEach((group) => {
    if (!group.contains(event.target)) group.open = false; }));
  document.addEventListener('focusin', (event) => open().forEach((group) => {
    if (!group.contains(event.target)) group.open = false; }));
  document.addEventListener('keydown', (event) => open().forEach((group) => {
    const pages = [...group.querySelectorAll('a')], here = pages.indexOf(document.activeElement);
    if (event.key === 'Escape') { group.open = false; group.querySelector('summary').focus(); }
    else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') { event.preventDefault();
      const next = event.key === 'ArrowDown' ? here + 1 : here < 0 ? pages.length - 1 : here - 1;
      pages[(next + pages.length) % pages.length].focus(); } }));
})()</script>"""


@dataclass(frozen=True, slots=True)
class Tab:
    """One page that the frame leads to; `count` is a number that asks for attention, 0 for none.

    With `pages` it is a group: `path` is then nowhere. `under`: where else one is when one is in this page.
    """

    path: str
    title: str
    count: int = 0
    pages: tuple["Tab", ...] = ()
    under: tuple[str, ...] = ()


def find_here(tabs: Sequence[Tab], path: str) -> str:
    """The path of the page that an address belongs to: the one that says most of it, "" when none does."""
    pages = [page for tab in tabs for page in (tab.pages or (tab,))]
    found = [(len(start), page.path) for page in pages for start in (page.path, *page.under) if _is_in(path, start)]
    return max(found, default=(0, ""))[1]


def _is_in(path: str, start: str) -> bool:
    return path == start or path.startswith(f"{start}/")


def draw_tabs(tabs: Sequence[Tab], path: str, say: Say) -> None:
    """The tabs, the one of the address `path` marked."""
    here = find_here(tabs, path)
    if any(tab.pages for tab in tabs):
        ui.add_head_html(_SCRIPT)
    with box("pb-tabs", "nav") as nav:
        nav.props["aria-label"] = say("sections")
        for tab in tabs:
            if tab.pages:
                _draw_group(tab, here)
            else:
                _draw_page(tab, here, "pb-tab")


def _draw_group(tab: Tab, here: str) -> None:
    is_here = any(page.path == here for page in tab.pages)
    with box("pb-group", "details").props("name=pb-tabs"):
        with box("pb-tab is-here" if is_here else "pb-tab", "summary"):
            text(tab.title)
            _draw_count(sum(page.count for page in tab.pages))
        with box("pb-menu"):
            for page in tab.pages:
                _draw_page(page, here, "pb-menu-page")


def _draw_page(tab: Tab, here: str, classes: str) -> None:
    with box(f"{classes} is-here" if tab.path == here else classes, "a") as made:
        made.props["href"] = tab.path
        if tab.path == here:
            made.props["aria-current"] = "page"
        text(tab.title)
        _draw_count(tab.count)


def _draw_count(count: int) -> None:
    if count:
        text(str(count), "pb-count")
