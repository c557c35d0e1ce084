"""Every flash operation of an update, with every tear: the power is cut there, and the board must end on what works."""

import json
import sys
import tempfile
from pathlib import Path

from tests.firmware import update_stories


def run() -> int:
    """1 when one of them ended badly."""
    print("updates: the power cut at every flash operation", flush=True)
    with tempfile.TemporaryDirectory(prefix="partsbay-soak-") as folder:
        found = update_stories.cut(Path(folder), 1)
    print(json.dumps(found, indent=2), flush=True)
    return 1 if any(story["wrong"] for name, story in found.items() if name != "refused") else 0


if __name__ == "__main__":
    sys.exit(run())
