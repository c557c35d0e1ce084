"""Two people who do the same at the same moment: the second waits, and finds what the first has done.

On PostgreSQL alone: SQLite has one writer at a time.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlmodel import Session, col, func, select, text

from cloud.database import Database
from cloud.identity import SignedIn
from cloud.people.rules import TakenError
from cloud.stock_work import counts, discrepancies
from cloud.tables import Job, ShopFeed, Vehicle
from cloud.work.jobs import JobChange, open_job
from cloud.work.shop_rows import own_rows, service_rows
from cloud.work.vehicles import find_or_make
from tests.cloud.conftest import Cloud
from tests.cloud.worlds import NOW_MS, discrepancy, opening, upload
from tests.firmware.brokers import wait_until

pytestmark = pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
Work = Callable[[Session], object]


@contextmanager
def first(database: Database, person: SignedIn, work: Work, second: Work) -> Iterator[list[Exception]]:
    """`work` is done and not committed before `second` waits for it or is through; yields what refused the second."""
    refused: list[Exception] = []

    def do() -> None:
        try:
            with database.writing_as(person.tenant) as session:
                second(session)
        except Exception as error:
            refused.append(error)

    thread = threading.Thread(target=do)
    with database.writing_as(person.tenant) as session:
        work(session)
        session.flush()
        thread.start()
        wait_until(lambda: not thread.is_alive() or _waits(database), "the second to wait")
    thread.join(30)
    assert not thread.is_alive()
    yield refused


def _waits(database: Database) -> bool:
    with database.as_owner() as connection:
        asked = text(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(connection.execute(asked).scalar_one())


def _person(cloud: Cloud) -> SignedIn:
    person = cloud.services.identity.signed_in(cloud.cookies["li@north.example"])
    assert person is not None
    return person


def test_a_job_told_twice_is_one_job_of_one_vehicle(cloud: Cloud) -> None:
    database, person = cloud.services.database, _person(cloud)

    def tell(session: Session) -> None:
        rows = own_rows(session, person.tenant, "shop-1", NOW_MS, person)
        open_job(rows, JobChange("机油", "鲁B77777"), name="RO-1")

    with first(database, person, tell, tell) as refused:
        assert refused == []
    with database.reading() as session:
        assert session.exec(select(func.count()).where(col(Job.id) == "RO-1")).one() == 1


def test_a_vehicle_that_two_tell_of_has_one_file(cloud: Cloud) -> None:
    """One of them is a kiosk, whose words come in by the cloud's own work."""
    database, person = cloud.services.database, _person(cloud)

    def tell(session: Session) -> None:
        find_or_make(own_rows(session, person.tenant, "shop-1", NOW_MS, person), "鲁B88888", "")

    with first(database, person, tell, tell) as refused:
        assert refused == []
    with database.writing() as session:
        find_or_make(service_rows(session, "shop-1", "kiosk", NOW_MS), "鲁b 88888", "")
        assert session.exec(select(func.count()).where(col(Vehicle.plain_plate) == "鲁B88888")).one() == 1


def test_an_order_that_two_give_goes_down_once(cloud: Cloud) -> None:
    cloud.receipt(upload([opening("m1", 20), discrepancy("d1")]))
    database, person = cloud.services.database, _person(cloud)

    def count(session: Session) -> None:
        counts.ask(session, person, "shop-1", ("cab-1", 1), part="", note="", now_ms=NOW_MS)

    def resolve(session: Session) -> None:
        discrepancies.resolve(session, person, "shop-1", "d1", note="借给隔壁", found=[], now_ms=NOW_MS)

    for order in (count, resolve):
        with first(database, person, order, order) as refused:
            assert [type(error) for error in refused] == [TakenError]
    with database.reading() as session:
        kinds = session.exec(select(ShopFeed.kind).order_by(col(ShopFeed.number))).all()
    assert list(kinds) == ["count", "resolve"]
