"""A box to search in, in the head of a page: suggests while one types, and leads to a page of answers without scripts.

By keyboard: `/` goes to the box, arrows choose, Enter opens, Escape leaves. The suggestions are whatever the address
`suggest` answers as JSON: `{"suggestions": [{"path", "title", "under", "badge"}]}`; they are shown as text only.
"""

from page_kit.language import Say, Texts
from page_kit.markup import Markup, show, tag

TEXTS: Texts = {
    "search": ("搜索", "Search"),
    "search_hint": ("零件号、OE号、VIN、车牌或名称", "Number, VIN, plate or words"),
    "search_none": ("没有找到", "Nothing found"),
}
_SCRIPT = """<script>(() => {
  if (window.pbSearch) return; window.pbSearch = true;
  const start = (form) => {
    form.dataset.ready = 'yes';
    const field = form.querySelector('input'), list = form.querySelector('[role=listbox]');
    let timer = 0, asked = 0, here = -1;
    const rows = () => [...list.children].filter((row) => row.href);
    const close = () => { list.hidden = true; here = -1; field.setAttribute('aria-expanded', 'false');
      field.removeAttribute('aria-activedescendant'); };
    const mark = (at) => { const all = rows(); if (!all.length) return; here = (at + all.length) % all.length;
      all.forEach((row, index) => row.setAttribute('aria-selected', index === here ? 'true' : 'false'));
      field.setAttribute('aria-activedescendant', all[here].id); all[here].scrollIntoView({block: 'nearest'}); };
    const part = (name, text, tag) => { const made = document.createElement(tag || 'span'); made.className = name;
      made.textContent = text; return made; };
    const draw = (found) => { list.replaceChildren(); here = -1;
      found.forEach((each, index) => { const row = document.createElement('a'); row.href = each.path;
        row.id = 'pb-found-' + index; row.className = 'pb-found'; row.setAttribute('role', 'option'); row.tabIndex = -1;
        const words = part('pb-found-words', ''); words.append(part('pb-found-title', each.title),
          part('pb-soft pb-small', each.under)); row.append(words);
        if (each.badge) row.append(part('pb-badge ' + each.kind, each.badge)); list.append(row); });
      if (!found.length) list.append(part('pb-found pb-soft', form.dataset.none));
      list.hidden = false; field.setAttribute('aria-expanded', 'true'); };
    const ask = async () => { const text = field.value.trim(), number = ++asked;
      if (text.length < 2) { close(); return; }
      try { const answer = await fetch(form.dataset.suggest + encodeURIComponent(text), {credentials: 'same-origin'});
        if (!answer.ok || number !== asked || document.activeElement !== field) return;
        draw((await answer.json()).suggestions); } catch { close(); } };
    field.addEventListener('input', () => { clearTimeout(timer); timer = setTimeout(ask, 160); });
    field.addEventListener('focus', () => {
      if (field.value.trim().length > 1 && list.children.length) list.hidden = false; });
    field.addEventListener('keydown', (event) => {
      if (event.isComposing) return;
      if (event.key === 'ArrowDown' || event.key === 'ArrowUp') { event.preventDefault();
        mark(here + (event.key === 'ArrowDown' ? 1 : -1)); }
      else if (event.key === 'Escape') { close(); field.blur(); }
      else if (event.key === 'Enter' && here >= 0) { event.preventDefault(); location.href = rows()[here].href; } });
    document.addEventListener('pointerdown', (event) => { if (!form.contains(event.target)) close(); });
  };
  document.addEventListener('keydown', (event) => {
    const typing = event.target.closest && event.target.closest('input, textarea, select, [contenteditable]');
    const field = document.querySelector('.pb-search input');
    if (event.key === '/' && !typing && field && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault(); field.focus(); field.select(); } });
  const look = () => document.querySelectorAll('.pb-search:not([data-ready])').forEach(start);
  new MutationObserver(look).observe(document.documentElement, {childList: true, subtree: true});
  look();
})()</script>"""


def search_script() -> str:
    """What makes the box suggest; once in the head of a page."""
    return _SCRIPT


def draw_search(say: Say, path: str, suggest: str, typed: str = "") -> None:
    """The box. `path` answers what was typed as `q`; `suggest` is an address that ends where the text goes."""
    field = tag(
        "input",
        type="search",
        name_="q",
        value=typed,
        placeholder=say("search_hint"),
        aria_label=say("search_hint"),
        class_="pb-search-field",
        maxlength=200,
        autocomplete="off",
        autocapitalize="off",
        spellcheck="false",
        enterkeyhint="search",
        role="combobox",
        aria_expanded="false",
        aria_controls="pb-found-list",
        aria_autocomplete="list",
    )
    found = tag("div", class_="pb-found-list", id="pb-found-list", role="listbox", hidden=True)
    show(
        tag(
            "form",
            _glass(),
            field,
            found,
            class_="pb-search",
            role="search",
            action=path,
            method="get",
            data_suggest=suggest,
            data_none=say("search_none"),
        )
    ).classes("pb-search-place")


def _glass() -> Markup:
    return Markup(
        '<svg class="pb-search-glass" viewBox="0 0 24 24" aria-hidden="true"><circle cx="10.5" cy="10.5" r="6.5"/>'
        '<path d="M15.5 15.5 21 21"/></svg>'
    )
