"""`partsbay` programs, forked from one process that has imported them: a cloud imports for seconds and forks at once.

Each is a process of its own all the same, with its own id, session and log; it runs what `python -m partsbay` runs, and
is killed and ends as that does. Only how a program comes up from nothing is not seen this way. None outlives the
process that started it, however that ends: each watches it, and then ends itself.
"""

import multiprocessing
import os
import runpy
import signal
import sys
import threading
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Final

IMPORTED: Final = ("partsbay", "cloud.app", "cloud.pages", "cloud.seed", "edge_gateway.gateway", "alembic.command")
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["simulator.fork_server_session", *IMPORTED])


def start(arguments: list[str], log: Path) -> BaseProcess:
    """Start a program; all it writes goes to the end of `log`. It is asked to end when this process has ended."""
    process = _context.Process(target=_run, args=(arguments, log), daemon=True)
    process.start()
    return process


def _run(arguments: list[str], log: Path) -> None:
    os.setsid()  # Ctrl-C in the terminal ends the shop in order, not all at once
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    with log.open("ab") as output:
        os.dup2(output.fileno(), sys.stdout.fileno())
        os.dup2(output.fileno(), sys.stderr.fileno())
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # a real file, not a stand-in
    sys.argv = ["partsbay", *arguments]
    runpy.run_module("partsbay", run_name="__main__")


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
