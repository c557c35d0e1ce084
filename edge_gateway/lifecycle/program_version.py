"""Which Partsbay this is: the version of the package that is installed."""

from importlib import metadata


def program_version() -> str:
    """As the package says it, `0.2.0`; "0" where it runs without being installed."""
    try:
        return metadata.version("partsbay")
    except metadata.PackageNotFoundError:
        return "0"


def in_order(version: str) -> tuple[int, ...]:
    """A version as numbers that can be compared (`ValueError`)."""
    pieces = version.split(".")
    if not 1 <= len(pieces) <= 4 or not all(piece.isascii() and piece.isdigit() for piece in pieces):
        raise ValueError(f"expected a version as 0.2.0, found {version!r}")
    return tuple(map(int, pieces))
