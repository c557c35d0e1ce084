"""A program that migrates a database and is killed on the way, again and again, each time a little later.

It runs as a process of its own, for it forks. The last attempt, in which nobody would be killed any more, is left to
the caller.
"""

import os
import signal
import sys
from itertools import count
from typing import Any

from sqlalchemy import Engine, event

from cloud.database import open_database


def attempt(address: str, statements: int) -> bool:
    """Migrate in a process of its own that is killed before a statement; whether it was."""
    child = os.fork()
    if child == 0:
        left = count(statements, -1)

        def kill(*_about: Any) -> None:
            if next(left) == 0:
                os.kill(os.getpid(), signal.SIGKILL)

        event.listen(Engine, "before_cursor_execute", kill)
        open_database(address).close()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def run(address: str, step: int, last: int) -> None:
    """Kill before every `step`-th of the first `last` statements of a migration that has more.

    It ends with how often it was killed for its exit status.
    """
    sys.exit(sum(attempt(address, statements) for statements in range(5, last, step)))
