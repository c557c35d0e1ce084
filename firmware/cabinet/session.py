"""The session (开柜记录) as a table: what happens in which state leads where and asks for what.

Pure: events in, actions out, no door, no clock, no journal. `attendant.py` makes the events and carries out the
actions in their order. A pair that is not in the table cannot happen; if it does, the invariant is broken and
`SessionError` stops the program.

    SHUT -> UNLOCKED -> OPEN -> SETTLING -> SHUT

A door that opens while SHUT had never latched: nobody was let in, and it counts as forced.
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

# State, event, next state, actions in their order. Text, as in wire.py: as a dict of tuples it would take three
# kilobytes of heap.
TABLE = """
shut badge unlocked open_session unlock
shut command unlocked open_session unlock
shut door_opened open report_forced open_session report_opened
shut door_forced open report_forced open_session report_opened
shut not_latched shut report_not_latched
shut found_open open
shut found_shut settling settle
unlocked badge unlocked join unlock
unlocked command unlocked join unlock
unlocked door_opened open report_opened
unlocked door_forced open report_forced report_opened
unlocked window_over shut close_unused
unlocked not_latched unlocked report_not_latched
open badge open join unlock
open command open join unlock
open door_opened open report_opened
open door_forced open report_forced report_opened
open door_shut open report_shut
open all_shut settling report_shut settle
open window_over open
open held_open open report_held
open not_latched open report_not_latched
settling badge settling wait_turn
settling door_opened open report_opened
settling door_forced open report_forced report_opened
settling not_latched settling report_not_latched
settling settled shut close
"""


class SessionError(RuntimeError):
    """Something happened that cannot happen in this state."""


def step(state: str, event: str):
    """(next state, actions) of an event."""
    start = TABLE.find("\n" + state + " " + event + " ")
    if start < 0:
        raise SessionError("expected an event that the table has while %s, found %s" % (state, event))
    words = TABLE[start + 1 : TABLE.find("\n", start + 1)].split(" ")
    return words[2], words[3:]
