"""Reads a controller's flash from outside, as a technician with the board in hand would: how far its journal goes.

Uses littlefs of the real interpreter and nothing of the firmware.
"""

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from simulator.controller_process import interpreter

FAKES = Path(__file__).resolve().parent / "fakes"
SCRIPT = """
import os, sys, vfs
from flash import Flash
vfs.mount(vfs.VfsLfs2(Flash(sys.argv[1])), "/flash")
names = sorted(name for name in os.listdir("/flash/journal") if name.endswith(".log"))
with open("/flash/journal/" + names[-1], "rb") as segment:
    sys.stdout.buffer.write(names[-1].encode() + b"\\n" + segment.read())
"""
_RECORD = """
import os, sys, vfs
from flash import Flash
vfs.mount(vfs.VfsLfs2(Flash(sys.argv[1])), "/flash")
if "slots" in os.listdir("/flash"):
    with open("/flash/slots", "rb") as file:
        sys.stdout.buffer.write(file.read())
"""
_BLOCK_BYTES = 4096


class FlashError(RuntimeError):
    """A flash image holds no journal that can be read; the text says what was found."""


def journal_last(image: Path) -> int:
    """The seq of the last whole event in the journal of a flash image (which is not touched)."""
    return journal_end(image)[1]


def journal_end(image: Path) -> tuple[str, int]:
    """The epoch of the journal of a flash image (which is not touched), and the seq of its last whole event."""
    name, *lines = _last_segment(image).split(b"\n")
    last = int(name[:10]) - 1
    epoch: str = json.loads(lines[0])["epoch"]
    for line in lines[1:]:  # the first is the segment's header
        start = line.find(b'"seq":')
        if start < 0 or not line.endswith(b'"}'):
            continue
        last = int(line[start + 6 : line.index(b",", start)])
    return epoch, last


def slot_version(image: Path, slots: Path) -> str:
    """The version in the slot that a controller starts from, by its boot record and the flash for firmware."""
    record = _read(image, _RECORD)
    run = json.loads(record.split(b"\n")[0])["run"] if record else "a"
    data = slots.read_bytes()
    half = data[: len(data) // 2] if run == "a" else data[len(data) // 2 :]
    head = half[-_BLOCK_BYTES:]
    length = int.from_bytes(head[12:16], "big")
    version: str = json.loads(head[16 : 16 + length])["version"]
    return version


def _last_segment(image: Path) -> bytes:
    """The name of the last segment and its content."""
    found = _read(image, SCRIPT)
    if not found:
        raise FlashError(f"expected a journal in {image}, found none")
    return found


def _read(image: Path, program: str) -> bytes:
    """What a program of the real interpreter prints that has mounted a copy of the flash."""
    with tempfile.TemporaryDirectory(prefix="partsbay-flash-") as folder:
        copy = Path(folder) / "flash.img"
        shutil.copyfile(image, copy)
        script = Path(folder) / "read.py"
        script.write_text(program)
        ran = subprocess.run(
            [interpreter(), str(script), str(copy)],
            env={**os.environ, "MICROPYPATH": f"{FAKES}:.frozen"},
            capture_output=True,
            check=False,
            timeout=60,
        )
    if ran.returncode != 0:
        raise FlashError(f"expected a journal in {image}, found {ran.stdout[-300:]!r} {ran.stderr[-300:]!r}")
    return ran.stdout
