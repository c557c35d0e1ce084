"""`partsbay firmware`: bundles of controller firmware made, signed, checked and shown; release keys made."""

import getpass
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from cabinet.bundle import BundleError

from hardware.bundles import bundle, interpreter, release_key

PASSPHRASE_VARIABLE = "PARTSBAY_KEY_PASSPHRASE"  # noqa: S105 - the name of a variable


def keygen(path: Path, name: str, out: TextIO) -> int:
    """Make a release key in `path` and write its public line beside it."""
    beside = path.with_suffix(".pub")
    line = release_key.make(path, passphrase("a passphrase for the new key (empty: none, the file is 0600)"), name)
    beside.write_text(line + "\n")
    out.write(f"private key {path}: keep it off line, and a copy of it elsewhere\npublic key {beside}: {name}\n")
    return 0


def build(target: Path, boards: Sequence[str], with_interpreter: Path | None, out: TextIO) -> int:
    """Compile this firmware and write its image, unsigned, an interpreter behind it; 1 when a board cannot take it."""
    found = bundle.image()
    more = b""
    if with_interpreter is not None:
        try:
            brought = interpreter.read(with_interpreter)
            interpreter.check(brought, boards or bundle.cabinet_boards())
        except interpreter.InterpreterError as error:
            out.write(f"{error}\n")
            return 1
        more = brought.data
        out.write(f"MicroPython {brought.micropython}, {len(more)} bytes behind the firmware's\n")
    target.write_bytes(found.data + more)
    out.write(f"firmware {found.version}, {len(found.data)} bytes of image in {target}\n")
    return 0


def sign(
    target: Path,
    key: Path,
    boards: Sequence[str],
    previous_min: str,
    out: TextIO,
    *,
    with_interpreter: Path | None = None,
) -> int:
    """Compile this firmware, sign it, and write the bundle; 1 when a board cannot take its interpreter."""
    private = release_key.load(key, passphrase(f"the passphrase of {key}") if _is_locked(key) else "")
    try:
        brought = None if with_interpreter is None else interpreter.read(with_interpreter)
        found = bundle.sign(bundle.image(), private, boards, previous_min, interpreter=brought)
    except interpreter.InterpreterError as error:
        out.write(f"{error}\n")
        return 1
    target.write_bytes(found)
    _tell(bundle.show(found), len(found), out)
    return 0


def verify(path: Path, keys: Path, out: TextIO) -> int:
    """Whether a bundle is whole and signed by one of the keys; 1 when it is not."""
    data = path.read_bytes()
    try:
        header = bundle.verify(data, keys.read_text().splitlines())
    except BundleError as error:
        out.write(f"{path}: {error}\n")
        return 1
    _tell(header, len(data), out)
    return 0


def show(path: Path, out: TextIO) -> int:
    """What a bundle says of itself; who signed it is not looked at."""
    data = path.read_bytes()
    _tell(bundle.show(data), len(data), out)
    return 0


def passphrase(what: str) -> str:
    """From the environment, or asked for at the terminal; never an argument, which others can see."""
    if PASSPHRASE_VARIABLE in os.environ:
        return os.environ[PASSPHRASE_VARIABLE]
    return getpass.getpass(f"{what}: ") if sys.stdin.isatty() else ""


def _is_locked(key: Path) -> bool:
    return b"ENCRYPTED" in key.read_bytes()


def _tell(header: dict[str, Any], length: int, out: TextIO) -> None:
    made = datetime.fromtimestamp(header["created_ms"] / 1000, UTC).isoformat(timespec="seconds")
    out.write(f"firmware {header['version']}, {length} bytes, made {made}, signed by key {header['key']}\n")
    out.write(f"for {', '.join(header['boards'])}\n")
    before = f", replaces {header['previous_min']} or later" if header["previous_min"] else ""
    out.write(f"needs MicroPython {header['micropython']} with bytecode {header['mpy']}{before}\n")
    if brought := header.get("interpreter"):
        out.write(f"brings MicroPython {brought['micropython']}, {brought['bytes']} bytes\n")
