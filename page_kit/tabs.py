"""The tabs of a page: one press to a page, or to a few pages that belong together.

A group is a `details` of the browser's own: Tab, Enter and Space open it without a script, Escape or a press beside it
close it; it stays open while its numbers change. On a phone the tabs stand at the thumb and a group opens above them.
Knows no page.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nicegui import ui

from page_kit.language import Say, Texts
from page_kit.markup import Markup, box, link, tag

TEXTS: Texts = {"sections": ("页面", "Pages")}
_SCRIPT = """<script>(() => {
  if (window.pbMenu) return; window.pbMenu = true;
  const open = () => [...document.querySelectorAll('.pb-group[open]')];
  const name = (group) => group.querySelector('summary > div').textContent;
  let kept = '', focused = '';
  new MutationObserver((changes) => {
    changes.filter(({type, target}) => type === 'attributes' && target.matches('.pb-group')).forEach(({target}) => {
      if (target.open) kept = name(target); else if (name(target) === kept) kept = focused = ''; });
    const groups = kept && !open().length ? [...document.querySelectorAll('.pb-group')] : [];
    const group = groups.find((each) => name(each) === kept);
    if (!group) return;
    group.open = true;
    if (focused) [...group.querySelectorAll('a')].find((page) => page.getAttribute('href') === focused)?.focus();
  }).observe(document, {childList: true, subtree: true, attributeFilter: ['open']});
  document.addEventListener('focusin', ({target}) => {
    focused = target.closest('.pb-menu') ? target.getAttribute('href') : ''; });
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


class TabBar:
    """The tabs of an open page, the one of the address `path` marked; `read` says what they are."""

    def __init__(self, say: Say, path: str, read: Callable[[], Sequence[Tab]]) -> None:
        self._say, self._path, self._read = say, path, read
        self._shown: Sequence[Tab] = read()
        if any(each.pages for each in self._shown):
            ui.add_head_html(_SCRIPT)
        self._place = ui.html(self._markup(), sanitize=False)  # one element of the page: there are dozens of tabs

    def look(self) -> None:
        """Ask again, and show what is another by now."""
        found = self._read()
        if found != self._shown:
            self._shown = found
            self._place.set_content(self._markup())

    def _markup(self) -> Markup:
        here = find_here(self._shown, self._path)
        drawn = [_group(each, here) if each.pages else _page(each, here, "pb-tab") for each in self._shown]
        return tag("nav", *drawn, class_="pb-tabs", aria_label=self._say("sections"))


def _group(group: Tab, here: str) -> Markup:
    is_here = any(page.path == here for page in group.pages)
    count = _count(sum(page.count for page in group.pages))
    summary = tag("summary", box("", group.title), count, class_="pb-tab is-here" if is_here else "pb-tab")
    menu = box("pb-menu", *(_page(page, here, "pb-menu-page") for page in group.pages))
    return tag("details", summary, menu, class_="pb-group", name="pb-tabs")


def _page(page: Tab, here: str, classes: str) -> Markup:
    is_here = page.path == here
    shown = f"{classes} is-here" if is_here else classes
    current = "page" if is_here else None
    return link(shown, page.path, box("", page.title), _count(page.count), aria_current=current)


def _count(count: int) -> Markup:
    return box("pb-count", str(count)) if count else Markup()
