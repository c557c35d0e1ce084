"""What is inside a file that somebody sends: text, a table of Excel's, or XML, out of `.gz` or `.zip` where need be.

Never trusts a declared size: what comes out is counted while it comes out, in bytes and as a ratio to what went in.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from cloud.catalogue.imports.file_error import FileError

FILE_BYTES_MAX = 64 * 2**20
TABLE_BYTES_MAX = 512 * 2**20  # the XML inside an .xlsx is many times what its cells say
RATIO_MAX = 200  # text shrinks to a thirtieth at most, a bomb to a thousandth
RATIO_FROM_BYTES = 4 * 2**20
_CHUNK = 1 << 20
_NAME_CHARACTERS_MAX = 200
Format = Literal["csv", "xlsx", "xml"]

_FOREIGN = (  # how files begin that are none of ours
    (b"MZ", "a Windows program"),
    (b"\x7fELF", "a program"),
    (b"%PDF", "a PDF"),
    (b"\xd0\xcf\x11\xe0", "an old Excel file (.xls): save it as .xlsx"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"SQLite format 3", "a database"),
)


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A file's content, what it is, and the name it has, inside of an archive too."""

    data: bytes
    format: Format
    name: str


def unpack(data: bytes, name: str) -> Unpacked:
    """The content of a file (`FileError`)."""
    _refuse_size(len(data))
    if not data:
        raise FileError("file_empty")
    if data.startswith(b"\x1f\x8b"):
        return _plain(_gunzip(data), name.removesuffix(".gz"))
    if data.startswith(b"PK"):
        return _from_zip(data, name)
    return _plain(data, name)


def _plain(data: bytes, name: str) -> Unpacked:
    if data.startswith((b"PK\x03\x04", b"\x1f\x8b")):
        if data.startswith(b"PK") and _is_table(data):
            return _table(data, name)
        raise FileError("file_nested")
    for mark, what in _FOREIGN:
        if data.startswith(mark):
            raise FileError("file_foreign", found=what)
    if not data:
        raise FileError("file_empty")
    return Unpacked(data, "xml" if _is_xml(data) else "csv", shown_name(name))


def shown_name(name: str) -> str:
    """A file's name without folders and without what cannot be shown."""
    last = re.split(r"[/\\]", name)[-1]
    return "".join(letter for letter in last if letter.isprintable())[:_NAME_CHARACTERS_MAX] or "file"


def _is_xml(data: bytes) -> bool:
    head = data[:200].removeprefix(b"\xef\xbb\xbf").replace(b"\0", b"").lstrip(b"\xff\xfe \t\r\n")
    return head.startswith((b"<?xml", b"<ACES", b"<!DOCTYPE", b"<!--"))


def _refuse_size(size: int, most: int = FILE_BYTES_MAX) -> None:
    if size > most:
        raise FileError("file_large", most=most // 2**20)


def _refuse_ratio(out: int, packed: int) -> None:
    if out > RATIO_FROM_BYTES and out > RATIO_MAX * max(1, packed):
        raise FileError("file_bomb", ratio=RATIO_MAX)


# ---- gzip ----


def _gunzip(data: bytes) -> bytes:
    out = bytearray()
    rest = data
    while rest.startswith(b"\x1f\x8b"):  # a file may have several members
        unpacker = zlib.decompressobj(wbits=31)
        try:
            for piece in _pieces(unpacker, rest):
                out += piece
                _refuse_size(len(out))
                _refuse_ratio(len(out), len(data))
        except zlib.error as error:
            raise FileError("file_damaged", what="gzip") from error
        if not unpacker.eof:
            raise FileError("file_cut", what="gzip")
        rest = unpacker.unused_data
    return bytes(out)


def _pieces(unpacker: "zlib._Decompress", data: bytes) -> Iterator[bytes]:
    piece = unpacker.decompress(data, _CHUNK)
    while piece:
        yield piece
        piece = b"" if unpacker.eof else unpacker.decompress(unpacker.unconsumed_tail, _CHUNK)


# ---- zip ----


def open_zip(data: bytes) -> zipfile.ZipFile:
    """An archive whose directory can be read (`FileError`)."""
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise FileError("file_cut", what="zip") from error


def _is_table(data: bytes) -> bool:
    with open_zip(data) as archive:
        return "[Content_Types].xml" in archive.namelist()


def _from_zip(data: bytes, name: str) -> Unpacked:
    if _is_table(data):
        return _table(data, name)
    with open_zip(data) as archive:
        files = [info for info in archive.infolist() if not info.is_dir() and "__MACOSX/" not in info.filename]
        if len(files) != 1:
            raise FileError("zip_of_several", found=len(files))
        return _plain(_member(archive, files[0], len(data), FILE_BYTES_MAX), files[0].filename)


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, packed: int, most: int) -> bytes:
    return b"".join(read_member(archive, info, packed, most))


def read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, packed: int, most: int) -> Iterator[bytes]:
    """A file of an archive, piece by piece, until it is more than it may be (`FileError`)."""
    if info.flag_bits & 1:
        raise FileError("zip_locked")
    size = 0
    try:
        with archive.open(info) as source:
            while piece := source.read(_CHUNK):
                size += len(piece)
                _refuse_size(size, most)
                _refuse_ratio(size, packed)
                yield piece
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise FileError("file_damaged", what="zip") from error


def _table(data: bytes, name: str) -> Unpacked:
    with open_zip(data) as archive:
        if not any(entry.startswith("xl/") for entry in archive.namelist()):
            raise FileError("file_foreign", found="an Office file that is no table")
    return Unpacked(data, "xlsx", shown_name(name))
