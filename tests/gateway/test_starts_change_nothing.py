"""A gateway that is ended and started at any moment books, asks and remembers what one that runs on does.

Seeded days of a shop: sessions that had not settled, bins that come to rest, tags looked at twice, and people who
answer, charge and correct. Each day is lived twice.
"""

import json
import random
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from edge_gateway.kiosk_seam import (
    Action,
    ActionError,
    ChargeSession,
    ContestSession,
    CorrectCount,
    ResolveByCount,
    ResolveByNote,
    ResolveByStock,
)
from tests.gateway.counted_shop import (
    BELT,
    BULB,
    ECU,
    OF_A,
    OF_B,
    PAD,
    Cabinet,
    assert_same_after_a_start,
    counted_document,
)
from tests.gateway.test_later_evidence import LEFT, RIGHT
from tests.gateway.test_reconcile import verified
from tests.gateway.world import Shop

SEEDS = (1, 2, 3, 4)
LIES_IN = {1: (OF_A, OF_B), 2: (PAD,), 3: (BULB,), 4: (BELT,), 5: (30_000,), 7: (ECU,)}  # mg of one, by bin
PARTS = {1: ("OF-A", "OF-B"), 2: ("PAD",), 3: ("BULB",), 4: ("BELT",), 5: ("BLT-8",), 7: ("ECU-L", "ECU-R")}
TABLES = ("movement", "posting", "balance", "discrepancy", "resolution", "verdict", "rezero", "part_mass", "bin_state")


class Day:
    """One day by its seed; it is the same whether the gateway `starts_again` in between or not."""

    def __init__(self, folder: Path, seed: int, *, starts_again: bool) -> None:
        folder.mkdir()
        self._folder = folder
        self._chance, self._starts = random.Random(seed), random.Random(seed + 1)
        self._starts_again = starts_again
        self.cabinet = Cabinet(Shop(folder, ("cab-1",)))
        self.cabinet.shop.put_document(counted_document())
        self.cabinet.reads_tags(0, 0, came=" ".join(LEFT + RIGHT), seen=4)
        self._sessions: list[str] = []

    def live(self, steps: int = 14) -> None:
        """Step by step, a minute each."""
        does: list[Callable[[], None]] = [
            *(self._session, self._session, self._tagged, self._tagged, self._rests, self._rests),
            *(self._drifts, self._answer, self._charge, self._correct, self._contest),
        ]
        for _ in range(steps):
            self._maybe_start_again()
            self.cabinet.shop.clock_ms += 60_000
            self._chance.choice(does)()
            assert_same_after_a_start(self.cabinet.shop)

    def written(self) -> dict[str, list[Any]]:
        """All it booked, asked and remembers, by table; corrections and charges have a random end of their name."""
        rows = {table: self.cabinet.shop.query(f"select * from {table}") for table in TABLES}
        return {table: sorted(re.sub(r"-[0-9a-f]{8}\b", "", repr(row)) for row in of) for table, of in rows.items()}

    def _maybe_start_again(self) -> None:
        if self._starts_again and self._starts.random() < 0.5:
            clock_ms = self.cabinet.shop.clock_ms
            self.cabinet.shop.close()
            self.cabinet.shop = Shop(self._folder, ("cab-1",))
            self.cabinet.shop.clock_ms = clock_ms

    # ---- what happens ----

    def _session(self) -> None:
        changes = {number: self._change(number) for number in self._chance.sample(sorted(LIES_IN), 2)}
        quality = {number: 1 for number in changes if self._chance.random() < 0.3}
        opened = self.cabinet.open(self._chance.choice(("wang", "wang", "driver", "")))
        self._sessions.append(self.cabinet.close(opened, changes, quality))

    def _tagged(self) -> None:
        """A session whose tags are looked at twice, mostly; its bin may come to rest between the looks."""
        tag = self._chance.choice(LEFT + RIGHT)
        opened = self.cabinet.open()
        if self._chance.random() < 0.7:
            self.cabinet.reads_tags(opened, 1, missing=tag, seen=3)
        quality = self._chance.choice((0, 1))
        self._sessions.append(self.cabinet.close(opened, {7: self._chance.choice((-ECU, ECU, 150))}, quality))
        if self._chance.random() < 0.4:
            self.cabinet.rests_at({7: self._chance.randint(-5_000, 5_000)}, minutes=1)
        self._maybe_start_again()
        self.cabinet.reads_tags(opened, 2, missing=self._chance.choice((tag, "")), seen=3)

    def _rests(self) -> None:
        number = self._chance.choice(sorted(LIES_IN))
        change = self._chance.choice((self._chance.randint(-35_000, 35_000), LIES_IN[number][0]))
        self.cabinet.rests_at({number: change}, minutes=self._chance.choice((1, 40)))

    def _drifts(self) -> None:
        self.cabinet.drifts({self._chance.choice((1, 2, 3, 7)): self._chance.choice((60, -700, 20_000, -20_000))})

    def _change(self, number: int) -> int:
        if self._chance.random() < 0.15:
            return self._chance.randint(-400_000, 400_000)
        pieces, mg = self._chance.choice((-1, -1, -2, -3, 1)), self._chance.choice(LIES_IN[number])
        return pieces * mg + self._chance.choice((0, 0, 150, self._chance.randint(-30_000, 30_000)))

    # ---- what people say ----

    def _answer(self) -> None:
        rows = self.cabinet.shop.query("select id, bin from open_discrepancy where bin > 0 and bin != 6 order by id")
        if rows:
            question, number = self._chance.choice(rows)
            part = self._chance.choice(PARTS[number])
            said: tuple[Action, ...] = (
                ResolveByCount(question, {part: self._chance.randint(-2, 1)}, "wang"),
                ResolveByStock(question, {part: self._chance.randint(0, 5) for part in PARTS[number]}, "wang"),
                ResolveByNote(question, "wang", "as it is"),
            )
            self._act(self._chance.choice(said))

    def _charge(self) -> None:
        if self._sessions:
            self._act(ChargeSession(self._chance.choice(self._sessions[-3:]), "job-7", "wang"))

    def _correct(self) -> None:
        rows = self.cabinet.shop.query("select id from movement where cause in ('take', 'return') order by id")
        if rows:
            self._act(CorrectCount(self._chance.choice(rows)[0], self._chance.randint(0, 4), "wang"))

    def _contest(self) -> None:
        if self._sessions:
            self._act(ContestSession(self._chance.choice(self._sessions), "wang", self._chance.choice((0, 3, 7)), "no"))

    def _act(self, action: Action) -> None:
        """What is refused in one day is refused in the other: the rows are compared."""
        with suppress(ActionError):
            self.cabinet.shop.act(action)


def assert_booked_as_said(shop: Shop) -> None:
    """What a session's bin holds more or less by its evidence is what its newest verdict says is booked."""
    named = (
        "select session, bin, ground from newest_verdict where session in (select id from session where person != '')"
    )
    moved = (
        "select p.part, sum(p.quantity) from movement m join posting p on p.movement = m.id where m.session = ? "
        "and m.seq > 0 and m.cause != 'unexplained' and p.account = ? group by p.part having sum(p.quantity) != 0"
    )
    for session, number, ground in shop.query(named):
        booked = dict(json.loads(ground)["booked"])
        assert dict(shop.query(moved, session, f"bin:cab-1/{number}")) == booked, (session, number)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_start_at_any_moment_changes_nothing(tmp_path: Path, seed: int) -> None:
    days = [Day(tmp_path / name, seed, starts_again=name == "started") for name in ("running", "started")]
    for day in days:
        day.live()
        assert_booked_as_said(day.cabinet.shop)
        assert verified(day.cabinet.shop) == 0
    running, started = (day.written() for day in days)
    for day in days:
        day.cabinet.shop.close()
    assert running["movement"]
    for table in TABLES:
        assert started[table] == running[table], table
