"""Seeds of the simulation, one after the other on every core: `python -m tests.soak.seeds FIRST COUNT [--days ...]`.

Each seed is played in a process of its own, forked from one that has imported everything. What a seed finds is printed
with the command that plays it again; at the end stands the sum of all.
"""

import argparse
import contextlib
import io
import json
import logging
import multiprocessing
import os
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

from simulator import fault_plan, simulate
from simulator.repeatable import begin_repeatable

SUMS = ("events", "sessions", "lost", "doubled", "stated", "destroyed", "violations")


def main(arguments: list[str]) -> int:
    """Play the seeds; 1 when one of them found something."""
    parser = argparse.ArgumentParser()
    parser.add_argument("first", type=int)
    parser.add_argument("count", type=int)
    parser.add_argument("--cabinets", type=int, default=2)
    parser.add_argument("--days", type=int, default=4)
    parser.add_argument("--sessions", type=int, default=40)
    parser.add_argument("--faults", default="all")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args(arguments)
    begin_repeatable("tests.soak.seeds")
    return play(asked)


def play(asked: argparse.Namespace) -> int:
    """Play all seeds, and say what came of them."""
    began = time.monotonic()
    seeds = range(asked.first, asked.first + asked.count)
    sums: Counter[str] = Counter()
    struck: Counter[str] = Counter()
    cpu_s = 0.0
    with multiprocessing.get_context("fork").Pool(asked.jobs, maxtasksperchild=1) as pool:
        for report in pool.imap_unordered(_play, [(seed, asked) for seed in seeds]):
            sums.update({name: report[name] for name in SUMS})
            struck.update(report["faults"])
            cpu_s += report["cpu_s"]
            if report["violations"] or report["lost"] or report["doubled"]:
                _say(report, asked)
    print(
        json.dumps(
            {
                "seeds": len(seeds),
                **sums,
                "faults": dict(sorted(struck.items())),
                "faults_in_all": struck.total(),
                "minutes": round((time.monotonic() - began) / 60, 1),
                "core_seconds_a_seed": round(cpu_s / len(seeds), 1),
            },
            indent=2,
        ),
        flush=True,
    )
    return 1 if sums["violations"] or sums["lost"] or sums["doubled"] else 0


def _play(task: tuple[int, argparse.Namespace]) -> dict[str, Any]:
    """One seed, in a process of its own."""
    seed, asked = task
    run = simulate.Run(seed, asked.cabinets, asked.days, asked.sessions, fault_plan.asked(asked.faults))
    memory = Path("/dev/shm")
    with (
        tempfile.TemporaryDirectory(prefix="partsbay-", dir=memory if memory.is_dir() else None) as folder,
        contextlib.redirect_stdout(io.StringIO()),
    ):
        logging.basicConfig(filename=Path(folder) / "programs.log", level=logging.WARNING, force=True)
        try:
            return asdict(simulate.simulate(run, Path(folder)))
        except Exception as error:
            report = asdict(simulate.Report(seed, "", asked.cabinets, asked.days))
            return report | {"violations": 1, "account": [f"the run itself failed: {type(error).__name__}: {error}"]}


def _say(report: dict[str, Any], asked: argparse.Namespace) -> None:
    command = (
        f"partsbay simulate --seed {report['seed']} --cabinets {asked.cabinets} --days {asked.days} "
        f"--sessions {asked.sessions} --faults {asked.faults}"
    )
    print(f"{command}\n" + "\n".join(f"  {line}" for line in report["account"]), flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
