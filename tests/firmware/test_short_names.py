"""The short names of the compiled firmware: nothing that is asked for by name is renamed, and they fit their table."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from hardware import firmware_build, rom_image, short_names
from simulator.controller_process import ROM_START, interpreter, runs_in_place

# What a controller loads for an update, for certificates or for shelf nodes alone.
SELDOM = {
    "main", "cabinet.bundle", "cabinet.certificate", "cabinet.date", "cabinet.fetching", "cabinet.interpreter",
    "cabinet.modbus", "cabinet.secure", "cabinet.shelf_registers", "cabinet.shelves", "cabinet.slots", "cabinet.trial",
    "cabinet.updating",
}  # fmt: skip
TABLES = 620  # places in the interpreter's tables of names up to the one of 320; the next one has 640

SOURCES = {
    "one.py": """
class Shop:
    def __init__(self, clock):
        self._clock = clock
        self._rows = []

    def _open(self):
        return "opened"

    def _sum_up(self, first, second):
        return first + second + len(self._rows)

    def run(self, event, total_mg=2):
        return getattr(self, "_" + event)() + str(self._sum_up(1, total_mg)) + self._clock

EVENTS = "open shut"
""",
    "two.py": """
from one import Shop

class Door:
    def __init__(self, clock):
        self._clock = clock
        self._bolt = 1

print(Shop("9").run("open", total_mg=4), Door("8")._clock, Door("8")._bolt)
""",
}


def test_what_may_be_asked_for_by_name_keeps_it_and_the_rest_is_short() -> None:
    names = short_names.plan(SOURCES)
    assert set(names) == {"_clock", "_rows", "_sum_up", "_bolt", "EVENTS", "clock", "first", "second", "event"}
    assert all(len(new) == 2 for new in names.values())
    assert len({names["_clock"], names["_rows"], names["_sum_up"]}) == 3
    assert names["_clock"] != names["_bolt"]


def test_a_program_does_the_same_under_its_short_names(tmp_path: Path) -> None:
    names = short_names.plan(SOURCES)
    for name, text in SOURCES.items():
        (tmp_path / name).write_text(text)
        firmware_build.compile_file(tmp_path / name, (tmp_path / "made" / name).with_suffix(".mpy"), name, names=names)
    done = subprocess.run(
        [interpreter(), "-c", "import two"],
        env={"MICROPYPATH": f"{tmp_path / 'made'}:.frozen"}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("opened59 8 1\n", "")
    assert b"_sum_up" not in (tmp_path / "made" / "one.mpy").read_bytes()


def test_another_version_of_compiled_files_is_refused() -> None:
    with pytest.raises(ValueError, match=r"expected an \.mpy of version 6, found it to begin with b'M\\x05'"):
        short_names.shorten(b"M\x05\x00\x1f\x00\x00", {})


@pytest.mark.skipif(not runs_in_place(), reason="a named interpreter has tables of its own")
def test_the_names_of_the_firmware_fit_into_the_smaller_tables(tmp_path: Path) -> None:
    for name in ("machine", "network", "neopixel"):
        (tmp_path / f"{name}.py").write_text("")
    modules = [re.sub(r"\.py$", "", name).replace("/", ".") for name in firmware_build.manifest_files()]
    own = [name for name in modules if name not in SELDOM and not name.endswith("__init__")]
    (tmp_path / "probe.py").write_text("import micropython\nimport " + ", ".join(own) + "\nmicropython.qstr_info()\n")
    made = firmware_build.compile_tree(tmp_path, tmp_path / "made")
    (tmp_path / "image").write_bytes(rom_image.pack([made, firmware_build.build()]))
    done = subprocess.run(
        [sys.executable, str(ROM_START), str(tmp_path / "image"), "256K", "probe"],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    found = re.search(r"n_qstr=(\d+)", done.stdout)
    assert found, done.stdout + done.stderr
    assert int(found[1]) <= TABLES
