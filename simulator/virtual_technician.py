"""A technician at a virtual cabinet: starts a command of ours, reads what it asks for, and does it with her hands.

She sees what a person sees: requests (`? {...}`), findings (`! {...}`) and which lights come on. She makes mistakes
only when `habits` says so, by request.
"""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from simulator.serial_board import SerialBoard

BADGE = "04a1b2c3d4e5f6"
_PULL_MS = 60_000  # she stays at the door, and holds her badge there, until the program comes to it
_BADGE_MS = 30_000
ROOT = Path(__file__).resolve().parents[1]
Habit = Callable[[dict[str, Any]], Awaitable[str | None]]


class VirtualTechnician:
    """At one board; `findings` and `said` of the last command."""

    def __init__(self, board: SerialBoard):
        self.board = board
        self.findings: list[dict[str, Any]] = []
        self.said: list[str] = []
        self.asked: list[dict[str, Any]] = []
        self.habits: dict[str, Habit] = {}
        self._lit: list[int] = []
        self._process: asyncio.subprocess.Process | None = None
        board.observers.append(self._watch)

    async def run(self, *arguments: str, stop_at: Callable[[dict[str, Any]], bool] | None = None) -> int:
        """Run `partsbay` with these arguments; its exit status. `stop_at`: end it dead when it asks for this."""
        self.findings, self.said, self.asked = [], [], []
        process = self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "partsbay", *arguments, cwd=ROOT, stdin=-1, stdout=-1, stderr=-2
        )
        assert process.stdout is not None  # noqa: S101 - asked for
        try:
            while data := await process.stdout.readline():
                line = data.decode().rstrip("\n")
                self.said.append(line)
                if line.startswith("! "):
                    self.findings.append(json.loads(line[2:]))
                elif line.startswith("? "):
                    asked = json.loads(line[2:])
                    self.asked.append(asked)
                    if stop_at and stop_at(asked):
                        process.kill()
                    else:
                        await self._do(asked)
            return await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()

    # ---- what she does ----

    async def _do(self, asked: dict[str, Any]) -> None:
        name = asked.get("do") or asked["ask"]
        answer = await self.habits[name](asked) if name in self.habits else await getattr(self, f"_{name}")(asked)
        if "ask" in asked:
            self._answer(answer or "")

    def _answer(self, line: str) -> None:
        assert self._process is not None and self._process.stdin is not None  # noqa: S101 - it asks
        self._process.stdin.write(line.encode() + b"\n")

    async def _load(self, asked: dict[str, Any]) -> None:
        """Masses are put on by hand, and come to rest."""
        await self.board.set_load(asked["bin"], asked["mass_mg"])

    async def _empty(self, asked: dict[str, Any]) -> str:
        for bin_ in [asked["bin"]] if "bin" in asked else range(1, self.board.bins + 1):
            if self.board.mass_mg(bin_):
                await self.board.set_load(bin_, 0)
        return ""

    async def _is_on(self, _: dict[str, Any]) -> str:
        return "y"

    async def _lights(self, _: dict[str, Any]) -> str:
        """Bins whose light did not come on in its turn."""
        seen, self._lit = self._lit, []
        return " ".join(str(bin_) for bin_ in range(1, self.board.bins + 1) if bin_ not in seen)

    async def _pull(self, asked: dict[str, Any]) -> None:
        await self.board.open_when_unlocked(asked["door"], _PULL_MS)

    async def _shut(self, asked: dict[str, Any]) -> None:
        await self.board.shut_door(asked["door"])

    async def _badge(self, _: dict[str, Any]) -> None:
        await self.board.present_badge(BADGE, for_ms=_BADGE_MS, more_ms=300)

    def _watch(self, name: str, values: tuple[Any, ...]) -> None:
        if name == "light" and any(values[1:]):
            self._lit.append(values[0])
