"""Which tags are in the cabinet: inventories after the doors have shut, some minutes later, and after a start.

A tag is in or out by a test of its answers, not by one of them: tags outside answer now and then, and some inside do so
seldom. All tags are asked for some rounds, then each one that is still in doubt by its number. An inventory that could
not be finished tells nothing: silence is evidence only when it was asked for. What the cabinet holds is remembered in
arrays made once; a tag leaves them when two looks in a row found it silent. After a start they are empty, and the first
inventory tells all it finds. It knows no part and decides nothing.

    pass 0   the first after a start: everything has come
    pass 1   all doors have shut; told before its session is closed
    pass 2   minutes later, when pass 1 found a change or could not be finished, or was pass 0
"""

import asyncio
from array import array
from binascii import hexlify

from cabinet import session
from cabinet.pn532 import ReaderError
from cabinet.r200 import EPC_BYTES

TAGS_MAX = 300
SHUT_MS = 7400  # for pass 1: a session is closed after 8000 at the latest
AGAIN_MS = 180000  # from pass 1 to pass 2
LATER_MS = 120000  # for a pass that nobody waits for
_FIRST_MS = 10000  # after a start
_RETRY_MS = 300000  # after one that came to nothing
_ROUNDS = 4  # of all tags
_FIRST_ROUNDS = 24  # when nobody knows whom to call by number
_CALLS = 12  # rounds of one tag at a time
# Wald's test of answers in 15 % of rounds against 2 %, in sevenths of a natural logarithm. Out by mistake: 1 in 1500 of
# the tags that answer in 15 %; in by mistake: 1 in 1200 of those outside.
HEARD = 15  # for a round in which it answered, and
ROUND = -1  # for every round
IN = 40
OUT = -48
_TOLD_MAX = 24  # tags in an event and column: 600 bytes

_KNOWN = 1  # in the cabinet before this session
_DOUBTED = 2  # silent when it was last asked before
_SILENT = 4  # silent in pass 1
_NEW = 8  # came in pass 1


class Inventory:
    """The tags of a cabinet and the passes that find them. `busy` while a session's end has to wait for one."""

    def __init__(self, reader, recorder, clock):
        self.busy = False
        self.errors = 0  # inventories in which the reader did not answer as it should
        self.over = 0  # answers of tags for which there was no room
        self._reader = reader
        self._recorder = recorder
        self._clock = clock
        self._state = session.SHUT  # of the session
        self._session = 0
        self._epcs = bytearray(TAGS_MAX * EPC_BYTES)
        self._known = bytearray(TAGS_MAX)
        self._score = array("h", [0] * TAGS_MAX)
        self._used = 0
        self._told = False  # whether what is remembered here has been told
        self._pass = 0  # the next one
        self._due_ms = _FIRST_MS
        self._turn = 0  # an inventory under way counts only if nothing has turned
        self._hurry = asyncio.Event()

    def report(self, fields) -> None:
        """Add to the fields of a `health` how reading the tags goes."""
        fields["tags"] = len([known for known in self._known if known])
        fields["tag_failures"] = self.errors
        fields["tags_over"] = self.over

    def follow(self, state, number: int) -> None:
        """The session went into a state: shut doors begin an inventory, whoever comes ends it."""
        before = self._state
        self._state = state
        if state == session.SHUT:
            if self.busy:  # it took too long; what it would find comes too late to be told as pass 1
                self._stop()
                self._due_in(2, AGAIN_MS)
        elif state == session.SETTLING and before != state:
            self._stop()
            self.busy = True
            self._session = number
            self._due_in(1, 0)
        elif before in (session.SHUT, session.SETTLING) and before != state:
            self._stop()
            if before == session.SHUT:
                self._conclude()

    async def run(self) -> None:
        """Make inventories when they are due, for ever."""
        while True:
            await self._rest()
            due_ms = self._due_ms
            if due_ms is not None and self._clock.up_ms() >= due_ms:
                self._due_ms = None
                await self._look(self._turn, due_ms)

    async def _rest(self):
        self._hurry.clear()
        try:
            if self._due_ms is None:
                await self._hurry.wait()
            else:
                await asyncio.wait_for_ms(self._hurry.wait(), max(0, self._due_ms - self._clock.up_ms()))
        except asyncio.TimeoutError:
            pass

    def _stop(self):
        self._turn += 1
        self.busy = False
        self._due_ms = None

    def _due_in(self, pass_, ms):
        self._pass = pass_
        self._due_ms = self._clock.up_ms() + ms
        self._hurry.set()

    # ---- a look ----

    async def _look(self, turn, due_ms):
        """One inventory, and when the next one is due."""
        pass_ = self._pass
        rounds = 0
        try:
            rounds = await self._ask_all(turn, due_ms + (SHUT_MS if self.busy else LATER_MS))
        except ReaderError:
            self.errors += 1
        self._reader.rest()
        if turn != self._turn:
            return
        first = not self._told  # what it misses only a second look can show
        if not rounds:
            self._due_in(pass_, _RETRY_MS)
        elif (self._tell(0 if first else pass_, rounds) or first) and pass_ == 1:
            self._due_in(2, AGAIN_MS)
        if self.busy and not rounds:
            self._due_in(2, AGAIN_MS)
        self.busy = False

    async def _ask_all(self, turn, until_ms):
        """How many rounds it took to decide on every tag; 0: it was not to be done."""
        await self._reader.start()
        self._forget_scores()
        rounds = await self._ask_together(turn, until_ms)
        if not rounds:
            return 0
        for i in range(self._used):
            while OUT < self._score[i] < IN:
                if turn != self._turn or self._clock.up_ms() >= until_ms:
                    return 0
                heard, asked = await self._reader.ask(self._epc(i), _CALLS)
                self._score[i] += HEARD * heard + ROUND * asked
                rounds += asked
        return rounds if turn == self._turn else 0

    async def _ask_together(self, turn, until_ms):
        """Rounds of all tags; fewer than wanted when time is short, 0 when it is too short."""
        wanted = _ROUNDS if self._told else _FIRST_ROUNDS
        began_ms = self._clock.up_ms()
        for done in range(wanted):
            spent_ms = self._clock.up_ms() - began_ms
            round_ms = spent_ms // max(1, done)
            if done >= _ROUNDS and spent_ms * 2 > until_ms - began_ms:
                return done  # the rest is for those in doubt
            if turn != self._turn or began_ms + spent_ms + round_ms > until_ms:
                return 0
            self._round = ROUND * done
            await self._reader.poll(self._heard)
            for i in range(self._used):
                self._score[i] += ROUND
        return wanted

    def _heard(self, epc):
        i = self._find(epc)
        if i is None:
            if self._used == TAGS_MAX:
                self.over += 1
                return
            i = self._used
            self._used += 1
            self._epcs[i * EPC_BYTES : (i + 1) * EPC_BYTES] = epc
            self._known[i] = 0
            self._score[i] = self._round  # it was silent until now
        self._score[i] += HEARD

    def _find(self, epc):
        at = self._epcs.find(epc)
        while at >= 0 and at % EPC_BYTES:
            at = self._epcs.find(epc, at + 1)
        return at // EPC_BYTES if 0 <= at < self._used * EPC_BYTES else None

    def _epc(self, i):
        return bytes(self._epcs[i * EPC_BYTES : (i + 1) * EPC_BYTES])

    def _forget_scores(self):
        """Begin anew, without the tags that were heard and are not in."""
        kept = 0
        for i in range(self._used):
            if self._known[i]:
                self._epcs[kept * EPC_BYTES : (kept + 1) * EPC_BYTES] = self._epc(i)
                self._known[kept] = self._known[i]
                kept += 1
            self._score[i] = 0
        self._used = kept

    # ---- what it says ----

    def _tell(self, pass_, rounds):
        """Journal what is not as it was, and remember it; whether there was anything."""
        places = range(self._used)
        missing = [i for i in places if self._known[i] & _KNOWN and self._score[i] <= OUT]
        came = [i for i in places if not self._known[i] & _KNOWN and self._score[i] >= IN]
        seen = len([i for i in places if self._score[i] >= IN])
        self._told = True
        for first in range(0, max(1, len(missing), len(came)), _TOLD_MAX):
            last = first + _TOLD_MAX
            more = 1 if last < max(len(missing), len(came)) else 0
            self._record(pass_, rounds, seen, more, missing[first:last], came[first:last])
        for i in places:
            self._known[i] = self._after(pass_, self._known[i], self._score[i] >= IN) if self._told else 0
        return bool(missing or came)

    def _record(self, pass_, rounds, seen, more, missing, came):
        fields = {
            "session": self._session if self.busy or pass_ == 2 else 0,
            "pass": pass_,
            "rounds": min(rounds, 65535),
            "seen": seen,
            "more": more,
            "missing": self._text(missing),
            "came": self._text(came),
        }
        if not self._recorder.record_minor("tags_read", **fields):
            self._told = False  # left out: the next look tells everything

    def _text(self, places):
        return " ".join([hexlify(self._epc(i)).decode().upper() for i in places])

    def _after(self, pass_, known, heard):
        """What is known of a tag after a look."""
        if pass_ == 1:
            if known & _KNOWN:
                return _KNOWN if heard else known | _SILENT
            return _NEW if heard else 0
        if heard:
            return _KNOWN
        return _KNOWN | _DOUBTED if known == _KNOWN else 0

    def _conclude(self):
        """Pass 2 will not come any more: what pass 1 found silent is in doubt, or gone if it was so before."""
        for i in range(self._used):
            known = self._known[i]
            if known & _SILENT:
                self._known[i] = 0 if known & _DOUBTED else _KNOWN | _DOUBTED
            elif known & _NEW:
                self._known[i] = _KNOWN
