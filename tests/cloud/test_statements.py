"""Statements of a shop: a month by hand, returns, tax, corrections after closing, and what may not change any more.

The expected amounts were worked out on paper, in fen: 2 x 12850 = 25700, tax 13 % 3341; (3-1-1) x 12000 = 12000, tax
1560; 333 g x 3 = 999, tax 129.87 -> 130; 1005 euro cents, tax 19 % 190.95 -> 191. Back after closing: 12850 at 13 % is
1670.5, and half a fen is rounded away from zero: 1671.
"""

import csv
import hashlib
import io
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select

from cloud.identity import SignedIn
from cloud.shop_plan import own_shop
from cloud.tables import BilledLine, Statement
from cloud.work.prices import BilledPriceError, refuse_billed
from tests.cloud.conftest import Cloud
from tests.cloud.work_world import BIN, JOB, Shop, at, moved
from tests.cloud.worlds import BOLT, FILTER, discrepancy

OCTOBER, NOVEMBER = "/api/shops/shop-1/statements/2026-10", "/api/shops/shop-1/statements/2026-11"


def lines(view: dict[str, Any]) -> dict[tuple[str, str, str], tuple[int, int, int | None, int | None]]:
    """(job, part, kind) -> taken, back, net, tax."""
    return {
        (job["job"], line["part"]["number"], line["kind"]): (
            line["taken"], line["back"], line["net_minor"], line["tax_minor"],
        )
        for job in view["jobs"]
        for line in job["lines"]
    }  # fmt: skip


def totals(view: dict[str, Any]) -> dict[str, tuple[int, ...]]:
    """Currency -> net, tax, gross."""
    return {
        total["currency"]: (total["net_minor"], total["tax_minor"], total["gross_minor"]) for total in view["totals"]
    }


def test_a_month_and_the_next_one(cloud: Cloud) -> None:
    """October open, priced, closed; what comes after that stands in November and changes nothing."""
    shop, north = Shop(cloud), cloud.browser()
    shop.october()
    shop.tells("2026-11-02 10:00", discrepancy("d-1"))
    october = cloud.get(OCTOBER)
    assert lines(october) == {
        ("j-1", FILTER.number, "used"): (2, 0, 25700, 3341),
        ("", FILTER.number, "used"): (3, -2, 12000, 1560),
        ("", BOLT.number, "used"): (333, 0, 999, 130),
        ("", "E-1", "used"): (1, 0, 1005, 191),
        ("", "NP-1", "used"): (1, 0, None, None),
    }
    assert (october["unpriced"], october["jobs"][0]["plate"]) == (1, "鲁B12345")
    assert totals(october) == {"CNY": (38699, 5031, 43730), "EUR": (1005, 191, 1196)}
    assert october["questions"] == []  # it was opened in November
    assert [asked["discrepancy"] for asked in cloud.get(NOVEMBER)["questions"]] == ["d-1"]

    refused = north.post(f"{OCTOBER}/close")
    assert (refused.status_code, "found 1 without" in refused.text) == (409, True)
    shop.price("NP-1", "2026-10-01", 100, tax_ppm=0)
    closed = north.post(f"{OCTOBER}/close").json()
    assert totals(closed)["CNY"] == (38799, 5031, 43830)
    assert closed["closed_ms"] == at("2026-11-02 10:00") and closed["closed_by"] == "li"

    late_correction = moved(
        "m1/correction-1-0a1b2c3d", "correction", "2026-11-04 09:00", FILTER.number, 1,
        source=JOB, target=BIN, corrects="m1",
    )  # fmt: skip
    shop.tells("2026-11-05 09:00", moved("m6", "take", "2026-10-12 09:00", BOLT.number, 100), late_correction)
    shop.price(FILTER.number, "2026-09-15", 99900)  # dated back: what was billed, and what is given back of it, stands
    assert cloud.get(OCTOBER) == closed
    claim = north.post(
        "/api/shops/shop-1/claims",
        json={"kind": "warranty", "movement": "m1/charge-1-0a1b2c3d", "part": FILTER.number, "quantity": 1},
    )
    assert claim.status_code == 201, claim.text
    accepted = north.post(f"/api/shops/shop-1/claims/{claim.json()['id']}/accept", json={})
    assert (accepted.status_code, accepted.json()["credit_minor"]) == (200, 12850)
    november = cloud.get(NOVEMBER)
    assert lines(november) == {
        ("j-1", FILTER.number, "correction"): (0, -1, -12850, -1671),
        ("j-1", FILTER.number, "claim"): (0, -1, -12850, -1671),
        ("", FILTER.number, "used"): (1, 0, 12000, 1560),
        ("", BOLT.number, "correction"): (100, 0, 300, 39),
    }
    assert totals(november) == {"CNY": (-13400, -1743, -15143)}
    assert {line["of_month"] for job in november["jobs"] for line in job["lines"]} == {"", "2026-10"}
    _close_in_order(cloud)


def _close_in_order(cloud: Cloud) -> None:
    north = cloud.browser()
    before = north.post(f"{NOVEMBER}/close")
    assert (before.status_code, "month that is over" in before.text) == (409, True)
    cloud.clock.ms = at("2026-12-31 12:00")
    skipped = north.post("/api/shops/shop-1/statements/2026-12/close")
    assert skipped.status_code == 409
    assert [month["month"] for month in cloud.get("/api/shops/shop-1/statements") if month["can_close"]] == ["2026-11"]
    assert north.post(f"{NOVEMBER}/close").status_code == 200
    assert north.post(f"{NOVEMBER}/close").status_code == 409
    december = cloud.get("/api/shops/shop-1/statements/2026-12")
    assert (december["jobs"], december["totals"]) == ([], [])  # nothing is corrected or credited twice


def test_what_a_closed_statement_rests_on_stands(cloud: Cloud) -> None:
    """In the database itself, by its digest, and for the prices it used."""
    shop, north = Shop(cloud), cloud.browser()
    shop.october()
    shop.price("NP-1", "2026-10-01", 100, tax_ppm=0)
    digest = north.post(f"{OCTOBER}/close").json()["digest"]
    with cloud.services.database.reading() as session:
        stored = session.exec(select(Statement)).one()
        billed = session.exec(select(BilledLine)).all()
    assert hashlib.sha256(stored.body.encode()).hexdigest() == stored.digest == digest
    assert {line.ref for line in billed} >= {"m:m1/1", "m:m1/charge-1-0a1b2c3d/0", "m:m1/charge-1-0a1b2c3d/1", "m:m5/0"}
    assert "m:m4/1" not in {line.ref for line in billed}
    for table, column in ((Statement, "body"), (BilledLine, "part")):
        with (
            pytest.raises(DBAPIError, match=r"append-only|permission denied"),
            cloud.services.database.writing() as session,
        ):
            row = session.exec(select(table).limit(1)).one()
            setattr(row, column, "another")
    person = _person(cloud)
    with cloud.services.database.reading_as(person.tenant) as session:
        own_shop(session, person.tenant, "shop-1")
        with pytest.raises(BilledPriceError, match="later day"):
            refuse_billed(session, person.tenant, FILTER.number, "shop-1", "2026-10-10")
        refuse_billed(session, person.tenant, FILTER.number, "", "2026-10-20")  # no line rests on it


def test_another_time_zone_loses_nothing_between_two_months(cloud: Cloud) -> None:
    """What was taken in the first minute of November is October's by the new clock, which is closed: it is billed."""
    shop, north = Shop(cloud), cloud.browser()
    shop.october()
    shop.price("NP-1", "2026-10-01", 100, tax_ppm=0)
    cloud.clock.ms = at("2026-11-03 12:00")
    assert north.post(f"{OCTOBER}/close").status_code == 200
    facts = {"name": "一号店", "address": "", "time_zone": "Pacific/Honolulu"}
    assert north.request("PUT", "/api/shops/shop-1/facts", json=facts).status_code == 204
    assert lines(cloud.get(NOVEMBER)) == {("", FILTER.number, "correction"): (1, 0, 12000, 1560)}


def _person(cloud: Cloud) -> SignedIn:
    person = cloud.services.identity.signed_in(cloud.cookies["li@north.example"])
    assert person is not None
    return person


def test_as_csv_and_pdf(cloud: Cloud) -> None:
    """The same lines, amounts with their decimals; a document of A4 pages in both languages."""
    shop, north = Shop(cloud), cloud.browser()
    shop.october()
    answer = north.get(f"{OCTOBER}/csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [(row["job"], row["part"], row["net"], row["tax"], row["tax_rate"], row["currency"]) for row in rows] == [
        ("j-1", FILTER.number, "257.00", "33.41", "13%", "CNY"),
        ("", "E-1", "10.05", "1.91", "19%", "EUR"),
        ("", BOLT.number, "9.99", "1.30", "13%", "CNY"),
        ("", "NP-1", "", "", "", ""),
        ("", FILTER.number, "120.00", "15.60", "13%", "CNY"),
    ]
    made = {lang: north.get(f"{OCTOBER}/pdf?lang={lang}").content for lang in ("zh", "en")}
    assert all(pdf.startswith(b"%PDF-") and b"STSong-Light" in pdf and b"595.2756" in pdf for pdf in made.values())
    assert made["zh"] != made["en"] and made["zh"] == north.get(f"{OCTOBER}/pdf?lang=zh").content
    for month in ("2026-13", "26-1", "x"):
        assert north.get(f"/api/shops/shop-1/statements/{month}").status_code == 422
    assert cloud.browser("wang@south.example").get(OCTOBER).status_code == 404
    with cloud.services.database.reading() as session:
        assert not session.exec(select(BilledLine).where(col(BilledLine.shop_id) == "shop-1")).all()
