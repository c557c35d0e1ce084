"""Adds the dealer's pages to the cloud's app.

The pages show what the queries of `cloud` answer for the one signed in, and
nothing else: every page asks for its tenant through `visit.show`.
"""

from fastapi import FastAPI
from nicegui import Client, ui
from nicegui import app as pages

from cloud.pages import (
    account,
    alert_ways,
    alerts,
    audit,
    cabinet,
    catalogue,
    claims,
    classes,
    consumption,
    counts,
    dealers,
    devices,
    discrepancies,
    gateways,
    gauges,
    import_run,
    imports,
    jobs,
    links,
    models,
    movements,
    part,
    part_edit,
    people,
    picking,
    planning,
    planogram,
    planogram_versions,
    policy,
    purchases,
    releases,
    robots,
    rollout,
    round_visit,
    rounds,
    search,
    service_level,
    session,
    shop,
    shop_people,
    shops,
    sign_in,
    statement,
    to_bring,
    totals,
    transfers,
    vans,
    vehicle,
    vehicles,
)
from cloud.services import Services
from page_kit.frame import mount_look

UNSEEN_S = 20.0  # a page whose browser has not come back to it by then: thousands of objects for nobody

_PAGES = (
    shops,
    rounds,
    round_visit,
    picking,
    purchases,
    vans,
    shop,
    cabinet,
    service_level,
    session,
    search,
    catalogue,
    part,
    part_edit,
    models,
    consumption,
    to_bring,
    discrepancies,
    counts,
    transfers,
    movements,
    account,
    alerts,
    alert_ways,
    people,
    robots,
    gateways,
    releases,
    rollout,
    gauges,
    audit,
    totals,
    dealers,
    devices,
    jobs,
    vehicles,
    vehicle,
    statement,
    claims,
    classes,
    shop_people,
    imports,
    import_run,
    planogram,
    planogram_versions,
    planning,
    policy,
)


def mount(app: FastAPI, services: Services) -> None:
    """Add the pages. NiceGUI has one application per process: a later call there shows the later services."""
    mount_look(app)
    sign_in.add_routes(app, services)
    links.add_routes(app, services)
    first = not hasattr(pages.state, "services")
    pages.state.services = services
    if first:
        for page in _PAGES:
            page.register()
        pages.timer(UNSEEN_S / 4, lambda: Client.prune_instances(client_age_threshold=UNSEEN_S))
        ui.run_with(app, title="Partsbay", tailwind=False, show_welcome_message=False, reconnect_timeout=30)
    else:
        app.mount("/", pages)
