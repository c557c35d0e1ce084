"""The long runs (`make soak`): people at work for a long time with rude interruptions, and full sets of visits.

`PARTSBAY_SOAK_MINUTES` (default 20) sets how long people work; `PARTSBAY_VISITS` names a file of recorded visits to
replay 5,000 of, and without it that run is left out and says so.
"""

import asyncio
import json
import os
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from random import Random

from simulator import replay
from simulator.demo import Demo

SPEED = 8.0
VISITS = 5000


def main() -> int:
    """Both runs; 1 when one of them found something lost, doubled or unequal."""
    seed = int(os.environ.get("PARTSBAY_SOAK_SEED", "1"))
    minutes = float(os.environ.get("PARTSBAY_SOAK_MINUTES", "20"))
    print(f"rude work: {minutes} minutes, seed {seed}")
    status = _rude_work(minutes, seed)
    visits = os.environ.get("PARTSBAY_VISITS")
    if visits:
        print(f"replay of {VISITS} visits of {visits}")
        status |= replay.run(Path(visits), VISITS, None, None, None)
    else:
        print("replay left out: PARTSBAY_VISITS names no file of recorded visits")
    return status


def _rude_work(minutes: float, seed: int) -> int:
    with tempfile.TemporaryDirectory(prefix="partsbay-soak-", ignore_cleanup_errors=True) as folder:
        demo = Demo(Path(folder), SPEED, seed)
        interruptions = asyncio.run(_work(demo, minutes * 60, Random(seed)))
        found = demo.compare()
    print(json.dumps({"interruptions": interruptions, **asdict(found)}, ensure_ascii=False, indent=2))
    return 0 if found.good else 1


async def _work(demo: Demo, seconds: float, random: Random) -> dict[str, int]:
    stopping = asyncio.Event()
    interruptions = {"gateway": 0, "cloud": 0, "network": 0}
    try:
        await demo.start()
        asyncio.get_running_loop().call_later(seconds, stopping.set)
        interrupting = asyncio.create_task(_interrupt(demo, stopping, random, interruptions))
        await demo.work(stopping)
        await interrupting
        if not await demo.all_arrived():
            print("not everything arrived")
    finally:
        await demo.shop.stop()
    return interruptions


async def _interrupt(demo: Demo, stopping: asyncio.Event, random: Random, done: dict[str, int]) -> None:
    """Every few seconds something is killed or cut; what was killed is started again by its keeper."""
    while not stopping.is_set():
        await asyncio.sleep(random.uniform(3, 12))
        what = random.choice(("gateway", "cloud", "network"))
        done[what] += 1
        if what == "gateway":
            demo.shop.gateway.kill()
        elif what == "cloud":
            demo.shop.cloud.kill()
        else:
            cabinet = random.choice(list(demo.shop.cabinets.values()))
            await cabinet.network_cut(True)
            await asyncio.sleep(random.uniform(0.2, 5))
            await cabinet.network_cut(False)


if __name__ == "__main__":
    sys.exit(main())
