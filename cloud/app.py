"""The cloud's composition root: settings in, a running service out. Nothing happens at import."""

import asyncio
import contextlib
import gc
import sys
from collections.abc import AsyncIterator, Callable
from typing import Any

from fastapi import FastAPI

from cloud.api import (
    alerts,
    bot,
    catalogue,
    claims,
    dealers,
    devices,
    est,
    gateways,
    gauges,
    health,
    imports,
    installations,
    jobs,
    links,
    members,
    operator,
    people,
    planning,
    planogram,
    releases,
    shop_people,
    statements,
    stock_work,
    store,
    tokens,
    totals,
    vans,
    vehicles,
    visits,
)
from cloud.api.access import answer_refusals
from cloud.api.same_origin import SameOrigin
from cloud.clock import wall_clock_ms
from cloud.document_parts import see_to_documents
from cloud.replenishment.alerts.work import open_work, see_to_alerts
from cloud.replenishment.gauges.daily import see_to_gauges
from cloud.replenishment.planner import see_to_plans
from cloud.replenishment.visits.following import see_to_visits
from cloud.rollouts.work import RolloutWork, see_to_rollouts
from cloud.server import serve
from cloud.services import open_services
from cloud.settings import Settings
from cloud.work.daily import see_to_names


def create_app(
    settings: Settings, *, now_ms: Callable[[], int] = wall_clock_ms, pages: bool = True, plans: bool = False
) -> FastAPI:
    """The whole service on an open database; it is closed when the app's lifespan ends.

    `plans`: start a process beside it whenever a dealer's policies are to be computed.
    """
    services = open_services(settings, now_ms)

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        daily = asyncio.create_task(see_to_names(services.database, services.now_ms))
        following = asyncio.create_task(see_to_documents(services.database, services.now_ms))
        gauging = asyncio.create_task(see_to_gauges(services.database, services.now_ms))
        planner = asyncio.create_task(see_to_plans(settings, services.database, services.now_ms)) if plans else None
        visiting = asyncio.create_task(see_to_visits(services.database, services.now_ms))
        work = open_work(settings, services.database, services.mail, services.now_ms)
        telling = asyncio.create_task(see_to_alerts(work))
        rolling = asyncio.create_task(see_to_rollouts(RolloutWork(services.database, services.now_ms)))
        yield
        if planner is not None:
            planner.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await planner
        for work_beside in (daily, following, visiting, gauging, telling, rolling):
            work_beside.cancel()
        # What they have begun on a thread ends before the database is closed, or it would open the file anew.
        await asyncio.get_running_loop().shutdown_default_executor()
        services.close()

    app = FastAPI(
        title="Partsbay",
        summary="Smart parts cabinets: what gateways report and what dealers see.",
        version="1",
        lifespan=lifespan,
        docs_url=None,  # its page would load scripts from elsewhere
        redoc_url=None,
        openapi_url="/api/openapi.json",
    )
    app.state.services = services
    for part in (
        health,
        people,
        dealers,
        catalogue,
        bot,
        gateways,
        links,
        members,
        tokens,
        installations,
        operator,
        totals,
        imports,
        planogram,
        jobs,
        vehicles,
        claims,
        statements,
        shop_people,
        stock_work,
        gauges,
        planning,
        alerts,
        visits,
        vans,
        store,
        releases,
        devices,
        est,
    ):
        app.router.routes.extend(part.router.routes)  # as they are: to include a router builds its routes again
    app.router.routes.extend(devices.gateway_router.routes)
    answer_refusals(app)
    app.add_middleware(SameOrigin, public_url=settings.public_url)
    _document_shapes(app)
    if pages:
        from cloud.pages import mount  # noqa: PLC0415 -- slow to import, and a service without pages need not wait

        mount(app, services)
    return app


def _document_shapes(app: FastAPI) -> None:
    """Add what gateways exchange to the OpenAPI document: their bodies pass by pydantic."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        document = generate()
        document.setdefault("components", {}).setdefault("schemas", {}).update(gateways.shapes() | devices.shapes())
        return document

    app.openapi = openapi  # type: ignore[method-assign]


def _collect_seldom() -> None:
    """Let the garbage collector look through everything seldom.

    A cloud holds hundreds of decoded documents. No page answers while they are looked through, which by default happens
    whenever as many objects have come as a few pages make. A page that was closed is freed without it but for little
    (`page_kit/quick_elements.py`).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 50)


def run(settings: Settings) -> int:
    """Serve until SIGINT or SIGTERM; 0 when it ended as asked."""
    app = create_app(settings, plans=True)
    _collect_seldom()
    sys.stdout.write(f"cloud settings {settings}\n")
    serve(app, app.state.services, settings.host, settings.port, name="cloud")
    return 0
