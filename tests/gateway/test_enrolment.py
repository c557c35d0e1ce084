"""Cabinets that enrol at the gateway's own HTTPS listener, and a gateway that joins, renews and is replaced."""

import asyncio
import base64
import sqlite3
import ssl
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path
from typing import Any

import httpx
import pytest
from cabinet import wire
from cryptography import x509
from fastapi import FastAPI

import partsbay
from cloud.app import create_app
from cloud.devices import codes
from cloud.identity import SignedIn
from cloud.rights import RIGHTS_OF
from cloud.services import Services
from cloud.tenancy import signed_in_tenant
from edge_gateway import certificates, settings
from edge_gateway.certificates import CABINET_MS, DAY_MS, SERVER_NAME, Certificate, Key
from edge_gateway.cloud_link import CloudLink, CloudTalk
from edge_gateway.disk import DiskWatch
from edge_gateway.enrolment_format import CODE_MS, CabinetSecrets, Code, CodeRefusedError
from edge_gateway.feed_format import RevokeCabinet
from edge_gateway.identity.est_listener import CABINET_PATH, EstListener, Ports
from edge_gateway.identity.folder import Folder
from edge_gateway.identity.joining import Asked, JoinError, join
from edge_gateway.identity.keeping import Keeping
from edge_gateway.identity.own import CertificateAuth, auth_of, read_own
from edge_gateway.identity.service import Identity
from edge_gateway.identity.settings_file import settings_text
from edge_gateway.identity.shop import Shop as ShopAuthority
from edge_gateway.identity.trust import Trust
from edge_gateway.opening import put_into_force
from edge_gateway.settings import CloudSettings, Settings
from edge_gateway.shop_document import ShopDocument
from edge_gateway.status_report import gateway_status
from tests.firmware.brokers import wait_until
from tests.gateway.real_cloud import RealCloud
from tests.gateway.test_restored import assert_cloud_has_all, take_visits, wait_for_cloud
from tests.gateway.world import Journal, Shop

EST = "/.well-known/est"
DEVICE: dict[str, Any] = {
    "firmware": "0.2.0",
    "board": "esp32s3-w5500-12",
    "micropython": "1.29.0/6.3",
    "slot": "a",
    "trial": 0,
    "installing": "",
    "got_bytes": 0,
    "of_bytes": 0,
    "locks": "fail_secure",
    "not_after_ms": 0,
}
SECRETS = {"cab-1": CabinetSecrets("password-of-cab-1", "ab" * 32)}


@dataclass
class Clock:
    """The real time, moved: OpenSSL goes by the real one."""

    off_ms: int = 0

    def __call__(self) -> int:
        return time.time_ns() // 1_000_000 + self.off_ms


@dataclass
class Scene:
    """A shop's authority with its listener open."""

    shop: ShopAuthority
    listener: EstListener
    clock: Clock
    told: list[Trust]
    refused: list[str]

    def laptop(self, authority: Certificate | None = None) -> httpx.Client:
        """A technician's, who trusts an authority, or (None) nobody yet."""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        if authority is not None:
            context = ssl.create_default_context(cadata=certificates.pem(authority).decode())
        return httpx.Client(base_url=f"https://127.0.0.1:{self.listener.port}", verify=context, timeout=60)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    clock = Clock()
    shop = ShopAuthority(tmp_path / "data", "shop-1", clock)
    told: list[Trust] = []
    refused: list[str] = []
    shop.on_change.append(told.append)
    ports = Ports(1883, 8883, 8884)
    listener = EstListener(
        shop, ("127.0.0.1", 0), SECRETS, ports, lambda kind, who, why: refused.append(f"{kind} {who} {why}")
    )
    yield Scene(shop, listener, clock, told, refused)
    listener.close()


def asked(client: httpx.Client, code: str, key: Key, name: str = "cab-1") -> httpx.Response:
    """A cabinet's request with a code."""
    body = base64.b64encode(certificates.new_request(key, name))
    extensions = {"sni_hostname": SERVER_NAME}
    return client.post(f"{EST}/simpleenroll", content=body, auth=("", code), extensions=extensions)


def test_a_cabinet_enrols_and_its_broken_predecessor_is_out(scene: Scene) -> None:
    """The laptop learns whom to trust, asks over TLS that it verifies, and is told what the cabinet shares."""
    shop, listener = scene.shop, scene.listener
    listener.see_to()
    assert listener.port == 0  # nobody made a code: nothing is open
    first = shop.make_code("cab-1", "王师傅")
    listener.see_to()
    with scene.laptop() as unsure:
        [authority] = certificates.unpacked(unsure.get(f"{EST}/cacerts").content)
    assert certificates.fingerprint(authority) == certificates.fingerprint(shop.authority.certificate)
    key = certificates.new_key()
    with scene.laptop(authority) as laptop:
        [certificate] = certificates.unpacked(asked(laptop, first.code.text, key).content)
        certificates.check(certificate, authority, now_ms=scene.clock(), purpose="client", name="cab-1")
        again = asked(laptop, first.code.text.lower(), key)  # the answer was lost
        assert certificates.unpacked(again.content) == [certificate]
        shared = laptop.get(CABINET_PATH, auth=("", first.code.text), extensions={"sni_hostname": SERVER_NAME}).json()
        second = shop.make_code("cab-1")
        [replacing] = certificates.unpacked(asked(laptop, second.code.text, certificates.new_key()).content)
    assert (shared["access_key"], shared["broker_tls_port"], shared["server_name"]) == ("ab" * 32, 8883, SERVER_NAME)
    old, new = certificates.serial_of(certificate), certificates.serial_of(replacing)
    trust = scene.told[-1]
    assert [each.serial for each in trust.admitted] == [new] and trust.revoked == {old}
    assert trust.admitted[0].uri == certificates.device_uri("cab-1", new)
    crl = x509.load_pem_x509_crl(trust.revocations.read_bytes())
    assert crl.get_revoked_certificate_by_serial_number(int(old, 16)) is not None
    assert crl.get_revoked_certificate_by_serial_number(int(new, 16)) is None
    assert all(path.stat().st_mode & 0o077 == 0 for path in trust.key.parent.iterdir() if path.is_file())
    scene.clock.off_ms += CODE_MS + 1
    listener.see_to()
    assert listener.port == 0


def test_codes_that_let_no_cabinet_in(scene: Scene) -> None:
    """Mistyped, unknown, of another cabinet, used, too old, tried too often: each refused, each kept."""
    shop, key = scene.shop, certificates.new_key()
    code = shop.make_code("cab-1").code
    scene.listener.see_to()
    wrong, unknown = Code(code.name, "22222").text, Code("2222", "33333").text
    with scene.laptop(shop.authority.certificate) as laptop:
        tries = [(code.text[:-1], "cab-1"), (unknown, "cab-1"), (wrong, "cab-1"), (code.text, "cab-2")]
        reasons = [asked(laptop, typed, key, name).json()["reason"] for typed, name in tries]
        assert reasons == ["mistyped", "unknown", "unknown", "name"]
        assert asked(laptop, code.text, key).status_code == 200
        assert asked(laptop, code.text, certificates.new_key()).json()["reason"] == "used"
        late = shop.make_code("cab-1").code
        scene.clock.off_ms += CODE_MS + 1
        assert asked(laptop, late.text, key).json()["reason"] == "expired"
        spoilt = shop.make_code("cab-1").code
        for _ in range(5):
            asked(laptop, Code(spoilt.name, "22222").text, key)
        assert asked(laptop, spoilt.text, key).json()["reason"] == "dead"
        for _ in range(3):
            asked(laptop, unknown, key)
        good = shop.make_code("cab-1").code
        slowed = asked(laptop, good.text, key)
        assert (slowed.status_code, slowed.json()["reason"]) == (429, "slow")
        scene.clock.off_ms += CODE_MS + 1
        assert asked(laptop, shop.make_code("cab-1").code.text, key).status_code == 200
        assert laptop.post(f"{EST}/simpleenroll", content=b"no base64!", auth=("", good.text)).status_code == 422
    kept = [each for each in shop.happened(100) if each.what == "code_refused"]
    assert len(kept) == len(scene.refused) == 4 + 1 + 1 + 6 + 3 + 1
    assert not any(code.secret in each.detail for each in kept)


def test_a_code_that_let_somebody_in_cannot_be_guessed_for_what_its_cabinet_shares(scene: Scene) -> None:
    """Not from ten addresses either; and who was told to wait fills no list, in which others' tries are counted."""
    shop = scene.shop
    code = shop.make_code("cab-1").code
    shop.enrol(code.text, certificates.new_request(certificates.new_key(), "cab-1"), "192.168.1.2")
    wrong = Code(code.name, "22222").text
    for at in range(5):
        with pytest.raises(CodeRefusedError, match="made here"):
            shop.enrolled_by(wrong, f"192.168.1.{10 + at}")
    with pytest.raises(CodeRefusedError, match="too often"):
        shop.enrolled_by(code.text, "192.168.1.20")
    for _ in range(30):
        with pytest.raises(CodeRefusedError):
            shop.enrolled_by(wrong, "192.168.1.66")
        with pytest.raises(CodeRefusedError):
            shop.enrol(wrong, certificates.new_request(certificates.new_key(), "cab-1"), "192.168.1.66")
    assert len([each for each in shop.happened(100) if each.address == "192.168.1.66"]) == 11


def test_a_key_is_revoked_with_every_certificate_for_it(scene: Scene) -> None:
    """Whoever revokes has seen one certificate; meanwhile it was renewed, and the thief was sent that."""
    shop, key = scene.shop, certificates.new_key()
    shop.enrol(shop.make_code("cab-1").code.text, certificates.new_request(key, "cab-1"), "127.0.0.1")
    [held] = shop.trust().admitted
    scene.clock.off_ms += CABINET_MS * 2 // 3 + 1000
    renewed = certificates.serial_of(certificates.read_certificate(shop.renewed("cab-1", held.serial)))
    assert shop.revoke("cab-1", held.serial, "stolen") == 2
    assert not shop.trust().admitted and shop.trust().barred == {"cab-1"}
    other = certificates.new_request(certificates.new_key(), "cab-1")
    shop.enrol(shop.make_code("cab-1").code.text, other, "127.0.0.1")
    assert shop.revoke("cab-1", renewed) == 0 and len(shop.trust().admitted) == 1  # told late: the new one stays


def test_of_two_at_once_one_wins(scene: Scene) -> None:
    code = scene.shop.make_code("cab-1").code.text
    scene.listener.see_to()

    async def race() -> list[int]:
        context = ssl.create_default_context(cadata=certificates.pem(scene.shop.authority.certificate).decode())
        url = f"https://127.0.0.1:{scene.listener.port}"
        async with httpx.AsyncClient(base_url=url, verify=context, timeout=60) as client:
            bodies = [base64.b64encode(certificates.new_request(certificates.new_key(), "cab-1")) for _ in range(4)]
            tries = [client.post(f"{EST}/simpleenroll", content=body, auth=("", code)) for body in bodies]
            return sorted(answer.status_code for answer in await asyncio.gather(*tries))

    assert asyncio.run(race()) == [200, 401, 401, 401] and len(scene.shop.trust().admitted) == 1


def test_a_cabinets_certificate_is_renewed_for_its_key_and_revoked_ones_are_not(scene: Scene) -> None:
    shop, key = scene.shop, certificates.new_key()
    for cabinet in ("cab-1", "cab-2"):
        request = certificates.new_request(key, cabinet)
        shop.enrol(shop.make_code(cabinet).code.text, request, "127.0.0.1")
    held = {each.cabinet: each.serial for each in shop.trust().admitted}
    assert shop.renewed("cab-1", held["cab-1"]) == b""
    scene.clock.off_ms += CABINET_MS * 2 // 3 + 1000
    assert shop.revoke("cab-2", why="stolen") == 1
    made = certificates.read_certificate(shop.renewed("cab-1", held["cab-1"]))
    assert certificates.public_key(made) == key.public_key() and certificates.name_of(made) == "cab-1"
    assert shop.renewed("cab-1", held["cab-1"]) == certificates.der(made)  # not another with every look
    assert [each.cabinet for each in shop.trust().admitted] == ["cab-1", "cab-1"]  # it may not have it yet
    shop.shown("cab-1", certificates.serial_of(made))
    assert [each.serial for each in shop.trust().admitted] == [certificates.serial_of(made)]
    assert shop.trust().barred == {"cab-2"}
    assert shop.renewed("cab-2", held["cab-2"]) == b"" and held["cab-2"] in shop.trust().revoked


def test_a_cabinet_that_shows_an_old_certificate_is_sent_the_renewed_one(shop: Shop, tmp_path: Path) -> None:
    """By the intake, when `device` comes; once an hour at most, for a cabinet may not take it."""
    clock, told = Clock(), list[Trust]()
    identity = Identity(Settings("gw-1", tmp_path / "own"), clock, told.append, lambda *_: None)
    shop.intake.on_device = identity.device
    code = identity.shop.make_code("cab-1").code.text
    first = identity.shop.enrol(code, certificates.new_request(certificates.new_key(), "cab-1"), "127.0.0.1")

    def sent(serial: str, tls: int = 1) -> list[bytes]:
        before = len(shop.link.sent)
        shop.take("partsbay/1/cab-1/device", wire.encode("device", DEVICE | {"tls": tls, "certificate": serial}))
        return [each.payload for each in shop.link.sent[before:] if each.leaf == "certificate"]

    old = certificates.serial_of(first)
    assert sent(old) == []
    clock.off_ms += CABINET_MS * 2 // 3 + 1000
    [der] = sent(old)
    renewed = certificates.serial_of(certificates.read_certificate(der))
    assert sent(old) == sent(old, tls=0) == []
    clock.off_ms += 3_600_001
    assert sent(old) == [der] and {each.serial for each in told[-1].admitted} == {old, renewed}
    assert sent(renewed) == [] and [each.serial for each in told[-1].admitted] == [renewed]
    identity.revoke(RevokeCabinet("cab-1", renewed, by="Li", note="stolen"))
    assert told[-1].admitted == () and told[-1].revoked == {old, renewed}
    assert sent(renewed) == [] and identity.shop.happened(1)[0].detail == "stolen (Li)"


# ---- the gateway itself ----


class Bridge(httpx.BaseTransport):
    """A cloud in this process, asked without a network; `lose` lets its next answers be lost on the way."""

    def __init__(self, app: FastAPI) -> None:
        self._transport = httpx.ASGITransport(app)
        self.lose = ""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """One request and its whole answer."""

        async def ask() -> httpx.Response:
            asked = httpx.Request(request.method, request.url, headers=request.headers, content=request.read())
            answer = await self._transport.handle_async_request(asked)
            return httpx.Response(answer.status_code, headers=answer.headers, content=await answer.aread())

        answer = asyncio.run(ask())
        if self.lose and self.lose in request.url.path:
            self.lose = ""
            raise httpx.ReadError("the line was cut")
        return answer


def code_for(services: Services) -> str:
    """A code for the shop's gateway, as an admin makes it."""
    tenant = signed_in_tenant("dealer-1")
    admin = SignedIn(1, "li@dealer", "Li", "dealer-1", "Dealer", "admin", RIGHTS_OF["admin"], tenant)
    with services.database.writing() as session:
        return codes.make(session, admin, "shop-1", services.devices.vault.pepper, services.now_ms()).code


@pytest.fixture
def still(cloud: RealCloud) -> Iterator[tuple[FastAPI, Clock]]:
    """The cloud's app without a socket, and the clock it goes by."""
    cloud.stop()
    clock = Clock()
    app = create_app(cloud.settings, now_ms=clock, pages=False)
    yield app, clock
    app.state.services.close()


def test_what_goes_wrong_while_joining_is_said_and_can_be_tried_again(
    still: tuple[FastAPI, Clock], tmp_path: Path
) -> None:
    app, clock = still
    bridge, config = Bridge(app), tmp_path / "gateway.toml"
    code = code_for(app.state.services)

    def tried(cloud: str = "http://cloud", code: str = code) -> str:
        with pytest.raises(JoinError) as refused:
            join(Asked(cloud, code, config, tmp_path / "data"), clock, bridge)
        return refused.value.reason

    assert [tried(cloud="ftp://x"), tried(code="7KM3Q-9XW4"), tried(code="22222-22222")] == [
        "address",
        "mistyped",
        "unknown",
    ]
    for lost in ("simpleenroll", "cacerts", "joined"):  # wherever the line is cut, the same code does it again
        bridge.lose = lost
        assert tried() == "away" and not config.exists()
    joined = join(Asked("http://cloud/", code, config, tmp_path / "data"), clock, bridge)
    assert (joined.gateway, joined.shop_name, joined.deposit) == ("gw-1", "Shop", None)
    loaded = settings.load(config)
    assert (loaded.gateway, loaded.cloud.url, loaded.cloud.key) == ("gw-1", "http://cloud", "")
    assert config.stat().st_mode & 0o077 == 0
    assert join(Asked("http://cloud", code_for(app.state.services), config, tmp_path / "data"), clock, bridge).shop


def test_it_renews_by_itself_with_a_clock_that_goes_wrong(still: tuple[FastAPI, Clock], tmp_path: Path) -> None:
    """Two thirds of the life over, and an hour off: the cloud's answers say what the time is."""
    app, clock = still
    join(Asked("http://cloud", code_for(app.state.services), tmp_path / "gateway.toml", tmp_path), clock, Bridge(app))
    wrong = Clock(60 * 60_000)
    first = read_own(Folder(tmp_path))
    assert first is not None
    auth = CertificateAuth(first, wrong)
    keeping = Keeping(auth, ShopAuthority(tmp_path, "gw-1", wrong), SECRETS, wrong)

    async def keep() -> int:
        async with httpx.AsyncClient(base_url="http://cloud", auth=auth, transport=_Dated(app, clock)) as client:
            await keeping.see_to(client)
            return (await client.get("/api/gateway/feed")).status_code

    assert asyncio.run(keep()) == 200 and auth.own == first
    clock.off_ms += 121 * DAY_MS
    wrong.off_ms += 121 * DAY_MS
    assert asyncio.run(keep()) == 200
    renewed = read_own(Folder(tmp_path))
    assert renewed is not None and renewed.serial == auth.own.serial != first.serial
    assert renewed.key.public_key() != first.key.public_key()


class _Dated(httpx.ASGITransport):
    """Answers with the date, as a server behind a socket does."""

    def __init__(self, app: FastAPI, clock: Clock) -> None:
        super().__init__(app)
        self._clock = clock

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await super().handle_async_request(request)
        answer.headers["Date"] = formatdate(self._clock() / 1000, usegmt=True)
        return answer


def test_a_dead_gateway_is_replaced_and_nothing_is_lost(
    shop: Shop, journal: Journal, cloud: RealCloud, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the commands a person types. The cabinets' certificates and secrets go on; the dead one is refused."""
    config = tmp_path / "gateway.toml"
    held = {"cab-1": {"password": SECRETS["cab-1"].password, "access_key": SECRETS["cab-1"].access_key}}
    config.write_text(settings_text({"gateway": "gw-1", "data_dir": str(tmp_path), "cabinets": held}))
    command = ["gateway", "enrol", "--cloud", cloud.url, "--config", str(config), "--code"]
    assert partsbay.main([*command, code_for(cloud.services)]) == 0
    capsys.readouterr()
    auth = auth_of(settings.load(config), Clock())
    assert isinstance(auth, CertificateAuth)
    old = ShopAuthority(tmp_path, "gw-1", Clock())
    cabinet = certificates.new_key()
    stolen = old.enrol(old.make_code("cab-2").code.text, certificates.new_request(cabinet, "cab-2"), "127.0.0.1")
    old.enrol(old.make_code("cab-1").code.text, certificates.new_request(cabinet, "cab-1"), "127.0.0.1")
    old.revoke("cab-2", why="stolen")
    link = _linked(shop, cloud, auth, Keeping(auth, old, SECRETS, Clock()))
    shop.take_journal(journal)
    take_visits(shop, journal)
    wait_for_cloud(shop)
    wait_until(lambda: bool(cloud.query("select 1 from cabinet_certificate where revoked_ms > 0")), "all of it told")
    link.close()
    assert_cloud_has_all(shop, cloud)
    # Its disk is gone. The next machine:
    other = tmp_path / "other"
    other.mkdir()
    command = ["gateway", "enrol", "--cloud", cloud.url, "--config", str(other / "gateway.toml"), "--code"]
    assert partsbay.main([*command, code_for(cloud.services)]) == 0
    said = capsys.readouterr().out
    assert "taken over: the shop's authority and 1 cabinets" in said and "partsbay gateway restore" in said
    assert partsbay.main(["gateway", "restore", "--config", str(other / "gateway.toml")]) == 0
    assert partsbay.main(["gateway", "verify-ledger", "--config", str(other / "gateway.toml")]) == 0
    loaded = settings.load(other / "gateway.toml")
    assert {name: (each.password, each.access_key) for name, each in loaded.cabinets.items()} == {
        "cab-1": ("password-of-cab-1", "ab" * 32)
    }
    new = ShopAuthority(loaded.data_dir, "gw-1", Clock())
    assert new.authority.certificate == old.authority.certificate
    assert [each.serial for each in new.trust().admitted] == [each.serial for each in old.trust().admitted]
    assert new.trust().revoked == {certificates.serial_of(stolen)}
    with closing(sqlite3.connect(loaded.database)) as database:
        movements = "select id from movement order by id"
        assert database.execute(movements).fetchall() == shop.query(movements)
    assert [_status(cloud, each) for each in (auth, auth_of(loaded, Clock()))] == [401, 200]


def _linked(shop: Shop, cloud: RealCloud, auth: CertificateAuth, keeping: Keeping) -> CloudLink:
    def take(new: ShopDocument, data: bytes) -> None:
        put_into_force(new, data, shop.intake.batch, shop.clock_ms)

    told, disk = CloudSettings(cloud.url, poll_s=1), DiskWatch(shop.path)
    talk = CloudTalk(
        told, shop.writer, lambda: gateway_status(shop.path, disk, shop.clock_ms), take, auth=auth, beside=[keeping.run]
    )
    link = CloudLink(talk)
    shop.writer.on_commit = link.wake
    link.start()
    return link


def _status(cloud: RealCloud, auth: httpx.Auth | None) -> int:
    return httpx.get(f"{cloud.url}/api/gateway/feed", auth=auth, timeout=60).status_code
