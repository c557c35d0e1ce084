"""Gateways that join by code and speak by certificate, beside a neighbour with a key that notices nothing of it."""

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from sqlmodel import select

from cloud.tables import DeviceEvent, GatewayCertificate, ShopDeposit, ShopFeed
from edge_gateway import certificates, enrolment_format
from edge_gateway.certificates import CABINET_MS, DAY_MS, Certificate, Key, Leaf
from edge_gateway.enrolment_format import (
    CODE_MS,
    CabinetSecrets,
    CodeRefusedError,
    Deposit,
    TokenError,
    Told,
    audience,
    decode_answered,
    decode_joined,
    encode,
    read_code,
)
from tests.cloud import people_world, worlds
from tests.cloud.caller import Caller
from tests.cloud.conftest import Cloud
from tests.cloud.worlds import opening, upload

EST = "/.well-known/est"


@dataclass
class Gateway:
    """A gateway as it is seen from outside: a key, and whatever certificate it got."""

    caller: Caller
    key: Key = field(default_factory=certificates.new_key)
    certificate: Certificate | None = None

    def enrol(self, code: str, **more: Any) -> httpx.Response:
        """Show a code; keep what comes."""
        shown = base64.b64encode(f":{code}".encode()).decode()
        return self._post("simpleenroll", {"Authorization": f"Basic {shown}"}, "", **more)

    def renew(self, now_ms: int, name: str = "") -> httpx.Response:
        """Another certificate for another key."""
        headers, old = self.shown(now_ms), (self.key, self.certificate)
        self.key = certificates.new_key()
        answer = self._post("simplereenroll", headers, name)
        if answer.status_code != 200:
            self.key, self.certificate = old
        return answer

    def _post(self, what: str, headers: dict[str, str], name: str, **more: Any) -> httpx.Response:
        body = base64.encodebytes(certificates.new_request(self.key, name))
        answer = self.caller.post(f"{EST}/{what}", content=body, headers=headers | more)
        if answer.status_code == 200:
            [self.certificate] = certificates.unpacked(answer.content)
        return answer

    @property
    def name(self) -> str:
        assert self.certificate is not None
        return certificates.name_of(self.certificate)

    def shown(self, now_ms: int) -> dict[str, str]:
        """The header by which it is recognised."""
        assert self.certificate is not None
        [authority] = certificates.unpacked(self.caller.get(f"{EST}/cacerts").content)
        certificates.check(self.certificate, authority, now_ms=now_ms, purpose="client")
        meant_for, serial = audience(certificates.fingerprint(authority)), certificates.serial_of(self.certificate)
        return {"Authorization": f"Bearer {enrolment_format.new_token(self.key, self.name, serial, meant_for, now_ms)}"}

    def says(self, now_ms: int) -> httpx.Response:
        """It asks for its feed."""
        return self.caller.get("/api/gateway/feed", headers=self.shown(now_ms))


@pytest.fixture
def gateway(cloud: Cloud) -> Gateway:
    return Gateway(people_world.nobody(cloud))


def code_for(cloud: Cloud, shop: str = "shop-1") -> str:
    answer = cloud.browser().post("/api/enrolment-codes", json={"shop": shop})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["code"])


def happened(cloud: Cloud) -> list[tuple[str, str]]:
    lines = cloud.get("/api/devices/happened?limit=200")["lines"]
    return [(line["what"], line["detail"]) for line in reversed(lines)]


def neighbour_is_heard(cloud: Cloud) -> bool:
    key = {"Authorization": f"Bearer {worlds.KEYS['gw-2']}"}
    return people_world.nobody(cloud).get("/api/gateway/feed", headers=key).status_code == 200


def test_a_gateway_joins_by_code_and_books_and_the_old_key_ends(cloud: Cloud, gateway: Gateway) -> None:
    code = code_for(cloud)
    assert cloud.upload(upload([opening("m-1", 4)])).status_code == 200  # gw-1 by its key, still
    assert gateway.enrol(code.lower().replace("-", " ")).status_code == 200
    assert gateway.name == "gw-1"  # the shop's gateway is the same, whatever machine it is
    answer = gateway.caller.post(
        "/api/gateway/upload", content=upload([opening("m-2", 4)], first=2), headers=gateway.shown(cloud.clock.ms)
    )
    assert answer.status_code == 200, answer.text
    assert cloud.upload(upload([opening("m-3", 4)], first=3)).status_code == 401  # by the key of before
    joined = decode_joined(gateway.caller.get("/api/gateway/joined", headers=gateway.shown(cloud.clock.ms)).content)
    assert (joined.gateway, joined.shop, joined.has_books, joined.deposit) == ("gw-1", "shop-1", True, None)
    assert [what for what, _ in happened(cloud)] == ["code_made", "enrolled"]
    assert neighbour_is_heard(cloud)


def test_codes_that_let_nobody_in(cloud: Cloud, gateway: Gateway) -> None:
    """Wrong, mistyped, replayed, withdrawn, too old, tried too often: each has its word, and a line."""
    code, foreign = code_for(cloud), Gateway(gateway.caller)
    wrong = enrolment_format.Code(read_code(code).name, "22222").text
    unknown = enrolment_format.new_code().text
    reasons = [gateway.enrol(each).json()["reason"] for each in (code[:-1] + "-", wrong, unknown)]
    assert reasons == ["mistyped", "unknown", "unknown"]
    assert gateway.enrol(code).status_code == 200
    first = gateway.certificate
    assert gateway.enrol(code).status_code == 200 and gateway.certificate == first  # its answer was lost on the way
    assert foreign.enrol(code).json()["reason"] == "used"
    withdrawn = cloud.browser().post("/api/enrolment-codes", json={"shop": "shop-2"}).json()
    assert cloud.browser().request("DELETE", f"/api/enrolment-codes/{withdrawn['id']}").status_code == 204
    late, spoilt = code_for(cloud, "shop-2"), code_for(cloud, "shop-2")
    assert foreign.enrol(withdrawn["code"]).json()["reason"] == "withdrawn"
    for _ in range(4):
        foreign.enrol(enrolment_format.Code(read_code(spoilt).name, "22222").text)
    cloud.clock.ms += CODE_MS + 1
    assert foreign.enrol(late).json()["detail"] == (
        "expected a code that is good, found one that ended 0 s ago: make another"
    )
    foreign.enrol(enrolment_format.Code(read_code(spoilt).name, "22222").text)
    assert foreign.enrol(spoilt).json()["reason"] == "dead"
    assert foreign.certificate is None and gateway.says(cloud.clock.ms).status_code == 200
    refused = [detail for what, detail in happened(cloud) if what == "code_refused"]
    assert len(refused) == 10  # those of codes of this dealer; whoever runs the cloud sees the others
    assert cloud.count(DeviceEvent) == 4 + 1 + 12 and all(code not in line for _, line in happened(cloud))


def test_guessing_is_slowed_down(cloud: Cloud, gateway: Gateway) -> None:
    """Thirty tries from an address in five minutes, five at one code: then even the right one has to wait."""
    code = code_for(cloud)
    guessed = enrolment_format.Code(read_code(code).name, "22222").text
    answers = [gateway.enrol(guessed).status_code for _ in range(6)]
    assert answers == [401] * 5 + [429]
    answers = [gateway.enrol(enrolment_format.new_code().text).status_code for _ in range(26)]
    assert answers == [401] * 25 + [429]
    assert gateway.enrol(code).status_code == 429 and neighbour_is_heard(cloud)


def test_of_two_at_once_one_wins(cloud: Cloud) -> None:
    code, enrolling = code_for(cloud), cloud.services.devices.enrolling

    def join(number: int) -> str:
        request = base64.b64encode(certificates.new_request(certificates.new_key(), ""))
        try:
            return certificates.name_of(enrolling.enrol(code, request, f"10.0.0.{number}", cloud.clock.ms))
        except CodeRefusedError as error:
            return error.reason

    with ThreadPoolExecutor(4) as threads:
        outcomes = sorted(threads.map(join, range(4)))
    assert outcomes == ["gw-1", "used", "used", "used"] and cloud.count(GatewayCertificate) == 1


def test_of_two_codes_at_once_a_shop_gets_one_gateway(cloud: Cloud) -> None:
    """A shop without one: each would be its first."""
    assert cloud.browser().request("DELETE", "/api/gateways/gw-1").status_code == 204
    codes = [code_for(cloud) for _ in range(4)]
    enrolling = cloud.services.devices.enrolling
    enrolling._vault.authority(cloud.clock.ms)

    def enrol(at: int) -> str:
        body = base64.b64encode(certificates.new_request(certificates.new_key(), ""))
        return certificates.name_of(enrolling.enrol(codes[at], body, f"192.0.2.{at}", cloud.clock.ms))

    with ThreadPoolExecutor(4) as at_once:
        names = set(at_once.map(enrol, range(4)))
    assert len(names) == 1


def test_revoked_is_refused_from_the_next_request_on(cloud: Cloud, gateway: Gateway) -> None:
    admin = cloud.browser()
    gateway.enrol(code_for(cloud))
    shown = gateway.shown(cloud.clock.ms)
    assert gateway.caller.get("/api/gateway/feed", headers=shown).status_code == 200  # its token is proved by now
    [device] = cloud.get("/api/devices")["devices"]
    assert (device["kind"], device["device"], device["revoked_ms"]) == ("gateway", "gw-1", 0)
    stranger = cloud.browser("wang@south.example")
    assert stranger.post(f"/api/devices/{device['serial']}/revoke", json={}).status_code == 404
    assert admin.post(f"/api/devices/{device['serial']}/revoke", json={"why": "stolen"}).status_code == 204
    refused = gateway.caller.get("/api/gateway/feed", headers=shown)
    assert refused.status_code == 401 and "revoked: stolen" in refused.json()["detail"]
    assert gateway.renew(cloud.clock.ms).status_code == 401
    assert gateway.says(cloud.clock.ms).status_code == 401
    assert neighbour_is_heard(cloud)
    refusals = [detail for what, detail in happened(cloud) if what == "refused"]
    assert len(refusals) == 1 and "revoked: stolen" in refusals[0]  # one line, however often it asks
    assert admin.post(f"/api/devices/{device['serial']}/revoke", json={}).status_code == 409
    actions = [line["action"] for line in cloud.get("/api/audit")["lines"]]
    assert actions[:2] == ["device.revoked", "gateway.code_made"]


def test_revoked_is_the_gateway_and_not_one_of_its_certificates(cloud: Cloud, gateway: Gateway) -> None:
    """It renewed: two are in force. A renewal that was let in before the revocation gives nothing after it."""
    gateway.enrol(code_for(cloud))
    first = Gateway(gateway.caller, gateway.key, gateway.certificate)
    assert gateway.renew(cloud.clock.ms).status_code == 200
    assert gateway.certificate is not None and first.certificate is not None
    serial = certificates.serial_of(gateway.certificate)
    let_in = cloud.services.devices.tokens.gateway(gateway.shown(cloud.clock.ms)["Authorization"].split()[1], "")
    of_before = certificates.serial_of(first.certificate)
    assert cloud.browser().post(f"/api/devices/{of_before}/revoke", json={"why": "stolen"}).status_code == 204
    assert first.says(cloud.clock.ms).status_code == gateway.says(cloud.clock.ms).status_code == 401
    body = base64.b64encode(certificates.new_request(certificates.new_key(), ""))
    with pytest.raises(TokenError, match=f"{serial}, revoked"):
        cloud.services.devices.enrolling.renew(let_in, body, "", cloud.clock.ms)
    assert not [each for each in cloud.get("/api/devices")["devices"] if not each["revoked_ms"]]


def test_withdrawn_is_refused_too_and_its_shop_gets_another_by_code(cloud: Cloud, gateway: Gateway) -> None:
    gateway.enrol(code_for(cloud))
    assert cloud.browser().request("DELETE", "/api/gateways/gw-1").status_code == 204
    assert gateway.says(cloud.clock.ms).status_code == 401
    other = Gateway(gateway.caller)
    assert other.enrol(code_for(cloud)).status_code == 200 and other.name.startswith("gw-") and other.name != "gw-1"
    assert other.says(cloud.clock.ms).status_code == 200


def test_tokens_that_are_not_good(cloud: Cloud, gateway: Gateway) -> None:
    """Of another clock, key, name, certificate or cloud, or tampered with: refused, and the good ones are not."""
    gateway.enrol(code_for(cloud))
    neighbour = Gateway(gateway.caller)
    neighbour.enrol(code_for(cloud, "shop-2"))
    now_ms = cloud.clock.ms
    good = gateway.shown(now_ms)["Authorization"].split()[1]
    assert gateway.certificate is not None and neighbour.certificate is not None
    serial = certificates.serial_of(gateway.certificate)
    [authority] = certificates.unpacked(gateway.caller.get(f"{EST}/cacerts").content)
    meant_for = audience(certificates.fingerprint(authority))
    make = enrolment_format.new_token
    for token, found in (
        (make(gateway.key, "gw-1", serial, meant_for, now_ms - 95_000), "5 s too old"),
        (make(gateway.key, "gw-1", serial, meant_for, now_ms + 40_000), "40 s ahead"),
        (make(neighbour.key, "gw-1", serial, meant_for, now_ms), "Signature"),
        (make(gateway.key, "gw-2", serial, meant_for, now_ms), "found one of 'gw-2'"),
        (make(gateway.key, "gw-1", "4f" * 16, meant_for, now_ms), "issued here"),
        (make(gateway.key, "gw-1", serial, audience("ab" * 32), now_ms), "udience"),
        (good[:-8] + "AAAAAAAA", "Signature"),
    ):
        refused = gateway.caller.get("/api/gateway/feed", headers={"Authorization": f"Bearer {token}"})
        assert refused.status_code == 401 and found in refused.json()["detail"], refused.text
    for kid in ("4f\0", "\ud800"):  # what a database cannot take is nobody's, and no error of the cloud's
        head = base64.urlsafe_b64encode(json.dumps({"alg": "ES256", "typ": "JWT", "kid": kid}).encode()).rstrip(b"=")
        strange = {"Authorization": f"Bearer {head.decode()}.{good.split('.', 1)[1]}"}
        assert gateway.caller.get("/api/gateway/feed", headers=strange).status_code == 401
    assert gateway.says(now_ms).status_code == neighbour.says(now_ms).status_code == 200
    cloud.clock.ms += 91_000  # a token that was listened to is worth nothing after a minute and a half
    replayed = gateway.caller.get("/api/gateway/feed", headers={"Authorization": f"Bearer {good}"})
    assert replayed.status_code == 401


def test_renewed_again_and_again_and_ended_when_nobody_did(cloud: Cloud, gateway: Gateway) -> None:
    gateway.enrol(code_for(cloud))
    first = Gateway(gateway.caller, gateway.key, gateway.certificate)
    assert gateway.certificate is not None
    assert certificates.renew_ms(gateway.certificate) == cloud.clock.ms + 120 * DAY_MS
    cloud.clock.ms += 121 * DAY_MS
    assert gateway.renew(cloud.clock.ms, "gw-2").status_code == 422  # another's name
    assert gateway.renew(cloud.clock.ms).status_code == 200
    assert first.says(cloud.clock.ms).status_code == 200  # the answer might have been lost: the one before is good
    assert gateway.renew(cloud.clock.ms).status_code == 200
    assert first.says(cloud.clock.ms).status_code == 401
    cloud.clock.ms += 181 * DAY_MS
    token = {"Authorization": f"Bearer {_token(gateway, cloud.clock.ms)}"}
    ended = gateway.caller.get("/api/gateway/feed", headers=token)
    assert ended.status_code == 401 and ended.json()["detail"].endswith("which has ended: enrol anew")


def _token(gateway: Gateway, now_ms: int) -> str:
    assert gateway.certificate is not None
    [authority] = certificates.unpacked(gateway.caller.get(f"{EST}/cacerts").content)
    meant_for = audience(certificates.fingerprint(authority))
    serial = certificates.serial_of(gateway.certificate)
    return enrolment_format.new_token(gateway.key, gateway.name, serial, meant_for, now_ms)


def test_the_next_gateway_is_given_what_the_last_one_left_and_nobody_else_is(cloud: Cloud, gateway: Gateway) -> None:
    shop = certificates.new_authority("Partsbay shop-1", cloud.clock.ms)
    cabinet = certificates.issue(
        shop, certificates.new_key().public_key(), Leaf("cab-1", "shop-1", "client", CABINET_MS), cloud.clock.ms
    )
    secrets = {"cab-1": CabinetSecrets("a password", "ab" * 32)}
    deposit = Deposit(certificates.pem(shop.certificate).decode(), certificates.key_pem(shop.key).decode(), secrets)
    held = enrolment_format.CabinetCertificate(
        "cab-1",
        certificates.serial_of(cabinet),
        cloud.clock.ms,
        certificates.not_after_ms(cabinet),
        der=base64.b64encode(certificates.der(cabinet)).decode(),
    )
    gateway.enrol(code_for(cloud))

    def told(who: Gateway, said: Told) -> httpx.Response:
        return who.caller.request(
            "PUT", "/api/gateway/devices", content=encode(said), headers=who.shown(cloud.clock.ms)
        )

    answer = decode_answered(told(gateway, Told([held], deposit)).content)
    assert answer.deposit_sha256 == enrolment_format.deposit_sha256(deposit) and answer.revoked == []
    foreign = certificates.new_authority("Partsbay shop-1", cloud.clock.ms)
    other = Deposit(certificates.pem(foreign.certificate).decode(), certificates.key_pem(foreign.key).decode())
    assert told(gateway, Told([], other)).status_code == 422  # another authority would put every cabinet out
    # Nothing of it can be read in the database, and nobody else is given it.
    with cloud.services.database.reading() as session:
        kept = session.get_one(ShopDeposit, "shop-1")
    assert b"PRIVATE KEY" not in kept.sealed and b"a password" not in kept.sealed
    neighbour = Gateway(gateway.caller)
    neighbour.enrol(code_for(cloud, "shop-2"))
    shown = neighbour.shown(cloud.clock.ms)
    assert decode_joined(neighbour.caller.get("/api/gateway/joined", headers=shown).content).deposit is None
    key = {"Authorization": f"Bearer {worlds.KEYS['gw-9']}"}
    assert neighbour.caller.get("/api/gateway/joined", headers=key).status_code == 403
    # A cabinet is revoked from afar: its gateway is told, and so is whoever comes after it.
    assert cloud.browser().post(f"/api/devices/{held.serial}/revoke", json={"why": "stolen"}).status_code == 204
    with cloud.services.database.reading() as session:
        feed = [row.kind for row in session.exec(select(ShopFeed))]
    assert feed == ["revoke_cabinet"]
    assert decode_answered(told(gateway, Told([held])).content).revoked == [held.serial]
    cloud.clock.ms += 61 * 60_000
    late = gateway.caller.get("/api/gateway/joined", headers=gateway.shown(cloud.clock.ms))
    assert late.status_code == 403
    next_one = Gateway(gateway.caller)
    next_one.enrol(code_for(cloud))
    shown = next_one.shown(cloud.clock.ms)
    joined = decode_joined(next_one.caller.get("/api/gateway/joined", headers=shown).content)
    assert joined.deposit == deposit and [each.why for each in joined.certificates] == ["stolen"]
    assert gateway.says(cloud.clock.ms).status_code == 401  # the dead one, should it come alive again
    assert ("deposit_given", "") in happened(cloud)
