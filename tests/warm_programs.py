"""Our programs, started from a process that has imported them already: a cloud imports for seconds, and forks at once.

Each program is a process of its own all the same: it has its own id, is ended by it, and ends as `partsbay` ends. How
one starts from nothing is what `tests/cloud/test_server.py` and `tests/end_to_end/` look at.
"""

import multiprocessing
import os
import sys
from multiprocessing.process import BaseProcess
from pathlib import Path

import partsbay

IMPORTED = ["partsbay", "cloud.app", "cloud.pages", "cloud.seed"]
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(IMPORTED)


def start(*arguments: str | Path, log: Path) -> BaseProcess:
    """Start `partsbay` with these arguments; all it writes goes to `log`. Whoever starts it ends it."""
    process = _context.Process(target=_run, args=([str(word) for word in arguments], log))
    process.start()
    return process


def run(*arguments: str | Path, log: Path) -> str:
    """Run it to its end; what it wrote. Fails when it does not end well."""
    status = _ended(start(*arguments, log=log), 60)
    assert status == 0, log.read_text()
    return log.read_text()


def end(process: BaseProcess) -> int:
    """Ask it to end, as `kill` does; its exit status."""
    process.terminate()
    return _ended(process, 20)


def _ended(process: BaseProcess, deadline_s: float) -> int:
    process.join(deadline_s)
    if process.exitcode is None:
        process.kill()
        process.join()
        raise AssertionError(f"expected a program to end within {deadline_s:.0f} s")
    return process.exitcode


def _run(arguments: list[str], log: Path) -> None:
    with log.open("ab", buffering=0) as output:
        os.dup2(output.fileno(), sys.stdout.fileno())
        os.dup2(output.fileno(), sys.stderr.fileno())
    sys.exit(partsbay.main(arguments))
