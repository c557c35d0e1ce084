"""The gateway as its first release had it: what stands in shops, and must be got on with."""

import tarfile
from pathlib import Path

ARCHIVE = Path(__file__).parent / "kept_programs" / "gateway-0.1.0.tar.gz"


def unpack(folder: Path) -> None:
    """Its sources, into a folder."""
    with tarfile.open(ARCHIVE) as kept:
        kept.extraction_filter = getattr(tarfile, "data_filter", None)  # Debian 12's own Python knows no filters
        kept.extractall(folder)  # noqa: S202 - our own archive
