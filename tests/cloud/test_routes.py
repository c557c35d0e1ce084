"""Every route of the API: the right it asks for, and what each role, nobody, a gateway and another dealer get.

A new route wants one line in `ROUTES`. Ids in its path want one in `ids_of_north`.
"""

from collections.abc import Iterator
from typing import Any, cast

import pytest
from fastapi import FastAPI
from sqlmodel import select

from cloud.rights import RIGHTS_OF, ROLES, Role
from cloud.tables import METADATA
from tests.cloud import people_world, worlds
from tests.cloud.all_routes import ANYONE, GATEWAY, OWN, SIGNED_IN, Route, body_of, queries_of, routes_of
from tests.cloud.caller import Caller
from tests.cloud.conftest import Cloud
from tests.cloud.worlds import opening, take, upload

ROUTES = {
    "GET /healthz": ANYONE,
    # ---- oneself ----
    "POST /api/sign-in": ANYONE,
    "POST /api/sign-out": ANYONE,
    "POST /api/forgotten": ANYONE,
    "GET /api/reset/{code}": ANYONE,
    "POST /api/reset/{code}": ANYONE,
    "GET /api/invitation/{code}": ANYONE,
    "POST /api/invitation/{code}": ANYONE,
    "POST /api/invitation/{code}/join": OWN,
    "GET /api/me": SIGNED_IN,
    "PATCH /api/me": OWN,
    "POST /api/me/password": OWN,
    "GET /api/me/sign-ins": OWN,
    "DELETE /api/me/sign-ins": OWN,
    "DELETE /api/me/sign-ins/{sign_in}": OWN,
    "GET /api/me/memberships": OWN,
    "POST /api/me/membership": OWN,
    "GET /api/tokens": OWN,
    "POST /api/tokens": OWN,
    "DELETE /api/tokens/{token}": OWN,
    # ---- shops and stock ----
    "GET /api/shops": "see_stock",
    "GET /api/shops/{shop}/cabinets": "see_stock",
    "GET /api/shops/{shop}/cabinets/{cabinet}/bins": "see_stock",
    "GET /api/shops/{shop}/consumption": "see_consumption",
    "GET /api/shops/{shop}/sessions": "see_sessions",
    "GET /api/shops/{shop}/verdicts": "see_sessions",
    "GET /api/shops/{shop}/movements": "see_sessions",
    "GET /api/shops/{shop}/discrepancies": "see_sessions",
    "GET /api/shops/{shop}/quarantine": "see_sessions",
    "GET /api/shops/{shop}/ledger": "see_sessions",
    "GET /api/replenishment": "see_stock",
    "GET /api/stock": "see_stock",
    "GET /api/discrepancies": "see_sessions",
    "POST /api/shops/{shop}/discrepancies/answers": "resolve",
    "GET /api/counts": "resolve",
    "POST /api/shops/{shop}/counts": "resolve",
    "POST /api/shops/{shop}/counts/{count}/withdraw": "resolve",
    "GET /api/transfers": "resolve",
    "POST /api/transfers": "resolve",
    "POST /api/transfers/{transfer}/withdraw": "resolve",
    "POST /api/transfers/{transfer}/close": "resolve",
    # ---- rounds, vans, the store ----
    "GET /api/rounds": "load_visits",
    "POST /api/rounds/propose": "plan_visits",
    "POST /api/rounds/accept": "plan_visits",
    "GET /api/visits": "load_visits",
    "GET /api/visits/differences": "load_visits",
    "GET /api/visits/{visit}": "load_visits",
    "POST /api/visits/{visit}/move": "plan_visits",
    "POST /api/visits/{visit}/cancel": "plan_visits",
    "PUT /api/visits/{visit}/lines/{line}": "plan_visits",
    "POST /api/visits/{visit}/load": "load_visits",
    "POST /api/visits/{visit}/finish": "load_visits",
    "POST /api/visits/{visit}/lines/{line}/confirm": "load_visits",
    "POST /api/visits/{visit}/lines/{line}/settle": "plan_visits",
    "GET /api/vans/{van}/picking": "load_visits",
    "GET /api/vans/{van}/picking/csv": "load_visits",
    "GET /api/vans": "load_visits",
    "POST /api/vans": "plan_visits",
    "PUT /api/vans/{van}": "plan_visits",
    "DELETE /api/vans/{van}": "plan_visits",
    "GET /api/shops/{shop}/hours": "load_visits",
    "PUT /api/shops/{shop}/hours": "plan_visits",
    "GET /api/dealer-stock": "plan_visits",
    "PUT /api/dealer-stock": "plan_visits",
    "DELETE /api/dealer-stock": "plan_visits",
    "GET /api/dealer-stock/csv": "plan_visits",
    "POST /api/dealer-stock/csv": "plan_visits",
    "GET /api/purchases": "plan_visits",
    "GET /api/purchases/csv": "plan_visits",
    "POST /api/purchases/ordered": "plan_visits",
    "POST /api/purchases/received": "plan_visits",
    # ---- planning ----
    "GET /api/planning/aims": "see_planning",
    "PUT /api/planning/aims": "edit_policy",
    "GET /api/planning/fill": "see_planning",
    "GET /api/planning/runs": "see_planning",
    "POST /api/planning/runs": "edit_policy",
    "GET /api/shops/{shop}/policies": "see_planning",
    "GET /api/shops/{shop}/policy": "see_planning",
    "GET /api/shops/{shop}/overrides": "see_planning",
    "POST /api/shops/{shop}/overrides": "edit_policy",
    "POST /api/shops/{shop}/overrides/{override}/end": "edit_policy",
    # ---- imports ----
    "GET /api/imports": "edit_catalogue",
    "POST /api/imports": "edit_catalogue",
    "GET /api/imports/{run}": "edit_catalogue",
    "PUT /api/imports/{run}/choices": "edit_catalogue",
    "POST /api/imports/{run}/take": "edit_catalogue",
    "DELETE /api/imports/{run}": "edit_catalogue",
    "GET /api/imports/{run}/refusals.csv": "edit_catalogue",
    "GET /api/exports/{kind}": "see_catalogue",
    # ---- the catalogue ----
    "GET /api/search": "see_catalogue",
    "GET /api/search/suggestions": "see_catalogue",
    "GET /api/vin/{vin}": "see_catalogue",
    "GET /api/catalogue/parts": "see_catalogue",
    "POST /api/catalogue/parts": "edit_catalogue",
    "GET /api/catalogue/parts/{number}": "see_catalogue",
    "PATCH /api/catalogue/parts/{number}": "edit_catalogue",
    "DELETE /api/catalogue/parts/{number}": "edit_catalogue",
    "GET /api/catalogue/references/{number}": "see_catalogue",
    "POST /api/catalogue/references/{number}": "edit_catalogue",
    "DELETE /api/catalogue/references/{number}": "edit_catalogue",
    "GET /api/catalogue/fitment/{number}": "see_catalogue",
    "POST /api/catalogue/fitment/{number}": "edit_catalogue",
    "DELETE /api/catalogue/fitted/{fitment}/{number}": "edit_catalogue",
    "GET /api/catalogue/prices/{number}": "see_prices",
    "POST /api/catalogue/prices/{number}": "edit_catalogue",
    "GET /api/catalogue/stock/{number}": "see_stock",
    "GET /api/catalogue/taught/{number}": "see_catalogue",
    "GET /api/catalogue/models": "see_catalogue",
    "POST /api/catalogue/models": "edit_catalogue",
    "DELETE /api/catalogue/models/{model}": "edit_catalogue",
    # ---- jobs, vehicles, claims, statements, people of a shop ----
    "GET /api/shops/{shop}/jobs": "see_vehicles",
    "POST /api/shops/{shop}/jobs": "edit_jobs",
    "GET /api/shops/{shop}/jobs/{job}": "see_vehicles",
    "PATCH /api/shops/{shop}/jobs/{job}": "edit_jobs",
    "POST /api/shops/{shop}/jobs/{job}/close": "edit_jobs",
    "POST /api/shops/{shop}/jobs/{job}/reopen": "edit_jobs",
    "GET /api/vehicles": "see_vehicles",
    "POST /api/shops/{shop}/vehicles": "edit_jobs",
    "GET /api/shops/{shop}/vehicles/{vehicle}": "see_vehicles",
    "GET /api/shops/{shop}/vehicles/{vehicle}/csv": "see_vehicles",
    "PATCH /api/shops/{shop}/vehicles/{vehicle}": "edit_jobs",
    "POST /api/shops/{shop}/vehicles/{vehicle}/readings": "edit_jobs",
    "PUT /api/shops/{shop}/vehicles/{vehicle}/intervals": "edit_jobs",
    "DELETE /api/shops/{shop}/vehicles/{vehicle}/intervals": "edit_jobs",
    "POST /api/shops/{shop}/vehicles/{vehicle}/join": "edit_jobs",
    "POST /api/shops/{shop}/vehicles/{vehicle}/part": "edit_jobs",
    "GET /api/shops/{shop}/claims": "see_vehicles",
    "POST /api/shops/{shop}/claims": "edit_jobs",
    "POST /api/shops/{shop}/claims/{claim}/withdraw": "edit_jobs",
    "POST /api/shops/{shop}/claims/{claim}/receive": "resolve",
    "POST /api/shops/{shop}/claims/{claim}/accept": "resolve",
    "POST /api/shops/{shop}/claims/{claim}/refuse": "resolve",
    "GET /api/shops/{shop}/statements": "see_statements",
    "GET /api/shops/{shop}/statements/{month}": "see_statements",
    "GET /api/shops/{shop}/statements/{month}/csv": "see_statements",
    "GET /api/shops/{shop}/statements/{month}/pdf": "see_statements",
    "POST /api/shops/{shop}/statements/{month}/close": "close_statements",
    "GET /api/shops/{shop}/people": "edit_people",
    "POST /api/shops/{shop}/people": "edit_people",
    "PUT /api/shops/{shop}/people/names-kept": "edit_people",
    "PUT /api/shops/{shop}/people/list-days": "edit_people",
    "PATCH /api/shops/{shop}/people/{person_id}": "edit_people",
    "POST /api/shops/{shop}/people/{person_id}/leave": "edit_people",
    "POST /api/shops/{shop}/people/{person_id}/forget": "edit_people",
    "POST /api/shops/{shop}/people/{person_id}/pin": "edit_people",
    "GET /api/shops/{shop}/people/{person_id}/export": "edit_people",
    "GET /api/shops/{shop}/people/{person_id}/export.csv": "edit_people",
    # ---- all shops at once, and what a dealer does about stock ----
    # ---- firmware ----
    "GET /api/firmware": "manage_gateways",
    "GET /api/releases": "manage_gateways",
    "POST /api/releases": "manage_gateways",
    "PUT /api/releases/{release}/notes": "manage_gateways",
    "DELETE /api/releases/{release}": "manage_gateways",
    "GET /api/operator/releases": "operate",
    "POST /api/operator/releases": "operate",
    "DELETE /api/operator/releases/{release}": "operate",
    "GET /api/rollouts": "manage_gateways",
    "POST /api/rollouts": "manage_gateways",
    "GET /api/rollouts/{rollout}": "manage_gateways",
    "POST /api/rollouts/{rollout}/pause": "manage_gateways",
    "POST /api/rollouts/{rollout}/go-on": "manage_gateways",
    "POST /api/rollouts/{rollout}/stop": "manage_gateways",
    "POST /api/rollouts/{rollout}/take-back": "manage_gateways",
    "POST /api/rollouts/{rollout}/end": "manage_gateways",
    "POST /api/rollouts/{rollout}/leave-out": "manage_gateways",
    "POST /api/rollouts/{rollout}/take-in": "manage_gateways",
    "GET /api/shops/{shop}/cabinets/{cabinet}/firmware-steps": "manage_gateways",
    # ---- alerts ----
    "GET /api/alerts": "see_alerts",
    "GET /api/alert-count": "see_alerts",
    "GET /api/alerts/{alert}": "see_alerts",
    "POST /api/alerts/{alert}/taken": "see_alerts",
    "DELETE /api/alerts/{alert}/taken": "see_alerts",
    "GET /api/alert-ways": "manage_alerts",
    "POST /api/alert-ways": "manage_alerts",
    "PUT /api/alert-ways/{way}": "manage_alerts",
    "DELETE /api/alert-ways/{way}": "manage_alerts",
    "POST /api/alert-ways/{way}/test": "manage_alerts",
    # ---- planogram ----
    "GET /api/shops/{shop}/planogram": "edit_planogram",
    "POST /api/shops/{shop}/planogram/check": "edit_planogram",
    "PUT /api/shops/{shop}/planogram": "edit_planogram",
    "GET /api/shops/{shop}/planogram/versions": "edit_planogram",
    "POST /api/shops/{shop}/planogram/versions/{version}/restore": "edit_planogram",
    # ---- chat robots ----
    "POST /api/bot/{robot}": ANYONE,
    "GET /api/bot/{robot}": ANYONE,
    "GET /api/robots": "manage_people",
    "POST /api/robots": "manage_people",
    "DELETE /api/robots/{robot}": "manage_people",
    # ---- people, shops and gateways of the dealer ----
    "GET /api/people/members": "manage_people",
    "PATCH /api/people/members/{member}": "manage_people",
    "DELETE /api/people/members/{member}": "manage_people",
    "DELETE /api/people/members/{member}/lock-out": "manage_people",
    "POST /api/people/members/{member}/reset-link": "manage_people",
    "GET /api/people/invitations": "manage_people",
    "POST /api/people/invitations": "manage_people",
    "DELETE /api/people/invitations/{invitation}": "manage_people",
    "GET /api/audit": "see_audit",
    "GET /api/totals": "see_totals",
    # ---- gauges, classes and the cost of a service level ----
    "GET /api/gauges": "see_planning",
    "GET /api/gauges/shops": "see_planning",
    "GET /api/shops/{shop}/gauges": "see_planning",
    "GET /api/classes/parts": "see_planning",
    "GET /api/classes/parts.csv": "see_planning",
    "GET /api/classes/shops": "see_planning",
    "GET /api/service-level": "see_planning",
    "GET /api/service-level/parts": "see_planning",
    "POST /api/shops": "manage_gateways",
    "PUT /api/shops/{shop}/facts": "manage_gateways",
    "GET /api/gateways": "manage_gateways",
    "POST /api/gateways": "manage_gateways",
    "POST /api/gateways/{gateway}/key": "manage_gateways",
    "DELETE /api/gateways/{gateway}": "manage_gateways",
    "GET /api/enrolment-codes": "manage_gateways",
    "POST /api/enrolment-codes": "manage_gateways",
    "DELETE /api/enrolment-codes/{enrolment_code}": "manage_gateways",
    "GET /api/devices": "manage_gateways",
    "GET /api/devices/happened": "manage_gateways",
    "POST /api/devices/{serial}/revoke": "manage_gateways",
    "GET /.well-known/est/cacerts": ANYONE,
    "POST /.well-known/est/simpleenroll": ANYONE,
    "POST /.well-known/est/simplereenroll": GATEWAY,
    # ---- the operator ----
    "GET /api/operator/dealers": "operate",
    "POST /api/operator/dealers": "operate",
    "PATCH /api/operator/dealers/{dealer}": "operate",
    "POST /api/operator/dealers/{dealer}/close": "operate",
    "POST /api/operator/dealers/{dealer}/reopen": "operate",
    "POST /api/operator/dealers/{dealer}/invitation": "operate",
    "GET /api/operator/audit": "operate",
    # ---- gateways ----
    "POST /api/gateway/upload": GATEWAY,
    "POST /api/gateway/status": GATEWAY,
    "GET /api/gateway/document": GATEWAY,
    "GET /api/gateway/feed": GATEWAY,
    "GET /api/gateway/catalogue": GATEWAY,
    "GET /api/gateway/catalogue/in-bins": GATEWAY,
    "GET /api/gateway/held": GATEWAY,
    "GET /api/gateway/bundles/{digest}": GATEWAY,
    "GET /api/gateway/joined": GATEWAY,
    "PUT /api/gateway/devices": GATEWAY,
}


NOT_THERE = {
    "alert",
    "digest",
    "release",
    "rollout",
    "override",
    "run",
    "claim",
    "fitment",
    "model",
    "visit",
    "van",
    "enrolment_code",
    "serial",
}  # the small world has none of these
EVERYBODYS = {"kind", "number", "vin"}  # in a path, and no dealer's
OF_A_DEALER = {"GET /api/tokens", "POST /api/tokens", "DELETE /api/tokens/{token}"}  # one's own, with its rights
ASKS_ITSELF = {  # or for a robot's signature, and gets a wrong one here
    "POST /api/sign-in", "POST /api/me/password", "GET /api/bot/{robot}", "POST /api/bot/{robot}",
    "POST /.well-known/est/simpleenroll",
}  # fmt: skip


def ids_of_north(cloud: Cloud) -> dict[str, str]:
    """An id of the northern dealer for every name in a path."""
    return {
        "shop": "shop-1",
        "cabinet": "cab-1",
        "gateway": "gw-1",
        "dealer": "north",
        "code": "a code that nobody sent",
        "sign_in": _first(cloud, "sign_in", "id"),
        "token": "1",
        "member": _first(cloud, "membership", "id", dealer_id="north"),
        "invitation": "1",
        "run": "an import",
        "vin": "LFWSRXSJ8M1F12345",
        "robot": "r-unknown",
        "number": "WK-1060",
        "fitment": "1",
        "model": "1",
        "kind": "parts",
        "job": "j-1",
        "vehicle": _first(cloud, "vehicle", "id", shop_id="shop-1"),
        "claim": "a claim",
        "month": "2026-11",
        "person_id": "p-zhang",
        "version": "1",
        "transfer": "a transfer",
        "visit": "a visit",
        "line": "1",
        "van": "a van",
        "override": "an override",
        "count": "a count",
        "alert": "an alert",
        "digest": "0" * 64,
        "release": "a release",
        "rollout": "a rollout",
        "way": "a way",
        "enrolment_code": "7",
        "serial": "4f0c21d95f0c21d94f0c21d95f0c21d9",
    }


def _first(cloud: Cloud, table: str, column: str, **where: str) -> str:
    rows = METADATA.tables[table]
    query = select(rows.c[column]).where(*(rows.c[name] == value for name, value in where.items()))
    with cloud.services.database.reading() as session:
        return str(session.execute(query.limit(1)).scalar_one())


def rights_of(role: str) -> frozenset[str]:
    """What a role may do, as words."""
    return frozenset[str](RIGHTS_OF[cast(Role, role)])


def everybody(cloud: Cloud) -> dict[str, Caller]:
    """Somebody of the northern dealer in each role, at a browser of their own."""
    people: dict[str, Caller] = {}
    for role in ROLES:
        email = f"{role}@north.example"
        dealer = None if role == "operator" else "north"
        shops = "shop-1" if role in {"shop_owner", "mechanic"} else ""
        people_world.add_member(cloud, email, role, dealer=dealer, shops=shops, brand="Mann" if role == "brand" else "")
        people[role] = people_world.browser_of(cloud, email)
    return people


def asked(caller: Caller, route: Route, ids: dict[str, str], document: dict[str, Any], **more: Any) -> Any:
    """What a caller gets from a route with these ids and a body that fits."""
    options = body_of(document, route) | more
    return caller.request(route.method, route.address(ids), params=queries_of(document, route), **options)


def test_the_table_is_complete_and_true(app: FastAPI) -> None:
    """A new route without a line fails here, as does one that asks for another right than its line says."""
    assert {route.name: route.asks for route in routes_of(app)} == ROUTES


def test_the_app_has_no_other_routes(app: FastAPI) -> None:
    """Every route but its own description is described."""
    document = app.openapi()
    described = {f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods}
    assert described == set(ROUTES)


def test_nobody_gets_anything(cloud: Cloud) -> None:
    """Without a cookie, a token or a key: 401, and nothing but what is there for anyone."""
    ids, document = ids_of_north(cloud), cloud.client.app.openapi()
    for route in routes_of(cloud.client.app):
        status = asked(people_world.nobody(cloud), route, ids, document).status_code
        assert (status == 401) == (route.asks != ANYONE or route.name in ASKS_ITSELF), (route.name, status)
        assert status < 500, (route.name, status)


def test_each_role_gets_what_it_may(cloud: Cloud, kind: str) -> None:
    """403 for whatever the role has no right to, whatever is in the request; otherwise never."""
    people, ids, document = everybody(cloud), ids_of_north(cloud), cloud.client.app.openapi()
    cloud.receipt(upload([opening("m1", 20), take("m2", 3)]))
    for role, caller in people.items():
        for route in _harmless(routes_of(cloud.client.app)):
            if route.asks not in {ANYONE, SIGNED_IN, OWN, GATEWAY, *rights_of(role)}:
                if kind == "sqlite":  # it is refused before any database is asked: once is enough
                    assert asked(caller, route, ids, document).status_code == 403, (role, route.name)
                continue
            if kind == "postgresql" and role not in {_first_that_may(route), "shop_owner"}:
                continue  # there one who sees all of a dealer's shops asks, and one who is bound to a shop
            status = asked(caller, route, ids, document).status_code
            assert status < 500, (role, route.name, status)
            if route.asks == GATEWAY:
                assert status == 401, (role, route.name, status)  # a person's cookie is no gateway's key
            elif route.asks != ANYONE and route.name not in ASKS_ITSELF | OF_A_DEALER:
                assert status not in {401, 403}, (role, route.name, status)


def _first_that_may(route: Route) -> Role:
    return next((role for role in ROLES if route.asks in rights_of(role)), "admin")


def test_an_own_tenant_reads_every_page_of_its_own(cloud: Cloud) -> None:
    """200 for whatever may be read of what is there."""
    admin, ids, document = cloud.browser(), ids_of_north(cloud), cloud.client.app.openapi()
    for route in _read(routes_of(cloud.client.app)):
        if route.asks in rights_of("admin") and not NOT_THERE & set(route.parameters):
            assert asked(admin, route, ids, document).status_code == 200, route.name


def test_a_gateways_key_opens_nothing_of_people(cloud: Cloud) -> None:
    """A key in the place of a token is no token."""
    ids, document = ids_of_north(cloud), cloud.client.app.openapi()
    headers = {"Authorization": f"Bearer {worlds.KEYS['gw-1']}"}
    for route in routes_of(cloud.client.app):
        if route.asks not in {ANYONE, GATEWAY}:
            assert asked(cloud.client, route, ids, document, headers=headers).status_code == 401, route.name


@pytest.mark.parametrize("email", ["wang@south.example"])
def test_another_tenant_gets_nothing(cloud: Cloud, email: str) -> None:
    """Nothing under the northern dealer's ids, and lists that are empty of it."""
    cloud.receipt(upload([opening("m1", 20), take("m2", 3), worlds.session("s1"), worlds.discrepancy("d1")]))
    caller, ids, document = cloud.browser(email), ids_of_north(cloud), cloud.client.app.openapi()
    for route in _read(routes_of(cloud.client.app)):
        if route.asks not in rights_of("admin"):
            continue
        answer = asked(caller, route, ids, document)
        assert answer.status_code == (404 if set(route.parameters) - EVERYBODYS else 200), route.name
        told = answer.text.replace("'shop-1'", "")
        assert not [word for word in ("shop-1", "gw-1", "north", "North") if word in told], (route.name, answer.text)


def _read(routes: list[Route]) -> Iterator[Route]:
    return (route for route in routes if route.method == "GET")


def _harmless(routes: list[Route]) -> Iterator[Route]:
    """But for what would sign the caller out, or end somebody's membership, before the rest is asked."""
    ends = {"POST /api/sign-out", "DELETE /api/me/sign-ins", "POST /api/operator/dealers/{dealer}/close"}
    return (route for route in routes if route.name not in ends)
