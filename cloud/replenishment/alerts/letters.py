"""What a mail of alerts says: everything that is due at once, by shop, the most urgent first. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from cloud.people.letters import Letter
from cloud.replenishment.alerts import words
from cloud.replenishment.alerts.sentences import about, alert_path, next_step, next_words, place, sentence
from cloud.replenishment.alerts.views import AlertView
from cloud.work.shop_time import clock_of
from page_kit.language import Language, Say, Texts

TEXTS: Texts = {
    "one_subject": ("【{kind}】{shop}：{about}", "{kind}: {about} · {shop}"),
    "many_subject": ("{count} 条提醒（{shops}）", "{count} alerts ({shops})"),
    "and_more": ("{shop} 等 {count} 家", "{shop} and {count} more"),
    "since": ("开始于 {time}（{zone}）", "Since {time} ({zone})"),
    "next": ("怎么办：{what}", "What to do: {what}"),
    "all_of_them": ("全部提醒：{link}", "All alerts: {link}"),
    "why_you": (
        "{name} 让这个地址接收 {dealer} 的提醒；在“提醒 › 通知方式”里可以改。已有人处理的不会再发。",
        "{name} had the alerts of {dealer} sent to this address; change it under Alerts, how they are told. What "
        "somebody has taken on is not sent.",
    ),
    "test_subject": ("试一下：{dealer} 的提醒会发到这里", "A test: alerts of {dealer} will come here"),
    "test_text": (
        "这是一封试发的邮件，没有任何问题。以后的提醒会发到这里。",
        "This is a test; nothing is wrong. Alerts will come here.",
    ),
}


def speaker(language: Language) -> Say:
    """The words of mails in a language."""
    return Say(language, words.TEXTS, TEXTS)


def alerts_letter(
    say: Say, alerts: Sequence[AlertView], zones: Mapping[str, str], base: str, *, dealer: str, made_by: str
) -> Letter:
    """One mail for some alerts. `zones`: the time zone of each shop; `base`: how people reach the cloud."""
    by_shop: dict[str, list[AlertView]] = defaultdict(list)
    for alert in sorted(alerts, key=lambda each: (-each.urgency, each.since_ms, each.shop_name, each.id)):
        by_shop[alert.shop].append(alert)
    blocks = [_of_shop(say, found, zones.get(shop, "UTC"), base) for shop, found in by_shop.items()]
    ending = f"{say('all_of_them', link=f'{base}/alerts')}\n\n-- \n{say('why_you', name=made_by, dealer=dealer)}\n"
    return Letter(_subject(say, alerts, by_shop), "\n\n".join([*blocks, ending]))


def _subject(say: Say, alerts: Sequence[AlertView], by_shop: Mapping[str, Sequence[AlertView]]) -> str:
    shops = [_shop_name(say, found[0]) for found in by_shop.values()]
    if len(alerts) == 1:
        told = {"kind": say(f"kind_{alerts[0].kind}"), "about": about(say, alerts[0]), "shop": shops[0]}
        return _one_line(say("one_subject", **told))
    named = shops[0] if len(shops) == 1 else say("and_more", shop=shops[0], count=len(shops) - (say.language == "en"))
    return _one_line(say("many_subject", count=len(alerts), shops=named))


def _one_line(subject: str) -> str:
    """Names are typed by people: a line end in one must not begin another header."""
    return " ".join(subject.split())[:180]


def _shop_name(say: Say, alert: AlertView) -> str:
    return alert.shop_name if alert.shop else say("several_shops")


def _of_shop(say: Say, alerts: Sequence[AlertView], zone: str, base: str) -> str:
    name = _shop_name(say, alerts[0])
    return "\n\n".join([f"{name}\n{'=' * max(4, 2 * len(name))}", *(_one(say, alert, zone, base) for alert in alerts)])


def _one(say: Say, alert: AlertView, zone: str, base: str) -> str:
    where = place(say, alert)
    number = f" {alert.part.number}" if alert.part else ""
    path = next_step(alert).path
    lines = [
        f"[{say(f'kind_{alert.kind}')}] {about(say, alert)}{number}" + (f" · {where}" if where else ""),
        sentence(say, alert, zone),
        say("since", time=clock_of(alert.since_ms, zone), zone=zone),
        say("next", what=next_words(say, alert)) + (f"\n{base}{path}" if path else ""),
        f"{base}{alert_path(alert)}",
    ]
    return "\n".join(lines)


def test_letter(say: Say, dealer: str) -> Letter:
    """What a way is tried with."""
    return Letter(_one_line(say("test_subject", dealer=dealer)), say("test_text") + "\n")
