"""Certificates of real controllers over a shop's life: enrolled by code, renewed over the air, revoked.

The whole gateway with its own authority, at its own broker and at a Mosquitto, and two virtual cabinets that speak
mutual TLS to it. What counts is what each brings into the ledger.
"""

import asyncio
import base64
import json
import sqlite3
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives import serialization

from edge_gateway import certificates, mosquitto
from edge_gateway.certificates import CABINET_MS, DAY_MS, SERVER_NAME, Authority, Key, Leaf
from edge_gateway.gateway import Gateway
from edge_gateway.identity.shop import Shop as ShopAuthority
from edge_gateway.received import Outgoing
from edge_gateway.settings import Settings, parse
from edge_gateway.shop_document import encode_document
from hardware import boards
from simulator.commissioning import Certificates
from simulator.ports import free_port
from simulator.virtual_cabinet import VirtualCabinet
from tests.firmware import brokers
from tests.gateway.world import document

BADGE = "04A1B2C3"
ACCESS_KEY = "0123456789abcdef" * 4
OIL_FILTER_MG = 600_000
LOADS_MG = {1: 10 * OIL_FILTER_MG, 2: 5_000_000, 3: 40 * 21_000}
PATIENCE_S = 180.0
SPEED = 16.0
AGO_MS = 300 * DAY_MS  # beyond two thirds of a year
NAMES = ("cab-1", "cab-2")
EST = "/.well-known/est"
REVOKED = {"nats": ("unknown_certificate", "cab-1"), "mosquitto": ("bad_certificate", "127.0.0.1")}  # kind, who
TAKEN = """
select sum(quantity) from posting join movement on movement.id = movement where session <> '' and account = ?
"""
SAID = "select line from inbox where cabinet = ? and kind = ? order by seq"
HEARD = "select count(*) from inbox where kind = 'config_taken' and cabinet = ?"


def now_ms() -> int:
    """The real time."""
    return time.time_ns() // 1_000_000


class CertifiedShop:
    """A whole gateway whose cabinets have certificates: cab-1's is 300 days old, cab-2 enrols now, by a code.

    `kind` of its broker: nats, which is its own, or mosquitto, by the configuration that the gateway writes for it.
    """

    def __init__(self, folder: Path, kind: str) -> None:
        self.folder = folder
        self.kind = kind
        data = folder / "gateway"
        data.mkdir()
        ports = {name: free_port() for name in ("port", "tls_port", "time_port")}
        broker: dict[str, Any] = {**ports, "tls": "required"}
        if kind == "mosquitto":
            broker |= {"kind": "external", "username": brokers.GATEWAY[0], "password": brokers.GATEWAY[1]}
        self.settings: Settings = parse(
            {
                "gateway": "gw-1",
                "data_dir": str(data),
                "broker": broker,
                "kiosk": {"port": 0},
                "enrolment": {"host": "127.0.0.1", "port": free_port()},
                "cabinets": {name: {"password": f"secret-of-{name}", "access_key": ACCESS_KEY} for name in NAMES},
            }
        )
        then = ShopAuthority(data, "gw-1", lambda: now_ms() - AGO_MS)
        self.old_key = certificates.new_key()
        request = certificates.new_request(self.old_key, "cab-1")
        self.old = then.enrol(then.make_code("cab-1").code.text, request, "127.0.0.1")
        self.gateway = Gateway(self.settings)
        self._mosquitto: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Broker and gateway, and the shop's document in force."""
        if self.kind == "mosquitto":
            self._start_mosquitto()
        self.gateway.start()
        new = document()
        self.gateway.put_document(new, encode_document(new))
        self.authority: Authority = self.gateway.identity.shop.authority

    def _start_mosquitto(self) -> None:
        brokers.broker_of("mosquitto").close()  # skips the test where there is none
        path = mosquitto.write(self.settings, "127.0.0.1", now_ms)
        log = subprocess.DEVNULL
        self._mosquitto = subprocess.Popen([brokers.MOSQUITTO, "-c", str(path)], stdout=log, stderr=log)
        brokers.wait_until(lambda: brokers.listens(self.settings.broker.tls_port), "Mosquitto")

    def close(self) -> None:
        """End the gateway, and the broker that was started here."""
        self.gateway.close()
        if self._mosquitto is not None:
            self._mosquitto.kill()
            self._mosquitto.wait()

    def enrol(self, cabinet: str, code: str, key: Key) -> httpx.Response:
        """What the gateway's own listener answers a technician."""
        context = ssl.create_default_context(cadata=certificates.pem(self.authority.certificate).decode())
        url = f"https://127.0.0.1:{self.settings.enrolment.port}{EST}/simpleenroll"
        body = base64.b64encode(certificates.new_request(key, cabinet))
        return httpx.post(url, content=body, auth=("", code), verify=context, timeout=PATIENCE_S)

    def code(self, cabinet: str) -> str:
        """A new one, read out at the kiosk."""
        made = self.gateway.identity.shop.make_code(cabinet)
        self.gateway.identity.look_now()
        return made.code.text

    def cabinet(self, name: str, certificate: certificates.Certificate, key: Key, run: str = "") -> VirtualCabinet:
        """One that was commissioned with these, and filled as the shop's document says."""
        papers = self.folder / f"papers-{name}{run}"
        papers.mkdir()
        kind = serialization.PrivateFormat.TraditionalOpenSSL
        der = key.private_bytes(serialization.Encoding.DER, kind, serialization.NoEncryption())
        for file, data in (
            ("ca", certificates.der(self.authority.certificate)),
            ("cert", certificates.der(certificate)),
            ("key", der),
        ):
            (papers / file).write_bytes(data)
        admission = self.gateway.admission
        assert admission is not None
        held = Certificates(papers / "ca", papers / "cert", papers / "key", SERVER_NAME, admission.time_service.port)
        return VirtualCabinet(
            name, boards.FOLDER / "esp32s3-w5500-12.json", self.folder / f"{name}{run}", "127.0.0.1",
            self.settings.broker.tls_port, "", "", ACCESS_KEY, speed=SPEED, certificates=held,
        )  # fmt: skip

    def rows(self, question: str, *values: object) -> list[tuple[Any, ...]]:
        """What the gateway's books hold."""
        with closing(sqlite3.connect(self.settings.database)) as connection:
            return list(connection.execute(question, values))

    def said(self, cabinet: str, kind: str) -> list[dict[str, Any]]:
        """Bodies of a cabinet's events of a kind, in the books."""
        return [json.loads(line)["body"] for (line,) in self.rows(SAID, cabinet, kind)]

    def sold(self, cabinet: str) -> int:
        """How many oil filters were taken out of a cabinet, by the ledger."""
        return -int(self.rows(TAKEN, f"bin:{cabinet}/1")[0][0] or 0)

    def shown(self, cabinet: str) -> str:
        """The serial that a cabinet says it uses."""
        found = self.rows("select told from controller_device where cabinet = ?", cabinet)
        return str(json.loads(found[0][0])["certificate"]) if found else ""

    def in_force(self, cabinet: str) -> list[str]:
        """Serials that let a cabinet in."""
        return [each.serial for each in self.gateway.identity.shop.trust().admitted if each.cabinet == cabinet]

    def refused(self, kind: str, who: str) -> int:
        """How often, by the record."""
        found = self.gateway.refusals.newest(500)
        return sum(one.times for one in found if (one.kind, one.who) == (kind, who))

    def wrong_certificates(self, key: Key) -> dict[str, bytes]:
        """By how their refusal begins: what cab-1 must never take, whoever sends it."""
        namesake = certificates.new_authority(f"Partsbay {self.settings.gateway}", now_ms())

        def made(key: Key, name: str = "cab-1", by: Authority = self.authority) -> bytes:
            leaf = Leaf(name, self.settings.gateway, "client", CABINET_MS + 10 * DAY_MS)
            return certificates.der(certificates.issue(by, key.public_key(), leaf, now_ms()))

        return {
            "expected a certificate of cab-1, found one of cab-2": made(key, "cab-2"),
            "expected a certificate for the key here": made(certificates.new_key()),
            "expected a certificate of the same authority": made(key, by=namesake),
            "expected a certificate in DER": made(key)[:-9],
        }


@pytest.fixture(params=["nats", "mosquitto"])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CertifiedShop]:
    with closing(CertifiedShop(tmp_path, request.param)) as found:
        found.start()
        yield found


async def until(condition: Callable[[], object], what: str) -> None:
    """Wait for something to be so."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"waited {PATIENCE_S} s for {what}"
        await asyncio.sleep(0.05)


async def start(shop: CertifiedShop, cabinet: VirtualCabinet) -> None:
    """Fill it and give it power; returns when it has its list and its bins have come to themselves."""
    for bin_, load_mg in LOADS_MG.items():
        await cabinet.set_load(bin_, load_mg)
    before = shop.rows(HEARD, cabinet.cabinet_id)
    await cabinet.power_on()
    await until(lambda: shop.rows(HEARD, cabinet.cabinet_id) != before, f"the list of {cabinet.cabinet_id}")
    await cabinet.sleep_ms(8_000)


async def take(cabinet: VirtualCabinet) -> None:
    """A mechanic takes an oil filter out."""
    assert await cabinet.enter(1, BADGE)
    await cabinet.take(1, OIL_FILTER_MG)
    await cabinet.shut_door(1)


async def sell(shop: CertifiedShop, cabinet: VirtualCabinet) -> None:
    """The same, and the ledger knows of it."""
    before = shop.sold(cabinet.cabinet_id)
    await take(cabinet)
    await until(lambda: shop.sold(cabinet.cabinet_id) == before + 1, f"a part out of {cabinet.cabinet_id} in the books")


async def renew(shop: CertifiedShop, cabinet: VirtualCabinet) -> str:
    """cab-1 came with a certificate two thirds of whose life are over; the serial of what it has after that."""
    await until(lambda: shop.said("cab-1", "certificate_taken"), "a renewed certificate")
    [taken] = shop.said("cab-1", "certificate_taken")
    old = certificates.serial_of(shop.old)
    assert taken["serial"] != old and taken["not_after_ms"] > certificates.not_after_ms(shop.old)
    await until(lambda: shop.shown("cab-1") == taken["serial"], "the cabinet to show it")
    await until(lambda: shop.in_force("cab-1") == [taken["serial"]], "the old one to end")
    cabinet.power_cut()
    await start_again(shop, cabinet)
    await sell(shop, cabinet)  # nothing but the renewed one lets it in
    return str(taken["serial"])


async def start_again(shop: CertifiedShop, cabinet: VirtualCabinet) -> None:
    """Power comes back; returns when its start is in the books, and its bins have come to themselves."""
    before = len(shop.said(cabinet.cabinet_id, "booted"))
    await cabinet.power_on()
    await until(lambda: len(shop.said(cabinet.cabinet_id, "booted")) > before, "its start in the books")
    await cabinet.sleep_ms(8_000)


async def refuse_wrong_ones(shop: CertifiedShop, cabinet: VirtualCabinet, neighbour: VirtualCabinet) -> None:
    """Sent one after another on the right topic by the right gateway: each refused in words."""
    serial = shop.shown("cab-1")
    wrong = shop.wrong_certificates(shop.old_key)
    for der in wrong.values():
        assert shop.gateway.writer.send(Outgoing("cab-1", "certificate", der))
    refused = until(lambda: len(shop.said("cab-1", "certificate_refused")) >= len(wrong), f"{len(wrong)} refusals")
    await asyncio.gather(refused, sell(shop, neighbour))
    for reason, found in zip(wrong, shop.said("cab-1", "certificate_refused"), strict=True):
        assert found["reason"].startswith(reason), (reason, found)
    await cabinet.network_cut(True)
    await cabinet.network_cut(False)  # it has to connect again, with the one it has
    await sell(shop, cabinet)
    assert shop.shown("cab-1") == serial and len(shop.said("cab-1", "certificate_taken")) == 1


async def revoke(shop: CertifiedShop, cabinet: VirtualCabinet, neighbour: VirtualCabinet) -> None:
    """Stolen: cut off, refused and recorded; what it says from then on is in no book."""
    online = "select online from controller_status where cabinet = 'cab-1'"
    sold = shop.sold("cab-1")
    assert await asyncio.to_thread(shop.gateway.identity.shop.revoke, "cab-1", why="stolen") == 1
    await until(lambda: shop.rows(online) == [(0,)], "the cabinet to be cut off")
    heard = len(shop.rows("select 1 from inbox where cabinet = 'cab-1'"))  # what was on its way before that has come
    await asyncio.gather(take(cabinet), sell(shop, neighbour))  # it goes on by itself, with the list it has
    await until(lambda: shop.refused(*REVOKED[shop.kind]), "a record of the refusal")
    assert shop.in_force("cab-1") == [] and shop.sold("cab-1") == sold
    assert len(shop.rows("select 1 from inbox where cabinet = 'cab-1'")) == heard
    newest = shop.gateway.identity.shop.happened(1)[0]
    assert (newest.what, newest.cabinet, newest.detail) == ("revoked", "cab-1", "stolen")


async def _played(shop: CertifiedShop) -> None:
    key, thief, next_key = certificates.new_key(), certificates.new_key(), certificates.new_key()
    code = shop.code("cab-2")
    [enrolled] = certificates.unpacked((await asyncio.to_thread(shop.enrol, "cab-2", code, key)).content)
    cabinet, neighbour = shop.cabinet("cab-1", shop.old, shop.old_key), shop.cabinet("cab-2", enrolled, key)
    cabinets = [cabinet, neighbour]
    try:
        await asyncio.gather(start(shop, cabinet), start(shop, neighbour))
        await renew(shop, cabinet)
        await refuse_wrong_ones(shop, cabinet, neighbour)
        await revoke(shop, cabinet, neighbour)

        # A code that was used, shown again by somebody else: beside a good one, for the controller that comes next.
        fresh = shop.code("cab-1")
        answer = await asyncio.to_thread(shop.enrol, "cab-2", code, thief)
        assert (answer.status_code, answer.json()["reason"]) == (401, "used")
        newest = shop.gateway.identity.shop.happened(1)[0]
        assert (newest.what, newest.cabinet) == ("code_refused", "cab-2") and code not in newest.detail
        assert shop.refused("code", "127.0.0.1") == 1
        answer = await asyncio.to_thread(shop.enrol, "cab-1", fresh, next_key)
        [good] = certificates.unpacked(answer.content)
        assert shop.in_force("cab-2") == [certificates.serial_of(enrolled)]
        cabinets.append(shop.cabinet("cab-1", good, next_key, "-next"))
        await cabinet.stop()
        await start(shop, cabinets[-1])
        await asyncio.gather(sell(shop, cabinets[-1]), sell(shop, neighbour))
    finally:
        await asyncio.gather(*(each.stop() for each in cabinets))


def test_certificates_are_renewed_refused_and_revoked_while_a_neighbour_sells(shop: CertifiedShop) -> None:
    asyncio.run(asyncio.wait_for(_played(shop), 900))
    assert shop.rows("select count(*) from quarantine") == [(0,)]
    turned_away = {(one.kind, one.who) for one in shop.gateway.refusals.newest()}
    turned_away.discard(("publish", "cab-1"))  # at Mosquitto, what it said while its connection was being ended
    assert {kind for kind, _ in turned_away} == {REVOKED[shop.kind][0], "code"}
