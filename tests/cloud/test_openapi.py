"""The interface's own description: complete, with examples, and true."""

import json
from typing import Any

from edge_gateway.upload_format import decode_upload
from tests.cloud.conftest import Cloud


def _operations(document: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method} {path}", operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def test_every_operation_says_what_it_does_and_how_it_refuses(cloud: Cloud) -> None:
    """A summary, and the refusals everybody behind a sign-in can get."""
    operations = _operations(cloud.client.get("/api/openapi.json").json())
    assert [name for name, operation in operations if not operation.get("summary")] == []
    with_a_link = {f"{method} /api/{kind}/{{code}}" for method in ("get", "post") for kind in ("invitation", "reset")}
    open_to_all = {"get /healthz", "get /.well-known/est/cacerts", "post /api/sign-out", "post /api/forgotten"}
    open_to_all |= with_a_link
    assert {name for name, operation in operations if "401" not in operation["responses"]} == open_to_all
    in_shops = [operation for name, operation in operations if "{shop}" in name]
    assert all("404" in operation["responses"] for operation in in_shops)


def test_every_reference_leads_somewhere(cloud: Cloud) -> None:
    """Also those to the shapes that gateways and the cloud exchange."""
    document = cloud.client.get("/api/openapi.json").json()
    schemas = document["components"]["schemas"]
    missing = {name for name in _references(document) if name not in schemas}
    assert missing == set()
    assert {"Upload", "Receipt", "GatewayStatus", "ShopDocument", "MovementItem"} <= schemas.keys()


def _references(value: object) -> set[str]:
    if isinstance(value, dict):
        own = {value["$ref"].rsplit("/", 1)[1]} if isinstance(value.get("$ref"), str) else set()
        return own.union(*(_references(inner) for inner in value.values()))
    return set().union(*(_references(inner) for inner in value)) if isinstance(value, list) else set()


def test_the_examples_work(cloud: Cloud) -> None:
    """What the description shows for an upload and a status is accepted as it stands."""
    document = cloud.client.get("/api/openapi.json").json()
    key = {"Authorization": "Bearer key of gateway one"}
    for path, status in (("/api/gateway/upload", 409), ("/api/gateway/status", 204)):
        content = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]
        answer = cloud.client.post(path, json=content["example"], headers=key)
        assert answer.status_code == status, answer.text
    example = document["paths"]["/api/gateway/upload"]["post"]["requestBody"]["content"]["application/json"]["example"]
    example["items"][0]["seq"] = 1
    assert cloud.client.post("/api/gateway/upload", json=example, headers=key).json()["through"] == 1
    assert cloud.reasons() == []


def test_the_lenient_reading_is_described_by_the_strict_one(cloud: Cloud) -> None:
    """The described example is an upload to the strict reader as well."""
    document = cloud.client.get("/api/openapi.json").json()
    content = document["paths"]["/api/gateway/upload"]["post"]["requestBody"]["content"]["application/json"]
    assert decode_upload(json.dumps(content["example"]).encode()).items[0].seq == 41
