"""`partsbay commission PORT`: from a box of boards to a cabinet that works, step by step.

Every step can be done again; what is done is kept in a file beside the record after each, so that a pulled cable, a
power cut or an evening does not cost more than the step that was under way. Read `Commissioning.steps` first.
"""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from hardware import boards, lock_checks
from hardware.commissioning import (
    calibrating,
    cell_classes,
    identity_files,
    installation,
    part_tests,
    progress,
    record,
    words,
)
from hardware.commissioning.cell_check import Finding, finding_of
from hardware.commissioning.progress import Progress
from hardware.commissioning.refusal import RefusalError
from hardware.commissioning.serial_line import SerialLine
from hardware.commissioning.terminal import Terminal

_MICROPYTHON_MIN = (1, 24)
_MPY = 6


@dataclass(frozen=True)
class Asked:
    """What the command was told; empty: nothing was said."""

    port: str
    language: words.Language = "en"
    board: str = ""
    cells: str = "c3-10kg"
    cabinet: str = ""
    gateway: str = ""
    code: str = ""
    settings: Path | None = None
    bundle: Path | None = None
    keys: Path | None = None
    masses: str = ""
    certificates: str = ""
    who: str = ""
    temperature: str = ""
    bin: int = 0
    resume: bool = False
    record: Path | None = None
    watch: float = 5.0  # for how many seconds its start is watched


def run(asked: Asked, source: TextIO | None = None, out: TextIO | None = None) -> int:
    """Commission a board; 0 all is well, 1 something is to be mended, 2 it could not go on, 130 it was stopped."""
    terminal = Terminal(asked.language, source, out)
    terminal.title(asked.port)
    try:
        with SerialLine(asked.port) as line:
            return Commissioning(asked, terminal, line).run()
    except RefusalError as error:
        terminal.bad(error.said(asked.language))
        return 2
    except KeyboardInterrupt:
        terminal.note("stopped")
        return 130


class Commissioning:
    """One run of the command."""

    def __init__(self, asked: Asked, terminal: Terminal, line: SerialLine):
        self._asked = asked
        self._terminal = terminal
        self._line = line
        self._cells = _class_of(asked.cells)
        self._about: dict[str, Any] = {}
        self._board: dict[str, Any] = {}
        self._title_zh = ""
        self._progress: Progress
        self._others: dict[str, list[Finding]] = {}  # by step: what is wrong elsewhere, when only one bin is done anew

    def run(self) -> int:
        """All steps that are not done yet; the exit status."""
        self._recognise()
        steps = self.steps()
        for number, (name, key, values, action) in enumerate(steps, 1):
            self._terminal.step(number, len(steps), key, **values)
            if self._is_behind(name):
                self._terminal.fine("done_before")
                continue
            self._progress.forget(name)
            figures, findings = action()
            for each in findings:
                self._terminal.found(each)
            self._progress.finish(name, figures, [*findings, *self._others.get(name, [])])
        return self._conclude()

    def _is_behind(self, name: str) -> bool:
        """Whether a step is done, and well: `--resume` does what had a finding once more."""
        if name in ("write", "start") or not self._progress.done(name):
            return False
        if self._asked.bin:  # it was not asked for
            return True
        kind, _, number = name.partition("/")
        return not self._progress.findings[name] and (kind != "bin" or number in self._progress.bins)

    def steps(self) -> list[tuple[str, str, dict[str, Any], Callable[[], part_tests.Found]]]:
        """Name in the record, title, its places, and what is done."""
        line, terminal, bins, locks = self._line, self._terminal, self._board["bins"], self._board["locks"]
        found: list[Any] = [
            ("install", "step_install", {}, self._install),
            ("identity", "step_identity", {}, self._identify),
            ("muxes", "step_muxes", {}, lambda: part_tests.muxes(line, terminal, bins)),
            ("rest", "step_rest", {}, self._rest),
            ("lights", "step_lights", {}, lambda: part_tests.lights(line, terminal, bins)),
        ]
        for index, row in enumerate(self._board["doors"]):
            test = lambda index=index, row=row: part_tests.door(line, terminal, index, row, locks)  # noqa: E731
            found.append((f"door/{row['door']}", "step_door", {"door": row["door"]}, test))
        found.append(("badge", "step_badge", {}, lambda: part_tests.badge(line, terminal)))
        if "tags" in self._board:
            found.append(("tags", "step_tags", {}, lambda: part_tests.tags(line, terminal)))
        found += [
            ("network", "step_network", {}, self._network),
            ("clock", "step_clock", {}, lambda: part_tests.clock(line, terminal)),
        ]
        for bin_ in range(1, bins + 1):
            found.append((f"bin/{bin_}", "step_bin", {"bin": bin_}, lambda bin_=bin_: self._calibrate(bin_)))
        found += [("write", "step_write", {}, self._write), ("start", "step_start", {}, self._start)]
        return found

    # ---- who is there ----

    def _recognise(self) -> None:
        """The board and its interpreter, the record that belongs to it, and what is to be done anew."""
        self._line.interrupt()
        self._about = self._line.call("about")
        self._check_interpreter()
        self._terminal.fine("found_board", **self._about)
        held = self._held("board.json")
        board = boards.load(self._which_board(held))
        self._board, self._title_zh = boards.firmware_view(board), str(board.get("title_zh", ""))
        if "mux_first" not in self._board and "rs485" not in self._board:
            raise RefusalError("shelf_board", board=self._board["name"])
        if self._board["micropython"] not in (self._about["build"], self._about["build"].split("-")[0]):
            raise RefusalError(
                "wrong_build",
                board=self._board["name"],
                expected=self._board["micropython"],
                found=self._about["build"],
            )
        self._board["locks"] = self._which_locks(board)
        self._progress = self._open_progress()
        self._line.begin(self._board)
        self._line.call("start", list(range(1, self._board["bins"] + 1)))

    def _check_interpreter(self) -> None:
        about = self._about
        if about["name"] != "micropython":
            raise RefusalError("not_micropython", found=about["name"])
        version = tuple(int(part) for part in about["version"].split(".")[:2])
        if version < _MICROPYTHON_MIN or about["mpy"] != _MPY:
            raise RefusalError("old_micropython", found=about["version"], build=self._asked.board or "ESP32_GENERIC_S3")

    def _which_board(self, held: dict[str, Any] | None) -> str | Path:
        """The board's name, or its file when it is somebody's own."""
        if self._asked.board.endswith(".json"):
            return Path(self._asked.board)
        name = self._asked.board or (held or {}).get("name", "")
        if not name:
            raise RefusalError("no_board", boards=", ".join(boards.cabinets()))
        return str(name)

    def _which_locks(self, board: boards.Board) -> str:
        """What its doors shall do without power; refused when a lock of the board is not made for that."""
        locks = identity_files.locks_of(self._asked, self._cabinet(), self._held("settings.json"), board)
        for misfit in lock_checks.misfits(board, locks):
            raise RefusalError(misfit.cause, **misfit._asdict())
        return locks

    def _held(self, name: str) -> dict[str, Any] | None:
        """A JSON file that the board already holds."""
        try:
            found = json.loads(self._line.read(name) or b"null")
        except ValueError:
            return None
        return found if isinstance(found, dict) else None

    def _cabinet(self) -> str:
        """Which cabinet this is to be, or is."""
        told = identity_files.cabinet_of(self._asked.settings) if self._asked.settings else self._asked.cabinet
        found = told or (self._held("settings.json") or {}).get("cabinet", "")
        if not found:
            raise RefusalError("no_identity")
        return str(found)

    def _open_progress(self) -> Progress:
        cabinet = self._cabinet()
        folder = self._asked.record or Path("commissioning") / cabinet
        path = folder / "progress.json"
        if not (self._asked.resume or self._asked.bin):
            return Progress(path, self._description(cabinet))
        found = progress.load(path)
        if self._asked.resume and found.about["unique_id"] != self._about["unique_id"]:
            raise RefusalError("other_board", expected=found.about["unique_id"], found=self._about["unique_id"])
        if self._asked.bin:
            self._begin_again(found, self._asked.bin)
        return found

    def _begin_again(self, found: Progress, bin_: int) -> None:
        """One bin anew: everything else stays as it was."""
        if not 1 <= bin_ <= self._board["bins"]:
            raise RefusalError("no_bin", bins=self._board["bins"], found=bin_, bin=bin_)
        row = found.bins.pop(str(bin_), None)
        if row:
            found.earlier.append({"bin": bin_, **row})
        for rows in found.findings.values():
            rows[:] = [row for row in rows if (row["where"], row["number"]) != ("bin", bin_)]
        found.about |= {key: value for key, value in self._description(found.about["cabinet"]).items() if value}
        self._others["rest"] = [finding_of(row) for row in found.findings.get("rest", ())]
        for step in ("muxes", "rest", f"bin/{bin_}"):
            found.forget(step)

    def _description(self, cabinet: str) -> dict[str, Any]:
        asked = self._asked
        return {
            "cabinet": cabinet,
            "board": self._board["name"],
            "title": self._board["title"],
            "title_zh": self._title_zh,
            "bins": self._board["bins"],
            "locks": self._board["locks"],
            **{key: self._about[key] for key in ("unique_id", "machine", "version", "build")},
            "cells": self._cells.name,
            "masses_mg": list(self._masses_mg()),
            "certificates": [each.strip() for each in asked.certificates.split(",") if each.strip()],
            "who": asked.who,
            "temperature": asked.temperature,
            "began_ms": time.time_ns() // 1_000_000,
        }

    def _masses_mg(self) -> tuple[int, int]:
        """The two masses, the smaller first."""
        if not self._asked.masses:
            return self._cells.masses_mg
        most = self._cells.capacity_mg
        try:
            half, full = (round(float(each) * 1000) for each in self._asked.masses.split(","))
        except ValueError:
            half = full = 0
        if not most // 100 <= half < full <= most:
            raise RefusalError("bad_masses", most=most // 1000, found=self._asked.masses)
        return half, full

    # ---- steps ----

    def _install(self) -> part_tests.Found:
        if not (self._asked.bundle and self._asked.keys):
            raise RefusalError("no_bundle")
        self._forget_other_cabinet()
        program = installation.load(self._asked.bundle, self._asked.keys)
        done = installation.install(self._line, program, lambda path: self._terminal.note("wrote", path=path))
        figures = {
            "firmware": program.version, "files": done.files, "written": done.written, "removed": len(done.removed),
        }  # fmt: skip
        self._terminal.fine("installed", **figures)
        self._progress.about["firmware"] = program.version
        return figures, []

    def _forget_other_cabinet(self) -> None:
        """A board that was another cabinet gives up its journal, if the technician agrees."""
        found = (self._held("settings.json") or {}).get("cabinet", "")
        if not found or found == self._progress.about["cabinet"]:
            return
        typed = self._terminal.ask("other_cabinet", asked={"ask": "other_cabinet", "cabinet": found}, found=found)
        if typed != found:
            raise RefusalError("not_agreed", found=found)
        installation.forget_cabinet(self._line)

    def _identify(self) -> part_tests.Found:
        files = identity_files.make(
            self._asked, self._progress.about["cabinet"], self._held("settings.json"), self._board["locks"]
        )
        installation.write_checked(self._line, "board.json", boards.firmware_json(self._board).encode())
        for name, data in files.contents.items():
            installation.write_checked(self._line, name, data)
        self._terminal.fine("identified", cabinet=files.cabinet, host=files.host, port=files.port)
        if files.serial:
            self._terminal.fine("enrolled", serial=files.serial, until=files.until, authority=files.authority)
        return {"host": files.host, "port": files.port, "serial": files.serial, "until": files.until}, []

    def _network(self) -> part_tests.Found:
        settings = self._held("settings.json") or {}
        return part_tests.network(self._line, self._terminal, settings["broker_host"], settings["broker_port"])

    def _bench(self) -> calibrating.Bench:
        half, full = self._progress.about["masses_mg"]
        return calibrating.Bench(self._line, self._terminal, self._cells, (half, full))

    def _unmeasured(self) -> set[int]:
        return part_tests.unmeasured(self._progress.all_findings(), self._board["bins"])

    def _looked_at(self) -> list[int]:
        """Bins whose cells say something that can be trusted."""
        silent = {
            each.number for each in self._progress.all_findings() if each.where == "bin" and each.cause in _SILENT
        }
        return [bin_ for bin_ in range(1, self._board["bins"] + 1) if bin_ not in silent | self._unmeasured()]

    def _rest(self) -> part_tests.Found:
        only = self._asked.bin
        bins = [bin_ for bin_ in self._looked_at() if only in (0, bin_)]
        if not bins:
            return None, []
        key, asked = ("do_empty_bin", {"ask": "empty", "bin": only}) if only else ("do_empty", {"ask": "empty"})
        self._terminal.ask(key, asked=asked, bin=only)
        return calibrating.rest(self._bench(), bins)

    def _calibrate(self, bin_: int) -> part_tests.Found:
        self._progress.bins.pop(str(bin_), None)
        if bin_ in self._progress.faulty_bins() - self._lit_wrong() or bin_ in self._unmeasured():
            self._terminal.note("bin_skipped")
            return None, []
        row, findings = calibrating.calibrate(self._bench(), bin_, self._looked_at())
        if row is not None:
            self._progress.bins[str(bin_)] = row
        return None, findings

    def _lit_wrong(self) -> set[int]:
        """Bins of which nothing is wrong but the light."""
        rows = [each for each in self._progress.all_findings() if each.where == "bin"]
        return {each.number for each in rows} - {each.number for each in rows if each.cause != "light_wrong"}

    def _write(self) -> part_tests.Found:
        rows = {bin_: [row["zero_counts"], row["ng_per_count"]] for bin_, row in self._progress.bins.items()}
        ordered = {bin_: rows[bin_] for bin_ in sorted(rows, key=int)}
        installation.write_checked(self._line, "calibration.json", json.dumps(ordered).encode())
        self._terminal.fine("written", count=len(rows))
        return {"bins": len(rows)}, []

    def _start(self) -> part_tests.Found:
        self._line.restart()
        said = self._line.said(self._asked.watch)
        if "Traceback" in said or ">>>" in said:
            raise RefusalError("no_start", said=said.strip().splitlines()[-1][-200:])
        self._terminal.fine("started")
        return None, []

    def _conclude(self) -> int:
        findings = self._progress.all_findings()
        paths = record.write(self._progress)
        for each in findings:
            self._terminal.found(each)
        if findings:
            self._terminal.note("result_bad", count=len(findings))
        else:
            self._terminal.fine("result_fine")
        for path in paths:
            self._terminal.note("record_at", path=path)
        return 1 if findings else 0


_SILENT = ("dead", "rail", "stuck", "adrift", "noisy")


def _class_of(name: str) -> cell_classes.CellClass:
    if name not in cell_classes.CLASSES:
        raise ValueError(f"expected a class of cells of {', '.join(cell_classes.CLASSES)}, found {name}")
    return cell_classes.CLASSES[name]


def main(asked: Asked) -> int:
    """The command, in a terminal."""
    return run(asked, sys.stdin, sys.stdout)


__all__ = ("Asked", "Finding", "main", "run")
