"""Signing in and out: passwords, cookies, and how often somebody may try."""

from concurrent.futures import ThreadPoolExecutor

import jwt
from sqlmodel import select

from cloud.api.access import COOKIE
from cloud.database import Database
from cloud.identity import SIGNED_IN_MS
from cloud.rights import RIGHTS_OF
from cloud.sign_in_limit import ADDRESS_ATTEMPTS_MAX, ATTEMPTS_MAX, WINDOW_MS, SignInLimit
from cloud.tables import SignIn, SignInAttempts
from tests.cloud import worlds
from tests.cloud.caller import Caller
from tests.cloud.conftest import Cloud

EMAIL = "li@north.example"


def _try(cloud: Cloud, email: str, password: str) -> int:
    credentials = {"email": email, "password": password}
    return cloud.client.post("/api/sign-in", json=credentials).status_code


def test_the_right_password_opens_the_door(cloud: Cloud) -> None:
    """The cookie is for the server alone, and `me` says who it is."""
    answer = cloud.client.post("/api/sign-in", json={"email": f" {EMAIL.upper()}", "password": "north password"})
    assert answer.status_code == 204
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    me = cloud.client.get("/api/me").json()
    assert set(me.pop("rights")) == RIGHTS_OF["admin"]
    assert me == {"email": EMAIL, "name": "li", "role": "admin", "dealer": "north", "dealer_name": "North Parts"}


def test_a_wrong_password_and_an_unknown_email_look_the_same(cloud: Cloud) -> None:
    """Which of the two was wrong is not said."""
    wrong, unknown = (
        cloud.client.post("/api/sign-in", json={"email": email, "password": "guess"})
        for email in (EMAIL, "nobody@north.example")
    )
    assert (wrong.status_code, unknown.status_code) == (401, 401)
    assert wrong.json() == unknown.json()
    assert COOKIE not in cloud.client.cookies


def test_too_many_wrong_passwords_lock_out_for_a_while(cloud: Cloud) -> None:
    """Then even the right one waits; when the window has passed, it opens."""
    assert [_try(cloud, EMAIL, "guess") for _ in range(ATTEMPTS_MAX)] == [401] * ATTEMPTS_MAX
    locked = cloud.client.post("/api/sign-in", json={"email": EMAIL, "password": worlds.PASSWORDS[EMAIL]})
    assert locked.status_code == 429
    assert int(locked.headers["retry-after"]) == WINDOW_MS // 1000
    cloud.clock.ms += WINDOW_MS
    assert _try(cloud, EMAIL, worlds.PASSWORDS[EMAIL]) == 204


def test_signing_out_ends_the_cookie_everywhere(cloud: Cloud) -> None:
    """A copy of the cookie is good for nothing afterwards."""
    browser, copy = cloud.browser(), cloud.browser()
    assert copy.get("/api/me").status_code == 200
    assert browser.post("/api/sign-out").status_code == 204
    assert copy.get("/api/me").status_code == 401
    assert browser.post("/api/sign-out").status_code == 204


def test_a_cookie_ends_by_itself(cloud: Cloud) -> None:
    """After a week somebody has to sign in again, and that clears what has expired."""
    cloud.clock.ms += SIGNED_IN_MS - 1
    assert cloud.browser().get("/api/me").status_code == 200
    cloud.clock.ms += 1
    assert cloud.browser().get("/api/me").status_code == 401
    cloud.clock.ms += 1
    assert _try(cloud, EMAIL, worlds.PASSWORDS[EMAIL]) == 204
    assert cloud.count(SignIn) == 1


def test_a_forged_cookie_is_nobody(cloud: Cloud) -> None:
    """Only what this cloud signed, and still knows, counts."""
    good = cloud.cookies[EMAIL]
    claims = jwt.decode(good, options={"verify_signature": False})
    forged = {
        "cut": good[:-2],
        "another secret": jwt.encode(claims, "x" * 40, algorithm="HS256"),
        "no signature": jwt.encode(claims, None, algorithm="none"),
        "another row": jwt.encode({**claims, "sub": "x"}, worlds.SECRET, algorithm="HS256"),
        "another audience": jwt.encode({**claims, "aud": "x"}, worlds.SECRET, algorithm="HS256"),
        "no subject": jwt.encode({"aud": claims["aud"]}, worlds.SECRET, algorithm="HS256"),
        "garbage": "garbage",
    }
    found = {how: _me(cloud, cookie) for how, cookie in {**forged, "good": good}.items()}
    assert found == {**dict.fromkeys(forged, 401), "good": 200}


def _me(cloud: Cloud, cookie: str) -> int:
    caller = Caller(cloud.client.app, cloud.client.runner)
    return caller.get("/api/me", headers={"Cookie": f"{COOKIE}={cookie}"}).status_code


def test_attempts_count_by_email_and_by_address(database: Database) -> None:
    """One address that tries many emails is held back, too; others are not; a restart forgets nothing."""
    limit = SignInLimit(database)
    waits = [limit.attempt(f"{n}@x", "10.0.0.1", 0) for n in range(ADDRESS_ATTEMPTS_MAX + 1)]
    assert waits == [0] * ADDRESS_ATTEMPTS_MAX + [WINDOW_MS]
    started_again = SignInLimit(database)
    assert started_again.attempt("new@x", "10.0.0.1", 1) == WINDOW_MS - 1
    assert started_again.attempt("one@x", "10.0.0.2", 1) == 0
    assert started_again.attempt("0@x", "10.0.0.1", WINDOW_MS) == 0


def test_success_forgets_the_attempts_of_that_email(database: Database) -> None:
    """Somebody who mistypes four times a day is not locked out in the end."""
    limit = SignInLimit(database)
    for _ in range(3):
        for _ in range(ATTEMPTS_MAX - 1):
            assert limit.attempt("li@x", "10.0.0.1", 0) == 0
        limit.succeeded("li@x")


def test_old_attempts_are_cleared_away(database: Database) -> None:
    """Guessing at random emails from everywhere does not fill the table."""
    limit = SignInLimit(database)
    for n in range(20):
        limit.attempt(f"{n}@x", f"address {n}", worlds.NOW_MS)
    assert limit.attempt("li@x", "10.0.0.1", worlds.NOW_MS + WINDOW_MS) == 0
    with database.reading() as session:
        assert {row.key for row in session.exec(select(SignInAttempts))} == {"address 10.0.0.1", "email li@x"}


def test_many_at_once_do_not_slip_through(database: Database) -> None:
    """Two threads that try the same e-mail together have as many attempts as one."""
    limit = SignInLimit(database)
    with ThreadPoolExecutor(6) as threads:
        waits = list(threads.map(lambda n: limit.attempt("li@x", f"10.0.0.{n % 3}", 5), range(24)))
    assert sum(wait_ms == 0 for wait_ms in waits) == ATTEMPTS_MAX
