"""How much a controller's journal holds: sessions of the real encoder in the real journal until new ones are refused.

Nothing is acknowledged meanwhile, as with a gateway that is away. A session is what a mechanic's visit leaves: opened
with the weights of all bins, door opened, door shut, closed with the weights before and after.
"""

import tempfile
from typing import Any

from cabinet.journal import Journal
from cabinet.recording import Recorder

from hardware import boards
from tests.benchmarks.figures import Figure

SESSIONS_A_DAY = 30
UTC_MS = 1_794_873_600_000


class _Clock:
    """A controller three days after its start, to the millisecond of nothing in particular."""

    boot = 12

    def up_ms(self) -> int:
        return 259_200_000

    def utc_ms(self) -> int:
        return UTC_MS


def measure() -> list[Figure]:
    """For each board: bytes a session, and how many sessions and days its journal holds."""
    return [figure for name in boards.cabinets() for figure in _board(boards.load(name))]


def _board(board: dict[str, Any]) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="partsbay-bench-") as folder:
        journal = Journal(folder + "/journal", "cab-1", board["journal_bytes"])
        journal.open(None, None)
        recorder = Recorder(journal, _Clock())
        recorder.record("journal_created", reason="first")
        empty_bytes = journal.free_bytes
        sessions = 0
        while recorder.has_room():
            record_session(recorder, journal, board["bins"], sessions)
            sessions += 1
        used_bytes = empty_bytes - journal.free_bytes
        journal.close()
    name, bins = f"journal of {board['journal_bytes']} bytes", f"{board['bins']} bins"
    return [
        Figure(f"{name}, {bins}: a session", used_bytes / sessions, "bytes"),
        Figure(f"{name}, {bins}: until sessions are refused", sessions, "sessions"),
        Figure(f"{name}, {bins}: at {SESSIONS_A_DAY} sessions a day", sessions / SESSIONS_A_DAY, "days"),
    ]


def record_session(recorder: Recorder, journal: Journal, bins: int, number: int) -> None:
    """One visit: a filter is taken from one bin."""
    mg = [9_412_345 + 1_713 * bin_ for bin_ in range(bins)]
    rows = [[bin_ + 1, mg[bin_], 152, 0] for bin_ in range(bins)]
    recorder.record("session_opened", by="badge", badge="04A1B2C3D4E5F6", person="p-wang", door=1, bins=rows)
    session = journal.last
    journal.snapshot = lambda: {"session": session, "commands": ["5c0d11e9aa01bb02"], "boot": 12}
    recorder.record("door_opened", session=session, door=1)
    recorder.record("door_shut", session=session, door=1)
    taken = number % bins
    after = [each - 612_000 * (bin_ == taken) + 87 for bin_, each in enumerate(mg)]
    changes = [[bin_ + 1, mg[bin_], 152, after[bin_], 149, 0] for bin_ in range(bins)]
    recorder.record("session_closed", session=session, how="shut", missing="", open_ms=21_400, bins=changes)
    journal.snapshot = lambda: {"session": 0, "commands": ["5c0d11e9aa01bb02"], "boot": 12}
