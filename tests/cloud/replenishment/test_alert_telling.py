"""Alerts told by a real server of mail and to a real program: once each, never late, never while somebody has them."""

import email
import email.policy
import hashlib
import hmac
import json
import random
import re
import socket
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from cloud.catalogue.bot_hooks import Seal
from cloud.replenishment.alerts import outbound
from cloud.replenishment.alerts.matters import HOUR_MS, MINUTE_MS
from cloud.replenishment.alerts.outbound import Outbound, OutboundError, is_inside
from cloud.replenishment.alerts.telling import Telling, pause_ms
from cloud.tables import AlertTold, Membership
from tests.cloud import people_world
from tests.cloud.conftest import Cloud
from tests.cloud.postbox import closed_port, running_postbox
from tests.cloud.replenishment.alert_world import BASE, Bin, judge, make_way, running_program, telling
from tests.cloud.worlds import NOW_MS

DOC = Path(__file__).parents[3] / "docs" / "alerts.md"


def tell(teller: Telling) -> int:
    """What all ways were told, as the cloud does it every few seconds."""
    teller.plan()
    return sum(teller.tell(way) for way in teller.due_ways())


def letter_of(text: str) -> tuple[str, str]:
    """Subject and text of a mail."""
    found: Any = email.message_from_string(text, policy=email.policy.default)
    return found["Subject"], found.get_content()


def begin(cloud: Cloud, *shops: tuple[str, str]) -> list[str]:
    """Bins of some shops are empty; the ids of the alerts."""
    for gateway, shop in shops or (("gw-1", "shop-1"),):
        place = Bin(cloud, gateway, shop)
        place.start()
        place.empty()
    return judge(cloud).began


BOTH = (("gw-1", "shop-1"), ("gw-2", "shop-2"))


def test_a_program_can_check_who_sent_it(cloud: Cloud) -> None:
    """By the example of the documentation, as it is written there."""
    with running_program() as program:
        way = make_way(cloud, "webhook", program.address, language="en")
        [alert] = begin(cloud)
        teller = telling(cloud)
        assert tell(teller) == 1
        assert tell(teller) == 0
    [call] = program.calls
    assert program.names == [f"{alert}.{way['id']}"]
    [example] = re.findall(r"```python\n(.*?)```", DOC.read_text(encoding="utf-8"), re.DOTALL)
    checks: dict[str, Any] = {}
    exec(example, checks)  # noqa: S102 -- our own documentation
    check = checks["checked"]
    told = check(way["secret"], call.headers, call.body, now_ms=NOW_MS)
    assert told == json.loads(call.body)
    assert (told["event"], told["alert"]["id"], told["alert"]["figures"]["stock"]) == ("alert.began", alert, 0)
    assert told["words"]["sentence"] == "The bin is empty and more is asked for; no visit is planned."
    assert told["links"]["alert"] == f"{BASE}/alerts#{alert}"
    for wrong in (call.body + b" ", call.body.replace(b"runs_out", b"runs_off")):
        with pytest.raises(ValueError, match="signature"):
            check(way["secret"], call.headers, wrong, now_ms=NOW_MS)
    with pytest.raises(ValueError, match="old"):
        check(way["secret"], call.headers, call.body, now_ms=NOW_MS + HOUR_MS)
    by_hand = hmac.new(way["secret"].encode(), f"{NOW_MS}.".encode() + call.body, hashlib.sha256).hexdigest()
    assert call.headers["x-partsbay-signature"] == by_hand


def test_several_at_once_are_one_mail(cloud: Cloud) -> None:
    with running_postbox() as (port, letters):
        teller = telling(cloud, mail_port=port)
        cloud.services = _with_mail(cloud)
        make_way(cloud, "mail", "Office@North.example")
        make_way(cloud, "mail", "english@north.example", language="en", shops=["shop-2"])
        assert len(begin(cloud, *BOTH)) == 2
        assert tell(teller) == 3
        assert tell(teller) == 0
    by_reader = {letter.split("To: ")[1].split("\n")[0].strip(): letter_of(letter) for letter in letters}
    subject, text = by_reader["office@north.example"]
    assert subject == "2 条提醒（店 shop-1 等 2 家）"
    for line in ("店 shop-1", "店 shop-2", "[快断货] 柴油滤清器 WK-1060 · 一号柜 · 货位 1", "怎么办：安排一次到访"):
        assert line in text
    assert f"{BASE}/alerts#a-" in text and "开始于 2026-11-17 08:00（Asia/Shanghai）" in text
    subject, text = by_reader["english@north.example"]
    assert subject == "Runs out: Diesel filter · 店 shop-2"
    assert "shop-1" not in text and "What to do: Plan a visit" in text


def _with_mail(cloud: Cloud) -> Any:
    """A cloud that has a server for mails, as far as making ways asks for it."""
    services = replace(cloud.services, mail=telling(cloud, mail_port=1).mail)
    cloud.client.app.state.services = services
    return services


def test_quiet_hours_by_the_shops_clock(cloud: Cloud) -> None:
    """What has ended by their end is told to nobody; what holds is told then."""
    cloud.clock.ms = NOW_MS + 14 * HOUR_MS  # ten in the evening at the shops
    with running_program() as program:
        make_way(cloud, "webhook", program.address, quiet_from_min=20 * 60, quiet_to_min=7 * 60 + 30)
        one, two = Bin(cloud, "gw-1", "shop-1"), Bin(cloud, "gw-2", "shop-2")
        for place in (one, two):
            place.start()
            place.empty()
        assert len(judge(cloud).began) == 2
        teller = telling(cloud)
        assert tell(teller) == 0
        [way] = cloud.get("/api/alert-ways")
        assert way["waiting"] == 2
        one.fill()
        judge(cloud)
        cloud.clock.ms += 9 * HOUR_MS + 29 * MINUTE_MS
        assert tell(teller) == 0
        cloud.clock.ms += MINUTE_MS
        assert tell(teller) == 1
    assert json.loads(program.calls[0].body)["alert"]["shop"] == "shop-2"


def test_it_is_tried_again_and_given_up_after_a_day(cloud: Cloud) -> None:
    """Under the same id each time, by any process; the page of ways says why, and one poison alert blocks no other."""
    with running_program() as program:
        way = make_way(cloud, "webhook", program.address)
        alerts = begin(cloud, *BOTH)
        poison = min(alerts)
        program.answer = lambda call: 500 if poison in call.headers["x-partsbay-id"] else 204
        tell(telling(cloud))
        tell(telling(cloud))
        assert {row["told"] for row in cloud.get("/api/alert-ways")} == {1}
        for _ in range(30):
            cloud.clock.ms += HOUR_MS
            tell(telling(cloud))
        [seen] = cloud.get("/api/alert-ways")
    assert (seen["told"], seen["waiting"], seen["given_up"]) == (1, 0, 1)
    assert seen["error"] == "expected an answer of 200 to 299 from 127.0.0.1, found 500"
    tried = [name for name in program.names if name == f"{poison}.{way['id']}"]
    assert 20 <= len(tried) <= 27  # at first after a minute, then every hour of one day
    assert [pause_ms(attempts) // MINUTE_MS for attempts in (1, 2, 3, 7, 20)] == [1, 2, 4, 60, 60]


def test_killed_between_sending_and_noting(cloud: Cloud) -> None:
    """It is told again under the same id, a minute later and not before: at least once."""
    with running_program() as program:
        make_way(cloud, "webhook", program.address)
        begin(cloud)
        dying = telling(cloud)
        object.__setattr__(dying, "_note", _dies)
        dying.plan()
        with pytest.raises(KeyboardInterrupt):
            dying.tell(dying.due_ways()[0])
        next_one = telling(cloud)
        assert tell(next_one) == 0
        cloud.clock.ms += MINUTE_MS
        assert tell(next_one) == 1
        assert tell(next_one) == 0
    assert len(program.calls) == 2
    assert len(set(program.names)) == 1


def _dies(*_said: object) -> None:
    raise KeyboardInterrupt


def test_two_processes_tell_each_once(cloud: Cloud) -> None:
    with running_program() as program:
        make_way(cloud, "webhook", program.address)
        begin(cloud, *BOTH)
        tellers = [telling(cloud) for _ in range(3)]
        tellers[0].plan()
        [way] = tellers[0].due_ways()
        threads = [threading.Thread(target=teller.tell, args=[way]) for teller in tellers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(program.calls) == len(set(program.names)) == 2


@pytest.mark.parametrize(("kind", "seed"), [("sqlite", 0), ("sqlite", 1), ("postgresql", 2)])
def test_told_once_an_opening_and_never_while_taken(cloud: Cloud, seed: int) -> None:
    """Whatever order and repetition facts, looks, people and tellers come in."""
    draw = random.Random(seed)
    place = Bin(cloud)
    place.start()
    with running_program() as program:
        make_way(cloud, "webhook", program.address)
        make_way(cloud, "webhook", program.address, quiet_from_min=20 * 60, quiet_to_min=7 * 60)
        is_empty, own = False, cloud.browser()
        for _ in range(60):
            act = draw.choice(("look", "look", "tell", "tell", "move", "take", "back", "wait", "fail", "work"))
            if act == "move":
                place.fill() if is_empty else place.empty()
                is_empty = not is_empty
            elif act == "look":
                judge(cloud)
            elif act == "tell":
                before = len(program.calls)
                taken = {row["id"] for row in cloud.get("/api/alerts") if row["seen_by"]}
                holds = {row["id"] for row in cloud.get("/api/alerts")}
                tell(telling(cloud))
                for name in program.names[before:]:
                    assert name.split(".")[0] in holds - taken
            elif act in {"take", "back"}:
                for row in cloud.get("/api/alerts"):
                    own.request("POST" if act == "take" else "DELETE", f"/api/alerts/{row['id']}/taken", json={})
            elif act == "wait":
                cloud.clock.ms += draw.choice((MINUTE_MS, HOUR_MS, 7 * HOUR_MS))
            else:
                program.answer = 503 if act == "fail" else 204
    assert len(program.accepted) == len(set(program.accepted))
    assert set(program.accepted) == set(_told_rows(cloud))


def _told_rows(cloud: Cloud) -> list[str]:
    with cloud.services.database.reading() as session:
        rows = session.exec(select(AlertTold).where(col(AlertTold.told_ms) > 0)).all()
    return [f"{row.alert}.{row.way}" for row in rows]


# ---- ways ----


def test_ways_are_made_tried_and_withdrawn(cloud: Cloud) -> None:
    own, south = cloud.browser(), cloud.browser("wang@south.example")
    with running_program() as program:
        good = {"kind": "webhook", "address": program.address}
        for wrong, status in (
            ({"kind": "webhook", "address": "ftp://x.example"}, 422),
            ({"kind": "webhook", "address": "https://user@x.example/"}, 422),
            ({"kind": "webhook", "address": "https://x.example:99999/"}, 422),
            ({"kind": "mail", "address": "a@b.example"}, 422),  # this cloud has no server for mails
            (good | {"quiet_from_min": 5}, 422),
            (good | {"quiet_from_min": 5, "quiet_to_min": 5}, 422),
            (good | {"shops": ["shop-9"]}, 404),
        ):
            assert own.post("/api/alert-ways", json=wrong).status_code == status, wrong
        made = make_way(cloud, **good, kinds=["runs_out"])
        assert len(made["secret"]) >= 40
        [listed] = cloud.get("/api/alert-ways")
        assert "secret" not in listed and listed["kinds"] == ["runs_out"]
        path = f"/api/alert-ways/{made['id']}"
        changed = own.request("PUT", path, json={"kinds": ["no_contact"], "language": "en"})
        assert changed.json()["kinds"] == ["no_contact"]
        for method, end in (("PUT", ""), ("DELETE", ""), ("POST", "/test")):
            assert south.request(method, path + end, json={}).status_code == 404
        cloud.client.app.state.services = _with_teller(cloud)
        assert own.post(f"{path}/test").json() == {"sent": True}
        assert json.loads(program.calls[0].body)["event"] == "test"
        program.answer = 404
        refused = own.post(f"{path}/test")
        assert (refused.status_code, "found 404" in refused.json()["detail"]) == (502, True)
        begin(cloud)
        assert tell(telling(cloud)) == 0  # it is told of silence alone
        assert own.request("DELETE", path).status_code == 204
        assert cloud.get("/api/alert-ways") == []
        assert own.post(f"{path}/test").status_code == 404


def _with_teller(cloud: Cloud) -> Any:
    return replace(cloud.services, alerts=telling(cloud))


def test_a_way_is_told_what_begins_after_it(cloud: Cloud) -> None:
    begin(cloud)
    cloud.clock.ms += 1
    with running_program() as program:
        make_way(cloud, "webhook", program.address)
        assert tell(telling(cloud)) == 0
    assert program.calls == []


def test_nobody_is_told_of_other_shops(cloud: Cloud) -> None:
    """An e-mail of somebody bound to a shop gets that shop's alone, whatever the way says."""
    people_world.add_member(cloud, "owner@north.example", "shop_owner", shops="shop-2")
    with running_postbox() as (port, letters):
        cloud.services = _with_mail(cloud)
        make_way(cloud, "mail", "owner@north.example")
        begin(cloud, *BOTH)
        assert tell(telling(cloud, mail_port=port)) == 1
    [letter] = letters
    assert "shop-2" in letter_of(letter)[1] and "shop-1" not in letter_of(letter)[1]


def test_who_has_left_is_told_nothing(cloud: Cloud) -> None:
    """Also by a way that stands: or somebody of one shop would be told of all of them from then on."""
    made = people_world.add_member(cloud, "owner@north.example", "shop_owner", shops="shop-2")
    with running_postbox() as (port, letters):
        cloud.services = _with_mail(cloud)
        make_way(cloud, "mail", "owner@north.example")
        make_way(cloud, "mail", "alarm@north.example")  # is nobody's who signs in
        with cloud.services.database.writing() as session:
            session.get_one(Membership, made).ended_ms = cloud.clock.ms
        begin(cloud, *BOTH)
        assert tell(telling(cloud, mail_port=port)) == 2
        people_world.add_member(cloud, "owner@north.example", "clerk")  # and is there again
        assert tell(telling(cloud, mail_port=port)) == 2
    assert len(letters) == 2


# ---- what is let out ----


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "224.0.0.1",
        "0.0.0.1", "::1", "fe80::1%eth0", "fc00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::",
        "255.255.255.255", "fec0::1",
    ],
)  # fmt: skip
def test_what_is_inside(address: str) -> None:
    assert is_inside(address)


def test_what_is_outside() -> None:
    assert not is_inside("1.1.1.1")
    assert not is_inside("2606:4700:4700::1111")


def test_nothing_goes_inside_unless_the_settings_allow(cloud: Cloud) -> None:
    with running_program() as program:
        for address in (program.address, program.address.replace("127.0.0.1", "localhost")):
            with pytest.raises(OutboundError, match="to be outside"):
                Outbound().post(address, "secret", "a-1", b"{}", NOW_MS)
        with closed_port() as port, pytest.raises(OutboundError, match="found ConnectionRefusedError"):
            Outbound(inside=True).post(f"http://127.0.0.1:{port}/", "secret", "a-1", b"{}", NOW_MS)
    assert program.calls == []


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 503])
def test_no_redirect_is_followed(status: int) -> None:
    with running_program() as program, running_program() as other:
        program.answer, program.headers = status, {"Location": other.address}
        with pytest.raises(OutboundError, match=f"found {status}"):
            Outbound(inside=True).post(program.address, "secret", "a-1", b"{}", NOW_MS)
    assert other.calls == []


@pytest.mark.parametrize("connects_s", [0.0, 0.6])
def test_a_receiver_that_never_ends_its_answer_is_cut_off(monkeypatch: pytest.MonkeyPatch, connects_s: float) -> None:
    """Also when the time is over before there is a connection."""

    def connect(found: list[tuple[str, int]]) -> socket.socket:
        time.sleep(connects_s)
        return socket.create_connection(found[0], timeout=20)

    monkeypatch.setattr(outbound, "DEADLINE_S", 0.3)
    monkeypatch.setattr(outbound, "_first_that_answers", connect)
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        ended = threading.Event()
        thread = threading.Thread(target=_drip, args=[server, ended])
        thread.start()
        try:
            with pytest.raises(OutboundError, match="to answer within"):
                address = f"http://127.0.0.1:{server.getsockname()[1]}/"
                Outbound(inside=True).post(address, "secret", "a-1", b"{}", NOW_MS)
        finally:
            ended.set()
            thread.join()


def _drip(server: socket.socket, ended: threading.Event) -> None:
    """A header line that goes on and on."""
    made, _ = server.accept()
    with made:
        made.sendall(b"HTTP/1.1 200 OK\r\nX-More: ")
        while not ended.wait(0.05):
            try:
                made.sendall(b"x")
            except OSError:
                return


def test_a_secret_that_cannot_be_opened_any_more(cloud: Cloud) -> None:
    """Nothing is sent, and the page says why."""
    with running_program() as program:
        make_way(cloud, "webhook", program.address)
        begin(cloud)
        changed = telling(cloud)
        object.__setattr__(changed, "seal", Seal("another secret", "alert webhooks"))
        assert tell(changed) == 0
    assert program.calls == []
    [way] = cloud.get("/api/alert-ways")
    assert "the secret has changed" in way["error"]
