"""Members, invitations and passwords: who may be made what, by whom, and how soon it counts."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlmodel import select

from cloud.people import members
from cloud.people.links import LASTS_MS
from cloud.people.rules import RefusedError
from cloud.tables import AuditEntry, Membership, SignIn
from tests.cloud.caller import Caller
from tests.cloud.conftest import Cloud
from tests.cloud.people_world import ADMIN, OTHER_ADMIN, PASSWORD, add_member, browser_of, nobody

NEW_PASSWORD = "wrong donkey generator clip"


def _invite(caller: Caller, email: str, **standing: object) -> str:
    answer = caller.post("/api/people/invitations", json={"email": email, **standing})
    assert answer.status_code == 201, answer.text
    assert not answer.json()["mailed"]
    return str(answer.json()["link"]).rsplit("/", 1)[1]


def _members(caller: Caller) -> dict[str, dict[str, object]]:
    return {row["email"]: row for row in caller.get("/api/people/members").json()["members"]}


def test_somebody_new_accepts_an_invitation_once(cloud: Cloud) -> None:
    """They choose a name and a password, are signed in, see their shop alone, and the link is good for nothing."""
    admin, guest = cloud.browser(), nobody(cloud)
    code = _invite(admin, " Zhao@Shop.example", role="shop_owner", shops=["shop-1"])
    told = guest.get(f"/api/invitation/{code}").json()
    assert {**told, "expires_ms": 0} == {
        "email": "zhao@shop.example", "dealer_name": "North Parts", "role": "shop_owner", "has_account": False,
        "expires_ms": 0,
    }  # fmt: skip
    for name, password in (("", NEW_PASSWORD), ("赵老板", "short"), ("赵老板", "zhao@shop.example")):
        assert guest.post(f"/api/invitation/{code}", json={"name": name, "password": password}).status_code == 422
    assert guest.post(f"/api/invitation/{code}", json={"name": "赵老板", "password": NEW_PASSWORD}).status_code == 204
    assert guest.get("/api/me").json()["role"] == "shop_owner"
    assert [shop["id"] for shop in guest.get("/api/shops").json()] == ["shop-1"]
    assert guest.get("/api/shops/shop-2/cabinets").status_code == 404
    assert guest.get("/api/people/members").status_code == 403
    again = nobody(cloud).post(f"/api/invitation/{code}", json={"name": "x", "password": NEW_PASSWORD})
    assert again.status_code == 404
    credentials = {"email": "zhao@shop.example", "password": NEW_PASSWORD}
    assert nobody(cloud).post("/api/sign-in", json=credentials).status_code == 204
    assert _members(admin)["zhao@shop.example"]["shops"] == ["shop-1"]
    lines = admin.get("/api/audit?action=invitation").json()["lines"]
    assert [(line["action"], line["person"], line["after"]) for line in lines] == [
        ("invitation.accepted", "赵老板", "shop_owner shop-1"),
        ("invitation.made", "li", "shop_owner shop-1"),
    ]


def test_an_invitation_ends_by_time_by_withdrawal_and_by_a_newer_one(cloud: Cloud) -> None:
    """Each time with the same sentence as one that never was."""
    admin = cloud.browser()
    old = _invite(admin, "a@x.example", role="clerk")
    newer = _invite(admin, "a@x.example", role="clerk")
    withdrawn = _invite(admin, "b@x.example", role="clerk")
    [first, second] = admin.get("/api/people/invitations").json()["invitations"]
    assert (first["email"], second["email"], second["made_by"]) == ("b@x.example", "a@x.example", "li")
    foreign = cloud.browser(OTHER_ADMIN).request("DELETE", f"/api/people/invitations/{first['id']}")
    assert foreign.status_code == 404
    assert admin.request("DELETE", f"/api/people/invitations/{first['id']}").status_code == 204
    assert nobody(cloud).get(f"/api/invitation/{newer}").status_code == 200
    cloud.clock.ms += LASTS_MS["join"]
    answers = [nobody(cloud).get(f"/api/invitation/{code}") for code in (old, newer, withdrawn, "never")]
    assert [answer.status_code for answer in answers] == [404] * 4
    assert len({answer.text for answer in answers}) == 1


def test_somebody_with_an_account_gains_a_membership_and_switches(cloud: Cloud) -> None:
    """After signing in with the e-mail that was invited, and no other."""
    add_member(cloud, "qian@south.example", "clerk", dealer="south")
    code = _invite(cloud.browser(), "qian@south.example", role="restocker")
    qian = browser_of(cloud, "qian@south.example")
    newcomer = {"name": "Qian", "password": NEW_PASSWORD}
    assert nobody(cloud).post(f"/api/invitation/{code}", json=newcomer).status_code == 409
    assert cloud.browser(OTHER_ADMIN).post(f"/api/invitation/{code}/join").status_code == 409
    assert nobody(cloud).post(f"/api/invitation/{code}/join").status_code == 401
    assert qian.post(f"/api/invitation/{code}/join").status_code == 204
    assert [shop["id"] for shop in qian.get("/api/shops").json()] == ["shop-1", "shop-2"]
    rows = qian.get("/api/me/memberships").json()
    assert [(row["dealer"], row["role"], row["current"]) for row in rows] == [
        ("south", "clerk", False),
        ("north", "restocker", True),
    ]
    assert qian.post("/api/me/membership", json={"membership": rows[0]["id"]}).status_code == 204
    assert [shop["id"] for shop in qian.get("/api/shops").json()] == ["shop-9"]
    assert qian.post("/api/me/membership", json={"membership": 1}).status_code == 404
    later = browser_of(cloud, "qian@south.example")
    assert later.get("/api/me").json()["dealer"] == "south", "as they acted last"
    mine = _members(cloud.browser())["qian@south.example"]
    answer = cloud.browser().post(f"/api/people/members/{mine['id']}/reset-link")
    assert answer.status_code == 422, "an admin here must not get into the other dealer"


@pytest.mark.parametrize("kind", ["sqlite"])
@pytest.mark.parametrize(
    ("standing", "status"),
    [
        ({"role": "mechanic"}, 422),
        ({"role": "mechanic", "shops": ["shop-9"]}, 422),
        ({"role": "clerk", "shops": ["shop-1"]}, 422),
        ({"role": "brand"}, 422),
        ({"role": "clerk", "brand": "Bosch"}, 422),
        ({"role": "operator"}, 403),
        ({"role": "emperor"}, 422),
        ({"role": "clerk", "email": "no address"}, 422),
        ({"role": "clerk", "email": ADMIN}, 422),
    ],
)
def test_what_nobody_can_be_made(cloud: Cloud, standing: dict[str, object], status: int) -> None:
    """A shop's people need a shop of the dealer, a brand its brand, and nobody gives more than they have."""
    answer = cloud.browser().post("/api/people/invitations", json={"email": "new@x.example", **standing})
    assert answer.status_code == status, answer.text


def test_the_end_of_a_membership_counts_at_the_next_request(cloud: Cloud) -> None:
    """Its sign-ins and tokens end with it, those of another dealer do not; another role counts at once, too."""
    member = add_member(cloud, "sun@north.example", "clerk")
    add_member(cloud, "sun@north.example", "clerk", dealer="south")
    sun, admin = browser_of(cloud, "sun@north.example"), cloud.browser()
    other = browser_of(cloud, "sun@north.example")
    elsewhere = [row for row in other.get("/api/me/memberships").json() if row["dealer"] == "south"]
    other.post("/api/me/membership", json={"membership": elsewhere[0]["id"]})
    made = sun.post("/api/tokens", json={"name": "ERP", "rights": ["see_stock", "see_consumption"]}).json()
    headers = {"Authorization": f"Bearer {made['token']}"}
    consumed = "/api/shops/shop-1/consumption"
    assert nobody(cloud).get(consumed, headers=headers).status_code == 200
    change = {"role": "restocker"}
    assert admin.request("PATCH", f"/api/people/members/{member}", json=change).status_code == 204
    assert sun.get(consumed).status_code == 403
    assert nobody(cloud).get(consumed, headers=headers).status_code == 403, "a token has no more than its maker"
    assert nobody(cloud).get("/api/shops", headers=headers).status_code == 200
    south = cloud.browser(OTHER_ADMIN)
    assert south.request("DELETE", f"/api/people/members/{member}").status_code == 404
    assert admin.request("DELETE", f"/api/people/members/{member}").status_code == 204
    assert sun.get("/api/shops").status_code == 401
    assert nobody(cloud).get("/api/shops", headers=headers).status_code == 401
    assert other.get("/api/shops").status_code == 200
    assert admin.request("DELETE", f"/api/people/members/{member}").status_code == 404


def test_the_last_admin_stays(cloud: Cloud) -> None:
    """Neither ended nor made something else, until there is another."""
    admin = cloud.browser()
    me = _members(admin)[ADMIN]
    assert me["you"] is True
    path = f"/api/people/members/{me['id']}"
    assert admin.request("DELETE", path).status_code == 409
    assert admin.request("PATCH", path, json={"role": "clerk"}).status_code == 409
    add_member(cloud, "second@north.example", "admin")
    assert admin.request("PATCH", path, json={"role": "clerk"}).status_code == 204
    assert admin.get("/api/people/members").status_code == 403


def test_a_lock_out_is_lifted_by_an_admin(cloud: Cloud) -> None:
    """Of their own members, and at once."""
    member = add_member(cloud, "zhou@north.example", "clerk")
    right, wrong = ({"email": "zhou@north.example", "password": each} for each in (PASSWORD, "guess"))
    found = [nobody(cloud).post("/api/sign-in", json=wrong).status_code for _ in range(6)]
    assert found == [401] * 5 + [429]
    admin = cloud.browser()
    assert _members(admin)["zhou@north.example"]["locked_out"] is True
    path = f"/api/people/members/{member}/lock-out"
    assert cloud.browser(OTHER_ADMIN).request("DELETE", path).status_code == 404
    assert admin.request("DELETE", path).status_code == 204
    assert _members(admin)["zhou@north.example"]["locked_out"] is False
    assert nobody(cloud).post("/api/sign-in", json=right).status_code == 204


def test_a_new_password_by_a_link_ends_everything_of_before(cloud: Cloud) -> None:
    """Single use, for half an hour; sign-ins and tokens end, and the old password is good for nothing."""
    member = add_member(cloud, "wu@north.example", "clerk")
    wu, admin = browser_of(cloud, "wu@north.example"), cloud.browser()
    made = wu.post("/api/tokens", json={"name": "ERP", "rights": ["see_stock"]}).json()
    first, second = (
        admin.post(f"/api/people/members/{member}/reset-link").json()["link"].rsplit("/", 1)[1] for _ in range(2)
    )
    assert nobody(cloud).get(f"/api/reset/{first}").json()["email"] == "wu@north.example"
    assert nobody(cloud).post(f"/api/reset/{first}", json={"password": "short"}).status_code == 422
    assert nobody(cloud).get(f"/api/invitation/{first}").status_code == 404, "it invites nobody"
    assert nobody(cloud).post(f"/api/reset/{first}", json={"password": NEW_PASSWORD}).status_code == 204
    for code in (first, second):
        assert nobody(cloud).post(f"/api/reset/{code}", json={"password": NEW_PASSWORD}).status_code == 404
    assert wu.get("/api/me").status_code == 401
    headers = {"Authorization": f"Bearer {made['token']}"}
    assert nobody(cloud).get("/api/me", headers=headers).status_code == 401
    for password, status in ((PASSWORD, 401), (NEW_PASSWORD, 204)):
        credentials = {"email": "wu@north.example", "password": password}
        assert nobody(cloud).post("/api/sign-in", json=credentials).status_code == status
    third = admin.post(f"/api/people/members/{member}/reset-link").json()["link"].rsplit("/", 1)[1]
    cloud.clock.ms += LASTS_MS["reset"]
    assert nobody(cloud).get(f"/api/reset/{third}").status_code == 404


def test_ones_own_password_and_sign_ins(cloud: Cloud) -> None:
    """A change asks for the password and ends every other browser; each can be ended by itself, too."""
    add_member(cloud, "zheng@north.example", "mechanic", shops="shop-1")
    here, there, third = (browser_of(cloud, "zheng@north.example") for _ in range(3))
    rows = here.get("/api/me/sign-ins").json()
    assert [row["current"] for row in rows] == [True, False, False]
    assert {(row["browser"], row["address"], row["dealer_name"]) for row in rows} == {
        ("Firefox", "10.1.2.3", "North Parts")
    }
    theirs = third.get("/api/me/sign-ins").json()[0]["id"]
    assert cloud.browser().request("DELETE", f"/api/me/sign-ins/{theirs}").status_code == 404
    assert here.request("DELETE", f"/api/me/sign-ins/{theirs}").status_code == 204
    assert third.get("/api/me").status_code == 401
    wrong = {"password": "guess", "new_password": NEW_PASSWORD}
    assert here.post("/api/me/password", json=wrong).status_code == 401
    right = {"password": PASSWORD, "new_password": NEW_PASSWORD}
    assert here.post("/api/me/password", json=right).status_code == 204
    assert (here.get("/api/me").status_code, there.get("/api/me").status_code) == (200, 401)
    assert here.request("PATCH", "/api/me", json={"name": "郑师傅"}).status_code == 204
    assert here.get("/api/me").json()["name"] == "郑师傅"
    assert here.request("DELETE", "/api/me/sign-ins?but_this=false").json() == {"ended": 1}
    assert here.get("/api/me").status_code == 401


def test_the_audit_trail_holds_no_secret_and_is_read_page_by_page(cloud: Cloud) -> None:
    """With filters, and cursors that are good in one's own trail alone."""
    admin, south = cloud.browser(), cloud.browser(OTHER_ADMIN)
    codes = [_invite(admin, f"{n}@x.example", role="clerk") for n in range(5)]
    token = admin.post("/api/tokens", json={"name": "ERP", "rights": ["see_stock"]}).json()["token"]
    foreign, _ = (_invite(south, f"{name}@x.example", role="clerk") for name in "xy")
    first = admin.get("/api/audit?limit=4").json()
    rest = admin.get(f"/api/audit?limit=4&cursor={first['cursor']}").json()
    assert [len(page["lines"]) for page in (first, rest)] == [4, 2]
    assert rest["cursor"] == ""
    targets = [line["target"] for line in first["lines"] + rest["lines"]]
    assert targets == ["token ERP", *(f"invitation {n}@x.example" for n in (4, 3, 2, 1, 0))]
    for cursor in (south.get("/api/audit?limit=1").json()["cursor"], "garbage", "-1", "9" * 30):
        assert cursor
        assert admin.get(f"/api/audit?cursor={cursor}").status_code == 404
    for query, count in (("action=token", 1), ("person=L", 6), ("target=3@", 1), (f"to_ms={cloud.clock.ms}", 0)):
        assert len(admin.get(f"/api/audit?{query}").json()["lines"]) == count, query
    with cloud.services.database.reading() as session:
        text = " ".join(str(row) for row in session.exec(select(AuditEntry)))
    assert not [secret for secret in (*codes, token, foreign) if secret in text]


def test_a_members_list_goes_on_behind_its_cursor(cloud: Cloud) -> None:
    """Newest first; a cursor of another dealer's list is not found."""
    for n in range(4):
        add_member(cloud, f"m{n}@north.example", "clerk")
    admin = cloud.browser()
    first = admin.get("/api/people/members?limit=3").json()
    rest = admin.get(f"/api/people/members?limit=3&cursor={first['cursor']}").json()
    emails = [row["email"] for row in first["members"] + rest["members"]]
    assert emails == [*(f"m{n}@north.example" for n in (3, 2, 1, 0)), ADMIN]
    foreign = cloud.browser(OTHER_ADMIN).get(f"/api/people/members?cursor={first['cursor']}")
    assert foreign.status_code == 404


def test_two_admins_cannot_end_each_other_at_the_same_moment(cloud: Cloud) -> None:
    """One of them is the last one then."""
    second = add_member(cloud, "second@north.example", "admin")
    people = [browser_of(cloud, email) for email in (ADMIN, "second@north.example")]
    signed = [cloud.services.identity.signed_in(str(caller.cookies["partsbay"])) for caller in people]
    assert signed[0] and signed[1]
    pairs = [(signed[0], second), (signed[1], signed[0].membership_id)]

    def end(pair: tuple[object, int]) -> str:
        person, other = pair
        try:
            with cloud.services.database.writing() as session:
                members.end(session, person, other, cloud.clock.ms)  # type: ignore[arg-type]
        except RefusedError:
            return "refused"
        return "ended"

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(end, pairs)) == ["ended", "refused"]
    assert cloud.count(Membership) == 3
    assert cloud.count(SignIn) >= 2
