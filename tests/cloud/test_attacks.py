"""Somebody who tries: guessed ids everywhere, forged tokens, foreign cursors and keys. Nothing is seen or changed."""

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import jwt
import pytest
from msgspec import structs
from sqlmodel import select

from cloud.api.access import COOKIE
from cloud.identity import SIGNED_IN_MS
from cloud.tables import DEALER_TABLES, METADATA, SHOP_TABLES, SignIn
from edge_gateway.shop_document import decode_document
from tests.cloud import worlds
from tests.cloud.all_routes import GATEWAY, Route, body_of, queries_of, routes_of
from tests.cloud.caller import Caller
from tests.cloud.conftest import Cloud
from tests.cloud.shared_cabinet import NORTH, SESSION, SOUTH, WORLD, store_shared
from tests.cloud.test_routes import ids_of_north, rights_of
from tests.cloud.worlds import upload

SECRETS = ("North Parts", "li@north", "gw-1", "gw-2", "店 shop-1", "店 shop-2")  # of the northern dealer
GUESSED = {
    "shop": "shop-1", "shop_id": "shop-1", "from_shop": "shop-1", "to_shop": "shop-1", "shops": ["shop-1"],
    "cabinet": "cab-1", "from_cabinet": "cab-1", "to_cabinet": "cab-1", "bin": 1, "from_bin": 1, "to_bin": 2,
    "part": "M12x40", "movement": "opening/cab-1/1", "discrepancy": "d1", "session": SESSION, "job": "j-1",
    "person": "p-zhang", "gateway": "gw-1", "dealer": "north", "line": 0,
}  # fmt: skip

Rows = dict[str, set[tuple[Any, ...]]]


def every_row(cloud: Cloud) -> Rows:
    """All there is in the database."""
    with cloud.services.database.reading() as session:
        return {name: set(map(tuple, session.execute(select(table)))) for name, table in METADATA.tables.items()}


def others_changes(before: Rows, after: Rows, dealer: str) -> list[tuple[str, tuple[Any, ...]]]:
    """Rows that came, went or changed and are not the dealer's own."""
    return [
        (name, row)
        for name, rows in after.items()
        for row in rows ^ before[name]
        if dealer not in row and name not in {"sign_in_attempts", "schema_version"}
    ]


def guessed_body(body: Mapping[str, Any]) -> dict[str, Any]:
    """The body with the northern dealer's ids wherever it names something."""
    return {key: _guessed(value) for key, value in body.items()}


def _guessed(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: GUESSED[key] if key in GUESSED and _alike(GUESSED[key], inner) else _guessed(inner)
            for key, inner in value.items()
        }
    return [_guessed(inner) for inner in value] if isinstance(value, list) else value


def _alike(one: object, other: object) -> bool:
    return isinstance(one, type(other)) or other is None


def guesses(cloud: Cloud, caller: Caller) -> Iterator[tuple[Route, httpx.Response]]:
    """Every route of a dealer's people with the northern dealer's ids in its path, its query and its body."""
    ids, document = ids_of_north(cloud), cloud.client.app.openapi()
    for route in routes_of(cloud.client.app):
        if route.asks in rights_of("admin"):
            body = body_of(document, route)
            if "json" in body:
                body = guessed_body(body)
            queries = queries_of(document, route) | {"cabinet": "cab-1", "shop": "shop-1"}
            yield route, caller.request(route.method, route.address(ids), params=queries, **body)


def test_guessed_ids_open_and_change_nothing(cloud: Cloud) -> None:
    """Another dealer's admin, who may everything with what is his own, tries every id of the northern one."""
    cloud.receipt(upload([item for item in WORLD if "3" not in str(getattr(item, "bin", ""))][:5]))
    before = every_row(cloud)
    for route, answer in guesses(cloud, cloud.browser(SOUTH)):
        assert answer.status_code < 500, (route.name, answer.text)
        assert not [word for word in SECRETS if word in answer.text.replace(_echoed(answer), "")], (
            route.name, answer.text,
        )  # fmt: skip
    assert others_changes(before, every_row(cloud), "south") == []


def _echoed(answer: httpx.Response) -> str:
    """A refusal may say what it found: that was the caller's own word."""
    try:
        return str(answer.json()["detail"]) if answer.status_code >= 400 else ""
    except (ValueError, KeyError, TypeError):
        return ""


def test_a_guest_touches_nothing_of_its_host(cloud: Cloud) -> None:
    """In a shared cabinet the other dealer may do something with the shop's jobs and vehicles, and no more."""
    store_shared(cloud)
    cloud.receipt(upload(WORLD))
    before = every_row(cloud)
    for route, answer in guesses(cloud, cloud.browser(SOUTH)):
        assert answer.status_code < 500, (route.name, answer.text)
        if answer.status_code < 300:
            assert not [word for word in ("North Parts", "li@north", "gw-2") if word in answer.text], route.name
    shared = {str(table.__tablename__) for table in SHOP_TABLES} | {"document", "shop_view", "upload_batch"}
    changes = [
        (name, row)
        for name, row in others_changes(before, every_row(cloud), "south")
        if not (name == "shop_feed" and str(row[3]).startswith("job"))  # what the shop's gateway is told of its jobs
    ]
    assert [change for change in changes if change[0] not in shared] == []
    owned = {str(table.__tablename__) for table in DEALER_TABLES} - {"shop_view"}
    assert not [name for name, row in changes if name in owned and "north" in row]
    hosts = [row for name, row in changes if name == "shop_view" and "north" in row]
    seen = [decode_document(bytes(row[3])) for row in hosts]
    assert all(view.cabinets == seen[0].cabinets and view.parts == seen[0].parts for view in seen)


def test_a_cursor_of_another_dealer_is_none(cloud: Cloud) -> None:
    """Each list is asked by the northern dealer for its first page, and by the other for what comes next."""
    _some_of_everything(cloud)
    north, south = cloud.browser(NORTH), cloud.browser(SOUTH)
    ids, document = ids_of_north(cloud), cloud.client.app.openapi()
    tried = []
    for route in routes_of(cloud.client.app):
        if route.method != "GET" or route.asks not in rights_of("admin") or "cursor" not in _queries(document, route):
            continue
        first = north.request("GET", route.address(ids), params=queries_of(document, route) | {"limit": 1})
        cursor = _cursor(first.json()) if first.status_code == 200 else ""
        for each in filter(None, (cursor, "nonsense", "0", "99999999999999999999999")):
            answer = south.get(route.address(ids), params=queries_of(document, route) | {"cursor": each})
            assert answer.status_code in {200, 404, 422}, (route.name, each, answer.text)
            told = answer.text.replace(_echoed(answer), "")
            assert not [word for word in SECRETS if word in told], (route.name, each, told)
        tried.append(bool(cursor))
    assert sum(tried) >= 2, "expected lists with a second page to steal"


def _some_of_everything(cloud: Cloud) -> None:
    """More than one row in the lists that have pages."""
    admin = cloud.browser(NORTH)
    for number in range(2):
        invited = {"email": f"new{number}@north.example", "role": "clerk"}
        assert admin.post("/api/people/invitations", json=invited).status_code < 300


def _queries(document: dict[str, Any], route: Route) -> set[str]:
    return {each["name"] for each in document["paths"][route.path][route.method.lower()].get("parameters", [])}


def _cursor(body: Any) -> str:
    if isinstance(body, dict):
        return next((str(value) for key, value in body.items() if "cursor" in key or key == "next" if value), "")
    return ""


def _unsigned(claims: dict[str, Any]) -> str:
    parts = ({"alg": "none", "typ": "JWT"}, claims)
    encoded = (base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts)
    return ".".join([*encoded, ""])


def test_forged_tokens_are_nobodys(cloud: Cloud) -> None:
    """Each names a sign-in that is good, so that only its signature, its audience or its time stands in the way."""
    with cloud.services.database.reading() as session:
        good = session.exec(select(SignIn.id).where(SignIn.dealer_id == "north")).first()
    claims = {"aud": "partsbay", "sub": good}
    secret = worlds.SECRET
    forged = {
        "another secret": jwt.encode(claims, "x" * 40, algorithm="HS256"),
        "alg none": _unsigned(claims),
        "another algorithm": jwt.encode(claims, secret * 2, algorithm="HS512"),
        "another audience": jwt.encode(claims | {"aud": "else"}, secret, algorithm="HS256"),
        "no audience": jwt.encode({"sub": good}, secret, algorithm="HS256"),
        "nobody": jwt.encode({"aud": "partsbay"}, secret, algorithm="HS256"),
        "expired": jwt.encode(claims | {"exp": 1}, secret, algorithm="HS256"),
        "an unknown sign-in": jwt.encode(claims | {"sub": "x"}, secret, algorithm="HS256"),
        "a row's id alone": str(good),
        "cut": jwt.encode(claims, secret, algorithm="HS256")[:-4],
        "NUL": "\0",
    }
    before = every_row(cloud)
    for name, token in forged.items():
        by_cookie = Caller(cloud.client.app, cloud.client.runner, httpx.Cookies({COOKIE: token.replace("\0", "%00")}))
        assert by_cookie.get("/api/shops").status_code == 401, name
        by_token = {"Authorization": f"Bearer {token}".encode().replace(b"\0", b"%00")}
        assert cloud.client.get("/api/shops", headers=by_token).status_code == 401, name
        assert cloud.client.get("/api/gateway/held", headers=by_token).status_code == 401, name
    assert every_row(cloud) == before


def test_a_token_ends(cloud: Cloud) -> None:
    """With its time, and with the sign-in it stands for."""
    browser = cloud.browser(NORTH)
    assert browser.get("/api/shops").status_code == 200
    cloud.clock.ms += SIGNED_IN_MS
    assert browser.get("/api/shops").status_code == 401
    cloud.clock.ms -= SIGNED_IN_MS
    stolen = dict(browser.cookies)
    assert browser.post("/api/sign-out").status_code == 204
    again = Caller(cloud.client.app, cloud.client.runner, httpx.Cookies(stolen))
    assert again.get("/api/shops").status_code == 401


def test_a_foreign_gateways_key_opens_its_own_shop_alone(cloud: Cloud) -> None:
    """Whatever it names in a path, a query or a body."""
    cloud.receipt(upload(WORLD[:5]))
    headers = {"Authorization": f"Bearer {worlds.KEYS['gw-9']}"}
    document = cloud.client.app.openapi()
    before = every_row(cloud)
    for route in routes_of(cloud.client.app):
        if route.asks == GATEWAY:
            options = guessed_body(body_of(document, route))
            queries = queries_of(document, route) | {"gateway": "gw-1", "shop": "shop-1"}
            answer = cloud.client.request(route.method, route.path, params=queries, headers=headers, **options)
            assert answer.status_code < 500, (route.name, answer.text)
            assert not [word for word in ("shop-1", "North") if word in answer.text], route.name
    assert others_changes(before, every_row(cloud), "south") == []


@pytest.mark.parametrize("place", ["envelope", "account", "cabinet"])
def test_an_upload_speaks_of_its_own_shop_alone(cloud: Cloud, place: str) -> None:
    """Another gateway's name is refused; another shop's accounts and cabinets are put aside, with whoever sent them."""
    before = every_row(cloud)
    if place == "envelope":
        assert cloud.upload(upload([worlds.opening("m1", 5)], gateway="gw-1"), gateway="gw-9").status_code == 403
    elif place == "account":
        stolen = [worlds.opening("m1", 5), worlds.take("m2", 1, shop="shop-1")]  # the northern dealer's, and its shop's
        cloud.receipt(upload(stolen, gateway="gw-9"), gateway="gw-9")
    else:
        strange = structs.replace(worlds.session("s1"), cabinet="cab-of-another")
        cloud.receipt(upload([strange], gateway="gw-9"), gateway="gw-9")
    assert others_changes(before, every_row(cloud), "south") == []
    assert cloud.get("/api/shops/shop-1/ledger")["balances"] == []
