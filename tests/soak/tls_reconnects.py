"""`python -m tests.soak.tls_reconnects [count]`: a controller connects over TLS so often (200), in a heap of 128 KB.

Once with TLS in the heap and once with it outside; JSON comes and goes between. 1 when a connection did not come about,
or when the process holds more memory after all of them than after the first tenth.
"""

import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from tests.firmware.reconnecting import INSIDE, OUTSIDE, reconnect

COUNT = 200
GROWTH_KB_MAX = 256  # libc's own comings and goings


def main(count: int = COUNT) -> int:
    """Both, one after the other."""
    status = 0
    for where in (OUTSIDE, INSIDE):
        with tempfile.TemporaryDirectory(prefix="partsbay-tls-") as folder:
            few = reconnect(_made(Path(folder) / "few"), max(1, count // 10), where)
            found = reconnect(_made(Path(folder) / "all"), count, where)
        grown_kb = found.resident_kb - few.resident_kb
        print(f"TLS {where[0]} a heap of {where[1]}:", json.dumps(asdict(found)), f"grown by {grown_kb} KB", flush=True)
        status |= found.attempts != count or found.connects != count or grown_kb > GROWTH_KB_MAX
    return status


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
