"""What a technician sees and answers: one thing to do at a time, in large clear lines.

Without a terminal every request is also a line of JSON behind `? `, and answers are read as lines: a program can act in
the technician's place, on a real bench or a virtual one.
"""

import json
import sys
import textwrap
from collections.abc import Mapping
from typing import Any, TextIO

from hardware.commissioning import words
from hardware.commissioning.cell_check import Finding
from hardware.commissioning.refusal import RefusalError

_BOLD, _GREEN, _RED, _YELLOW, _DIM, _PLAIN = "\x1b[1m", "\x1b[32m", "\x1b[31m", "\x1b[33m", "\x1b[2m", "\x1b[0m"
_BAR = 24
_WIDTH = 76


class Terminal:
    """Prints to `out`, reads from `source`; colours only where somebody looks."""

    def __init__(self, language: words.Language, source: TextIO | None = None, out: TextIO | None = None):
        self.say = words.say(language)
        self._source = source or sys.stdin
        self._out = out or sys.stdout
        self.attended = self._source.isatty() and self._out.isatty()

    def title(self, of: str) -> None:
        """What this is about."""
        self._line(f"\n{self.say('title')}  {of}", _BOLD)

    def step(self, number: int, count: int, key: str, /, **values: Any) -> None:
        """The next step of so many begins."""
        full = _BAR * (number - 1) // count
        bar = "█" * full + "░" * (_BAR - full)
        self._line(f"\n{bar} {number}/{count}  {self.say(key, **values)}", _BOLD)

    def fine(self, key: str, **values: Any) -> None:
        """Something is as it should be."""
        self._lines("✓ ", self.say(key, **values), _GREEN)

    def note(self, key: str, **values: Any) -> None:
        """Something to know, not to do."""
        self._lines("  ", self.say(key, **values), _DIM)

    def found(self, finding: Finding) -> None:
        """Something is wrong."""
        self._lines("✗ ", sentence(finding, self.say), _RED)
        if not self.attended:
            self._put("! " + json.dumps(finding.as_row()))

    def bad(self, text: str) -> None:
        """Nothing goes on."""
        self._lines("✗ ", text, _RED)

    def do(self, key: str, *, asked: Mapping[str, Any], **values: Any) -> None:
        """Something to do with one's hands; the board sees when it is done."""
        self._request(key, asked, values)

    def ask(self, key: str, *, asked: Mapping[str, Any], **values: Any) -> str:
        """Something to answer, or to do and press Enter."""
        self._request(key, asked, values)
        if self.attended:
            self._out.write("  › ")
            self._out.flush()
        line = self._source.readline()
        if not line:
            raise RefusalError("input_over")
        return line.strip()

    def _request(self, key: str, asked: Mapping[str, Any], values: Mapping[str, Any]) -> None:
        self._line("")
        self._lines("▶ ", self.say(key, **values), _BOLD + _YELLOW)
        if not self.attended:
            self._put("? " + json.dumps(dict(asked)))

    def _lines(self, sign: str, text: str, style: str) -> None:
        for paragraph in text.splitlines():
            for line in textwrap.wrap(paragraph, _WIDTH) or [""]:
                self._line(f"  {sign}{line}", style)
                sign = "  "

    def _line(self, text: str, style: str = "") -> None:
        self._put(f"{style}{text}{_PLAIN}" if style and self.attended else text)

    def _put(self, text: str) -> None:
        self._out.write(text + "\n")
        self._out.flush()


def sentence(finding: Finding, say: Any) -> str:
    """A finding in words: where, what, and what to do about it."""
    where = say(f"at_{finding.where}", **({finding.where: finding.number} if finding.number else {}))
    between = "：" if say.language == "zh" else ": "
    return f"{where}{between}{say(finding.cause, **finding.values)}"
