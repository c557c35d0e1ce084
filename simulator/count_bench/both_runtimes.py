"""The same lives on the board's interpreter: physics and weighing give the same rows there, number for number.

What was done to a cabinet is played again by MicroPython, and what its sessions closed with is compared with what
CPython found. It ends the interpreters it started.
"""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

from simulator.controller_process import interpreter
from simulator.count_bench.bench_cabinet import Chunk, Played, lived

_ROOT = Path(__file__).resolve().parents[2]
_TIMEOUT_S = 600
_PROGRAM = """
import json, sys
from simulator.count_bench.weighed_session import play
print(json.dumps(play(*json.loads(sys.stdin.readline()))))
"""


def differences(chunks: Sequence[Chunk]) -> list[str]:
    """Play the lives again; a line for each session that closed otherwise."""
    found = []
    for chunk in chunks:
        played = lived(chunk)[1]
        theirs = on_micropython(played)
        ours = json.loads(json.dumps(played.closed))
        found += [
            f"{chunk.cell}, cabinet {chunk.number}, session {at}: expected {our} as on CPython, found {their}"
            for at, (our, their) in enumerate(zip(ours, theirs, strict=True))
            if our != their
        ]
    return found


def on_micropython(played: Played) -> list[object]:
    """What the sessions close with there (`RuntimeError` when the interpreter fails)."""
    done = subprocess.run(
        [interpreter(), "-X", "heapsize=16M", "-c", _PROGRAM],
        input=json.dumps(played[:-1]) + "\n",
        env={"MICROPYPATH": f"{_ROOT}:{_ROOT / 'firmware'}:.frozen"},
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_S,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"expected MicroPython to play the sessions, found {done.stderr or done.stdout}")
    closed: list[object] = json.loads(done.stdout)
    return closed
