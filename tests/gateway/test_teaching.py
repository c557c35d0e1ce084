"""Masses taught at the bench: what batches tell, what is refused, and that counting, replays and a restore keep it."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_gateway.counting.learning import Known
from edge_gateway.kiosk_seam import ActionError, CorrectCount, TeachMass
from edge_gateway.serial_devices.steady import Steadied, Steady
from edge_gateway.serial_devices.teaching import Batch, Doubt, Taught, belief, by_known_mass, judge
from edge_gateway.serial_devices.weight import Weight
from tests.gateway.counted_shop import BELT, Cabinet, counted_cabinet, counted_document, held, remembered
from tests.gateway.real_cloud import RealCloud
from tests.gateway.test_restored_counting import lose


def weighed(chance: random.Random, mean: float, spread: float, step: int, *counts: int) -> list[Batch]:
    """Batches of pieces drawn one by one, as a scale with such a last digit shows them."""
    totals = [sum(chance.gauss(mean, spread) for _ in range(count)) for count in counts]
    return [Batch(count, round(total / step) * step, step) for count, total in zip(counts, totals, strict=True)]


def test_the_bounds_hold_as_often_as_they_say() -> None:
    """Drawn parts on drawn scales: nineteen of twenty means lie within the error, and spreads below their bound."""
    chance = random.Random(7)
    means = spreads = judged = 0
    for _ in range(400):
        mean = 10 ** chance.uniform(4.3, 6.2)
        spread = mean * chance.uniform(0.001, 0.007)
        found = judge(weighed(chance, mean, spread, 100, 20, 10, 30))
        assert isinstance(found, Taught)
        judged += 1
        means += abs(found.unit_mass_mg - mean) <= found.error_mg
        spreads += spread <= found.spread_max_mg + 1
    assert judged == 400 and means >= 0.93 * judged and 0.92 * judged <= spreads


def test_one_batch_says_the_mean_and_nothing_of_the_spread() -> None:
    # Twenty pieces, 1,224.0 g: 61.2 g each; 0.7 % of it a piece over the root of twenty, times 1.96: 188 mg.
    assert judge([Batch(20, 1_224_000, 100)]) == Taught(61_200, 188, 0, 0, 20, 1)
    assert judge([Batch(1, 61_200, 100)]) == Doubt("more")  # of one piece nobody knows how the next will be
    assert judge([Batch(20, 2_000, 1000)]) == Doubt("more")  # 0.1 g pieces on a scale that shows grams
    for bad in ([], [Batch(0, 100, 1)], [Batch(5, 0, 1)], [Batch(5, 100, 1)] * 10):
        with pytest.raises(ValueError, match="expected 1 to"):
            judge(bad)


def test_a_miscounted_batch_is_refused_and_named() -> None:
    chance = random.Random(3)
    found = named = 0
    for _ in range(200):
        batches = weighed(chance, 61_200, 300, 100, 20, 10, 30)
        place, off = chance.randrange(3), chance.choice((-1, 1))
        batches[place] = batches[place]._replace(pieces=batches[place].pieces + off)
        doubt = judge(batches)
        assert isinstance(doubt, Doubt), batches
        found += doubt.problem == "miscounted"
        named += (doubt.batch, doubt.pieces) == (place, batches[place].pieces - off)
        assert doubt.batch == -1 or (doubt.batch, doubt.pieces) == (place, batches[place].pieces - off)
    assert found >= 190 and named >= 150
    assert judge([Batch(20, 1_224_000, 100), Batch(10, 700_000, 100)]).problem in ("varies", "miscounted")
    assert by_known_mass(Batch(20, 1_285_000, 100), 61_200) == 21
    assert by_known_mass(Batch(20, 1_260_000, 100), 61_200) == 20  # 20.6 pieces: no number at all


def test_what_is_believed_is_what_counting_makes_of_such_counts() -> None:
    batches = [Batch(20, 1_224_000, 100), Batch(10, 613_000, 100)]
    known = belief(batches, 400)
    assert isinstance(known, Known)
    assert 61_200 < known.mean_mg < 61_300 and 29 < known.kappa <= 30.01
    assert 200 < known.mass().spread_mg < 800


def test_only_what_stands_still_is_taken() -> None:
    steady = Steady()
    for at_ms, mg, stable in [(0, 500, True), (250, 500, True), (450, 500, True)]:
        steady.take(Weight(mg, stable, step_mg=100), at_ms)
        assert steady.at(at_ms) is None  # not for long enough
    steady.take(Weight(600, True, step_mg=100), 700)
    assert steady.at(700) == Steadied(500, 100)
    assert steady.at(2_800) is None  # the scale has fallen silent
    steady.take(Weight(90_000, True, step_mg=100), 800)
    assert steady.at(800) is None  # one frame that came wrong begins anew
    steady.take(Weight(600, False, step_mg=100), 1000)
    assert steady.at(1000) is None


@pytest.fixture
def cabinet(tmp_path: Path) -> Iterator[Cabinet]:
    with counted_cabinet(tmp_path) as made:
        yield made


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[RealCloud]:
    made = RealCloud(tmp_path / "cloud", counted_document())
    made.start()
    yield made
    made.close()


HEAVIER = round(BELT * 1.04)  # what belts really weigh: the catalogue is wrong
TEACH = TeachMass("BELT", "bench", ((20, 20 * HEAVIER, 100), (10, 10 * HEAVIER + 300, 100)), "wang")


@pytest.mark.usefixtures("impatient")
def test_a_taught_mass_is_believed_kept_and_comes_back(cabinet: Cabinet, cloud: RealCloud) -> None:
    shop = cabinet.shop
    session = cabinet.session({3: -21_000})  # teaches what a bulb weighs
    first = cabinet.session({4: -BELT})
    made = shop.act(TEACH)
    told = shop.query("select part, unit_mass_mg, spread_mg, scale, person from taught_mass where id = ?", made)
    assert told[0][:2] == ("BELT", pytest.approx(HEAVIER, rel=1e-4)) and told[0][3:] == ("bench", "wang")
    believed = shop.intake.books.counting.masses["BELT"]
    assert (believed.taught, believed.unit_mass_mg) == (made, BELT)
    # What a count before it had taught is not taken off what was weighed since.
    shop.act(CorrectCount(f"{first[:-1]}{int(first.rpartition('/')[2]) + 1}/4/session", 2, "wang"))
    assert shop.intake.books.counting.masses["BELT"].known == believed.known
    cabinet.session({4: -2 * HEAVIER})
    assert held(shop, 4) == {"BELT": 1}
    after = remembered(shop.intake.books.counting)
    assert shop.intake.books.counting.masses["BELT"].known.kappa > believed.known.kappa
    lose(cabinet, cloud)
    again = cabinet.shop.intake.books.counting
    assert again.masses["BELT"].taught == made
    assert again.masses["BELT"].known == pytest.approx(after["masses"]["BELT"].known)
    assert session


def test_what_cannot_be_taught_is_refused(cabinet: Cabinet) -> None:
    for action, why in [
        (TeachMass("NONE", "bench", ((20, 1000, 1),), "wang"), "expected a part of this shop"),
        (TeachMass("BLT-8", "bench", ((20, 1000, 1),), "wang"), "counted in pieces"),
        (TeachMass("BELT", "bench", ((20, 20 * BELT, 100), (10, 11 * BELT, 100)), "wang"), "batches that agree"),
        (TeachMass("BELT", "bench", ((20, -1, 100),), "wang"), "that weigh something"),
        (TeachMass("BELT", "bench", ((20, 20 * BELT, 100),), "nobody"), "a person of this shop"),
    ]:
        with pytest.raises(ActionError, match=why):
            cabinet.shop.act(action)
    assert cabinet.shop.value("select count(*) from taught_mass") == 0
