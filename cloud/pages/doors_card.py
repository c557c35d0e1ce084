"""A cabinet's doors on its page: what locks do without power, which doors ask for a PIN, the access list's key."""

from collections.abc import Sequence
from dataclasses import dataclass

from cloud.pages.work_parts import row
from cloud.tables import CabinetDoors
from page_kit import door_words, markup
from page_kit.door_words import list_trouble
from page_kit.language import Say, Texts
from page_kit.markup import Markup, joined

TEXTS: Texts = {
    **door_words.TEXTS,
    "doors": ("门和锁", "Doors and locks"),
    "without_power": ("停电时", "Without power"),
    "stays_locked": ("锁着", "Locked"),
    "stands_open": ("打开", "Open"),
    "locks_unknown": ("控制器没有说过", "Its controller has not said"),
    "doors_unknown": (
        "它的网关太旧，没有报告门锁：先在网关上运行 partsbay gateway update。",
        "Its gateway is too old to say how the locks are: run partsbay gateway update there.",
    ),
    "asking_doors": ("要密码的门", "PIN doors"),
    "no_pin_doors": ("没有", "None"),
    "doors_of": ("{doors}（共 {count} 扇）", "{doors} (of {count})"),
    "list_good_for": ("名单有效期", "List is good for"),
    "days": ("{count} 天", "{count} days"),
}


@dataclass(frozen=True)
class DoorsFound:
    """What is known. `told` None: the gateway does not say; `pin_doors` and `list_days` are the planogram's."""

    doors: int
    pin_doors: Sequence[int]
    list_days: int
    told: CabinetDoors | None


def doors_card(say: Say, found: DoorsFound, *, with_key: bool) -> Markup:
    """As the kiosk shows it in the shop; `with_key`: also the key that signs its access list."""
    told = found.told
    facts = [row(say("asking_doors"), _asking(say, found))]
    if told is not None:
        facts.insert(0, row(say("without_power"), _without_power(say, told.locks)))
        facts += _key(say, found, told) if with_key else []
    return joined(
        markup.heading(say("doors")),
        markup.box("pb-card", *_troubles(say, found), markup.box("pb-facts", *facts), _meaning(say, told)),
    )


def _asking(say: Say, found: DoorsFound) -> Markup:
    if not found.pin_doors:
        return markup.box("", say("no_pin_doors"))
    comma = "、" if say.language == "zh" else ", "
    doors = comma.join(str(door) for door in found.pin_doors)
    return markup.box("pb-strong", say("doors_of", doors=doors, count=found.doors))


def _without_power(say: Say, locks: str) -> Markup:
    if not locks:
        return markup.box("pb-soft", say("locks_unknown"))
    is_safe = locks == "fail_safe"
    return markup.badge(say("stands_open" if is_safe else "stays_locked"), "is-low" if is_safe else "is-good")


def _key(say: Say, found: DoorsFound, told: CabinetDoors) -> list[Markup]:
    if not told.list_key:
        return []
    return [
        row(say("access_key"), markup.tag("code", told.list_key)),
        row(say("access_key_age"), markup.age(say, told.list_key_ms, "")),
        row(say("list_good_for"), say("days", count=found.list_days)),
    ]


def _troubles(say: Say, found: DoorsFound) -> list[Markup]:
    if found.told is None:
        return [markup.box("pb-soft pb-gap-below", say("doors_unknown"))]
    said = [list_trouble(say, found.told.list_refused)]
    if found.pin_doors and not found.told.locks:
        said.append(say("pin_doors_old"))
    return [markup.box("pb-trouble is-wrong pb-gap-below", each) for each in said if each]


def _meaning(say: Say, told: CabinetDoors | None) -> Markup:
    """What the lock's behaviour means to people."""
    if told is None or not told.locks:
        return Markup()
    return markup.box("pb-soft pb-small pb-gap-above", say(f"locks_{told.locks}"))
