"""`partsbay cloud operator EMAIL`: whoever may use the server's own command line says who runs the cloud."""

import sys

from cloud.clock import wall_clock_ms
from cloud.database import open_database
from cloud.people.dealers import make_operator
from cloud.people.links import LASTS_MS, PATHS
from cloud.settings import Settings

MINUTE_MS = 60_000


def add(settings: Settings, email: str) -> int:
    """Make somebody an operator, print how to choose a password, and return 0 (`RefusedError`)."""
    database = open_database(settings.database_url)
    try:
        with database.writing() as session:
            made = make_operator(session, email, wall_clock_ms())
    finally:
        database.close()
    if made is None:
        sys.stdout.write(f"cloud operator {email}: signs in with the password they have\n")
        return 0
    base = settings.public_url or f"http://{settings.host}:{settings.port}"
    minutes = LASTS_MS["reset"] // MINUTE_MS
    sys.stdout.write(f"cloud operator {made.email}: choose a password within {minutes} minutes\n")
    sys.stdout.write(f"{base}{PATHS['reset']}{made.code}\n")
    return 0
