"""Has every part of a cabinet but its cells do what it is there for, and says what is wrong with it.

Each test gives (figures for the record, findings). What a person has to do meanwhile is asked at the terminal.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from hardware import boards
from hardware.commissioning.cell_check import Finding
from hardware.commissioning.serial_line import SerialLine
from hardware.commissioning.terminal import Terminal

CHANNELS = 8
_LIGHT_MS = 400
_DOOR_MS = 60_000
_LATCH_MS = 3_000
_TRIES = 3  # at a door: people are not always quick enough
_BADGE_MS = 30_000
_NETWORK_MS = 15_000
_CLOCK_MS = 2_500

Found = tuple[Any, list[Finding]]


class _DoorWords(NamedTuple):
    """What is said of a lock that is never seen shut, does not let go, does not shut again, or does all of it."""

    unseen: str
    dead: str
    unlatched: str
    fine: str


_DOOR_WORDS = {
    boards.FAIL_SECURE: _DoorWords("bolt_unseen", "lock_dead", "not_latched", "door_fine"),
    boards.FAIL_SAFE: _DoorWords("not_held", "still_held", "not_held", "door_fine_held"),
}


def muxes(line: SerialLine, terminal: Terminal, bins: int) -> Found:
    """Do all multiplexers and converters answer, each for itself?"""
    answers, always = line.call("muxes")
    everything = list(range(1, bins + 1))
    wrong = line.call("start", everything)
    marks = line.call("marks", everything)
    findings = []
    for at, (address, answered) in enumerate(answers):
        first, last = at * CHANNELS + 1, min(bins, (at + 1) * CHANNELS)
        seen = set(marks[first - 1 : last])
        if not answered:
            findings.append(_mux("mux_dead", address, first, last))
        elif always and last > first and len(seen) == 1 and None not in seen:
            findings.append(_mux("mux_stuck", address, first, last))
    out = unmeasured(findings, bins)
    for bin_, mark in zip(everything, marks, strict=True):
        if bin_ not in out and (mark != bin_ or wrong[bin_ - 1]):
            findings.append(Finding("bin", bin_, "dead", {}))
    if not findings:
        terminal.fine("muxes_fine" if answers else "converters_fine", muxes=len(answers), bins=bins)
    return {"muxes": len(answers)}, findings


def _mux(cause: str, address: int, first: int, last: int) -> Finding:
    return Finding("mux", at_mux(address), cause, {"address": f"0x{address:02X}", "first": first, "last": last})


def at_mux(address: int) -> int:
    """The number of a multiplexer among people, from 1."""
    return address - 0x70 + 1


def unmeasured(findings: Sequence[Finding], bins: int) -> set[int]:
    """Bins that cannot be looked at: behind a dead multiplexer, or, when one hangs, any."""
    out: set[int] = set()
    for each in findings:
        if each.cause == "mux_stuck":
            return set(range(1, bins + 1))
        if each.where == "mux":
            out |= set(range(each.values["first"], each.values["last"] + 1))
    return out


def lights(line: SerialLine, terminal: Terminal, bins: int) -> Found:
    """Lit in turn; whoever watches says which did not come on."""
    line.call("show_in_turn", list(range(1, bins + 1)), _LIGHT_MS)
    answer = terminal.ask("lights_ask", asked={"ask": "lights"}, bins=bins)
    wrong = sorted({int(each) for each in re.findall(r"\d+", answer) if 1 <= int(each) <= bins})
    if not wrong:
        terminal.fine("lights_fine", bins=bins)
    return {"lights": bins - len(wrong)}, [Finding("bin", bin_, "light_wrong", {}) for bin_ in wrong]


def door(line: SerialLine, terminal: Terminal, index: int, row: dict[str, Any], locks: str) -> Found:
    """Shut, unlocked, pulled open, shut again; of a fail-safe lock: held, let go, held again."""
    number, says = row["door"], _DOOR_WORDS[locks]
    cause = _shut(line, terminal, index, number, says.unseen)[1] if line.call("door", index) != [False, True] else ""
    if cause:
        return None, [Finding("door", number, cause, {})]
    for _ in range(_TRIES):
        terminal.do("do_pull", asked={"do": "pull", "door": number}, door=number)
        free_ms, open_ms, on_ms = line.call("draw", index)
        if open_ms is not None:
            break
        if locks == boards.FAIL_SECURE:  # a coil rests three times as long
            line.execute(f"import time\ntime.sleep_ms({3 * on_ms})")
    if open_ms is None:
        return None, [Finding("door", number, says.dead if free_ms is None else "contact_dead", {})]
    latch_ms, cause = _shut(line, terminal, index, number, says.unlatched)
    if cause:
        return None, [Finding("door", number, cause, {})]
    figures = {"free_ms": free_ms, "on_ms": on_ms, "max_ms": row["lock_ms_max"], "latch_ms": latch_ms}
    terminal.fine(says.fine, **figures)
    return figures, []


def _shut(line: SerialLine, terminal: Terminal, index: int, number: int, unlatched: str) -> tuple[int, str]:
    """Have a door shut: (ms from shut to latched, "" or what is wrong)."""
    terminal.do("do_shut", asked={"do": "shut", "door": number}, door=number)
    contact_ms, _ = line.call("wait_door", index, False, None, _DOOR_MS, timeout_s=_DOOR_MS / 1000 + 10)
    if contact_ms is None:
        return 0, "door_not_shut"
    _, bolt_ms = line.call("wait_door", index, False, True, _LATCH_MS)
    return (0, unlatched) if bolt_ms is None else (bolt_ms, "")


def badge(line: SerialLine, terminal: Terminal) -> Found:
    """Does the reader answer, and read a card?"""
    version = line.call("badge_reader")
    if version is None:
        return None, [Finding("badge", 0, "reader_dead", {})]
    terminal.do("do_badge", asked={"do": "badge"})
    uid = line.call("badge", _BADGE_MS, timeout_s=_BADGE_MS / 1000 + 10)
    figures = {"chip": version[0], "version": version[1], "revision": version[2]}
    if not uid:
        return figures, [Finding("badge", 0, "no_card", {})]
    terminal.fine("badge_fine", uid=uid.upper(), **figures)
    return figures, []


def tags(line: SerialLine, terminal: Terminal) -> Found:
    """What does the tag reader say it is?"""
    name = line.call("tag_reader")
    if name is None:
        return None, [Finding("tags", 0, "tags_dead", {})]
    terminal.fine("tags_fine", name=name)
    return {"name": name}, []


def network(line: SerialLine, terminal: Terminal, host: str, port: int) -> Found:
    """Is there a link and an address, and does the gateway answer?"""
    address = line.call("connect", _NETWORK_MS)
    if not address:
        return None, [Finding("network", 0, "no_link", {})]
    error = line.call("reach", host, port)
    if error:
        return {"address": address}, [Finding("network", 0, "no_gateway", {"host": host, "port": port, "error": error})]
    terminal.fine("network_fine", address=address, host=host, port=port)
    return {"address": address}, []


def clock(line: SerialLine, terminal: Terminal) -> Found:
    """Set to now (UTC): does it go on?"""
    now = datetime.now(UTC)
    fields = [now.year, now.month, now.day, now.weekday(), now.hour, now.minute, now.second, 0]
    if not 1 <= line.call("clock", fields, _CLOCK_MS) <= 4:
        return None, [Finding("clock", 0, "clock_stands", {})]
    terminal.fine("clock_fine")
    return {}, []
