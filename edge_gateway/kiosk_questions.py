"""Open discrepancies at the kiosk: one short question each, answered by one press or by counting the bin."""

from collections.abc import Callable
from typing import Any

from fastapi import Request
from nicegui import ui

from edge_gateway import kiosk_counts, kiosk_light
from edge_gateway.kiosk_counts import draw_counts, stepper
from edge_gateway.kiosk_frame import Visit, cabinet_name, kiosk_page, part_name
from edge_gateway.kiosk_seam import ResolveByCount, ResolveByNote, ResolveByStock
from edge_gateway.shop_rows import Question
from page_kit import reasons, verdict_words
from page_kit.address import page
from page_kit.language import Say, Texts
from page_kit.live_part import Ages, live_part
from page_kit.look import box, button, dialog, empty, text, title
from page_kit.quantity import change, confidence, quantity
from page_kit.reasons import reason_text
from page_kit.verdict_words import Called, Candidate, outcome_words

CANDIDATES_MAX = 4  # more than these nobody reads
COUNTABLE = (  # reasons that a count of the bin can end
    "uncertain_count",
    "not_this_part",
    "balance",
    "blind",
    "no_person",
    "unexplained_change",
    "more_than_held",
    "contested",
    "misplaced",
)

TEXTS: Texts = {
    "questions": ("差异", "Discrepancies"),
    "lead": ("货柜拿不准的，请看一眼，点一下。", "What the cabinet is not sure of: have a look, press once."),
    "none": ("没有差异", "Nothing is open"),
    "none_why": ("台账和重量都对得上。", "The books and the weights agree."),
    "ask_less": ("货位 {bin} 少了多少？", "How many left bin {bin}?"),
    "ask_more": ("货位 {bin} 多了多少？", "How many came into bin {bin}?"),
    "ask_less_of": ("货位 {bin} 少了什么？", "What left bin {bin}?"),
    "ask_more_of": ("货位 {bin} 多了什么？", "What came into bin {bin}?"),
    "ask_stock": ("货位 {bin} 里现在有多少？", "How many are in bin {bin} now?"),
    "bring_home": ("请把它放回货位 {bin}", "Please put it back into bin {bin}"),
    "bring_out": ("请把它从货位 {bin} 拿走", "Please take it out of bin {bin}"),
    "ask_explain": ("知道是怎么回事吗？", "Do you know what happened?"),
    "cabinet_bin": ("{cabinet} · 货位 {bin}", "{cabinet} · bin {bin}"),
    "none_moved": ("没有变", "None"),
    "count_it": ("数一下", "Count the bin"),
    "found": ("货位 {bin} 里有：", "In bin {bin} there are:"),
    "books_say": ("台账：{quantity}", "The books say {quantity}"),
    "save": ("就是这个数", "That is the count"),
    "explain": ("说明原因", "Explain"),
    "explain_lead": ("不改数量，只说明原因：", "The count stays; only say why:"),
    "note_checked": ("已核对，没有问题", "Checked, all is right"),
    "note_tool": ("放了工具或杂物，已拿走", "A tool or a rag lay there, now gone"),
    "note_unknown": ("查不出来", "Nobody knows"),
    "thanks": ("已记下，谢谢", "Noted, thank you"),
    "cancel": ("取消", "Cancel"),
    "less": ("少一点", "Less"),
    "more": ("多一点", "More"),
}


def register() -> None:
    """Add the page to the kiosk."""

    @page("/questions")
    def questions(request: Request) -> None:
        visit = Visit(request, reasons.TEXTS, verdict_words.TEXTS, kiosk_counts.TEXTS, kiosk_light.TEXTS, TEXTS)
        with kiosk_page(visit):
            live_part(visit.say, visit.view.counts, lambda found, ages: draw_counts(visit, found, ages), visit.changes)
            title(visit.say("questions"), visit.say("lead"))
            live_part(visit.say, visit.view.questions, lambda found, ages: _draw(visit, found, ages), visit.changes)


def _draw(visit: Visit, questions: tuple[Question, ...], ages: Ages) -> None:
    if not questions:
        empty(visit.say("none"), visit.say("none_why"))
        return
    with box("pb-cards pb-wide-cards"):
        for question in questions:
            _draw_question(visit, question, ages)


def _draw_question(visit: Visit, question: Question, ages: Ages) -> None:
    with box("pb-card is-alert"):
        with box("pb-row pb-top"):
            with box("pb-grow"):
                text(asked(visit, question), "pb-question")
                text(_where(visit, question), "pb-soft")
            ages.show(question.opened_ms, "pb-soft pb-age")
        text(_why(visit, question), "pb-soft pb-small pb-gap-above")
        draw_answers(visit, question)


def draw_answers(visit: Visit, question: Question) -> None:
    """The likely answers as buttons, and the ways to answer otherwise."""
    say, likely = visit.say, candidates(question)
    if likely:
        with box("pb-buttons pb-gap-above"):
            for candidate in likely:
                _draw_candidate(visit, question, candidate)
    with box("pb-buttons pb-gap-above"):
        if question.held and question.reason in COUNTABLE:
            button(say("count_it"), lambda: _count(visit, question), "" if likely else "is-main")
        button(say("explain"), lambda: _explain(visit, question), "is-quiet")


def asked(visit: Visit, question: Question) -> str:
    """The one short question."""
    say = visit.say
    found = candidates(question)
    if found:
        key = "ask_more" if (question.noted("delta_mg") or 0) > 0 else "ask_less"
        return say(key if all(_is_plain(question, each) for each in found) else f"{key}_of", bin=question.bin)
    if question.reason == "misplaced":
        homes = question.noted("belongs_to")
        return say("bring_home", bin=homes[0]) if homes else say("bring_out", bin=question.bin)
    if question.held and question.reason in COUNTABLE:
        return say("ask_stock", bin=question.bin)
    return say("ask_explain")


def candidates(question: Question) -> list[Candidate]:
    """The likeliest changes of the bin with their probabilities in ppm, as the reconciliation noted them."""
    found = question.noted("candidates") or ()
    return [_candidate(question, row) for row in found][:CANDIDATES_MAX] if question.held else []


def _candidate(question: Question, row: tuple[Any, ...]) -> Candidate:
    """[[[part, change]...], foreign_mg, ppm]; of an older gateway [change, ppm], of the part in question."""
    if len(row) == 3:
        changes, foreign_mg, ppm = row
        return Candidate(tuple((part, change) for part, change in changes), foreign_mg, ppm)
    change, ppm = row
    part = question.part.number if question.part else question.held[0].part.number
    return Candidate(((part, change),) if change else (), 0, ppm)


def _is_plain(question: Question, candidate: Candidate) -> bool:
    """Whether a number alone says it: nothing but the one part that can be meant moved, if any."""
    parts = {part for part, _ in candidate.changes}
    return not candidate.foreign_mg and (not parts or parts == {_only_part(question)})


def _only_part(question: Question) -> str:
    """The part a number alone is of; "" when it may be of several."""
    return question.held[0].part.number if len(question.held) == 1 else ""


def _where(visit: Visit, question: Question) -> str:
    say = visit.say
    where = cabinet_name(say, question.cabinet)
    if question.bin:
        where = say("cabinet_bin", cabinet=where, bin=question.bin)
    return f"{part_name(say, question.part)} · {where}" if question.part else where


def _why(visit: Visit, question: Question) -> str:
    """The reason, who was there, and what somebody wrote."""
    pieces = [reason_text(visit.say, question.reason), question.person, str(question.noted("note") or "")]
    return " · ".join(piece for piece in pieces if piece)


def _draw_candidate(visit: Visit, question: Question, candidate: Candidate) -> None:
    say = visit.say
    amount = candidate.changes[0][1] if candidate.changes else 0
    plain = question.part is not None and bool(_only_part(question)) and _is_plain(question, candidate)
    answer: int | dict[str, int] = amount if plain else dict(candidate.changes)

    async def resolve() -> None:
        await visit.ask(lambda person: ResolveByCount(question.id, answer, person), say("thanks"))

    with button("", resolve, "is-big pb-candidate" if plain else "is-wide pb-candidate"):
        text(_plain_words(say, question, amount) if plain else _words(visit, question, candidate))
        if candidate.ppm:
            text(confidence(candidate.ppm), "pb-soft pb-small")


def _plain_words(say: Say, question: Question, amount: int) -> str:
    return change(amount, question.held[0].part.unit, say.language) if amount else say("none_moved")


def _words(visit: Visit, question: Question, candidate: Candidate) -> str:
    """What moved of which part, where a number alone would not say it."""
    say = visit.say
    known = {part.number: part for part in visit.view.document.parts} | {
        row.part.number: row.part for row in question.held
    }
    names = {part.number: Called(part_name(say, part), part.unit) for part in known.values()}
    return outcome_words(say, candidate, names) if candidate.changes or candidate.foreign_mg else say("none_moved")


def _count(visit: Visit, question: Question) -> None:
    """Ask what is in the bin, part by part: the difference to the books is booked."""
    say = visit.say
    with dialog(visit.page) as opened:
        text(say("found", bin=question.bin), "pb-h2 pb-first")
        wanted: dict[str, Callable[[], int]] = {}
        for row in question.held:
            books = say("books_say", quantity=quantity(row.stock, row.part.unit, say.language))
            text(f"{part_name(say, row.part)} · {books}", "pb-soft")
            wanted[row.part.number] = stepper(visit, row.stock, 1 if row.part.unit == "piece" else 10)

        async def save() -> None:
            opened.close()
            found = {part: count() for part, count in wanted.items()}
            answer = found if len(found) > 1 or question.part is None else next(iter(found.values()))
            await visit.ask(lambda person: ResolveByStock(question.id, answer, person), say("thanks"))

        with box("pb-buttons pb-gap-above"):
            button(say("save"), save, "is-main")
            button(say("cancel"), opened.close, "is-quiet")


def _explain(visit: Visit, question: Question) -> None:
    """Close it with a note alone."""
    say = visit.say
    with dialog(visit.page) as opened:
        text(_where(visit, question), "pb-h2 pb-first")
        text(say("explain_lead"), "pb-soft")
        with box("pb-stack pb-gap-above"):
            for key in ("note_checked", "note_tool", "note_unknown"):
                _note_button(visit, opened, question, say(key))
            button(say("cancel"), opened.close, "is-quiet is-wide")


def _note_button(visit: Visit, opened: ui.dialog, question: Question, note: str) -> None:
    async def resolve() -> None:
        opened.close()
        await visit.ask(lambda person: ResolveByNote(question.id, person, note), visit.say("thanks"))

    button(note, resolve, "is-wide")
