"""Chinese and English: which one a visitor reads, and the texts of a page in it.

Pure: functions of values. A page keeps one small table of its texts, key to (Chinese, English), and asks it through
`Say`. A key without a text is an error, never an empty place on the page.
"""

from collections.abc import Mapping
from typing import Literal

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")
COOKIE = "language"
Texts = Mapping[str, tuple[str, str]]


class Say:
    """The texts of a page in one language: `say("bins", count=3)`."""

    def __init__(self, language: Language, *tables: Texts) -> None:
        self.language = language
        self._place = LANGUAGES.index(language)
        self._texts = {key: pair for table in tables for key, pair in table.items()}

    def __call__(self, key: str, **values: object) -> str:
        """The text of `key`, its places filled in."""
        text = self._texts[key][self._place]
        return text.format(**values) if values else text

    def name(self, zh: str, en: str) -> str:
        """A name that exists in both languages; the other one when this one is empty."""
        return (zh, en)[self._place] or zh or en

    @property
    def other(self) -> Language:
        """The language this one can be changed to."""
        return LANGUAGES[1 - self._place]


def choose(query: str | None, cookie: str | None, accept_language: str | None) -> Language:
    """The visitor's language: asked for in the address, kept in the cookie, told by the browser, else Chinese."""
    for asked in (query, cookie):
        for language in LANGUAGES:
            if asked == language:
                return language
    return _accepted(accept_language or "")


def _accepted(header: str) -> Language:
    """The best of `Accept-Language` that we speak, by its quality, then by its place."""
    best: tuple[float, Language] = (0.0, "zh")
    for entry in header.split(","):
        tag, _, parameters = entry.strip().partition(";")
        quality = _quality(parameters)
        for language in LANGUAGES:
            if tag.lower().split("-")[0] == language and quality > best[0]:
                best = (quality, language)
    return best[1]


def _quality(parameters: str) -> float:
    """The `q=` of one entry of `Accept-Language`: 1 when it is not given, 0 when it cannot be read."""
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


def local_path(path: str) -> str:
    """`path` when it leads to a page of this server, else `/`: a language switch must not send anyone elsewhere."""
    leads_away = not path.startswith("/") or path.startswith(("//", "/\\")) or any(ord(c) < 32 for c in path)
    return "/" if leads_away else path
