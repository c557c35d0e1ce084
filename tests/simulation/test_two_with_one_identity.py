"""Two controllers with one identity: each takes the other's connection over, and each has a journal of its own.

It happens when a board is cloned, or when the old one is switched on again beside its successor.
"""

import asyncio
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from simulator.conductor import Conductor
from simulator.flash_reading import journal_end
from simulator.lockstep_process import LockstepProcess
from simulator.modelled_network import ModelledNetwork
from simulator.seeded_chance import seeded_chance
from simulator.simulated_shop import HEAP, SimulatedShop
from simulator.verdict import Excused, Verdict
from simulator.virtual_cabinet import VirtualCabinet

NAME = "cab-1"
SEED = 5


def twin_of(shop: SimulatedShop) -> VirtualCabinet:
    """A second controller with the papers of the first, an empty flash and empty bins."""
    network = ModelledNetwork(shop.broker, shop.random, shop.conductor.loop)

    def make_power(heard: Callable[[list[Any]], None]) -> LockstepProcess:
        log = shop.folder / "twin.log"
        process = LockstepProcess(shop.conductor, shop.folder / "image", HEAP, log, heard, network)
        network.tell = process.tell
        return process

    return VirtualCabinet(
        NAME,
        shop.folder / "board.json",
        shop.folder / "twin",
        broker_host="127.0.0.1",
        broker_port=network.port,
        username=NAME,
        password="password-1",
        access_key=shop.gateway.settings.cabinets[NAME].access_key,
        seed=777,
        network=network,
        make_power=make_power,
    )


@dataclass
class Afterwards:
    """What is found when the twin has been switched off for a while."""

    journals: dict[str, int] = field(default_factory=dict)  # epoch, last seq
    first: str = ""  # epoch of the first controller
    twin: str = ""
    closed: dict[str, int] = field(default_factory=dict)  # how often the broker closed the connection of each
    verdict: Verdict = field(default_factory=Verdict)
    failures: list[str] = field(default_factory=list)
    visits: int = 0
    truth: dict[int, int] = field(default_factory=dict)
    database: Path = Path()

    def rows(self, question: str, *values: object) -> list[tuple[Any, ...]]:
        """What the gateway's database says."""
        with closing(sqlite3.connect(self.database)) as connection:
            return connection.execute(question, values).fetchall()


def count_closed(line: ModelledNetwork, name: str, closed: dict[str, int]) -> None:
    """Count how often the broker closes this controller's connection."""
    tell = line.tell

    def counting(what: str, *arguments: Any) -> None:
        closed[name] = closed.get(name, 0) + (what == "tcp_closed")
        tell(what, *arguments)

    line.tell = counting


async def live_together(shop: SimulatedShop) -> Afterwards:
    """A visit alone, three beside the twin, two alone again."""
    found = Afterwards(database=shop.gateway.database)
    people = shop.people[NAME]
    twin = twin_of(shop)
    await shop.start()
    await asyncio.sleep(120)
    await people.next_visit()
    count_closed(shop.line(NAME), "first", found.closed)
    count_closed(twin.network, "twin", found.closed)
    await twin.power_on()
    for _ in range(3):
        await asyncio.sleep(60)
        await people.next_visit()
    await asyncio.sleep(60)
    twin.power_cut()
    for _ in range(2):
        await people.next_visit()
        await asyncio.sleep(600)
    judge(shop, twin, found)
    return found


def judge(shop: SimulatedShop, twin: VirtualCabinet, found: Afterwards) -> None:
    """Have the oracle look, and keep what it found."""
    first, last = shop.journal(NAME) or ("", 0)
    theirs, theirs_last = journal_end(twin.flash_path)
    found.first, found.twin, found.journals = first, theirs, {first: last, theirs: theirs_last}
    found.visits = len([visit for visit in shop.people[NAME].visits if visit.let_in])
    shop.look()
    excused = Excused(destroyed=frozenset({(NAME, theirs)}))
    found.verdict = shop.oracle.at_rest(shop.now_ms(), shop.truth(), {NAME: found.journals}, excused)
    found.failures = [repr(failure) for failure in shop.gateway.failures] + shop.stopped
    found.failures += [] if shop.gateway.deaths == 0 and shop.has_arrived() else ["the gateway stopped, or waits"]
    found.truth = {at: truth.quantity for (_, at), truth in shop.truth().items() if truth.unit == "piece"}


@pytest.fixture(scope="module")
def afterwards(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Afterwards]:
    """A shop in which two controllers were one for some minutes."""
    conductor = Conductor()
    shop = SimulatedShop(conductor, tmp_path_factory.mktemp("twins"), SEED, 1, 131_072)
    try:
        with seeded_chance(SEED):
            found = conductor.run(live_together(shop))
    finally:
        shop.close()
        conductor.close()
    yield found


def test_they_took_each_others_connection_over_again_and_again(afterwards: Afterwards) -> None:
    assert afterwards.first != afterwards.twin
    assert afterwards.closed["first"] > 10
    assert afterwards.closed["twin"] > 10


def test_all_the_first_had_to_say_is_there_once_and_without_a_hole(afterwards: Afterwards) -> None:
    rows = afterwards.rows("select seq, kind from inbox where epoch = ? order by seq", afterwards.first)
    assert [seq for seq, _ in rows] == list(range(1, afterwards.journals[afterwards.first] + 1))
    assert [kind for _, kind in rows].count("session_closed") == afterwards.visits >= 5


def test_the_twin_was_heard_under_its_own_journal(afterwards: Afterwards) -> None:
    rows = afterwards.rows("select seq, kind from inbox where epoch = ? order by seq", afterwards.twin)
    assert [seq for seq, _ in rows] == list(range(1, afterwards.journals[afterwards.twin] + 1))
    assert "bins_changed" in [kind for _, kind in rows]  # it said what it weighs: nothing


def test_nothing_is_lost_or_doubled_and_no_rule_is_broken(afterwards: Afterwards) -> None:
    verdict = afterwards.verdict
    assert [str(violation) for violation in verdict.violations] == []
    assert (verdict.lost, verdict.doubled, verdict.quarantined) == (0, 0, 0)
    assert afterwards.failures == []


def test_nothing_was_booked_for_empty_bins_without_a_discrepancy(afterwards: Afterwards) -> None:
    booked = afterwards.rows("select id, bin from movement where epoch = ?", afterwards.twin)
    said = afterwards.rows("select bin, reason, detail from discrepancy where id like ?", f"{NAME}/{afterwards.twin}/%")
    accounted = {(json.loads(detail)["movement"], at) for at, reason, detail in said if reason == "unexplained_change"}
    assert set(booked) == accounted
    assert {at for at, _, _ in said} == set(range(1, 13))  # and of every other bin it is said that it is not as it was


def test_counted_parts_are_what_really_lies_in_the_bins(afterwards: Afterwards) -> None:
    balances = dict(afterwards.rows("select account, quantity from balance"))
    assert {at: balances[f"bin:{NAME}/{at}"] for at in afterwards.truth} == afterwards.truth
    assert len(afterwards.truth) == 11
