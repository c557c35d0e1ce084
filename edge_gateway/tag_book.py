"""What the gateway remembers of a cabinet's tags: what was inside, each tag's record, and the session being read.

It follows the readings in the order of the journal (`counting/tags.py` has the rules) and does no I/O. It is kept as a
text, and read back at a start.
"""

from collections.abc import Mapping

import msgspec

from edge_gateway.counting import tags
from edge_gateway.counting.evidence import TagEvidence
from edge_gateway.decision import TagRead
from edge_gateway.sgtin import gtin_of

RECORDS_MAX = 1000  # of tags; with more, those that have left are forgotten

History = dict[str, tuple[int, int]]


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    """A book as it is kept, with its tags in order."""

    known: list[str]
    doubted: list[str]
    unread: bool
    history: History
    session: str
    reads: list[tags.TagRead]
    reads_tags: bool


_encode = msgspec.json.Encoder(order="sorted").encode
_decode = msgspec.json.Decoder(_Kept).decode


class TagBook:
    """One cabinet's. A session's readings count together, until the next session's begin."""

    def __init__(self) -> None:
        self._inside = tags.Inside()
        self._history: History = {}
        self._session = ""
        self._reads: list[tags.TagRead] = []
        self.reads_tags = False  # a cabinet without a reader has nothing to remember

    @classmethod
    def of_text(cls, text: str) -> "TagBook":
        """The book that `text` was made of."""
        kept, book = _decode(text), cls()
        book._inside = tags.Inside(frozenset(kept.known), frozenset(kept.doubted), kept.unread)
        book._history, book._session, book._reads = kept.history, kept.session, kept.reads
        book.reads_tags = kept.reads_tags
        return book

    def text(self) -> str:
        """All of it."""
        known, doubted = sorted(self._inside.known), sorted(self._inside.doubted)
        unread, reads_tags = self._inside.unread, self.reads_tags
        kept = _Kept(known, doubted, unread, self._history, self._session, self._reads, reads_tags)
        return _encode(kept).decode()

    @property
    def session(self) -> str:
        """The session that is being read, or may still be; "" for none."""
        return self._session

    @property
    def records(self) -> int:
        """Of how many tags there is a record."""
        return len(self._history)

    def take(self, read: TagRead) -> None:
        """One event of an inventory."""
        self.reads_tags = True
        if read.session != self._session:
            self._turn(read.session)
        self._reads.append(_as_counted(read))

    def end_session(self, session: str) -> None:
        """A session with an open door is over; without a reading, whatever is silent next may have left in it."""
        if not self.reads_tags or session == self._session:
            return
        self._turn(session)

    def evidence(
        self, session: str, parts_by_gtin: Mapping[str, str], read: TagRead | None = None
    ) -> dict[str, TagEvidence] | None:
        """What the tags say of a session, with one event more that has just come; None when they say nothing."""
        if read is not None and session != self._session:
            return None
        reads = [*self._reads, _as_counted(read)] if read is not None else self._reads
        if session != self._session or not reads:
            return None
        return tags.tag_evidence(reads, parts_by_gtin, self._history, self._inside) or None

    def _turn(self, session: str) -> None:
        if self._session or self._reads:
            history = tags.history_after(self._history, self._inside, self._reads)
            self._inside = tags.inside_after(self._inside, self._reads)
            self._history = history if len(history) <= RECORDS_MAX else _worth_keeping(history, self._inside)
        self._session, self._reads = session, []


def _worth_keeping(history: History, inside: tags.Inside) -> History:
    """The records of tags that are inside or were silent once. Of the rest one a GTIN: its part has tags."""
    kept = {epc: record for epc, record in history.items() if record[1] or epc in inside.known or epc in inside.doubted}
    told = {gtin_of(epc) for epc in kept}
    for epc in sorted(history.keys() - kept.keys()):
        if gtin_of(epc) not in told:
            told.add(gtin_of(epc))
            kept[epc] = history[epc]
    return kept


def _as_counted(read: TagRead) -> tags.TagRead:
    missing = tuple(epc for epc, what in read.found if what == "missing")
    came = tuple(epc for epc, what in read.found if what == "came")
    return tags.TagRead(read.number, read.seen, missing, came, read.rounds, read.more)
