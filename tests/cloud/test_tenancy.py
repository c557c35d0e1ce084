"""Every route for nobody, for another tenant, and for its own tenant; and only one door to a tenant's rows."""

import ast
import importlib
import pkgutil
from dataclasses import dataclass
from pathlib import Path

import pytest

import cloud as cloud_package
from cloud import api, tenancy
from cloud.tables import METADATA, TENANT_TABLES, Shop
from cloud.tenancy import TenantId, tenant_rows
from tests.cloud import worlds
from tests.cloud.conftest import Cloud
from tests.cloud.worlds import opening, take, upload

NORTH, SOUTH = "li@north.example", "wang@south.example"


@dataclass(frozen=True)
class Expectation:
    """What a route answers to nobody, to another tenant (of shop-1), and to shop-1's own."""

    nobody: int
    other: int
    own: int


ROUTES = {
    "GET /healthz": Expectation(200, 200, 200),
    "POST /api/sign-in": Expectation(422, 422, 422),
    "GET /api/me": Expectation(401, 200, 200),
    "GET /api/shops": Expectation(401, 200, 200),
    "GET /api/shops/shop-1/cabinets": Expectation(401, 404, 200),
    "GET /api/shops/shop-1/cabinets/cab-1/bins": Expectation(401, 404, 200),
    "GET /api/shops/shop-1/consumption": Expectation(401, 404, 200),
    "GET /api/shops/shop-1/sessions": Expectation(401, 404, 200),
    "GET /api/shops/shop-1/verdicts": Expectation(401, 422, 422),  # of which session? see test_session_story.py
    "GET /api/shops/shop-1/movements": Expectation(401, 404, 200),
    "GET /api/shops/shop-1/discrepancies": Expectation(401, 404, 200),
    "GET /api/shops/shop-1/quarantine": Expectation(401, 404, 200),
    "GET /api/shops/shop-1/ledger": Expectation(401, 404, 200),
    "GET /api/replenishment": Expectation(401, 200, 200),
    # A person's cookie is no gateway's key, whoever the person is.
    "POST /api/gateway/upload": Expectation(401, 401, 401),
    "POST /api/gateway/status": Expectation(401, 401, 401),
    "GET /api/gateway/document": Expectation(401, 401, 401),
    "GET /api/gateway/held": Expectation(401, 401, 401),
    "POST /api/sign-out": Expectation(204, 204, 204),  # the last one: whoever signed out is nobody
}


def _routes() -> set[str]:
    """Every route of every module of the API, also one that its description hides."""
    modules = [importlib.import_module(f"cloud.api.{name}") for _, name, _ in pkgutil.iter_modules(api.__path__)]
    routes = [route for module in modules if hasattr(module, "router") for route in module.router.routes]
    names = {f"{method} {route.path}" for route in routes for method in route.methods}
    return {name.replace("{shop}", "shop-1").replace("{cabinet}", "cab-1") for name in names}


def test_every_route_is_in_the_table() -> None:
    """A new route without an expectation fails here."""
    assert _routes() == set(ROUTES)


def test_the_app_has_no_other_routes(cloud: Cloud) -> None:
    """What the app itself answers is its description and nothing else."""
    app = cloud.client.app
    assert {getattr(route, "path", None) for route in app.routes} == {None, "/api/openapi.json"}
    described = {
        f"{method.upper()} {path.replace('{shop}', 'shop-1').replace('{cabinet}', 'cab-1')}"
        for path, methods in app.openapi()["paths"].items()
        for method in methods
    }
    assert described == set(ROUTES)


def test_who_gets_what(cloud: Cloud) -> None:
    """Nobody, the other dealer, the shop's own dealer, on every route."""
    found = {}
    for route in ROUTES:
        callers = (cloud.client, cloud.browser(SOUTH), cloud.browser(NORTH))
        found[route] = Expectation(*(caller.request(*route.split()).status_code for caller in callers))
    assert found == ROUTES


def test_foreign_and_unknown_ids_look_the_same(cloud: Cloud) -> None:
    """404 and the same sentence: whether another dealer has such a shop is not said."""
    south = cloud.browser(SOUTH)
    foreign, unknown = (south.get(f"/api/shops/{shop}/cabinets") for shop in ("shop-1", "shop-x"))
    assert (foreign.status_code, unknown.status_code) == (404, 404)
    assert foreign.json()["detail"].replace("shop-1", "shop-x") == unknown.json()["detail"]
    assert cloud.browser(NORTH).get("/api/shops/shop-1/cabinets/cab-x/bins").status_code == 404


def test_lists_hold_ones_own_rows_only(cloud: Cloud) -> None:
    """Both dealers have a cab-1 with the same part, and both have a request."""
    cloud.receipt(upload([opening("m1", 20), take("m2", 3), worlds.request("r1", 5)]))
    south_opening = opening("m1", 7, dealer="south")
    cloud.receipt(upload([south_opening, worlds.request("r1", 9)], gateway="gw-9"), gateway="gw-9")
    assert [shop["id"] for shop in cloud.get("/api/shops", email=NORTH)] == ["shop-1", "shop-2"]
    assert [shop["id"] for shop in cloud.get("/api/shops", email=SOUTH)] == ["shop-9"]
    for email, shop, quantity, stock in ((NORTH, "shop-1", 5, 17), (SOUTH, "shop-9", 9, 7)):
        [round_] = cloud.get("/api/replenishment", email=email)
        assert (round_["shop"], round_["parts"][0]["quantity"]) == (shop, quantity)
        [first, _] = cloud.get(f"/api/shops/{shop}/cabinets/cab-1/bins", email=email)
        assert first["parts"][0]["stock"] == stock


def test_a_tenant_cannot_be_made_by_hand() -> None:
    """Neither from a string nor with a seal of one's own."""
    with pytest.raises(TypeError, match="made by hand"):
        TenantId("north", None, seal=object())
    with pytest.raises(TypeError, match="expected a tenant"):
        tenant_rows("north", Shop)  # type: ignore[arg-type]


def test_every_table_with_a_dealer_is_a_tenants_table() -> None:
    """And every tenant's table says whose its rows are."""
    with_dealer = {name for name, table in METADATA.tables.items() if "dealer_id" in table.columns}
    assert with_dealer == {str(table.__tablename__) for table in TENANT_TABLES}
    assert set(METADATA.tables) - with_dealer == {"dealer", "schema_version"}


# These work for a gateway or for somebody about to sign in: there is no tenant yet, and they say whose rows they mean.
WITHOUT_TENANT = {
    "admission.py", "booking.py", "database.py", "document.py", "document_edit.py", "identity.py", "ingest.py",
    "planned_bins.py", "raw_events.py", "restore.py", "seed.py", "shop_feed.py", "shop_views.py",
}  # fmt: skip
DOORS = {"select", "insert", "update", "delete", "text", "query", "get", "get_one", "exec_driver_sql"}


def _modules() -> list[Path]:
    [folder] = cloud_package.__path__
    return sorted(Path(folder).rglob("*.py"))


def _hand_made(tree: ast.AST) -> list[str]:
    """Calls that open a tenant's table by another way than `tenant_rows`."""
    tables = {table.__name__ for table in TENANT_TABLES}
    return [
        f"line {call.lineno}: {name}(… {argument.id} …)"
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and (name := call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")) in DOORS
        for part in call.args
        for argument in ast.walk(part)
        if isinstance(argument, ast.Name) and argument.id in tables
    ]


def test_no_other_module_opens_a_tenants_rows() -> None:
    """`tenant_rows` is the only door outside the modules that work for gateways."""
    found = {
        path.name: hits
        for path in _modules()
        if path.name not in WITHOUT_TENANT and (hits := _hand_made(ast.parse(path.read_text(encoding="utf-8"))))
    }
    assert found == {}


def test_the_lint_sees_a_hand_made_query() -> None:
    """It would not be worth much otherwise."""
    assert _hand_made(ast.parse("rows = session.exec(select(Movement).where(x))"))
    assert _hand_made(ast.parse("row = session.get(Shop, 'shop-1')"))
    assert not _hand_made(ast.parse("rows = session.exec(tenant_rows(tenant, Movement))"))


def test_tenants_are_made_by_identity_alone() -> None:
    """Nobody else calls `signed_in_tenant`."""
    callers = {
        path.name
        for path in _modules()
        if tenancy.signed_in_tenant.__name__ in path.read_text(encoding="utf-8") and path.name != "tenancy.py"
    }
    assert callers == {"identity.py"}
