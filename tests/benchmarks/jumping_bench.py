"""One cabinet of 12 bins on a clock that jumps over idle time: virtual seconds per second of processor time.

Everything is inside the controller's process: no socket, no host, no broker but a few lines that answer. What is
measured is the firmware, its fakes, and the broker's lines.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from hardware import boards, firmware_build, rom_image
from simulator import physics
from simulator.controller_process import ROM_START, build
from simulator.whole_shop import BOARDS
from tests.benchmarks.figures import Figure
from tests.simulation.listener import ACCESS_KEY, MECHANIC, access_list

SOURCES = Path(__file__).resolve().parent / "jumping_cabinet"
BOARD = BOARDS / "esp32s3-w5500-12.json"
SETTLED_MS = 600_000
REST_MS = 12 * 3_600_000
OPEN_MS = 60_000
DAY_S = 86400
LOADS_MG = 2_000_000


def measure(folder: Path) -> list[Figure]:
    """At rest, connected and not, and with the door open."""
    connected = run(folder / "connected", reachable=True)
    alone = run(folder / "alone", reachable=False)
    return [
        Figure("12 bins at rest: virtual seconds a CPU second", _speed(connected["rest"]), "s"),
        Figure("12 bins at rest: CPU seconds a day", DAY_S / _speed(connected["rest"]), "s"),
        Figure("the same without a broker", DAY_S / _speed(alone["rest"]), "s"),
        Figure("12 bins, door open: virtual seconds a CPU second", _speed(connected["open"]), "s"),
    ]


def run(folder: Path, reachable: bool) -> dict[str, tuple[int, int]]:
    """Play the scene; (virtual ms, processor us) of its parts."""
    (folder / "compiled").mkdir(parents=True)
    firmware_build.compile_tree(SOURCES, folder / "compiled")
    (folder / "image").write_bytes(rom_image.pack([folder / "compiled", *build()]))
    (folder / "scene").write_text(json.dumps(_scene(folder, reachable)))
    ran = subprocess.run(
        [sys.executable, str(ROM_START), str(folder / "image"), "256K", "jumping_cabinet", str(folder / "scene")],
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    lines = [line.split() for line in ran.stdout.splitlines()]
    return {words[0]: (int(words[1]), int(words[2])) for words in lines if len(words) == 3}


def _speed(part: tuple[int, int]) -> float:
    virtual_ms, processor_us = part
    return virtual_ms * 1000 / max(10_000, processor_us)


def _scene(folder: Path, reachable: bool) -> dict[str, Any]:
    return {
        "reachable": reachable,
        "settled_ms": SETTLED_MS,
        "rest_ms": REST_MS,
        "open_ms": OPEN_MS,
        "badge": MECHANIC,
        "boot": _boot(folder),
    }


def _boot(folder: Path) -> dict[str, Any]:
    """What `VirtualCabinet` tells its controller, with the access list in flash already."""
    bins = json.loads(BOARD.read_text())["bins"]
    factory = folder / "factory"
    factory.mkdir()
    login = {"cabinet": "cab-1", "username": "cab-1", "password": "none", "access_key": ACCESS_KEY}
    cells = physics.Cells("c3-10kg", bins, 1)
    calibration = {str(bin_ + 1): cells.calibration(bin_) for bin_ in range(bins)}
    (factory / "board.json").write_text(boards.firmware_json(boards.load(BOARD)))
    (factory / "settings.json").write_text(json.dumps({**login, "broker_host": "127.0.0.1", "broker_port": 1883}))
    (factory / "calibration.json").write_text(json.dumps(calibration))
    (factory / "access").write_bytes(access_list("cab-1"))
    (folder / "flash").write_bytes(b"\xff" * 4096 * 512)
    return {
        "flash": str(folder / "flash"),
        "factory": str(factory),
        "speed_permille": 1000,
        "ticks_start_ms": 0,
        "cell_class": "c3-10kg",
        "seed": 1,
        "run": 1,
        "air": physics.CYCLE,
        "steps": True,
        "loads_mg": [LOADS_MG] * bins,
        "lies_mg": [0] * bins,
        "doors": [[False, True]],
        "faults": [],
        "reset_cause": "power_on",
        "unique_id": "00" * 6,
    }
