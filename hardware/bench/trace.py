"""Codes of real converters as they come: recorded here as CSV, played back by the simulator in place of its physics.

`t_ms,bin,code,temperature_c`: milliseconds since the recording began, the bin, the converter's code, the controller's
temperature (empty where it has no sensor). A field recording is a test that way.
"""

from collections.abc import Sequence
from pathlib import Path

from hardware.commissioning.serial_line import SerialLine

HEAD = "t_ms,bin,code,temperature_c"


def record(line: SerialLine, bins: Sequence[int], seconds: float, path: Path) -> dict[int, int]:
    """Record bins whose converters run; how many codes came of each."""
    temperature = line.call("temperature")
    text = "" if temperature is None else str(temperature)
    counts = dict.fromkeys(bins, 0)
    rows = []
    for said in line.stream("trace", list(bins), round(seconds * 1000), timeout_s=seconds + 30):
        fields = said.split()
        if len(fields) == 3:
            rows.append(f"{','.join(fields)},{text}")
            counts[int(fields[1])] += 1
    path.write_text("\n".join([HEAD, *rows]) + "\n")
    return counts
