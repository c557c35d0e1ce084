"""`partsbay bench PORT`: carries out a tester's plan with a controller on a serial port, and says what passed.

The parts are driven as in commissioning, by the firmware's drivers in the board's memory; weights are by the
calibration in its flash. Afterwards the board starts its own program again.
"""

import json
import math
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from hardware import boards
from hardware.bench import plan as plans
from hardware.bench import trace
from hardware.commissioning import cell_check, words
from hardware.commissioning.refusal import RefusalError
from hardware.commissioning.serial_line import SerialLine
from hardware.commissioning.terminal import Terminal

_READ_CODES = 16
_SETTLE_LOOKS = 60
_SETTLE_SIGMAS = 4
_BADGE_MS = 30_000
_DOOR_MS = 60_000


@dataclass(frozen=True)
class Asked:
    """What the command was told."""

    port: str
    plan: Path | None = None
    record_trace: Path | None = None
    bins: str = ""
    seconds: float = 60.0
    report: Path | None = None
    language: words.Language = "en"


@dataclass(frozen=True)
class Result:
    """What came of a step: whether it passed, and its figures."""

    step: plans.Step
    passed: bool
    figures: dict[str, Any]


def run(asked: Asked, source: TextIO | None = None, out: TextIO | None = None) -> int:
    """Carry out a plan or record a trace: 0 all passed, 1 something did not, 2 it could not be done."""
    terminal = Terminal(asked.language, source, out)
    plan = plans.load(asked.plan) if asked.plan is not None else _tracing(asked)
    terminal.title(asked.port)
    try:
        with SerialLine(asked.port) as line:
            results = Bench(line, terminal).carry_out(plan)
    except RefusalError as error:
        terminal.bad(error.said(asked.language))
        return 2
    return _report(asked, plan, results, terminal)


def _tracing(asked: Asked) -> plans.Plan:
    if asked.record_trace is None:
        raise plans.PlanError("expected --plan or --record-trace, found neither")
    bins = [int(each) for each in asked.bins.split(",") if each.strip()]
    row = {"do": "trace", "bins": bins, "seconds": asked.seconds, "file": str(asked.record_trace)}
    return plans.parse({"step": [row]}, asked.record_trace.stem)


def _report(asked: Asked, plan: plans.Plan, results: list[Result], terminal: Terminal) -> int:
    failed = [each for each in results if not each.passed]
    if asked.report is not None:
        rows = [
            {
                "step": each.step.number,
                "do": each.step.do,
                **each.step.values,
                "passed": each.passed,
                "found": each.figures,
            }
            for each in results
        ]
        content = {"plan": plan.name, "at_ms": time.time_ns() // 1_000_000, "passed": not failed, "steps": rows}
        asked.report.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    key = "bench_bad" if failed else "bench_fine"
    (terminal.note if failed else terminal.fine)(key, failed=len(failed), steps=len(results))
    return 1 if failed else 0


class Bench:
    """A board at its prompt, its devices made and its converters running."""

    def __init__(self, line: SerialLine, terminal: Terminal):
        self._line = line
        self._terminal = terminal
        line.interrupt()
        self._board = self._file("board.json")
        if self._board is None:
            raise RefusalError("not_commissioned")
        self._calibration = self._file("calibration.json") or {}
        locks = (self._file("settings.json") or {}).get("locks", boards.FAIL_SECURE)
        line.begin(self._board | {"locks": locks})
        line.call("start", list(range(1, self._board["bins"] + 1)))

    def _file(self, name: str) -> Any:
        try:
            return json.loads(self._line.read(name) or b"null")
        except ValueError:
            return None

    def carry_out(self, plan: plans.Plan) -> list[Result]:
        """Every step, whatever came of those before; then the board starts its program."""
        results = []
        for at, step in enumerate(plan.steps, 1):
            self._terminal.step(at, len(plan.steps), "bench_step", do=step.do, number=step.number)
            passed, figures = self._does(step.do)(step.values)
            text = ", ".join(f"{key} {value}" for key, value in figures.items())
            if passed:
                self._terminal.fine("bench_found", figures=text)
            else:
                self._terminal.bad(text)
            results.append(Result(step, passed, figures))
        self._line.restart()
        return results

    def _does(self, name: str) -> Callable[[dict[str, Any]], tuple[bool, dict[str, Any]]]:
        return {
            "load": self._load,
            "weigh": self._weigh,
            "noise": self._noise,
            "wait": self._wait,
            "badge": self._badge,
            "open": self._open,
            "shut": self._shut,
            "trace": self._trace,
        }[name]

    # ---- bins ----

    def _load(self, values: dict[str, Any]) -> tuple[bool, dict[str, Any]]:
        asked = {"ask": "load", "bin": values["bin"], "mass_mg": round(values["grams"] * 1000)}
        self._terminal.ask("bench_load", asked=asked, bin=values["bin"], mass=f"{values['grams']:g} g")
        return self._weigh(values)

    def _weigh(self, values: dict[str, Any]) -> tuple[bool, dict[str, Any]]:
        """A bin at rest: two means in a row that differ by no more than their noise explains."""
        before = self._mean(values["bin"])
        for _ in range(_SETTLE_LOOKS):
            now = self._mean(values["bin"])
            noise = _SETTLE_SIGMAS * max(now.deviation, 1.0) / math.sqrt(_READ_CODES)
            if abs(now.mean - before.mean) <= noise:
                break
            before = now
        grams = self._grams(values["bin"], now.mean)
        return abs(grams - values["grams"]) <= values["within_g"], {"grams": round(grams, 2)}

    def _noise(self, values: dict[str, Any]) -> tuple[bool, dict[str, Any]]:
        _, ng_per_count = self._row(values["bin"])
        noise_g = self._mean(values["bin"]).deviation * abs(ng_per_count) / 1e9
        return noise_g <= values["at_most_g"], {"noise_g": round(noise_g, 3)}

    def _mean(self, bin_: int) -> cell_check.Reading:
        (row,) = self._line.call("codes", [bin_], _READ_CODES)
        found = cell_check.reading(row)
        if not found.answered:
            raise RefusalError("bench_silent", bin=bin_)
        return found

    def _grams(self, bin_: int, code: float) -> float:
        zero_counts, ng_per_count = self._row(bin_)
        return (code - zero_counts) * ng_per_count / 1e9

    def _row(self, bin_: int) -> tuple[int, int]:
        row = self._calibration.get(str(bin_))
        if row is None:
            raise RefusalError("bench_uncalibrated", bin=bin_)
        return row[0], row[1]

    def _trace(self, values: dict[str, Any]) -> tuple[bool, dict[str, Any]]:
        bins = values["bins"] or list(range(1, self._board["bins"] + 1))
        counts = trace.record(self._line, bins, values["seconds"], Path(values["file"]))
        return all(counts.values()), {"codes": sum(counts.values()), "file": values["file"]}

    # ---- everything else ----

    def _wait(self, values: dict[str, Any]) -> tuple[bool, dict[str, Any]]:
        self._line.execute(f"import time\ntime.sleep_ms({round(values['seconds'] * 1000)})", values["seconds"] + 20)
        return True, {}

    def _badge(self, values: dict[str, Any]) -> tuple[bool, dict[str, Any]]:
        if self._line.call("badge_reader") is None:
            return False, {"reader": "silent"}
        self._terminal.do("do_badge", asked={"do": "badge"})
        uid = self._line.call("badge", _BADGE_MS, timeout_s=_BADGE_MS / 1000 + 10).upper()
        return bool(uid) and uid == values.get("uid", uid).upper(), {"uid": uid or "-"}

    def _door(self, number: int) -> int:
        numbers = [row["door"] for row in self._board["doors"]]
        if number not in numbers:
            raise RefusalError("bench_no_door", door=number)
        return numbers.index(number)

    def _open(self, values: dict[str, Any]) -> tuple[bool, dict[str, Any]]:
        index = self._door(values["door"])
        self._terminal.do("do_pull", asked={"do": "pull", "door": values["door"]}, door=values["door"])
        free_ms, open_ms, on_ms = self._line.call("draw", index)
        kept = on_ms <= self._board["doors"][index]["lock_ms_max"]
        passed = free_ms is not None and free_ms <= values["within_ms"] and open_ms is not None and kept
        return passed, {"free_ms": free_ms, "open_ms": open_ms, "on_ms": on_ms}

    def _shut(self, values: dict[str, Any]) -> tuple[bool, dict[str, Any]]:
        index = self._door(values["door"])
        self._terminal.do("do_shut", asked={"do": "shut", "door": values["door"]}, door=values["door"])
        contact_ms, _ = self._line.call("wait_door", index, False, None, _DOOR_MS, timeout_s=_DOOR_MS / 1000 + 10)
        _, bolt_ms = self._line.call("wait_door", index, False, True, values["within_ms"])
        return contact_ms is not None and bolt_ms is not None, {"latched_ms": bolt_ms}


def main(asked: Asked) -> int:
    """The command, in a terminal."""
    return run(asked, sys.stdin, sys.stdout)
