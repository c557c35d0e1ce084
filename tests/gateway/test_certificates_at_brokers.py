"""Cabinets by certificate, on both brokers: who is refused, that it is recorded, and that a neighbour goes on.

Brokers acknowledge what they drop: what counts is what came into the gateway's books.
"""

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.firmware.brokers import wait_until
from tests.firmware.link_world import Cabinet, compiled_firmware
from tests.firmware.shop_authority import Held
from tests.gateway.guarded_shop import PASSWORDS, GuardedShop
from tests.gateway.knocking import Peer
from tests.gateway.world import Journal, row

ANY = "bad_certificate"  # Mosquitto does not say what is wrong with it


@pytest.fixture(scope="module")
def firmware(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compiled_firmware(tmp_path_factory.mktemp("compiled"))


@pytest.fixture(scope="module", params=["nats", "mosquitto"])
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GuardedShop]:
    with GuardedShop(tmp_path_factory.mktemp("shop"), request.param) as one:
        yield one


@pytest.fixture(scope="module")
def neighbour(shop: GuardedShop, firmware: Path) -> Iterator[Cabinet]:
    """cab-1 at work."""
    held = shop.authority.cabinet("cab-1")
    shop.admit()
    with shop.neighbour(firmware, held) as cabinet:
        wait_until(lambda: cabinet.state["through"] > 0, "the neighbour to be acknowledged")
        yield cabinet


def refused_at_the_door(shop: GuardedShop, context: ssl.SSLContext | None, *kinds: str) -> None:
    """Not let in, nor with the right password where there is no certificate; and recorded."""
    logins = (None, ("cab-2", PASSWORDS["cab-2"])) if kinds == ("no_certificate",) else (None,)
    for login in logins:
        before = sum(map(shop.refused, kinds))
        with Peer(shop.port, context, "cab-2", login) as peer:
            assert peer.code in (None, 5)
        shop.wait_refused(*kinds, after=before)


def test_who_has_no_certificate_in_force_is_refused_and_recorded(shop: GuardedShop, neighbour: Cabinet) -> None:
    authority = shop.authority
    for held, kind in (
        (None, "no_certificate"),
        (authority.make("cab-2", foreign=True), "foreign_certificate"),
        (authority.make("cab-2", begins_days=-30, ends_days=-2), "expired_certificate"),
        (authority.make("cab-2", begins_days=2), "early_certificate"),
    ):
        if held is not None:
            authority.admit(held)  # whatever the list says
            shop.admit()
        refused_at_the_door(shop, authority.client(held), kind, *([ANY] if held else []))
        shop.goes_on(neighbour)
    refused_at_the_door(shop, None, "no_tls")
    shop.goes_on(neighbour)
    assert shop.inbox("cab-2") == 0


def test_a_revoked_one_is_cut_off_at_once_and_its_successor_works(shop: GuardedShop, neighbour: Cabinet) -> None:
    authority = shop.authority
    old, new = authority.cabinet("cab-2"), authority.cabinet("cab-2")
    shop.admit()
    with Peer(shop.port, authority.client(old), "cab-2") as peer:
        assert peer.code == 0
        authority.revoke(old)
        shop.admit()
        assert peer.cut_off_after_s() < 5
    refused_at_the_door(shop, authority.client(old), "unknown_certificate", ANY)
    shop.goes_on(neighbour)
    before = shop.inbox("cab-2")
    with Peer(shop.port, authority.client(new), "cab-2") as peer:
        journal = Journal("cab-2", "00000000000000aa")
        peer.publish(journal.topic, journal.created())
        wait_until(lambda: shop.inbox("cab-2") == before + 1, "an event by the new certificate")
    assert neighbour.state["connects"] == 1


def test_a_cabinet_speaks_and_hears_for_itself_only(shop: GuardedShop, neighbour: Cabinet) -> None:
    held = shop.authority.cabinet("cab-2")
    shop.admit()
    theirs, own = Journal("cab-1", "00000000000000bb"), Journal("cab-2", "00000000000000bb")
    theirs.created()
    own.created()
    own.session([row(1, 6_000_000, 4_800_000)])
    before, aside = shop.inbox("cab-2"), shop.set_aside("cab-2")
    said = {kind: shop.refused(kind) for kind in ("publish", "subscribe")}
    with Peer(shop.port, shop.authority.client(held), "cab-2", client_id="partsbay-cab-1") as peer:
        peer.publish(theirs.topic, theirs.lines[0])  # another's topic: acknowledged, and dropped
        peer.publish(own.topic, theirs.lines[0])  # another's name, on one's own topic
        granted = peer.subscribe("partsbay/1/cab-1/journal_ack")
        assert peer.subscribe("partsbay/1/cab-2/journal_ack")
        peer.publish(own.topic, b"\n".join(own.lines))
        wait_until(lambda: shop.inbox("cab-2") == before + len(own.lines), "the cabinet's own events")
        shop.goes_on(neighbour)
        assert {topic for topic, _ in peer.hear(1)} == {"partsbay/1/cab-2/journal_ack"}
    assert granted == (shop.kind == "mosquitto")  # which says yes, and delivers nothing
    assert shop.set_aside("cab-2") == aside + 1
    assert not neighbour.state["trouble"]
    for kind, times in said.items():
        shop.wait_refused(kind, after=times)
    assert {one.who for one in shop.gateway.refusals.newest() if one.kind in said} == {
        "cab-2"
    }  # not as he calls himself


def test_a_cabinet_that_is_refused_says_why(shop: GuardedShop, neighbour: Cabinet, firmware: Path) -> None:
    """The controller's side: it goes on working by itself, and has words for what is wrong."""
    stranger: Held = shop.authority.make("cab-2", foreign=True)
    with shop.neighbour(firmware, stranger) as cabinet:
        wait_until(lambda: cabinet.state.get("trouble"), "a word about why")
        assert "the broker broke the handshake off" in cabinet.state["trouble"]
        before = cabinet.state["last"]
        wait_until(lambda: cabinet.state["last"] > before + 5, "its journal to go on")
    shop.goes_on(neighbour)
