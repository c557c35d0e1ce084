"""Every page: the right it asks for, and what nobody, each role, and another dealer get. A new page wants one line."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from sqlmodel import col, select

import cloud.pages as pages_package
from cloud.api.access import COOKIE
from cloud.clock import wall_clock_ms
from cloud.database import Database, open_database
from cloud.identity import Identity
from cloud.pages.entries import ENTRIES
from cloud.pages.shop_people import TEXTS as PEOPLE_TEXTS
from cloud.pages.visit import TEXTS as FRAME_TEXTS
from cloud.rights import RIGHTS_OF, ROLES, Role
from cloud.shop_views import keep_all_views
from cloud.tables import CabinetSession, Membership, ShopDealer, User, Vehicle
from tests.pages.cloud_program import OTHER_EMAIL, running_cloud

ANYONE = None
OWN = "own"
PAGES = {
    "/": "see_stock",
    "/account": OWN,
    "/alerts": "see_alerts",
    "/alerts/ways": "manage_alerts",
    "/audit": "see_audit",
    "/catalogue": "see_catalogue",
    "/classes": "see_planning",
    "/consumption": "see_consumption",
    "/counts": "resolve",
    "/dealers": "operate",
    "/devices": "manage_gateways",
    "/discrepancies": "see_sessions",
    "/forgotten": ANYONE,
    "/gateways": "manage_gateways",
    "/gauges": "see_planning",
    "/imports": "edit_catalogue",
    "/imports/{run}": "edit_catalogue",
    "/invitation/{code}": ANYONE,
    "/models": "edit_catalogue",
    "/operator-audit": "operate",
    "/part": "see_catalogue",
    "/part/edit": "edit_catalogue",
    "/people": "manage_people",
    "/purchases": "plan_visits",
    "/planning": "see_planning",
    "/releases": "manage_gateways",
    "/releases/rollout": "manage_gateways",
    "/reset/{code}": ANYONE,
    "/robots": "manage_people",
    "/rounds": "load_visits",
    "/rounds/picking": "load_visits",
    "/rounds/visit": "load_visits",
    "/search": "see_catalogue",
    "/service-level": "see_planning",
    "/shops/{shop}": "see_stock",
    "/shops/{shop}/cabinets/{cabinet}": "see_stock",
    "/shops/{shop}/claims": "see_vehicles",
    "/shops/{shop}/gauges": "see_planning",
    "/shops/{shop}/jobs": "see_vehicles",
    "/shops/{shop}/movements": "see_sessions",
    "/shops/{shop}/people": "edit_people",
    "/shops/{shop}/planogram": "edit_planogram",
    "/shops/{shop}/planogram/versions": "edit_planogram",
    "/shops/{shop}/policy": "see_planning",
    "/shops/{shop}/session": "see_sessions",
    "/shops/{shop}/statement": "see_statements",
    "/shops/{shop}/vehicles/{vehicle}": "see_vehicles",
    "/sign-in": ANYONE,
    "/to-bring": "see_stock",
    "/totals": "see_totals",
    "/transfers": "resolve",
    "/transfers/new": "resolve",
    "/vans": "plan_visits",
    "/vehicles": "see_vehicles",
}
NOT_THERE = {
    "/imports/{run}",
    "/devices",
    "/part",
    "/shops/{shop}/policy",
    "/reset/{code}",
    "/invitation/{code}",
    "/transfers/new",
    "/rounds/picking",
    "/rounds/visit",
    "/releases/rollout",
}  # nothing to show: 404 is right
_SECRET = "a secret for the pages tests, long enough"


class Visitors:
    """A running cloud, and a browser of everybody."""

    def __init__(self, base: str, database: Database) -> None:
        self._client = httpx.Client(base_url=base, timeout=30)
        self._database = database
        self._identity = Identity(database, _SECRET, wall_clock_ms)

    def close(self) -> None:
        """Let the connection go."""
        self._client.close()

    def get(self, path: str, user: int = 0, language: str = "en") -> httpx.Response:
        """What somebody gets under a path; nobody for 0."""
        cookies = {COOKIE: self._identity.begin(user)} if user else {}
        self._client.cookies = httpx.Cookies(cookies | {"language": language})  # whatever it was told before
        return self._client.get(path)

    def somebody(self, role: Role, email: str = "") -> int:
        """A new person of the first dealer in a role."""
        with self._database.writing() as session:
            user = User(email=email or f"{role}@roles.example", name=role, password_hash="")
            session.add(user)
            session.flush()
            dealer = None if role == "operator" else "dealer-1"
            shops = "shop-1" if role in {"shop_owner", "mechanic"} else ""
            session.add(Membership(user_id=user.id or 0, dealer_id=dealer, role=role, shops=shops, brand="Mann"))
            return user.id or 0

    def of_another_dealer(self) -> int:
        """An admin of the second dealer."""
        with self._database.reading() as session:
            return session.exec(select(User.id).where(col(User.email) == OTHER_EMAIL)).one() or 0

    def let_in(self, shop: str, dealer: str) -> None:
        """Make a dealer a guest of a shop."""
        with self._database.writing() as session:
            session.add(ShopDealer(shop_id=shop, dealer_id=dealer, is_host=False))
            session.flush()
            keep_all_views(session)

    def address(self, page: str) -> str:
        """A page's path with ids that are there."""
        with self._database.reading() as session:
            opened = session.exec(select(CabinetSession.id).where(col(CabinetSession.shop_id) == "shop-1")).first()
            vehicle = session.exec(select(Vehicle.id).where(col(Vehicle.shop_id) == "shop-1")).first()
        ids = {"shop": "shop-1", "cabinet": "cab-1", "vehicle": vehicle or "none", "run": "none", "code": "none"}
        path = re.sub(r"\{(\w+)\}", lambda found: quote(ids[found[1]], safe=""), page)
        return path + (f"?id={quote(opened or '', safe='')}" if page.endswith("/session") else "")


@pytest.fixture(scope="module")
def visitors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitors]:
    folder = tmp_path_factory.mktemp("rights")
    with running_cloud(folder) as base:
        database = open_database(f"sqlite:///{folder / 'cloud.db'}")
        opened = Visitors(base, database)
        yield opened
        opened.close()
        database.close()


def test_every_page_is_in_the_table() -> None:
    """A new page without a line fails here."""
    [folder] = pages_package.__path__
    found = {
        path
        for module in Path(folder).rglob("*.py")
        for path in re.findall(r'(?:@page|app\.get)\(\s*"([^"]+)"', module.read_text(encoding="utf-8"))
    }
    assert found == set(PAGES)


def test_the_menu_asks_for_what_its_pages_ask_for() -> None:
    assert {entry.path: entry.right for entry in ENTRIES if PAGES.get(entry.path) != entry.right} == {}


def test_who_begins_elsewhere_keeps_the_language_asked_for(visitors: Visitors) -> None:
    answer = visitors.get("/?lang=en", visitors.somebody("brand", "begins@roles.example"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/totals?lang=en")


def test_nobody_is_sent_to_sign_in(visitors: Visitors) -> None:
    for page, right in PAGES.items():
        answer = visitors.get(visitors.address(page))
        if right is not ANYONE:
            assert answer.status_code == 303, page
            assert answer.headers["location"].startswith("/sign-in?next="), page
        else:
            assert answer.status_code in {200, 404}, page


@pytest.mark.parametrize("role", ROLES)
def test_each_role_sees_its_pages(visitors: Visitors, role: Role) -> None:
    """A page that the role does not see says so; the frame names the pages that it sees, and no other."""
    user = visitors.somebody(role)
    for page, right in PAGES.items():
        if right is ANYONE:
            continue
        answer = visitors.get(visitors.address(page), user)
        if right == OWN or right in RIGHTS_OF[role]:
            assert answer.status_code == 200 or (page in NOT_THERE and answer.status_code == 404), page
            if page == "/account":
                shown = set(re.findall(r'href="(/[^"?#]*)"', answer.text)) | _links(answer.text)
                hidden = {entry.path for entry in ENTRIES if entry.right not in RIGHTS_OF[role]} - {"/"}
                assert not shown & hidden, page
        elif page == "/":
            assert answer.status_code == 303, page  # they begin elsewhere
        else:
            assert answer.status_code == 403, page
            assert FRAME_TEXTS["not_allowed"][1] in answer.text, page


def _links(page: str) -> set[str]:
    return set(re.findall(r'"href":\s*"(/[^"?#]*)"', page)) | set(re.findall(r'\\"href\\":\\"(/[^"?#\\]*)', page))


def test_a_refusal_speaks_chinese_too(visitors: Visitors) -> None:
    user = visitors.of_another_dealer()
    assert FRAME_TEXTS["not_found"][0] in visitors.get("/shops/shop-1", user, "zh").text
    assert FRAME_TEXTS["not_allowed"][0] in visitors.get("/dealers", user, "zh").text


def test_another_dealers_pages_are_not_there(visitors: Visitors) -> None:
    """404 for whatever is of the first dealer's shop; what is of all shops has nothing of it."""
    user = visitors.of_another_dealer()
    for page, right in PAGES.items():
        if right is ANYONE or right == OWN or right not in RIGHTS_OF["admin"]:
            continue
        answer = visitors.get(visitors.address(page), user)
        if "{shop}" in page:
            assert answer.status_code == 404, page
        assert "华通配件" not in answer.text and "陈经理" not in answer.text, page


def test_a_guest_changes_nobody_of_a_shop(visitors: Visitors) -> None:
    """Last of all: from now on the second dealer has something there."""
    user = visitors.of_another_dealer()
    visitors.let_in("shop-2", "dealer-9")
    own, guest = (visitors.get(f"/shops/{shop}/people", user).text for shop in ("shop-9", "shop-2"))
    for key in ("people_lead", "add", "leave", "forget"):
        assert PEOPLE_TEXTS[key][1] in own, key
        assert PEOPLE_TEXTS[key][1] not in guest, key
    assert PEOPLE_TEXTS["guest_lead"][1] in guest
