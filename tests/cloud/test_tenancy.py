"""What another tenant sees, and that there is only one door to a tenant's rows (every route: test_routes.py)."""

import ast
from pathlib import Path

import pytest

import cloud as cloud_package
from cloud import tenancy
from cloud.tables import METADATA, TENANT_TABLES, Shop
from cloud.tenancy import TenantId, tenant_rows
from tests.cloud import worlds
from tests.cloud.conftest import Cloud
from tests.cloud.worlds import opening, take, upload

NORTH, SOUTH = "li@north.example", "wang@south.example"


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
    assert set(METADATA.tables) - with_dealer == {
        "cloud_authority", "cloud_turn", "dealer", "dealer_user", "firmware_bundle", "schema_version",
        "sign_in_attempts",
    }  # fmt: skip


# These work for a gateway, for somebody about to sign in, or for the cloud itself: there is no tenant yet, or they
# carry the dealer of one along (a catalogue is written by one statement); each says whose rows it means.
WITHOUT_TENANT = {
    "admission.py", "audit.py", "booking.py", "database.py", "dealer_time.py", "document.py", "document_edit.py",
    "document_parts.py", "gateway_catalogue.py", "gateway_feed.py", "identity.py", "ingest.py", "planned_bins.py",
    "planogram_edit.py", "raw_events.py", "restore.py", "schema.py", "seed.py", "shared_booking.py",
    "shop_feed.py", "shop_views.py", "tenancy.py", "catalogue/bot_answering.py", "catalogue/from_documents.py",
    "catalogue/imports/runs.py", "catalogue/search_index.py", "catalogue/writing.py", "devices/codes.py",
    "devices/deposits.py", "devices/enrolling.py", "devices/listing.py", "devices/tokens.py", "fleet_seed/command.py",
    "people/dealers.py", "people/invitations.py", "people/links.py", "people/members.py", "people/passwords.py",
    "people/sign_ins.py", "replenishment/aims.py", "replenishment/alerts/facts.py",
    "replenishment/alerts/judge.py", "replenishment/alerts/keeping.py", "replenishment/alerts/losses.py",
    "replenishment/alerts/naming.py", "replenishment/alerts/recipients.py", "replenishment/alerts/stock_outs.py",
    "replenishment/alerts/telling.py", "replenishment/alerts/turns.py", "replenishment/demand/dealer_demand.py",
    "replenishment/demand/vehicles_served.py", "replenishment/fill_reached.py", "replenishment/outlook.py",
    "replenishment/overrides.py", "replenishment/planning.py", "replenishment/planning_runs.py",
    "replenishment/gauges/daily.py", "replenishment/gauges/level_curves.py", "replenishment/gauges/part_years.py",
    "replenishment/gauges/shop_rows.py", "replenishment/planning_terms.py",
    "replenishment/telling.py", "replenishment/visits/following.py", "replenishment/visits/telling.py",
    "rollouts/alerting.py", "rollouts/bundles.py", "rollouts/facts.py", "rollouts/following.py", "rollouts/releases.py",
    "rollouts/reports.py", "rollouts/resuming.py", "rollouts/steps.py", "work/daily.py", "work/leavers.py",
    "work/names.py", "work/shop_rows.py",
}  # fmt: skip
DOORS = {"select", "insert", "update", "delete", "text", "query", "get", "get_one", "exec_driver_sql"}


def _modules() -> list[Path]:
    [folder] = cloud_package.__path__
    return sorted(Path(folder).rglob("*.py"))


def _hand_made(tree: ast.AST) -> list[str]:
    """Calls that open a tenant's table by another way than `tenant_rows`, and are not narrowed by `owned`."""
    calls = [call for call in ast.walk(tree) if isinstance(call, ast.Call)]
    narrowed = {table for call in calls if _called(call) in {"owned", "tenant_rows"} for table in _tables_in(call)}
    return [
        f"line {call.lineno}: {_called(call)}(… {table} …)"
        for call in calls
        if _called(call) in DOORS
        for table in _tables_in(call) - narrowed
    ]


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _tables_in(call: ast.Call) -> set[str]:
    tables = {table.__name__ for table in TENANT_TABLES}
    named = {part.id for argument in call.args for part in ast.walk(argument) if isinstance(part, ast.Name)}
    return named & tables


def test_no_other_module_opens_a_tenants_rows() -> None:
    """`tenant_rows` is the only door outside the modules that work for gateways."""
    [folder] = cloud_package.__path__
    found = {
        name: hits
        for path in _modules()
        if (name := str(path.relative_to(folder))) not in WITHOUT_TENANT
        and (hits := [hit for part in _functions(path) for hit in _hand_made(part)])
    }
    assert found == {}


def _functions(path: Path) -> list[ast.AST]:
    """Each by itself: what one narrows does not excuse another."""
    return [part for part in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(part, ast.FunctionDef)]


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
