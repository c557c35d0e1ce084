"""What a cabinet is to be told of its journal, and when: `journal_ack` after a commit, once more when asked for again.

Part of the intake, on the same thread. It makes the messages and sends none.
"""

from dataclasses import dataclass

from cabinet import wire

from edge_gateway.books import Books
from edge_gateway.received import Outgoing

AGAIN_PAUSE_MS = 250  # in-flight publishes behind a gap shall not ask once each
CLOUD_NEWS_PAUSE_MS = 30_000  # how soon after the last answer a cabinet is told that the cloud holds more

Key = tuple[str, str]  # cabinet, epoch


@dataclass(slots=True)
class _Asked:
    """When a cabinet was last asked for its journal again, and the epoch whose asking waits for the pause to end."""

    at_ms: int
    waiting: str


class Answers:
    """`books` are set anew by the intake after every commit."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self._owed: dict[Key, bool] = {}  # True: ask again
        # One entry a cabinet, not one a journal: a cabinet may name as many as it likes.
        self._asked: dict[str, _Asked] = {}
        self._told: dict[str, tuple[str, int, int]] = {}  # epoch, in_cloud, and when

    def start_batch(self, books: Books) -> None:
        """Begin anew: what was owed was said, or comes again."""
        self.books = books
        self._owed = {}

    def owe(self, key: Key) -> None:
        """Tell a journal's cursor after the commit."""
        self._owed.setdefault(key, False)

    def accepted(self, key: Key) -> None:
        """The next event came: nothing needs to be asked for again."""
        self._owed[key] = False
        asked = self._asked.get(key[0])
        if asked is not None and asked.waiting == key[1]:
            asked.waiting = ""

    def ask_again(self, key: Key, now_ms: int) -> None:
        """Ask for a journal from its cursor on, after the commit or when the pause is over."""
        cabinet, epoch = key
        asked = self._asked.get(cabinet)
        if asked is None or now_ms - asked.at_ms >= AGAIN_PAUSE_MS:
            self._owed[key] = True
        else:
            asked.waiting = epoch

    def after_commit(self, now_ms: int) -> list[Outgoing]:
        """The answers due now that the batch is durable."""
        answers = [self.journal_ack(key, again, now_ms) for key, again in self._owed.items()]
        self._owed = {}
        return answers

    def due(self, now_ms: int) -> list[Outgoing]:
        """Askings that waited for their pause, and news of the cloud for cabinets that have nothing to send."""
        ready = [
            (cabinet, asked.waiting)
            for cabinet, asked in self._asked.items()
            if asked.waiting and now_ms - asked.at_ms >= AGAIN_PAUSE_MS
        ]
        again = [self.journal_ack(key, True, now_ms) for key in ready]
        news = [key for key in self.books.present.items() if self._is_news(key, now_ms)]
        return again + [self.journal_ack(key, False, now_ms) for key in news]

    def journal_ack(self, key: Key, again: bool, now_ms: int) -> Outgoing:
        """The cursor of a journal as a message; zero for one nothing is known of."""
        cabinet, epoch = key
        if again:
            self._asked[cabinet] = _Asked(now_ms, "")
        cursor = self.books.cursors.get(key)
        through, in_cloud = (0, 0) if cursor is None else (cursor.through, cursor.in_cloud)
        self._told[cabinet] = epoch, in_cloud, now_ms
        message = {"epoch": epoch, "through": through, "in_cloud": in_cloud, "again": int(again)}
        return Outgoing(cabinet, "journal_ack", wire.encode("journal_ack", message))

    def _is_news(self, key: Key, now_ms: int) -> bool:
        """Whether a cabinet that is there has not been told how far the cloud is, for a while."""
        cabinet, epoch = key
        told_epoch, in_cloud, at_ms = self._told.get(cabinet, (epoch, 0, 0))
        if told_epoch != epoch:
            in_cloud = 0
        if self.books.cursors[key].in_cloud == in_cloud or now_ms - at_ms < CLOUD_NEWS_PAUSE_MS:
            return False
        status = self.books.statuses.get(cabinet)
        return status is not None and status.online and status.epoch == epoch
