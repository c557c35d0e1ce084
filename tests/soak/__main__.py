"""`make soak`: the long runs, one after the other; exit status 1 when one of them found something.

`PARTSBAY_SOAK_MINUTES` (default 20) sets how long people work under fire, in each of two shops; `PARTSBAY_SOAK_SEED`
(default 1) what they do and what strikes, and the first seed of the simulation, of which `PARTSBAY_SOAK_SEEDS` (default
500) are played, then one of 60 days, and of the years of work at one cabinet; `PARTSBAY_VISITS` names a file of
recorded visits to replay 5,000 of, and without it that run is left out and says so.
"""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from simulator import replay
from simulator.year import year
from tests.simulation.mutations import MUTATIONS, broken_rules
from tests.simulation.mutations import run as run_without
from tests.soak import rough_shop, updates
from tests.soak.rough_shop import Outcome

VISITS = 5000
YEARS = (("c3-10kg", 1), ("c3-10kg", 2), ("c3-50kg", 1), ("cheap-10kg", 1))  # cell, parts per cell


def main() -> int:
    """All runs; 1 when one of them found something lost, doubled or unequal."""
    seed = int(os.environ.get("PARTSBAY_SOAK_SEED", "1"))
    minutes = float(os.environ.get("PARTSBAY_SOAK_MINUTES", "20"))
    print(f"seed {seed}, {minutes} minutes a shop", flush=True)
    status = 0
    status |= under_fire("Mosquitto, PostgreSQL, five cabinets", rough_shop.run_on_servers, minutes, seed)
    status |= under_fire("embedded broker, SQLite, two cabinets", rough_shop.run_embedded, minutes, seed)
    status |= simulation(seed, int(os.environ.get("PARTSBAY_SOAK_SEEDS", "500")))
    status |= protections()
    status |= years(seed)
    status |= updates.run()
    print("a bad and a good release over fifty cabinets in ten shops", flush=True)
    status |= _module("tests.simulation.rolled_out", "10", "5")
    print("connections over TLS, two hundred in each of two heaps", flush=True)
    status |= _module("tests.soak.tls_reconnects")
    status |= drawn_requests()
    status |= recorded_visits()
    return status


def under_fire(what: str, run: Callable[[Path, int, float], Awaitable[Outcome]], minutes: float, seed: int) -> int:
    """People at work in a shop of real processes that are killed and cut."""
    print(f"under fire: {what}", flush=True)
    folder = Path(tempfile.mkdtemp(prefix="partsbay-soak-"))
    outcome: Outcome = asyncio.run(run(folder, seed, minutes * 60))  # type: ignore[arg-type]
    print(json.dumps(outcome.report(), ensure_ascii=False, indent=2), flush=True)
    if not outcome.good:
        rough_shop.say(outcome, folder)
        return 1
    shutil.rmtree(folder, ignore_errors=True)
    return 0


def drawn_requests() -> int:
    """Fifty requests to every route of the cloud, drawn from its description, as every kind of caller."""
    print("drawn requests: 50 a route, on both databases", flush=True)
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "tests/cloud/test_drawn_requests.py"]
    return int(subprocess.run(command, env=os.environ | {"PARTSBAY_DRAWN_REQUESTS": "50"}, check=False).returncode != 0)


def simulation(seed: int, count: int) -> int:
    """Seeds of four days, and one of sixty with three cabinets, in virtual time."""
    print(f"simulation: {count} seeds from {seed}", flush=True)
    status = _module("tests.soak.seeds", str(seed), str(count))
    print("simulation: 60 days, three cabinets", flush=True)
    return status | _module("tests.soak.seeds", str(seed), "1", "--cabinets", "3", "--days", "60", "--sessions", "300")


def _module(name: str, *arguments: str) -> int:
    return subprocess.run([sys.executable, "-m", name, *arguments], check=False).returncode


def protections() -> int:
    """Each protection taken out in a copy of the program: 1 when the simulation does not find it."""
    status = 0
    for mutation in MUTATIONS:
        with tempfile.TemporaryDirectory(prefix="partsbay-") as folder:
            _, report = run_without(mutation, Path(folder))
        broken = broken_rules(report) & mutation.rules
        print(f"without: {mutation.name}: {', '.join(sorted(broken)) or 'NOT FOUND'}", flush=True)
        status |= not broken
    return status


def years(seed: int) -> int:
    """Years of work at one cabinet, five pieces stolen of each of five parts."""
    status = 0
    for cell, parts in YEARS:
        print(f"a year on {cell}, {parts} parts per cell", flush=True)
        status |= year.main(year.Asked(365, seed, cell, parts, 5), None)
    return status


def recorded_visits() -> int:
    """A full set of recorded visits through sensors, firmware, gateway and cloud."""
    visits = os.environ.get("PARTSBAY_VISITS")
    if not visits:
        print("replay left out: PARTSBAY_VISITS names no file of recorded visits")
        return 0
    print(f"replay of {VISITS} visits of {visits}", flush=True)
    return replay.run(Path(visits), VISITS, None, None, None)


if __name__ == "__main__":
    sys.exit(main())
