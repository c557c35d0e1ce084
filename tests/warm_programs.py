"""Our programs for tests, forked from a process that has imported them already (`simulator/forked_programs.py`).

How one starts from nothing is what `tests/cloud/test_server.py` and `tests/gateway/` look at.
"""

import multiprocessing
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path

from simulator import forked_programs


def start(*arguments: str | Path, log: Path) -> BaseProcess:
    """Start `partsbay` with these arguments; all it writes goes to `log`. Whoever starts it ends it."""
    return forked_programs.start([str(word) for word in arguments], log)


def run(*arguments: str | Path, log: Path) -> str:
    """Run it to its end; what it wrote. Fails when it does not end well."""
    status = _ended(start(*arguments, log=log), 60)
    assert status == 0, log.read_text()
    return log.read_text()


def started(work: Callable[..., None], *arguments: object) -> BaseProcess:
    """A function as a program of its own, forked from the same process. It does not outlive this one's good end."""
    process = multiprocessing.get_context("forkserver").Process(target=work, args=arguments, daemon=True)
    process.start()
    return process


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
