"""What the kiosk tells of a session, from what the gateway at work really kept of it."""

from collections.abc import Sequence
from typing import Any

from edge_gateway import schema
from edge_gateway.kiosk_seam import CorrectCount
from edge_gateway.session_view import SessionStory, read_story
from page_kit.language import Say
from page_kit.session_story import BinStory, moved_bins, ranked, still_count
from page_kit.verdict_words import TEXTS, Called, verdict_sentence
from tests.gateway.world import Journal, Shop, document, row

SAY = Say("en", TEXTS)
NAMES = {"OF-1": Called("oil filter"), "BULB": Called("bulb")}


def read(shop: Shop, session: str) -> SessionStory:
    """The session as the kiosk reads it."""
    database = schema.open_for_reading(str(shop.path))
    try:
        found = read_story(database, document(), session)
    finally:
        database.close()
    assert found is not None
    return found


def work(shop: Shop, journal: Journal, rows: list[list[int | None]], **closing: Any) -> str:
    """A session that the gateway has taken in; its id."""
    start = len(journal.lines)
    session = journal.session(rows, **closing)
    shop.take_journal(journal, 0 if start == 1 else start)
    return session


def sentence(story: BinStory) -> str:
    """What is said of a bin."""
    assert story.told is not None
    return verdict_sentence(SAY, ranked(story.told), NAMES, dict(story.origins))


def steps(story: BinStory) -> Sequence[tuple[int, tuple[tuple[str, int], ...]]]:
    """(milligrams, pieces by part) of each step."""
    return [(step.delta_mg, step.outcome.changes if step.outcome else ()) for step in story.steps]


def test_a_take_in_two_reaches_is_told_step_by_step(shop: Shop, journal: Journal) -> None:
    session = work(
        shop,
        journal,
        [row(1, 6_000_000, 4_800_100), row(3, 840_000, 840_050)],
        plateaus=[[1, 1500, 5_400_200, 150]],
    )
    found = read(shop, session)
    [filters] = moved_bins(found.bins)
    assert still_count(found.bins) == 1
    assert sentence(filters).startswith("2 x oil filter, 99.9 %")
    assert [count for _, count in steps(filters)] == [(("OF-1", -1),), (("OF-1", -1),)]
    assert [(level.at_ms, level.mg) for level in filters.levels][1] == (1500, 5_400_200)
    assert filters.levels[-1].at_ms == found.session.closed_ms - found.session.opened_ms
    assert [(line.part.number, line.change) for line in found.session.lines] == [("OF-1", -2)]
    assert found.session.uncharged


def test_a_tool_left_behind_is_named(shop: Shop, journal: Journal) -> None:
    [story] = moved_bins(read(shop, work(shop, journal, [row(1, 6_000_000, 6_338_600)])).bins)
    assert sentence(story).startswith("something of about 340 g that is none of the parts, left there, ")


def test_a_part_in_another_bin_says_where_it_came_from(shop: Shop, journal: Journal) -> None:
    rows = [row(1, 6_000_000, 5_400_000), row(3, 840_000, 1_440_000)]
    found = read(shop, work(shop, journal, rows))
    left, came = moved_bins(found.bins)
    assert came.origins == (("OF-1", 1),)
    assert "1 x oil filter from bin 1 put in" in sentence(came)
    assert [(line.bin, line.cause, line.change) for line in found.session.lines] == [
        (1, "misplaced", -1),
        (3, "misplaced", 1),
    ]
    assert left.origins == ()


def test_a_correction_at_the_kiosk_is_told_with_who_and_why(shop: Shop, journal: Journal) -> None:
    session = work(shop, journal, [row(1, 6_000_000, 4_800_000)])
    [line] = read(shop, session).session.lines
    shop.act(CorrectCount(line.movement, 1, "wang", "一只还在柜里"))
    [story] = moved_bins(read(shop, session).bins)
    assert [(moved.change, moved.booked) for moved in story.moved] == [(-1, -2)]
    [later] = story.later
    assert (later.kind, later.person, later.note, later.amount) == ("corrected", "王师傅", "一只还在柜里", 1)


def test_what_a_weight_that_came_to_rest_corrected_is_told_as_evidence(shop: Shop, journal: Journal) -> None:
    """Read in a hurry it was three; a minute later, with the doors shut, it weighs as two."""
    session = work(shop, journal, [row(1, 6_000_000, 4_200_000, quality=1)])
    journal.add("bins_changed", bins=[row(1, 4_200_000, 4_800_000)])
    shop.take(journal.topic, journal.lines[-1])
    [story] = [each for each in moved_bins(read(shop, session).bins) if each.bin == 1]
    assert story.told is not None
    assert story.told.best.changes == (("OF-1", -2),)
    assert sum(moved.change for moved in story.moved) == -2
    first = story.later[0]
    assert (first.kind, first.why) == ("verdict", "bins_changed")
    assert first.told is not None
    assert first.told.best.changes == (("OF-1", -3),)
    assert {later.person for later in story.later} == {""}


def test_a_blind_sensor_is_told(shop: Shop, journal: Journal) -> None:
    session = work(shop, journal, [row(1, 6_000_000, None, quality=2), row(3, 840_000, 840_000)])
    [story] = moved_bins(read(shop, session).bins)
    assert (story.bin, story.blind, story.told) == (1, True, None)
    assert [doubt.reason for doubt in story.doubts] == ["blind"]


def test_an_unsure_count_is_told_with_its_question(shop: Shop, journal: Journal) -> None:
    """Half a piece is none of the counts, and no tool by its looks."""
    session = work(shop, journal, [row(3, 840_000, 829_500)])
    [story] = moved_bins(read(shop, session).bins)
    assert story.told is not None
    assert len(story.doubts) == 1
    [question] = read(shop, session).questions
    assert (question.id, question.bin, question.part and question.part.number) == (story.doubts[0].id, 3, "BULB")
    assert [(row.part.number, row.stock) for row in question.held] == [("BULB", 40)]
