"""Whether the parts of a bin can be told apart by weight, against sums done another way."""

from itertools import combinations, pairwise
from math import exp, log, pi, sqrt
from random import Random

import pytest

from edge_gateway.counting.cells import CELLS
from edge_gateway.counting.evidence import Cell, Mass
from edge_gateway.counting.separability import BinCheck, PlacedPart, check_bin, seen_mg

C3, CHEAP = CELLS["c3-10kg"], CELLS["cheap-10kg"]


def part(name: str, grams: float, spread_g: float = 0.5, capacity: int = 0) -> PlacedPart:
    return PlacedPart(name, Mass(grams * 1000, spread_g * 1000), capacity)


def said(check: BinCheck) -> set[tuple[object, object]]:
    return {(pair.one.pieces, pair.other.pieces) for pair in check.alike} | {
        (pair.other.pieces, pair.one.pieces) for pair in check.alike
    }


def test_one_part_alone_is_fine() -> None:
    check = check_bin(C3, [part("A", 612, 2.4, 14)])
    assert (check.verdict, check.wrong_ppm, check.alike) == ("fine", 0, ())


def test_two_parts_of_one_mass_are_refused_and_wrong_half_the_time() -> None:
    check = check_bin(C3, [part("A", 500), part("B", 500)])
    assert check.verdict == "refused"
    single = next(pair for pair in check.alike if pair.single)
    assert single.wrong_ppm == pytest.approx(500_000, abs=1)
    assert single.apart_mg == 0
    assert 400_000 < check.wrong_ppm < 600_000


def test_one_of_a_looks_like_two_of_b() -> None:
    check = check_bin(C3, [part("A", 512, 4.0), part("B", 257, 1.5)])
    assert ((("A", 1),), (("B", 2),)) in said(check)
    assert check.verdict == "refused"
    pair = next(pair for pair in check.alike if {len(pair.one.pieces), len(pair.other.pieces)} == {1})
    assert pair.apart_mg == 2000


def test_spread_decides() -> None:
    loose = check_bin(C3, [part("A", 512, 4.0), part("B", 257, 1.5)])
    tight = check_bin(C3, [part("A", 512, 0.05), part("B", 257, 0.05)])
    assert 10 * tight.wrong_ppm < loose.wrong_ppm


def test_what_does_not_fit_cannot_be_taken() -> None:
    parts = [part("A", 512, 4.0), part("B", 257, 1.5)]
    only_one = [parts[0], parts[1]._replace(capacity=1)]
    assert ((("A", 1),), (("B", 2),)) in said(check_bin(C3, parts))
    assert check_bin(C3, only_one).alike == ()


def test_tags_tell_apart_what_weight_does_not() -> None:
    parts = [part("A", 500), part("B", 500)]
    assert check_bin(C3, parts, tagged=("A", "B")).verdict == "fine"


def test_a_tag_on_one_of_two_is_enough_for_a_single_piece_of_the_other() -> None:
    check = check_bin(C3, [part("A", 500), part("B", 500)], tagged=("A",))
    assert ((("A", 1),), (("B", 1),)) not in said(check)


def test_a_piece_that_does_not_show_is_kept_in_grams() -> None:
    # a cheap beam reads the same load 5 g differently when it is put there again: six times that, with its floor of 1 g
    assert seen_mg(CHEAP) == pytest.approx(6_000 * sqrt(5**2 + 1**2))
    assert check_bin(CHEAP, [part("A", 30, 0.1)]).too_light == ("A",)
    assert check_bin(CHEAP, [part("A", 31, 0.1)]).too_light == ()
    assert check_bin(C3, [part("A", 0.5, 0.0)]).verdict == "refused"


def test_a_full_bin_stays_within_its_cell() -> None:
    assert not check_bin(C3, [part("A", 1000, 3, 9), part("B", 70, 0.2, 14)]).overloaded
    over = check_bin(C3, [part("A", 1000, 3, 9), part("B", 70, 0.2, 15)])
    assert (over.verdict, over.overloaded, over.full_mg) == ("warned", True, 10_050_000)
    assert check_bin(CELLS["c3-50kg"], [part("A", 1000, 3, 9), part("B", 70, 0.2, 15)]).verdict == "fine"


def test_what_is_wrong_now_and_then_is_a_warning() -> None:
    """One of A is 2 g off two of B: wrong once in forty sessions."""
    check = check_bin(C3, [part("A", 500, 1.0, 2), part("B", 252, 1.0, 2)])
    assert check.verdict == "warned"
    assert 10_000 < check.wrong_ppm < 60_000


@pytest.mark.parametrize("a_first", [True, False])
def test_what_weighs_exactly_the_same_is_taken_for_the_more_frequent(a_first: bool) -> None:
    """Two of B weigh and spread as one of A to the last digit: of both together, all the rarer ones are wrong."""
    parts = [part("A", 500, 1.0 * sqrt(2), 1), part("B", 250, 1.0, 2)]
    check = check_bin(C3, parts if a_first else parts[::-1])
    found = next(found for found in check.alike if {found.one.pieces, found.other.pieces} == {(("A", 1),), (("B", 2),)})
    rarer = min(found.one.share, found.other.share)
    assert found.wrong_ppm == pytest.approx(1e6 * rarer / (found.one.share + found.other.share), abs=2)
    assert check.wrong_ppm > 1e6 * rarer / 2


def test_the_most_frequent_mistake_is_named_first() -> None:
    check = check_bin(C3, [part("A", 500, 1.5, 4), part("B", 250, 1.0, 4)])
    often = [pair.wrong_ppm * (pair.one.share + pair.other.share) for pair in check.alike]
    assert often == sorted(often, reverse=True)
    assert max(pair.wrong_ppm for pair in check.alike) > check.alike[0].wrong_ppm  # rarer, and likelier to be wrong


def test_two_parts_that_look_alike_are_refused_and_named_however_rare_they_are() -> None:
    """Among many parts few sessions are at these two; who takes one of them is billed for the other all the same."""
    twins = [part("A", 900, 2.0, 2), part("B", 905.6, 2.0, 2)]
    doubles = check_bin(
        C3, [*(part(f"X{grams}", grams, grams / 100, 3) for grams in (50, 100, 150, 200, 250, 300)), *twins]
    )
    assert [pair.single for pair in doubles.alike] == [False] * 5 + [True]  # five mistakes are made more often
    apart = check_bin(C3, [*(part(f"X{grams}", grams, 0.05, 2) for grams in (37, 59, 101, 223, 371, 433, 517)), *twins])
    assert apart.wrong_ppm < 60_000
    assert apart.verdict == "refused"


def test_a_bin_without_parts_is_fine() -> None:
    assert check_bin(C3, []).verdict == "fine"


@pytest.mark.parametrize(
    ("cell", "count", "seed"),
    [*((C3, count, seed) for count in (2, 4) for seed in range(6)), *((CHEAP, 2, seed) for seed in range(5))],
)
def test_the_share_of_wrong_counts_is_that_of_an_integral(cell: Cell, count: int, seed: int) -> None:
    random = Random(seed)
    parts = [_drawn(random, f"P{number}") for number in range(count)]
    found = check_bin(cell, parts).wrong_ppm / 1e6
    assert found == pytest.approx(_wrong_by_integral(cell, parts), rel=0.02, abs=3e-4)


def _drawn(random: Random, name: str) -> PlacedPart:
    grams = exp(random.uniform(log(15), log(2000)))
    return part(name, grams, grams * random.choice((0.003, 0.01)))


def _wrong_by_integral(cell: Cell, parts: list[PlacedPart]) -> float:
    """One minus the integral of the likeliest outcome's density, over a fine grid of weights."""
    outcomes = _mix(cell, parts)
    wrong = 0.0
    points = sorted({o[0] + o[1] * step / 20 for o in outcomes for step in range(-100, 101)})
    for low, high in pairwise(points):
        middle, wide = (low + high) / 2, high - low
        densities = [share * exp(-(((middle - mg) / s) ** 2) / 2) / (s * sqrt(2 * pi)) for mg, s, share in outcomes]
        wrong += (sum(densities) - max(densities)) * wide
    return wrong / sum(share for _, _, share in outcomes)


def _mix(cell: Cell, parts: list[PlacedPart]) -> list[tuple[float, float, float]]:
    """(mg, deviation, share) by the standard mix: 8 % nothing, 7.5 % two parts, one to three of one otherwise."""
    counts = {1: 0.60, 2: 0.25, 3: 0.15}
    found = [(0.0, float(cell.floor_mg), 0.08)]
    for _, mass, _ in parts:
        for n, share in counts.items():
            found.append(
                (n * mass.mean_mg, _deviation(cell, n * mass.mean_mg, [(n, mass)]), 0.845 * share / len(parts))
            )
    pairs = list(combinations(parts, 2))
    for (_, one, _), (_, other, _) in pairs:
        for n in (1, 2):
            for m in (1, 2):
                mg = n * one.mean_mg + m * other.mean_mg
                share = 0.075 * counts[n] * counts[m] / 0.85**2 / len(pairs)
                found.append((mg, _deviation(cell, mg, [(n, one), (m, other)]), share))
    return found


def _deviation(cell: Cell, mg: float, pieces: list[tuple[int, Mass]]) -> float:
    spread = sum(n * mass.spread_mg**2 for n, mass in pieces)
    creep_and_scale = (mg * cell.creep_ppm / 1e6) ** 2 + (mg * cell.scale_ppm / 1e6) ** 2
    return sqrt(cell.floor_mg**2 + cell.repeat_mg**2 + spread + creep_and_scale)
