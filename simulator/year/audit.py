"""What the ledger says of every bin and part against what really lies there, and how a difference came to be.

It reads the gateway's database by queries of its own and the shelf as it is; it shares no code with the product and
books nothing.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import timedelta

from simulator.count_bench.shelf import FOREIGN, Shelf
from simulator.year.diary import START
from simulator.year.shop_gateway import CABINET, ShopGateway

_STORY_MAX = 12  # entries kept of a bin's story since it last was right

# What is right afterwards because it was booked at once to nobody's account, and what people ask themselves.
_TRUE = ("unexplained_change", "no_person", "more_than_held", "contested")

BinPart = tuple[int, str]  # bin from 1, part


@dataclass(frozen=True, slots=True)
class Question:
    """A discrepancy as it was opened. `false_alarm`: the stock was right, and nothing lay there that should not."""

    id: str
    bin: int
    reason: str
    at_ms: int
    false_alarm: bool


@dataclass(slots=True)
class Violation:
    """A bin whose stock was wrong at a week's end although nothing was open for it, and what had led there."""

    bin: int
    part: str
    found: str
    story: list[str]


@dataclass(slots=True)
class Week:
    """What was found at one week's end, in bins and parts."""

    day: int
    right: int = 0
    wrong_and_open: int = 0
    wrong_and_silent: int = 0
    open: int = 0
    open_though_right: int = 0


@dataclass(slots=True)
class Audit:
    """Follows the questions as they come, and compares at every week's end."""

    gateway: ShopGateway
    shelf: Shelf
    questions: dict[str, Question] = field(default_factory=dict)
    violations: dict[BinPart, Violation] = field(default_factory=dict)
    past_violations: list[Violation] = field(default_factory=list)
    weeks: list[Week] = field(default_factory=list)
    _stories: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))

    # ---- while it happens ----

    def note(self, bin_: int, at_ms: int, text: str) -> None:
        """Something happened at a bin (from 1) that may explain a difference."""
        story = self._stories[bin_]
        story.append(f"{when(at_ms)} {text}")
        del story[:-_STORY_MAX]

    def look(self, at_ms: int) -> list[Question]:
        """The questions opened since the last look; stories of bins that are right again are over."""
        wrong = {bin_ for bin_, _ in self.differences()}
        for bin_ in [bin_ for bin_ in self._stories if bin_ not in wrong and not self._strange(bin_)]:
            del self._stories[bin_]
        new = []
        for identity, bin_, reason in self.gateway.rows("select id, bin, reason from discrepancy"):
            if identity not in self.questions:
                false_alarm = reason not in _TRUE and bin_ > 0 and bin_ not in wrong and not self._strange(bin_)
                self.questions[identity] = question = Question(identity, bin_, reason, at_ms, false_alarm)
                new.append(question)
        return new

    def compare_visit(self, session: str, at_ms: int, what: str, net: dict[BinPart, int]) -> bool:
        """What a session really did against what was booked for it; whether it is the same."""
        booked = self._booked_for(session)
        for bin_ in {bin_ for bin_, _ in {*net, *booked}}:
            real = {part: n for (at, part), n in net.items() if at == bin_ and n}
            said = {part: n for (at, part), n in booked.items() if at == bin_ and n}
            asked = [row[0] for row in self._asked_for(session, bin_)]
            if real != said or asked:
                decided = f"booked {said or 'nothing'}" + (
                    f", asked {', '.join(asked)}" if asked else ", asked nothing"
                )
                self.note(bin_, at_ms, f"{session} ({what}): really {real or 'nothing'}, {decided}")
        return {key: n for key, n in net.items() if n} == {key: n for key, n in booked.items() if n}

    # ---- at a week's end ----

    def week_end(self, at_ms: int, excused: set[int]) -> Week:
        """Compare every bin and part. `excused`: bins something was stolen from lately."""
        week = Week(at_ms // 86_400_000)
        differences, open_bins = self.differences(), self.open_bins()
        told = self._told()
        for (bin_, part), (real, booked) in differences.items():
            if (bin_, "") in told or (bin_, part) in told:
                week.wrong_and_open += 1
            elif bin_ not in excused:
                week.wrong_and_silent += 1
                self._violated(bin_, part, f"{when(at_ms)} really {real}, booked {booked}, no discrepancy is open")
        for key in [key for key in self.violations if key not in differences]:
            self.past_violations.append(self.violations.pop(key))
        places = {(bin_ + 1, place.part.number) for bin_, plan in enumerate(self.shelf.plan) for place in plan}
        week.right = len(places - set(differences))
        week.open = len(open_bins)
        wrong = {bin_ for bin_, _ in differences}
        week.open_though_right = sum(bin_ not in wrong and not self._strange(bin_) for bin_ in open_bins)
        self.weeks.append(week)
        return week

    def _violated(self, bin_: int, part: str, found: str) -> None:
        """One violation, however many weeks it lasts."""
        if (bin_, part) not in self.violations:
            self.violations[bin_, part] = Violation(bin_, part, found, list(self._stories[bin_]))

    # ---- reading ----

    def differences(self) -> dict[BinPart, tuple[int, int]]:
        """Where stock is not what the ledger says: (real, booked)."""
        booked = self._booked()
        found: dict[BinPart, tuple[int, int]] = {}
        for bin_ in range(1, len(self.shelf.things) + 1):
            real = self.shelf.stock(bin_ - 1)
            for part in {*real, *booked[bin_]} - {FOREIGN}:
                if real[part] != booked[bin_][part]:
                    found[bin_, part] = (real[part], booked[bin_][part])
        return found

    def open_bins(self) -> set[int]:
        """The bins for which a discrepancy is open."""
        return {row[0] for row in self.gateway.rows("select bin from open_discrepancy where bin > 0")}

    def _told(self) -> set[BinPart]:
        """What discrepancies are open for: bins, and (one that strayed says nothing of the others) a part in a bin."""
        rows = self.gateway.rows("select bin, part, reason from open_discrepancy where bin > 0")
        return {(bin_, part if reason == "misplaced" else "") for bin_, part, reason in rows}

    def _strange(self, bin_: int) -> bool:
        """Whether something lies in a bin that does not belong there."""
        planned = {place.part.number for place in self.shelf.plan[bin_ - 1]}
        return any(thing.part not in planned for thing in self.shelf.things[bin_ - 1])

    def _booked(self) -> dict[int, Counter[str]]:
        prefix = f"bin:{CABINET}/"
        booked: dict[int, Counter[str]] = defaultdict(Counter)
        rows = "select account, part, quantity from balance where account like 'bin:%'"
        for account, part, quantity in self.gateway.rows(rows):
            booked[int(account.removeprefix(prefix))][part] = quantity
        return booked

    def _booked_for(self, session: str) -> Counter[BinPart]:
        prefix = f"bin:{CABINET}/"
        booked: Counter[BinPart] = Counter()
        rows = "select p.account, p.part, p.quantity from posting p join movement m on m.id = p.movement "
        for account, part, quantity in self.gateway.rows(
            rows + "where m.session = ? and m.cause != 'unexplained' and p.account like 'bin:%'", (session,)
        ):
            booked[int(account.removeprefix(prefix)), part] += quantity
        return booked

    def _asked_for(self, session: str, bin_: int) -> list[tuple[str]]:
        return self.gateway.rows("select reason from discrepancy where session = ? and bin = ?", (session, bin_))


def when(at_ms: int) -> str:
    """A time of the story as people write it."""
    return f"{START + timedelta(milliseconds=at_ms):%Y-%m-%d %H:%M}"
