"""`partsbay cloud migrate`: bring the database up to date apart from a start, or only say whether one would.

A start migrates by itself. An operator who would rather choose the hour, or has several machines on one database,
runs this first, while the programs of before are stopped.
"""

import sys

from cloud import migrations
from cloud.database import database_url, open_database, revision_at
from cloud.schema import copy_beside
from cloud.settings import Settings


def check(settings: Settings) -> int:
    """Say which revision the database has; 0 when this program works with it as it is, 1 when it would migrate."""
    revision = revision_at(settings.database_url)
    if revision == migrations.head():
        _say(f"revision {revision}, which is the newest: nothing to do")
        return 0
    _say(f"revision {revision or 'none, for it is empty'}: a start would make it {migrations.head()}")
    return 1


def migrate(settings: Settings) -> int:
    """Bring the database up to date (`DatabaseError`), say what came of it, and return 0."""
    before = revision_at(settings.database_url)
    open_database(settings.database_url).close()
    if before == migrations.head():
        _say(f"revision {before}, which is the newest: nothing was to do")
        return 0
    _say(f"revision {before or 'none'} became {migrations.head()}")
    if before and (copy := copy_beside(database_url(settings.database_url))):
        _say(f"as it was before: {copy}")
    return 0


def _say(text: str) -> None:
    sys.stdout.write(f"cloud database: {text}\n")
