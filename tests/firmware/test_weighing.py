"""Weighing, with traces made by hand and expected values worked out by hand; runs on both runtimes."""

from cabinet.weighing import BLIND, RING, SETTLED, UNSETTLED, Weighing, isqrt

NG = 2000000  # 2 mg a code
ZERO = 1000


def weighing_of(bins=1):
    weighing = Weighing(bins)
    for bin_ in range(1, bins + 1):
        weighing.calibrate(bin_, ZERO, NG)
        weighing.blind[bin_ - 1] = 0
    return weighing


def feed(weighing, codes, bin_=1):
    for code in codes:
        weighing.add(bin_, code)


def noisy(level, count=RING, amplitude=80):
    """`level` plus and minus `amplitude` by turns."""
    return [level + (amplitude if k % 2 else -amplitude) for k in range(count)]


def settled_at(level, weighing=None):
    """A bin whose level while shut is `level`."""
    weighing = weighing or weighing_of()
    feed(weighing, noisy(level))
    assert not weighing.watch(1)
    return weighing


def test_integer_square_roots():
    assert [isqrt(n) for n in (0, 1, 3, 4, 15, 16, 10**12, 10**12 - 1)] == [0, 1, 1, 2, 3, 4, 10**6, 10**6 - 1]


def test_a_full_quiet_ring_has_settled_with_its_mean_and_the_noise_of_that_mean():
    weighing = weighing_of()
    feed(weighing, noisy(51000))
    assert weighing.evaluate(1)
    # Spread: sqrt(16 * 80^2 / 15) = 82; of the mean: 82 / 4 = 20. How far means wander has not been seen yet: three
    # quarters of 82 are 61 codes. sqrt(20^2 + 61^2) = 64, rounded up to 65 codes = 130 mg.
    assert weighing.now(1) == (100000, 130, SETTLED)


def test_a_ring_that_is_not_full_has_not_settled():
    weighing = weighing_of()
    feed(weighing, noisy(51000, RING - 1))
    assert not weighing.evaluate(1)
    assert weighing.now(1)[2] == UNSETTLED


def test_a_lone_far_sample_is_a_spike_and_leaves_no_trace():
    weighing = weighing_of()
    feed(weighing, noisy(51000, 8))
    feed(weighing, [4000000])
    feed(weighing, noisy(51000, 8))
    assert weighing.evaluate(1)
    assert weighing.now(1)[0] == 100000
    assert weighing.spikes == 1


def test_a_far_sample_not_yet_explained_is_not_rest():
    weighing = weighing_of()
    feed(weighing, noisy(51000))
    feed(weighing, [4000000])
    assert not weighing.evaluate(1)


def test_two_far_samples_are_motion_and_the_ring_begins_anew():
    weighing = settled_at(51000)
    feed(weighing, [30000, 30100])
    assert not weighing.evaluate(1)
    feed(weighing, noisy(30000, RING - 2))
    assert weighing.evaluate(1)
    assert weighing.now(1)[0] == 58012  # mean of 15 times 30000 and once 30100: 30006; less 1000, 2 mg each
    assert weighing.unrest[0]


def test_hands_that_jump_about_never_settle():
    weighing = weighing_of()
    for k in range(60):
        weighing.add(1, 51000 + 9000 * (k % 5) - 7000 * (k % 3))
        assert not weighing.evaluate(1)


def test_a_ramp_has_not_settled_though_its_samples_lie_close():
    weighing = weighing_of()
    feed(weighing, [51000 + 60 * k for k in range(RING)])  # halves differ by 8 * 60 = 480 codes, spread 286
    assert not weighing.evaluate(1)


def test_a_step_while_shut_is_reported_when_it_has_settled_and_not_before():
    weighing = settled_at(51000)
    told = []
    for code in noisy(50000, 2 * RING):  # two grams less
        weighing.add(1, code)
        told.append(weighing.watch(1))
        if told[-1]:
            break
    assert told.count(True) == 1
    assert len(told) == RING
    assert weighing.level(1)[0] == 100000
    assert weighing.now(1)[0] == 98000
    weighing.take_level(1)
    assert weighing.level(1)[0] == 98000


def test_slow_drift_is_followed_without_a_report():
    weighing = settled_at(51000)
    for ring in range(1, 21):  # 100 codes a ring: two thousand in the end, never a step
        for code in noisy(51000 + 100 * ring):
            weighing.add(1, code)
            assert not weighing.watch(1)
    assert abs(weighing.level(1)[0] - 104000) <= 400


def test_how_noisy_a_cell_is_is_heard_in_its_first_ring():
    weighing = weighing_of()
    feed(weighing, noisy(51000, RING, 730))  # 1.7 g on a 10 kg beam of the cheap class
    assert weighing.evaluate(1)
    assert weighing.now(1)[1] >= 730 // 4 * 2
    feed(weighing, noisy(51000, 8, 730))
    feed(weighing, [4000000])
    feed(weighing, noisy(51000, 8, 730))
    assert weighing.evaluate(1)
    assert (weighing.spikes, weighing.now(1)[0]) == (1, 100000)


def test_a_cell_that_has_become_noisier_is_learned_while_shut():
    weighing = settled_at(51000)
    rings = 0
    while not weighing.settled[0] or not rings:
        feed(weighing, noisy(51000, RING, 730))
        weighing.watch(1)
        rings += 1
        assert rings < 10
    assert rings > 1


def test_before_a_session_a_bin_in_motion_says_its_level_and_that_it_is_not_sure():
    weighing = settled_at(51000)
    assert weighing.before(1)[0] == 100000
    assert weighing.before(1)[2] == SETTLED
    feed(weighing, [60000, 45000, 70000])
    weighing.evaluate(1)
    assert weighing.before(1)[0] == 100000
    assert weighing.before(1)[2] == UNSETTLED


def test_a_blind_bin_and_one_without_calibration_have_no_weight():
    weighing = settled_at(51000)
    weighing.blind[0] = 1
    assert weighing.before(1) == weighing.now(1) == (None, 0, BLIND)
    weighing = Weighing(1)
    weighing.blind[0] = 0
    settled_at(51000, weighing)
    assert weighing.before(1) == weighing.now(1) == (None, 0, BLIND)
    assert weighing.mean_counts(1) == 51000  # enough to calibrate by


def test_a_bin_without_samples_has_no_weight():
    weighing = settled_at(51000)
    weighing.restart_all()
    assert weighing.now(1) == (None, 0, BLIND)
    assert weighing.level(1)[0] == 100000  # the level is kept: a shut door is no new zero


def test_a_cell_that_counts_down_weighs_up():
    weighing = Weighing(1)
    weighing.blind[0] = 0
    weighing.calibrate(1, 1000, -NG)
    feed(weighing, noisy(-49000))
    weighing.evaluate(1)
    assert weighing.now(1) == (100000, 130, SETTLED)


def test_a_calibration_that_makes_tonnes_of_nothing_is_blind():
    weighing = weighing_of()
    weighing.calibrate(1, 0, 10**12)
    feed(weighing, noisy(51000))
    weighing.watch(1)
    assert weighing.now(1) == weighing.level(1) == (None, 0, BLIND)


def test_bins_do_not_disturb_each_other():
    weighing = weighing_of(24)
    for bin_ in range(1, 25):
        feed(weighing, noisy(1000 + 5000 * bin_), bin_)
    feed(weighing, [900000, 800000], 7)
    assert not weighing.evaluate_all()
    assert [bin_ for bin_ in range(1, 25) if not weighing.settled[bin_ - 1]] == [7]
    assert [weighing.now(bin_)[0] for bin_ in (1, 24)] == [10000, 240000]


def test_all_bins_at_rest_leaves_out_those_that_cannot_see():
    weighing = weighing_of(2)
    feed(weighing, noisy(51000), 1)
    weighing.blind[1] = 1
    assert weighing.evaluate_all()


def mean_of(codes):
    """By the book."""
    return (2 * sum(codes) + len(codes)) // (2 * len(codes))


def test_running_sums_are_exact_whatever_came_before():
    weighing = settled_at(51000)
    state = 12345
    codes = []
    for k in range(3000):
        state = (state * 1103515245 + 12345) % 2147483648
        code = 51000 + 1400 * (k % 700) // 7 + state // 65536 % 301  # climbs far from any base, and falls back
        codes.append(code)
        weighing.add(1, code)
        if k >= RING and min(codes[-RING:]) > max(codes[-RING:]) - 2000:
            assert weighing.now(1)[0] == 2 * (mean_of(codes[-RING:]) - ZERO)


def test_samples_far_from_the_new_base_are_forgotten():
    weighing = weighing_of()  # its noise is not known yet: steps of ten grams are no spikes
    feed(weighing, [20000 * k for k in range(5)])
    feed(weighing, noisy(90000))
    assert weighing.evaluate(1)
    assert weighing.now(1)[0] == 178000


def test_a_start_is_no_new_zero():
    """What lies there at the start is weighed by the calibration, whatever it is, as long as the start may last."""
    for codes in (51000, ZERO + 7, -20000):
        weighing = weighing_of()
        for _ in range(20):
            feed(weighing, noisy(codes))
            assert not weighing.watch(1)
        assert weighing.level(1)[0] == 2 * (codes - ZERO)
        assert weighing.calibration(1) == (ZERO, NG)


def test_an_open_door_moves_no_zero_and_no_level():
    weighing = settled_at(51000)
    weighing.open_session(0)
    for k in range(10):
        feed(weighing, noisy(51000 - 3000 * k, 2 * RING))
        weighing.evaluate_all()
        assert weighing.level(1)[0] == 100000
        assert weighing.calibration(1) == (ZERO, NG)
    weighing.restart_all()
    feed(weighing, noisy(24000))
    assert weighing.evaluate_all()
    row = weighing.changes()[0]
    assert (row[1], row[3]) == (100000, 46000)
