"""An alert as a card: what it is about, what is wrong, since when, what to do next, and who has it."""

from collections.abc import Sequence

from cloud.pages.addresses import segment
from cloud.pages.work_parts import press
from cloud.replenishment.alerts.matters import NOW
from cloud.replenishment.alerts.sentences import about, next_label, next_step, next_words, place, place_path, sentence
from cloud.replenishment.alerts.views import AlertView
from page_kit import markup
from page_kit.language import Say
from page_kit.markup import Markup, joined


def alert_card(say: Say, alert: AlertView, zone: str, at: int) -> Markup:
    """One open alert. `at`: by what its buttons name it."""
    return markup.box(
        _classes(alert),
        markup.link("pb-plain-link", place_path(alert), _head(say, alert)),
        markup.box("pb-gap-above", sentence(say, alert, zone)),
        _taken(say, alert),
        _actions(say, alert, at),
        id=alert.id,
    )


def _classes(alert: AlertView) -> str:
    if alert.seen_by:
        return "pb-card"
    return "pb-card is-alert" if alert.urgency == NOW else "pb-card is-warned"


def kind_badge(say: Say, alert: AlertView) -> Markup:
    """What kind of alert it is."""
    return markup.badge(say(f"kind_{alert.kind}"), "is-wrong" if alert.urgency == NOW else "is-low")


def _head(say: Say, alert: AlertView) -> Markup:
    return markup.box(
        "pb-row pb-top",
        markup.box("pb-grow", markup.box("pb-card-title", about(say, alert)), _kind_and_place(say, alert)),
        markup.age(say, alert.since_ms, "pb-soft pb-age"),
    )


def _kind_and_place(say: Say, alert: AlertView) -> Markup:
    where = place(say, alert)
    place_of = markup.tag("span", where, class_="pb-soft pb-small") if where else Markup()
    return markup.box("pb-row pb-wrap pb-tight", kind_badge(say, alert), place_of)


def alert_lines(say: Say, alerts: Sequence[AlertView], zone: str) -> Markup:
    """A shop's open alerts in short, each leading to itself on the page of alerts; nothing for none."""
    if not alerts:
        return Markup()
    head = markup.box("pb-row pb-between", markup.box("pb-card-title", say("alerts")), markup.badge(str(len(alerts))))
    kind = "is-alert" if alerts[0].urgency == NOW else "is-warned"
    return markup.box(f"pb-card {kind} pb-below", head, *(_line(say, alert, zone) for alert in alerts))


def _line(say: Say, alert: AlertView, zone: str) -> Markup:
    taken = markup.badge(say("seen_by", name=alert.seen_by), "is-good") if alert.seen_by else Markup()
    return markup.link(
        "pb-line pb-plain-link",
        f"/alerts?shop={segment(alert.shop)}#{alert.id}",
        markup.box(
            "pb-grow",
            markup.box("pb-strong", about(say, alert)),
            markup.box("pb-row pb-wrap pb-tight", kind_badge(say, alert), taken),
            markup.box("pb-small", sentence(say, alert, zone)),
        ),
        markup.age(say, alert.since_ms, "pb-soft pb-small pb-age"),
    )


def _taken(say: Say, alert: AlertView) -> Markup:
    if not alert.seen_by:
        return Markup()
    note = markup.tag("span", alert.note, class_="pb-soft") if alert.note else Markup()
    badge = markup.badge(say("seen_by", name=alert.seen_by), "is-good")
    return markup.box("pb-row pb-wrap pb-tight pb-gap-above", badge, note)


def _actions(say: Say, alert: AlertView, at: int) -> Markup:
    step = next_step(alert)
    hint = (
        Markup() if step.step == "plan_visit" else markup.box("pb-soft pb-small pb-gap-above", next_words(say, alert))
    )
    made = [markup.link("pb-button", step.path, next_label(say, alert))] if step.path else []
    name, value = ("back", "give_back") if alert.seen_by else ("take", "take_on")
    made.append(press(say(value), name, str(at), "is-quiet"))
    return joined(hint, markup.box("pb-actions", *made))
