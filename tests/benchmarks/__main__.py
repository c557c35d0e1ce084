"""`make bench`: every figure, each as a ratio to a limit measured in the same run. Nothing is asserted."""

import json
import os
import platform
import sys
from dataclasses import asdict
from pathlib import Path

from tests.benchmarks import (
    backtest_bench,
    firmware_bench,
    gateway_bench,
    import_bench,
    ingest_bench,
    journal_bench,
    kiosk_search_bench,
    page_bench,
    planning_bench,
    revocation_bench,
    rounds_bench,
    search_bench,
    signature_bench,
    simulation_bench,
    tls_bench,
    token_bench,
)
from tests.benchmarks.figures import Figure

BENCHES = {
    "gateway": gateway_bench,
    "ingest": ingest_bench,
    "firmware": firmware_bench,
    "journal": journal_bench,
    "simulation": simulation_bench,
    "kiosk_search": kiosk_search_bench,
    "search": search_bench,
    "import": import_bench,
    "pages": page_bench,
    "backtest": backtest_bench,
    "rounds": rounds_bench,
    "planning": planning_bench,
    "tls": tls_bench,
    "signatures": signature_bench,
    "revocation": revocation_bench,
    "tokens": token_bench,
}
REPORT = Path("build/bench.json")


def main(wanted: list[str]) -> int:
    """Run the benches named, or all; write `build/bench.json`."""
    unknown = sorted(set(wanted) - set(BENCHES))
    if unknown:
        print(f"expected benches among {', '.join(BENCHES)}, found {', '.join(unknown)}", file=sys.stderr)
        return 2
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    figures: list[Figure] = []
    for name in wanted or BENCHES:
        for figure in BENCHES[name].measure():
            print(figure.line(), flush=True)
            figures.append(figure)
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(json.dumps([{**asdict(figure), "ratio": figure.ratio} for figure in figures], indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
