"""A statement as PDF: A4, Chinese or English, with page numbers; one month is one document.

Chinese stands in STSong-Light, a font every PDF reader for Chinese brings along, so that no font has to be shipped;
figures and Latin letters stand in Helvetica, which every reader has.
"""

import io
import re
from collections.abc import Sequence
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from cloud.work.money import money_text, rate_text
from cloud.work.shop_time import clock_of
from cloud.work.statement_note import note_of
from cloud.work.statement_views import StatementJob, StatementLine, StatementView
from cloud.work.statement_words import TEXTS
from page_kit.language import Language, Say
from page_kit.quantity import quantity

FONT, LATIN = "STSong-Light", "Helvetica"
_LATIN_RUN = re.compile(r"[\x21-\x7e\xa1-\xff\u2013\u20ac][\x20-\x7e\xa0-\xff\u2013\u20ac]*")
_INK, _SOFT, _FAINT, _ACCENT = (colors.HexColor(code) for code in ("#16211f", "#55625f", "#dfe3dd", "#0b6b5f"))
_WASH = colors.HexColor("#f4f5f1")
_MARGIN = 16 * mm
_WIDTHS = tuple(width * mm for width in (62, 27, 23, 23, 23, 20))


_ALL = ((0, 0), (-1, -1))
_PARTIES = TableStyle(
    [("LEFTPADDING", *_ALL, 0), ("TOPPADDING", *_ALL, 1), ("BOTTOMPADDING", *_ALL, 1), ("VALIGN", *_ALL, "TOP")]
)
_RULED: tuple[Any, ...] = (
    ("VALIGN", *_ALL, "TOP"),
    ("LINEBELOW", (0, 0), (-1, 0), 0.8, _INK),
    ("LINEBELOW", (0, 1), (-1, -1), 0.3, _FAINT),
    ("LEFTPADDING", *_ALL, 3),
    ("RIGHTPADDING", *_ALL, 3),
)


def pdf_of(view: StatementView, language: Language) -> bytes:
    """The whole statement as the bytes of a PDF; of one content always the same bytes."""
    _register()
    say, out = Say(language, TEXTS), io.BytesIO()
    document = SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN,
        bottomMargin=20 * mm,
        title=f"{say('of', month=view.month)} · {view.shop_name}",
        author=view.dealer_name,
        invariant=1,
    )
    story = [*_head(say, view), *_body(say, view), *_sums(say, view), *_questions(say, view)]
    document.build(story, canvasmaker=_numbered(say, view))
    return out.getvalue()


@cache
def _register() -> None:
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))


@cache
def _style(size: float, color: str = "ink", *, right: bool = False) -> ParagraphStyle:
    tone = {"ink": _INK, "soft": _SOFT, "accent": _ACCENT, "wrong": colors.HexColor("#a3221b")}[color]
    return ParagraphStyle(
        f"{size}{color}{right}",
        fontName=FONT,
        fontSize=size,
        leading=size * 1.42,
        textColor=tone,
        wordWrap="CJK",
        alignment=TA_RIGHT if right else 0,
    )


def _text(content: str, size: float = 9, color: str = "ink", *, right: bool = False) -> Paragraph:
    return Paragraph(_in_two_fonts(content), _style(size, color, right=right))


def _in_two_fonts(content: str) -> str:
    """Markup of a text: its Latin runs in a font that every reader has."""
    plain = content.replace("\u2212", "-")  # the minus is in neither font of every reader
    parts, at = [], 0
    for run in _LATIN_RUN.finditer(plain):
        parts += [escape(plain[at : run.start()]), f'<font name="{LATIN}">{escape(run[0])}</font>']
        at = run.end()
    return "".join([*parts, escape(plain[at:])])


def _head(say: Say, view: StatementView) -> list[Any]:
    state = (
        say("closed", day=clock_of(view.closed_ms, view.time_zone), who=view.closed_by)
        if view.closed_ms
        else say("open")
    )
    parties = Table(
        [
            [_text(say("from_dealer"), 8, "soft"), _text(say("to_shop"), 8, "soft"), _text(say("month"), 8, "soft")],
            [_text(view.dealer_name, 11), _text(view.shop_name, 11), _text(view.month, 11)],
            ["", _text(view.shop_address, 8, "soft"), ""],
        ],
        colWidths=[60 * mm, 78 * mm, 40 * mm],
        hAlign="LEFT",
    )
    parties.setStyle(_PARTIES)
    return [
        _text(say("of", month=view.month), 18, "accent"),
        Spacer(1, 4 * mm),
        parties,
        _text(state, 9, "soft" if view.closed_ms else "wrong"),
        Spacer(1, 4 * mm),
    ]


def _body(say: Say, view: StatementView) -> list[Any]:
    if not view.jobs:
        return [_text(say("nothing"), 11, "soft")]
    head = [
        _text(say("part"), 8, "soft"),
        _text(say("days"), 8, "soft"),
        *(_text(say(key), 8, "soft", right=True) for key in ("quantity", "price", "net", "tax")),
    ]
    rows: list[list[Any]] = [head]
    marks: list[int] = []
    for job in view.jobs:
        marks.append(len(rows))
        rows.append([_job_title(say, job), "", "", "", "", ""])
        rows.extend(_row(say, line) for line in job.lines)
    table = Table(rows, colWidths=_WIDTHS, repeatRows=1, hAlign="LEFT")
    table.setStyle(_table_style(marks))
    return [table, Spacer(1, 5 * mm)]


def _table_style(marks: Sequence[int]) -> TableStyle:
    style: list[Any] = [*_RULED, ("TOPPADDING", *_ALL, 3), ("BOTTOMPADDING", *_ALL, 4)]
    for row in marks:
        style.append(("SPAN", (0, row), (-1, row)))
        style.append(("BACKGROUND", (0, row), (-1, row), _WASH))
        style.append(("NOSPLIT", (0, row), (-1, row + 1)))
    return TableStyle(style)


def _job_title(say: Say, job: StatementJob) -> Paragraph:
    if not job.job:
        return _text(say("no_job"), 9.5)
    vehicle = " · ".join(filter(None, (job.plate, job.model, job.vin)))
    return _text("   ".join(filter(None, (job.job, job.title, vehicle))), 9.5)


def _row(say: Say, line: StatementLine) -> list[Any]:
    name = say.name(line.part.name_zh, line.part.name_en)
    told = [line.part.number if name == line.part.number else f"{name}  {line.part.number}", note_of(say, line)]
    what = [_text(told[0]), *([_text(told[1], 8, "soft")] if told[1] else [])]
    days = line.first_day if line.first_day == line.last_day else f"{line.first_day}\n{line.last_day[5:]}"
    amount = [_text(quantity(line.quantity, line.part.unit, say.language), right=True)]
    if line.back and line.taken:
        amount.append(_text(f"+{line.taken} \u2212{-line.back}", 8, "soft", right=True))
    return [what, _text(days.replace("\n", " – "), 8), amount, *_money_cells(say, line)]


def _money_cells(say: Say, line: StatementLine) -> list[Any]:
    if line.price_minor is None or line.net_minor is None or line.tax_minor is None:
        return [_text(say("needs_price"), 9, "wrong", right=True), "", ""]
    tax = [
        _text(money_text(line.tax_minor, line.currency), right=True),
        _text(rate_text(line.tax_ppm), 8, "soft", right=True),
    ]
    return [
        _text(money_text(line.price_minor, line.currency), right=True),
        _text(money_text(line.net_minor, line.currency), right=True),
        tax,
    ]


def _sums(say: Say, view: StatementView) -> list[Any]:
    if not view.rates and not view.unpriced:
        return []
    head = [_text(say("by_rate"), 8, "soft"),
            *(_text(say(key), 8, "soft", right=True) for key in ("net", "tax", "gross"))]  # fmt: skip
    rows = [head]
    for rate in view.rates:
        rows.append(
            _sum_row(f"{rate.currency}  {rate_text(rate.tax_ppm)}", rate.currency, rate.net_minor, rate.tax_minor)
        )
    for total in view.totals:
        rows.append(_sum_row(say("totals"), total.currency, total.net_minor, total.tax_minor, size=11))
    table = Table(rows, colWidths=[82 * mm, 32 * mm, 32 * mm, 32 * mm], hAlign="LEFT")
    table.setStyle(TableStyle(_RULED))
    notes = [_text(say("unpriced", count=view.unpriced), 9, "wrong")] if view.unpriced else []
    return [KeepTogether([table, Spacer(1, 2 * mm), *notes, _text(say("rounding"), 8, "soft")])]


def _sum_row(name: str, currency: str, net: int, tax: int, *, size: float = 9) -> list[Any]:
    amounts = (money_text(amount, currency) for amount in (net, tax, net + tax))
    return [_text(name, size), *(_text(amount, size, right=True) for amount in amounts)]


def _questions(say: Say, view: StatementView) -> list[Any]:
    if not view.questions:
        return []
    lines = [
        _text(
            f"{clock_of(asked.opened_ms, view.time_zone)}   "
            + say(
                "question",
                cabinet=asked.cabinet,
                bin=asked.bin,
                part=say.name(asked.part.name_zh, asked.part.name_en) if asked.part else say("any_part"),
            ),
            8.5,
        )
        for asked in view.questions
    ]
    return [Spacer(1, 6 * mm), _text(say("questions"), 10), Spacer(1, 1 * mm), *lines]


def _numbered(say: Say, view: StatementView) -> type[Canvas]:
    """A canvas that writes at the foot of each page which one of how many it is."""

    class Numbered(Canvas):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            self._pages: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802 -- reportlab's name
            self._pages.append(dict(self.__dict__))
            self._startPage()  # type: ignore[attr-defined]

        def save(self) -> None:
            for number, page in enumerate(list(self._pages), 1):
                self.__dict__.update(page)
                self._foot(number, len(self._pages))
                super().showPage()
            super().save()

        def _foot(self, number: int, pages: int) -> None:
            foot = _text(f"{view.shop_name} · {view.month}", 8, "soft")
            page = _text(say("page", page=number, pages=pages), 8, "soft", right=True)
            width = (A4[0] - 2 * _MARGIN) / 2
            for place, told in ((_MARGIN, foot), (_MARGIN + width, page)):
                told.wrapOn(self, width, 10 * mm)
                told.drawOn(self, place, 10 * mm)
            if view.digest:
                self.setFillColor(_SOFT)
                self.setFont(LATIN, 6)
                self.drawString(_MARGIN, 7 * mm, f"SHA-256 {view.digest}")

    return Numbered
