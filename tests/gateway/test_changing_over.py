"""A shop that changes from passwords to certificates: for a while both come in, on both brokers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.firmware.brokers import wait_until
from tests.firmware.link_world import Cabinet, compiled_firmware
from tests.gateway.guarded_shop import EVENTS, PASSWORDS, GuardedShop
from tests.gateway.knocking import ANSWER_S, Peer


@pytest.fixture(params=["nats", "mosquitto"])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[GuardedShop]:
    with GuardedShop(tmp_path / "shop", request.param, tls="both") as one:
        yield one


def test_a_password_and_a_certificate_work_side_by_side(shop: GuardedShop, tmp_path: Path) -> None:
    firmware = compiled_firmware(tmp_path)
    held = shop.authority.cabinet("cab-1")
    shop.admit()
    flash = tmp_path / "by-password"
    flash.mkdir()
    login = {"cabinet": "cab-2", "username": "cab-2", "password": PASSWORDS["cab-2"]}
    with (
        shop.neighbour(firmware, held) as certified,
        Cabinet(firmware, flash, shop.password_port, EVENTS, 20, **login) as old,
    ):
        wait_until(lambda: certified.state["through"] and old.state["through"], "both to be acknowledged")
        before = shop.refused("password")
        for user, password in (("cab-2", PASSWORDS["cab-1"]), ("cab-9", PASSWORDS["cab-1"]), ("", "")):
            with Peer(shop.password_port, None, "cab-2", (user, password)) as peer:
                assert peer.code in (None, 4, 5)
        shop.wait_refused("password", after=before + 1)
        with Peer(shop.password_port, None, "cab-2", ("cab-2", PASSWORDS["cab-2"]), client_id="other") as peer:
            assert peer.code == 0
            peer.publish("partsbay/1/cab-1/event", b"forged")
            shop.wait_refused("publish", after=0)
        shop.goes_on(certified)
        shop.goes_on(old, "cab-2")
        assert (certified.state["connects"], old.state["connects"]) == (1, 1)


def test_who_took_a_controller_does_not_come_back_by_its_password(shop: GuardedShop) -> None:
    """Its certificate is revoked; the password lies beside it in the same flash."""
    held = shop.authority.cabinet("cab-2")
    shop.admit()
    login = ("cab-2", PASSWORDS["cab-2"])
    with (
        Peer(shop.password_port, None, "cab-1", ("cab-1", PASSWORDS["cab-1"]), client_id="neighbour") as neighbour,
        Peer(shop.password_port, None, "cab-2", login, client_id="thief") as thief,
    ):
        assert thief.code == neighbour.code == 0
        before = shop.refused("password")
        shop.authority.revoke(held)
        shop.admit()
        assert thief.cut_off_after_s() < ANSWER_S
        neighbour.publish("partsbay/1/cab-1/state", b"{}")  # acknowledged: it is in
        with Peer(shop.password_port, None, "cab-2", login, client_id="thief") as again:
            assert again.code in (None, 4, 5)
        shop.wait_refused("password", after=before)
