"""The oracle's own reading of a ledger, the gateway's or the cloud's: movements, postings, balances.

`Ledger` asks one database; `RunningLedger` adds up what was booked, movement by movement, and compares. Shares no
code with the product and knows of it only the tables.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from simulator.oracle_database import Database, Row
from simulator.verdict import Violation

Key = tuple[str, str]  # account, part

# What both sides hold of a movement.
COLUMNS = ("id", "cause", "cabinet", "session", "person", "job", "occurred_ms", "booked_ms", "confidence_ppm",
           "corrects", "note")  # fmt: skip


@dataclass(frozen=True)
class Ledger:
    """One side's tables. `movement` is what its postings call their movement, `shop` the rows to read in the cloud."""

    side: str
    database: Database
    movement: str
    shop: str | None = None

    def movements(self, only: str | None = None) -> list[Row]:
        """Movements by `COLUMNS`: all, or one."""
        return self._rows(f"SELECT {', '.join(COLUMNS)} FROM movement", {"id": only})  # noqa: S608

    def postings(self, only: str | None = None) -> dict[str, list[Row]]:
        """(account, part, quantity) by movement, in order of their lines: of all, or of one."""
        names = f"{self.movement}, account, part, quantity"
        lines: dict[str, list[Row]] = defaultdict(list)
        for movement, *posting in self._rows(f"SELECT {names} FROM posting", {self.movement: only}, self._by_line()):  # noqa: S608
            lines[movement].append(tuple(posting))
        return lines

    def balances(self) -> dict[Key, int]:
        """What the balance table says, where it is not zero."""
        rows = self._rows("SELECT account, part, quantity FROM balance", {})
        return {(account, part): quantity for account, part, quantity in rows if quantity}

    def balance(self, key: Key) -> int:
        """The same for one account and part."""
        rows = self._rows("SELECT quantity FROM balance", {"account": key[0], "part": key[1]})
        return sum(int(quantity) for (quantity,) in rows)

    def _by_line(self) -> str:
        return f" ORDER BY {self.movement}, line"

    def _rows(self, query: str, where: dict[str, str | None], order: str = "") -> list[Row]:
        asked = {"shop_id": self.shop, **where}
        given = {name: value for name, value in asked.items() if value is not None}
        conditions = " AND ".join(f"{name} = ?" for name in given)
        return self.database.rows(query + (f" WHERE {conditions}" if given else "") + order, *given.values())


class RunningLedger:
    """Balances added up from nothing, in the order in which the movements were booked."""

    def __init__(self) -> None:
        self.seen: dict[str, tuple[Row, list[Row]]] = {}  # movement: its row and its postings
        self.balances: dict[Key, int] = defaultdict(int)

    def load(self, ledger: Ledger) -> list[Violation]:
        """Begin with all there is; no order is known, so only the sums are looked at."""
        postings = ledger.postings()
        found: list[Violation] = []
        for row in ledger.movements():
            found += self._take(ledger, row, postings.pop(row[0], []))
        found += [
            Violation("balanced", f"{ledger.side}: expected a movement {name} for its postings, found none")
            for name in postings
        ]
        return found + self.compare(ledger)

    def compare(self, ledger: Ledger) -> list[Violation]:
        """All balances against the sums, and no bin below nothing."""
        kept = ledger.balances()
        keys = sorted(kept.keys() | {key for key, total in self.balances.items() if total})
        return [found for key in keys for found in self._compare_one(ledger, key, kept.get(key, 0))]

    def add(self, ledger: Ledger, movements: Iterable[str]) -> list[Violation]:
        """What was booked since, in order; one that was there before must be the same still."""
        found: list[Violation] = []
        touched: dict[Key, None] = {}
        for name in movements:
            rows, postings = ledger.movements(name), ledger.postings(name).get(name, [])
            if not rows:
                found.append(Violation("kept", f"{ledger.side}: expected the movement {name} it sends, found none"))
            elif name in self.seen:
                found += self.unchanged(ledger.side, rows[0], postings)
            else:
                found += self._take(ledger, rows[0], postings)
                touched |= dict.fromkeys((account, part) for account, part, _ in postings)
        for key in touched:
            found += self._compare_one(ledger, key, ledger.balance(key))
        return found

    def unchanged(self, side: str, row: Row, postings: list[Row]) -> list[Violation]:
        """Whether a movement that was seen before says what it said then."""
        before = self.seen[row[0]]
        if before == (row, postings):
            return []
        return [Violation("kept", f"{side}: expected movement {row[0]} as it was, {before}, found {(row, postings)}")]

    def _take(self, ledger: Ledger, row: Row, postings: list[Row]) -> list[Violation]:
        name = row[0]
        found = unbalanced(ledger.side, name, postings)
        self.seen[name] = (row, postings)
        for account, part, quantity in postings:
            self.balances[account, part] += quantity
        return found

    def _compare_one(self, ledger: Ledger, key: Key, kept: int) -> list[Violation]:
        summed = self.balances[key]
        where = f"{ledger.side}, {key[0]}, {key[1]}"
        found = []
        if kept != summed:
            found.append(
                Violation("replayed", f"{where}: expected {summed} by the postings, found a balance of {kept}")
            )
        if summed < 0 and key[0].startswith("bin:"):
            found.append(Violation("replayed", f"{where}: expected at least 0 in a bin, found {summed}"))
        return found


def unbalanced(side: str, movement: str, postings: list[Row]) -> list[Violation]:
    """What is wrong with the postings of one movement."""
    if len(postings) < 2:
        return [Violation("balanced", f"{side}, movement {movement}: expected two postings or more, found {postings}")]
    sums: dict[str, int] = defaultdict(int)
    for _, part, quantity in postings:
        sums[part] += quantity
    return [
        Violation("balanced", f"{side}, movement {movement}: expected {part} to sum to 0, found {total}")
        for part, total in sums.items()
        if total
    ]
