"""Requests drawn from the API's own description, sent as somebody, and held against that description.

`schemathesis` draws them and judges the answers: no server error, no status, content type or shape that is not
described. Each drawn request is sent by somebody who may do what it asks, and by one other after the other.
"""

from collections.abc import Iterator
from itertools import cycle
from typing import Any

import httpx
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from cloud.identity import WrongPasswordError
from cloud.rights import ROLES
from tests.cloud import people_world, worlds
from tests.cloud.all_routes import ANYONE, GATEWAY, OWN, SIGNED_IN, Route, routes_of
from tests.cloud.caller import Caller
from tests.cloud.conftest import Cloud
from tests.cloud.test_routes import rights_of

CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)
schemathesis.serializer.alias("application/pkcs10", "text/plain")
NOBODY = "nobody"
CALLERS = (NOBODY, GATEWAY, *ROLES)


class Callers:
    """Somebody of every kind, at a new browser whenever asked: a drawn request may have signed the last one out."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        for role in ROLES:
            self._add(role)

    def _add(self, role: str) -> None:
        dealer = None if role == "operator" else "north"
        shops = "shop-1" if role in {"shop_owner", "mechanic"} else ""
        people_world.add_member(self._cloud, f"{role}@north.example", role, dealer=dealer, shops=shops, brand="Mann")

    def get(self, who: str) -> tuple[Caller, dict[str, str]]:
        """Somebody, and the headers they send."""
        if who == GATEWAY:
            return people_world.nobody(self._cloud), {"Authorization": f"Bearer {worlds.KEYS['gw-1']}"}
        if who == NOBODY:
            return people_world.nobody(self._cloud), {}
        try:
            return people_world.browser_of(self._cloud, f"{who}@north.example"), {}
        except WrongPasswordError:  # a drawn request has ended the membership
            self._add(who)
            return people_world.browser_of(self._cloud, f"{who}@north.example"), {}


def who_may(route: Route) -> str:
    """Somebody who may ask that."""
    if route.asks in {ANYONE, GATEWAY}:
        return NOBODY if route.asks == ANYONE else GATEWAY
    if route.asks in {SIGNED_IN, OWN}:
        return "admin"
    return next(role for role in ROLES if route.asks in rights_of(role))


def draw_requests(
    cloud: Cloud, examples: int, *, every: int = 1, document: dict[str, Any] | None = None
) -> dict[str, str]:
    """Send so many drawn requests to every route (or to one of `every`), each as two callers; what was wrong."""
    app = cloud.client.app
    schema = schemathesis.openapi.from_dict(document or app.openapi())
    callers, others = Callers(cloud), cycle(CALLERS)
    wrong = {}
    for route in routes_of(app)[::every]:
        if document is None or route.path in document["paths"]:
            try:
                _draw(schema[route.path][route.method], who_may(route), callers, others, examples)
            except (Exception, BaseExceptionGroup) as error:  # each route is tried, and all that was wrong is told
                wrong[route.name] = _told(error)
    return wrong


def _told(error: BaseException) -> str:
    if isinstance(error, BaseExceptionGroup):
        return "; ".join(map(_told, error.exceptions))
    return f"{type(error).__name__}: {error}"


def _draw(operation: Any, who: str, callers: Callers, others: Iterator[str], examples: int) -> None:
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def ask(case: Any) -> None:
        for each in (who, next(others)):
            _ask(case, *callers.get(each))

    ask()


def _ask(case: Any, caller: Caller, headers: dict[str, str]) -> None:
    if any("/" in str(value) or value == "" for value in (case.path_parameters or {}).values()):
        return  # that is another path
    sent = case.as_transport_kwargs(base_url="http://cloud", headers=headers)
    answer = _send(caller, sent)
    case.validate_response(answer, checks=list(CHECKS), headers=headers)


def _send(caller: Caller, sent: dict[str, Any]) -> httpx.Response:
    url = str(sent["url"]).removeprefix("http://cloud")
    kept = {key: sent[key] for key in ("params", "json", "data", "files", "headers") if sent.get(key) is not None}
    content = kept.pop("data", None)
    if isinstance(content, (bytes, str)):
        kept["content"] = content
    elif content is not None:
        kept["data"] = content
    return caller.request(sent["method"], url, **kept)
