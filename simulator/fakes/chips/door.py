"""A cabinet door: a spring bolt, the coil that draws it back, a contact. Hands pull, shut or force it.

The contact reads 0 when shut, the bolt 0 when latched. The coil needs 50 ms to free the bolt, the spring as
long to push it back. Nothing here decides who may open.
"""

import virtual_time

_RELEASE_MS = 50


class Level:
    """One pin of a door; `on_change(level)` hears of an input that changes."""

    def __init__(self, level, drive=None):
        self.level = level
        self.drive = drive or self._input
        self.on_change = None

    def changed(self):
        if self.on_change is not None:
            self.on_change(self.level())

    def _input(self, _value):
        """Driving an input pin changes nothing outside."""


class Door:
    """`tell(name, door, value)` hears of coil, bolt and contact as they change."""

    def __init__(self, number, tell, open_=False, latched=True, fail_safe=False):
        self.number = number
        self.open = open_
        self.latched = latched
        self._latches = open_ or latched or fail_safe  # whether the bolt catches when it may
        self._free = 0 if fail_safe else 1  # the coil's state that frees the bolt
        self._coil = 0
        self._moving = None
        self._hands = []  # what those who stand at the door do once the bolt lets go
        self._tell = tell
        self._contact = Level(lambda: 1 if self.open else 0)
        self._bolt = Level(lambda: 0 if self.latched else 1)

    def nets(self, lock, contact, bolt):
        """What hangs on the three pins, by pin number."""
        return {
            lock: Level(lambda: self._coil, self._drive),
            contact: self._contact,
            bolt: self._bolt,
        }

    def pull(self):
        """Pull at the door: whether it opens."""
        if not self.open and self.latched:
            return False
        self._set_open(True)
        return True

    def pull_within(self, for_ms, reach_ms, done):
        """A hand at the door pulls `reach_ms` after the bolt lets go, waiting `for_ms` for that: `done(opened)`."""

        def pull():
            virtual_time.after_ms(reach_ms, lambda: done(self.pull()))

        def let_go():
            virtual_time.agenda.drop(patience)
            pull()

        def give_up():
            self._hands.remove(let_go)
            done(False)

        if self.open or not self.latched:
            pull()
            return
        patience = virtual_time.after_ms(for_ms, give_up)
        self._hands.append(let_go)

    def force(self):
        """Break it open."""
        self._set_latched(False)
        self._set_open(True)

    def shut(self, latches=True):
        self._latches = latches
        self._set_open(False)
        if latches and self._coil != self._free:
            self._set_latched(True)

    def _drive(self, value):
        if value == self._coil:
            return
        self._coil = value
        self._tell("lock", self.number, value)
        if self._moving is not None:
            virtual_time.agenda.drop(self._moving)
        self._moving = virtual_time.after_ms(_RELEASE_MS, self._moved)

    def _moved(self):
        self._moving = None
        if self._coil == self._free:
            self._set_latched(False)
        elif not self.open and self._latches:
            self._set_latched(True)

    def _set_latched(self, latched):
        if latched != self.latched:
            self.latched = latched
            self._tell("latched", self.number, 1 if latched else 0)
            self._bolt.changed()
            if not latched:
                hands, self._hands = self._hands, []
                for let_go in hands:
                    let_go()

    def _set_open(self, open_):
        if open_ != self.open:
            self.open = open_
            self._tell("open", self.number, 1 if open_ else 0)
            self._contact.changed()
