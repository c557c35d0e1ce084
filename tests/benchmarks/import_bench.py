"""An import of 200,000 parts from a GBK file, previewed and taken over on SQLite; and of a real ACES file.

Figures are processor seconds, so that others on the machine do not matter, and the most memory the process ever had.
`PARTSBAY_ACES` names an ACES file to read besides, packed or not.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec

from cloud.catalogue.imports.report import Choices, Report
from cloud.catalogue.imports.runs import Imports, found_run, report_of
from cloud.database import open_database
from cloud.identity import SignedIn
from cloud.rights import RIGHTS_OF
from cloud.seed import store
from cloud.tenancy import signed_in_tenant
from edge_gateway.sgtin import check_digit
from tests.benchmarks.figures import Figure
from tests.cloud import worlds

LINES = 200_000
SECONDS, MEGABYTES, WAIT_S = 60, 500, 1800.0
BRANDS, CATEGORIES = ("法士特", "潍柴", "WIX"), ("发动机件", "底盘件")
HEADER = "配件编号,中文名称,英文名称,品牌,类别,单位,单件质量(g),质量偏差(g),包装数,条码"


def measure() -> Iterator[Figure]:
    """Each file in a process of its own, so that its memory is its own."""
    with tempfile.TemporaryDirectory(prefix="partsbay-bench-") as folder:
        table = Path(folder) / "parts.csv"
        table.write_bytes(_table())
        yield from _measured(f"import of {LINES:,} lines", table)
    if named := os.environ.get("PARTSBAY_ACES"):
        yield from _measured("import of an ACES file", Path(named))


def _table() -> bytes:
    lines = (
        f"FK-{n:06d},滤清器{n % 997}号,Filter {n},{BRANDS[n % 3]},{CATEGORIES[n % 2]},件,"
        f"{10 + n % 8000}.{1 + n % 9}5,1.5,{1 + n % 20},{_gtin(n)}"
        for n in range(LINES)
    )
    return "\n".join([HEADER, *lines]).encode("gb18030")


def _gtin(number: int) -> str:
    body = f"69{number:010d}"
    return body + check_digit(body)


def _measured(name: str, file: Path) -> Iterator[Figure]:
    command = [sys.executable, "-m", "tests.benchmarks.import_bench", str(file)]
    told = msgspec.json.decode(subprocess.run(command, check=True, capture_output=True).stdout)
    for stage in ("preview", "takeover"):
        yield Figure(f"{name}: {stage}", told[stage], "s of CPU", SECONDS, "what a person waits for", 1.0)
    yield Figure(f"{name}: memory", told["megabytes"], "MB", MEGABYTES, "what a small server spares", 1.0)


def _work(file: Path) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="partsbay-bench-") as folder:
        database = open_database(f"sqlite:///{Path(folder) / 'cloud.db'}")
        with database.writing() as session:
            store(session, worlds.seed(), worlds.NOW_MS)
        with closing(database):
            return _import(Imports(database, lambda: worlds.NOW_MS), file)


def _import(imports: Imports, file: Path) -> dict[str, float]:
    person = _person()
    began = time.process_time()
    run = imports.receive(person, file.name, file.read_bytes(), Choices())
    imports.settle(run, WAIT_S)
    previewed = time.process_time()
    imports.take(person, run)
    imports.settle(run, WAIT_S)
    taken = time.process_time()
    report = _report(imports, person, run)
    imports.close()
    if report.problem is not None or not report.accepted or report.refused:
        raise RuntimeError(f"expected every line taken over, found {report.problem} {report.counts}")
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"preview": previewed - began, "takeover": taken - previewed, "megabytes": megabytes}


def _report(imports: Imports, person: SignedIn, run: str) -> Report:
    with imports.database.reading_as(person.tenant) as session:
        return report_of(found_run(session, person.tenant, run))


def _person() -> SignedIn:
    tenant = signed_in_tenant("north")
    return SignedIn(1, "li@north.example", "li", "north", "North Parts", "clerk", RIGHTS_OF["clerk"], tenant)


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(_work(Path(sys.argv[1]))))
