"""From what a reader heard to evidence by part: silence, doubt, a second pass, and readings that do not count."""

from collections.abc import Sequence

from edge_gateway.counting.evidence import TagEvidence
from edge_gateway.counting.tags import Inside, TagRead, history_after, inside_after, tag_evidence

# Four tags of the item of GS1's example (80614141123458) and two of its neighbour 112345 (10614141123459).
FILTERS = tuple(f"3074257BF7194E4000001A{serial:02X}" for serial in (0x85, 0x86, 0x87, 0x88))
PADS = tuple(f"3074257BF46DB6400000019{serial:X}" for serial in (0, 1))
STRANGER = "E2003411B802011383258566"
PARTS = {"80614141123458": "F-1", "10614141123459": "P-1"}
INSIDE = Inside(frozenset((*FILTERS[:3], *PADS)))


def evidence(
    reads: Sequence[TagRead], inside: Inside = INSIDE, history: dict[str, tuple[int, int]] | None = None
) -> dict[str, TagEvidence]:
    return tag_evidence(reads, PARTS, history or {}, inside)


def first(missing: Sequence[str] = (), came: Sequence[str] = (), rounds: int = 40) -> TagRead:
    return TagRead(1, 5, tuple(missing), tuple(came), rounds)


def second(missing: Sequence[str] = (), came: Sequence[str] = ()) -> TagRead:
    return TagRead(2, 5, tuple(missing), tuple(came), 40)


def test_all_heard_is_evidence_that_nothing_left() -> None:
    assert evidence([first()]) == {"F-1": TagEvidence((), 3, 0), "P-1": TagEvidence((), 2, 0)}


def test_a_missing_tag_is_unlikely_to_be_silent_and_less_so_after_a_second_pass() -> None:
    once = evidence([first(FILTERS[:1])])["F-1"]
    assert (once.silent_ppm, once.present, once.came) == ((900,), 2, 0)
    twice = evidence([first(FILTERS[:1]), second(FILTERS[:1])])["F-1"]
    assert twice.silent_ppm == (315,)


def test_a_tag_heard_in_the_second_pass_was_there() -> None:
    found = evidence([first(FILTERS[:1]), second()])["F-1"]
    assert found == TagEvidence((), 3, 0)


def test_a_tag_heard_first_and_then_no_more_says_nothing() -> None:
    found = evidence([first(PADS[:1]), second((*PADS[:1], FILTERS[0]))])
    assert found["F-1"].silent_ppm == (1_000_000,)
    assert found["P-1"].silent_ppm == (315,)


def test_a_tag_with_a_record_of_silence_counts_less() -> None:
    def silent(asked: int, silent: int) -> int:
        return evidence([first(FILTERS[:1])], history={FILTERS[0]: (asked, silent)})["F-1"].silent_ppm[0]

    assert silent(100, 0) == 150
    assert silent(100, 1) == 8483  # (1 + 0.018) / 120
    assert silent(20, 10) > 200_000


def test_what_came_is_counted_and_strangers_are_not() -> None:
    found = evidence([first(came=(FILTERS[3], STRANGER))])
    assert found["F-1"] == TagEvidence((), 3, 1)
    assert set(found) == {"F-1", "P-1"}


def test_a_newcomer_the_second_pass_does_not_hear_had_only_passed_by() -> None:
    assert evidence([first(came=FILTERS[3:]), second()])["F-1"].came == 0
    assert evidence([first(), second(came=FILTERS[3:])])["F-1"].came == 1


def test_without_a_reading_there_is_no_evidence() -> None:
    assert evidence([]) == {}
    assert evidence([first(FILTERS[:1], rounds=5)]) == {}
    assert evidence([first(rounds=5)])["F-1"].present == 3  # who is heard needs no more rounds


def test_after_a_session_nobody_read_the_next_reading_is_not_about_one_session() -> None:
    unread = inside_after(INSIDE, [])
    assert unread == Inside(INSIDE.known, INSIDE.doubted, unread=True)
    assert evidence([first(FILTERS[:1])], unread) == {}
    assert not inside_after(unread, [first(FILTERS[:1])]).unread


def test_a_pass_told_in_several_events_is_one() -> None:
    begun = first(FILTERS[:1])._replace(more=1)
    found = evidence([begun, first(FILTERS[1:2], FILTERS[3:])])
    assert found["F-1"] == TagEvidence((900, 900), 1, 1)


def test_doors_opened_again_make_what_was_read_before_pointless() -> None:
    reads = [first(FILTERS[:1]), first(FILTERS[1:2]), second(FILTERS[1:2])]
    assert evidence(reads)["F-1"] == TagEvidence((315,), 2, 0)
    assert inside_after(INSIDE, reads) == Inside(INSIDE.known - {FILTERS[1]})


def test_a_reading_after_a_start_tells_all_and_what_it_does_not_tell_is_missing() -> None:
    everything = TagRead(0, 4, (), (*FILTERS[1:3], *PADS), 40)
    assert evidence([everything])["F-1"] == TagEvidence((900,), 2, 0)
    assert inside_after(Inside(), [everything]).known == frozenset(everything.came)
    assert evidence([everything._replace(rounds=4)]) == {}


def test_a_second_look_after_a_start_is_told_against_the_first() -> None:
    """The controller knows what it heard since its start; against what was there before, both looks tell."""
    started = TagRead(0, 3, (), (FILTERS[2], *PADS), 40)  # neither of the first two filters
    again = second(missing=PADS[:1], came=FILTERS[:1])
    found = evidence([started, again])
    assert found["F-1"] == TagEvidence((315,), 2, 0)  # one of them had only been silent
    assert found["P-1"] == TagEvidence((1_000_000,), 1, 0)  # heard, and then not
    assert evidence([started, second(came=FILTERS[3:])])["F-1"].came == 1
    after = inside_after(INSIDE, [started, again])
    assert after == Inside(INSIDE.known - {FILTERS[1]}, frozenset(PADS[:1]))
    assert history_after({}, INSIDE, [started, again])[FILTERS[0]] == (2, 1)


def test_a_tag_a_starting_controller_did_not_hear_and_the_next_session_does_is_in_doubt() -> None:
    after_start = inside_after(INSIDE, [TagRead(0, 4, (), (*FILTERS[1:3], *PADS), 40)])
    assert after_start == Inside(INSIDE.known - {FILTERS[0]}, frozenset(FILTERS[:1]))
    assert set(evidence([first(came=FILTERS[:1])], after_start)) == {"P-1"}
    assert set(evidence([first()], after_start)) == {"P-1", "F-1"}
    assert inside_after(after_start, [first(came=FILTERS[:1])]) == INSIDE
    assert inside_after(after_start, [first()]) == Inside(INSIDE.known - {FILTERS[0]})


def test_a_tag_is_gone_when_two_looks_in_a_row_were_silent() -> None:
    after_one = inside_after(INSIDE, [first(FILTERS[:1])])
    assert after_one == Inside(INSIDE.known, frozenset(FILTERS[:1]))
    assert inside_after(after_one, [first(FILTERS[:1])]) == Inside(INSIDE.known - {FILTERS[0]})
    assert inside_after(after_one, [first()]) == INSIDE
    assert inside_after(INSIDE, [first(FILTERS[:1]), second(FILTERS[:1])]) == Inside(INSIDE.known - {FILTERS[0]})


def test_a_tag_in_doubt_that_stays_silent_hardly_speaks_for_this_session() -> None:
    doubted = inside_after(INSIDE, [first(FILTERS[:1])])
    found = evidence([first(FILTERS[:2])], doubted)["F-1"]
    assert sorted(found.silent_ppm) == [900, 950_000]


def test_a_tag_in_doubt_that_is_heard_again_leaves_the_part_to_its_weight() -> None:
    doubted = inside_after(INSIDE, [first(FILTERS[:1])])
    assert set(evidence([first()], doubted)) == {"P-1"}


def test_a_part_whose_last_tagged_piece_is_out_has_tags_all_the_same() -> None:
    assert evidence([first()], Inside(), {FILTERS[0]: (3, 0)}) == {"F-1": TagEvidence((), 0, 0)}


def test_a_record_counts_passes_in_which_the_tag_was_there() -> None:
    history = history_after(
        {FILTERS[1]: (7, 1)}, INSIDE, [first(FILTERS[:2], FILTERS[3:]), second(FILTERS[:1], FILTERS[3:])]
    )
    assert FILTERS[0] not in history  # it left, or nobody knows
    assert history[FILTERS[1]] == (9, 2)
    assert history[FILTERS[2]] == (2, 0)
    assert history[FILTERS[3]] == (1, 0)


def test_a_tag_in_doubt_that_is_heard_again_was_silent() -> None:
    doubted = inside_after(INSIDE, [first(FILTERS[:1])])
    assert history_after({}, doubted, [first()])[FILTERS[0]] == (2, 1)
