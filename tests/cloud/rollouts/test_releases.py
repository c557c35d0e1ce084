"""Releases: who may put up what, what is refused and why, and how gateways fetch the bundles."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from edge_gateway.cabinet_updates.bundle_folder import BundleFolder, DigestError
from edge_gateway.cabinet_updates.fetching import BundleFetch
from edge_gateway.cabinet_updates.wanted import Wanted
from edge_gateway.upload import CloudVoice
from tests.cloud import people_world, worlds
from tests.cloud.conftest import Cloud
from tests.cloud.rollouts.rollout_world import GOOD, OLD, bundle, public_key


@pytest.fixture
def keyed(cloud: Cloud) -> Cloud:
    """A cloud that knows one release key."""
    object.__setattr__(cloud.services, "settings", replace(cloud.services.settings, release_keys=(public_key(),)))
    return cloud


def _put_up(cloud: Cloud, data: bytes, query: str = "", email: str = "li@north.example") -> httpx.Response:
    return cloud.browser(email).post(f"/api/releases{query}", content=data)


def test_what_no_release_key_has_signed_is_refused(keyed: Cloud) -> None:
    """Each with a sentence; the sound one beside them is taken."""
    good = bundle(GOOD)
    at = good.index(b"image of")
    for broken, said in (
        (bundle(GOOD, key="foreign"), "expected a signature by one of the release keys (release)"),
        (good[:-100], "bytes, found"),
        (good[:at] + b"I" + good[at + 1 :], "expected an image with digest"),
        (good.replace(b'"version": "0.3.0"', b'"version": "0.3.1"'), "expected a signature"),
        (b"MZ" + good[2:], "expected a bundle, found"),
        (b"", "expected a bundle, found an empty body"),
    ):
        answer = _put_up(keyed, broken)
        assert (answer.status_code, said in answer.json()["detail"]) == (422, True), answer.text
    assert _put_up(keyed, b"x" * (4 * 1024 * 1024 + 1)).status_code == 413
    assert keyed.get("/api/releases") == []
    made = _put_up(keyed, good, "?notes_zh=省电&notes_en=Less power")
    assert (made.status_code, made.json()["digest"]) == (201, hashlib.sha256(good).hexdigest())
    assert made.json()["notes"] == {"zh": "省电", "en": "Less power"}


def test_an_older_version_must_be_meant_and_none_comes_twice(keyed: Cloud) -> None:
    """Withdrawn ones count no more."""
    assert _put_up(keyed, bundle(GOOD)).status_code == 201
    refused = _put_up(keyed, bundle(OLD))
    assert (refused.status_code, "say that it is meant to be older" in refused.text) == (422, True)
    older = _put_up(keyed, bundle(OLD), "?older=true")
    assert (older.status_code, older.json()["is_older"]) == (201, True)
    again = _put_up(keyed, bundle(GOOD))
    assert (again.status_code, "the same bundle" in again.text) == (409, True)
    name = older.json()["id"]
    browser = keyed.browser()
    assert (
        browser.request("PUT", f"/api/releases/{name}/notes", json={"zh": "旧", "en": "old"}).json()["notes"]["en"]
        == "old"
    )
    assert browser.request("DELETE", f"/api/releases/{name}").json()["withdrawn_by"] == "li"
    begun = browser.post("/api/rollouts", json={"release": name})
    assert (begun.status_code, "was withdrawn" in begun.text) == (422, True)


def test_the_operators_releases_are_everybodys_and_a_dealers_its_own(keyed: Cloud) -> None:
    """Neither can be changed by the others."""
    people_world.add_member(keyed, "op@cloud.example", "operator", dealer=None)
    operator = people_world.browser_of(keyed, "op@cloud.example")
    shared = operator.post("/api/operator/releases", content=bundle(GOOD))
    assert shared.status_code == 201, shared.text
    own = _put_up(keyed, bundle("0.4.0"))
    north = keyed.get("/api/releases")
    south = keyed.get("/api/releases", email="wang@south.example")
    assert sorted(each["version"] for each in north) == [GOOD, "0.4.0"]
    assert [(each["version"], each["of"]) for each in south] == [(GOOD, "operator")]
    assert keyed.browser().request("DELETE", f"/api/releases/{shared.json()['id']}").status_code == 404
    assert operator.request("DELETE", f"/api/operator/releases/{own.json()['id']}").status_code == 404
    assert keyed.browser("wang@south.example").request("DELETE", f"/api/releases/{own.json()['id']}").status_code == 404


def test_a_gateway_fetches_whole_and_from_where_it_was_cut(keyed: Cloud) -> None:
    """What is not its dealer's is not there."""
    data = bundle(GOOD)
    digest = _put_up(keyed, data).json()["digest"]
    path = f"/api/gateway/bundles/{digest}"
    key = {"Authorization": f"Bearer {worlds.KEYS['gw-1']}"}
    assert keyed.client.get(path, headers=key).content == data
    part = keyed.client.get(path, headers=key | {"Range": "bytes=5000-"})
    assert (part.status_code, part.content) == (206, data[5000:])
    assert part.headers["Content-Range"] == f"bytes 5000-{len(data) - 1}/{len(data)}"
    assert keyed.client.get(path, headers=key | {"Range": f"bytes={len(data)}-"}).status_code == 416
    foreign = {"Authorization": f"Bearer {worlds.KEYS['gw-9']}"}
    assert keyed.client.get(path, headers=foreign).status_code == 404
    assert keyed.client.get(path).status_code == 401


class _Cuts(httpx.AsyncBaseTransport):
    """A connection that is cut after some bytes, several times; then it holds. It keeps what was asked for."""

    def __init__(self, data: bytes, cuts: list[int]) -> None:
        self._data, self._cuts = data, cuts
        self.asked: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer as the cloud does."""
        wanted = request.headers.get("Range", "")
        self.asked.append(wanted)
        start = int(wanted.removeprefix("bytes=").removesuffix("-") or 0)
        cut = self._cuts.pop(0) if self._cuts else None
        return httpx.Response(206 if start else 200, content=_bytes(self._data[start:], cut), request=request)


async def _bytes(data: bytes, cut: int | None) -> AsyncIterator[bytes]:
    for at in range(0, len(data), 1000):
        if cut is not None and at >= cut:
            raise httpx.ReadError("expected more, found the connection gone")
        yield data[at : at + 1000]


async def _fetched(folder: BundleFolder, transport: _Cuts, wanted: dict[str, Wanted]) -> None:
    came = asyncio.Event()
    async with httpx.AsyncClient(transport=transport, base_url="http://cloud") as client:
        fetch = BundleFetch(client, CloudVoice("http://cloud"), folder, lambda: wanted, came.set)
        running = asyncio.ensure_future(fetch.run())
        await asyncio.wait_for(came.wait(), 20)
        running.cancel()


def test_a_gateway_goes_on_where_it_was_cut_and_keeps_nothing_else(tmp_path: Path) -> None:
    """What came is not fetched twice; a bundle under a wrong name is thrown away; what nobody wants is, too."""
    data = bundle(GOOD)
    digest = hashlib.sha256(data).hexdigest()
    folder = BundleFolder(tmp_path / "bundles")
    folder.keep(hashlib.sha256(b"old").hexdigest(), b"old")
    transport = _Cuts(data, [40_000])
    wanted = {"cab-1": Wanted("cab-1", GOOD, digest, len(data), False, 1, 0)}
    asyncio.run(_fetched(folder, transport, wanted))
    assert folder.path(digest).read_bytes() == data
    assert transport.asked == ["", "bytes=32768-"]
    assert not folder.holds(hashlib.sha256(b"old").hexdigest())
    with pytest.raises(DigestError, match="expected a bundle with digest"):
        folder.keep("0" * 64, data)
    assert not folder.holds("0" * 64)
