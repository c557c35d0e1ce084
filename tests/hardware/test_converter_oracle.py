"""The virtual NAU7802 against PyPI's `nau7802`, a driver that knows the chip's registers by their names and bits."""

import asyncio
from pathlib import Path

from nau7802 import NAU7802

from hardware import boards
from hardware.commissioning.cell_classes import CLASSES
from hardware.commissioning.serial_line import SerialLine
from simulator import physics
from simulator.serial_board import SerialBoard

BOARD = "esp32s3-w5500-12"
BIN = 11


class BoardBus:
    """The I2C bus of a board, over its serial port, as that driver wants it."""

    def __init__(self, line: SerialLine):
        self._line = line

    def read(self, addr: int, reg: int, length: int) -> bytes:
        return bytes.fromhex(
            self._line.execute(f"print(parts._i2c.readfrom_mem({addr}, {reg}, {length}).hex())").strip()
        )

    def write(self, addr: int, reg: int, data: bytes) -> None:
        self._line.execute(f"parts._i2c.writeto_mem({addr}, {reg}, {bytes(data)!r})")

    def wait_ms(self, ms: int) -> None:
        self._line.execute(f"import time\ntime.sleep_ms({ms})")


def test_a_foreign_driver_weighs_with_the_virtual_converter(tmp_path: Path) -> None:
    async def use() -> None:
        board = SerialBoard("cab-1", boards.FOLDER / f"{BOARD}.json", tmp_path, speed=2)
        await board.set_load(BIN, 0)
        await board.power_on()
        try:
            await asyncio.to_thread(_drive, board)
        finally:
            await board.stop()

    asyncio.run(use())


def _drive(board: SerialBoard) -> None:
    with SerialLine(board.port) as line:
        line.interrupt()
        line.begin(boards.firmware_view(boards.load(BOARD)))
        line.execute(f"parts._mux.select({BIN})")
        bus = BoardBus(line)
        chip = NAU7802(bus)
        # As it comes: its revision, gain calibration 1, nothing powered, nothing converted.
        assert chip.rev_id.rev_id == 0xF
        assert (chip.gcal1.value, chip.gcal2.value) == (0x800000, 0x800000)
        assert not any((chip.pu_ctrl.pud, chip.pu_ctrl.pua, chip.pu_ctrl.pur, chip.cycle_ready))
        # Powered, 3.0 V, gain 128, calibrated at 10 samples a second, then 80 of them.
        chip.initialize()
        assert chip.pu_ctrl.pur
        chip.set_vldo(5)
        chip.set_gain(7)
        chip.set_cals(True)
        assert chip.cals
        bus.wait_ms(600)
        assert not chip.cals
        assert not chip.cal_err
        chip.set_crs(3)
        line.execute("parts._i2c.writeto_mem(0x2A, 0, b'\\x96')")
        bus.wait_ms(200)
        assert chip.cycle_ready
        codes = []
        for _ in range(8):
            bus.wait_ms(20)
            codes.append(chip.adco.value)
        zero, _ = physics.Cells("c3-10kg", board.bins, 1).calibration(BIN - 1)
        noise = 3 * CLASSES["c3-10kg"].noise_counts  # of 80 samples a second, and a deviation
        assert abs(sum(codes) / len(codes) - zero) < 4 * noise, (codes, zero)
        assert not chip.cycle_ready or chip.adco.value != codes[-1]
        # Half the gain, half the code; standing by, no codes at all.
        chip.set_gain(6)
        bus.wait_ms(200)
        assert abs(chip.adco.value - zero / 2) < 4 * noise
        chip.standby()
        bus.wait_ms(200)
        chip.adco.value  # noqa: B018 - reading it is what clears the flag
        bus.wait_ms(200)
        assert not chip.cycle_ready
