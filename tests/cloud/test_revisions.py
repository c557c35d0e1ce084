"""Which revisions there are is read from names of files, without Alembic: both must say the same."""

import subprocess
import sys
from pathlib import Path

from alembic.script import ScriptDirectory

from cloud import migrations

OPENS = """
import sys
from cloud.database import open_database
open_database(sys.argv[1]).close()
print(sorted(found for found in sys.modules if found.partition(".")[0] in {"alembic", "mako", "pygments"}))
"""


def test_names_of_files_say_what_alembic_says() -> None:
    [folder] = migrations.__path__
    chain = [script.revision for script in ScriptDirectory(folder).walk_revisions()]
    assert migrations.revisions() == tuple(reversed(chain))
    assert migrations.head() == chain[0]


def test_the_newest_tables_are_opened_without_alembic(tmp_path: Path) -> None:
    """It takes longer to import than all else that opening a database does."""
    address = f"sqlite:///{tmp_path / 'cloud.db'}"
    found = [
        subprocess.run([sys.executable, "-c", OPENS, address], capture_output=True, text=True, check=True).stdout
        for _ in ("made", "opened")
    ]
    assert "alembic.command" in found[0]
    assert found[1].strip() == "[]"
