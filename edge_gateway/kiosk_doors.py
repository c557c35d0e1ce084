"""Who a cabinet lets in and what its locks do, on the kiosk's page of how everything is."""

import json
from typing import NamedTuple

from edge_gateway.access_list import pin_mask
from edge_gateway.kiosk_frame import Visit
from edge_gateway.shop_document import Cabinet
from page_kit.language import Texts
from page_kit.live_part import Ages
from page_kit.look import box, figure, text

TEXTS: Texts = {
    "locks_fail_secure": (
        "停电或着火时门保持锁着；里面没有人，人不会被关住。钥匙可以开。",
        "In a power cut or a fire the doors stay locked; nobody can be inside. The key opens them.",
    ),
    "locks_fail_safe": (
        "停电、着火或控制器重启时门会打开：谁都能拿，拿走的之后会记为差异。",
        "In a power cut, a fire or a restart the doors are open: anybody can take, and what is gone shows as a "
        "discrepancy afterwards.",
    ),
    "access_key": ("名单密钥", "List key"),
    "list_days": ("名单有效天数", "List good for, in days"),
    "access_key_age": ("密钥启用", "Key in use"),
    "list_other_key": (
        "货柜用的是另一把名单密钥，不接受新名单：请重新配置货柜（partsbay commission）。",
        "The cabinet holds another list key and refuses its new list: commission it again.",
    ),
    "list_refused": ("货柜拒绝新名单：{why}", "The cabinet refuses its new list: {why}"),
    "pin_doors_many": ("要密码的门：{doors}", "Doors that ask for a PIN: {doors}"),
    "pin_doors_old": (
        "控制器太旧，不认识要密码的门：现在刷卡开不了任何门。请升级固件。",
        "The controller is too old for doors that ask for a PIN: no badge opens any door. Update its firmware.",
    ),
}


class DoorsNow(NamedTuple):
    """What is known of a cabinet's locks, list and key. `locks` "": its controller never said."""

    locks: str
    pin_doors: tuple[int, ...]
    fingerprint: str
    since_ms: int
    refused: str


def doors_now(visit: Visit, cabinet: Cabinet) -> DoorsNow:
    """Read anew."""
    told, key = visit.view.door_rows(cabinet.id)
    locks = json.loads(told).get("locks", "") if told else ""
    return DoorsNow(locks, tuple(cabinet.pin_doors), *(key or ("", 0, "")))


def draw_doors(visit: Visit, cabinet: Cabinet, found: DoorsNow, ages: Ages) -> None:
    """Below the figures of the cabinet."""
    say = visit.say
    if found.refused:
        _trouble(say("list_other_key") if "HMAC" in found.refused else say("list_refused", why=found.refused))
    if pin_mask(visit.view.document, cabinet.id) and not found.locks:
        _trouble(say("pin_doors_old"))
    elif found.pin_doors:
        text(say("pin_doors_many", doors=", ".join(map(str, found.pin_doors))), "pb-small pb-gap-above")
    if found.locks:
        text(say(f"locks_{found.locks}"), "pb-soft pb-small pb-gap-above")
    if found.fingerprint:
        with box("pb-figures pb-gap-above"):
            figure(say("access_key"), found.fingerprint)
            with box("pb-figure"):
                ages.show(found.since_ms, "pb-number")
                text(say("access_key_age"), "pb-soft")
            figure(say("list_days"), str(visit.view.document.access_days))


def _trouble(content: str) -> None:
    """As other troubles of a cabinet are told."""
    with box("pb-trouble is-wrong pb-gap-above"):
        text(content, "pb-strong")
