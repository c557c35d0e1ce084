"""A backup's file: taken when everything in it is what was written, whatever happened to its bytes; else refused."""

from pathlib import Path

import pytest

from edge_gateway.lifecycle import archive
from edge_gateway.lifecycle.archive import ArchiveError, Contents

FILES = {
    archive.DATABASE: b"".join(b"%d taken from bin %d;" % (number * number, number % 24) for number in range(60)),
    archive.CONFIG: 'gateway = "gw-1"  # 上海\n'.encode(),
    "data/identity/empty": b"",
}


@pytest.fixture
def contents(tmp_path: Path) -> Contents:
    """Of the backup `tmp_path / "backup"`, with the files beside it."""
    paths = {name: tmp_path / "files" / name for name in FILES}
    for name, path in paths.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(FILES[name])
    digests = {name: archive.digest(path) for name, path in paths.items()}
    made = Contents(archive.FORMAT, "gw-1", "00c0ffee00c0ffee", 1_700_000_000_000, 7, "0.3.0", digests)
    archive.pack(made, paths, tmp_path / "backup")
    return made


def _unpacked(data: bytes, folder: Path) -> tuple[Contents, dict[str, bytes]]:
    damaged = folder.with_suffix(".backup")
    damaged.write_bytes(data)
    found = archive.unpack(damaged, folder)
    return found.contents, {name: (folder / name).read_bytes() for name in FILES}


def test_what_was_packed_is_unpacked_and_nobody_else_may_read_it(tmp_path: Path, contents: Contents) -> None:
    backup = tmp_path / "backup"
    assert _unpacked(backup.read_bytes(), tmp_path / "out") == (contents, FILES)
    modes = {path.stat().st_mode & 0o777 for path in (backup, *(tmp_path / "out" / name for name in FILES))}
    assert modes == {0o600}


def test_wherever_a_bit_is_wrong_it_is_refused_or_nothing_of_it_has_changed(tmp_path: Path, contents: Contents) -> None:
    """Some bits say when the file was packed, and some data can be packed in two ways: those may be taken."""
    data = (tmp_path / "backup").read_bytes()
    refused = 0
    for at in range(len(data)):
        damaged = bytearray(data)
        damaged[at] ^= 1 << at % 8
        try:
            assert _unpacked(bytes(damaged), tmp_path / f"out-{at}") == (contents, FILES)
        except ArchiveError as error:
            assert str(error).startswith("expected")
            assert not (tmp_path / f"out-{at}").exists()
            refused += 1
    assert refused > 0.9 * len(data)


def test_wherever_it_is_cut_it_is_refused(tmp_path: Path, contents: Contents) -> None:
    data = (tmp_path / "backup").read_bytes()
    for length in range(len(data)):
        with pytest.raises(ArchiveError, match="expected"):
            _unpacked(data[:length], tmp_path / f"out-{length}")


def test_what_comes_after_it_is_refused(tmp_path: Path, contents: Contents) -> None:
    with pytest.raises(ArchiveError, match="expected a whole backup"):
        _unpacked((tmp_path / "backup").read_bytes() + b"more", tmp_path / "out")
