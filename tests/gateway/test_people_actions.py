"""What a person asks for at the kiosk: booked beside what was booked, or refused with a sentence."""

from typing import Any

import pytest
from cabinet import wire

from edge_gateway.command import command_message
from edge_gateway.kiosk_seam import (
    Action,
    ActionError,
    ChargeSession,
    ContestSession,
    CorrectCount,
    ResolveByCount,
    ResolveByNote,
    ResolveByStock,
    SendCommand,
)
from tests.gateway.test_reconcile import verified
from tests.gateway.world import EPOCH, NOW_MS, Journal, Shop, default_bins, document, row

TAKE = f"cab-1/{EPOCH}/5/1/session"


@pytest.fixture
def session(shop: Shop, journal: Journal) -> str:
    """Two filters taken by Wang."""
    identity = journal.session([row(1, 6_000_000, 4_800_000)])
    shop.take_journal(journal)
    return identity


def balances(shop: Shop, part: str = "OF-1") -> dict[str, int]:
    """What every account but the dealer's and the other cabinet's holds."""
    rows = shop.query("select account, quantity from balance where part = ? and quantity != 0", part)
    return {account: held for account, held in rows if not account.startswith(("dealer:", "bin:cab-2"))}


def test_a_session_is_charged_to_a_job_and_moved_to_another(shop: Shop, session: str) -> None:
    shop.act(ChargeSession(session, "job-7", "wang"))
    assert balances(shop) == {"bin:cab-1/1": 8, "job:job-7": 2}
    shop.act(ChargeSession(session, "job-8", "wang"))
    assert balances(shop) == {"bin:cab-1/1": 8, "job:job-8": 2}
    with pytest.raises(ActionError, match="found nothing that is not there yet"):
        shop.act(ChargeSession(session, "job-8", "wang"))
    assert verified(shop) == 0


def test_a_count_is_corrected_by_a_new_movement_that_names_it(shop: Shop, session: str) -> None:
    shop.act(CorrectCount(TAKE, 1, "wang", "one was put back elsewhere"))
    assert balances(shop) == {"bin:cab-1/1": 9, "shop:shop-1": 1}
    shop.act(CorrectCount(TAKE, 3, "wang"))
    assert balances(shop) == {"bin:cab-1/1": 7, "shop:shop-1": 3}
    shop.act(CorrectCount(TAKE, 0, "wang"))
    assert balances(shop) == {"bin:cab-1/1": 10}
    corrections = shop.query("select id, corrects from movement where cause = 'correction' order by id")
    assert [corrected for _, corrected in corrections] == [TAKE] * 3
    assert [identity.rpartition("-")[0] for identity, _ in corrections] == [f"{TAKE}/correction-{n}" for n in (1, 2, 3)]
    assert len({identity.rpartition("-")[2] for identity, _ in corrections}) == 3
    assert verified(shop) == 0


def test_a_correction_after_a_charge_comes_out_of_the_job(shop: Shop, session: str) -> None:
    shop.act(ChargeSession(session, "job-7", "wang"))
    shop.act(CorrectCount(TAKE, 0, "wang"))
    assert balances(shop) == {"bin:cab-1/1": 10}
    assert verified(shop) == 0


def test_contested_and_explained(shop: Shop, session: str) -> None:
    made = shop.act(ContestSession(session, "wang", "I took one only", bin=1))
    assert shop.questions() == [(1, "contested")]
    shop.act(ResolveByStock(made, 9, "driver", "counted"))
    assert shop.questions() == []
    assert balances(shop) == {"bin:cab-1/1": 9, "shop:shop-1": 2, "unexplained:cab-1:dealer-1": -1}
    assert verified(shop) == 0


def test_an_uncertain_count_is_booked_as_the_person_says(shop: Shop, journal: Journal) -> None:
    session = journal.session([row(3, 840_000, 819_000, wire.UNSETTLED)])
    shop.take_journal(journal)
    ((question,),) = shop.query("select id from open_discrepancy")
    made = shop.act(ResolveByCount(question, -2, "wang"))
    assert shop.query("select cause, session, person from movement where id = ?", made) == [("take", session, "wang")]
    assert shop.query("select movement, person from resolution") == [(made, "wang")]
    assert balances(shop, "BULB") == {"bin:cab-1/3": 38, "shop:shop-1": 2}


def test_more_than_the_ledger_holds_really_left(shop: Shop, journal: Journal) -> None:
    journal.session([row(3, 840_000, 0, wire.UNSETTLED)])
    shop.take_journal(journal)
    ((question,),) = shop.query("select id from open_discrepancy")
    shop.act(ResolveByCount(question, -42, "wang"))
    assert balances(shop, "BULB") == {"shop:shop-1": 42, "unexplained:cab-1:dealer-1": -2}
    assert verified(shop) == 0


def test_a_bin_given_to_another_part_is_counted(shop: Shop) -> None:
    bins = default_bins()
    bins[0] = {"bin": 1, "part": "BULB", "capacity": 60, "opening": 30}
    shop.put_document(document(version=2, bins=bins, cabinets=("cab-1",)))
    ((question,),) = shop.query("select id from open_discrepancy")
    shop.act(ResolveByStock(question, 28, "driver"))
    held = shop.query("select part, quantity from balance where account = 'bin:cab-1/1' order by part")
    assert held == [("BULB", 28), ("OF-1", 0)]
    assert verified(shop) == 0


def test_a_note_is_enough_where_nothing_is_booked(shop: Shop, session: str) -> None:
    made = shop.act(ContestSession(session, "wang", "it was Li"))
    shop.act(ResolveByNote(made, "wang", "we have spoken"))
    assert shop.questions() == []


# What is refused, and with which sentence.
REFUSED: list[tuple[Action, str]] = [
    (ChargeSession("cab-1/x/1", "job-7", "wang"), "expected a session"),
    (ChargeSession("S", "job-99", "wang"), "expected a job"),
    (ChargeSession("S", "job-7", "nobody"), "expected a person"),
    (ChargeSession("S", "job-7", "wang", ("other",)), "expected a take of session"),
    (CorrectCount("none", 1, "wang"), "expected a take, return"),
    (CorrectCount("opening/cab-1/1/OF-1", 1, "wang"), "expected a take, return"),
    (CorrectCount(TAKE, 2, "wang"), "expected another quantity"),
    (CorrectCount(TAKE, -1, "wang"), "expected a quantity"),
    (CorrectCount(TAKE, 11, "wang"), "expected at most the 8"),
    (CorrectCount(TAKE, 1, "wang", "x" * 501), "expected a note of at most"),
    (ContestSession("S", "wang", "", bin=44), "expected a bin"),
    (ContestSession("none", "wang", ""), "expected a session"),
    (ResolveByCount("none", 1, "wang"), "expected an open discrepancy"),
    (ResolveByStock("none", 1, "wang"), "expected an open discrepancy"),
    (ResolveByNote("none", "wang", "x"), "expected an open discrepancy"),
    (ResolveByNote("none", "wang", " "), "expected an explanation"),
]


@pytest.mark.parametrize("number", range(len(REFUSED)))
def test_refusals(shop: Shop, session: str, number: int) -> None:
    action, sentence = REFUSED[number]
    if getattr(action, "session", "") == "S":
        action = type(action)(**{**_fields(action), "session": session})
    before = shop.query("select count(*) from movement")
    with pytest.raises(ActionError, match=sentence):
        shop.act(action)
    assert shop.query("select count(*) from movement") == before
    shop.act(ChargeSession(session, "job-7", "wang"))  # the writer goes on


def _fields(action: Any) -> dict[str, Any]:
    return {name: getattr(action, name) for name in type(action).__dataclass_fields__}


def test_nothing_is_decided_without_a_document(empty_shop: Shop) -> None:
    with pytest.raises(ActionError, match="document"):
        empty_shop.act(ResolveByNote("x", "wang", "y"))


def test_a_command_is_encoded_or_refused() -> None:
    identity, message = command_message(SendCommand("cab-1", "identify", {"for_ms": 5}), lambda _: True, NOW_MS)
    assert wire.decode_command(message.payload) == {
        "v": 1,
        "id": identity,
        "kind": "identify",
        "expires_utc_ms": NOW_MS + 10_000,
        "for_ms": 5,
    }
    with pytest.raises(ActionError, match="expected a known kind"):
        command_message(SendCommand("cab-1", "explode", {}), lambda _: True, NOW_MS)
    with pytest.raises(ActionError, match="expected a cabinet"):
        command_message(SendCommand("cab-9", "identify", {"for_ms": 5}), lambda _: False, NOW_MS)


def test_a_movement_named_twice_is_charged_once(shop: Shop, session: str) -> None:
    shop.act(ChargeSession(session, "job-7", "wang", (TAKE, TAKE)))
    assert balances(shop) == {"bin:cab-1/1": 8, "job:job-7": 2}
    assert verified(shop) == 0


@pytest.mark.parametrize("note", ["a\0b", "half a pair \ud800"])
def test_a_note_that_is_no_text_is_refused(shop: Shop, session: str, note: str) -> None:
    for action in (CorrectCount(TAKE, 1, "wang", note), ContestSession(session, "wang", note)):
        with pytest.raises(ActionError, match="expected a note of readable characters"):
            shop.act(action)
    assert balances(shop) == {"bin:cab-1/1": 8, "shop:shop-1": 2}
    shop.act(ContestSession(session, "wang", "扳手 🔧"))
    assert shop.questions() == [(0, "contested")]


def test_what_is_booked_already_is_not_booked_by_an_answer(shop: Shop, journal: Journal) -> None:
    journal.session([row(1, 6_000_000, 4_800_000)], person="")
    shop.take_journal(journal)
    question = shop.value("select id from open_discrepancy")
    with pytest.raises(ActionError, match="expected a question whose answer is not booked yet, found no_person"):
        shop.act(ResolveByCount(question, -2, "wang"))
    shop.act(ResolveByNote(question, "wang", "the lock was opened by hand"))
    assert shop.stock(1) == 8
    assert verified(shop) == 0


def test_a_counted_bin_answers_all_that_was_uncertain_about_it(shop: Shop, journal: Journal) -> None:
    journal.session([row(3, 840_000, 777_000, wire.UNSETTLED), row(1, 6_000_000, 5_400_000, wire.UNSETTLED)])
    journal.session([row(3, None, None, wire.BLIND)])
    shop.take_journal(journal)
    first, second = (found for (found,) in shop.query("select id from open_discrepancy where bin = 3 order by id"))
    shop.act(ResolveByStock(first, 35, "wang"))
    assert shop.questions() == [(1, "uncertain_count")]
    with pytest.raises(ActionError, match="expected an open discrepancy"):
        shop.act(ResolveByCount(second, -2, "wang"))
    assert shop.stock(3) == 35
    assert verified(shop) == 0
