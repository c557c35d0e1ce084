"""How soon every page of the cloud answers its first byte, on a seeded fleet, with fifty people clicking.

The cloud, PostgreSQL and the people are processes of their own. `PARTSBAY_BENCH_SCALE` is the fleet's scale (default:
one twentieth of the work of 200 shops), `PARTSBAY_BENCH_ADDRESS` a database that is seeded already, and
`PARTSBAY_BENCH_REPLICAS` how many processes show the pages: each person stays on one, as behind a balancer that keeps a
browser where it is.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.benchmarks.figures import Figure
from tests.cloud.postgres import new_database, running_postgres

LIMIT_MS = 200.0
PASSWORD = "a password of the bench"
READY_S = 120
REPLICAS = int(os.environ.get("PARTSBAY_BENCH_REPLICAS", "1"))
SECRET = "a secret of the bench that is long enough"


def measure() -> list[Figure]:
    """The 95th percentile of the time to the first byte, page by page, as a ratio to 200 ms."""
    with tempfile.TemporaryDirectory(prefix="partsbay-bench-") as folder, _seeded() as address:
        config = Path(folder) / "cloud.toml"
        with ExitStack() as running:
            bases = [running.enter_context(_running_cloud(config, address)) for _ in range(REPLICAS)]
            return [_figure(page) for page in _click(bases, address)]


def _figure(page: dict[str, float | str]) -> Figure:
    name = f"page {page['name']}: first byte, 95th (50th {page['p50_ms']:.0f}, 99th {page['p99_ms']:.0f})"
    return Figure(name, float(page["p95_ms"]), "ms", LIMIT_MS, f"{page['count']:.0f} clicks", 1.0)


@contextmanager
def _seeded() -> Iterator[str]:
    given = os.environ.get("PARTSBAY_BENCH_ADDRESS")
    if given:
        yield given
        return
    with running_postgres() as socket_folder, tempfile.TemporaryDirectory(prefix="partsbay-bench-") as folder:
        address = new_database(socket_folder, "fleet")
        config = Path(folder) / "cloud.toml"
        _configure(config, address)
        scale = os.environ.get("PARTSBAY_BENCH_SCALE", "0.05")
        fleet = ["--shops", "200", "--cabinets", "1000", "--months", "12", "--scale", scale, "--password", PASSWORD]
        command = [sys.executable, "-m", "partsbay", "cloud", "seed", "--config", str(config), *fleet]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        # A fleet at work was planned in the night before, and its pages show what came of it.
        plan = [sys.executable, "-m", "partsbay", "cloud", "plan", "--config", str(config)]
        subprocess.run(plan, check=True, stdout=subprocess.DEVNULL)
        yield address


def _configure(config: Path, address: str) -> None:
    config.write_text(f'database_url = "{address}"\nsecret = "{SECRET}"\nhost = "127.0.0.1"\nport = 0\n')


@contextmanager
def _running_cloud(config: Path, address: str) -> Iterator[str]:
    _configure(config, address)
    with (config.parent / "cloud.log").open("wb") as log:
        command = [sys.executable, "-m", "partsbay", "cloud", "run", "--config", str(config)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            yield _base_of(process)
        finally:
            process.terminate()
            process.wait(READY_S)


def _base_of(process: "subprocess.Popen[str]") -> str:
    """The address that a cloud says when it is ready."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("cloud ready "):
            return line.removeprefix("cloud ready ").strip()
    raise RuntimeError(f"expected the cloud to start, found that it ended with {process.wait()}")


def _click(bases: list[str], address: str) -> list[dict[str, float | str]]:
    """What the people see, who are a process of their own."""
    command = [sys.executable, "-m", "tests.benchmarks.clicking_people", ",".join(bases), address]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    found: list[dict[str, float | str]] = json.loads(done.stdout)
    return found
