"""Where a dealer's pages are in the menu: few groups by what somebody does, each page with the right it asks for.

Pure. A page that the program does not have is left out, and so is what somebody's role does not see; a group of one
page is that page, and whoever sees few pages has them all at once.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from cloud.rights import Right
from page_kit.language import Say, Texts
from page_kit.tabs import Tab

TABS_MAX = 5  # beside each other at the thumb of a small phone


@dataclass(frozen=True)
class Entry:
    """A page of the menu. `under`: where else one is when one is in it."""

    path: str
    title: str
    right: Right
    group: str
    under: tuple[str, ...] = ()


ENTRIES = (  # the first one somebody may see is where they begin
    Entry("/", "tab_shops", "see_stock", "in_shops", ("/shops",)),
    Entry("/alerts", "tab_alerts", "see_alerts", "in_shops"),
    Entry("/discrepancies", "tab_discrepancies", "see_sessions", "in_shops"),
    Entry("/counts", "tab_counts", "resolve", "in_shops"),
    Entry("/transfers", "tab_transfers", "resolve", "in_shops"),
    Entry("/rounds", "tab_rounds", "load_visits", "in_supply"),
    Entry("/to-bring", "tab_bring", "see_stock", "in_supply"),
    Entry("/purchases", "tab_purchases", "plan_visits", "in_supply"),
    Entry("/planning", "tab_planning", "see_planning", "in_supply"),
    Entry("/service-level", "tab_service_level", "see_planning", "in_supply"),
    Entry("/vans", "tab_vans", "plan_visits", "in_supply"),
    Entry("/vehicles", "tab_vehicles", "see_vehicles", "in_vehicles"),
    Entry("/gauges", "tab_gauges", "see_planning", "in_figures"),
    Entry("/consumption", "tab_consumption", "see_consumption", "in_figures"),
    Entry("/classes", "tab_classes", "see_planning", "in_figures"),
    Entry("/totals", "tab_totals", "see_totals", "in_figures"),
    Entry("/catalogue", "tab_catalogue", "see_catalogue", "in_setup", ("/search", "/part", "/models")),
    Entry("/imports", "tab_imports", "edit_catalogue", "in_setup"),
    Entry("/gateways", "tab_gateways", "manage_gateways", "in_setup"),
    Entry("/releases", "tab_releases", "manage_gateways", "in_setup"),
    Entry("/people", "tab_people", "manage_people", "in_setup"),
    Entry("/robots", "tab_robots", "manage_people", "in_setup"),
    Entry("/audit", "tab_audit", "see_audit", "in_setup"),
    Entry("/dealers", "tab_dealers", "operate", "in_setup"),
)

TEXTS: Texts = {
    "in_shops": ("店铺", "Shops"),
    "in_supply": ("补货", "Supply"),
    "in_vehicles": ("车辆", "Vehicles"),
    "in_figures": ("分析", "Figures"),
    "in_setup": ("资料", "Setup"),
    "tab_shops": ("店铺", "Shops"),
    "tab_alerts": ("提醒", "Alerts"),
    "tab_discrepancies": ("差异", "Discrepancies"),
    "tab_counts": ("盘点", "Counts"),
    "tab_transfers": ("调拨", "Transfers"),
    "tab_rounds": ("送货安排", "Rounds"),
    "tab_bring": ("该带什么", "To bring"),
    "tab_purchases": ("采购建议", "Purchases"),
    "tab_planning": ("补货策略", "Policies"),
    "tab_service_level": ("服务水平", "Service level"),
    "tab_vans": ("车与时间", "Vans and hours"),
    "tab_vehicles": ("车辆", "Vehicles"),
    "tab_gauges": ("全准快省", "Four gauges"),
    "tab_consumption": ("用量", "Consumption"),
    "tab_classes": ("配件与店铺分类", "Classes"),
    "tab_totals": ("品牌用量", "Totals by brand"),
    "tab_catalogue": ("电子目录", "Catalogue"),
    "tab_imports": ("导入导出", "Imports"),
    "tab_gateways": ("店铺与网关", "Shops and gateways"),
    "tab_releases": ("固件升级", "Firmware"),
    "tab_people": ("人员", "People"),
    "tab_robots": ("聊天机器人", "Chat robots"),
    "tab_audit": ("操作记录", "Audit trail"),
    "tab_dealers": ("配件商", "Dealers"),
}


def entries(may: Callable[[Right], bool], known: Collection[str]) -> tuple[Entry, ...]:
    """Every page of the menu that is there and that somebody may see."""
    return tuple(entry for entry in ENTRIES if entry.path in known and may(entry.right))


def menu(say: Say, mine: Sequence[Entry], counts: Mapping[str, int] | None = None) -> tuple[Tab, ...]:
    """The tabs of some entries: as they are when few, else by group. `counts`: by path, how much waits for somebody."""
    known = counts or {}
    if len(mine) <= TABS_MAX:
        return tuple(_page(say, entry, known) for entry in mine)
    groups: dict[str, list[Entry]] = {}
    for entry in mine:
        groups.setdefault(entry.group, []).append(entry)
    return tuple(_group(say, name, pages, known) for name, pages in groups.items())


def _group(say: Say, name: str, pages: Sequence[Entry], counts: Mapping[str, int]) -> Tab:
    if len(pages) == 1:
        return _page(say, pages[0], counts)
    return Tab("", say(name), pages=tuple(_page(say, entry, counts) for entry in pages))


def _page(say: Say, entry: Entry, counts: Mapping[str, int]) -> Tab:
    return Tab(entry.path, say(entry.title), counts.get(entry.path, 0), under=entry.under)
