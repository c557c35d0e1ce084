"""From sessions to bookings, through a real database: who is charged, what is asked, what is in sight."""

from typing import Any

import pytest
from cabinet import wire

from edge_gateway import ledger_check
from tests.gateway.world import EPOCH, NOW_MS, Journal, Shop, default_bins, document, row

SHOP, DEALER, UNEXPLAINED = "shop:shop-1", "dealer:dealer-1", "unexplained:cab-1:dealer-1"

# (what, rows, session, expected movements (cause, bin, other account, change of the bin), open questions)
SESSIONS: dict[str, tuple[list[Any], dict[str, Any], list[Any], list[Any]]] = {
    "a take": ([row(1, 6_000_000, 4_800_000)], {}, [("take", 1, SHOP, -2)], []),
    "two bins": (
        [row(1, 6_000_000, 5_400_000), row(3, 840_000, 777_000)],
        {},
        [("take", 1, SHOP, -1), ("take", 3, SHOP, -3)],
        [],
    ),
    "nothing": ([row(1, 6_000_000, 6_000_100), row(3, 840_000, 840_050)], {}, [], []),
    "a restock": ([row(1, 6_000_000, 12_000_000)], {"person": "driver"}, [("restock", 1, DEALER, 10)], []),
    "a removal": ([row(1, 6_000_000, 4_800_000)], {"person": "driver"}, [("removal", 1, DEALER, -2)], []),
    "grams": ([row(2, 5_000_000, 4_630_000)], {}, [("take", 2, SHOP, -370)], []),
    "grams within the dead band": ([row(2, 5_000_000, 4_996_000)], {}, [], []),
    "forced": (
        [row(1, 6_000_000, 5_400_000)],
        {"person": ""},
        [("unexplained", 1, UNEXPLAINED, -1)],
        [(1, "no_person")],
    ),
    "by command": ([row(1, 6_000_000, 5_400_000)], {"by": "command"}, [("take", 1, SHOP, -1)], []),
    "behind a shut door": (
        [row(1, 6_000_000, 5_400_000)],
        {"how": "not_opened"},
        [("unexplained", 1, UNEXPLAINED, -1)],
        [(1, "unexplained_change")],
    ),
    "recovered": (
        [row(1, 6_000_000, 5_400_000)],
        {"how": "recovered", "missing": "door"},
        [("take", 1, SHOP, -1)],
        [],
    ),
    "not settled": ([row(1, 6_000_000, 5_400_000, wire.UNSETTLED)], {}, [], [(1, "uncertain_count")]),
    "not settled and nothing": ([row(1, 6_000_000, 6_000_000, wire.UNSETTLED)], {}, [], []),
    "a tool": ([row(1, 6_000_000, 6_431_700)], {}, [], [(1, "foreign_object")]),
    "blind": ([row(1, 6_000_000, None, wire.BLIND)], {}, [], [(1, "blind")]),
    "bin without a part": ([row(4, 0, 250_000)], {}, [], [(4, "no_part")]),
    "part without a mass": ([row(5, 0, 250_000)], {}, [], [(5, "no_unit_mass")]),
    "bin nobody planned": ([row(60, 0, 250_000)], {}, [], [(60, "no_part")]),
    "empty bin without a part": ([row(4, 0, 900)], {}, [], []),
    "more than held": (
        [row(1, 6_600_000, 0)],
        {},
        [("unexplained", 1, UNEXPLAINED, 1), ("take", 1, SHOP, -11)],
        [(1, "more_than_held")],
    ),
}


@pytest.mark.parametrize("case", SESSIONS)
def test_sessions(shop: Shop, journal: Journal, case: str) -> None:
    rows, session, expected, questions = SESSIONS[case]
    identity = journal.session(rows, **session)
    shop.take_journal(journal)
    found = shop.query(
        "select m.cause, m.bin, o.account, b.quantity from movement m "
        "join posting b on b.movement = m.id and b.account like 'bin:%' "
        "join posting o on o.movement = m.id and o.account not like 'bin:%' "
        "where m.cause != 'opening' order by m.bin, m.cause desc"
    )
    assert found == expected
    assert shop.questions() == questions
    assert shop.query("select how, missing, person from session where id = ?", identity) == [
        (session.get("how", "shut"), session.get("missing", ""), session.get("person", "wang"))
    ]
    assert verified(shop) == 0


def verified(shop: Shop) -> int:
    """The number of differences `verify-ledger` finds, as its exit status."""
    with (shop.path.parent / "report.txt").open("w") as out:
        return ledger_check.verify(shop.path, out)


def test_what_was_taken_comes_back(shop: Shop, journal: Journal) -> None:
    """The very pieces weigh the same again; what this person never had may as well be a tool of that mass."""
    journal.session([row(1, 6_000_000, 4_799_600)])
    journal.session([row(1, 4_799_600, 5_400_100)])
    shop.take_journal(journal)
    assert shop.questions() == []
    journal.session([row(1, 5_400_100, 6_000_400)])
    journal.session([row(1, 6_000_400, 6_600_900)])
    shop.take_journal(journal, 9)
    assert shop.query("select cause, session from movement where bin = 1 and cause = 'return' order by seq") == [
        ("return", f"cab-1/{EPOCH}/6"),
        ("return", f"cab-1/{EPOCH}/10"),
    ]
    assert shop.questions() == [(1, "uncertain_count")]
    assert shop.stock(1) == 10


def test_opening_stock_is_booked_once_ever(shop: Shop) -> None:
    shop.put_document(document(version=2))
    openings = shop.query("select id from movement where cause = 'opening' and cabinet = 'cab-1' order by id")
    assert openings == [("opening/cab-1/1/OF-1",), ("opening/cab-1/2/BLT-8",), ("opening/cab-1/3/BULB",)]
    assert [shop.stock(number) for number in (1, 2, 3)] == [10, 5000, 40]


def test_a_bin_given_to_another_part_asks_a_person(shop: Shop) -> None:
    bins = default_bins()
    bins[0] = {"bin": 1, "part": "BULB", "capacity": 60, "opening": 30}
    shop.put_document(document(version=2, bins=bins, cabinets=("cab-1",)))
    shop.put_document(document(version=3, bins=bins, cabinets=("cab-1",)))
    assert shop.questions() == [(1, "part_changed")]
    assert shop.stock(1) == 10


def test_the_booked_mass_follows_the_settled_weight(shop: Shop, journal: Journal) -> None:
    """Grams that leave between two sessions, beyond the dead band: unexplained, in sight, asked once."""
    for hour, weight_mg in enumerate((4_990_000, 4_960_000)):
        opened, utc_ms = len(journal.lines) + 1, NOW_MS + hour * 3_600_000
        bins = [[2, weight_mg, 100, wire.SETTLED]]
        journal.add("session_opened", by="badge", badge="", person="wang", door=1, bins=bins, utc_ms=utc_ms)
        closed = {"session": opened, "how": "shut", "missing": "", "open_ms": 1, "utc_ms": utc_ms + 1000}
        journal.add("session_closed", bins=[row(2, weight_mg, weight_mg - 20_000)], **closed)
        shop.take_journal(journal)
        assert abs(shop.stock(2) - (weight_mg - 20_000) // 1000) <= 5
    causes = shop.query("select cause, count(*) from movement where bin = 2 and cabinet = 'cab-1' group by cause")
    assert sorted(causes) == [("opening", 1), ("take", 2), ("unexplained", 2)]
    assert shop.questions() == [(2, "unexplained_change")]


def test_a_settled_weight_that_does_not_agree_asks_once_and_is_settled_by_one_that_does(
    shop: Shop, journal: Journal
) -> None:
    journal.session([row(1, 5_400_000, 5_400_000)])  # nothing moved, but one is missing
    journal.session([row(1, 5_400_000, 5_400_000)])
    shop.take_journal(journal)
    assert shop.questions() == [(1, "balance")]
    journal.session([row(1, 6_000_000, 6_000_000)])
    shop.take_journal(journal, 9)
    assert shop.questions() == []
    assert shop.query("select person, movement from resolution") == [("", "")]
    assert shop.stock(1) == 10


def test_a_later_weight_settles_an_uncertain_count_that_was_nothing(shop: Shop, journal: Journal) -> None:
    journal.session([row(3, 840_000, 819_000, wire.UNSETTLED)])
    shop.take_journal(journal)
    assert shop.questions() == [(3, "uncertain_count")]
    journal.session([row(3, 840_000, 840_000)])
    shop.take_journal(journal, 5)
    assert shop.questions() == []
    assert shop.stock(3) == 40


def test_a_second_badge_joins(shop: Shop, journal: Journal) -> None:
    journal.add("session_opened", by="badge", badge="04A1B2C3", person="wang", door=1, bins=[])
    journal.add("person_joined", session=2, badge="04D1D2D3", person="driver")
    shop.take_journal(journal)
    assert shop.query("select person from session_person order by joined_ms, person") == [("wang",), ("driver",)]


def test_the_end_of_a_session_whose_beginning_never_came_is_nobodys(shop: Shop, journal: Journal) -> None:
    closed = {"session": 99, "how": "recovered", "missing": "opening", "open_ms": 5000}
    journal.add("session_closed", bins=[row(1, 6_000_000, 5_400_000)], **closed)
    journal.add("session_closed", bins=[row(1, 5_400_000, 4_800_000)], **closed)
    shop.take_journal(journal)
    assert shop.query("select id, opened_by, how from session") == [(f"cab-1/{EPOCH}/99", "unknown", "recovered")]
    assert shop.query("select distinct cause from movement where bin = 1 and cause != 'opening'") == [("unexplained",)]
    assert shop.stock(1) == 8
    assert verified(shop) == 0


def test_bins_changed_behind_shut_doors(shop: Shop, journal: Journal) -> None:
    journal.add("bins_changed", bins=[row(1, 6_000_000, 5_400_000), row(2, 5_000_000, 4_000_000)])
    shop.take_journal(journal)
    assert shop.questions() == [(1, "unexplained_change"), (2, "unexplained_change")]
    assert (shop.stock(1), shop.stock(2)) == (9, 4000)
    assert verified(shop) == 0


def test_evidence_is_kept_whatever_was_booked(shop: Shop, journal: Journal) -> None:
    journal.session([row(1, 6_000_000, None, wire.BLIND), row(4, 0, 300_000), row(3, 840_000, 819_000)])
    shop.take_journal(journal)
    assert shop.query("select bin, before_mg, mg, quality from weighing order by bin") == [
        (1, 6_000_000, None, 2),
        (3, 840_000, 819_000, 0),
        (4, 0, 300_000, 0),
    ]
    assert shop.query("select bin, mg from bin_weight order by bin") == [(3, 819_000), (4, 300_000)]


def test_the_end_of_a_session_told_twice_is_booked_once(shop: Shop, journal: Journal) -> None:
    journal.session([row(1, 6_000_000, 4_800_000), row(2, 5_000_000, 4_900_000)])
    again = {"session": 2, "how": "shut", "missing": "", "open_ms": 9000}
    journal.add("session_closed", bins=[row(1, 6_000_000, 4_200_000), row(2, 5_000_000, 4_900_000)], **again)
    shop.take(journal.topic, b"\n".join(journal.lines))  # in one transaction
    assert (shop.stock(1), shop.stock(2)) == (8, 4900)
    assert shop.questions() == [(1, "balance")]
    assert shop.value("select count(*) from weighing where seq = 6") == 2
    assert shop.value("select count(*) from session") == 1
    assert verified(shop) == 0


@pytest.mark.parametrize(
    ("rows", "stocks", "questions"),
    [
        ([row(1, None, 6_000_000), row(2, None, 5_000_000)], (10, 5000), []),
        ([row(1, None, 4_800_000), row(2, None, 4_000_000)], (10, 4000), [(1, "balance"), (2, "unexplained_change")]),
        ([row(1, None, 6_000_000, wire.UNSETTLED)], (10, 5000), [(1, "blind")]),
        ([row(1, None, None, wire.BLIND), row(4, None, None, wire.BLIND)], (10, 5000), [(1, "blind")]),
    ],
)
def test_a_recovered_session_without_weights_before_is_held_against_the_ledger(
    shop: Shop,
    journal: Journal,
    rows: list[list[int | None]],
    stocks: tuple[int, int],
    questions: list[tuple[int, str]],
) -> None:
    journal.session(rows, how="recovered", missing="before")
    shop.take_journal(journal)
    assert (shop.stock(1), shop.stock(2)) == stocks
    assert shop.questions() == questions
    assert verified(shop) == 0


def test_what_lasted_for_ages_did_not_begin_before_there_were_cabinets(shop: Shop, journal: Journal) -> None:
    ages_ms = 9_007_199_254_740_991
    journal.add("session_closed", session=77, how="recovered", missing="opening", open_ms=ages_ms, bins=[])
    journal.add("bin_well", bin=1, utc_ms=None, up_ms=ages_ms)
    journal.add("bin_well", bin=1, utc_ms=None)
    shop.take_journal(journal)
    assert shop.value("select opened_ms = closed_ms from session") == 1
    assert shop.value("select min(occurred_ms) from inbox") > NOW_MS


def test_drift_below_the_dead_band_does_not_add_up_unseen(shop: Shop, journal: Journal) -> None:
    bolts = {"bin": 2, "part": "BLT-8", "capacity": 8000, "opening": 5000, "dead_band": 20}
    shop.put_document(document(2, bins=[bolts]))
    mg = 5_000_000
    for _ in range(20):
        journal.session([row(2, mg, mg - 19_000)])
        mg -= 19_000
    shop.take_journal(journal)
    assert abs(shop.stock(2) - mg // 1000) <= 20
    assert shop.questions().count((2, "unexplained_change")) == 1
    assert verified(shop) == 0
