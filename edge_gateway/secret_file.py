"""A file that only its owner may read."""

import os
from pathlib import Path


def write_secret(path: Path, text: str) -> None:
    """Write it beside and rename, so that whoever reads it meanwhile reads a whole one."""
    beside = path.with_name(path.name + ".new")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    beside.replace(path)
