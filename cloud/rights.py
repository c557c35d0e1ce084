"""What each role may do. Pure: roles and rights are words, and this table is the only place that joins them."""

from typing import Final, Literal, get_args

Role = Literal["admin", "clerk", "restocker", "shop_owner", "mechanic", "brand", "operator"]
Right = Literal[
    "see_stock",  # shops, cabinets, bins, what to bring
    "see_sessions",  # who opened a cabinet, movements, evidence, discrepancies
    "see_consumption",
    "see_prices",
    "see_vehicles",  # vehicle files and jobs
    "see_catalogue",
    "see_statements",
    "see_totals",  # by brand and month, without a shop's name
    "see_audit",
    "edit_catalogue",
    "edit_planogram",
    "edit_jobs",  # open and name jobs, keep vehicle files
    "edit_people",  # mechanics of a shop: names, badges, export and forgetting
    "close_statements",  # bill a shop for a month, for ever
    "see_planning",  # forecasts, policies, visits, gauges
    "edit_policy",  # what is aimed at, and a person's own levels
    "plan_visits",  # vans, shops' hours, rounds, purchases
    "load_visits",  # say what was put on the van and what was brought
    "see_alerts",  # and take them on
    "manage_alerts",  # to whom they are told
    "resolve",  # discrepancies, cycle counts, transfers, claims
    "manage_people",  # who signs in
    "manage_gateways",
    "operate",  # dealers themselves; never a dealer's rows
]

ROLES: Final[tuple[Role, ...]] = get_args(Role)
RIGHTS: Final[tuple[Right, ...]] = get_args(Right)
SHOP_ROLES: Final[frozenset[Role]] = frozenset({"shop_owner", "mechanic"})  # see the shops they are bound to alone

_CLERK: Final[frozenset[Right]] = frozenset(
    {
        "see_stock", "see_sessions", "see_consumption", "see_prices", "see_vehicles", "see_catalogue",
        "see_statements", "edit_catalogue", "edit_planogram", "edit_jobs", "edit_people", "resolve",
        "close_statements", "see_planning", "edit_policy", "plan_visits", "load_visits", "see_alerts", "manage_alerts",
    }
)  # fmt: skip
RIGHTS_OF: Final[dict[Role, frozenset[Right]]] = {
    "admin": _CLERK | {"see_audit", "see_totals", "manage_people", "manage_gateways"},
    "clerk": _CLERK,
    "restocker": frozenset({"see_stock", "see_catalogue", "resolve", "load_visits", "see_alerts"}),
    "shop_owner": frozenset(
        {
            "see_stock", "see_sessions", "see_consumption", "see_prices", "see_vehicles", "see_catalogue",
            "see_statements", "edit_jobs", "edit_people",
        }
    ),
    "mechanic": frozenset({"see_stock", "see_vehicles", "see_catalogue", "edit_jobs"}),
    "brand": frozenset({"see_totals"}),
    "operator": frozenset({"operate"}),
}  # fmt: skip
