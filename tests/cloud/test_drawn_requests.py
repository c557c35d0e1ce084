"""What is drawn from the API's description is answered as described, whoever asks (longer: `make soak`)."""

import os
from copy import deepcopy

import pytest

from tests.cloud.conftest import Cloud
from tests.cloud.drawn_requests import CALLERS, draw_requests

EXAMPLES = int(os.environ.get("PARTSBAY_DRAWN_REQUESTS", "1"))  # of each route
# On PostgreSQL one route of six, unless it may take long: what they answer depends little on the database.
EVERY = {"sqlite": 1, "postgresql": 6 if EXAMPLES == 1 else 1}


def test_every_route_answers_as_described(cloud: Cloud, kind: str) -> None:
    """No server error, no undocumented status, content type or shape: as each role, a gateway, and nobody."""
    assert draw_requests(cloud, EXAMPLES, every=EVERY[kind]) == {}


@pytest.mark.parametrize("kind", ["sqlite"])
def test_what_is_not_described_is_seen(cloud: Cloud) -> None:
    """It would not be worth much otherwise: another status, another shape, another content type."""
    document = deepcopy(cloud.client.app.openapi())
    paths = ("/api/shops", "/api/me", "/healthz")
    document["paths"] = {path: document["paths"][path] for path in paths}
    shops, me, health = (document["paths"][path]["get"]["responses"] for path in paths)
    del shops["401"]
    me["200"]["content"]["application/json"]["schema"] = {"type": "array"}
    health["200"]["content"] = {"text/plain": {}}
    wrong = draw_requests(cloud, len(CALLERS), document=document)
    assert {"GET /api/shops", "GET /api/me", "GET /healthz"} <= wrong.keys()
