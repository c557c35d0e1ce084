"""The record of who was refused: counted, bounded, kept; and what a broker's log says of it."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from edge_gateway.broker_log import MosquittoLines, NatsLines
from edge_gateway.kiosk_turned_away import TEXTS
from edge_gateway.refusals import KINDS, ROWS_MAX, Refusals

AT = "[26770] 2026/11/22 16:43:31.054220"
LINK = "192.168.1.9:60186 - mid:30"
NATS = [  # as nats-server 2.15.1 wrote them
    (
        f"{AT} [ERR] {LINK} - TLS handshake error: tls: client didn't provide a certificate",
        "no_certificate",
        "192.168.1.9",
    ),
    (
        f"{AT} [ERR] {LINK} - TLS handshake error: tls: failed to verify certificate: "
        "x509: certificate signed by unknown authority",
        "foreign_certificate",
        "192.168.1.9",
    ),
    (
        f"{AT} [ERR] {LINK} - TLS handshake error: tls: failed to verify certificate: x509: certificate has expired or "
        "is not yet valid: current time 2026-11-22T16:43:31Z is after 2026-11-20T16:43:31Z",
        "expired_certificate",
        "192.168.1.9",
    ),
    (
        f'{AT} [DBG] {LINK} - "partsbay-cab-1" - User in cert '
        '["SERIALNUMBER=7fe2b5e0787cededf4f6baf9d1669969,CN=cab-2,O=shop-1"], not found',
        "unknown_certificate",
        "cab-2",
    ),
    (f'{AT} [ERR] {LINK} - "x" - authentication error - User "cab-2"', "password", "cab-2"),
    (
        f"{AT} [DBG] {LINK} - TLS handshake error: tls: first record does not look like a TLS handshake",
        "no_tls",
        "192.168.1.9",
    ),
]
MOSQUITTO = [  # as Mosquitto 2.0.11 wrote them
    ("1795364604: OpenSSL Error[0]: error:0A0000C7:SSL routines::peer did not return a certificate", "no_certificate"),
    ("1795364606: OpenSSL Error[0]: error:0A000086:SSL routines::certificate verify failed", "bad_certificate"),
]

AT_ONCE = [  # of a handshake that had come whole before it looked
    ("error:0A000086:SSL routines::certificate verify failed", "bad_certificate"),
    ("error:0A0000C7:SSL routines::peer did not return a certificate", "no_certificate"),
    ("error:0A00010B:SSL routines::wrong version number", "no_tls"),
]


@pytest.mark.parametrize(("line", "kind", "who"), NATS, ids=[kind for _, kind, _ in NATS])
def test_nats_tells_who_and_why(line: str, kind: str, who: str) -> None:
    assert (NatsLines().read(line) or ())[:2] == (kind, who)


def test_whose_certificate_it_is_counts_and_not_what_he_calls_himself() -> None:
    lines = NatsLines()
    signed_in = f'{AT} [DBG] {LINK} - "partsbay-cab-1" - Using URI found in cert for auth ["urn:partsbay:cab-2:7fe2"'
    assert lines.read(signed_in) is None
    said = f'{AT} [ERR] {LINK} - "partsbay-cab-1" - Publish Violation - Subject "partsbay.1.cab-1.event"'
    assert lines.read(said) == ("publish", "cab-2", "partsbay/1/cab-1/event")
    assert lines.read(f'{AT} [DBG] {LINK} - "partsbay-cab-1" - Client connection closed: Client Closed') is None


def test_mosquitto_tells_why_and_from_where_the_last_one_came() -> None:
    lines = MosquittoLines({"cab-1", "cab-2"})
    assert lines.read("1795364604: New connection from 192.168.1.9:41671 on port 8883.") is None
    for line, kind in MOSQUITTO:
        assert lines.read(line) == (kind, "192.168.1.9", "192.168.1.9")
    for what, kind in AT_ONCE:
        found = lines.read(f"1795364610: Client connection from 192.168.1.8 failed: {what}.")
        assert found == (kind, "192.168.1.8", "192.168.1.8")
    assert lines.read("1795364604: cab-2 1 partsbay/1/cab-1/command") == (
        "subscribe",
        "cab-2",
        "partsbay/1/cab-1/command",
    )
    for own in ("cab-2 1 partsbay/1/cab-2/command", "partsbay-gw-1-0011 1 partsbay/1/+/event"):
        assert lines.read(f"1795364604: {own}") is None
    denied = "1795364604: Denied PUBLISH from cab-2 (d0, q1, r0, m1, 'partsbay/1/cab-1/event', ... (1 bytes))"
    assert lines.read(denied) == ("publish", "cab-2", "partsbay/1/cab-1/event")


def test_refusals_are_counted_kept_and_bounded(tmp_path: Path) -> None:
    now = [1_000]
    record = Refusals(tmp_path / "refusals.db", lambda: now[0])
    for detail in ("10.0.0.1", "10.0.0.2", "10.0.0.3\n\x1b[2J" + "x" * 400):
        now[0] += 1
        record.note("publish", "cab-2", detail)
    record.close()
    record = Refusals(tmp_path / "refusals.db", lambda: now[0])
    [found] = record.newest()
    assert (found.who, found.first_ms, found.last_ms, found.times) == ("cab-2", 1_001, 1_003, 3)
    assert found.detail.startswith("10.0.0.3??[2Jxx")
    assert len(found.detail) == 160
    for number in range(3 * ROWS_MAX):
        now[0] += 1
        record.note("no_certificate", f"10.1.{number // 250}.{number % 250}")
    record.write()
    with closing(sqlite3.connect(tmp_path / "refusals.db")) as connection:
        (rows,) = connection.execute("select count(*) from refusal").fetchone()
    assert rows <= ROWS_MAX
    with pytest.raises(ValueError, match="expected a kind of no_certificate"):
        record.note("whim", "cab-2")


def test_every_kind_has_words_on_the_page() -> None:
    assert {f"turned_away_{kind}" for kind in KINDS} <= set(TEXTS)
