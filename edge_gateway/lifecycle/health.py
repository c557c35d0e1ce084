"""How a running gateway says that it is well: `/healthz` of the kiosk's server, one JSON object without secrets.

200 when everything works, 503 with the reason when not. It says what it is and whom it has heard; what is wrong with
one cabinet is no reason to call the gateway ill.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec

from edge_gateway import schema
from edge_gateway.lifecycle.program_version import program_version


class Health(msgspec.Struct, frozen=True):
    """`cabinets`: when each was last heard, milliseconds since 1970. `trouble` is "" when all is well."""

    gateway: str
    version: str
    schema: int
    trial: bool
    trouble: str
    cabinets: dict[str, int] = {}


def health_of(gateway: str, database: Path, *, trial: bool, trouble: str) -> Health:
    """The gateway's health; a database that cannot be read is trouble."""
    try:
        with closing(schema.open_for_reading(str(database))) as db:
            (version,) = db.execute("pragma user_version").fetchone()
            heard = {row[0]: row[1] for row in db.execute("select cabinet, heard_ms from controller_status")}
    except sqlite3.Error as error:
        return Health(gateway, program_version(), 0, trial, f"expected a database that can be read, found: {error}")
    return Health(gateway, program_version(), version, trial, trouble, heard)
