"""Protections taken out one at a time, in a copy of the program: a seed of the simulation must find each."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
PROGRAM_FAILED = "the gateway's program failed"  # the database refuses what was let through
PROGRAM = ("cloud", "edge_gateway", "firmware", "hardware", "page_kit", "simulator", "build")


@dataclass(frozen=True)
class Mutation:
    """One protection: where it stands, what is there without it, and the seed that misses it."""

    name: str
    path: str
    before: str
    after: str
    seed: int
    faults: str
    rules: frozenset[str]  # at least one of them is broken
    days: int = 1
    sessions: int = 6


MUTATIONS = (
    Mutation(
        "an event is flushed before anybody acts on it",
        "firmware/cabinet/journal.py",
        "            raise OSError(_NO_SPACE)\n        file.flush()\n",
        "            raise OSError(_NO_SPACE)\n",
        1,
        "power_cut=12",
        frozenset({"flushed", "content", "acknowledged", "true_stock"}),
    ),
    Mutation(
        "only the next number of a journal is taken in",
        "edge_gateway/intake.py",
        "        if envelope.seq == through + 1:\n",
        "        if envelope.seq <= through + 1:\n",
        1,
        "broker_duplicate=200000",
        frozenset({"booked_once", "in_order", "content", "same_in_cloud", PROGRAM_FAILED}),
    ),
    Mutation(
        "nothing is acknowledged before it is committed",
        "edge_gateway/writer.py",
        "        if batch:\n            self.store.write(batch)\n            self.trouble.well(self._now_ms())\n"
        "        answers = self.intake.after_commit(self._now_ms())\n",
        "        answers = self.intake.after_commit(self._now_ms())\n        self._say(answers)\n"
        "        if batch:\n            self.store.write(batch)\n            self.trouble.well(self._now_ms())\n",
        1,
        "gateway_kill=20",
        frozenset({"acknowledged"}),
    ),
    Mutation(
        "the cloud takes uploads in without holes",
        "cloud/ingest.py",
        "        if received and received[0].seq > through + 1:\n"
        "            raise GapError(Receipt(self.epoch, through), received[0].seq)\n",
        "",
        1,
        "cloud_restored=3",
        frozenset({"same_in_cloud", "in_order"}),
        days=3,
        sessions=9,
    ),
    Mutation(
        "uploads go in order",
        "edge_gateway/outgoing.py",
        "where seq > ? order by seq limit ?",
        "where seq > ? order by seq desc limit ?",
        1,
        "cloud_unreachable=4",
        frozenset({"same_in_cloud", "in_order"}),
    ),
    Mutation(
        "a number the cloud has is not booked again",
        "cloud/ingest.py",
        "fresh = [item for item in received if item.seq > through]",
        "fresh = list(received)",
        1,
        "cloud_answer_lost=400000",
        frozenset({"same_in_cloud", "booked_once", "in_order"}),
    ),
    Mutation(
        "a batch is one transaction",
        "edge_gateway/store.py",
        '        self._db.execute("begin immediate")\n        try:\n            yield\n'
        '            self._db.execute("commit")\n',
        "        try:\n            yield\n",
        1,
        "gateway_kill=30",
        frozenset({"acknowledged", "booked_once", "in_order", "same_in_cloud", "replayed", "balanced", "true_stock"}),
    ),
    Mutation(
        "a journal's first segment has its whole header or is not there",
        "firmware/cabinet/journal.py",
        '        with open(self.directory + "/new", "wb") as file:\n'
        "            self._write(file, header[:-1])\n"
        '        os.rename(self.directory + "/new", self._path(seq))\n',
        '        with open(self._path(seq), "wb") as file:\n            file.write(header)\n',
        2,
        "flash_cut=90",
        frozenset({"flushed", "content", "acknowledged", "true_stock", "nobody_blocked"}),
        sessions=60,
    ),
)
IN_EVERY_TEST = MUTATIONS[:3]  # in a process without it; `make soak` has them all, in copies of the program


def copy_without(mutation: Mutation, folder: Path) -> Path:
    """A copy of the program without that protection."""
    for name in PROGRAM:
        if (ROOT / name).exists():
            shutil.copytree(ROOT / name, folder / name)  # and what is compiled: it knows its source by the date
    shutil.copy2(ROOT / "partsbay.py", folder)
    (folder / mutation.path).write_text(source_without(mutation), encoding="utf-8")
    return folder


def source_without(mutation: Mutation) -> str:
    """The text of the file without that protection."""
    text = (ROOT / mutation.path).read_text(encoding="utf-8")
    if text.count(mutation.before) != 1:
        raise AssertionError(
            f"expected {mutation.name!r} once in {mutation.path}, found it {text.count(mutation.before)} times"
        )
    return text.replace(mutation.before, mutation.after)


def simulate(folder: Path, report: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    """Exit status and report of `partsbay simulate` as the program in a folder does it."""
    environment = os.environ | {"PYTHONPATH": f"{folder}{os.pathsep}{folder / 'firmware'}"}
    ran = subprocess.run(
        [sys.executable, "-m", "partsbay", "simulate", "--json", str(report), *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    if not report.exists():
        raise AssertionError(f"expected a report, found {ran.stdout[-1000:]}{ran.stderr[-2000:]}")
    return ran.returncode, json.loads(report.read_text(encoding="utf-8"))


def run(mutation: Mutation, folder: Path) -> tuple[int, dict[str, Any]]:
    """What the simulation says of the program without that protection."""
    program = copy_without(mutation, folder / "program")
    return simulate(program, folder / "report.json", *words(mutation))


def words(mutation: Mutation) -> tuple[str, ...]:
    """What `partsbay simulate` is asked for: no more of the day than it takes."""
    asked = {
        "--seed": mutation.seed,
        "--cabinets": 1,
        "--days": mutation.days,
        "--sessions": mutation.sessions,
        "--faults": mutation.faults,
    }
    return *(str(word) for pair in asked.items() for word in pair), "--until-broken"


def broken_rules(report: dict[str, Any]) -> set[str]:
    """The rules a report says are broken."""
    accounts = (account.split(": ", 1)[1] if account.startswith("step ") else account for account in report["account"])
    return {account.split(":", 1)[0] for account in accounts}
