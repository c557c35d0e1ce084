"""The power of a controller: starts, resets, the prompt, and what is told when it goes."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hardware import boards, firmware_build
from simulator import physics
from simulator.controller_process import ControllerProcess, StartError, build
from simulator.questions import PowerCutError

BOARD = Path(__file__).resolve().parents[2] / "hardware" / "boards" / "esp32s3-w5500-12.json"
PATIENCE_S = 60


class Bench:
    """A controller that runs a script of the test in place of the firmware."""

    def __init__(self, directory: Path, main: str):
        build()
        (directory / "main.py").write_text(main)
        firmware_build.compile_file(directory / "main.py", directory / "app" / "main.mpy", "main.py")
        (directory / "factory").mkdir()
        (directory / "factory" / "board.json").write_text(boards.firmware_json(boards.load(BOARD)))
        (directory / "flash").write_bytes(b"\xff" * 512 * 4096)
        self.directory = directory
        self.heard: list[list[Any]] = []
        self.process = ControllerProcess("256K", directory / "log", self.heard.append, [build()[0], directory / "app"])

    def boot(self, reset_cause: str = "power_on") -> dict[str, Any]:
        return {
            "flash": str(self.directory / "flash"),
            "factory": str(self.directory / "factory"),
            "speed_permille": 20000,
            "ticks_start_ms": 0,
            "cell_class": next(iter(physics.CELL_CLASSES)),
            "seed": 1,
            "run": 1,
            "air": physics.STEADY,
            "steps": False,
            "loads_mg": [0] * 12,
            "lies_mg": [0] * 12,
            "doors": [[False, True]],
            "faults": [],
            "reset_cause": reset_cause,
            "unique_id": "c0ffee",
        }

    async def hears(self, condition: Callable[[list[Any]], bool]) -> list[Any]:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                for message in self.heard:
                    if condition(message):
                        return message
                await asyncio.sleep(0.01)


def play(directory: Path, main: str, scene: Callable[[Bench], Any], factory: dict[str, str] | None = None) -> None:
    """Play a scene with a controller that runs `main`, and has these files more from the factory."""

    async def whole() -> None:
        bench = Bench(directory, main)
        for name, text in (factory or {}).items():
            (directory / "factory" / name).write_text(text)
        try:
            await bench.process.power_on(bench.boot)
            await scene(bench)
        finally:
            await bench.process.stop()

    asyncio.run(whole())


def test_a_reset_is_asked_for_and_its_cause_comes_back(tmp_path: Path) -> None:
    async def scene(bench: Bench) -> None:
        assert await bench.hears(lambda message: message[0] == "reset") == ["reset", "hard"]
        bench.process.power_cut()
        await bench.process.power_on(lambda: bench.boot("watchdog"))
        assert await bench.hears(lambda message: message == ["log", "cause 3 c0ffee"])

    main = """
import machine
from binascii import hexlify
print("cause", machine.reset_cause(), hexlify(machine.unique_id()).decode())
if machine.reset_cause() == machine.PWRON_RESET:
    machine.reset()
"""
    play(tmp_path, main, scene)


def test_a_program_that_fails_leaves_the_prompt_to_the_watchdog(tmp_path: Path) -> None:
    async def scene(bench: Bench) -> None:
        await bench.hears(lambda message: message == ["log", "ValueError: as meant"])
        await bench.hears(lambda message: message[0] == "stopped")
        assert await bench.hears(lambda message: message[0] == "reset") == ["reset", "watchdog"]

    play(tmp_path, 'import machine\nmachine.WDT(timeout=8000)\nraise ValueError("as meant")', scene)


def test_flash_keeps_files_and_the_factory_does_not_overwrite_them(tmp_path: Path) -> None:
    async def scene(bench: Bench) -> None:
        await bench.hears(lambda message: message == ["log", "1 factory"])
        bench.process.power_cut()
        (bench.directory / "factory" / "calibration.json").write_text("newer factory")
        await bench.process.power_on(bench.boot)
        await bench.hears(lambda message: message == ["log", "2 factory"])

    main = """
try:
    count = int(open("count").read())
except OSError:
    count = 0
with open("count", "w") as file:
    file.write(str(count + 1))
print(count + 1, open("calibration.json").read())
"""

    play(tmp_path, main, scene, {"calibration.json": "factory"})


def test_questions_open_at_a_power_cut_are_refused(tmp_path: Path) -> None:
    async def scene(bench: Bench) -> None:
        question = asyncio.create_task(bench.process.ask("sleep", 10_000_000))
        assert (await bench.process.ask("heap"))[0] > 100_000
        bench.process.power_cut()
        with pytest.raises(PowerCutError):
            await question
        with pytest.raises(PowerCutError):
            await bench.process.ask("heap")

    play(tmp_path, "import asyncio\nasyncio.run(asyncio.sleep(1000))", scene)


def test_a_missing_interpreter_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARTSBAY_MICROPYTHON", "/bin/false")

    async def whole() -> None:
        bench = Bench(tmp_path, "")
        with pytest.raises(StartError, match="expected the interpreter to ask for its world"):
            await bench.process.power_on(bench.boot)
        await bench.process.stop()

    asyncio.run(whole())
