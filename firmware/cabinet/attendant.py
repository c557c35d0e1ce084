"""Attends to the cabinet: makes the events of `session.py` from doors, badges and time, and carries out its actions.

One session at a time. A badge unlocks every door of the cabinet that is shut, and people pull the ones they need; an
unlock command names its door. What is reported is in the journal before it is acted on. After a start it takes up the
session the journal left open. It decides who is let in by the access list alone, and nothing about parts.
"""

import asyncio
from array import array

from cabinet import door as doors_module
from cabinet import session, wire
from cabinet.scanner import FAST, RARE, SLOW
from cabinet.weighing import SETTLE_MS_MAX

_POLL_MS = 20
WINDOW_AFTER_MS = 500  # after the coil is off, for the contact to follow
HELD_OPEN_MS = 120000  # then twice that, and so on
_WELCOME_MS = 1500
_REFUSED_MS = 1200
_MOVING_MS = 5000  # scan fast for so long after a bin began to move while shut
_FORGOTTEN_MS = 60000  # an open door in front of which nothing moves for so long
_CALM_MS = 180000  # after the last of it, for so long, scan slowly; then hardly ever


class Attendant:
    """The cabinet's session and everything that moves it on."""

    def __init__(self, doors, weighing, scanner, recorder, access, lights, clock):
        self.state = session.SHUT
        self.session = 0  # seq of the open session, 0: none
        self.person = ""
        self.tags = None  # told of every step, where there is a tag reader; a session's end waits while it is `busy`
        self._doors = doors
        self._weighing = weighing
        self._scanner = scanner
        self._recorder = recorder
        self._access = access
        self._lights = lights
        self._clock = clock
        self._recovered = None  # the weights before, in a session of an earlier boot
        self._missing = ""
        self._people = []  # who has opened or joined this session
        self._told = bytearray(weighing.bins)  # whose weight has been journaled since the start
        self._waiting = None  # (badge, person) whose turn comes when this session is closed
        self._opened_ms = 0  # when the session, in this boot, began
        self._deadline_ms = None  # of the unlock window or of settling
        self._held = {}  # door: [opened_ms, next report after]
        self._moving_until_ms = _MOVING_MS
        self._polled_ms = -_POLL_MS
        self._stirred = asyncio.ThreadSafeFlag()
        self._context = {}  # what the actions of one event need to know
        self.started = False

    # ---- what comes in ----

    def badge(self, uid: bytes) -> None:
        """A card was presented."""
        badge = self._access.text(uid)
        person, reason = self._access.find(badge)
        if person is None:
            self._refuse(badge, reason)
        else:
            self._admit(badge, person)
        self.stir()  # for the lights of a refusal

    def _admit(self, badge, person):
        if self.state == session.SHUT and not self._recorder.has_room():
            self._refuse(badge, "journal_full")
        elif not self.started:
            self._refuse(badge, "busy")
        else:
            asking = self._access.pin_doors  # for these the gateway asks for more, and unlocks them by command
            if asking != (1 << len(self._doors)) - 1:
                self._happen(session.BADGE, by="badge", badge=badge, person=person, door=0)
            if asking:
                self._refuse(badge, "pin")

    def cannot_unlock(self, number: int) -> str:
        """Why an unlock command is refused, "" when it is not."""
        if not self.started or self.state == session.SETTLING:
            return "expected no session that is settling, try again"
        if number not in [door.number for door in self._doors]:
            return "expected a door of this cabinet, found %d" % number
        if not self._recorder.has_room():
            return "expected room in the journal, found none"
        return ""

    def unlock(self, number: int, person: str) -> None:
        """Carry out an unlock command that can be."""
        self._happen(session.COMMAND, by="command", badge="", person=person, door=number)

    def resume(self, seq: int, opened, boot: int) -> None:
        """Take up a session an earlier boot left open; `opened` is its journaled event, None when it is gone."""
        self.session = seq
        self.person = ""
        self._missing = "weights before"
        self._recovered = array("i")  # flat: as rows they would take two kilobytes for as long as a door is open
        if opened is not None:
            self.person = opened["person"]
            self._missing = "boots %d to %d: doors not watched" % (opened["boot"], boot)
            rows = opened["bins"]
            while rows:  # let go of one after another
                row = rows.pop(0)
                self._recovered.extend(array("i", [row[0], row[1] or 0, row[2], row[3] if row[1] is not None else 2]))
        self._people = [self.person]

    # ---- time ----

    def stir(self, _=None) -> None:
        """Have doors and deadlines looked at soon; interrupts call it."""
        self._stirred.set()

    async def run(self) -> None:
        """Watch doors and deadlines for ever: closely while something may happen any moment, else when stirred."""
        for door in self._doors:
            door.watch(self.stir)
        while True:
            self.poll(self._clock.up_ms())
            if self._may_happen():
                await asyncio.sleep_ms(_POLL_MS)
            else:
                await self._stirred.wait()

    def _may_happen(self):
        """Whether the next moment may bring what no interrupt tells of."""
        if self.state == session.UNLOCKED or self._lights.lit:
            return True
        for door in self._doors:
            if door.restless:
                return True
        return False

    def poll(self, now_ms: int) -> None:
        """Look at doors and deadlines once; begins when the bins have been heard. Called too often, it does nothing."""
        if now_ms - self._polled_ms < _POLL_MS:
            return
        self._polled_ms = now_ms
        if not self.started:
            if not self._scanner.starting():
                self._start()
            return
        for door in self._doors:
            what = door.poll(now_ms)
            if what is not None:
                self._door(door, what)
        self._look_at_deadlines(now_ms)
        self._recorder.flush()
        self._lights.tick(now_ms)

    def _start(self):
        """Find out how the doors were left."""
        self.started = True
        now_ms = self._clock.up_ms()
        opened = [door for door in self._doors if door.open]
        for door in opened:
            self._held[door.number] = [now_ms, HELD_OPEN_MS]
        if self.session:
            self._opened_ms = now_ms
            self._happen(session.FOUND_OPEN if opened else session.FOUND_SHUT)
            return
        for door in opened:
            self._happen(session.DOOR_FORCED, by="forced", badge="", person="", door=door.number)

    def _a_door_moves(self):
        """Whether a door was pulled in the last moment: without waiting for it, it would be taken for a break-in."""
        for door in self._doors:
            if door.moving:
                return True
        return False

    def _look_at_deadlines(self, now_ms):
        if self._deadline_ms is not None and now_ms >= self._deadline_ms and not self._a_door_moves():
            self._deadline_ms = None
            self._happen(session.SETTLED if self.state == session.SETTLING else session.WINDOW_OVER)
        for number in self._held:
            opened_ms, after_ms = self._held[number]
            if now_ms - opened_ms >= after_ms:
                self._held[number][1] = 2 * after_ms
                self._happen(session.HELD_OPEN, door=number, open_ms=now_ms - opened_ms)

    def _door(self, door, what):
        number = door.number
        if what == doors_module.NOT_LATCHED:
            self._happen(session.NOT_LATCHED, door=number)
        elif what == doors_module.SHUT:
            self._held.pop(number, None)
            others = [other for other in self._doors if other.open]
            self._happen(session.DOOR_SHUT if others else session.ALL_SHUT, door=number)
        else:
            self._held[number] = [self._clock.up_ms(), HELD_OPEN_MS]
            event = session.DOOR_FORCED if what == doors_module.FORCED else session.DOOR_OPENED
            self._happen(event, by="forced", badge="", person="", door=number)

    def scanned(self) -> None:
        """New samples have come: look for changes while shut, for rest while settling."""
        now_ms = self._clock.up_ms()
        if self.state == session.SETTLING:
            at_rest = self._weighing.evaluate_all()
            waits = self._scanner.starting() or (self.tags is not None and self.tags.busy)
            if at_rest and self.started and not waits:
                self._deadline_ms = None
                self._happen(session.SETTLED)
        elif self.state == session.SHUT:
            self._report_changes()
            if self._scanner.starting() or self._has_begun_to_move():
                self._moving_until_ms = now_ms + _MOVING_MS
        self._set_pace(now_ms)
        self.poll(now_ms)

    def _set_pace(self, now_ms):
        """How soon the next scan is wanted."""
        shut = self.state == session.SHUT
        if self.state == session.OPEN:
            if self._has_begun_to_move():
                self._moving_until_ms = now_ms + _MOVING_MS
        elif not shut:
            self._moving_until_ms = now_ms
        calm_ms = now_ms - self._moving_until_ms
        fast = calm_ms < (0 if shut else _FORGOTTEN_MS)
        self._scanner.pace(FAST if fast else RARE if shut and calm_ms >= _CALM_MS else SLOW)

    def _has_begun_to_move(self):
        """Whether a bin that had settled no longer is."""
        weighing = self._weighing
        begun = False
        for i in range(weighing.bins):
            begun = begun or (weighing.unrest[i] and not weighing.blind[i])
            weighing.unrest[i] = 0
        return begun

    def _report_changes(self):
        """Journal what moved while nobody had a session."""
        weighing = self._weighing
        rows = []
        for bin_ in range(1, weighing.bins + 1):
            if weighing.watch(bin_):
                rows.append(weighing.change(bin_, weighing.level(bin_)))
                weighing.take_level(bin_)
        if self.started and weighing.levelled():
            # what they weighed before the start is for those to know who keep books
            moved = [row[0] for row in rows]
            for bin_ in range(1, weighing.bins + 1):
                if not self._told[bin_ - 1] and not weighing.blind[bin_ - 1]:
                    self._told[bin_ - 1] = 1
                    if bin_ not in moved:
                        rows.append((bin_, None, 0) + weighing.level(bin_))
        rows = [row for row in rows if row[5] == 0]  # uncalibrated bins move without a weight
        if rows:
            self._recorder.record("bins_changed", bins=rows)

    # ---- actions ----

    def _happen(self, event, **context):
        """Step the table and carry out what it asks for: an action is the method of its name."""
        self._context = context
        self.state, actions = session.step(self.state, event)
        for action in actions:
            if getattr(self, "_" + action)() is False:
                self.state = session.SHUT  # not even the journal knows of it: nobody is let in
                break
        if self.tags is not None:
            self.tags.follow(self.state, self.session)
        self.stir()
        if self.state == session.SHUT and self._waiting is not None:
            badge, person = self._waiting
            self._waiting = None
            self._admit(badge, person)

    def _open_session(self):
        self._scanner.freshen()
        self._report_changes()
        weighing = self._weighing
        context = self._context
        rows = [(bin_,) + weighing.before(bin_) for bin_ in range(1, weighing.bins + 1)]
        self.session = self._recorder.record_now(
            "session_opened",
            by=context["by"],
            badge=context["badge"],
            person=context["person"],
            door=context["door"] or self._doors[0].number,
            bins=rows,
        )
        if not self.session and context["by"] != "forced":
            self._refuse(context["badge"], "journal_full")
            return False
        self.person = context["person"]
        self._people = [self.person]
        self._opened_ms = self._moving_until_ms = self._clock.up_ms()
        weighing.open_session(self._opened_ms)
        self._scanner.pace(FAST)
        return True

    def _join(self):
        context = self._context
        if context["person"] and context["person"] not in self._people:
            self._people.append(context["person"])
            self._report("person_joined", badge=context["badge"], person=context["person"])

    def _unlock(self):
        """All doors that are shut and that a badge opens, or the one a command names."""
        now_ms = self._clock.up_ms()
        asking = self._access.pin_doors
        window_ms = 0
        resting = False
        for door in self._doors:
            wanted = self._context["door"] or (door.number if not asking >> (door.number - 1) & 1 else 0)
            if not door.open and wanted == door.number:
                resting = not door.unlock(self._clock) or resting
                window_ms = max(window_ms, door.lock_ms_max)
        self._deadline_ms = now_ms + window_ms + WINDOW_AFTER_MS
        self._lights.signal("red" if resting else "green", resting, now_ms, _WELCOME_MS)

    def _wait_turn(self):
        if self._waiting is not None and self._waiting[1] != self._context["person"]:
            self._refuse(self._context["badge"], "busy")
        else:
            self._waiting = (self._context["badge"], self._context["person"])

    def _refuse(self, badge, reason):
        self._lights.signal("amber" if reason == "pin" else "red", True, self._clock.up_ms(), _REFUSED_MS)
        self._recorder.record_minor("badge_refused", badge=badge, reason=reason)

    def _report(self, kind, **fields):
        self._recorder.record(kind, session=self.session, **fields)

    def _report_forced(self):
        self._recorder.record("door_forced", door=self._context["door"])

    def _report_opened(self):
        self._weighing.looking = self._recovered is None
        self._moving_until_ms = self._clock.up_ms()
        self._scanner.pace(FAST)
        self._report("door_opened", door=self._context["door"])

    def _report_shut(self):
        self._report("door_shut", door=self._context["door"])

    def _report_held(self):
        self._report("door_held_open", door=self._context["door"], open_ms=self._context["open_ms"])

    def _report_not_latched(self):
        self._report("door_not_latched", door=self._context["door"])

    def _settle(self):
        """All coils off; forget the samples from before, the slam included."""
        for door in self._doors:
            door.release()
        self._weighing.restart_all()
        self._scanner.pace(FAST)
        self._deadline_ms = self._clock.up_ms() + SETTLE_MS_MAX

    def _close(self):
        self._finish("shut" if self._recovered is None else "recovered")

    def _close_unused(self):
        for door in self._doors:
            door.release()
        self._weighing.evaluate_all()
        self._finish("not_opened")

    def _finish(self, how):
        weighing = self._weighing
        rows = weighing.changes(self._recovered)
        if self.session:
            fields = {"how": how, "missing": self._missing, "open_ms": self._clock.up_ms() - self._opened_ms}
            if self._recovered is None:  # what an earlier boot saw of it is lost
                plateaus = weighing.plateaus(wire.room(rows))
                if plateaus:
                    fields["plateaus"] = plateaus
            self._recorder.record("session_closed", session=self.session, bins=rows, **fields)
        else:  # forced while the journal was full: the evidence is kept, the session has no number
            self._recorder.record("bins_changed", bins=rows)
        weighing.close_session()
        for i in range(weighing.bins):
            if not weighing.blind[i]:
                self._told[i] = 1
        self.session = 0
        self.person = self._missing = ""
        self._deadline_ms = self._recovered = None
