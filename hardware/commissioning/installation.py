"""Puts a program on a board over its serial line: starter and trusted keys into its flash, a bundle into slot a.

Everything is read back and compared. What an earlier program left in flash is taken away; what the cabinet remembers
(its journal, its access list) stays, as long as the cabinet stays the same.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hardware.bundles import first_install
from hardware.commissioning.refusal import RefusalError
from hardware.commissioning.serial_line import SerialLine

# What a cabinet keeps in its flash beside its program; a line's end matches whatever lies in a folder.
OWN = (
    "board.json", "settings.json", "calibration.json", "access", "boot", "journal/", "slots", "ca.der", "cert.der",
    "key.der",
)  # fmt: skip
_REMEMBERED = ("settings.json", "calibration.json", "access", "boot", "journal/", "ca.der", "cert.der", "key.der")


@dataclass(frozen=True)
class Program:
    """A bundle and the public lines of the keys whose bundles the board shall take from then on."""

    bundle: bytes
    keys: Sequence[str]

    @property
    def version(self) -> str:
        """What the bundle's header says."""
        length = int.from_bytes(self.bundle[8:12], "big")
        return str(json.loads(self.bundle[12 : 12 + length])["version"])


def load(bundle: Path, keys: Path) -> Program:
    """A program from its files: a bundle, and a file with a public line for each key."""
    lines = [line.strip() for line in keys.read_text().splitlines() if line.strip()]
    return Program(bundle.read_bytes(), lines)


@dataclass(frozen=True)
class Installed:
    """What was done: files and blocks there are, how many had to be written, what was removed."""

    files: int
    blocks: int
    written: int
    removed: Sequence[str]


def install(line: SerialLine, program: Program, told: Callable[[str], None]) -> Installed:
    """Have exactly this program on the board (`RefusalError`: it does not read back so); `told` hears it."""
    files = first_install.files(program.keys)
    written = _write_slot(line, program, told)
    found = {path: digest for path, _, digest in line.call("files")}
    removed = [path for path in found if path not in files and not _kept(path, OWN)]
    for path in removed:
        line.call("remove", path)
    for path, data in files.items():
        if found.get(path) != _digest(data):
            told(path)
            line.write(path, data)
            written += 1
    _compare(line, files)
    return Installed(len(files), len(_blocks(line, program)), written, removed)


def _write_slot(line: SerialLine, program: Program, told: Callable[[str], None]) -> int:
    """Write the blocks of slot a that differ; how many there were. The last one, which makes it whole, comes last."""
    blocks = _blocks(line, program)
    found = line.call("block_digests", len(blocks))
    differ = [at for at, block in enumerate(blocks) if found[at] != _digest(block)]
    for number, at in enumerate(differ, 1):
        if number % 8 == 1 or number == len(differ):
            told(f"romfs {number}/{len(differ)}")
        if line.write_block(at, blocks[at]) != _digest(blocks[at]):
            raise RefusalError("differs", path=f"romfs block {at}")
    if differ and "slots" in {path for path, _, _ in line.call("files")}:
        line.call("remove", "slots")  # a record of what ran before: the starter makes it anew
    return len(differ)


def _blocks(line: SerialLine, program: Program) -> list[bytes]:
    size = line.call("romfs_bytes")
    if not size:
        raise RefusalError("no_partition")
    whole = first_install.slot(program.bundle, size)
    length = first_install.BLOCK_BYTES
    return [whole[at : at + length] for at in range(0, len(whole), length)]


def _compare(line: SerialLine, files: Mapping[str, bytes]) -> None:
    found = {path: digest for path, _, digest in line.call("files")}
    for path, data in files.items():
        if found.get(path) != _digest(data):
            raise RefusalError("differs", path=path)


def forget_cabinet(line: SerialLine) -> None:
    """Take away what the board remembers of the cabinet it was."""
    for path, _, _ in line.call("files"):
        if _kept(path, _REMEMBERED):
            line.call("remove", path)


def write_checked(line: SerialLine, path: str, data: bytes) -> None:
    """Write one file and read it back (`RefusalError`)."""
    line.write(path, data)
    _compare(line, {path: data})


def _kept(path: str, names: Sequence[str]) -> bool:
    return any(path == name or (name.endswith("/") and path.startswith(name)) for name in names)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
