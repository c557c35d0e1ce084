"""A certificate that was revoked, at both brokers: whoever came before that, or while nobody could tell the broker."""

import contextlib
import errno
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from edge_gateway import mosquitto
from edge_gateway.admission import Admission
from tests.firmware.shop_authority import Held, ShopAuthority
from tests.gateway.guarded_shop import GuardedShop, settings_of
from tests.gateway.knocking import ANSWER_S, Peer
from tests.gateway.world import Journal

REFUSED = ("unknown_certificate", "bad_certificate")  # as NATS and as Mosquitto tell it


@pytest.fixture(params=["nats", "mosquitto"])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[GuardedShop]:
    with GuardedShop(tmp_path / "shop", request.param) as one:
        yield one


def is_refused(shop: GuardedShop, held: Held) -> None:
    """Not let in, and recorded."""
    before = sum(map(shop.refused, REFUSED))
    with Peer(shop.port, shop.authority.client(held), held.name) as peer:
        assert peer.code in (None, 5)
    shop.wait_refused(*REFUSED, after=before)


@pytest.mark.parametrize("is_replaced", [False, True])
def test_who_came_before_it_was_revoked_and_said_nothing_gets_little_by_it(
    shop: GuardedShop, monkeypatch: pytest.MonkeyPatch, is_replaced: bool
) -> None:
    """Mosquitto looks at a certificate once, when the connection is made."""
    monkeypatch.setattr(mosquitto, "HELD_S", 3.0)
    old = shop.authority.cabinet("cab-2")
    shop.admit()
    with Peer(shop.port, shop.authority.client(old), "cab-2", silent=True) as peer:
        if is_replaced:
            shop.authority.cabinet("cab-2")
        shop.authority.revoke(old)
        shop.admit()
        with contextlib.suppress(ConnectionError):
            peer.introduce()
        assert peer.code != 0 or shop.kind == "mosquitto"
        if peer.code == 0 and not is_replaced:
            journal = Journal("cab-2", "00000000000000cc")
            peer.publish(journal.topic, journal.created())
            shop.wait_refused("publish", after=0)
        assert peer.code != 0 or peer.cut_off_after_s() < ANSWER_S
    is_refused(shop, old)
    assert shop.inbox("cab-2") == 0


def test_one_that_was_revoked_while_the_gateway_was_away_is_refused_when_it_is_back(shop: GuardedShop) -> None:
    """A Mosquitto runs on meanwhile, and lets it in."""
    old, other = shop.authority.cabinet("cab-2"), shop.authority.cabinet("cab-1")
    shop.admit()
    with Peer(shop.port, shop.authority.client(old), "cab-2") as peer:
        assert peer.code == 0
        shop.restart(lambda: shop.authority.revoke(old))
        assert peer.cut_off_after_s() < ANSWER_S
    is_refused(shop, old)
    with Peer(shop.port, shop.authority.client(other), "cab-1") as neighbour:
        assert neighbour.code == 0


@pytest.mark.parametrize("tls", ["required", "both"])
def test_who_is_not_let_in_hears_nothing_and_says_only_that_it_has_gone(tmp_path: Path, tls: str) -> None:
    authority = ShopAuthority(tmp_path)
    authority.cabinet("cab-1")
    authority.revoke(authority.cabinet("cab-2"))
    told = mosquitto.access_list(settings_of(tmp_path, {"tls": tls}), authority.trust())
    rules = {part.split("\n")[0]: part.split("\n")[1:] for part in told.strip().split("user ")[1:]}
    assert [rule for rule in rules["cab-2"] if rule] == ["topic write partsbay/1/cab-2/state"]
    assert {"topic write partsbay/1/cab-1/event", "topic read partsbay/1/cab-1/command"} <= set(rules["cab-1"])
    assert not [rule for rule in rules["cab-1"] if "cab-2" in rule]


def test_a_gateway_starts_though_mosquitto_cannot_be_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A full disk: parts are sold all the same."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    settings = settings_of(tmp_path, {"kind": "external", "tls": "required", "time_port": 0})
    mosquitto.folder_of(settings).mkdir()
    monkeypatch.setattr(mosquitto, "write_trust", full)
    admission = Admission(settings, ShopAuthority(tmp_path).trust(), lambda *_: None, lambda: 0, None)
    with closing(admission):
        admission.start()
    assert "Mosquitto cannot be told whom to let in" in caplog.text
