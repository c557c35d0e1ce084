"""Who a cabinet lets in and what its locks do, on the kiosk's page of how everything is."""

import json
from typing import NamedTuple

from edge_gateway.access_list import pin_mask
from edge_gateway.kiosk_frame import Visit
from edge_gateway.shop_document import Cabinet
from page_kit.door_words import list_trouble
from page_kit.live_part import Ages
from page_kit.look import box, figure, text


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
    if told := list_trouble(say, found.refused):
        _trouble(told)
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
