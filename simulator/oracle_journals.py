"""The controllers' journals as the oracle heard of them, and at rest what has become of each event.

Every number of a journal is in the inbox, or passed over on the record, or still on a controller that cannot be
reached, or was destroyed before anybody acknowledged it; else it is lost. Shares no code with the product.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from simulator.oracle_gateway import GatewayWatch, name, other_content
from simulator.verdict import Excused, Journal, Verdict, Violation

WITH_WEIGHINGS = ("session_opened", "session_closed", "bins_changed")


class Heard:
    """What went over the wire: lines by number, and how far each journal was ever acknowledged."""

    def __init__(self) -> None:
        self.lines: dict[Journal, dict[int, bytes]] = {}
        self.acknowledged: dict[Journal, int] = {}

    def sent(self, journal: Journal, seq: int, line: bytes) -> list[Violation]:
        """An event line on the wire. The first under a number counts; every other must be the same."""
        first = self.lines.setdefault(journal, {}).setdefault(seq, line)
        if first == line:
            return []
        return [Violation("content", f"{name(journal)}/{seq}: expected the line sent first, {first!r}, found {line!r}")]

    def line_of(self, journal: Journal, seq: int) -> bytes | None:
        """The line that was sent under a number."""
        return self.lines.get(journal, {}).get(seq)

    def acknowledge(self, journal: Journal, through: int) -> None:
        """All up to here are the gateway's."""
        self.acknowledged[journal] = max(through, self.acknowledged.get(journal, 0))


@dataclass
class _Inbox:
    """One journal as the inbox has it."""

    rows: list[tuple[int, str, str, bytes]] = field(default_factory=list)  # seq, kind, reason, line

    @property
    def present(self) -> set[int]:
        return {seq for seq, kind, _, _ in self.rows if kind != "forgotten"}


class JournalsAtRest:
    """Judges every journal into a verdict; `watch` reads the inbox."""

    def __init__(self, heard: Heard, watch: GatewayWatch, verdict: Verdict, excused: Excused) -> None:
        self._heard = heard
        self._watch = watch
        self._verdict = verdict
        self._excused = excused

    def judge(self, journals: Mapping[str, Mapping[str, int]]) -> None:
        """`journals`: by cabinet and epoch the last number that its flash ever held durably."""
        on_flash = {(cabinet, epoch): last for cabinet, epochs in journals.items() for epoch, last in epochs.items()}
        inbox = self._inbox()
        for journal in sorted(
            on_flash.keys() | inbox.keys() | self._heard.acknowledged.keys() | self._heard.lines.keys()
        ):
            self._judge(journal, on_flash.get(journal), inbox.get(journal, _Inbox()))
        self._cursors(inbox)
        self._sessions(inbox)

    def _inbox(self) -> dict[Journal, _Inbox]:
        found: dict[Journal, _Inbox] = {}
        for cabinet, epoch, *row in self._watch.database.rows(
            "SELECT cabinet, epoch, seq, kind, reason, line FROM inbox ORDER BY cabinet, epoch, seq"
        ):
            seq, kind, reason, line = row
            found.setdefault((cabinet, epoch), _Inbox()).rows.append((seq, kind, reason, bytes(line)))
        return found

    def _violated(self, rule: str, texts: Iterable[str]) -> None:
        self._verdict.violations += [Violation(rule, text) for text in texts]

    # ---- one journal ----

    def _judge(self, journal: Journal, last: int | None, inbox: _Inbox) -> None:
        verdict = self._verdict
        acknowledged = self._heard.acknowledged.get(journal, 0)
        end = max(last or 0, acknowledged)
        passed_over = self._passed_over(journal, inbox)
        missing = set(range(1, end + 1)) - inbox.present - passed_over
        verdict.events += end
        verdict.stated += len(passed_over)
        verdict.quarantined += sum(kind in ("quarantined", "unreadable") for _, kind, _, _ in inbox.rows)
        self._order(journal, inbox)
        self._contents(journal, inbox)
        self._flash(journal, last, acknowledged, inbox)
        self._missing(journal, missing, acknowledged, end)

    def _passed_over(self, journal: Journal, inbox: _Inbox) -> set[int]:
        """The events under `forgotten` rows that may be there."""
        numbers: set[int] = set()
        last = 0
        for seq, kind, _, _ in inbox.rows:
            if kind == "forgotten":
                found = self._watch.not_stated(journal, last, seq)
                self._verdict.violations += found
                numbers |= set() if found else set(range(last + 1, seq + 1))
            last = seq
        return numbers

    def _order(self, journal: Journal, inbox: _Inbox) -> None:
        for seq, count in Counter(seq for seq, _, _, _ in inbox.rows).items():
            self._verdict.doubled += count - 1
            if count > 1:
                self._violated("booked_once", [f"{name(journal)}/{seq}: expected it once in the inbox, found {count}"])
        steps = pairwise([(0, ""), *((seq, kind) for seq, kind, _, _ in inbox.rows)])
        holes = [(before + 1, seq) for (before, _), (seq, kind) in steps if seq > before + 1 and kind != "forgotten"]
        self._violated(
            "in_order", (f"{name(journal)}: expected event {seq} in the inbox, found {found}" for seq, found in holes)
        )

    def _contents(self, journal: Journal, inbox: _Inbox) -> None:
        heard = journal in self._heard.lines
        for seq, kind, reason, line in inbox.rows:
            if kind == "forgotten":
                continue
            sent = self._heard.line_of(journal, seq)
            self._verdict.violations += other_content(journal, seq, line, sent)
            if heard and sent is None and kind != "unreadable":
                self._violated("content", [f"{name(journal)}/{seq}: expected a line that was sent, found {line!r}"])
            if reason.startswith("could not be booked"):
                self._violated("acknowledged", [f"{name(journal)}/{seq}: expected it booked, found {reason}"])

    def _flash(self, journal: Journal, last: int | None, acknowledged: int, inbox: _Inbox) -> None:
        """Nothing was said that no flash holds."""
        said = max([acknowledged, *self._heard.lines.get(journal, {}), *inbox.present])
        if journal in self._excused.destroyed or said <= (last or 0):
            return
        found = "no such journal" if last is None else f"{last}"
        self._violated(
            "flushed", [f"{name(journal)}: expected event {said} on the flash, for it was sent, found {found}"]
        )

    def _missing(self, journal: Journal, missing: set[int], acknowledged: int, end: int) -> None:
        verdict = self._verdict
        broken = sorted(seq for seq in missing if seq <= acknowledged)
        behind = sorted(missing - set(broken))
        if broken:
            verdict.lost += len(broken)
            text = f"{name(journal)}: expected events 1 to {acknowledged} in the inbox, for they were acknowledged"
            text += f" (the database was replaced: {self._watch.replaced})" if self._watch.replaced else ""
            self._violated("acknowledged", [f"{text}, missing {len(broken)}: {_some(broken)}"])
        if behind and journal in self._excused.destroyed:
            verdict.destroyed += len(behind)
        elif behind and journal in self._excused.waiting:
            verdict.waiting += len(behind)
        elif behind:
            verdict.lost += len(behind)
            text = f"{name(journal)}: expected the gateway at event {end}, the last of the journal"
            self._violated("nobody_blocked", [f"{text}, missing {len(behind)}: {_some(behind)}"])

    # ---- all journals ----

    def _cursors(self, inbox: Mapping[Journal, _Inbox]) -> None:
        rows = self._watch.database.rows("SELECT cabinet, epoch, through FROM cursor")
        cursors: dict[Journal, int] = {(cabinet, epoch): through for cabinet, epoch, through in rows}
        for journal in sorted(cursors.keys() | inbox.keys()):
            last = max((row[0] for row in inbox.get(journal, _Inbox()).rows), default=0)
            found = cursors.get(journal, 0)
            if found != last:
                self._violated("in_order", [f"{name(journal)}: expected the cursor at {last}, found {found}"])

    def _sessions(self, inbox: Mapping[Journal, _Inbox]) -> None:
        """What was taken in has become a session and evidence: a line in the inbox alone is not a booking."""
        database = self._watch.database
        ended = {
            session
            for (session,) in database.rows("SELECT id FROM session WHERE closed_ms IS NOT NULL AND how != 'unended'")
        }
        self._verdict.sessions = len(ended)
        weighings = Counter(database.rows("SELECT cabinet, epoch, seq FROM weighing"))
        for (cabinet, epoch), journal in inbox.items():
            for seq, kind, _, line in journal.rows:
                if kind not in WITH_WEIGHINGS:
                    continue
                body = json.loads(line)["body"]
                session = f"{cabinet}/{epoch}/{body.get('session', '')}"
                if kind == "session_closed" and session not in ended:
                    text = f"expected session {session} ended by event {seq}, found it not"
                    self._violated("acknowledged", [text])
                expected, found = len(body["bins"]), weighings[cabinet, epoch, seq]
                if found != expected:
                    text = f"{cabinet}/{epoch}/{seq}: expected its {expected} weighings kept, found {found}"
                    self._violated("acknowledged", [text])


def _some(numbers: list[int]) -> str:
    shown = ", ".join(map(str, numbers[:10]))
    return shown if len(numbers) <= 10 else f"{shown}, and more"
