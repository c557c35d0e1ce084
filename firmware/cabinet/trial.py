"""Proves firmware that runs for the first time: it stays when it works, else the one before comes back; then let go of.

It works when the gateway has acknowledged what this start journaled (so the journal takes events, they go out whole and
are understood), when bins are scanned in time and no more are blind than before, for two minutes on end. Ten
minutes without that give it up, at once or when nobody is at the cabinet any more. A cabinet whose gateway is away
in those minutes goes back to what it could speak to, once, and stays there until the gateway asks again.
"""

import asyncio

import machine

from cabinet.health import FIRMWARE

_LOOK_MS = 2000
_WELL_MS = 120000
_TRIAL_MS = 600000


async def prove(updating) -> None:
    """Return when this firmware is proven; starts the one before when it is not."""
    blind_before = updating.slots.read()["blind"]
    journal_wanted = updating.journal.last
    well_since_ms = None
    while True:
        now_ms = updating.clock.up_ms()
        trouble = _trouble(updating, journal_wanted, blind_before, now_ms)
        if trouble:
            well_since_ms = None
        elif well_since_ms is None:
            well_since_ms = now_ms
        elif now_ms - well_since_ms >= _WELL_MS:
            break
        if now_ms >= _TRIAL_MS and trouble and updating.at_rest:
            updating.slots.give_up(FIRMWARE, trouble)
            machine.reset()
        await asyncio.sleep_ms(_LOOK_MS)
    _confirm(updating)


def _trouble(updating, journal_wanted, blind_before, now_ms):
    """What is not as it must be, "" when all is well."""
    if updating.journal.through < journal_wanted:
        return "expected its events to be acknowledged, found the gateway silent"
    if not updating.scanner.going_on(now_ms):
        return "expected bins to be scanned, found it stopped"
    if updating.scanner.blind() > blind_before:
        return "expected at most %d blind bins, found %d" % (blind_before, updating.scanner.blind())
    return ""


def _confirm(updating):
    """It stays: the timer that would start it anew is stopped, and the record says so."""
    from cabinet.interpreter import keep  # noqa: PLC0415 - seldom needed

    # Before the record: cut in between, the starter finds the interpreter started again, which only a kept one is.
    keep(bool(updating.slots.read()["app"]))
    updating.slots.write(trial=0, starts=0, app="")
    machine.Timer(0).deinit()
    updating.trial = 0
    updating.recorder.record("update_confirmed", version=FIRMWARE)
    updating.tell()
