"""The flash: NOR rules, and littlefs on it through power cuts in the middle of a write."""

import signal
import subprocess
import time
from pathlib import Path

import pytest
from littlefs import LittleFS

from simulator import controller_process
from tests.simulation.conftest import Run


def test_programming_only_clears_bits(run_jumping: Run, tmp_path: Path) -> None:
    image = tmp_path / "image"
    image.write_bytes(b"\xff" * 8192)
    lines = run_jumping(
        f"""
import flash
device = flash.Flash({str(image)!r}, 2)
device.writeblocks(1, b"\\xf0\\x0f\\xff", 10)
device.writeblocks(1, b"\\x3c\\x3c\\x3c", 10)
found = bytearray(4)
device.readblocks(1, found, 9)
print(found)
device.ioctl(6, 1)
device.readblocks(1, found, 9)
print(found, device.ioctl(4, 0), device.ioctl(5, 0))
"""
    )
    assert lines == ["bytearray(b'\\xff0\\x0c<')", "bytearray(b'\\xff\\xff\\xff\\xff') 2 4096"]


WRITER = """
import sys
import flash, os, vfs
device = flash.Flash({image!r}, 64)
try:
    filesystem = vfs.VfsLfs2(device)
except OSError:
    vfs.VfsLfs2.mkfs(device)
    filesystem = vfs.VfsLfs2(device)
vfs.mount(filesystem, "/flash")
os.chdir("/flash")
with open("log", "a") as log:
    number = log.seek(0, 2) // 8
    while True:
        log.write("%07d\\n" % number)
        log.flush()
        print(number)
        number += 1
"""


@pytest.mark.parametrize("after", [3, 20, 61, 118, 240])
def test_what_was_flushed_survives_sigkill(fakes_path: str, tmp_path: Path, after: int) -> None:
    image = tmp_path / "image"
    image.write_bytes(b"\xff" * 64 * 4096)
    script = tmp_path / "writer.py"
    script.write_text(WRITER.format(image=str(image)))
    flushed = -1
    for _ in range(2):
        with subprocess.Popen(
            [controller_process.interpreter(), str(script)], env={"MICROPYPATH": fakes_path}, stdout=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            deadline = time.monotonic() + 60
            for _line in range(after):
                flushed = int(process.stdout.readline())
                assert time.monotonic() < deadline
            process.send_signal(signal.SIGKILL)
            flushed = max([flushed, *map(int, process.stdout.read().split())])
    filesystem = LittleFS(block_size=4096, block_count=64, mount=False)
    filesystem.context.buffer = bytearray(image.read_bytes())
    filesystem.mount()
    with filesystem.open("log", "r") as log:
        numbers = [int(line) for line in log.read().splitlines()]
    assert numbers[: flushed + 1] == list(range(flushed + 1))
