"""What is an alert and what is not: the judging alone, and what becomes of a matter that flickers."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloud.replenishment.alerts.contact import Clock, Rhythm, limit_ms, next_rhythm, silence_ms
from cloud.replenishment.alerts.judging import (
    BinFacts,
    CabinetFacts,
    LossFacts,
    ShopFacts,
    judge_bin,
    judge_contact,
    judge_loss,
    judge_sensors,
)
from cloud.replenishment.alerts.lasting import Memory, step
from cloud.replenishment.alerts.matters import DAY_MS, HOUR_MS, MINUTE_MS, PATIENCE, Finding
from cloud.replenishment.alerts.quiet import told_from_ms
from cloud.replenishment.alerts.turns import with_away
from cloud.replenishment.alerts.visit_times import next_possible_ms

ZONE = "Asia/Shanghai"
NOON = 1_794_888_000_000  # Tuesday 2026-11-17, 12:00 in Shanghai
ALL_DAY = dict.fromkeys(range(1, 8), (0, 24 * 60))
WEEK = dict.fromkeys(range(1, 6), (8 * 60, 18 * 60))
ALWAYS = Clock(ZONE, ALL_DAY)
BIN = BinFacts("shop-1", "cab-1", 4, "WK-1060", surely=0, requested_ms=NOON - HOUR_MS)


# ---- bins ----


@pytest.mark.parametrize(
    ("said", "standing", "holds", "why"),
    [
        ({}, False, True, ""),  # empty, asked for, nobody comes
        ({"requested_ms": 0}, False, False, "not_asked"),
        ({"surely": 1}, True, False, "restocked"),
        ({"visit": "v-1", "visit_day": "2026-11-18"}, False, True, ""),  # somebody comes without it
        ({"visit": "v-1", "visit_day": "2026-11-18", "brings": True}, True, False, "visit_brings"),
        ({"is_planned": False}, True, False, "gone"),
        ({"runs_out_ppm": 100_000}, False, True, ""),  # empty, asked for, nobody comes, however slowly it goes
        ({"runs_out_ppm": 100_000, "requested_ms": 0}, False, False, "not_asked"),
        ({"runs_out_ppm": 600_000, "requested_ms": 0}, False, True, ""),
        (
            {"runs_out_ppm": 100_000, "brings": True, "visit": "v", "until_ms": NOON + 2 * DAY_MS},
            True,
            False,
            "visit_brings",
        ),
        ({"runs_out_ppm": 500_000, "surely": 2}, False, True, ""),
        ({"runs_out_ppm": 499_999, "surely": 2}, False, False, "restocked"),
        ({"runs_out_ppm": 250_000, "surely": 2}, True, True, ""),  # what stands goes on for longer
        ({"runs_out_ppm": 249_999, "surely": 2}, True, False, "restocked"),
        ({"runs_out_ppm": 900_000, "brings": True, "visit": "v", "until_ms": NOON + 2 * DAY_MS}, False, True, ""),
        (
            {"runs_out_ppm": 900_000, "brings": True, "visit": "v", "until_ms": NOON + 3 * HOUR_MS},
            False,
            False,
            "visit_brings",
        ),
    ],
)
def test_a_bin_that_runs_out(said: dict[str, object], standing: bool, holds: bool, why: str) -> None:
    found = judge_bin(replace(BIN, **said), NOON, standing=standing)  # type: ignore[arg-type]
    assert (found.holds, found.why) == (holds, why)
    assert found.matter == "cab-1/4/WK-1060"


def test_the_next_possible_visit_is_when_the_shop_opens() -> None:
    friday_ms = NOON + 3 * DAY_MS
    assert next_possible_ms(NOON, 1, WEEK, ZONE) == NOON + DAY_MS - 4 * HOUR_MS
    assert next_possible_ms(friday_ms, 1, WEEK, ZONE) == friday_ms + 3 * DAY_MS - 4 * HOUR_MS  # Monday at eight
    assert next_possible_ms(NOON, 3, WEEK, ZONE) == NOON + 3 * DAY_MS - 4 * HOUR_MS


# ---- contact ----


def test_silence_counts_while_somebody_would_notice() -> None:
    clock = Clock(ZONE, WEEK)
    friday_evening_ms, monday_nine_ms = NOON + 3 * DAY_MS + 6 * HOUR_MS, NOON + 6 * DAY_MS - 3 * HOUR_MS
    assert silence_ms(friday_evening_ms, monday_nine_ms, clock) == HOUR_MS
    assert silence_ms(NOON, NOON + 2 * HOUR_MS, clock) == 2 * HOUR_MS
    away = Clock(ZONE, WEEK, ((NOON + HOUR_MS // 2, NOON + 3 * HOUR_MS // 2),))
    assert silence_ms(NOON, NOON + 2 * HOUR_MS, away) == HOUR_MS
    assert silence_ms(NOON + HOUR_MS, NOON, clock) == 0  # a clock that runs ahead
    assert silence_ms(1, NOON, ALWAYS) <= 61 * DAY_MS


def test_what_is_usual_is_learned() -> None:
    """Every night its gateway is off for half an hour of opening time; once it was away for a day."""
    gaps = [(NOON - day * DAY_MS, NOON - day * DAY_MS + 40 * MINUTE_MS) for day in range(1, 6)]
    assert limit_ms([], NOON, ALWAYS) == 30 * MINUTE_MS
    assert limit_ms(gaps[:2], NOON, ALWAYS) == 30 * MINUTE_MS  # twice is no habit
    assert limit_ms(gaps, NOON, ALWAYS) == 60 * MINUTE_MS
    assert limit_ms([*gaps, (NOON - 9 * DAY_MS, NOON - 8 * DAY_MS)], NOON, ALWAYS) == 60 * MINUTE_MS
    assert limit_ms(gaps, NOON + 30 * DAY_MS, ALWAYS) == 30 * MINUTE_MS  # long forgotten


def test_silences_are_remembered_when_they_end_by_themselves() -> None:
    quiet = next_rhythm(Rhythm(), NOON, NOON + 11 * MINUTE_MS)
    assert quiet == Rhythm(NOON)
    assert next_rhythm(Rhythm(), NOON, NOON + 9 * MINUTE_MS) == Rhythm()
    back_ms = NOON + 70 * MINUTE_MS
    assert next_rhythm(quiet, back_ms, back_ms + MINUTE_MS) == Rhythm(0, ((NOON, back_ms),))
    ours = [(NOON + MINUTE_MS, back_ms)]  # the cloud itself was away
    assert next_rhythm(quiet, back_ms, back_ms + MINUTE_MS, ours) == Rhythm()


def test_the_cloud_was_there_whenever_it_heard_somebody() -> None:
    assert with_away([], 0, 0, NOON) == []  # the first start of all
    assert with_away([], NOON - HOUR_MS, NOON - MINUTE_MS, NOON) == []  # busy, and heard of gateways
    assert with_away([], NOON - 3 * HOUR_MS, NOON - 2 * HOUR_MS, NOON) == [(NOON - 2 * HOUR_MS, NOON)]


def shop(number: int, silent_ms: int, *cabinets: CabinetFacts) -> ShopFacts:
    return ShopFacts(f"shop-{number}", NOON - silent_ms, ALWAYS, cabinets)


def missed(shops: Sequence[ShopFacts], *standing: tuple[str, str]) -> list[tuple[str, str]]:
    return [(each.shop, each.matter) for each in judge_contact(shops, NOON, standing) if each.holds]


def test_one_alert_for_a_shop_whose_gateway_is_away() -> None:
    """And none of its cabinets, of which nobody knows anything then; one that is silent by itself is told by itself."""
    dead = CabinetFacts("cab-2", 0, NOON - 3 * HOUR_MS, NOON - MINUTE_MS)
    never = CabinetFacts("cab-3", 0, 0, NOON - MINUTE_MS)
    assert missed([shop(1, MINUTE_MS, dead, never), shop(2, 2 * HOUR_MS, dead)]) == [
        ("shop-1", "cabinet cab-2"),
        ("shop-2", "gateway"),
    ]
    unknown = [each for each in judge_contact([shop(2, 2 * HOUR_MS, dead)], NOON, ()) if each.holds is None]
    assert [each.matter for each in unknown] == ["cabinet cab-2"]
    assert missed([ShopFacts("shop-1", 0, ALWAYS)]) == []  # it never called


def test_many_shops_at_once_are_one_alert() -> None:
    """Only those that fell silent together; what is left of them when the others are back is told shop by shop."""
    together = [shop(number, 2 * HOUR_MS + number * MINUTE_MS) for number in range(1, 8)]
    alone, well = shop(20, 9 * HOUR_MS), [shop(number, MINUTE_MS) for number in range(30, 40)]
    assert missed([*together, alone, *well]) == [("", "many"), ("shop-20", "gateway")]
    assert missed([*together[:4], *well]) == [(f"shop-{number}", "gateway") for number in range(1, 5)]
    assert missed([*together[:4], *well], ("", "many")) == [("", "many")]
    assert len(missed([*together[:2], *well], ("", "many"))) == 2
    young = [replace(each, last_contact_ms=NOON - 20 * MINUTE_MS) for each in together]
    assert missed([*young, *well]) == []


def test_blind_bins() -> None:
    facts = CabinetFacts("cab-1", 2, NOON - MINUTE_MS, NOON - MINUTE_MS)
    assert judge_sensors("shop-1", facts, ALWAYS, NOON).holds is True
    assert judge_sensors("shop-1", replace(facts, bins_blind=0), ALWAYS, NOON).holds is False
    assert judge_sensors("shop-1", replace(facts, last_heard_ms=NOON - HOUR_MS), ALWAYS, NOON).holds is None
    assert judge_sensors("shop-1", replace(facts, last_heard_ms=0), ALWAYS, NOON).holds is None


# ---- losses ----


@pytest.mark.parametrize(
    ("said", "holds"),
    [
        ({"lost": 1, "times": 1}, False),  # an odd piece is a discrepancy
        ({"lost": 2, "times": 2}, True),
        ({"lost": 2, "times": 1}, False),
        ({"lost": 3, "times": 1}, True),
        ({"lost": 2, "times": 2, "doubt": 0.5}, False),  # counting may err by two
        ({"lost": 1, "times": 1, "price_minor": 60_000, "currency": "CNY"}, True),  # a dear one
        ({"lost": 1, "times": 1, "price_minor": 60_000, "currency": "CNY", "doubt": 0.2}, False),
        ({"lost": 90, "times": 2, "is_grams": True, "capacity": 20_000}, False),
        ({"lost": 1_000, "times": 2, "is_grams": True, "capacity": 20_000}, True),
        ({"lost": 0, "times": 0, "explained": True}, False),
    ],
)
def test_what_is_missing_beyond_noise(said: dict[str, object], holds: bool) -> None:
    facts = LossFacts("shop-1", "cab-1", 4, "WK-1060", **{"lost": 0, "times": 0, "since_ms": NOON, **said})  # type: ignore[arg-type]
    assert judge_loss(facts, standing=False).holds is holds
    assert judge_loss(facts, standing=True).holds is (facts.lost > 0)


# ---- what becomes of it ----


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([True, False, None]), st.integers(1, 40)), max_size=60))
def test_a_flickering_sensor_is_one_alert(looks: list[tuple[bool | None, int]]) -> None:
    """It begins only after holding, ends only after calm, and never does either twice in a row."""
    patience = PATIENCE["sensor_blind"]
    memory: Memory | None = None
    is_open, now_ms, last_true_ms, acts = False, NOON, 0, []
    for holds, minutes in looks:
        now_ms += minutes * MINUTE_MS
        taken = step(Finding("sensor_blind", "s", "c", holds), memory, patience, now_ms, is_open=is_open)
        memory = taken.memory
        if holds:
            last_true_ms = now_ms
        if taken.act == "begin":
            assert holds and memory is not None and now_ms - memory.since_ms >= patience.hold_ms
            is_open = True
        if taken.act == "end":
            assert holds is False and now_ms - last_true_ms >= patience.calm_ms
            is_open = False
        if taken.act in {"begin", "end"}:
            acts.append(taken.act)
    assert acts == ["begin", "end"] * (len(acts) // 2) + ["begin"] * (len(acts) % 2)


@pytest.mark.parametrize(
    ("quiet", "hour", "told_after_hours"),
    [((22, 7), 23, 8), ((22, 7), 6, 1), ((22, 7), 12, 0), ((12, 14), 12, 2), ((12, 14), 14, 0), ((7, 22), 8, 14)],
)
def test_quiet_hours_by_the_shops_clock(quiet: tuple[int, int], hour: int, told_after_hours: int) -> None:
    at_ms = NOON + (hour - 12) * HOUR_MS
    assert told_from_ms(at_ms, ZONE, quiet[0] * 60, quiet[1] * 60) == at_ms + told_after_hours * HOUR_MS
    assert told_from_ms(at_ms, ZONE, -1, -1) == at_ms


def test_quiet_hours_on_a_day_that_changes_its_clocks() -> None:
    """2026-03-29 in Berlin: two o'clock becomes three."""
    before_ms = 1_774_735_200_000  # 2026-03-28 23:00 in Berlin
    assert told_from_ms(before_ms, "Europe/Berlin", 22 * 60, 7 * 60) == before_ms + 7 * HOUR_MS
