"""What became of a cabinet in a rollout, by what its gateway says of its firmware. Pure.

The order's number says which order a gateway speaks of; what really runs says more: an order that was called off may
have been carried out before, and a cabinet may have been updated by somebody's hand.
"""

from dataclasses import dataclass
from typing import Final

UNKNOWN_KIND: Final = "a later version knows it"  # as `feed_format.read_entry` says of a kind
UNDER_WAY: Final = frozenset({"told", "loading", "trial"})
_SAID: Final = {
    "waiting": "told",
    "loading": "loading",
    "installed": "trial",
    "confirmed": "confirmed",
    "returned": "returned",
    "refused": "refused",
    "too_old": "controller_old",
}


@dataclass(frozen=True, slots=True)
class Known:
    """A cabinet in a rollout: its state, the order's number, the version before, and whether it was ever begun."""

    state: str
    reason: str
    number: int
    before: str
    was_told: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """What its gateway says. `knows`: the gateway can update cabinets; `refused`: why it refused the order, or ""."""

    knows: bool
    version: str = ""
    trial: bool = False
    said: str = ""
    reason: str = ""
    number: int = 0
    refused: str = ""


def learned(known: Known, seen: Seen, wanted: str) -> tuple[str, str]:
    """State and reason from now on. `wanted`: the release's version."""
    if known.state in {"waiting", "gateway_old", "controller_old"}:
        return _not_begun(known, seen, wanted)
    if known.state in UNDER_WAY:
        return _under_way(known, seen, wanted)
    if known.state == "calling_back":
        return _called_back(known, seen)
    return known.state, known.reason


def _not_begun(known: Known, seen: Seen, wanted: str) -> tuple[str, str]:
    if seen.version == wanted and seen.trial:
        return "trial", ""
    if seen.version == wanted:
        return ("confirmed", "") if known.was_told else ("not_needed", "")
    if not seen.knows:
        return "gateway_old", ""
    if known.state == "gateway_old":
        return "waiting", ""
    return known.state, known.reason


def _under_way(known: Known, seen: Seen, wanted: str) -> tuple[str, str]:
    if seen.refused:
        is_old = not seen.knows or UNKNOWN_KIND in seen.refused
        return ("gateway_old", "") if is_old else ("refused", seen.refused)
    if seen.version == wanted:
        return ("trial" if seen.trial else "confirmed"), ""
    if seen.number == known.number and seen.said in _SAID:
        state = _SAID[seen.said]
        if state not in {"confirmed", "trial"}:  # by what runs, above
            return state, seen.reason if state in {"returned", "refused"} else ""
    if known.state == "trial" and seen.version == known.before:
        return "returned", seen.reason
    return known.state, known.reason


def _called_back(known: Known, seen: Seen) -> tuple[str, str]:
    if seen.version == known.before and not seen.trial:
        return "went_back", ""
    why = seen.refused or (seen.reason if seen.number == known.number and seen.said in {"refused", "returned"} else "")
    return ("stays", why) if why else (known.state, known.reason)
