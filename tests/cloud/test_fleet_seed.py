"""A drawn fleet: the same from the same seed, its books balance, and every query of it answers."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlmodel import Session, col, func, select

from cloud import consumption, fleet, history, stock
from cloud.catalogue.search import Search
from cloud.database import Database, open_database
from cloud.document_parts import follow_catalogue
from cloud.fleet_seed.asked import DAY_MS, Asked, AskedError
from cloud.fleet_seed.command import fill, unbalanced
from cloud.fleet_seed.rows import Sheet
from cloud.fleet_seed.vehicle_words import check_digit
from cloud.open_matters import find_all
from cloud.replenishment import requested
from cloud.shop_figures import count_bins
from cloud.stock_work import counts, discrepancies, transfers
from cloud.tables import Balance, CrossReference, Fitment, Movement, OpenMatter, Posting, ShopDealer, Vehicle
from cloud.tenancy import TenantId, signed_in_tenant, tenant_rows
from cloud.verdicts import verdicts
from partsbay import main

UNTIL_MS = 1_794_873_600_000
ASKED = Asked(shops=2, cabinets=3, months=2, scale=0.1, seed=7, until_ms=UNTIL_MS)


@pytest.fixture
def filled(empty_address: str) -> Iterator[Database]:
    opened = open_database(empty_address)
    fill(opened, ASKED, "a password of the fleet")
    yield opened
    opened.close()


def _sum(session: Session, table: type[Movement] | type[Posting]) -> list[object]:
    """Something that differs when any row does."""
    if table is Posting:
        return [tuple(row) for row in session.exec(select(Posting.movement_id, Posting.account, Posting.quantity))]
    return [tuple(row) for row in session.exec(select(Movement.shop_id, Movement.id, Movement.occurred_ms))]


def test_a_drawn_fleet_balances_and_every_query_answers(filled: Database) -> None:
    with filled.reading() as session:
        assert unbalanced(session.connection()) == 0
        movements = session.exec(select(func.count()).select_from(Movement)).one()
        assert 300 < movements < 3000
        causes = set(session.exec(select(Movement.cause).distinct()))
        assert {"opening", "take", "restock", "charge"} <= causes
        kept = {(row.shop_id, row.kind, row.id) for row in session.exec(select(OpenMatter))}
        assert kept == _open_by_hand(session)
        assert {row.vin[8] == check_digit(row.vin) for row in session.exec(select(Vehicle))} == {True}
        negative = select(Balance).where(col(Balance.quantity) < 0, col(Balance.account).like("bin:%"))
        assert session.exec(negative).first() is None
        guests = session.exec(select(ShopDealer).where(~col(ShopDealer.is_host))).all()
        assert [(row.shop_id, row.dealer_id) for row in guests] == [("shop-1", "dealer-2")]
    for dealer in ("dealer-1", "dealer-2"):
        assert follow_catalogue(filled, dealer, UNTIL_MS) == 0
        tenant = signed_in_tenant(dealer)
        with filled.reading_as(tenant) as session:
            _ask_everything(session, tenant)
            _find_by_number_and_by_vehicle(session, tenant)


def _find_by_number_and_by_vehicle(session: Session, tenant: TenantId) -> None:
    """A drawn catalogue is found as one that was imported is: by its numbers, and by what fits a vehicle."""
    search = Search(session, tenant, UNTIL_MS)
    fits = session.exec(tenant_rows(tenant, Fitment)).first()
    assert fits is not None
    assert search.answer(fits.part.lower()).hits[0].part.number == fits.part
    reference = session.exec(tenant_rows(tenant, CrossReference)).first()
    assert reference is not None
    assert reference.part in {hit.part.number for hit in search.answer(reference.number).hits}
    assert search.answer(f"{fits.make} {fits.model}").hits
    assert {
        shop.document_version - shop.gateway_document_version for shop in fleet.shops(session, tenant, UNTIL_MS)
    } == {0}


def _open_by_hand(session: Session) -> set[tuple[str, str, str]]:
    """What is open by the bookings alone."""
    statements = [statement.split("INSERT INTO open_matter")[1].split(") ", 1)[1] for statement in find_all()]
    found: set[tuple[str, str, str]] = set()
    for statement in statements:
        rows = session.connection().exec_driver_sql(
            statement.removesuffix(" ON CONFLICT (shop_id, kind, id) DO NOTHING")
        )
        found |= {(row[0], row[1], row[2]) for row in rows}
    return found


def _ask_everything(session: Session, tenant: TenantId) -> None:
    shops = fleet.shops(session, tenant, UNTIL_MS)
    assert shops
    for shop in shops:
        assert shop.latitude_e6 is not None
        assert fleet.one_shop(session, tenant, shop.id, UNTIL_MS) == shop
        assert count_bins(session, tenant, [shop.id], UNTIL_MS)[shop.id].low == shop.bins_low
        cabinets = fleet.cabinets(session, tenant, shop.id, UNTIL_MS)
        assert sum(cabinet.bins_low for cabinet in cabinets) == shop.bins_low
        bins = stock.bins(session, tenant, shop.id, cabinets[0].id, UNTIL_MS)
        assert sum(bool(row.parts) for row in bins) == cabinets[0].bins
        part = next(row.parts[0].part.number for row in bins if row.parts)
        assert sum(place.stock for place in stock.of_part(session, tenant, part, UNTIL_MS, shop.id)) > 0
        _ask_history(session, tenant, shop.id)
    waiting = requested.to_bring(session, tenant, UNTIL_MS)
    assert sum(len(part.bins) for each in waiting for part in each.parts) == sum(shop.open_requests for shop in shops)
    assert len(discrepancies.open_discrepancies(session, tenant)) == sum(shop.open_discrepancies for shop in shops)
    assert counts.counts(session, tenant) == []
    assert transfers.transfers(session, tenant) == []


def _ask_history(session: Session, tenant: TenantId, shop: str) -> None:
    first = history.movements(session, tenant, shop, limit=30)
    behind = history.movements(session, tenant, shop, limit=30, cursor=first[9].id)
    assert [row.id for row in behind[:20]] == [row.id for row in first[10:]]
    sessions = history.sessions(session, tenant, shop, limit=60)
    assert any(verdicts(session, tenant, shop, row.id) for row in sessions)
    all_of_it = consumption.consumption(session, tenant, shop, from_ms=0, to_ms=UNTIL_MS)
    month = consumption.consumption(session, tenant, shop, from_ms=UNTIL_MS - 30 * DAY_MS, to_ms=UNTIL_MS)
    assert sum(row.quantity for row in all_of_it.totals) > sum(row.quantity for row in month.totals) > 0


def test_the_same_seed_draws_the_same_fleet(tmp_path: Path) -> None:
    small, found = replace(ASKED, shops=1, cabinets=1, months=1), []
    for number, asked in enumerate((small, small, replace(small, seed=8))):
        opened = open_database(f"sqlite:///{tmp_path / f'{number}.db'}")
        fill(opened, asked, "a password of the fleet")
        with opened.reading() as session:
            found.append((_sum(session, Movement), _sum(session, Posting)))
        opened.close()
    assert found[0] == found[1]
    assert found[0] != found[2]


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "cloud.toml"
    config.write_text(f'database_url = "sqlite:///{tmp_path / "cloud.db"}"\nsecret = "{"s" * 40}"\n')
    command = ["cloud", "seed", "--config", str(config)]
    fleet_asked = ["--shops", "1", "--cabinets", "1", "--months", "1", "--scale", "0.05", "--until", "2026-11-20"]
    assert main([*command, *fleet_asked, "--password", "green pears 12"]) == 0
    assert "sign in as admin@dealer-1.example with green pears 12" in capsys.readouterr().out
    assert main([*command, *fleet_asked]) == 2
    assert "expected an empty database for a drawn fleet" in capsys.readouterr().err
    assert main(command) == 2
    assert main([*command, "seed.json", *fleet_asked]) == 2
    assert main([*command, "--shops", "3", "--cabinets", "2"]) == 2
    assert "expected 3 to 192 cabinets, found 2" in capsys.readouterr().err


def test_a_column_that_is_not_there_is_noticed() -> None:
    with pytest.raises(ValueError, match="expected columns of movement, found shelf"):
        Sheet(Movement, "shop_id shelf")
    with pytest.raises(ValueError, match=r"expected a value for .*occurred_ms.* of movement, found none"):
        Sheet(Movement, "shop_id id")
    with pytest.raises(AskedError, match="expected a scale above 0"):
        replace(ASKED, scale=0).check()
