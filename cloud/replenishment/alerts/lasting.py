"""What becomes of a matter when it is looked at again: what flickers is one alert, and what is over ends. Pure."""

from dataclasses import dataclass
from typing import Literal

from cloud.replenishment.alerts.matters import Finding, Patience

Act = Literal["begin", "stand", "end", "nothing"]


@dataclass(frozen=True, slots=True)
class Memory:
    """Since when a thing is so, short pauses counted in, and when it was last seen so."""

    since_ms: int
    seen_ms: int


@dataclass(frozen=True, slots=True)
class Step:
    """What is remembered from now on (None: nothing), and what is done about the alert."""

    memory: Memory | None
    act: Act


def step(finding: Finding, memory: Memory | None, patience: Patience, now_ms: int, *, is_open: bool) -> Step:
    """The next step of one matter."""
    if finding.holds is None:
        return Step(memory, "nothing")
    if finding.holds:
        known = Memory(memory.since_ms if memory else now_ms, now_ms)
        if is_open:
            return Step(known, "stand")
        return Step(known, "begin" if now_ms - known.since_ms >= patience.hold_ms else "nothing")
    if memory is not None and now_ms - memory.seen_ms < patience.calm_ms:
        return Step(memory, "nothing")  # it may be back in a moment
    return Step(None, "end" if is_open else "nothing")
