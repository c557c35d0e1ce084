"""`partsbay cloud seed --shops N`: fill an empty database with a drawn fleet and its year of work."""

import secrets
import sys
import time
from dataclasses import replace
from datetime import UTC, date, datetime

from sqlalchemy import Connection, text
from sqlmodel import Session, func, select

from cloud.catalogue.search_index import reindex
from cloud.clock import wall_clock_ms
from cloud.database import Database, open_database
from cloud.document import store_document
from cloud.document_parts import brought_up_to_date, catalogue_parts
from cloud.fleet_seed import statuses, supply
from cloud.fleet_seed.asked import Asked, AskedError
from cloud.fleet_seed.catalogues import catalogue_rows, fitments
from cloud.fleet_seed.fleets import DealerDrawn, ShopDrawn, dealers, shop, shops_of
from cloud.fleet_seed.ledgers import Ledger
from cloud.fleet_seed.rows import Rows
from cloud.fleet_seed.work import Work
from cloud.fleet_seed.years import CabinetYear
from cloud.identity import hash_password
from cloud.replenishment.gauges.daily import make_gauges
from cloud.settings import Settings
from cloud.tables import Dealer, Membership, PolicyAim, Shop, ShopDealer, User
from edge_gateway.shop_document import ShopDocument

PEOPLE = (("admin", "经理"), ("clerk", "内勤"), ("restocker", "配送"), ("shop_owner", "店主"))


def run(settings: Settings, asked: Asked, until: date | None = None, password: str = "") -> int:
    """Fill the database (`AskedError` when it is not empty), say how long it took, and return 0.

    The work ends on the evening of a day, or now. Without a `password` one is drawn and said.
    """
    asked = replace(asked, until_ms=wall_clock_ms() if until is None else _evening_ms(until))
    chosen = password or secrets.token_urlsafe(9)
    database = open_database(settings.database_url)
    try:
        started = time.monotonic()
        written = fill(database, asked, chosen)
        written["gauge_day"] = make_gauges(database, lambda: asked.until_ms)
        seconds = time.monotonic() - started
    finally:
        database.close()
    for table in ("movement", "posting", "cabinet_session", "job", "balance", "verdict", "gauge_day"):
        sys.stdout.write(f"cloud seed {table}: {written.get(table, 0):,} rows\n")
    sys.stdout.write(f"cloud seed done in {seconds:,.0f} s; sign in as admin@dealer-1.example with {chosen}\n")
    return 0


def fill(database: Database, asked: Asked, password: str) -> dict[str, int]:
    """The whole fleet, shop by shop, each in a transaction; how many rows of each big table."""
    asked.check()
    known = dealers(asked)
    hashed = hash_password(password)
    with database.writing() as session:
        _refuse_another(session)
        _write_dealers(session, asked, known, hashed)
    written: dict[str, int] = {}
    for number in range(1, asked.shops + 1):
        drawn = shop(asked, known, number)
        with database.writing() as session:
            for table, rows in _write_shop(session, asked, drawn).items():
                written[table] = written.get(table, 0) + rows
        if number % 10 == 0 and asked.shops > 10:
            sys.stdout.write(f"cloud seed {number} of {asked.shops} shops\n")
            sys.stdout.flush()
    _write_owners(database, known, hashed)
    _gather_statistics(database)
    return written


def _refuse_another(session: Session) -> None:
    if held := session.exec(select(func.count()).select_from(Dealer)).one():
        raise AskedError(f"expected an empty database for a drawn fleet, found one with {held} dealers")


def _write_dealers(session: Session, asked: Asked, known: list[DealerDrawn], hashed: str) -> None:
    rows = Rows(session.connection())
    for dealer in known:
        draw = asked.draw("catalogue", dealer.id)
        session.add(Dealer(id=dealer.id, name=dealer.name))
        session.flush()
        rows.keep(*catalogue_rows(draw, dealer.id, dealer.sold, asked.from_ms))
        session.add_all(fitments(draw, dealer.id, dealer.sold))
        for role, title in PEOPLE[:3]:
            _write_person(session, dealer, (role, title), hashed)
        session.add_all(_aims(dealer.id, asked.from_ms))
        rows.keep(*supply.vans(asked, dealer, shops_of(known, dealer, asked.shops)), *supply.store(asked, dealer))
    rows.flush()
    for dealer in known:
        reindex(session, dealer.id, [offer.part.number for offer in dealer.sold])


def _aims(dealer: str, now_ms: int) -> list[PolicyAim]:
    """What it promises; the service computes the policies that follow when it starts."""
    return [
        PolicyAim(dealer_id=dealer, fill_ppm=950_000, review_days=4, by_forecast=1, changed_ms=now_ms),
        PolicyAim(dealer_id=dealer, category="wearing", fill_ppm=970_000, changed_ms=now_ms),
    ]


def _write_person(session: Session, dealer: DealerDrawn, who: tuple[str, str], hashed: str, shops: str = "") -> None:
    role, title = who
    email = f"{role.replace('_', '-')}@{dealer.id}.example"
    user = User(email=email, name=dealer.name + title, password_hash=hashed)
    session.add(user)
    session.flush()
    session.add(Membership(user_id=user.id or 0, dealer_id=dealer.id, role=role, shops=shops))


def _write_owners(database: Database, known: list[DealerDrawn], hashed: str) -> None:
    """An owner of the first shop of every dealer."""
    with database.writing() as session:
        for dealer in known:
            first = session.exec(select(Shop.id).where(Shop.dealer_id == dealer.id).order_by(Shop.id)).first()
            if first is not None:
                _write_person(session, dealer, PEOPLE[3], hashed, first)


def _write_shop(session: Session, asked: Asked, drawn: ShopDrawn) -> dict[str, int]:
    _write_place(session, asked, drawn)
    rows = Rows(session.connection())
    ledger = Ledger(drawn, rows)
    work = Work(asked, drawn, rows, asked.draw("work", drawn.id))
    work.begin()
    for cabinet in drawn.bins:
        draw = asked.draw("year", drawn.id, cabinet)
        CabinetYear(asked, drawn, cabinet, work, ledger, draw).live()
    work.end()
    ledger.end()
    rows.flush()
    return rows.written


def _write_place(session: Session, asked: Asked, drawn: ShopDrawn) -> None:
    session.add(
        Shop(
            id=drawn.id,
            dealer_id=drawn.dealer.id,
            name=drawn.document.shop_name,
            latitude_e6=drawn.latitude_e6,
            longitude_e6=drawn.longitude_e6,
            address=drawn.address,
        )
    )
    session.flush()
    session.add(ShopDealer(shop_id=drawn.id, dealer_id=drawn.dealer.id))
    if drawn.guest is not None:
        session.add(ShopDealer(shop_id=drawn.id, dealer_id=drawn.guest.id, is_host=False))
    session.flush()
    # Drawn at random, some bins cannot be told apart by weight: that is what a fleet is like.
    version = store_document(session, _priced(session, asked, drawn), asked.from_ms, force=True)
    row = statuses.gateway(asked, drawn)
    row.document_version = version
    session.add(row)
    session.flush()
    session.add_all(statuses.cabinet_status(asked, drawn, cabinet, row) for cabinet in drawn.bins)
    session.add_all(supply.hours(asked, drawn, drawn.dealer.id))
    session.flush()


def _priced(session: Session, asked: Asked, drawn: ShopDrawn) -> ShopDocument:
    """The shop's document with the prices of the last day, so that no gateway waits for them."""
    document, kept = drawn.document, session.get_one(Shop, drawn.id)
    numbers = [part.number for part in document.parts]
    for dealer in filter(None, (drawn.guest, drawn.dealer)):
        known = catalogue_parts(session, dealer.id, kept, numbers, asked.until_ms)
        document = brought_up_to_date(document, dealer.id, known)
    return document


def _gather_statistics(database: Database) -> None:
    """So that the first questions are not answered by guesses."""
    with database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))


def unbalanced(connection: Connection) -> int:
    """How many balances are not the sum of their postings: 0 in a sound database."""
    statement = (
        "SELECT count(*) FROM (SELECT shop_id, account, part, dealer_id, sum(quantity) AS held FROM posting "
        "GROUP BY shop_id, account, part, dealer_id) posted FULL JOIN balance ON balance.shop_id = posted.shop_id "
        "AND balance.account = posted.account AND balance.part = posted.part AND balance.dealer_id = posted.dealer_id "
        "WHERE posted.held IS NULL OR balance.quantity IS NULL OR posted.held <> balance.quantity"
    )
    return int(connection.execute(text(statement)).scalar_one())


def _evening_ms(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp() * 1000)
