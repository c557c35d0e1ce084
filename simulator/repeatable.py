"""Sets of texts are walked in the order of their hashes: a run that must be the same again has hashes that are."""

import os
import sys


def begin_repeatable(module: str) -> None:
    """Begin this program, `python -m module …`, anew with hashes that are always the same, unless it has them.

    To be called before anything is imported that takes its time: it would be imported twice.
    """
    if os.environ.get("PYTHONHASHSEED") != "0":
        os.execve(  # noqa: S606 - the same program, by its own name
            sys.executable, [sys.executable, "-m", module, *sys.argv[1:]], os.environ | {"PYTHONHASHSEED": "0"}
        )
