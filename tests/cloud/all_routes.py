"""Every route of the app with the right it asks for, read from the app itself; and a body that fits each."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from cloud.api.access import OwnAccount, calling_gateway, signed_in

ANYONE, SIGNED_IN, GATEWAY, OWN = "anyone", "signed in", "gateway", OwnAccount.right
_PLACE = re.compile(r"\{(\w+)(?::\w+)?\}")


@dataclass(frozen=True)
class Route:
    """One method of one path. `asks`: a right, or one of the words above."""

    method: str
    path: str
    asks: str

    @property
    def name(self) -> str:
        """As it stands in the table."""
        return f"{self.method} {self.path}"

    @property
    def parameters(self) -> list[str]:
        """What stands in its path for an id."""
        return _PLACE.findall(self.path)

    def address(self, ids: dict[str, str]) -> str:
        """Its path with these ids."""
        return _PLACE.sub(lambda found: quote(ids[found[1]], safe=""), self.path)


def routes_of(app: FastAPI) -> list[Route]:
    """Every route of the API, also one that its description hides."""
    return [
        Route(method, route.path_format, _asked(route.dependant))
        for route in _api_routes(app.routes)
        for method in sorted(route.methods or ())
    ]


def _api_routes(routes: Any) -> Iterator[APIRoute]:
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        elif hasattr(route, "original_router"):
            yield from _api_routes(route.original_router.routes)


def _asked(dependant: Dependant) -> str:
    """What its dependencies ask for: the most particular of them."""
    calls = list(_calls(dependant))
    rights = {call.right for call in calls if hasattr(call, "right")}
    assert len(rights) <= 1, f"expected one right for a route, found {rights}"
    if rights:
        return str(rights.pop())
    return GATEWAY if calling_gateway in calls else SIGNED_IN if signed_in in calls else ANYONE


def _calls(dependant: Dependant) -> Iterator[Any]:
    for inner in dependant.dependencies:
        yield inner.call
        yield from _calls(inner)


# ---- bodies ----


def body_of(document: dict[str, Any], route: Route) -> dict[str, Any]:
    """Options of a request whose body fits the description; {} for a route without one."""
    operation = document["paths"][route.path][route.method.lower()]
    content = operation.get("requestBody", {}).get("content", {})
    for kind, options in (("application/json", "json"), ("application/x-www-form-urlencoded", "data")):
        if kind in content:
            held = content[kind]
            return {options: held["example"] if "example" in held else example(held.get("schema", {}), document)}
    if "multipart/form-data" in content:
        return {"files": {"file": ("parts.csv", b"number\nX-1\n")}}
    return {"content": b"x"} if content else {}


def queries_of(document: dict[str, Any], route: Route) -> dict[str, Any]:
    """Values of the query parameters that a route wants."""
    wanted = document["paths"][route.path][route.method.lower()].get("parameters", [])
    return {
        each["name"]: example(each["schema"] | ({"examples": each["examples"]} if "examples" in each else {}), document)
        for each in wanted
        if each["in"] == "query" and each.get("required")
    }


def example(schema: dict[str, Any], document: dict[str, Any]) -> Any:
    """A value that a schema describes."""
    if "$ref" in schema:
        return example(document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]], document)
    for key in ("examples", "enum", "anyOf", "oneOf", "allOf"):
        if schema.get(key):
            first = schema[key][0] if isinstance(schema[key], list) else next(iter(schema[key].values()))
            return first if key in {"examples", "enum"} else example(first, document)
    for key in ("example", "const", "default"):
        if key in schema:
            return schema[key]
    return _of_type(schema, document)


def _of_type(schema: dict[str, Any], document: dict[str, Any]) -> Any:
    match schema.get("type"):
        case "object":
            return {name: example(inner, document) for name, inner in schema.get("properties", {}).items()}
        case "array":
            return [example(schema["items"], document)] if schema.get("minItems") else []
        case "integer" | "number":
            return schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
        case "boolean":
            return True
        case "string":
            return "x" * max(1, schema.get("minLength", 1))
    return None
