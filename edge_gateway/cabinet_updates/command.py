"""`partsbay gateway update-cabinets`: have cabinets run a bundle that somebody brought, without a cloud.

It puts the bundle beside those from the cloud and writes the order into the database; the running gateway finds both
within seconds and hands the bundle over. Which keys count the controllers know; here only what is no bundle is refused.
"""

import hashlib
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TextIO

from edge_gateway import bundle_format, schema
from edge_gateway.cabinet_updates.bundle_folder import BundleFolder
from edge_gateway.settings import Settings

_ORDER = """
insert into firmware_order (cabinet, version, digest, bytes, downgrade, ordered_ms) values (?, ?, ?, ?, ?, ?)
"""


class OrderError(ValueError):
    """The order cannot be taken; the text says what was expected and found."""


def run(settings: Settings, path: Path, cabinets: Sequence[str], out: TextIO, *, downgrade: bool) -> int:
    """Order a bundle for these cabinets (default: all of the settings), or `OrderError`; prints what was ordered."""
    bundle = path.read_bytes()
    header = bundle_format.read(bundle)
    named = list(cabinets) or sorted(settings.cabinets)
    if unknown := [cabinet for cabinet in named if cabinet not in settings.cabinets]:
        known = ", ".join(sorted(settings.cabinets))
        raise OrderError(f"expected cabinets of this gateway ({known}), found {', '.join(unknown)}")
    if not settings.database.exists():
        raise OrderError(f"expected a database at {settings.database}, found none: start the gateway once")
    digest = hashlib.sha256(bundle).hexdigest()
    BundleFolder(settings.data_dir / "bundles").keep(digest, bundle)
    now_ms = time.time_ns() // 1_000_000
    _write(settings, [(cabinet, header.version, digest, len(bundle), int(downgrade), now_ms) for cabinet in named])
    out.write(f"firmware {header.version}, {len(bundle)} bytes, ordered for {', '.join(named)}\n")
    return 0


def _write(settings: Settings, rows: Sequence[tuple[str, str, str, int, int, int]]) -> None:
    with closing(sqlite3.connect(settings.database)) as db:
        schema.check_version(db)
        schema.set_pragmas(db)
        with db:
            db.executemany(_ORDER, rows)
