"""An alert as a card: what it is about, what is wrong, since when, what to do next, and who has it."""

from cloud.pages.work_parts import press
from cloud.replenishment.alerts.sentences import about, next_label, next_step, next_words, place, place_path, sentence
from cloud.replenishment.alerts.views import AlertView
from page_kit import markup
from page_kit.language import Say
from page_kit.markup import Markup, joined


def alert_card(say: Say, alert: AlertView, zone: str, *, with_shop: bool = False, at: int | None = None) -> Markup:
    """One open alert. `at`: by what its buttons name it; None for a card without them."""
    return markup.box(
        _classes(alert),
        markup.link("pb-plain-link", place_path(alert), _head(say, alert, with_shop=with_shop)),
        markup.box("pb-gap-above", sentence(say, alert, zone)),
        _taken(say, alert),
        _actions(say, alert, at),
        id=alert.id,
    )


def _classes(alert: AlertView) -> str:
    if alert.seen_by:
        return "pb-card"
    return "pb-card is-alert" if alert.urgency == 3 else "pb-card is-warned"


def kind_badge(say: Say, alert: AlertView) -> Markup:
    """What kind of alert it is."""
    return markup.badge(say(f"kind_{alert.kind}"), "is-wrong" if alert.urgency == 3 else "is-low")


def _head(say: Say, alert: AlertView, *, with_shop: bool) -> Markup:
    shop = alert.shop_name if with_shop else ""
    where = " · ".join(filter(None, (shop, place(say, alert))))
    return markup.box(
        "pb-row pb-top",
        markup.box(
            "pb-grow",
            markup.box(
                "pb-row pb-wrap pb-tight", markup.box("pb-card-title", about(say, alert)), kind_badge(say, alert)
            ),
            markup.box("pb-soft pb-small", where) if where else Markup(),
        ),
        markup.age(say, alert.since_ms, "pb-soft pb-age"),
    )


def _taken(say: Say, alert: AlertView) -> Markup:
    if not alert.seen_by:
        return Markup()
    note = markup.tag("span", alert.note, class_="pb-soft") if alert.note else Markup()
    badge = markup.badge(say("seen_by", name=alert.seen_by), "is-good")
    return markup.box("pb-row pb-wrap pb-tight pb-gap-above", badge, note)


def _actions(say: Say, alert: AlertView, at: int | None) -> Markup:
    step = next_step(alert)
    hint = (
        Markup() if step.step == "plan_visit" else markup.box("pb-soft pb-small pb-gap-above", next_words(say, alert))
    )
    made = [markup.link("pb-button", step.path, next_label(say, alert))] if step.path else []
    if at is not None:
        name, value = ("back", "give_back") if alert.seen_by else ("take", "take_on")
        made.append(press(say(value), name, str(at), "is-quiet"))
    return joined(hint, markup.box("pb-actions", *made))
