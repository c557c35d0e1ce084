"""A controller judges a renewed certificate, on the real interpreter: what `cryptography` wrote, and what is wrong."""

import json
import os
import subprocess
import time
from pathlib import Path

from edge_gateway import certificates
from edge_gateway.certificates import CABINET_MS, DAY_MS, Authority, Key, Leaf
from simulator.controller_process import interpreter

ROOT = Path(__file__).resolve().parents[2]
NOW_MS = time.time_ns() // 1_000_000
# Takes what `new` holds in place of `cert`, and says what came of it.
SCRIPT = """
import json
from cabinet import certificate
names = {"cert": "cert"}
with open("new", "rb") as file:
    new = file.read()
try:
    found = certificate.replaced(names, "cab-1", memoryview(new))
except certificate.CertificateError as error:
    found = str(error)
print(json.dumps([found, certificate.held(names)]))
"""


def made(authority: Authority, key: Key, name: str = "cab-1", valid_ms: int = CABINET_MS) -> bytes:
    leaf = Leaf(name, "shop-1", "client", valid_ms)
    return certificates.der(certificates.issue(authority, key.public_key(), leaf, NOW_MS))


def said(der: bytes) -> list[object]:
    found = certificates.read_certificate(der)
    return [certificates.serial_of(found), certificates.not_after_ms(found)]


def test_only_its_own_renewed_certificate_is_taken(tmp_path: Path) -> None:
    shop, foreign, key = (certificates.new_authority("Shop", NOW_MS), *_another())
    namesake = certificates.new_authority("Shop", NOW_MS)  # a gateway set up anew, say
    held = made(shop, key)
    good = made(shop, key, valid_ms=CABINET_MS + DAY_MS)
    cases = {
        "": good,
        "a certificate of cab-1, found one of cab-2": made(shop, key, "cab-2", CABINET_MS + DAY_MS),
        "for the key here": made(shop, certificates.new_key(), valid_ms=CABINET_MS + DAY_MS),
        "of the same authority": made(foreign, key, valid_ms=CABINET_MS + DAY_MS),
        "of the same authority, found another's": made(namesake, key, valid_ms=CABINET_MS + DAY_MS),
        "that lasts longer": made(shop, key, valid_ms=CABINET_MS - DAY_MS),
        f"found {len(good) - 9} bytes that are none": good[:-9],
        "found 0 bytes": b"",
        "found 6 bytes": b"\x30\x84\xff\xff\xff\xff",
        "at most 1024 bytes": good * 2,
    }
    for expected, der in cases.items():
        outcome, in_use = _taken(tmp_path, held, der)
        if expected:
            assert expected in str(outcome) and in_use == said(held)
            assert (tmp_path / "cert").read_bytes() == held
        else:
            assert outcome == in_use == said(good)
            assert (tmp_path / "cert").read_bytes() == good
    assert _taken(tmp_path, held, held) == [said(held), said(held)]  # it comes again: nothing to do
    long = made(shop, key, valid_ms=19 * 365 * DAY_MS)  # beyond a board's 2^30 seconds, leap years in between
    assert _taken(tmp_path, held, long) == [said(long), said(long)]


def _another() -> tuple[Authority, Key]:
    return certificates.new_authority("Other", NOW_MS), certificates.new_key()


def _taken(folder: Path, held: bytes, new: bytes) -> list[object]:
    (folder / "cert").write_bytes(held)
    (folder / "new").write_bytes(new)
    run = subprocess.run(
        [interpreter(), "-X", "heapsize=128K", "-c", SCRIPT],
        cwd=folder,
        env=os.environ | {"MICROPYPATH": f"{ROOT / 'firmware'}:.frozen"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    found: list[object] = json.loads(run.stdout)
    return found
