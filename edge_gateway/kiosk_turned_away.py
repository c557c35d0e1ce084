"""Who was refused at the broker and beside it, on the kiosk's status page: who, what, when, how often, and what to do.

Only draws; `refusals.py` keeps the record. Nothing is shown when nobody was refused for a month.
"""

from collections.abc import Sequence

from edge_gateway.refusals import TurnedAway
from page_kit.language import Say, Texts
from page_kit.live_part import Ages
from page_kit.look import box, heading, text

SHOWN_MS = 30 * 24 * 3600 * 1000
SHOWN_MAX = 8

TEXTS: Texts = {
    "turned_away": ("拒绝过的连接", "Turned away"),
    "turned_away_lead": (
        "这些设备没有被放进来，账上什么也没记。不认识的设备请拔掉；自己的货柜请重新入网。",
        "These were not let in, and nothing of theirs was booked. Unplug what you do not know; enrol your own again.",
    ),
    "turned_away_times": ("{count} 次", "{count} times"),
    "turned_away_once": ("1 次", "once"),
    "turned_away_no_certificate": ("没有证书", "Showed no certificate"),
    "turned_away_foreign_certificate": ("证书不是本店签发的", "Showed a certificate that is not this shop's"),
    "turned_away_expired_certificate": ("证书已经过期", "Showed a certificate that has expired"),
    "turned_away_early_certificate": (
        "证书还没有生效：请看网关的时间",
        "Showed a certificate that is not valid yet: look at the gateway's clock",
    ),
    "turned_away_bad_certificate": (
        "证书不对：不是本店的、过期的或已吊销的",
        "Showed a certificate that is foreign, expired or revoked",
    ),
    "turned_away_unknown_certificate": (
        "证书已被吊销或换掉",
        "Showed a certificate that was revoked or replaced",
    ),
    "turned_away_no_tls": ("没有加密就来连接", "Came without encryption"),
    "turned_away_password": ("密码不对", "Gave a wrong password"),
    "turned_away_publish": ("想替别的货柜说话", "Tried to speak in another's name"),
    "turned_away_subscribe": ("想听别的货柜的消息", "Tried to listen to what is another's"),
    "turned_away_time": ("问时间，但密钥不对", "Asked the time without the right key"),
    "turned_away_code": ("入网码不对或已用过", "Gave an enrolment code that is wrong or used"),
    "turned_away_silent": ("占着入网端口，什么也不问", "Held the port for enrolment, and asked nothing"),
}


def lately(found: Sequence[TurnedAway], now_ms: int) -> tuple[TurnedAway, ...]:
    """What is shown: the newest of this month."""
    return tuple(one for one in found if now_ms - one.last_ms < SHOWN_MS)[:SHOWN_MAX]


def draw_turned_away(say: Say, found: Sequence[TurnedAway], ages: Ages) -> None:
    """A card with a row for each, or nothing."""
    if not found:
        return
    heading(say("turned_away"))
    with box("pb-card"):
        text(say("turned_away_lead"), "pb-soft")
        for one in found:
            _draw(say, one, ages)


def _draw(say: Say, one: TurnedAway, ages: Ages) -> None:
    with box("pb-row pb-between pb-wrap pb-gap-above"):
        with box("pb-fact"):
            text(say(f"turned_away_{one.kind}"), "pb-strong")
            text(one.who if one.detail in ("", one.who) else f"{one.who} · {one.detail}", "pb-soft pb-small")
        with box("pb-row pb-tight pb-small pb-soft"):
            times = say("turned_away_once") if one.times == 1 else say("turned_away_times", count=one.times)
            text(times)
            ages.show(one.last_ms)
