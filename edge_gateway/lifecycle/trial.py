"""A new version on trial: for some minutes the gateway works, but nothing comes about that only its database knows.

While a trial lasts nothing goes to the cloud, so that cabinets forget nothing, and people at the kiosk are asked to
wait a moment before they correct or answer. Whatever comes in comes from the cabinets, who still have it: the version
before, on its own database, asks for it again. The trial ends when whoever began it takes the file away, or by clock.
"""

import os
from pathlib import Path

import msgspec

from edge_gateway.lifecycle.archive import sync_folder
from edge_gateway.lifecycle.ownership import give_to_owner_of

NAME = "update-trial.json"


class Trial(msgspec.Struct, frozen=True):
    """Which version is on trial, and until when at the latest."""

    version: str
    until_ms: int


def begin(data_dir: Path, trial: Trial) -> None:
    """Durable when this returns: the next start of a gateway is on trial."""
    path = data_dir / NAME
    beside = path.with_name(path.name + ".part")
    with beside.open("wb") as file:
        file.write(msgspec.json.encode(trial))
        file.flush()
        os.fsync(file.fileno())
    give_to_owner_of(data_dir, beside)
    beside.rename(path)
    sync_folder(data_dir)


def end(data_dir: Path) -> None:
    """The trial is over, however it went."""
    (data_dir / NAME).unlink(missing_ok=True)


def lasts(data_dir: Path, now_ms: int) -> bool:
    """Whether a trial goes on; a file nobody understands is none, for a gateway must not wait for ever."""
    try:
        return now_ms < msgspec.json.decode((data_dir / NAME).read_bytes(), type=Trial).until_ms
    except (OSError, msgspec.MsgspecError):
        return False
