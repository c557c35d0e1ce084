"""What a rollout does next: go on with its stage, watch it, begin the next one, stop, or be done. Pure.

`plan` looks at everything as it is and may be asked any number of times: what has been done already is not done again.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from cloud.rollouts.health import Health, is_bad

HOUR_MS: Final = 3_600_000
LATE_MS: Final = 24 * HOUR_MS  # a stage does not wait longer for cabinets that nobody hears
UNDER_WAY: Final = frozenset({"told", "loading", "trial"})
THROUGH: Final = frozenset({"confirmed", "not_needed"})
OUT: Final = frozenset({"excluded", "gateway_old", "controller_old", "not_needed"})  # tell nothing about the release
Act = Literal["nothing", "tell", "watch", "next_stage", "another_first", "stop", "done"]


@dataclass(frozen=True, slots=True)
class Member:
    """A cabinet of a rollout. `is_here`: it and its gateway are heard of; `is_hour`: its shop's hour is right."""

    shop: str
    cabinet: str
    stage: int
    turn: int
    state: str
    told_ms: int = 0
    is_here: bool = True
    is_hour: bool = True

    @property
    def place(self) -> tuple[str, str]:
        """Shop and cabinet."""
        return self.shop, self.cabinet


@dataclass(frozen=True, slots=True)
class Course:
    """A rollout as it stands. `soak_ms` 0: its stage is not watched yet; `soaks_ms`: how long each stage is."""

    stage: int
    stage_ms: int
    soak_ms: int
    soaks_ms: Sequence[int]
    pace: int
    bad_percent: int


@dataclass(frozen=True, slots=True)
class Step:
    """What is to be done now; `tell`: which cabinets are begun."""

    act: Act
    tell: Sequence[Member] = field(default=())


def plan(course: Course, members: Sequence[Member], health: Health, now_ms: int) -> Step:
    """The next step of a rollout that runs."""
    if is_bad(health, course.bad_percent):
        return Step("stop")
    own = [member for member in members if member.stage == course.stage]
    waits = any(member.state == "waiting" for member in members)
    if waits and _needs_another_first(course, own, members):
        return Step("another_first")
    if course.stage == 0 and own and all(member.state in OUT for member in own):
        return Step("next_stage")
    if not course.soak_ms:
        return _bring(course, own, members, now_ms)
    if now_ms - course.soak_ms < course.soaks_ms[min(course.stage, len(course.soaks_ms) - 1)]:
        return _tell(course, members, now_ms)
    return _after(course, members, now_ms)


def _needs_another_first(course: Course, own: Sequence[Member], members: Sequence[Member]) -> bool:
    """Whether the first one fell out; or whether, stages later, nobody has tried the release at all."""
    if course.stage == 0:
        return bool(own) and all(member.state in OUT for member in own)
    return all(member.state in OUT or member.state == "waiting" for member in members)


def _after(course: Course, members: Sequence[Member], now_ms: int) -> Step:
    """A stage that has been watched for long enough."""
    if any(member.stage > course.stage for member in members):
        return Step("next_stage")
    if any(member.state in UNDER_WAY or member.state == "waiting" for member in members):
        return _tell(course, members, now_ms)  # who was away gets it when it is back
    return Step("done")


def _bring(course: Course, own: Sequence[Member], members: Sequence[Member], now_ms: int) -> Step:
    """A stage that is under way: whether it has come far enough to be watched.

    After a day it waits no longer for who is not heard of, unless that is everybody.
    """
    counted = [member for member in own if member.state not in OUT - THROUGH]
    if now_ms - course.stage_ms >= LATE_MS:
        counted = [member for member in counted if member.is_here or member.state in THROUGH] or counted
    if all(member.state in THROUGH for member in counted):
        return Step("watch")
    return _tell(course, members, now_ms)


def _tell(course: Course, members: Sequence[Member], now_ms: int) -> Step:
    """Who is begun, of this stage and of those before it: as the pace allows, and one at a time in a shop."""
    own = [member for member in members if member.stage <= course.stage]
    lately = [member for member in members if member.told_ms > now_ms - HOUR_MS]
    room = course.pace - len(lately)
    busy = Counter(member.shop for member in lately if member.state in UNDER_WAY)
    begun: list[Member] = []
    for member in sorted(own, key=lambda each: (each.stage, each.turn)):
        if len(begun) >= room:
            break
        if member.state == "waiting" and member.is_here and member.is_hour and not busy[member.shop]:
            busy[member.shop] += 1
            begun.append(member)
    return Step("tell", begun) if begun else Step("nothing")
