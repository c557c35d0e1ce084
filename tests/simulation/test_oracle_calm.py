"""The oracle raises no alarm without a cause: random days with repeats, restarts and databases put back, all well."""

import shutil
from pathlib import Path
from random import Random

import pytest

from tests.gateway.world import NOW_MS, Journal, document, row
from tests.simulation.oracle_world import World, put_back

PIECE_MG = {1: 600_000, 3: 21_000}
STEPS = ("visit", "visit", "tell", "tell", "tell", "upload", "restart", "back_up", "restore", "anew")


class Days:
    """One random history. What lies in the bins is not asked about: weights may be as strange as they like."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.random = Random(seed)
        self.world = World(folder)
        self.world.start().put_document(document())
        self.held = {(journal.cabinet, at): 10 for journal in self.world.journals for at in PIECE_MG}
        for journal in self.world.journals:
            journal.created()

    def visit(self) -> None:
        """Somebody, or nobody, moves something."""
        journal = self.random.choice(self.world.journals)
        person = self.random.choice(("wang", "driver", ""))
        journal.session([self._moved(journal, at) for at in PIECE_MG if self.random.random() < 0.6], person=person)

    def _moved(self, journal: Journal, at: int) -> list[int | None]:
        before = self.held[journal.cabinet, at]
        after = self.held[journal.cabinet, at] = before + self.random.randint(-min(before, 4), 2)
        strange_mg = self.random.randrange(-300, 300) + self.random.choice((0, 0, 0, 10_000))
        return row(at, before * PIECE_MG[at], after * PIECE_MG[at] + strange_mg)

    def tell(self) -> None:
        """A controller sends some of its journal, from a little before where the gateway is."""
        journal = self.random.choice(self.world.journals)
        start = max(0, self._taken(journal) - self.random.randrange(3))
        self.world.tell(journal, start, start + self.random.randrange(1, 20))

    def _taken(self, journal: Journal) -> int:
        assert self.world.shop is not None
        cursor = self.world.shop.intake.books.cursors.get((journal.cabinet, journal.epoch))
        return 0 if cursor is None else cursor.through

    def upload(self) -> None:
        """All that waits goes up."""
        self.world.upload()

    def restart(self) -> None:
        """Both programs end and begin again."""
        self.world.stop()
        self.world.start()
        self.world.step()

    def back_up(self) -> None:
        """One of the databases is copied."""
        self.world.stop()
        file = self.world.folder / self.random.choice(("gateway.db", "cloud.db"))
        shutil.copy(file, file.with_suffix(".backup"))
        self.world.start()

    def restore(self) -> None:
        """One of the copies is put back, if there are any. A gateway then numbers anew."""
        copies = sorted(self.world.folder.glob("*.backup"))
        if copies:
            name = self.random.choice(copies).stem
            put_back(self.world, name)
            if name == "gateway":
                self._number_anew()

    def anew(self) -> None:
        """The gateway's database is made from what the cloud holds."""
        assert self.world.cloud is not None
        copy = self.world.folder / "gateway.backup"
        copy.unlink(missing_ok=True)
        self.world.cloud.restore(copy)
        put_back(self.world, "gateway")

    def _number_anew(self) -> None:
        assert self.world.shop is not None
        self.world.shop.do(self.world.shop.writer.begin_epoch)
        self.world.step()

    def end(self) -> None:
        """All is told and uploaded."""
        for journal in self.world.journals:
            self.world.tell(journal, self._taken(journal))
        self.world.upload()


@pytest.mark.parametrize("seed", range(6))
def test_no_alarm_without_a_cause(tmp_path: Path, seed: int) -> None:
    days = Days(tmp_path, seed)
    for _ in range(40):
        getattr(days, days.random.choice(STEPS))()
        assert days.world.found == []
    days.end()
    verdict = days.world.oracle.at_rest(NOW_MS, {}, days.world.on_flash())
    days.world.stop()
    assert verdict.good, verdict.violations
    assert verdict.events == sum(len(journal.lines) for journal in days.world.journals)
