"""`partsbay simulate`, run after run, each forked from one process that has imported everything.

Importing cloud and gateway takes as much as half a day of a shop that is played. `played` starts that process; in it
every run has a process of its own and the words of the command line. A protection may be taken out of a run: its
function gets the code it has without, or its controllers the firmware that is compiled from the file without.
"""

import gc
import importlib
import json
import os
import subprocess
import sys
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

from hardware import firmware_build
from tests.simulation.mutations import MUTATIONS, ROOT, Mutation, source_without

_NAME = "tests.simulation.forked_runs"


@dataclass(frozen=True)
class Played:
    """What came of a run; `report` is empty where none was written."""

    status: int
    printed: str
    complaint: str  # what it wrote to stderr
    report: dict[str, Any]
    folder: Path  # with databases, flashes, logs and the trace, in `kept`


def played(folder: Path, *asked: tuple[str, ...], without: tuple[str, ...] = ()) -> list[Played]:
    """Play what is asked for, in this order; `without` names the protection each of the first has not."""
    runs = []
    for number, words in enumerate(asked):
        place = folder / str(number)
        place.mkdir()
        kept = ("--json", str(place / "report.json"), "--dir", str(place / "kept"))
        runs.append([str(place), without[number] if number < len(without) else "", "simulate", *words, *kept])
    ran = subprocess.run(
        [sys.executable, "-m", _NAME],
        input=json.dumps(runs),
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    if ran.returncode:
        raise AssertionError(f"expected every run to end, found {ran.stdout[-1000:]}{ran.stderr[-2000:]}")
    statuses = json.loads(ran.stdout)
    return [_outcome(folder / str(number), status) for number, status in enumerate(statuses)]


def _outcome(place: Path, status: int) -> Played:
    path = place / "report.json"
    report = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return Played(status, (place / "out").read_text(), (place / "err").read_text(), report, place)


# ---- in the process that forks ----


def main() -> int:
    """Play the runs that stdin names, `[folder, protection, word, ...]` each; their statuses as JSON."""
    runs = json.load(sys.stdin)
    importlib.import_module("simulator.fault_plan")  # and with it all that a shop is made of
    statuses = []
    for place, protection, *words in runs:
        child = os.fork()
        if child == 0:
            os._exit(_run(Path(place), protection, words))
        statuses.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    sys.stdout.write(json.dumps(statuses))
    return 0


def _run(place: Path, protection: str, words: list[str]) -> int:
    for stream, name in ((sys.stdout, "out"), (sys.stderr, "err")):
        with (place / name).open("wb") as file:
            os.dup2(file.fileno(), stream.fileno())
    try:
        for mutation in MUTATIONS:
            if mutation.name == protection:
                take_out(mutation, place)
        return int(importlib.import_module("partsbay").main(words))
    except BaseException:
        traceback.print_exc()
        return 70
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


def take_out(mutation: Mutation, place: Path) -> None:
    """Let this process go on without a protection."""
    changed = source_without(mutation)
    if mutation.path.startswith("firmware/"):
        _compile_instead(ROOT / mutation.path, changed, place)
        return
    new = {code.co_qualname: code for code in _codes(compile(changed, str(ROOT / mutation.path), "exec"))}
    importlib.import_module(mutation.path.removesuffix(".py").replace("/", "."))
    replaced = 0
    for each in gc.get_objects():
        if isinstance(each, FunctionType) and each.__code__.co_filename == str(ROOT / mutation.path):
            code = new.get(each.__code__.co_qualname)
            if code is not None and _shape(code) != _shape(each.__code__):
                each.__code__ = code
                replaced += 1
    if not replaced:
        raise AssertionError(f"expected {mutation.name!r} in a function of {mutation.path}, found none that changed")


def _compile_instead(source: Path, changed: str, place: Path) -> None:
    """Have `changed` compiled where `source` would be, into a folder of this run."""
    compile_file = firmware_build.compile_file
    other = place / source.name
    other.write_text(changed, encoding="utf-8")

    def compile_other(path: Path, *arguments: Any, **how: Any) -> Any:
        return compile_file(other if path == source else path, *arguments, **how)

    firmware_build.BUILD = place / "build"
    firmware_build.compile_file = compile_other


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for const in code.co_consts:
        if isinstance(const, CodeType):
            yield from _codes(const)


def _shape(code: CodeType) -> tuple[Any, ...]:
    """What a function does, wherever in its file it stands."""
    consts = tuple(_shape(const) if isinstance(const, CodeType) else const for const in code.co_consts)
    return code.co_code, code.co_names, consts


if __name__ == "__main__":
    sys.exit(main())
