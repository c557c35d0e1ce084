"""A backup as one file: a tar archive of a gateway's database, identity and configuration, with the digest of each.

The first entry, `contents.json`, says what is in it and whose it is. A file is believed only when its name and its
SHA-256 stand there. The archive holds secrets (the gateway's keys, the cabinets' passwords): it is 0600, always.
"""

import contextlib
import gzip
import hashlib
import io
import os
import shutil
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

FORMAT = 1
CONTENTS = "contents.json"
DATABASE = "gateway.db"
CONFIG = "gateway.toml"
_COMPRESSION = 1  # the database is mostly text: a quarter of its size at a tenth of level 9's time
_CONTENTS_BYTES_MAX = 1_000_000
_BLOCK = 1 << 20


class ArchiveError(ValueError):
    """A file is no sound backup; the text says what was expected and what was found."""


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file of the archive."""

    sha256: str
    bytes: int


class Contents(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an archive says of itself. `schema`: the database's version; `program`: the Partsbay that wrote it."""

    format: int
    gateway: str
    epoch: str
    made_ms: int
    schema: int
    program: str
    files: dict[str, Entry]


@dataclass(frozen=True)
class Unpacked:
    """An archive whose every file was found as it should be."""

    contents: Contents
    folder: Path


def digest(path: Path) -> Entry:
    """The digest and size of a file."""
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    return Entry(found, path.stat().st_size)


def pack(contents: Contents, files: Mapping[str, Path], target: Path) -> None:
    """Write an archive beside, flush it, and give it its name."""
    beside = target.with_name(target.name + ".part")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.fchmod(descriptor, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as raw:
            _write(raw, contents, files)
            raw.flush()
            os.fsync(raw.fileno())
        beside.rename(target)
        sync_folder(target.parent)
    finally:
        beside.unlink(missing_ok=True)


def _write(raw: io.BufferedWriter, contents: Contents, files: Mapping[str, Path]) -> None:
    with tarfile.open(fileobj=raw, mode="w:gz", compresslevel=_COMPRESSION) as tar:
        told = msgspec.json.format(msgspec.json.encode(contents)) + b"\n"
        _add(tar, CONTENTS, len(told), contents.made_ms, io.BytesIO(told))
        for name, path in files.items():
            with path.open("rb") as file:
                _add(tar, name, contents.files[name].bytes, contents.made_ms, file)


def _add(tar: tarfile.TarFile, name: str, size: int, made_ms: int, file: io.BufferedIOBase) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.mtime = size, 0o600, made_ms // 1000
    tar.addfile(entry, file)


def unpack(source: Path, folder: Path) -> Unpacked:
    """Every file of an archive into a new folder, each as its digest says (`ArchiveError`: then there is none)."""
    folder.mkdir(mode=0o700, parents=True)
    try:
        return _unpack(source, folder)
    except BaseException:
        shutil.rmtree(folder)
        raise


def _unpack(source: Path, folder: Path) -> Unpacked:
    with _open(source) as packed, tarfile.open(fileobj=packed, mode="r:") as tar:
        contents = _contents(tar)
        for entry in tar:
            if entry.name != CONTENTS:
                _unpack_one(tar, entry, contents, folder)
        while packed.read(_BLOCK):  # at its very end stands a sum of everything, of what was told in the beginning, too
            pass
    for name, told in contents.files.items():
        _check(folder / name, name, told)
    return Unpacked(contents, folder)


@contextlib.contextmanager
def _open(source: Path) -> Iterator[gzip.GzipFile]:
    """An archive's bytes; whatever shows that they are not those that were written is an `ArchiveError`."""
    try:
        with gzip.open(source) as packed:
            yield packed
    except ArchiveError:
        raise
    except (tarfile.TarError, zlib.error, EOFError, OSError, ValueError) as error:
        raise ArchiveError(f"expected a whole backup at {source}, found: {error}") from error


def _contents(tar: tarfile.TarFile) -> Contents:
    first = tar.next()
    file = tar.extractfile(first) if first is not None and first.name == CONTENTS else None
    if file is None:
        raise ArchiveError(f"expected {CONTENTS} at the beginning of the backup, found something else")
    contents = msgspec.json.decode(file.read(_CONTENTS_BYTES_MAX), type=Contents)
    if contents.format != FORMAT or DATABASE not in contents.files:
        raise ArchiveError(f"expected a backup of format {FORMAT} with {DATABASE}, found format {contents.format}")
    return contents


def _unpack_one(tar: tarfile.TarFile, entry: tarfile.TarInfo, contents: Contents, folder: Path) -> None:
    path = Path(entry.name)
    if not entry.isreg() or entry.name not in contents.files or path.is_absolute() or ".." in path.parts:
        raise ArchiveError(f"expected only files that {CONTENTS} names, found {entry.name!r}")
    target = folder / path
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = tar.extractfile(entry)
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        while file is not None and (block := file.read(_BLOCK)):
            out.write(block)
        out.flush()
        os.fsync(out.fileno())


def _check(path: Path, name: str, told: Entry) -> None:
    if not path.is_file():
        raise ArchiveError(f"expected {name} in the backup, found none")
    if digest(path) != told:
        raise ArchiveError(f"expected {name} as its digest says, found other bytes: the backup is damaged")


def sync_folder(folder: Path) -> None:
    """A name that was given must be there after a power cut, too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
