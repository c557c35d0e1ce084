"""What it costs to know a gateway by its certificate: a request's token, against a random key on the same database.

A gateway shows one token for half a minute, so nearly every request finds it proved already; the proof itself is there
beside it. On SQLite, with a hundred gateways.
"""

import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from cloud.database import open_database
from cloud.devices.service import Devices
from cloud.identity import Identity, key_digest
from cloud.tables import Dealer, Gateway, Shop
from edge_gateway import certificates, enrolment_format
from edge_gateway.certificates import Key
from tests.benchmarks.figures import Figure

GATEWAYS = 100
ROUNDS = 20
NOW_MS = 1_800_000_000_000
AIM = 0.7


def measure() -> list[Figure]:
    """Gateways known a second, by token; the limit is how many are known by key."""
    with tempfile.TemporaryDirectory(prefix="partsbay-bench-") as folder:
        database = open_database(f"sqlite:///{Path(folder) / 'cloud.db'}")
        with closing(database):
            identity = Identity(database, "s" * 32, lambda: NOW_MS)
            devices = Devices(database, "s" * 32, identity.limit, lambda: NOW_MS)
            with database.writing() as session:
                session.add(Dealer(id="dealer-1", name="Dealer"))
                session.flush()
                for number in range(GATEWAYS):
                    session.add(Shop(id=f"shop-{number}", dealer_id="dealer-1", name="Shop"))
                session.flush()
                for number in range(GATEWAYS):
                    digest = key_digest(_key(number))
                    name, shop = f"gw-{number}", f"shop-{number}"
                    session.add(Gateway(id=name, dealer_id="dealer-1", shop_id=shop, key_sha256=digest))
            tokens = _tokens(devices)
            proofs = _seconds(lambda: [devices.tokens.gateway(token, "") for token in tokens], 1)
            known = _seconds(lambda: [devices.tokens.gateway(token, "") for token in tokens], ROUNDS)
            limit = _seconds(lambda: [identity.gateway(_key(number)) for number in range(GATEWAYS)], ROUNDS)
    per_second = GATEWAYS * ROUNDS
    return [
        Figure("gateways known by token", per_second / known, "requests/s", per_second / limit, "by random key", AIM),
        Figure(
            "tokens proved, one a half minute", GATEWAYS / proofs, "tokens/s", per_second / limit, "by random key", 0.1
        ),
    ]


def _key(number: int) -> str:
    return f"the random key of gateway {number}"


def _tokens(devices: Devices) -> list[str]:
    """A certificate and a token for every gateway."""
    authority = devices.vault.authority(NOW_MS)
    meant_for = enrolment_format.audience(certificates.fingerprint(authority.certificate))
    return [_token(devices, number, certificates.new_key(), meant_for) for number in range(GATEWAYS)]


def _token(devices: Devices, number: int, key: Key, meant_for: str) -> str:
    name = f"gw-{number}"
    enrolling = devices.enrolling
    with enrolling.database.writing() as session:
        gateway = session.get_one(Gateway, name)
        made = enrolling.issue(session, gateway, key.public_key(), NOW_MS, by_code=True)
    return enrolment_format.new_token(key, name, certificates.serial_of(made), meant_for, NOW_MS)


def _seconds(run: Callable[[], object], rounds: int) -> float:
    started = time.perf_counter()
    for _ in range(rounds):
        run()
    return time.perf_counter() - started
