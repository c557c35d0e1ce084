"""API tokens, gateways' keys, operators, requests of other sites, and mail that really goes out."""

import dataclasses

import pytest
from sqlmodel import col, select

from cloud.identity import TOKEN_MARK
from cloud.people import operators
from cloud.people.mail import MailError, OutboundMail
from cloud.settings import MailSettings, Settings
from cloud.tables import Gateway, Membership
from tests.cloud import worlds
from tests.cloud.caller import Caller
from tests.cloud.conftest import Cloud
from tests.cloud.people_world import ADMIN, OTHER_ADMIN, PASSWORD, add_member, browser_of, nobody
from tests.cloud.postbox import closed_port, running_postbox

DAY_MS = 24 * 3600 * 1000
STATUS = b'{"gateway":"%s","outbox_backlog":0,"quarantined":0,"document_version":1,"cabinets":[]}'


def _bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def test_a_token_does_what_it_was_given_until_it_ends(cloud: Cloud) -> None:
    """A subset of its maker's rights; not one's own account; until it expires or is withdrawn."""
    admin, program = cloud.browser(), nobody(cloud)
    wanted = {"name": "ERP", "rights": ["see_stock", "manage_people"], "days": 2}
    made = admin.post("/api/tokens", json=wanted).json()
    token = _bearer(made["token"])
    me = program.get("/api/me", headers=token).json()
    assert (me["role"], me["rights"]) == ("admin", ["see_stock", "manage_people"])
    assert program.get("/api/shops", headers=token).status_code == 200
    assert program.get("/api/shops/shop-1/sessions", headers=token).status_code == 403
    for method, path in (("POST", "/api/tokens"), ("GET", "/api/me/sign-ins"), ("POST", "/api/me/membership")):
        body = {"membership": 1, **wanted} if method == "POST" else None
        assert program.request(method, path, headers=token, json=body).status_code == 403
    invite = {"email": "x@x.example", "role": "clerk"}
    assert program.post("/api/people/invitations", json=invite, headers=token).status_code == 403, "more than it has"
    assert program.get("/api/shops", headers=_bearer(made["token"][:-1])).status_code == 401
    assert admin.get("/api/shops", headers=_bearer("garbage")).status_code == 401, "the cookie does not stand in"
    [row] = admin.get("/api/tokens").json()["tokens"]
    assert (row["name"], row["maker"], row["last_used_age_ms"]) == ("ERP", "li", 0)
    assert made["token"] not in admin.get("/api/tokens").text
    cloud.clock.ms += 2 * DAY_MS - 1
    assert program.get("/api/shops", headers=token).status_code == 200
    cloud.clock.ms += 1
    assert program.get("/api/shops", headers=token).status_code == 401


def test_whose_tokens_one_sees_and_withdraws(cloud: Cloud) -> None:
    """One's own; all of the dealer's for who manages people; nobody else's ever. Nobody gives more than they have."""
    add_member(cloud, "sun@north.example", "clerk")
    sun, admin, south = browser_of(cloud, "sun@north.example"), cloud.browser(), cloud.browser(OTHER_ADMIN)
    wanted = {"name": "reader", "rights": ["see_stock"]}
    made = {who: caller.post("/api/tokens", json=wanted).json()["id"] for who, caller in
            (("sun", sun), ("admin", admin), ("south", south))}  # fmt: skip
    assert [row["id"] for row in sun.get("/api/tokens").json()["tokens"]] == [made["sun"]]
    assert [row["id"] for row in admin.get("/api/tokens").json()["tokens"]] == [made["admin"], made["sun"]]
    assert sun.post("/api/tokens", json={"name": "x", "rights": ["manage_people"]}).status_code == 403
    tries = [(sun, "admin", 404), (south, "sun", 404), (admin, "sun", 204), (admin, "sun", 404), (south, "south", 204)]
    for caller, whose, status in tries:
        assert caller.request("DELETE", f"/api/tokens/{made[whose]}").status_code == status


def test_a_token_and_a_gateways_key_never_pass_for_each_other(cloud: Cloud) -> None:
    """Not even when somebody stores the one's text as the other."""
    made = cloud.browser().post("/api/tokens", json={"name": "ERP", "rights": ["see_stock"]}).json()
    status = STATUS.replace(b"%s", b"gw-1")
    assert nobody(cloud).post("/api/gateway/status", content=status, headers=_bearer(made["token"])).status_code == 401
    for key in (worlds.KEYS["gw-1"], TOKEN_MARK + worlds.KEYS["gw-1"]):
        assert nobody(cloud).get("/api/shops", headers=_bearer(key)).status_code == 401


def test_gateways_are_registered_given_keys_and_withdrawn(cloud: Cloud) -> None:
    """Each change counts at the next request; of one's own shops alone."""
    admin, south = cloud.browser(), cloud.browser(OTHER_ADMIN)
    facts = {"name": "新店", "address": "港城路 12 号", "latitude_e6": 36_067_000, "longitude_e6": 120_383_000}
    shop = admin.post("/api/shops", json=facts).json()["id"]
    assert admin.post("/api/gateways", json={"shop": "shop-1"}).status_code == 409
    assert south.post("/api/gateways", json={"shop": shop}).status_code == 404
    made = admin.post("/api/gateways", json={"shop": shop}).json()
    gateway = made["gateway"]

    def told(key: str) -> int:
        body = STATUS.replace(b"%s", gateway.encode())
        return nobody(cloud).post("/api/gateway/status", content=body, headers=_bearer(key)).status_code

    assert told(made["key"]) == 204
    document = nobody(cloud).get("/api/gateway/document?have=0", headers=_bearer(made["key"]))
    assert document.json()["shop_name"] == "新店"
    assert south.post(f"/api/gateways/{gateway}/key").status_code == 404
    newer = admin.post(f"/api/gateways/{gateway}/key").json()
    assert (told(made["key"]), told(newer["key"])) == (401, 204)
    assert [row["id"] for row in admin.get("/api/gateways").json()["gateways"]] == sorted(["gw-1", "gw-2", gateway])
    assert [row["id"] for row in south.get("/api/gateways").json()["gateways"]] == ["gw-9"]
    assert south.get("/api/gateways?cursor=gw-1").status_code == 404
    assert south.request("DELETE", f"/api/gateways/{gateway}").status_code == 404
    assert admin.request("DELETE", f"/api/gateways/{gateway}").status_code == 204
    assert told(newer["key"]) == 401
    assert admin.post("/api/gateways", json={"shop": shop}).status_code == 201, "another in its place"
    trail = admin.get("/api/audit").text
    assert "gateway.withdrawn" in trail
    assert newer["key"] not in trail


def test_a_shop_is_named_and_put_on_the_map(cloud: Cloud) -> None:
    """Its gateway gets the name as a new version; somebody else's shop is not found."""
    admin = cloud.browser()
    facts = {"name": "老王汽修", "address": "", "time_zone": "Asia/Urumqi"}
    assert cloud.browser(OTHER_ADMIN).request("PUT", "/api/shops/shop-1/facts", json=facts).status_code == 404
    assert admin.request("PUT", "/api/shops/shop-1/facts", json=facts).status_code == 204
    assert {row["id"]: row["name"] for row in admin.get("/api/shops").json()}["shop-1"] == "老王汽修"
    document = cloud.client.get("/api/gateway/document?have=1", headers=_bearer(worlds.KEYS["gw-1"]))
    assert document.json()["shop_name"] == "老王汽修"
    for wrong in (
        {"latitude_e6": 1},
        {"latitude_e6": 91_000_000, "longitude_e6": 0},
        {"time_zone": "Mars"},
        {"name": ""},
    ):
        assert admin.request("PUT", "/api/shops/shop-1/facts", json={**facts, **wrong}).status_code == 422
    add_member(cloud, "sun@north.example", "clerk")
    assert (
        browser_of(cloud, "sun@north.example").request("PUT", "/api/shops/shop-1/facts", json=facts).status_code == 403
    )


def test_an_operator_makes_dealers_and_sees_nothing_of_them(cloud: Cloud) -> None:
    """Names and counts; no tenant's row; only a first admin can be invited; a closed dealer is out at once."""
    add_member(cloud, "root@cloud.example", "operator", dealer=None)
    root = browser_of(cloud, "root@cloud.example")
    for path in ("/api/shops", "/api/people/members", "/api/audit", "/api/gateways", "/api/totals", "/api/tokens"):
        assert root.get(path).status_code == 403
    assert cloud.browser().get("/api/operator/dealers").status_code == 403
    assert root.post("/api/operator/dealers", json={"id": "east", "name": "东方配件"}).status_code == 204
    for dealer, status in (("east", 409), ("No good", 422)):
        answer = root.post("/api/operator/dealers", json={"id": dealer, "name": "x"})
        assert answer.status_code == status
    found = root.get("/api/operator/dealers?limit=2").json()
    assert [(row["id"], row["gateways"], row["has_admin"]) for row in found["dealers"]] == [
        ("east", 0, False),
        ("north", 2, True),
    ]
    assert root.get(f"/api/operator/dealers?cursor={found['cursor']}").json()["dealers"][0]["id"] == "south"
    invitation = "/api/operator/dealers/{}/invitation"
    assert root.post(invitation.format("north"), json={"email": "me@x.example"}).status_code == 409
    made = root.post(invitation.format("east"), json={"email": "feng@east.example"}).json()
    feng = nobody(cloud)
    path = "/api/invitation/" + made["link"].rsplit("/", 1)[1]
    assert feng.post(path, json={"name": "冯总", "password": PASSWORD}).status_code == 204
    assert feng.get("/api/me").json()["role"] == "admin"
    assert root.post(invitation.format("east"), json={"email": "me@x.example"}).status_code == 409
    token = feng.post("/api/tokens", json={"name": "ERP", "rights": ["see_stock"]}).json()["token"]
    assert root.post("/api/operator/dealers/east/close").status_code == 204
    assert feng.get("/api/shops").status_code == 401
    assert feng.get("/api/shops", headers=_bearer(token)).status_code == 401
    credentials = {"email": "feng@east.example", "password": PASSWORD}
    assert nobody(cloud).post("/api/sign-in", json=credentials).status_code == 401
    assert root.post("/api/operator/dealers/east/reopen").status_code == 204
    assert nobody(cloud).post("/api/sign-in", json=credentials).status_code == 204
    assert nobody(cloud).get("/api/shops", headers=_bearer(token)).status_code == 401, "what has ended stays ended"
    lines = root.get("/api/operator/audit").json()["lines"]
    assert [line["action"] for line in lines] == [
        "dealer.reopened", "dealer.closed", "invitation.made", "dealer.made",
    ]  # fmt: skip
    assert all(line["person"] == "root" for line in lines)


def test_the_command_line_makes_an_operator(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    """The link it prints chooses a password; somebody who has one just gets the role."""
    assert operators.add(cloud.services.settings, "Root@cloud.example") == 0
    link = capsys.readouterr().out.split()[-1]
    cloud.clock.ms = operators.wall_clock_ms()
    answer = nobody(cloud).post("/api/reset/" + link.rsplit("/", 1)[1], json={"password": PASSWORD})
    assert answer.status_code == 204, answer.text
    root = browser_of(cloud, "root@cloud.example")
    assert root.get("/api/operator/dealers").json()["schema_version"] > 0
    assert operators.add(cloud.services.settings, "root@cloud.example") == 0
    assert "signs in with the password they have" in capsys.readouterr().out
    with cloud.services.database.reading() as session:
        assert len(session.exec(select(Membership).where(col(Membership.role) == "operator")).all()) == 1


@pytest.mark.parametrize("kind", ["sqlite"])
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 204),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://cloud"}, 204),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site", "Origin": "http://cloud"}, 403),
        ({"Origin": "http://cloud"}, 204),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "http://cloud.evil.example"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
def test_another_sites_page_changes_nothing(cloud: Cloud, headers: dict[str, str], status: int) -> None:
    """Although the browser sends the cookie along; reading is no change, and a key in the header is no cookie."""
    browser = cloud.browser()
    assert browser.get("/api/me", headers=headers).status_code == 200
    answer = browser.request("PATCH", "/api/me", json={"name": "evil"}, headers=headers)
    assert answer.status_code == status
    assert (browser.get("/api/me").json()["name"] == "evil") is (status == 204)
    key = {**headers, **_bearer(worlds.KEYS["gw-1"])}
    assert (
        cloud.client.post("/api/gateway/status", content=STATUS.replace(b"%s", b"gw-1"), headers=key).status_code == 204
    )
    assert answer.headers["content-security-policy"] == "frame-ancestors 'none'"


def _with_mail(cloud: Cloud, port: int) -> None:
    mail = MailSettings("127.0.0.1", "Partsbay <parts@dealer.example>", port=port, security="none")
    settings = Settings(
        secret=worlds.SECRET,
        database_url=cloud.services.settings.database_url,
        public_url="https://parts.dealer.example",
        mail=mail,
    )
    app = cloud.client.app
    app.state.services = dataclasses.replace(
        cloud.services, settings=settings, mail=OutboundMail(mail, pause=lambda _seconds: None)
    )


def _plain(letter: str) -> str:
    return letter.replace("=\r\n", "").replace("=3D", "=")


def test_links_go_out_by_mail(cloud: Cloud) -> None:
    """Then nobody here sees them; who has no account is not written to, and the answers are the same."""
    with running_postbox() as (port, letters):
        _with_mail(cloud, port)
        invitation = {"email": "new@x.example", "role": "clerk"}
        made = cloud.browser().post("/api/people/invitations", json=invitation).json()
        assert (made["mailed"], made["link"]) == (True, "")
        shown = cloud.browser().post("/api/people/invitations", json={**invitation, "by_mail": False}).json()
        assert shown["link"].startswith("https://parts.dealer.example/invitation/")
        answers = [nobody(cloud).post("/api/forgotten", json={"email": who}) for who in (ADMIN, "nobody@x.example")]
    assert [(answer.status_code, answer.text) for answer in answers] == [(202, "null")] * 2
    assert [letter.split("To: ")[1].split("\r\n")[0] for letter in letters] == ["new@x.example", ADMIN]
    assert "base64" in letters[1] or "https://parts.dealer.example/reset/" in _plain(letters[1])


def test_a_mail_that_does_not_go_out_loses_no_link(cloud: Cloud) -> None:
    """It is shown instead; a forgotten password is tried a few times and then logged."""
    with closed_port() as port:
        _with_mail(cloud, port)
        made = cloud.browser().post("/api/people/invitations", json={"email": "new@x.example", "role": "clerk"}).json()
        assert (made["mailed"], made["link"][:8]) == (False, "https://")
        assert nobody(cloud).post("/api/forgotten", json={"email": ADMIN}).status_code == 202
        mail = cloud.client.app.state.services.mail
        with pytest.raises(MailError, match=r"expected 127\.0\.0\.1 to take a mail"):
            mail.send("a@x.example", "subject", "text")


def test_asking_too_often_is_held_back(cloud: Cloud) -> None:
    """By e-mail, known or not, and apart from signing in."""
    found = [nobody(cloud).post("/api/forgotten", json={"email": "x@x.example"}).status_code for _ in range(6)]
    assert found == [202] * 5 + [429]
    credentials = {"email": ADMIN, "password": worlds.PASSWORDS[ADMIN]}
    assert nobody(cloud).post("/api/sign-in", json=credentials).status_code == 204


def test_a_withdrawn_gateway_keeps_what_it_sent(cloud: Cloud) -> None:
    """Its rows stay; only its key is refused."""
    cloud.receipt(worlds.upload([worlds.opening("m1", 20)]))
    admin: Caller = cloud.browser()
    assert admin.request("DELETE", "/api/gateways/gw-1").status_code == 204
    assert cloud.upload(worlds.upload([worlds.take("m2", 1)], first=2)).status_code == 401
    assert cloud.balances()["bin:cab-1/1", worlds.FILTER.number] == 20
    with cloud.services.database.reading() as session:
        assert session.get_one(Gateway, "gw-1").withdrawn_ms == cloud.clock.ms
