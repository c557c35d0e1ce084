"""A virtual board's serial port against what knows boards: the interpreter's own raw REPL, and mpremote."""

import asyncio
import contextlib
import io
import os
import re
import select
import subprocess
import sys
import threading
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest

from hardware.commissioning import commission, serial_line
from simulator import controller_process
from simulator.serial_board import SerialBoard

BOARD = Path(__file__).resolve().parents[2] / "hardware" / "boards" / "esp32s3-w5500-12.json"
TYPED = (
    b"\r\x03",
    b"\r\x01",  # raw
    b"\x01",  # again
    b"print('one')\x04",
    b"print('dropped')\x03print('kept')\x04",
    b"x = 5\n\ndef twice(n):\n    return 2 * n\n\x04",
    b"print(twice(x))\nprint('a', 'b')\n\x04",
    b"1 / 0\x04",
    b"def deep():\n    raise ValueError('expected this, found that')\ndeep()\x04",
    b"print(\x04",  # a syntax error
    b"\x05B\x01",  # a kind of paste that nobody knows
    b"\x05A\x01print('pasted', x)\x04",
    b"\x05A\x01given_up\x03",
    b"\x02",  # friendly
    b"\r",
    b"\x01",
    b"import sys; sys.stdout.write('no end')\x04",
)


def test_the_prompt_answers_what_the_interpreters_own_does(tmp_path: Path) -> None:
    """Byte for byte, but for the size of a paste's window, which is a board's own to say, and who it says it is."""

    async def board() -> bytes:
        cabinet = SerialBoard("cab-1", BOARD, tmp_path, speed=10)
        await cabinet.power_on()
        try:
            return await asyncio.to_thread(_port_says, cabinet.port)
        finally:
            await cabinet.stop()

    found = asyncio.run(board())
    expected = _interpreter_says()
    assert _comparable(found) == _comparable(expected)
    assert b"10\na b\n\x04\x04>" in _comparable(expected)


def test_mpremote_takes_it_for_a_board(tmp_path: Path) -> None:
    async def use() -> None:
        cabinet = SerialBoard("cab-1", BOARD, tmp_path, speed=10)
        await cabinet.power_on()
        try:
            (tmp_path / "sent.py").write_bytes(bytes(range(256)) * 9)
            whole = await _mpremote(
                cabinet.port, "fs", "cp", str(tmp_path / "sent.py"), ":kept.py", "+", "fs", "sha256sum", ":kept.py",
                "+", "exec", "import sys; print(sys.platform, sys.implementation._build); left = 1",
                "+", "soft-reset", "+", "exec", "print('left' in globals())",
            )  # fmt: skip
            assert "esp32 ESP32_GENERIC_S3-SPIRAM_OCT" in whole
            assert whole.rstrip().endswith("False")
            assert re.search(r"^[0-9a-f]{64}$", whole, re.MULTILINE)
            cabinet.power_cut()
            await cabinet.power_on()  # the flash keeps it
            back = tmp_path / "back.py"
            await _mpremote(cabinet.port, "fs", "cp", ":kept.py", str(back))
            assert back.read_bytes() == bytes(range(256)) * 9
            stopped = await _mpremote(
                cabinet.port, "resume", "exec", "--no-follow", "while True:\n import time\n time.sleep(1)"
            )
            assert not stopped
            assert "free" in await _mpremote(cabinet.port, "exec", "import time; time.sleep_ms(5); print('free')")
        finally:
            await cabinet.stop()

    asyncio.run(use())


def test_a_port_without_a_board_is_told_by_what_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serial_line, "_PROMPT_S", 0.5)  # nobody is there to be waited for
    said = _refused("/dev/no-such-port")
    assert "expected a board on /dev/no-such-port, found no such port" in said
    with _port() as (master, name):
        assert f"expected a board on {name}, found silence" in _refused(name)
        held = subprocess.Popen(
            [sys.executable, "-c", f"import serial; s = serial.Serial({name!r}, exclusive=True); print(1, flush=True); input()"],  # noqa: E501
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        assert held.stdout is not None and held.stdin is not None
        held.stdout.readline()
        assert f"expected {name} to be free, found another program on it" in _refused(name)
        held.communicate(b"\n")
        with _scales(master):
            assert "found something else that says: ES" in _refused(name)


@contextlib.contextmanager
def _scales(master: int) -> Iterator[None]:
    """What a scale of Mettler's makes of an order it does not know."""
    stop = threading.Event()

    def answer() -> None:
        while not stop.is_set():
            if select.select([master], [], [], 0.05)[0]:
                os.read(master, 4096)
                os.write(master, b"ES\r\n")

    thread = threading.Thread(target=answer)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _refused(port: str) -> str:
    out = io.StringIO()
    assert commission.run(commission.Asked(port, bin=1), io.StringIO(), out) == 2
    return " ".join(out.getvalue().split())


@contextlib.contextmanager
def _port() -> Iterator[tuple[int, str]]:
    master, slave = os.openpty()
    tty.setraw(slave)
    try:
        yield master, os.ttyname(slave)
    finally:
        os.close(master)
        os.close(slave)


def _interpreter_says() -> bytes:
    with _port() as (master, name):
        slave = os.open(name, os.O_RDWR | os.O_NOCTTY)
        process = subprocess.Popen([controller_process.interpreter()], stdin=slave, stdout=slave, stderr=slave)
        try:
            return _conversation(master)
        finally:
            process.kill()
            process.wait()
            os.close(slave)


def _port_says(name: str) -> bytes:
    line = os.open(name, os.O_RDWR | os.O_NOCTTY)
    try:
        return _conversation(line)
    finally:
        os.close(line)


def _conversation(line: int) -> bytes:
    """All that is answered to what is typed, the greeting before it left away."""
    _until(line, b">>> ")
    os.write(line, b"".join(TYPED))
    return _until(line, b"no end\x04\x04>")


def _until(line: int, end: bytes) -> bytes:
    data = b""
    while not data.endswith(end):
        ready, _, _ = select.select([line], [], [], 60)
        assert ready, data
        data += os.read(line, 4096)
    return data


def _comparable(answer: bytes) -> bytes:
    answer = re.sub(rb"R\x01..\x01", b"R\x01<window>\x01", answer, flags=re.DOTALL)
    answer = re.sub(rb"MicroPython [^\r]*\r\n", b"<banner>\r\n", answer)
    return answer.replace(b"\r\n", b"\n")  # a board has lines end so; the host's terminal would


async def _mpremote(port: str, *arguments: str) -> str:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "mpremote", "connect", port, *arguments, stdout=-1, stderr=-2
    )
    out, _ = await asyncio.wait_for(process.communicate(), 120)
    assert process.returncode == 0, out.decode()
    return out.decode()
