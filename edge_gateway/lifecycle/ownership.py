"""Files that root makes in a folder belong to whoever the folder belongs to: the gateway must be able to use them."""

import os
from pathlib import Path


def give_to_owner_of(folder: Path, *paths: Path) -> None:
    """Nothing to do unless root does it."""
    if os.geteuid() != 0:
        return
    owner = folder.stat()
    for path in paths:
        for each in (path, *path.rglob("*")) if path.is_dir() else (path,):
            os.chown(each, owner.st_uid, owner.st_gid, follow_symlinks=False)
