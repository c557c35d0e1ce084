"""What an alert is about, what is wrong, and what to do next: the same on pages, in mails and in webhooks. Pure."""

from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

from cloud.replenishment.alerts.matters import Kind
from cloud.replenishment.alerts.views import AlertView
from cloud.work.money import money_text
from cloud.work.shop_time import day_of
from page_kit.language import Say
from page_kit.quantity import confidence, quantity

Step = Literal[
    "plan_visit",
    "add_to_visit",
    "sooner",
    "look_at_bins",
    "check_shop",
    "check_cabinet",
    "check_cloud",
    "count",
    "decide",
]


@dataclass(frozen=True, slots=True)
class Next:
    """What to do next, and the page where that is done, "" for what is done elsewhere."""

    step: Step
    path: str


def about(say: Say, alert: AlertView) -> str:
    """What it is about, as a heading: the part, the cabinet, the gateway."""
    if alert.part is not None:
        return say.name(alert.part.name_zh, alert.part.name_en) or alert.part.number
    if alert.kind == "rollout_stopped":
        return say("firmware", version=alert.figures.version)
    if alert.cabinet:
        return cabinet_of(say, alert)
    return say("gateway") if alert.shop else say("several_shops")


def cabinet_of(say: Say, alert: AlertView) -> str:
    """The cabinet's name, its id when it has none."""
    return say.name(alert.cabinet_name_zh, alert.cabinet_name_en) or alert.cabinet


def place(say: Say, alert: AlertView) -> str:
    """Where that is within the shop: cabinet and bin, "" when the heading says it."""
    if not alert.bin:
        return ""
    return f"{cabinet_of(say, alert)} · {say('bin', bin=alert.bin)}"


def sentence(say: Say, alert: AlertView, zone: str) -> str:
    """What is wrong, with its figures."""
    kind: Kind = alert.kind
    figures = alert.figures
    if kind == "runs_out":
        return _runs_out(say, alert, zone)
    if kind == "rollout_stopped":
        return say("rollout_stopped", bad=figures.bad or 0, of=figures.of or 0, why=say(f"sign_{figures.sign}"))
    if kind == "sensor_blind":
        return say("blind_bins", count=figures.bins or 0)
    if kind == "unexplained_loss":
        return _lost(say, alert)
    if not alert.shop:
        return say("contact_many", shops=figures.shops or 0, of=figures.of or 0)
    return say("contact_cabinet" if alert.cabinet else "contact_gateway")


def _runs_out(say: Say, alert: AlertView, zone: str) -> str:
    figures = alert.figures
    if figures.ppm is None or (figures.stock == 0 and not figures.brings):
        told = say("out_not_brought", day=figures.visit_day) if figures.visit else say("out_no_visit")
        return told if figures.ppm is None else _joined(say, told, say("out_chance", chance=confidence(figures.ppm)))
    values = {"chance": confidence(figures.ppm), "stock": _quantity(say, alert, figures.stock or 0)}
    if figures.visit:
        return say("out_before_visit", day=figures.visit_day, **values)
    return say("out_before_possible", day=day_of(figures.until_ms or 0, zone), **values)


def _joined(say: Say, first: str, second: str) -> str:
    return f"{first}{second}" if say.language == "zh" else f"{first} {second}"


def _lost(say: Say, alert: AlertView) -> str:
    figures = alert.figures
    told = say("lost", days=figures.days or 0, lost=_quantity(say, alert, figures.lost or 0))
    if figures.value_minor is None:
        return told
    return _joined(say, told, say("lost_worth", value=money_text(figures.value_minor, figures.currency)))


def _quantity(say: Say, alert: AlertView, amount: int) -> str:
    return quantity(amount, alert.part.unit if alert.part else "piece", say.language)


def next_step(alert: AlertView) -> Next:
    """What to do about it."""
    shop, figures = quote(alert.shop, safe=""), alert.figures
    if alert.kind == "runs_out":
        if not figures.visit:
            return Next("plan_visit", "/rounds")
        visit = f"/rounds/visit?id={quote(figures.visit, safe='')}"
        return Next("sooner" if figures.brings else "add_to_visit", visit)
    if alert.kind == "sensor_blind":
        return Next("look_at_bins", _cabinet_path(alert))
    if alert.kind == "unexplained_loss":
        return Next("count", _cabinet_path(alert))
    if not alert.shop:
        is_rollout = alert.kind == "rollout_stopped"
        return Next("decide", _rollout_path(alert)) if is_rollout else Next("check_cloud", "")
    return Next("check_cabinet", _cabinet_path(alert)) if alert.cabinet else Next("check_shop", f"/shops/{shop}")


def next_words(say: Say, alert: AlertView) -> str:
    """The same in words."""
    return say(f"do_{next_step(alert).step}", **({"day": alert.figures.visit_day} if alert.figures.visit else {}))


def next_label(say: Say, alert: AlertView) -> str:
    """What leads there, in a word or two."""
    return say(f"go_{next_step(alert).step}")


def _rollout_path(alert: AlertView) -> str:
    return f"/releases/rollout?id={quote(alert.figures.rollout, safe='')}"


def _cabinet_path(alert: AlertView) -> str:
    return f"/shops/{quote(alert.shop, safe='')}/cabinets/{quote(alert.cabinet, safe='')}"


def alert_path(alert: AlertView) -> str:
    """Where an alert is on the page of alerts."""
    return f"/alerts#{alert.id}"


def place_path(alert: AlertView) -> str:
    """The page of what it is about."""
    if alert.kind == "rollout_stopped":
        return _rollout_path(alert)
    if alert.cabinet:
        return _cabinet_path(alert)
    return f"/shops/{quote(alert.shop, safe='')}" if alert.shop else "/"
