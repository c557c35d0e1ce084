"""What is told of a session's bins: the verdict that counts, what was booked in the end, what came later and why."""

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edge_gateway import schema
from edge_gateway.session_view import SessionStory, read_story
from page_kit.language import Say
from page_kit.session_face import TEXTS, later_words, notes, rungs
from page_kit.session_rows import DoubtRow, MovedRow, ReZeroRow, VerdictRow, WeighedRow
from page_kit.session_story import BinStory, moved_bins, ranked, said_by_a_person, still_count, tell_session
from page_kit.verdict_words import Called, verdict_sentence
from tests.pages.small_shop import SmallShop
from tests.pages.told_sessions import RICH

SAY = Say("en", TEXTS)
NAMES = {"OF": Called("oil filter"), "LB": Called("bulb")}
TWO = json.dumps([[["OF", -2]], 0])
ONE = json.dumps([[["OF", -1]], 0])
TWO_OR_ONE = json.dumps([[[["OF", -2]], 0, 997_000], [[["OF", -1]], 0, 2_000]])
LEVELS = [[0, 6_000_000, 200], [4_000, 5_400_000, 250], [9_000, 4_800_000, 210]]
STEPS = [[1, [["OF", -1]], 0, -600_000, 320], [2, [["OF", -1]], 0, -600_000, 320]]


def verdict(bin_: int = 1, number: int = 1, **given: object) -> VerdictRow:
    fields = {
        "bin": bin_,
        "number": number,
        "event": f"cab-1/e/{10 + number}",
        "kind": "session_closed" if number == 1 else "tags_read",
        "decided_ms": 1000 * number,
        "confidence_ppm": 997_000,
        "best": TWO,
        "candidates": TWO_OR_ONE,
        "levels": json.dumps(LEVELS),
        "steps": json.dumps(STEPS),
        "tags": "[]",
    }
    return VerdictRow(**(fields | given))  # type: ignore[arg-type]


def moved(movement: str, quantity: int, *, bin_: int = 1, part: str = "OF", **given: str) -> MovedRow:
    texts = {"cause": "correction" if given.get("corrects") else "take", "person": "", "corrects": "", "note": ""}
    texts |= given
    return MovedRow(
        movement, texts["cause"], bin_, part, quantity, 997_000, texts["person"], texts["corrects"], texts["note"], 5000
    )


# ---- verdicts ----


def test_the_highest_number_counts() -> None:
    three = json.dumps([[["OF", -3]], 0])
    [story] = tell_session([verdict(number=2, best=three), verdict()])
    assert story.told is not None
    assert story.told.best.changes == (("OF", -3),)
    [later] = story.later
    assert (later.kind, later.why) == ("verdict", "tags_read")
    assert later.told is not None
    assert later.told.best.changes == (("OF", -2),)


def test_the_verdict_comes_first_also_when_another_is_likelier_for_the_bin_alone() -> None:
    [story] = tell_session([verdict(best=ONE, confidence_ppm=2_000)])
    assert story.told is not None
    assert verdict_sentence(SAY, ranked(story.told), NAMES) == "1 x oil filter, 0.2 %; next best 2 x, 99.7 %"


def test_steps_are_what_the_verdict_explained_them_as() -> None:
    steps = [[2, [["OF", -2]], 0, -1_200_000, 300]]
    [story] = tell_session([verdict(steps=json.dumps(steps))])
    [step] = story.steps
    assert (step.level, step.at_ms, step.delta_mg) == (2, 9_000, -1_200_000)
    assert step.outcome is not None
    assert step.outcome.changes == (("OF", -2),)
    assert story.passing == {1}


def test_a_step_that_came_to_nothing_is_no_step_and_no_passing_hand() -> None:
    steps = [[1, [], 0, 200, 300], [2, [["OF", -2]], 0, -1_200_000, 300]]
    [story] = tell_session([verdict(steps=json.dumps(steps))])
    assert [step.level for step in story.steps] == [2]
    assert story.passing == frozenset()


def test_without_a_verdict_a_change_is_seen_and_not_explained() -> None:
    [story] = tell_session(moved=[moved("m1", -2)], weighed=[WeighedRow(1, 6_000_000, 200, 4_800_000, 210, 0)])
    [step] = story.steps
    assert (step.delta_mg, step.outcome) == (-1_200_000, None)
    assert notes(story, NAMES) == ("face_only_ends", "face_no_candidates")


def test_the_last_weight_was_taken_when_the_session_ended() -> None:
    """The gateway does not say when: a verdict's last level bears the time of the one before."""
    levels = [[0, 6_000_000, 200], [4_000, 5_400_000, 250], [4_000, 4_800_000, 210]]
    by_verdict, by_weight = tell_session(
        [verdict(levels=json.dumps(levels))],
        weighed=[WeighedRow(2, 6_000_000, 200, 4_800_000, 210, 0)],
        lasted_ms=9_000,
    )
    assert [level.at_ms for level in by_verdict.levels] == [0, 4_000, 9_000]
    assert [step.at_ms for step in by_verdict.steps] == [4_000, 9_000]
    assert [level.at_ms for level in by_weight.levels] == [0, 9_000]


def test_loose_parts_have_no_candidates_and_lack_nothing() -> None:
    [story] = tell_session(
        moved=[moved("m1", -140, part="BT")], weighed=[WeighedRow(1, 3_790_000, 200, 3_650_000, 210, 0)]
    )
    assert notes(story, {"BT": Called("bolts", "gram")}) == ("face_only_ends", "face_bulk")
    assert notes(story, {}) == ("face_only_ends", "face_no_candidates")


def test_what_is_no_more_than_noise_is_no_step() -> None:
    [story] = tell_session(weighed=[WeighedRow(1, 6_000_000, 200, 6_001_500, 210, 0)])
    assert story.steps == ()
    assert not story.moved_at_all


def test_a_part_that_came_from_another_bin_says_from_which() -> None:
    out, into = json.dumps([[["LB", -1]], 0]), json.dumps([[["LB", 1]], 0])
    left, came = tell_session([verdict(3, best=out), verdict(7, best=into)])
    assert left.origins == ()
    assert came.origins == (("LB", 3),)


def test_a_part_that_left_two_bins_came_from_none_for_certain() -> None:
    out, into = json.dumps([[["LB", -1]], 0]), json.dumps([[["LB", 1]], 0])
    assert tell_session([verdict(3, best=out), verdict(4, best=out), verdict(7, best=into)])[-1].origins == ()


# ---- what was booked ----


def test_corrections_are_counted_into_what_they_correct() -> None:
    rows = [
        moved("m1", -3),
        moved("m2", 1, corrects="m1", person="李敏"),
        moved("m3", 1, corrects="m2", person="李敏", note="两个放回了"),
    ]
    [story] = tell_session(moved=rows)
    assert [(m.movement, m.change, m.booked) for m in story.moved] == [("m1", -1, -3)]
    assert [(later.kind, later.amount, later.note) for later in story.later] == [
        ("corrected", 1, ""),
        ("corrected", 1, "两个放回了"),
    ]


def test_a_correction_may_say_that_it_was_another_part_or_another_bin() -> None:
    rows = [
        moved("m1", -1),
        moved("m2", 1, corrects="m1"),
        moved("m2", -1, part="LB", corrects="m1"),
        moved("m2", -2, bin_=4, corrects="m1"),
    ]
    first, other = tell_session(moved=rows)
    assert [(m.part, m.change, m.booked) for m in first.moved] == [("OF", 0, -1), ("LB", -1, 0)]
    assert [(m.part, m.change, m.cause) for m in other.moved] == [("OF", -2, "take")]


def test_charging_a_job_moves_no_bin() -> None:
    assert tell_session(moved=[moved("m1", -1, cause="charge")])[0].moved == ()


# ---- what came later, and what is missing ----


def test_what_came_later_is_told_in_order_with_its_reason() -> None:
    stories = tell_session(
        [verdict(), verdict(number=2, best=ONE)],
        [moved("m1", -2), moved("m2", 1, corrects="m1", person="李敏")],
        [
            DoubtRow("d1", 1, "OF", "uncertain_count", 900, 1_900, "", "newer evidence"),
            DoubtRow("d2", 1, "OF", "contested", 950, 9_000, "王建国", "一个在车上"),
        ],
        [ReZeroRow(1, 465_000, 463_800, -3_400, 800)],
    )
    [story] = stories
    assert [later_words(SAY, later, NAMES) for later in story.later] == [
        "The scale had drifted: zero moved by −1.2 g (−3.4 g since it was counted)",
        "Settled by newer evidence: The weight does not tell how many",
        "After the tags were read a second time",
        "Corrected by 李敏: oil filter +1 pc",
        "王建国 answered: Somebody does not agree",
    ]
    assert story.doubts == ()


def test_a_bin_that_was_only_decided_again_with_the_others_has_no_news() -> None:
    [story] = tell_session([verdict(), verdict(number=2, confidence_ppm=999_000)])
    assert story.later == ()
    [surer] = tell_session([verdict(confidence_ppm=870_000), verdict(number=2)])
    assert [later.kind for later in surer.later] == ["verdict"]


@pytest.mark.parametrize(
    ("movement", "corrects", "person"),
    [
        ("cab-1/e/9/1/session/correction-1-00ff", "cab-1/e/9/1/session", True),
        ("cab-1/e/12/1/again", "cab-1/e/9/1/session", False),
        ("cab-1/e/9/1/session", "", False),
    ],
)
def test_a_correction_by_later_evidence_is_nobodys_word(movement: str, corrects: str, person: bool) -> None:
    assert said_by_a_person(movement, corrects) == person


def test_a_kind_of_evidence_this_version_does_not_know_is_newer_evidence() -> None:
    [story] = tell_session([verdict(), verdict(number=2, kind="camera_looked", confidence_ppm=999_900, best=ONE)])
    assert later_words(SAY, story.later[0], NAMES) == "By newer evidence"


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (WeighedRow(1, 6_000_000, 200, None, 0, 2), ("face_blind",)),
        (WeighedRow(1, None, 0, 6_000_000, 200, 0), ("face_blind",)),
        (WeighedRow(1, 6_000_000, 200, 6_000_000, 90_000, 1), ("face_only_ends", "face_unsettled")),
    ],
)
def test_what_the_evidence_lacks_is_said(row: WeighedRow, told: tuple[str, ...]) -> None:
    [story] = tell_session(weighed=[row])
    assert notes(story, NAMES) == told


def test_a_sure_nothing_is_not_shown_and_an_unsure_one_is() -> None:
    nothing: dict[str, Any] = {"best": "[[], 0]", "candidates": "[[[], 0, 1000000]]", "steps": "[]"}
    quiet = verdict(1, confidence_ppm=1_000_000, levels=json.dumps([LEVELS[0], LEVELS[0]]), **nothing)
    unsure = verdict(2, confidence_ppm=600_000, levels=json.dumps([LEVELS[0], LEVELS[0]]), **nothing)
    rummaged = verdict(3, confidence_ppm=1_000_000, **nothing)
    stories = tell_session([quiet, unsure, rummaged])
    assert [story.bin for story in moved_bins(stories)] == [2, 3]
    assert still_count(stories) == 1


def test_rungs_stand_where_the_candidates_would_end() -> None:
    [story] = tell_session([verdict()])
    found = rungs(SAY, story, {"OF": 600_000})
    assert [(rung.mg, rung.label, rung.best) for rung in found] == [
        (4_800_000, "2 x  99.7 %", True),
        (5_400_000, "1 x  0.2 %", False),
    ]
    assert rungs(SAY, story, {}) == []


# ---- read from a gateway's database ----


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[SmallShop]:
    made = SmallShop(tmp_path)
    yield made
    made.close()


def read(shop: SmallShop, session: str, database: sqlite3.Connection | None = None) -> SessionStory | None:
    document = shop.document()
    assert document is not None
    opened = database or schema.open_for_reading(str(shop.database))
    try:
        return read_story(opened, document, session)
    finally:
        if database is None:
            opened.close()


def test_a_session_is_told_from_the_gateways_own_tables(shop: SmallShop) -> None:
    found = read(shop, RICH)
    assert found is not None
    by_bin = {story.bin: story for story in found.bins}
    assert [story.bin for story in moved_bins(found.bins)] == [1, 3, 4, 5, 7, 8, 9]
    assert [(line.bin, line.change, line.booked) for line in found.session.lines] == [
        (1, -2, -3),
        (3, -1, -1),
        (7, 1, 1),
    ]
    assert by_bin[1].later[0].why == "tags_read"
    assert by_bin[7].origins == (("AF-3300", 3),)
    assert by_bin[5].blind
    assert [row.reason for row in by_bin[8].doubts] == ["uncertain_count"]
    asked = {question.bin: question for question in found.questions}
    assert sorted(asked) == [0, 5, 8]
    assert [(row.part.number, row.stock) for row in asked[8].held] == [("LB-2421", 48)]
    assert asked[8].noted("delta_mg") == -27_200
    assert [(each.number, each.seen, each.missing) for each in found.passes] == [(1, 61, 2), (2, 60, 3)]
    assert (found.session.uncharged, found.session.questions) == (True, 3)


def test_no_session_is_none(shop: SmallShop) -> None:
    assert read(shop, "cab-1/0123456789abcdef/999") is None
    assert read(shop, "nonsense") is None


def test_a_session_without_evidence_has_its_bookings(shop: SmallShop) -> None:
    found = read(shop, "cab-1/0123456789abcdef/3")
    assert found is not None
    [only] = found.bins
    assert isinstance(only, BinStory)
    assert (only.told, only.levels, [m.change for m in only.moved]) == (None, (), [40])


def test_each_table_is_asked_once(shop: SmallShop) -> None:
    asked: Counter[str] = Counter()
    database = schema.open_for_reading(str(shop.database))
    database.set_trace_callback(lambda sql: asked.update(set(re.findall(r"(?:from|join) (\w+)", sql))))
    assert read(shop, RICH, database) is not None
    database.close()
    assert asked["verdict"] == 1
    del asked["json_each"]  # a list that the query was handed
    assert {name: times for name, times in asked.items() if times > 1} == {}
