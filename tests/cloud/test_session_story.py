"""One session with its evidence, as the dealer's page shows it: what is told, to whom, and by how many queries."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import pytest
from sqlalchemy import Engine, event

from cloud.session_story import ToldSession, told_session
from cloud.tenancy import NotFoundError
from edge_gateway.upload_format import ResolutionItem
from page_kit.session_story import moved_bins
from tests.cloud import worlds
from tests.cloud.conftest import Cloud
from tests.cloud.worlds import FILTER, NOW_MS, movement, opening, take, upload

SESSION, END = "cab-1/c0ffee00/2", "cab-1/c0ffee00/4"
LATER = "cab-1/c0ffee00/9"
CLOSED = '{"v":1,"body":{"kind":"session_closed","bins":[[1,6000000,150,4800000,150,0],[2,null,0,null,0,2]]}}'


def told(cloud: Cloud, name: str = SESSION, *, shop: str = "shop-1", email: str = "li@north.example") -> ToldSession:
    """What somebody is told of a session."""
    person = cloud.services.identity.signed_in(cloud.cookies[email])
    assert person is not None
    with cloud.services.database.reading() as session:
        return told_session(session, person.tenant, shop, name)


def tell(cloud: Cloud) -> None:
    """Two filters taken; a question; then the tags say three, and somebody puts it right at two."""
    first = msgspec.structs.replace(worlds.verdict(f"{END}/1/verdict"), session=SESSION)
    candidates = f'[[[["{FILTER.number}",-3]],0,999900],[[["{FILTER.number}",-2]],0,100]]'
    second = msgspec.structs.replace(
        worlds.verdict(f"{LATER}/1/verdict", 2, LATER),
        best=f'[[["{FILTER.number}",-3]],0]',
        candidates=candidates,
        decided_ms=NOW_MS + 60_000,
        confidence_ppm=999_900,
    )
    back = movement(
        "m2/correction-1-00ff",
        ("shop:shop-1", FILTER.number, -1),
        ("bin:cab-1/1", FILTER.number, 1),
        cause="correction",
        session=SESSION,
        corrects="m2",
    )
    doubt = msgspec.structs.replace(worlds.discrepancy("d1"), session=SESSION)
    cloud.receipt(
        upload(
            [
                opening("m1", 20),
                first,
                doubt,
                worlds.session(SESSION),
                worlds.event(4, line=CLOSED),
                second,
                ResolutionItem("d1", "", "newer evidence", "m2", NOW_MS + 60_000),
                take("m2", 3, session=SESSION, at_ms=NOW_MS + 60_000),
                worlds.event(9, line='{"v":1,"body":{"kind":"tags_read"}}'),
                msgspec.structs.replace(back, booked_ms=NOW_MS + 90_000),
                msgspec.structs.replace(worlds.rezero(f"{END}/1/rezero"), event=END, rezeroed_ms=NOW_MS),
            ]
        )
    )


def test_the_newest_verdict_counts_and_the_first_is_told_beside_it(cloud: Cloud) -> None:
    tell(cloud)
    [first, blind] = moved_bins(told(cloud).bins)
    assert first.told is not None
    assert first.told.best == (((FILTER.number, -3),), 0, 999_900)
    assert [(m.change, m.booked) for m in first.moved] == [(-2, -3)]
    assert [later.kind for later in first.later] == ["rezeroed", "verdict", "settled", "corrected"]
    verdict = first.later[1]
    assert verdict.told is not None
    assert (verdict.why, verdict.told.best.ppm) == ("tags_read", 998_000)
    assert first.later[-1].person == "张师傅"
    assert (blind.bin, blind.blind, blind.told) == (2, True, None)


def test_who_and_when_and_for_which_job(cloud: Cloud) -> None:
    tell(cloud)
    found = told(cloud)
    assert (found.person_name, found.cabinet_en, found.uncharged, found.jobs) == ("张师傅", "Cabinet 1", True, ())
    assert {part.number for part in found.parts} == {FILTER.number, worlds.BOLT.number}
    assert found.planned(1) == (FILTER.number,)


def test_a_session_of_an_older_gateway_has_its_bookings_and_no_verdict(cloud: Cloud) -> None:
    cloud.receipt(upload([opening("m1", 20), take("m2", 3, session=SESSION), worlds.session(SESSION)]))
    [only] = told(cloud).bins
    assert (only.told, only.levels, [m.change for m in only.moved]) == (None, (), [-3])


def test_another_tenants_session_is_not_there(cloud: Cloud) -> None:
    tell(cloud)
    for shop in ("shop-1", "shop-9"):
        with pytest.raises(NotFoundError):
            told(cloud, shop=shop, email="wang@south.example")
    with pytest.raises(NotFoundError):
        told(cloud, "cab-1/c0ffee00/77")
    with pytest.raises(NotFoundError):
        told(cloud, shop="shop-2")


def test_verdicts_are_read_over_http(cloud: Cloud) -> None:
    tell(cloud)
    path = f"/api/shops/shop-1/verdicts?session={SESSION}"
    first, second = cloud.get(path)
    assert (first["number"], first["best"]) == (1, {"changes": {FILTER.number: -2}, "foreign_mg": 0, "ppm": 998_000})
    assert [step["changes"] for step in first["steps"]] == [{FILTER.number: -1}, {FILTER.number: -1}]
    assert first["levels"][-1] == {"at_ms": 9000, "mg": 4_800_000, "noise_mg": 150}
    assert (second["event"], second["best"]["changes"]) == (LATER, {FILTER.number: -3})
    assert cloud.get("/api/shops/shop-1/verdicts?session=cab-1/c0ffee00/77") == []
    assert cloud.browser("wang@south.example").get(path).status_code == 404
    assert cloud.client.get(path).status_code == 401


def test_each_table_is_asked_once(cloud: Cloud) -> None:
    tell(cloud)
    told(cloud)  # the plan is read once, and kept
    with counted(cloud.services.database.engine) as asked:
        told(cloud)
    assert asked["verdict"] == 1
    assert {name: times for name, times in asked.items() if times > 1} == {}


@contextmanager
def counted(engine: Engine) -> Iterator[Counter[str]]:
    """How often each table is read from meanwhile, but for those of the sign-in."""
    asked: Counter[str] = Counter()

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.update(set(re.findall(r'(?:FROM|JOIN) "?(\w+)"?', statement)) - {"user", "dealer", "sign_in"})

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)
