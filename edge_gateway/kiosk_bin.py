"""One bin of a session at the kiosk: the verdict and the booking, large; beneath them, unfolded by a tap, the evidence.

Nothing is decided here: a correction is asked of the gateway, a question leads to where it is answered.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from nicegui.events import GenericEventArguments

from edge_gateway.kiosk_frame import Visit, draw_confidence, part_name
from edge_gateway.kiosk_light import LIGHT_MS
from edge_gateway.kiosk_questions import asked, draw_answers
from edge_gateway.kiosk_restock import planned_weighed
from edge_gateway.kiosk_seam import CorrectCount, SendCommand
from edge_gateway.session_view import SessionStory
from edge_gateway.shop_document import Part
from edge_gateway.shop_rows import Line, Question, Session
from page_kit.language import Say, Texts
from page_kit.live_part import Ages
from page_kit.look import badge, box, button, text
from page_kit.quantity import MINUS, change, quantity
from page_kit.reasons import reason_text
from page_kit.session_face import draw_evidence, draw_sentence
from page_kit.session_story import BinStory
from page_kit.verdict_words import Called

CORRECTED = ("take", "return", "restock", "removal")  # what the person at the kiosk may say was otherwise

TEXTS: Texts = {
    "bin": ("货位 {bin}", "Bin {bin}"),
    "set_to": ("改为 {quantity}", "Make it {quantity}"),
    "corrected": ("已更正", "Corrected"),
    "first_booked": ("原记 {change}", "first booked {change}"),
    "show_bin": ("点亮货位 {bin}", "Light bin {bin}"),
    "lit": ("货位 {bin} 亮绿灯 20 秒", "Bin {bin} shines green for 20 s"),
    "less": ("少一件", "One less"),
    "more": ("多一件", "One more"),
    "not_booked": ("没有记账", "Nothing was booked"),
    "why": ("凭什么这么说？", "Why do we say so?"),
}


class Unfolded:
    """The bins whose evidence is unfolded on one open page, so that a page drawn anew keeps them so."""

    def __init__(self) -> None:
        self._bins: set[int] = set()

    def __contains__(self, number: int) -> bool:
        return number in self._bins

    def set(self, number: int, unfolded: bool) -> None:
        """Remember what a tap has changed."""
        if unfolded:
            self._bins.add(number)
        else:
            self._bins.discard(number)


def draw_bin(visit: Visit, found: SessionStory, story: BinStory, unfolded: Unfolded, ages: Ages) -> None:
    """One bin's card."""
    say = visit.say
    planned = _planned(found, story.bin)
    parts = _parts(visit, story, planned)
    names = called(say, parts)
    lines = [line for line in found.session.lines if line.bin == story.bin]
    with box("pb-card is-alert" if story.doubts else "pb-card"):
        text(" · ".join([say("bin", bin=story.bin), *(story.named or planned)]), "pb-soft pb-small")
        draw_sentence(say, story, names)
        for line in lines:
            _draw_line(visit, line, told=story.told is not None)
        if not lines and not story.doubts:
            text(say("not_booked"), "pb-soft pb-booked")
        _draw_planned(visit, found.session.id, story.bin)
        for question in found.questions:
            if question.bin == story.bin:
                draw_question(visit, question)
        _draw_actions(visit, found.session, story.bin, [line for line in lines if line.cause in CORRECTED])
        _draw_fold(say, story, unfolded, lambda: draw_evidence(say, story, names, masses(parts), ages))


def _parts(visit: Visit, story: BinStory, planned: Sequence[str]) -> list[Part]:
    """The parts that are mentioned, and those that the planogram puts there."""
    known = {part.number: part for part in visit.view.document.parts}
    return [known.get(number) or Part(number, "", "") for number in dict.fromkeys((*story.parts, *planned))]


def _planned(found: SessionStory, number: int) -> tuple[str, ...]:
    places = (place for place in found.session.cabinet.bins if place.bin == number)
    return tuple(placed.part for place in places for placed in place.parts)


def called(say: Say, parts: Iterable[Part]) -> dict[str, Called]:
    """What parts are called, by number."""
    return {part.number: Called(part_name(say, part), part.unit) for part in parts}


def masses(parts: Iterable[Part]) -> Mapping[str, int]:
    """What parts weigh, those whose mass is known."""
    return {part.number: part.unit_mass_mg for part in parts if part.unit_mass_mg}


# ---- what was booked ----


def _draw_line(visit: Visit, line: Line, told: bool) -> None:
    say = visit.say
    with box("pb-row pb-wrap pb-booked"):
        with box("pb-grow"):
            text(part_name(say, line.part), "pb-strong")
            with box("pb-row pb-wrap pb-small pb-soft"):
                text(say(f"cause_{line.cause}"))
                if not told:
                    draw_confidence(say, line.confidence_ppm)
                if line.change != line.booked:
                    text(say("first_booked", change=change(line.booked, line.part.unit, say.language)))
        text(change(line.change, line.part.unit, say.language), "pb-huge")


def _draw_planned(visit: Visit, session: str, number: int) -> None:
    """What a visit had planned for the bin, beside what the weight said."""
    parts = {part.number: part for part in visit.view.document.parts}
    for each in visit.view.restocked(session):
        if each.bin == number:
            unit = parts[each.part].unit if each.part in parts else "piece"
            said = planned_weighed(visit.say, each.expected, each.counted, unit)
            badge(said, "is-good" if each.expected == each.counted else "is-low")


def _draw_actions(visit: Visit, session: Session, number: int, lines: Sequence[Line]) -> None:
    """A correction for each line, and the light that shows which bin it is."""
    for line in lines[:-1]:
        with box("pb-row pb-wrap pb-gap-above"):
            text(part_name(visit.say, line.part), "pb-soft")
            _draw_correction(visit, line)
    with box("pb-row pb-wrap pb-gap-above"):
        for line in lines[-1:]:
            if len(lines) > 1:
                text(part_name(visit.say, line.part), "pb-soft")
            _draw_correction(visit, line)
        box("pb-grow")
        _draw_light(visit, session, number)


def _draw_correction(visit: Visit, line: Line) -> None:
    """A stepper on the count, and the button that books it once it differs."""
    say, step = visit.say, 1 if line.part.unit == "piece" else 10
    wanted = {"count": abs(line.change)}

    def move(by: int) -> None:
        wanted["count"] = max(0, wanted["count"] + by)
        shown.set_text(str(wanted["count"]))
        save.set_text(say("set_to", quantity=quantity(wanted["count"], line.part.unit, say.language)))
        save.set_visibility(wanted["count"] != abs(line.change))

    async def correct() -> None:
        await visit.ask(lambda person: CorrectCount(line.movement, wanted["count"], person), say("corrected"))

    button(MINUS, lambda: move(-step), "is-big is-quiet").props["aria-label"] = say("less")
    shown = text(str(wanted["count"]), "pb-huge pb-stepper")
    button("+", lambda: move(step), "is-big is-quiet").props["aria-label"] = say("more")
    save = button("", correct, "is-main")
    save.set_visibility(False)


def _draw_light(visit: Visit, session: Session, number: int) -> None:
    async def light() -> None:
        command = SendCommand(
            session.cabinet.id, "light", {"bin": number, "colour": "green", "for_ms": LIGHT_MS}, LIGHT_MS
        )
        await visit.ask(lambda _: command, visit.say("lit", bin=number))

    button(visit.say("show_bin", bin=number), light, "is-quiet")


# ---- what is open, and what it stands on ----


def draw_question(visit: Visit, question: Question) -> None:
    """What is open about it, and the same answers as where all questions are."""
    with box("pb-asked"):
        text(asked(visit, question), "pb-question")
        pieces = (reason_text(visit.say, question.reason), str(question.noted("note") or ""))
        text(" · ".join(piece for piece in pieces if piece), "pb-soft pb-small")
        draw_answers(visit, question)


def _draw_fold(say: Say, story: BinStory, unfolded: Unfolded, draw: Callable[[], None]) -> None:
    def toggled(event: GenericEventArguments) -> None:
        unfolded.set(story.bin, bool(event.args))

    with box("pb-fold", "details") as fold:
        fold.props["open"] = story.bin in unfolded
        fold.on("toggle", toggled, js_handler="(event) => emit(event.target.open)")
        text(say("why"), tag="summary")
        draw()
