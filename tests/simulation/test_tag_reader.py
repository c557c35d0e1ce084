"""The virtual tag reader against its manual, and the firmware's inventories over it, on a clock that jumps."""

from pathlib import Path

from tests.simulation.conftest import Run

FIRMWARE = Path(__file__).resolve().parents[2] / "firmware"  # its sources: compiled, its names are others

CHIP = """
from binascii import hexlify, unhexlify
import machine
from chips.r200 import R200

class Field:
    inside = {b"\\x30\\x75\\x1f\\xeb\\x70\\x5c\\x59\\x04\\xe3\\xd5\\x0d\\x70": 1}
    outside = {bytes(12)}
    silent = ()
    wrong = 0
    begun = 0

    def begin(self):
        self.begun += 1

    def answers(self, epc):
        return epc not in self.silent

    def ghost(self):
        return self.wrong

field = Field()
field.silent = (bytes(12),)
chip = R200(field)
machine.attach({}, {2: chip}, {}, None, 1, b"")
uart = machine.UART(2, 115200)

def send(text):
    uart.write(unhexlify(text.replace(" ", "")))
    time.sleep_ms(300)
    print(hexlify(uart.read() or b"").decode())
"""
# The manual's notice, its RSSI, PC, EPC and CRC included.
NOTICE = "bb02220011c9340030751feb705c5904e3d50d703a76ef7e"
NO_TAG = "bb01ff000115167e"


def test_the_reader_answers_with_the_manuals_frames(run_jumping: Run) -> None:
    lines = run_jumping(
        CHIP
        + """
send("BB 00 03 00 01 00 04 7E")
send("BB 00 22 00 00 22 7E")
send("BB 00 B6 00 02 07 D0 8F 7E")
send("BB 00 28 00 00 28 7E")
send("BB 00 77 00 00 77 7E")  # no such command
send("BB 00 22 00 00 23 7E")  # wrong checksum
field.silent = tuple(field.inside) + (bytes(12),)
send("BB 00 22 00 00 22 7E")
"""
    )
    assert lines == [
        "bb01030010004d3130302032366" + "4426d2056312e30927e",
        NOTICE,
        "bb01b6000100b87e",
        "bb01280001002a7e",
        "bb01ff000117187e",
        "",
        NO_TAG,
    ]


def test_it_polls_as_often_as_it_is_told_and_stops(run_jumping: Run) -> None:
    lines = run_jumping(
        CHIP
        + """
send("BB 00 27 00 03 22 00 03 4F 7E")
uart.write(unhexlify("BB00270003222710837E"))  # ten thousand
time.sleep_ms(100)
uart.read()
send("BB 00 28 00 00 28 7E")
print(field.begun)
time.sleep_ms(31000)
send("BB 00 22 00 00 22 7E")
print(field.begun)
"""
    )
    assert lines == [NOTICE * 3, "bb01280001002a7e", "1", NOTICE, "2"]


def test_it_calls_one_tag_when_a_mask_is_set(run_jumping: Run) -> None:
    lines = run_jumping(
        CHIP
        + """
field.silent = ()
send("BB 00 0C 00 13 01 00 00 00 20 60 00 30 75 1F EB 70 5C 59 04 E3 D5 0D 70 AD 7E")
send("BB 00 22 00 00 22 7E")  # the mask is not for polling yet
send("BB 00 12 00 01 00 13 7E")
send("BB 00 22 00 00 22 7E")
send("BB 00 12 00 01 01 14 7E")
send("BB 00 22 00 00 22 7E")
"""
    )
    assert lines[0] == lines[2] == lines[4] == "bb010c0001000e7e"
    assert [len(line) // len(NOTICE) for line in lines[1::2]] == [2, 1, 2]


def test_a_number_misheard_does_not_fit_its_crc_and_a_dead_reader_says_nothing(run_jumping: Run) -> None:
    lines = run_jumping(
        CHIP
        + """
field.wrong = 0x0100
send("BB 00 22 00 00 22 7E")
field.wrong = 0
chip.dead = True
send("BB 00 22 00 00 22 7E")
"""
    )
    assert lines[0].startswith("bb02220011c9340031751feb")  # the checksum of the frame is right
    assert lines[0].endswith("3a76f07e")
    assert lines[1] == ""


# ---- the firmware's inventories over it ----

CABINET = """
import sys
sys.path.insert(0, "FIRMWARE")
import asyncio
from array import array
from binascii import unhexlify
import machine
from cabinet import session
from cabinet.inventory import Inventory
from cabinet.r200 import R200 as Driver
from chips.r200 import R200
from physics.tag_field import TagField
import virtual_time

def epc(number):
    return unhexlify("3034257BF7194E40%08X" % number)

class Clock:
    def up_ms(self):
        return virtual_time.clock.now_us() // 1000

class Recorder:
    full = False

    def record_minor(self, kind, **fields):
        if self.full:
            return 0
        names = {name: [int(word[16:], 16) for word in fields[name].split()] for name in ("missing", "came")}
        print(fields["session"], fields["pass"], fields["seen"], fields["more"], sorted(names["missing"]),
              len(names["came"]) if len(names["came"]) > 3 else sorted(names["came"]))
        return 1

field = TagField(SEED)
chip = R200(field)
machine.attach({}, {2: chip}, {}, None, 1, b"")
recorder = Recorder()
driver = Driver(machine.UART(2, 115200), 0xBB, 0x7E, 2000)
inventory = Inventory(driver, recorder, Clock())

def tags():
    fields = {}
    inventory.report(fields)
    return fields["tags"]

def put(*numbers):
    for number in numbers:
        field.put(epc(number))

async def visit(number, ms=20000):
    inventory.follow(session.UNLOCKED, number)
    inventory.follow(session.OPEN, number)
    await asyncio.sleep_ms(ms)
    field.shut()
    inventory.follow(session.SETTLING, number)
    began_ms = Clock().up_ms()
    while inventory.busy and Clock().up_ms() < began_ms + 8000:
        await asyncio.sleep_ms(100)
    inventory.follow(session.SHUT, number)
    return Clock().up_ms() - began_ms

def play(scene):
    async def whole():
        tasks = [asyncio.create_task(driver.run()), asyncio.create_task(inventory.run())]
        await scene()
        for task in tasks:
            task.cancel()
    asyncio.run(whole())
"""


def cabinet(scene: str, seed: int = 6) -> str:
    """A cabinet's script; the lines of `scene` stand in a coroutine."""
    body = "".join(f"    {line}\n" for line in scene.strip().splitlines())
    return (
        CABINET.replace("SEED", str(seed)).replace("FIRMWARE", str(FIRMWARE))
        + f"\nasync def scene():\n{body}\nplay(scene)\n"
    )


START = """
put(*range(20))
field.shut()
await asyncio.sleep_ms(60000)
"""


def test_after_a_start_everything_has_come(run_jumping: Run) -> None:
    assert run_jumping(cabinet(START)) == ["0 0 20 0 [] 20"]


def test_what_was_taken_is_missing_when_the_doors_shut_and_minutes_later(run_jumping: Run) -> None:
    lines = run_jumping(
        cabinet(
            START
            + """
field.take(epc(3)); field.take(epc(7))
print(await visit(10) < 7500)
await asyncio.sleep_ms(170000)
print("later")
await asyncio.sleep_ms(60000)
put(40)
await visit(20)
await asyncio.sleep_ms(400000)
await visit(30)
await asyncio.sleep_ms(400000)
"""
        )
    )
    assert lines == [
        "0 0 20 0 [] 20",
        "10 1 18 0 [3, 7] []",
        "True",
        "later",
        "10 2 18 0 [3, 7] []",
        "20 1 19 0 [] [40]",
        "20 2 19 0 [] [40]",
        "30 1 19 0 [] []",  # nothing moved: no second pass
    ]


def test_what_the_reader_says_when_nobody_asks_is_not_kept(run_jumping: Run) -> None:
    """A round that goes on after it was taken for over: its frames would lie in memory until the next inventory."""
    lines = run_jumping(
        cabinet(
            START
            + f"""
late = unhexlify("{NOTICE}")
for _ in range(60):
    chip._arrive(late)
    await asyncio.sleep_ms(10)
print(len(driver._received))
field.take(epc(3))
await visit(10)
print(len(driver._received))
"""
        )
    )
    assert lines == ["0 0 20 0 [] 20", "0", "10 1 19 0 [3] []", "0"]


def test_a_session_after_which_all_was_told_for_the_first_time_has_a_second_pass(run_jumping: Run) -> None:
    """The power came back with a door open: what pass 0 did not hear is looked for again before it is missed."""
    lines = run_jumping(
        cabinet(
            """
put(*range(20))
answers = field.answers
field.answers = lambda number: number not in (epc(3), epc(4)) and answers(number)
await visit(10)
field.take(epc(4)); field.take(epc(7))
field.answers = answers
await asyncio.sleep_ms(200000)
await visit(20)
"""
        )
    )
    assert lines == ["10 0 18 0 [] 18", "10 2 18 0 [7] [3]", "20 1 18 0 [7] []"]  # silent once, in doubt


def test_a_cabinet_that_was_silent_in_a_session_is_asked_again(run_jumping: Run) -> None:
    lines = run_jumping(cabinet("await visit(10)\nput(1)\nfield.shut()\nawait asyncio.sleep_ms(200000)"))
    assert lines == ["10 0 0 0 [] []", "10 2 1 0 [] [1]"]


def test_a_session_that_begins_before_the_second_pass_leaves_a_doubt(run_jumping: Run) -> None:
    """Silent once, the tag stays known: the next session asks for it again, and what is silent twice is gone."""
    lines = run_jumping(
        cabinet(
            START
            + """
field.take(epc(3))
await visit(10)
await asyncio.sleep_ms(60000)
await visit(20)
await asyncio.sleep_ms(60000)
await visit(30)
"""
        )
    )
    assert lines[1:] == ["10 1 19 0 [3] []", "20 1 19 0 [3] []", "30 1 19 0 [] []"]


def test_a_tag_in_doubt_that_answers_again_had_not_left(run_jumping: Run) -> None:
    lines = run_jumping(
        cabinet(
            START
            + """
await asyncio.sleep_ms(60000)
answers = field.answers
field.answers = lambda number: number != epc(3) and answers(number)
await visit(10)
field.answers = answers
await asyncio.sleep_ms(200000)
await visit(20)
"""
        )
    )
    assert lines[1:] == ["10 1 19 0 [3] []", "10 2 20 0 [] []", "20 1 20 0 [] []"]


def test_tags_outside_are_heard_now_and_then_and_do_not_count(run_jumping: Run) -> None:
    lines = run_jumping(
        cabinet(
            START
            + """
for number in range(100, 106):
    field.take(epc(number), True)
for number in range(6):
    await visit(10 + number)
    await asyncio.sleep_ms(400000)
"""
        )
    )
    assert lines[1:] == [f"{10 + number} 1 20 0 [] []" for number in range(6)]


def test_a_reader_without_an_answer_is_no_empty_cabinet(run_jumping: Run) -> None:
    lines = run_jumping(
        cabinet(
            START
            + """
chip.dead = True
print(await visit(10), inventory.errors)
await asyncio.sleep_ms(200000)
print(inventory.errors, tags())
chip.dead = False
await asyncio.sleep_ms(400000)
field.take(epc(1))
await visit(20)
"""
        )
    )
    assert lines[0] == "0 0 20 0 [] 20"
    assert int(lines[1].split()[0]) < 8000
    assert lines[1].split()[1] == "1"
    assert lines[2] == "2 20"
    assert lines[3] == "10 2 20 0 [] []"  # asked again until somebody answered
    assert lines[4] == "20 1 19 0 [1] []"


def test_a_door_opened_again_while_tags_are_read_begins_anew(run_jumping: Run) -> None:
    lines = run_jumping(
        cabinet(
            START
            + """
inventory.follow(session.UNLOCKED, 10)
inventory.follow(session.OPEN, 10)
inventory.follow(session.SETTLING, 10)
await asyncio.sleep_ms(700)
inventory.follow(session.OPEN, 10)
print(inventory.busy)
await asyncio.sleep_ms(10000)
field.take(epc(2))
inventory.follow(session.SETTLING, 10)
await asyncio.sleep_ms(7500)
print(inventory.busy)
"""
        )
    )
    assert lines[1:] == ["False", "10 1 19 0 [2] []", "False"]


def test_more_tags_than_there_is_time_for_are_read_after_the_session(run_jumping: Run) -> None:
    lines = run_jumping(
        cabinet(
            START.replace("20", "200").replace("60000", "140000")
            + """
field.take(epc(2))
print(await visit(10))
await asyncio.sleep_ms(400000)
"""
        )
    )
    assert lines[-2].isdigit()
    assert int(lines[-2]) < 8000
    assert lines[-1] == "10 2 199 0 [2] []"
    told = [line.split() for line in lines[:-2]]
    assert [words[3] for words in told] == ["1"] * 8 + ["0"]  # 24 at a time
    assert sum(int(words[5]) for words in told) == 200


def test_more_tags_than_there_is_room_for_are_counted(run_jumping: Run) -> None:
    lines = run_jumping(
        cabinet(START.replace("20", "330").replace("60000", "500000") + "print(tags(), inventory.over > 0)")
    )
    assert lines[-1].endswith("True")
    assert int(lines[-1].split()[0]) == 300


def test_what_could_not_be_journaled_is_told_whole_the_next_time(run_jumping: Run) -> None:
    lines = run_jumping(
        cabinet(
            START
            + """
recorder.full = True
field.take(epc(2))
await visit(10)
recorder.full = False
await visit(20)
"""
        )
    )
    assert lines == ["0 0 20 0 [] 20", "20 0 19 0 [] 19"]
