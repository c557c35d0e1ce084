"""Journals as a whole: what a cabinet has forgotten, what the cloud holds of it, and cabinets no document names yet."""

import pytest
from cabinet import wire

from edge_gateway import answers
from edge_gateway.access_list import AGAIN_MS, AccessLists
from tests.gateway.test_reconcile import verified
from tests.gateway.world import EPOCH, Journal, Shop, document, row

HEALTH = "partsbay/1/cab-1/health"


def health(**said: int | str) -> bytes:
    """A health message of cab-1, all counters zero but what is given."""
    message: dict[str, int | str] = {name: 0 for name, *_ in wire.fields("health") if name not in ("v", "utc_ms")}
    message |= {"epoch": EPOCH, "boot": 1, "up_ms": 5000, "firmware": "1", "reset_cause": "power_on"}
    payload: bytes = wire.encode("health", message | said)
    return payload


def visits(count: int) -> Journal:
    """A journal of visits in which a piece leaves, stays away, and nothing else happens."""
    journal = Journal()
    journal.created()
    for number in range(count):
        journal.session([row(1, 6_000_000 - 600_000 * number, 5_400_000 - 600_000 * number)])
    return journal


def test_what_a_cabinet_has_forgotten_is_missed_in_sight_and_the_rest_is_taken_in(shop: Shop) -> None:
    """Restored at event 5; the cabinet was told before that it may forget up to 9."""
    journal = visits(4)
    shop.take(journal.topic, *journal.lines[:5])
    shop.take(journal.topic, *journal.lines[9:])
    assert shop.value("select through from cursor") == 5  # a gap, until the cabinet says that it cannot be filled
    shop.take(HEALTH, health(journal_first=10, journal_last=17, journal_through=9))
    assert shop.acks()[-1]["through"] == 9
    shop.take(journal.topic, *journal.lines[9:])
    assert shop.value("select through from cursor") == 17
    ((identity, facts),) = shop.query("select id, detail from open_discrepancy where reason = 'journal_forgotten'")
    assert identity == f"cab-1/{EPOCH}/10/journal_forgotten"
    assert facts == f'{{"epoch":"{EPOCH}","through":5,"journal_first":10,"missing":4}}'
    assert shop.query("select seq, reason from inbox where kind = 'forgotten'") == [
        (9, "expected event 6, found 10 the oldest that the cabinet still holds")
    ]
    assert shop.stock(1) == 7  # of four taken pieces one was never heard of
    assert (1, "balance") in shop.questions()  # and the scale says so
    assert verified(shop) == 0


def test_a_gateway_that_lost_its_database_goes_on_with_what_the_cabinet_holds(shop: Shop) -> None:
    journal = visits(2)
    said = health(journal_first=6, journal_last=9, journal_through=9)
    shop.take(HEALTH, said)
    shop.take(HEALTH, said)
    shop.take(journal.topic, *journal.lines[5:])
    assert shop.query("select seq, kind from inbox order by seq") == [
        (5, "forgotten"),
        (6, "session_opened"),
        (7, "door_opened"),
        (8, "door_shut"),
        (9, "session_closed"),
    ]
    assert [reason for _bin, reason in shop.questions()].count("journal_forgotten") == 1
    assert verified(shop) == 0


def test_an_event_that_comes_after_its_loss_was_booked_is_set_aside(shop: Shop) -> None:
    journal = visits(2)
    shop.take(HEALTH, health(journal_first=6, journal_last=9))
    shop.take(journal.topic, journal.lines[2], journal.lines[4])
    assert shop.query("select seq, reason from quarantine order by seq") == [
        (3, "came after its loss had been booked"),
        (5, "came after its loss had been booked"),
    ]
    assert shop.questions() == [(0, "journal_forgotten")]


@pytest.mark.parametrize(("first", "last"), [(1, 9), (5, 9), (6, 9), (99, 9)])
def test_nothing_is_passed_over_that_may_still_come(shop: Shop, first: int, last: int) -> None:
    """The oldest event held is not beyond the next one, or the message says what cannot be."""
    journal = visits(2)
    shop.take(journal.topic, *journal.lines[:5])
    shop.take(HEALTH, health(journal_first=first, journal_last=last))
    assert shop.value("select through from cursor") == 5
    assert shop.questions() == []


def test_a_cabinet_hears_that_the_cloud_holds_more_though_it_says_nothing(shop: Shop, journal: Journal) -> None:
    shop.take(HEALTH, health(journal_first=1, journal_last=1))
    shop.take_journal(journal)

    def reach_cloud(seq: int) -> None:
        shop.intake.books.cursors["cab-1", EPOCH].in_cloud = seq
        shop.intake.batch.touched_cursors.add(("cab-1", EPOCH))

    def told(after_ms: int) -> list[int]:
        before = len(shop.acks())
        shop.clock_ms += after_ms
        shop.do(lambda: [shop.writer.send(message) for message in shop.intake.due(shop.clock_ms)])
        return [ack["in_cloud"] for ack in shop.acks()[before:]]  # said here, or by the idle writer just before

    shop.do(lambda: reach_cloud(1))
    assert told(answers.CLOUD_NEWS_PAUSE_MS - 1) == []
    assert told(1) == [1]
    shop.do(lambda: reach_cloud(0))  # the cloud was restored from a backup
    assert told(answers.CLOUD_NEWS_PAUSE_MS - 1) == []
    assert told(1) == [0]
    assert told(answers.CLOUD_NEWS_PAUSE_MS) == []


def test_a_cabinet_with_an_older_access_list_is_sent_the_newest_once_a_minute(shop: Shop) -> None:
    shop.intake._lists = AccessLists({"cab-1": "00" * 32})
    shop.put_document(document(version=4))

    def lists_after(config_version: int) -> list[int]:
        before = len(shop.link.sent)
        shop.take(HEALTH, health(config_version=config_version, journal_first=1))
        sent = [m.payload for m in shop.link.sent[before:] if m.leaf == "config"]
        return [wire.decode_config_header(payload.split(b"\n")[0])["version"] for payload in sent]

    assert lists_after(4) == []
    assert lists_after(3) == [4]
    assert lists_after(3) == []
    shop.clock_ms += AGAIN_MS
    assert lists_after(0) == [4]


def test_a_cabinet_that_no_document_names_keeps_its_events_until_one_does(shop: Shop) -> None:
    """Its doors stay shut to everybody: it gets no access list either."""
    shop.intake._lists = AccessLists({"cab-1": "00" * 32, "cab-2": "00" * 32})
    shop.put_document(document(version=2, cabinets=("cab-2",)))
    journal = visits(1)
    shop.take(HEALTH, health(journal_first=1, journal_last=5))
    shop.take_journal(journal)
    assert shop.value("select count(*) from inbox") == 0
    assert shop.acks()[-1]["through"] == 0
    assert [m.cabinet for m in shop.do(lambda: shop.intake.access_lists(shop.clock_ms))] == ["cab-2"]
    shop.put_document(document(version=3))
    asked = shop.do(lambda: shop.intake.document_came(shop.clock_ms))
    assert [(m.cabinet, wire.decode("journal_ack", m.payload)["again"]) for m in asked] == [("cab-1", 1)]
    shop.take_journal(journal)
    assert (shop.value("select through from cursor"), shop.stock(1)) == (5, 9)


def test_a_cabinet_taken_out_of_the_document_is_still_heard(shop: Shop) -> None:
    """What the ledger says lies in its bins is counted on; of what it knows nothing of, somebody is asked."""
    journal = visits(1)
    shop.take(journal.topic, *journal.lines[:3])
    shop.put_document(document(version=2, cabinets=("cab-2",)))
    journal.session([row(4, 0, 90_000)])
    shop.take(journal.topic, *journal.lines[3:])
    assert shop.value("select through from cursor") == 9
    assert shop.questions() == [(4, "no_part")]
    assert shop.stock(1) == 9
