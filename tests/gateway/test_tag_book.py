"""What the gateway remembers of a cabinet's tags from reading to reading."""

from itertools import pairwise

from edge_gateway.counting.evidence import TagEvidence
from edge_gateway.decision import TagRead
from edge_gateway.tag_book import RECORDS_MAX, TagBook
from tests.gateway.tag_writer import write_sgtin

FILTERS = tuple(f"3074257BF7194E4000001A{serial:02X}" for serial in range(0x80, 0x85))  # GTIN 80614141123458
PARTS = {"80614141123458": "F-1"}
START = TagRead("", 0, 40, 4, 0, tuple((epc, "came") for epc in FILTERS[:4]))


def read(session: str, number: int, *missing: str, more: int = 0) -> TagRead:
    return TagRead(session, number, 60, 4, more, tuple((epc, "missing") for epc in missing))


def book(*reads: TagRead) -> TagBook:
    made = TagBook()
    for item in (START, *reads):
        made.take(item)
    return made


def test_a_session_is_read_against_what_was_there_before_it() -> None:
    made = book(read("s1", 1, FILTERS[0]))
    assert made.evidence("s1", PARTS) == {"F-1": TagEvidence((857,), 3, 0)}  # asked once: 900 * 20 / 21
    assert made.evidence("s2", PARTS) is None


def test_the_second_pass_counts_before_it_is_taken_in() -> None:
    made = book(read("s1", 1, FILTERS[0]))
    found = made.evidence("s1", PARTS, read("s1", 2, FILTERS[0]))
    assert found is not None
    assert found["F-1"].silent_ppm[0] < 857


def test_a_pass_that_goes_on_in_another_event_is_one() -> None:
    made = book(read("s1", 1, FILTERS[0], more=1), read("s1", 1, FILTERS[1]))
    found = made.evidence("s1", PARTS)
    assert found is not None
    assert len(found["F-1"].silent_ppm) == 2


def test_after_a_session_without_a_reading_the_next_one_says_nothing() -> None:
    made = book(read("s1", 1))
    made.end_session("s1")
    made.end_session("s2")
    made.take(read("s3", 1, FILTERS[0]))
    assert made.evidence("s3", PARTS) is None
    made.end_session("s3")
    made.take(read("s4", 1, *FILTERS[:2]))
    assert made.evidence("s4", PARTS) is not None


def test_tags_that_have_left_are_forgotten_but_not_that_their_part_is_tagged() -> None:
    """A cabinet sees tens of thousands of tags in its life, and holds some hundred."""
    made = book()
    passed = [write_sgtin("04006381333931", 7, serial) for serial in range(1, 2 * RECORDS_MAX)]
    for number, (gone, came) in enumerate(pairwise(passed)):
        found = (((gone, "missing"),) if number else ()) + ((came, "came"),)
        for look in (1, 2):
            made.take(TagRead(f"s{number}", look, 40, 5, 0, found))
    made.take(read("last", 1, FILTERS[0], passed[-1]))
    made.take(read("last", 2, FILTERS[0], passed[-1]))
    made.take(read("after", 1))
    parts = {**PARTS, "04006381333931": "P-1"}
    assert made.evidence("after", parts) == {"F-1": TagEvidence((), 3, 0), "P-1": TagEvidence((), 0, 0)}
    assert made.records <= RECORDS_MAX
