"""A virtual cabinet whose controller comes as it is bought: blank, with stock MicroPython, on a serial port.

The port is a pseudo-terminal: `port` is what `mpremote` or `partsbay commission` is given. What is soldered to the
board and what lies in its bins is this cabinet's truth, as ever; the program is whatever somebody writes to its flash,
and starts when the board does. The port outlives the board's power, like a USB bridge that its cable feeds.
"""

import asyncio
import os
import tty
from pathlib import Path
from typing import Any

from simulator import commissioning
from simulator.controller_process import ControllerProcess
from simulator.virtual_cabinet import VirtualCabinet

HEAP = "1M"  # a program in flash lies on the heap while it runs; boards have 8 MB
_PARTITION_BYTES = 4096 * 128  # for firmware
_WAITING_BYTES_MAX = 1 << 18  # what nobody reads is lost, as on a real line
_MACHINES = {"ESP32_GENERIC_S3": "Generic ESP32S3 module with Octal-SPIRAM with ESP32S3"}


class SerialBoard(VirtualCabinet):
    """`stock` is the MicroPython build it was flashed with (default: the one its board file names)."""

    def __init__(  # noqa: PLR0917 - as a cabinet's
        self,
        cabinet_id: str,
        board_path: Path,
        work_dir: Path,
        broker_host: str = "127.0.0.1",
        broker_port: int = 0,
        stock: str = "",
        unique_id: bytes = b"\x24\x6f\x28\x00\x00\x01",
        **rest: Any,
    ):
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)  # held open: the port is there while nobody uses it
        os.set_blocking(self._master, False)
        self.port = os.ttyname(self._slave)
        self._waiting = bytearray()
        self._said_return = False
        self._unique_id = unique_id
        self._raw = False
        self._watchdog_ms = 0
        super().__init__(
            cabinet_id, board_path, work_dir, broker_host, broker_port, username="", password="", access_key="",
            make_power=lambda heard: ControllerProcess(
                HEAP, self.log_path, heard, console=self._print, slots=Path(work_dir) / "slots.img",
                shelves="rs485" in self.board,
            ),
            **rest,
        )  # fmt: skip
        self.slots_path = Path(work_dir) / "slots.img"
        self._stock = stock or self.board["micropython"]

    async def power_on(self, reset_cause: str = "power_on") -> None:
        """Give the board power: it starts its program if it has one, and is at its prompt otherwise."""
        if reset_cause != "soft":
            self._raw, self._watchdog_ms = False, 0
        asyncio.get_running_loop().add_reader(self._master, self._typed)
        await super().power_on(reset_cause)

    async def stop(self) -> None:
        """End process, network and port."""
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._master)
        loop.remove_writer(self._master)
        await super().stop()
        os.close(self._master)
        os.close(self._slave)

    # ---- the port ----

    def _typed(self) -> None:
        data = os.read(self._master, 4096)
        self._process.tell("type", data.hex())  # type: ignore[attr-defined]

    def _print(self, data: bytes) -> None:
        """What the board prints: a line's end is CR LF on the wire."""
        for byte in data:
            if byte == 10 and not self._said_return:
                self._waiting.append(13)
            self._waiting.append(byte)
            self._said_return = byte == 13
        del self._waiting[:-_WAITING_BYTES_MAX]
        self._send()

    def _send(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            sent = os.write(self._master, self._waiting) if self._waiting else 0
        except BlockingIOError:
            sent = 0
        del self._waiting[:sent]
        if self._waiting:
            loop.add_writer(self._master, self._send)
        else:
            loop.remove_writer(self._master)

    # ---- the board ----

    def _heard(self, message: list[Any]) -> None:
        if message[0] == "reset" and len(message) > 2:
            _, _, self._raw, self._watchdog_ms = message
        super()._heard(message)

    def _prepare_flash(self) -> None:
        commissioning.blank_flash(self.flash_path)
        if self.slots_path is not None and not self.slots_path.exists():
            self.slots_path.write_bytes(b"\xff" * _PARTITION_BYTES)
        (self._work_dir / "factory").mkdir(exist_ok=True)  # it puts nothing into a board's flash

    def _boot(self, reset_cause: str) -> dict[str, Any]:
        machine = _MACHINES.get(self._stock, self._stock)
        return super()._boot(reset_cause) | {
            "board": self.board,
            "unique_id": self._unique_id.hex(),
            "serial": {
                "raw": self._raw,
                "watchdog_ms": self._watchdog_ms,
                "build": self._stock,
                "machine": machine,
                "banner": f"MicroPython v1.29.0 on 2026-06-30; {machine}",
            },
        }
