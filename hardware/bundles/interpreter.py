"""An image of MicroPython for the application partitions of an ESP32: read, and whether a board can take it.

What micropython.org offers as `.app-bin`, or a build's own `micropython.bin`: the application alone, without bootloader
and partition table. Its layout: ESP-IDF, "App Image Format"; the version stands in the text that MicroPython greets
with.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from hardware import boards, chips

_IMAGE_MAGIC = 0xE9
_CHIP_AT = 12  # 16 bits, little endian
_DESCRIPTION_AT = 32  # behind the headers of the image and of its first segment
_DESCRIPTION_MAGIC = bytes.fromhex("3254cdab")
_CHIP_IDS = {"ESP32": 0, "ESP32-S3": 9}  # esp_chip_id_t
_GREETING = re.compile(rb"MicroPython v(\d{1,6}\.\d{1,6}\.\d{1,6})\S* on \d{4}-\d\d-\d\d")


class InterpreterError(ValueError):
    """This is no interpreter for these boards; the text says what was expected and found."""


class Interpreter(NamedTuple):
    """An image, and the version of the MicroPython in it."""

    micropython: str
    chip: int  # as ESP-IDF numbers them
    data: bytes


def read(path: Path) -> Interpreter:
    """The image of a file (`InterpreterError` when it is none)."""
    return parse(path.read_bytes(), str(path))


def parse(data: bytes, name: str) -> Interpreter:
    """The image in some bytes; `name` is what errors call them."""
    description = data[_DESCRIPTION_AT : _DESCRIPTION_AT + len(_DESCRIPTION_MAGIC)]
    if data[:1] != bytes((_IMAGE_MAGIC,)) or description != _DESCRIPTION_MAGIC:
        raise InterpreterError(f"expected an application image (.app-bin) in {name}, found something else")
    greeting = _GREETING.search(data)
    if greeting is None:
        raise InterpreterError(f"expected a MicroPython in {name}, found another application")
    return Interpreter(greeting[1].decode(), int.from_bytes(data[_CHIP_AT : _CHIP_AT + 2], "little"), data)


def check(interpreter: Interpreter, board_names: Sequence[str]) -> None:
    """Refuse boards that have no partitions for it, too small ones, or another chip."""
    for name in board_names:
        board = boards.load(name)
        room = board.get("app_partition_bytes", 0)
        if not room:
            raise InterpreterError(f"expected a board with two partitions for an interpreter, found {name}")
        if len(interpreter.data) > room:
            raise InterpreterError(
                f"expected an interpreter of at most {room} bytes for {name}, found {len(interpreter.data)}"
            )
        chip = chips.module_of(board).chip
        if _CHIP_IDS.get(chip) != interpreter.chip:
            raise InterpreterError(f"expected an interpreter for the {chip} of {name}, found one for another chip")


def header(interpreter: Interpreter, sha256: str) -> dict[str, object]:
    """What a bundle's header says of it."""
    return {"micropython": interpreter.micropython, "bytes": len(interpreter.data), "sha256": sha256}
