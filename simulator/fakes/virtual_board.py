"""The board that is not there: time, chips and flash are brought up, then the firmware's `main` is run.

The argument is the path of the world's socket; the rest is asked for there. With `lockstep` after it the host says when
time moves, and network and chance are the world's too (`fakes_in_step/`). When `main` ends or fails, the board
sits at its prompt, as a real one does, until the watchdog or a hand resets it.
"""

import gc
import json
import os
import sys
import time

import flash
import heap_share
import machine
import network
import physics
import traces
import utime
import vfs
import virtual_asyncio
import virtual_time
from chips.door import Door
from chips.i2c_bus import I2cBus
from chips.lights import Lights
from chips.nau7802 import FAULTS, Scales
from chips.pn532 import Pn532
from world import World

_fakes_bytes = None
_COMMISSIONED = "settings.json"  # written by whoever commissions the cabinet; the other files are the factory's


def _power_on(path, *mode):
    world = _lockstep().World(path) if mode == ("lockstep",) else World(path)
    boot = world.ask("hello")
    image = flash.Flash(boot["flash"])  # opened before the board's own file system hides the host's
    if boot.get("slots"):
        _attach_slots(boot["slots"], boot.get("apps"), image)
    _start_time(world, boot)
    if boot.get("utc_s"):
        machine.keep_date(boot["utc_s"])
    factory = _read_factory(boot["factory"])
    serial = boot.get("serial")
    codes = traces.read(boot["traces"]) if boot.get("traces") else {}  # the host's file system is still there
    _mount(image, "/" if serial else "/flash")
    _copy(factory)
    board = boot["board"] if serial else _read_board()  # what is soldered is so, whatever flash says
    _wire_up(world, boot, board, codes)
    world.on("cut_in", lambda _, operations, tear: image.cut_in(operations, tear, lambda: _lose_power(world)))
    return world, boot["cell_class"], board["bins"], serial


def _read_board():
    with open("board.json") as file:
        return json.load(file)


def _attach_slots(path, apps, image):
    """Have the partition for firmware: mapped into memory by the host, written by way of its file."""
    import esp32  # noqa: PLC0415
    import rom_vfs  # noqa: PLC0415

    import __main__  # noqa: PLC0415 - only for a board with such a flash, as the next

    address, length = __main__.slots
    rom_vfs.attach(address, length)
    sys.modules["vfs"] = rom_vfs
    bootloader = _start_by_bootloader(apps, image) if apps else None
    esp32.attach([(esp32.Partition.TYPE_DATA, "romfs", flash.Flash(path, length // 4096, image))], bootloader)
    sys.path.append("/flash")  # where `main.py` is


def _start_by_bootloader(paths, image):
    """The bootloader of a board with two partitions for its interpreter, having chosen one."""
    import bootloader  # noqa: PLC0415 - only for such a board

    otadata, *apps = [flash.Flash(path, os.stat(path)[6] // 4096, image) for path in paths]
    found = bootloader.Bootloader(otadata, apps)
    found.start()
    return found


def _shaken_bytes(cell_class, bins):
    """What the physics holds in addition for as long as a slammed door's bins ring."""
    cells = physics.Cells(cell_class, bins, 1)
    gc.collect()
    still_bytes = gc.mem_alloc()
    cells.slam(0)
    gc.collect()
    return gc.mem_alloc() - still_bytes


def _lockstep():
    import lockstep  # noqa: PLC0415 - only where it was packed in

    return lockstep


def _start_time(world, boot):
    if world.socket is None:
        _start_lockstep(world, boot)
        return
    clock = virtual_time.WallClock(boot["speed_permille"])
    virtual_time.start(clock)
    clock.on_anchor = lambda now_us: world.say("time", now_us, utime.time_ns() // 1000000)
    time.start(boot["ticks_start_ms"], world.poller, world.serve)
    virtual_asyncio.install(world.socket, world.serve)


def _start_lockstep(world, boot):
    import socket  # noqa: PLC0415 - the world's own, as below

    os.seed(boot["chance"])
    virtual_time.start(_lockstep().LockstepClock(world))
    socket.attach(world)
    time.start(boot["ticks_start_ms"], world.poller, world.serve)
    virtual_asyncio.install()


def _lose_power(world):
    """In the middle of a flash operation: nothing of this controller goes on."""
    world.say("power_lost")
    while True:
        virtual_time.clock.wait_for_ever(world.poller)


def _read_factory(directory):
    files = {}
    for name in os.listdir(directory):
        with open(directory + "/" + name, "rb") as file:
            files[name] = file.read()
    return files


def _mount(image, path):
    try:
        filesystem = vfs.VfsLfs2(image)
    except OSError:
        vfs.VfsLfs2.mkfs(image)
        filesystem = vfs.VfsLfs2(image)
    if path == "/":
        vfs.umount("/")
    vfs.mount(filesystem, path)
    os.chdir(path)


def _copy(factory):
    present = os.listdir()
    for name, content in factory.items():
        if name in present:
            if name != _COMMISSIONED:
                continue
            with open(name, "rb") as file:
                if file.read() == content:
                    continue
        with open(name + ".new", "wb") as file:
            file.write(content)
        os.rename(name + ".new", name)


def _wire_up(world, boot, board, codes):
    cells = physics.Cells(boot["cell_class"], board["bins"], boot["seed"], boot["run"], boot["air"], boot["steps"])
    scales = Scales(board["bins"], cells)
    scales.traces = codes
    for bin_, load_mg in enumerate(boot["loads_mg"]):
        cells.rest(bin_, load_mg, boot["lies_mg"][bin_])
    lines = {}
    nets = {}
    buses = {}
    if "rs485" in board:
        row = board["rs485"]
        bus, nets[row["de"]] = _make_shelf_nodes(world, boot, row, scales)
        lines[row["uart"]] = bus
    else:
        bus = buses[board["i2c"]["id"]] = I2cBus(board["mux_first"], board["bins"], scales)
    for bin_, fault in boot["faults"]:
        _break(scales, bus, bin_ - 1, fault)
    reader = Pn532()
    doors = {}
    nets[board["lights"]["pin"]] = Lights(board["bins"], world.say)
    for pins, (open_, latched) in zip(board["doors"], boot["doors"]):  # noqa: B905 - MicroPython has no strict=
        state = bool(open_), bool(latched), bool(boot.get("fail_safe"))
        door = doors[pins["door"]] = Door(pins["door"], world.say, *state)
        nets.update(door.nets(pins["lock"], pins["contact"], pins["bolt"]))
    lines[board["reader"]["uart"]] = reader
    tags = None
    if "tags" in board:
        tags = lines[board["tags"]["uart"]] = _make_tag_reader(world, boot, board["tags"])
    _let_act(world, cells, scales, bus, doors, reader, tags)
    machine.attach(
        nets,
        lines,
        buses,
        lambda how: _reset(world, how),
        {"power_on": machine.PWRON_RESET, "hard": machine.HARD_RESET, "watchdog": machine.WDT_RESET}.get(
            boot["reset_cause"], machine.SOFT_RESET
        ),
        bytes.fromhex(boot["unique_id"]),
    )


def _make_shelf_nodes(world, boot, row, scales):
    import shelf_nodes  # noqa: PLC0415 - only for a board that has some

    return shelf_nodes.make_line(world, boot, row, scales)


def _make_tag_reader(world, boot, row):
    import tags  # noqa: PLC0415 - only for a board that has one

    return tags.make_reader(world, boot, row)


def _reset(world, how):
    """Have the host cut and restore the power, and do nothing until it does."""
    world.say("reset", how)
    while True:
        virtual_time.clock.wait_for_ever(world.poller)


def _break(scales, bus, bin_, kind):
    """Break a bin's sensor, or mend it: its converter and its wires, or the multiplexer before it."""
    bus.stick(bin_, kind == "mux_stuck")
    scales.fault(bin_, FAULTS["well" if kind == "mux_stuck" else kind])


def _let_act(world, cells, scales, bus, doors, reader, tags):
    """Everything the world may do to the chips; `controller_process.py` lists the same."""

    def now_us():
        return virtual_time.clock.now_us()

    def load(number, bin_, mg, lies_mg):
        cells.set_load(bin_ - 1, mg, now_us(), lies_mg)
        world.done(number)

    def move(number, bin_, mg, lies_mg, reach_ms, leave_ms):
        from_us = now_us()
        cells.hand(bin_ - 1, from_us, from_us + (reach_ms + leave_ms) * 1000)
        virtual_time.after_ms(reach_ms, lambda: cells.place(bin_ - 1, mg, now_us(), lies_mg))
        virtual_time.after_ms(reach_ms + leave_ms, world.done, number)

    def lean(number, bin_, mg, for_ms):
        cells.lean(bin_ - 1, now_us(), now_us() + for_ms * 1000, mg)
        virtual_time.after_ms(for_ms, world.done, number)

    def badge(number, uid, iso14443_4, for_ms, more_ms):
        read = []

        def take_away():
            reader.take_away()
            world.done(number, len(read))

        def on_read():
            if more_ms is not None and not read:
                virtual_time.agenda.drop(patience)
                virtual_time.after_ms(more_ms, take_away)
            read.append(1)

        patience = virtual_time.after_ms(for_ms, take_away)
        reader.on_read = on_read
        reader.present(bytes.fromhex(uid), iso14443_4)

    def pull(number, door):
        world.done(number, doors[door].pull())

    def pull_within(number, door, for_ms, reach_ms):
        doors[door].pull_within(for_ms, reach_ms, lambda opened: world.done(number, opened))

    def force(number, door):
        doors[door].force()
        world.done(number)

    def shut(number, door, latches):
        doors[door].shut(latches)
        cells.slam(now_us())
        if tags is not None:
            tags.field.shut()
        world.done(number)

    def fault(number, bin_, kind):
        _break(scales, bus, bin_ - 1, kind)
        world.done(number)

    def cable(number, linked):
        network.linked = linked
        world.done(number)

    def sleep(number, ms):
        virtual_time.after_ms(ms, world.done, number)

    def heap(number):
        gc.collect()
        world.done(number, [gc.mem_free(), _fakes_bytes])

    def bus_bytes(number):
        world.done(number, [now_us(), bus.wire_bytes])

    for name, call in (
        ("load", load), ("move", move), ("lean", lean), ("badge", badge), ("pull", pull),
        ("pull_within", pull_within), ("force", force), ("shut", shut), ("fault", fault), ("cable", cable),
        ("sleep", sleep), ("heap", heap), ("bus_bytes", bus_bytes),
    ):  # fmt: skip
        world.on(name, call)


def _run_serial(world, serial):
    """A board whose program is in its flash, if it has any, and whose serial port somebody holds."""
    import board_sys  # noqa: PLC0415 - only for a board with a serial port
    import serial_repl  # noqa: PLC0415

    for name in [name for name in sys.modules if name.startswith("cabinet")]:
        del sys.modules[name]  # the shelf nodes', not the board's
    board_sys.install(serial["build"], serial["machine"])
    sys.path.append("")
    if serial["watchdog_ms"]:  # a soft reset does not stop it
        machine.WDT(timeout=serial["watchdog_ms"])

    def reset():
        world.say("reset", "soft", console.raw, machine.WDT.running_ms)
        while True:
            virtual_time.clock.wait_for_ever(world.poller)

    console = serial_repl.Console(world, serial["banner"], serial["raw"], reset)
    serial_repl.start(console)


def _run_main(world):
    try:
        import main  # noqa: F401, PLC0415 - it runs for ever
    except Exception as error:
        sys.print_exception(error)
    world.say("stopped")
    while True:
        virtual_time.pass_until(world.poller, world.serve, virtual_time.clock.now_us() + 3600000000)


def run(path, *mode):
    """Bring the board up and run the firmware on it, for ever."""
    global _fakes_bytes
    world, cell_class, bins, serial = _power_on(path, *mode)
    if serial:
        _run_serial(world, serial)
    if heap_share.asked:
        _fakes_bytes = _shaken_bytes(cell_class, bins) + heap_share.fakes_bytes()
    _run_main(world)
