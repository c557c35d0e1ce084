"""The session (开柜记录) as a table: what happens in which state leads where and asks for what.

Pure: events in, actions out, no door, no clock, no journal. `attendant.py` makes the events and carries out the
actions in their order. A pair that is not in the table cannot happen; if it does, the invariant is broken and
`SessionError` stops the program.

    SHUT -> UNLOCKED -> OPEN -> SETTLING -> SHUT
"""

# States
SHUT = "shut"  # no session
UNLOCKED = "unlocked"  # a session, its doors unlocked, none opened yet
OPEN = "open"  # at least one door is open
SETTLING = "settling"  # all doors shut, the bins are coming to rest

# Events
BADGE = "badge"  # of somebody on the access list
COMMAND = "command"  # to unlock a door
DOOR_OPENED = "door_opened"  # that had been unlocked
DOOR_FORCED = "door_forced"  # that had not
DOOR_SHUT = "door_shut"  # another is still open
ALL_SHUT = "all_shut"  # the last one
WINDOW_OVER = "window_over"  # the time to open an unlocked door
HELD_OPEN = "held_open"  # a door is open for too long
NOT_LATCHED = "not_latched"  # a shut door's bolt did not fall
SETTLED = "settled"  # all bins at rest, or the deadline is over
FOUND_OPEN = "found_open"  # after a start: the journal's session is open, and so is a door
FOUND_SHUT = "found_shut"  # after a start: the journal's session is open, the doors are shut

# Actions
OPEN_SESSION = "open_session"
JOIN = "join"
UNLOCK = "unlock"
WAIT_TURN = "wait_turn"  # the badge counts as soon as this session is closed
REPORT_FORCED = "report_forced"
REPORT_OPENED = "report_opened"
REPORT_SHUT = "report_shut"
REPORT_HELD = "report_held"
REPORT_NOT_LATCHED = "report_not_latched"
SETTLE = "settle"
CLOSE = "close"
CLOSE_UNUSED = "close_unused"

_FORCED = (OPEN, (REPORT_FORCED, OPEN_SESSION, REPORT_OPENED))
_FORCED_WITHIN = (OPEN, (REPORT_FORCED, REPORT_OPENED))
_OPENED = (OPEN, (REPORT_OPENED,))

TABLE = {
    SHUT: {
        BADGE: (UNLOCKED, (OPEN_SESSION, UNLOCK)),
        COMMAND: (UNLOCKED, (OPEN_SESSION, UNLOCK)),
        DOOR_OPENED: _FORCED,  # it had never latched: nobody was let in
        DOOR_FORCED: _FORCED,
        NOT_LATCHED: (SHUT, (REPORT_NOT_LATCHED,)),
        FOUND_OPEN: (OPEN, ()),
        FOUND_SHUT: (SETTLING, (SETTLE,)),
    },
    UNLOCKED: {
        BADGE: (UNLOCKED, (JOIN, UNLOCK)),
        COMMAND: (UNLOCKED, (JOIN, UNLOCK)),
        DOOR_OPENED: _OPENED,
        DOOR_FORCED: _FORCED_WITHIN,
        WINDOW_OVER: (SHUT, (CLOSE_UNUSED,)),
        NOT_LATCHED: (UNLOCKED, (REPORT_NOT_LATCHED,)),
    },
    OPEN: {
        BADGE: (OPEN, (JOIN, UNLOCK)),
        COMMAND: (OPEN, (JOIN, UNLOCK)),
        DOOR_OPENED: _OPENED,
        DOOR_FORCED: _FORCED_WITHIN,
        DOOR_SHUT: (OPEN, (REPORT_SHUT,)),
        ALL_SHUT: (SETTLING, (REPORT_SHUT, SETTLE)),
        WINDOW_OVER: (OPEN, ()),
        HELD_OPEN: (OPEN, (REPORT_HELD,)),
        NOT_LATCHED: (OPEN, (REPORT_NOT_LATCHED,)),
    },
    SETTLING: {
        BADGE: (SETTLING, (WAIT_TURN,)),
        DOOR_OPENED: _OPENED,
        DOOR_FORCED: _FORCED_WITHIN,
        NOT_LATCHED: (SETTLING, (REPORT_NOT_LATCHED,)),
        SETTLED: (SHUT, (CLOSE,)),
    },
}


class SessionError(RuntimeError):
    """Something happened that cannot happen in this state."""


def step(state: str, event: str):
    """(next state, actions) of an event."""
    try:
        return TABLE[state][event]
    except KeyError:
        raise SessionError("expected one of %s while %s, found %s" % (sorted(TABLE[state]), state, event))
