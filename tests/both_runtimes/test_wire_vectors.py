"""The golden vectors of the wire: the same bytes and the same refusals on CPython and on MicroPython."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cabinet import wire

from tests.both_runtimes import make_vectors, wire_vectors
from tests.firmware.brokers import micropython

VECTORS: dict[str, Any] = json.loads(make_vectors.PATH.read_text(encoding="utf-8"))
ON_CPYTHON = wire_vectors.verdicts(VECTORS)
HERE = Path(__file__).parent


@pytest.mark.parametrize(("name", "problem"), ON_CPYTHON, ids=[name for name, _ in ON_CPYTHON])
def test_on_cpython(name: str, problem: str | None) -> None:
    assert problem is None


def test_on_micropython() -> None:
    program = [micropython(), str(HERE / "wire_vectors.py"), str(HERE.parents[1] / "firmware"), str(make_vectors.PATH)]
    done = subprocess.run(program, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [name for name, _ in found] == [name for name, _ in ON_CPYTHON]
    assert [verdict for verdict in found if verdict[1] is not None] == []


def test_every_kind_and_message_has_a_vector() -> None:
    assert {vector["body"]["kind"] for vector in VECTORS["events"]} == set(wire.kinds(wire.EVENT))
    seen = {vector["leaf"] for vector in VECTORS["messages"]}
    assert seen == set(wire.MESSAGES) | {"command", "config"}
    commands = {vector["message"]["kind"] for vector in VECTORS["messages"] if vector["leaf"] == "command"}
    assert commands == set(wire.kinds(wire.COMMAND))


def test_the_file_is_what_was_written_by_hand() -> None:
    assert make_vectors.text_of(make_vectors.build()) == make_vectors.PATH.read_text(encoding="utf-8")


def test_checks_by_hand() -> None:
    """CRC-32 of "123456789" is cbf43926 in every catalogue; one whole line, checked bit by bit."""
    assert wire.crc(b"123456789") == "cbf43926"
    assert wire.crc(b"") == "00000000"
    head = (
        b'{"v":1,"cabinet":"cab-1","epoch":"0123456789abcdef","seq":17,'
        b'"body":{"kind":"bin_well","boot":1,"up_ms":11,"bin":3}'
    )
    whole = wire.encode_event("cab-1", "0123456789abcdef", 17, {"kind": "bin_well", "boot": 1, "up_ms": 11, "bin": 3})
    assert whole == head + b',"crc":"%08x"}' % crc_bit_by_bit(head)


def crc_bit_by_bit(data: bytes) -> int:
    """CRC-32 as the standard draws it: a shift register with the reflected polynomial."""
    register = 0xFFFFFFFF
    for byte in data:
        register ^= byte
        for _ in range(8):
            register = register >> 1 ^ (0xEDB88320 if register & 1 else 0)
    return register ^ 0xFFFFFFFF
