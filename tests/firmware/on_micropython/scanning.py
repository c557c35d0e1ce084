"""The scanner over converters at byte level: start, codes, faults and their end."""

import asyncio

from cabinet import scanner as scanning_module
from cabinet_bench import make_sensing


def scan_for(clock, scanner, ms, period_ms=100):
    for _ in range(ms // period_ms):
        scanner.scan()
        clock.now_ms += period_ms


def started(bins=2):
    clock, converters, weighing, scanner, faults = make_sensing(bins)
    scan_for(clock, scanner, 3000)
    assert not scanner.starting()
    return clock, converters, weighing, scanner, faults


def test_all_bins_start_and_settle_without_a_fault():
    clock, converters, weighing, scanner, faults = make_sensing(24)
    assert scanner.starting()
    assert scanner.blind() == 24
    scan_for(clock, scanner, 3000)
    assert not scanner.starting()
    assert faults == []
    assert weighing.evaluate_all()
    assert [weighing.now(bin_)[0] for bin_ in (1, 9, 24)] == [102000, 118000, 148000]
    assert converters.resets == 24
    assert scanner.blind() == 0


def test_a_bin_that_does_not_answer_is_reported_once_and_once_when_it_is_well():
    clock, converters, weighing, scanner, faults = started()
    converters.fault[2] = "nack"
    scan_for(clock, scanner, 5000)
    assert faults == [(2, "no_answer")]
    assert weighing.now(2) == (None, 0, 2)
    assert weighing.evaluate(1)
    del converters.fault[2]
    scan_for(clock, scanner, 6000)
    assert faults == [(2, "no_answer"), (2, None)]
    assert weighing.evaluate(2)
    assert weighing.now(2)[0] == 104000
    assert scanner.errors >= 3


def test_one_missing_answer_is_counted_but_is_no_fault():
    clock, converters, _, scanner, faults = started()
    converters.fault[1] = "nack"
    scan_for(clock, scanner, 100)
    del converters.fault[1]
    scan_for(clock, scanner, 2000)
    assert faults == []
    assert scanner.errors == 1


def test_both_rails_are_saturation_not_weights():
    for rail in ("high", "low"):
        clock, converters, weighing, scanner, faults = started()
        converters.fault[1] = rail
        scan_for(clock, scanner, 1000)
        assert faults == [(1, "saturated")]
        assert weighing.now(1) == (None, 0, 2)
        del converters.fault[1]
        scan_for(clock, scanner, 2500)
        assert faults == [(1, "saturated"), (1, None)]


def test_a_converter_that_stops_converting_is_stuck_and_is_started_anew():
    clock, converters, _, scanner, faults = started()
    converters.fault[2] = "stuck"
    scan_for(clock, scanner, 2000)
    assert faults == [(2, "stuck")]
    before = converters.resets
    del converters.fault[2]
    scan_for(clock, scanner, 6000)
    assert faults == [(2, "stuck"), (2, None)]
    assert converters.resets > before


def test_a_converter_that_repeats_its_code_is_stuck():
    clock, converters, weighing, scanner, faults = started()
    converters.fault[1] = "frozen"
    scan_for(clock, scanner, 8000)
    assert faults == [(1, "stuck")]
    assert weighing.now(1) == (None, 0, 2)
    del converters.fault[1]
    scan_for(clock, scanner, 3000)
    assert faults == [(1, "stuck"), (1, None)]


def test_a_wire_that_is_open_and_wanders_is_noisy_and_never_a_weight():
    clock, converters, weighing, scanner, faults = started()
    weighing.watch(1)
    converters.fault[1] = "adrift"
    for _ in range(250):
        scan_for(clock, scanner, 100)
        weighing.watch(1)
        assert not weighing.settled[0]
    assert faults == [(1, "noisy")]
    assert weighing.now(1) == (None, 0, 2)
    scan_for(clock, scanner, 30000)
    assert faults == [(1, "noisy")]
    del converters.fault[1]
    scan_for(clock, scanner, 3000)
    assert faults == [(1, "noisy"), (1, None)]


def test_a_bin_that_only_jumps_while_the_door_has_shut_has_no_weight():
    clock, converters, weighing, scanner, _ = started()
    weighing.watch(2)
    weighing.open_session(clock.now_ms)
    converters.fault[1] = "adrift"
    scan_for(clock, scanner, 1000)
    weighing.restart_all()
    for _ in range(80):  # until the deadline
        scan_for(clock, scanner, 100)
        weighing.evaluate_all()
    assert weighing.changes()[0][3:] == (None, 0, 2)
    assert weighing.changes()[1][5] == 0


def test_a_hung_multiplexer_makes_no_bin_weigh_as_another():
    clock, converters, weighing, scanner, faults = started(9)
    converters.hung = 7
    for _ in range(600):
        scan_for(clock, scanner, 100)
        for bin_ in range(1, 10):
            weighing.watch(bin_)
            mg, _, quality = weighing.now(bin_)
            assert quality or abs(mg - 100000 - 2000 * bin_) < 150, (bin_, mg)
    assert sorted([bin_ for bin_, _ in faults]) == [1, 2, 3, 4, 5, 6, 7, 8]
    converters.hung = None
    scan_for(clock, scanner, 5000)
    assert weighing.evaluate_all()
    assert scanner.blind() == 0


def test_a_slow_scan_of_a_healthy_bin_is_not_stuck():
    clock, _, _, scanner, faults = started()
    scan_for(clock, scanner, 60000, 1000)
    assert faults == []


def test_a_calibration_that_fails_is_a_fault_in_the_end():
    clock, converters, weighing, scanner, faults = make_sensing(2)
    converters.fault[1] = "uncalibrated"
    scan_for(clock, scanner, 10000)
    assert faults == [(1, "no_answer")]
    assert weighing.blind[0]
    assert not scanner.starting()


def test_a_silent_bin_does_not_hold_up_the_others():
    clock, converters, weighing, scanner, faults = make_sensing(9)
    converters.fault[3] = "nack"
    scan_for(clock, scanner, 3000)
    assert weighing.evaluate_all()
    assert [weighing.now(bin_)[0] for bin_ in (2, 4, 9)] == [104000, 108000, 118000]
    assert faults == [(3, "no_answer")]


class JumpingAsyncio:
    """asyncio for a scanner whose sleeps take no time: they move the clock."""

    TimeoutError = asyncio.TimeoutError

    def __init__(self, clock):
        self.slept = []
        self._clock = clock

    async def sleep_ms(self, ms):
        self.slept.append(ms)
        self._clock.now_ms += ms
        await asyncio.sleep_ms(0)

    async def wait_for_ms(self, waiting, ms):
        waiting.close()
        await self.sleep_ms(ms)
        raise asyncio.TimeoutError


async def test_between_scans_the_scanner_sleeps():
    clock, _, _, scanner, _ = started()
    scanner.pace(scanning_module.SLOW)
    scans = []
    jumping = scanning_module.asyncio = JumpingAsyncio(clock)
    try:
        task = asyncio.create_task(scanner.run(lambda: scans.append(clock.now_ms)))
        for pace, count in ((scanning_module.RARE, 3), (scanning_module.FAST, 20), (scanning_module.FAST, 23)):
            while len(scans) < count:
                await asyncio.sleep_ms(0)
            scanner.pace(pace)
        task.cancel()
    finally:
        scanning_module.asyncio = asyncio
    assert scans[1] - scans[0] == scans[2] - scans[1] == 2000
    assert scans[18] - scans[3] == 1500  # a rare look is sixteen scans
    assert scans[19] - scans[18] == scanning_module.RARE
    assert scans[22] - scans[21] == 100
    assert len(jumping.slept) <= len(scans)


async def test_a_scanner_at_rest_hurries_when_asked():
    clock, _, _, scanner, _ = started()
    scanner.pace(scanning_module.RARE)
    scans = []
    task = asyncio.create_task(scanner.run(lambda: scans.append(clock.now_ms)))
    while not scans:
        await asyncio.sleep_ms(0)
    await asyncio.sleep_ms(1)
    scanner.pace(scanning_module.FAST)
    while len(scans) < 2:  # else the test's own deadline ends it
        await asyncio.sleep_ms(1)
    task.cancel()


async def test_a_scanner_at_rest_goes_on_after_a_fresh_look():
    clock, _, _, scanner, _ = started()
    scanner.pace(scanning_module.RARE)
    scans = []

    def on_scan():
        scans.append(clock.now_ms)
        clock.now_ms += 100

    task = asyncio.create_task(scanner.run(on_scan))
    while len(scans) < 16:  # a rare look; then it rests
        await asyncio.sleep_ms(1)
    await asyncio.sleep_ms(1)
    clock.now_ms += 100000
    scanner.freshen()
    scanner.pace(scanning_module.FAST)
    while len(scans) < 18:  # else the test's own deadline ends it
        await asyncio.sleep_ms(1)
    task.cancel()


def test_scanning_that_has_stopped_is_noticed():
    clock, _, _, scanner, _ = started()
    for pace in (scanning_module.FAST, scanning_module.RARE):
        scanner.scan()
        scanner.pace(pace)
        clock.now_ms += pace + 2900
        assert scanner.going_on(clock.now_ms)
        clock.now_ms += 200
        assert not scanner.going_on(clock.now_ms)


def test_equal_codes_are_suspected_soon():
    clock, converters, _, scanner, _ = started()
    scanner.pace(scanning_module.RARE)
    assert scanner.due_ms - clock.now_ms > 50000
    converters.fault[1] = "frozen"
    scan_for(clock, scanner, 500)
    scanner.pace(scanning_module.RARE)
    assert scanner.due_ms - clock.now_ms <= 1000


def test_the_longest_scan_is_kept():
    clock, _, _, scanner, _ = started()
    scanner.scan_ms_max = 0
    start_ms = clock.now_ms
    scanner.scan()
    assert 0 <= scanner.scan_ms_max < 1000
    assert scanner.due_ms == start_ms + scanning_module.FAST
