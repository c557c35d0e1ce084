"""Packs folders into a ROMFS image, the read-only file system that MicroPython runs bytecode from without copying it.

The format is the one described at the head of `extmod/vfs_rom.c` in MicroPython's sources. Everything is a record:
kind, length and payload, the two numbers as varints (seven bits a byte, most significant first, high bit set on all
but the last). The image is one record whose kind spells "RM1"; in it a file is (name, its data as one verbatim
record), a folder is (name, then files and folders), a name is (length, characters). It compresses nothing.
"""

from pathlib import Path

_DATA = 2
_FOLDER = 4
_FILE = 5
_MAGIC = b"\xd2\xcd\x31"  # the varint of the image's kind


def pack(folders: list[Path]) -> bytes:
    """One image of what the folders hold; a file of an earlier folder hides its namesake in a later one."""
    tree: dict[str, Path] = {}
    for folder in reversed(folders):
        tree |= {path.relative_to(folder).as_posix(): path for path in folder.rglob("*.mpy")}
    content = _folder({name: path.read_bytes() for name, path in tree.items()})
    length = _varint(len(content))
    if (len(_MAGIC) + len(length) + len(content)) % 2:
        length = b"\x80" + length  # an image has an even length
    return _MAGIC + length + content


def _folder(files: dict[str, bytes]) -> bytes:
    """The payload of a folder; names with a slash go one folder deeper."""
    records = []
    for name in sorted({name.split("/", 1)[0] for name in files}):
        if name in files:
            records.append(_record(_FILE, _name(name) + _record(_DATA, files[name])))
        else:
            below = {path[len(name) + 1 :]: data for path, data in files.items() if path.startswith(name + "/")}
            records.append(_record(_FOLDER, _name(name) + _folder(below)))
    return b"".join(records)


def _record(kind: int, payload: bytes) -> bytes:
    return _varint(kind) + _varint(len(payload)) + payload


def _name(name: str) -> bytes:
    return _varint(len(name.encode())) + name.encode()


def _varint(value: int) -> bytes:
    digits = [value & 0x7F]
    while value := value >> 7:
        digits.append(value & 0x7F | 0x80)
    return bytes(reversed(digits))
