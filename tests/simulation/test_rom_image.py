"""ROMFS images: mounted by the interpreter itself, which is the judge of the format."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from hardware import firmware_build, rom_image
from simulator.controller_process import ROM_START

REPORT = """
import gc, json, os, sys
import deep.down.leaf
from deep import here
import data
gc.collect()
print(json.dumps([sorted(os.listdir("/rom/deep")), deep.down.leaf.WORD, here.WORD, sys.argv[1:], gc.mem_alloc()]))
"""


def run_from_rom(folders: list[Path], directory: Path) -> list[object]:
    """What `report` prints when it runs from an image of the folders."""
    image = directory / "image"
    image.write_bytes(rom_image.pack(folders))
    done = subprocess.run(
        [sys.executable, str(ROM_START), str(image), "128K", "report", "one", "two"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return list(json.loads(done.stdout))


def compiled(directory: Path, files: dict[str, str]) -> Path:
    """The files, compiled."""
    for name, text in files.items():
        path = directory / "source" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return firmware_build.compile_tree(directory / "source", directory / "compiled")


@pytest.mark.parametrize("length", [1, 100, 16_000, 70_000])
def test_the_interpreter_runs_an_image_in_place(tmp_path: Path, length: int) -> None:
    first = compiled(tmp_path / "a", {"report.py": REPORT, "deep/here.py": 'WORD = "first"'})
    second = compiled(
        tmp_path / "b",
        {
            "data.py": f"def large():\n    return {'x' * length!r}",
            "deep/here.py": 'WORD = "hidden"',
            "deep/down/leaf.py": 'WORD = "leaf"',
        },
    )
    found = run_from_rom([first, second], tmp_path)
    assert found[:4] == [["down", "here.mpy"], "leaf", "first", ["one", "two"]]
    assert isinstance(found[4], int)
    assert found[4] < 12_000  # whatever the image holds: it is not copied to the heap


def test_an_image_has_an_even_length_and_the_magic_number(tmp_path: Path) -> None:
    for length in range(4):
        folder = tmp_path / str(length)
        folder.mkdir()
        (folder / "file.mpy").write_bytes(b"x" * length)
        image = rom_image.pack([folder])
        assert len(image) % 2 == 0
        assert image.startswith(b"\xd2\xcd\x31")
