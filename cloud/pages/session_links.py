"""Sessions in a few words each, every one leading to its own page."""

from collections.abc import Sequence

from cloud.pages.names import CabinetNames, cabinet_name
from cloud.pages.session import session_path
from cloud.pages.visit import part_name
from cloud.views import BinChange, SessionView
from page_kit.language import Say, Texts
from page_kit.live_part import Ages
from page_kit.look import badge, box, empty, face, heading, link_card, text
from page_kit.quantity import change, confidence

TEXTS: Texts = {
    "latest": ("最近开柜", "Latest sessions"),
    "no_sessions": ("还没有开柜记录", "No sessions yet"),
    "nothing": ("没有动", "Nothing moved"),
    "nobody": ("未知人员", "Unknown person"),
    "recovered": ("断电恢复", "Recovered after a power cut"),
    "sure": ("把握 {value}", "{value} sure"),
}


def draw_latest(say: Say, shop: str, sessions: Sequence[SessionView], names: CabinetNames, ages: Ages) -> None:
    """The latest sessions of a shop or of one of its cabinets, with their heading."""
    heading(say("latest"))
    if not sessions:
        empty(say("no_sessions"))
    with box("pb-cards"):
        for session in sessions:
            _draw_session(say, shop, session, cabinet_name(say, names, shop, session.cabinet), ages)


def _draw_session(say: Say, shop: str, session: SessionView, cabinet: str, ages: Ages) -> None:
    with link_card(session_path(shop, session.id)):
        with box("pb-row"):
            face(session.person_name)
            with box("pb-stack pb-tight pb-grow"):
                text(session.person_name or say("nobody"), "pb-strong")
                text(cabinet, "pb-soft pb-small")
            ages.show(session.closed_ms, "pb-soft pb-age")
        if session.how == "recovered":
            badge(say("recovered"), "is-low")
        for moved in session.changes:
            _draw_change(say, moved)
        if not session.changes:
            text(say("nothing"), "pb-soft")


def _draw_change(say: Say, moved: BinChange) -> None:
    with box("pb-line"):
        with box("pb-grow"):
            text(part_name(say, moved.part))
            text(say("sure", value=confidence(moved.confidence_ppm)), "pb-soft pb-small")
        text(change(moved.quantity, moved.part.unit, say.language), "pb-number pb-change")
