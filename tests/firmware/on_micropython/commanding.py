"""Commands and calibration: done once, journaled, refused with a sentence."""

import json

from cabinet.calibration import Calibration
from cabinet.commands import Commands
from cabinet.recording import Recorder
from cabinet.weighing import RING, Weighing
from cabinet_bench import Clock, Journal


class Attendant:
    state = "shut"

    def __init__(self):
        self.unlocked = []
        self.stirred = 0
        self.why = ""

    def cannot_unlock(self, door):
        return self.why

    def stir(self):
        self.stirred += 1

    def unlock(self, door, person):
        self.unlocked.append((door, person))


class Lights:
    def __init__(self):
        self.seen = []

    def light(self, *what):
        self.seen.append(what)

    def signal(self, *what):
        self.seen.append(what)


class Device:
    def __init__(self):
        self.asked = []
        self.why = ""

    def update(self, command):
        self.asked.append(command["version"])
        return self.why


class Desk:
    """Commands with everything around them."""

    def __init__(self, name):
        self.clock = Clock()
        self.journal = Journal()
        self.weighing = Weighing(2)
        self.attendant = Attendant()
        self.lights = Lights()
        self.path = name
        self.calibration = Calibration(name, self.weighing)
        recorder = Recorder(self.journal, self.clock)
        self.device = Device()
        self.commands = Commands(self.attendant, self.calibration, self.weighing, self.lights, recorder, self.clock)
        self.commands.update = self.device.update

    def do(self, kind, id_="c-1", **fields):
        fields.update({"v": 1, "id": id_, "kind": kind})
        self.commands.take(json.dumps(fields).encode())
        return self.done()

    def done(self):
        body = self.journal.last("command_done")
        return body["id"], body["result"], body["detail"]

    def rest(self, bin_, codes):
        """A bin at rest at a mean of `codes`."""
        self.weighing.blind[bin_ - 1] = 0
        self.weighing.restart(bin_)
        for k in range(RING):
            self.weighing.add(bin_, codes + (50 if k % 2 else -50))
        assert self.weighing.evaluate(bin_)


def test_an_unlock_is_journaled_before_it_is_done_and_done_once():
    desk = Desk("cal-a")
    at_append = []
    desk.journal.on_append = lambda body: at_append.append(len(desk.attendant.unlocked))
    assert desk.do("unlock", door=1, person="p-1") == ("c-1", "done", "")
    assert at_append == [0]
    desk.do("unlock", door=1, person="p-1")
    assert desk.attendant.unlocked == [(1, "p-1")]
    assert desk.journal.kinds() == ["command_done"]


def test_a_command_known_from_the_journal_is_not_done_again():
    desk = Desk("cal-b")
    desk.commands.remember(["c-%d" % n for n in range(40)])
    assert len(desk.commands.ids) == 16
    desk.commands.take(b'{"v":1,"id":"c-39","kind":"unlock","door":1,"person":"p-1"}')
    assert desk.attendant.unlocked == []
    assert desk.journal.bodies == []


def test_an_unlock_that_cannot_be_is_refused():
    desk = Desk("cal-c")
    desk.attendant.why = "expected a door of this cabinet, found 9"
    assert desk.do("unlock", door=9, person="") == ("c-1", "refused", "expected a door of this cabinet, found 9")
    assert desk.attendant.unlocked == []


def test_an_expired_command_is_not_done():
    desk = Desk("cal-d")
    desk.clock.utc = 10001
    assert desk.do("unlock", door=1, person="", expires_utc_ms=10000)[1] == "expired"
    assert desk.do("unlock", "c-2", door=1, person="", expires_utc_ms=10001)[1] == "done"
    assert desk.attendant.unlocked == [(1, "")]


def test_without_a_clock_a_command_that_can_expire_has():
    desk = Desk("cal-e")
    assert desk.do("unlock", door=1, person="", expires_utc_ms=10000)[1:] == (
        "expired",
        "expected a clock to judge the expiry by, found none",
    )


def test_what_is_no_command_is_counted():
    desk = Desk("cal-f")
    for payload in (b"", b"{}", b"\xff", b'{"v":1,"id":"x","kind":"explode"}', b'{"v":9,"id":"x","kind":"identify"}'):
        desk.commands.take(payload)
    assert desk.commands.refused == 5
    assert desk.journal.bodies == []


def test_lights_and_identify():
    desk = Desk("cal-g")
    assert desk.do("light", bin=2, colour="blue", for_ms=500)[1] == "done"
    assert desk.do("identify", "c-2", for_ms=700)[1] == "done"
    assert desk.lights.seen == [(2, "blue", 500), ("white", True, 0, 700)]
    assert desk.do("light", "c-3", bin=3, colour="blue", for_ms=500)[1:] == (
        "refused",
        "expected bin 1 to 2, found 3",
    )


def test_an_update_is_begun_or_refused_with_a_sentence():
    desk = Desk("update.json")
    bundle = {"version": "0.3.0", "bytes": 67112, "sha256": "0123456789abcdef" * 4, "downgrade": 0}
    assert desk.do("update", **bundle) == ("c-1", "done", "")
    desk.device.why = "expected a flash with two slots for firmware, found none"
    assert desk.do("update", "c-2", **bundle) == ("c-2", "refused", desk.device.why)
    assert desk.device.asked == ["0.3.0", "0.3.0"]


def test_zero_and_span_make_a_calibration_that_is_kept():
    desk = Desk("cal-h")
    desk.rest(1, 12000)
    assert desk.do("recalibrate", bin=1, mass_mg=0)[1] == "done"
    assert desk.journal.last("recalibrated")["zero_counts"] == 12000
    desk.rest(1, 512000)
    assert desk.do("recalibrate", "c-2", bin=1, mass_mg=1000000)[1] == "done"
    body = desk.journal.last("recalibrated")
    assert (body["bin"], body["mass_mg"], body["ng_per_count"]) == (1, 1000000, 2000000)  # 1 kg / 500,000 codes
    assert desk.weighing.now(1)[0] == 1000000
    weighing = Weighing(2)
    Calibration("cal-h", weighing).load()
    assert weighing.calibration(1) == (12000, 2000000)
    assert weighing.calibration(2) == (0, 0)


def test_a_bin_that_gets_its_first_calibration_is_well():
    desk = Desk("cal-i")
    desk.rest(1, 100000)
    desk.do("recalibrate", bin=1, mass_mg=1000000)
    assert desk.journal.kinds() == ["recalibrated", "bin_well", "command_done"]


def test_no_calibration_with_a_session_or_a_bin_in_motion_or_without_a_load():
    desk = Desk("cal-j")
    desk.rest(1, 12000)
    desk.attendant.state = "open"
    assert desk.do("recalibrate", bin=1, mass_mg=0)[1:] == ("refused", "expected all doors shut, found a session")
    desk.attendant.state = "shut"
    assert desk.do("recalibrate", "c-2", bin=2, mass_mg=0)[1:] == ("refused", "expected bin 2 at rest")
    desk.do("recalibrate", "c-3", bin=1, mass_mg=0)
    assert desk.do("recalibrate", "c-4", bin=1, mass_mg=1000)[1:] == (
        "refused",
        "expected 1000 codes from zero, found 0",
    )
    assert desk.do("recalibrate", "c-5", bin=60, mass_mg=0)[1:] == ("refused", "expected bin 1 to 2, found 60")
    assert desk.journal.kinds().count("recalibrated") == 1


def test_without_a_file_no_bin_is_calibrated():
    weighing = Weighing(1)
    Calibration("cal-none", weighing).load()
    assert weighing.calibration(1) == (0, 0)


def test_a_span_that_would_be_no_weight_at_all_is_refused():
    desk = Desk("cal-fine")
    desk.rest(1, 8000000)
    assert desk.do("recalibrate", bin=1, mass_mg=1)[1] == "refused"
    assert desk.weighing.calibration(1) == (0, 0)


def test_a_damaged_calibration_costs_the_bins_it_is_about():
    for text in (
        "",
        "{",
        "[1]",
        '{"1":7}',
        '{"1":[1,2,3]}',
        '{"1":["a",2]}',
        '{"1":[99999999,2]}',
        '{"one":[1,2]}',
    ):
        with open("cal-damaged", "w") as file:
            file.write(text)
        desk = Desk("cal-damaged")
        desk.calibration.load()
        assert desk.weighing.calibration(1) == (0, 0), text
    with open("cal-damaged", "w") as file:
        file.write('{"1":[1.5,2],"2":[-3,4],"9":[5,6]}')
    desk = Desk("cal-damaged")
    desk.calibration.load()
    assert (desk.weighing.calibration(1), desk.weighing.calibration(2)) == ((0, 0), (-3, 4))


def test_what_cannot_be_refused_waits_in_order_and_what_did_not_happen_takes_nothing_with_it():
    clock, journal = Clock(), Journal()
    recorder = Recorder(journal, clock)
    journal.failing = True
    for number in range(1, 33):
        assert recorder.record("door_shut", session=1, door=number) == 0
    assert recorder.record_now("session_opened", door=1) == 0
    journal.failing = False
    clock.now_ms += 10000
    assert recorder.flush() == 32
    assert [body["door"] for body in journal.bodies] == list(range(1, 33))
