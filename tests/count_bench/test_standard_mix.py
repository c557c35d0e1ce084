"""What the bench draws is the standard mix, its parts and its hands."""

import statistics
from collections import Counter
from math import log
from random import Random

import pytest

from simulator.count_bench.bench_planogram import BINS, CAPACITY_MG, PIECES_MAX, Drawn, draw_planogram
from simulator.count_bench.hands import script_of
from simulator.count_bench.shelf import FOREIGN, Shelf
from simulator.count_bench.standard_mix import MECHANICS, MIX, RESTOCKER, Visit, Workshop
from simulator.count_bench.standard_parts import learning_readings_mg, standard_parts
from simulator.count_bench.weighed_session import HAND, LEAN, PLACE, SLAM


def planogram(cell: str, parts_per_cell: int, seed: int = 1) -> Drawn:
    parts = standard_parts(seed, cell.split("-", maxsplit=1)[0])
    return draw_planogram(parts, cell, parts_per_cell, Random(seed), lambda _places: True)


def workshop(cell: str, parts_per_cell: int, seed: int = 1) -> tuple[Shelf, Workshop]:
    shelf = Shelf(planogram(cell, parts_per_cell, seed).bins, Random(seed))
    return shelf, Workshop(shelf, cell, Random(seed + 1))


def visits(count: int, parts_per_cell: int = 2, seed: int = 1) -> list[Visit]:
    shelf, people = workshop("c3-10kg", parts_per_cell, seed)
    found = []
    for _ in range(count):
        shelf.clear()
        found.append(people.next_visit())
    return found


@pytest.mark.parametrize(("family", "lightest_g"), [("c3", 15), ("cheap", 100)])
def test_the_parts_are_84_masses_log_uniform_half_of_them_with_a_wide_spread(family: str, lightest_g: int) -> None:
    parts = [part for seed in range(20) for part in standard_parts(seed, family)]
    assert len(standard_parts(1, family)) == 84
    assert min(part.mass_mg for part in parts) >= lightest_g * 1000
    assert max(part.mass_mg for part in parts) <= 2_000_000
    halves = Counter(part.spread_ppm for part in standard_parts(1, family))
    assert halves == {10_000: 42, 3_000: 42}
    # The logarithm of a log-uniform mass is uniform: its mean is the middle, its deviation the range by root 12.
    logs = [log(part.mass_mg) for part in parts]
    low, high = log(lightest_g * 1000), log(2_000_000)
    assert abs(statistics.mean(logs) - (low + high) / 2) < 4 * (high - low) / (12 * len(logs)) ** 0.5
    assert abs(statistics.stdev(logs) / ((high - low) / 12**0.5) - 1) < 0.05


def test_a_bench_scale_shows_tenths_of_a_gram_of_twenty_pieces() -> None:
    part = standard_parts(1, "c3")[0]
    readings = learning_readings_mg(part, Random(1))
    assert len(readings) == 20
    assert all(reading % 100 == 0 for reading in readings)
    assert abs(statistics.mean(readings) / part.mass_mg - 1) < 0.02


@pytest.mark.parametrize("cell", list(CAPACITY_MG))
@pytest.mark.parametrize("parts_per_cell", [1, 2, 4, 8])
def test_a_planogram_fits_its_cells_and_names_no_part_twice(cell: str, parts_per_cell: int) -> None:
    for seed in range(5):
        drawn = planogram(cell, parts_per_cell, seed)
        assert len(drawn.bins) == BINS
        assert len({part.number for part in drawn.parts}) == BINS * parts_per_cell
        for places in drawn.bins:
            assert all(place.capacity >= 2 for place in places)
            assert sum(place.capacity for place in places) <= PIECES_MAX
            assert sum(place.capacity * place.part.mass_mg for place in places) <= CAPACITY_MG[cell]


def test_a_refused_bin_is_drawn_again_and_counted() -> None:
    answers = iter([False, False, True, True, True, True])
    drawn = draw_planogram(standard_parts(1, "c3"), "c3-50kg", 1, Random(1), lambda _places: next(answers))
    assert drawn.refused == 2
    assert len(drawn.bins) == BINS


def test_the_mix_is_what_it_says() -> None:
    found = Counter(visit.kind for seed in range(10) for visit in visits(400, seed=seed))
    for kind, share in MIX.items():
        sigma = (4000 * share / 100 * (1 - share / 100)) ** 0.5
        assert abs(found[kind] - 4000 * share / 100) < 4.5 * sigma + 20, kind  # what cannot be is drawn again


def test_a_take_is_one_to_three_of_one_part() -> None:
    found = Counter(
        sum(len(reach.out) for reach in visit.reaches)
        for seed in range(10)
        for visit in visits(300, 1, seed)
        if visit.kind == "take"
    )
    takes = sum(found.values())
    assert set(found) == {1, 2, 3}
    for count, share in ((1, 0.60), (2, 0.25), (3, 0.15)):
        assert abs(found[count] / takes - share) < 0.05


def test_what_leaves_and_comes_is_what_the_shelf_has_less_and_more() -> None:
    shelf, people = workshop("c3-10kg", 4)
    for _ in range(400):
        shelf.clear()
        before = [shelf.load_mg(bin_) for bin_ in range(BINS)]
        visit = people.next_visit()
        for reach in visit.reaches:
            before[reach.bin] += sum(thing.mass_mg for thing in reach.into)
            before[reach.bin] -= sum(thing.mass_mg for thing in reach.out)
        assert before == [shelf.load_mg(bin_) for bin_ in range(BINS)]
        assert all(load_mg <= CAPACITY_MG["c3-10kg"] for load_mg in before)


def test_who_brings_back_had_it_in_hand() -> None:
    shelf, people = workshop("c3-10kg", 2)
    seen = Counter[str]()
    for _ in range(600):
        shelf.clear()
        hands = [list(hand) for hand in people.hands]
        visit = people.next_visit()
        taken = [thing for reach in visit.reaches for thing in reach.out]
        brought = [thing for reach in visit.reaches for thing in reach.into if thing.part != FOREIGN]
        if visit.kind == "restock":
            assert visit.person == RESTOCKER
            continue
        assert all(thing in hands[visit.person] or thing in taken for thing in brought)
        if visit.kind in ("return", "wrong"):
            homes = {shelf.home(thing.part)[0] for thing in brought}
            bins = {reach.bin for reach in visit.reaches if reach.into}
            assert (homes == bins) == (visit.kind == "return")
            seen[visit.kind + (" of before" if brought[0] in hands[visit.person] else " of now")] += 1
    assert set(seen) == {"return of before", "wrong of before", "wrong of now"}


def test_the_caretaker_leaves_planned_parts_only_and_none_of_them_missing() -> None:
    shelf, people = workshop("c3-10kg", 8)
    for _ in range(300):
        people.next_visit()
        shelf.clear()
        for bin_, places in enumerate(shelf.plan):
            stock = shelf.stock(bin_)
            assert set(stock) == {place.part.number for place in places}
            assert min(stock.values()) >= 2


def test_hands_take_their_time() -> None:
    random = Random(5)
    for visit in visits(500):
        script = script_of(visit, [5_000_000] * BINS, random)
        assert 300 <= script.opened_ms <= 1000
        assert list(script.actions) == sorted(script.actions, key=lambda action: action[0])
        hands = [action for action in script.actions if action[1] in (HAND, LEAN)]
        assert len(hands) == len(visit.reaches)
        for before, after, reach in zip(hands, hands[1:], visit.reaches[1:], strict=False):
            assert after[0] - (before[0] + before[3]) >= max(1200, reach.gap_ms_min)
        assert all(500 <= hand[3] <= 20_000 for hand in hands)
        assert script.actions[-1][:2] == (script.shut_ms, SLAM)
        ends = {hand[0] + hand[3] for hand in hands}
        assert all(action[0] in ends for action in script.actions if action[1] == PLACE)
        if visit.kind == "core":
            assert visit.reaches[-1].gap_ms_min == 1500


def test_a_core_weighs_otherwise_and_a_tool_is_a_tool() -> None:
    masses = {part.number: part.mass_mg for part in standard_parts(1, "c3")}
    for visit in (visit for seed in range(1) for visit in visits(2000, 2, 1)):
        laid_in = [thing for reach in visit.reaches for thing in reach.into if thing.part == FOREIGN]
        assert len(laid_in) == (visit.kind in ("core", "foreign"))
        if visit.kind == "core":
            share = laid_in[0].mass_mg / masses[visit.reaches[0].out[0].part]
            assert 0.6 <= share + 0.001 <= 0.952 or 1.05 <= share + 0.001 <= 1.302
        if visit.kind == "foreign":
            assert 29_999 <= laid_in[0].mass_mg <= 2_500_001


def test_everybody_comes() -> None:
    assert {visit.person for visit in visits(500)} == set(range(MECHANICS + 1))
