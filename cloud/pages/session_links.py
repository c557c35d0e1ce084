"""Sessions in a few words each, every one leading to its own page."""

from collections.abc import Sequence

from cloud.pages.addresses import session_path
from cloud.pages.names import CabinetNames, cabinet_name
from cloud.pages.visit import part_name
from cloud.views import BinChange, SessionView
from page_kit import markup
from page_kit.language import Say, Texts
from page_kit.markup import Markup, joined
from page_kit.quantity import change, confidence

TEXTS: Texts = {
    "latest": ("最近开柜", "Latest sessions"),
    "no_sessions": ("还没有开柜记录", "No sessions yet"),
    "nothing": ("没有动", "Nothing moved"),
    "nobody": ("未知人员", "Unknown person"),
    "recovered": ("断电恢复", "Recovered after a power cut"),
    "sure": ("把握 {value}", "{value} sure"),
}


def latest(say: Say, shop: str, sessions: Sequence[SessionView], names: CabinetNames) -> Markup:
    """The latest sessions of a shop or of one of its cabinets, with their heading."""
    cards = [_session(say, shop, session, cabinet_name(say, names, shop, session.cabinet)) for session in sessions]
    return joined(
        markup.heading(say("latest")),
        Markup() if sessions else markup.empty(say("no_sessions")),
        markup.box("pb-cards", *cards),
    )


def _session(say: Say, shop: str, session: SessionView, cabinet: str) -> Markup:
    who = markup.box(
        "pb-stack pb-tight pb-grow",
        markup.box("pb-strong", session.person_name or say("nobody")),
        markup.box("pb-soft pb-small", cabinet),
    )
    closed = markup.age(say, session.closed_ms, "pb-soft pb-age")
    return markup.link(
        "pb-card",
        session_path(shop, session.id),
        markup.box("pb-row", markup.face(session.person_name), who, closed),
        markup.badge(say("recovered"), "is-low") if session.how == "recovered" else Markup(),
        *(_change(say, moved) for moved in session.changes),
        Markup() if session.changes else markup.box("pb-soft", say("nothing")),
    )


def _change(say: Say, moved: BinChange) -> Markup:
    sure = markup.box("pb-soft pb-small", say("sure", value=confidence(moved.confidence_ppm)))
    return markup.box(
        "pb-line",
        markup.box("pb-grow", markup.box("", part_name(say, moved.part)), sure),
        markup.box("pb-number pb-change", change(moved.quantity, moved.part.unit, say.language)),
    )
