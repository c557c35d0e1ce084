"""Files that root makes in a folder belong to whoever the folder belongs to: the gateway must be able to use them."""

import os
from pathlib import Path


def give_to_owner_of(folder: Path, *paths: Path) -> None:
    """Nothing to do unless root does it."""
    give_to(folder.stat(), *paths)


def give_to(owner: os.stat_result, *paths: Path) -> None:
    """The same, to whom something else belongs or belonged."""
    if os.geteuid() != 0:
        return
    for path in paths:
        for each in (path, *path.rglob("*")) if path.is_dir() else (path,):
            os.chown(each, owner.st_uid, owner.st_gid, follow_symlinks=False)
