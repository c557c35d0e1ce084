"""The one thread that decides and writes: groups what has come into one transaction, then acknowledges.

Messages and jobs (actions of people, receipts of the cloud, a new document) pass through one queue in order. A
journal is answered only after the commit. When one event's rows cannot be written, that event alone is set aside.
While nothing can be written (a full disk), messages are dropped and no journal is answered: the controllers keep
their events and send them again. A database that is broken ends the program.
"""

import logging
import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Any, Protocol

from edge_gateway.disk import CannotWriteError, WriteTrouble, may_pass
from edge_gateway.intake import Intake
from edge_gateway.mqtt_client import Link
from edge_gateway.quarantine import quarantine
from edge_gateway.received import Outgoing, Received
from edge_gateway.store import Store

log = logging.getLogger(__name__)

GROUP_MAX = 200
IDLE_S = 0.1  # how long the thread waits for something to do before it looks what is due
PRUNE_KEEP = 100_000  # acknowledged outbox rows kept for a cloud that is restored from a backup
PRUNE_ROWS_MAX = 2_000


@dataclass(frozen=True, slots=True)
class _Job:
    run: Callable[[], Any]
    result: "Future[Any]"


class Waiting(Protocol):
    """The queue in front of the writer: `queue.SimpleQueue`, or another of whoever takes the turns."""

    def put(self, item: Any) -> None:
        """Let it wait at the end."""
        ...

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        """The first one, waiting for it; `queue.Empty`."""
        ...

    def get_nowait(self) -> Any:
        """The first one; `queue.Empty`."""
        ...


class Writer:
    """`put` and `submit` may be called from any thread; everything else happens on the writer's own."""

    def __init__(self, store: Store, intake: Intake, now_ms: Callable[[], int], waiting: Waiting | None = None) -> None:
        self.store = store
        self.intake = intake
        self.failure: BaseException | None = None
        self.trouble = WriteTrouble()
        self.ended = threading.Event()
        self.changes = 0
        self.on_commit: Callable[[], None] = lambda: None
        self._now_ms = now_ms
        self._link: Link | None = None
        self._queue: Waiting = waiting if waiting is not None else queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)

    def start(self, link: Link) -> None:
        """Begin to write what was queued, on a thread of its own."""
        self.answer_by(link)
        self._thread.start()

    def answer_by(self, link: Link) -> None:
        """Where acknowledgements and answers go."""
        self._link = link

    def close(self) -> None:
        """Finish what is queued and end."""
        self._queue.put(None)
        self._thread.join()

    def put(self, message: Received) -> None:
        """Queue a message."""
        self._queue.put(message)

    def submit(self, run: Callable[[], Any]) -> "Future[Any]":
        """Queue a job; it may add to `intake.batch`, which is written and committed before the result is there."""
        job = _Job(run, Future())
        if self.ended.is_set():
            job.result.set_exception(RuntimeError("the writer has ended"))
        else:
            self._queue.put(job)
        return job.result

    def begin_epoch(self) -> None:
        """As a job: number what goes up anew, after this database was restored from a backup."""
        self.store.begin_epoch(self._now_ms())
        self._start_over()

    def send(self, message: Outgoing) -> bool:
        """Publish to a controller; False when the broker is away."""
        return self._link is not None and self._link.send(message)

    # ---- the thread ----

    def _run(self) -> None:
        try:
            while self.turn(IDLE_S):
                pass
        except BaseException as error:  # whatever it is, nothing may be acknowledged any more
            self.failure = error
            log.critical("the writer cannot go on: %s", error, exc_info=not isinstance(error, sqlite3.Error))
        finally:
            self.ended.set()
            self._refuse_jobs()

    def turn(self, wait_s: float) -> bool:
        """One round, after waiting so long for something to do; False when it was told to end."""
        group, job, going = self._gather(wait_s)
        if group:
            self._take_group(group)
        if job is not None:
            self._do(job)
        if not group and job is None:
            self._idle()
        self._follow_clock()
        return going

    def _gather(self, wait_s: float) -> tuple[list[Received], _Job | None, bool]:
        """The messages that wait, up to the first job."""
        group: list[Received] = []
        try:
            item = self._queue.get(timeout=wait_s)
            while True:
                if item is None:
                    return group, None, False
                if isinstance(item, _Job):
                    return group, item, True
                group.append(item)
                if len(group) >= GROUP_MAX:
                    return group, None, True
                item = self._queue.get_nowait()
        except queue.Empty:
            return group, None, True

    def _take_group(self, group: list[Received]) -> None:
        try:
            self._write_group(group if self.trouble.may_try(self._now_ms()) else _without_rows(group))
        except sqlite3.Error as error:
            self._wait_out(error)
        # What was dropped is acknowledged too: this only tells the broker not to keep it for us. A broker that waited
        # for it would soon deliver nothing more on this connection. The journals go on from what was committed.
        for message in group:
            if self._link is not None:
                self._link.acknowledge(message)
        self._say(self.intake.due(self._now_ms()))

    def _write_group(self, group: list[Received]) -> None:
        try:
            for message in group:
                self._take(message)
            self._commit()
        except sqlite3.IntegrityError as error:
            log.warning("a batch could not be written (%s); writing its events one by one", error)
            self._start_over()
            for message in group:
                self._take_alone(message)

    def _wait_out(self, error: sqlite3.Error) -> None:
        """Go on without what could not be written when that may pass; a broken database ends the program."""
        if not may_pass(error):
            raise error
        self.trouble.lost(self._now_ms(), error)
        self._start_over()

    def _take(self, message: Received) -> None:
        try:
            answers = self.intake.take(message)
        except sqlite3.Error:
            raise
        except Exception as error:  # whatever somebody sends, the next message is taken in
            log.exception("a message on %s could not be taken in", message.topic[:80])
            quarantine(self.intake.batch, message, f"could not be taken in: {type(error).__name__}: {error}")
            return
        self._say(answers)

    def _take_alone(self, message: Received) -> None:
        """Each line in a transaction of its own; one that cannot be written is set aside unread."""
        lines = message.payload.split(b"\n") if message.topic.endswith("/event") else [message.payload]
        for line in lines:
            alone = replace(message, payload=line)
            try:
                self._take(alone)
                self._commit()
            except sqlite3.IntegrityError as error:
                self._start_over()
                self._set_aside(alone, f"could not be booked: {error}")

    def _set_aside(self, message: Received, reason: str) -> None:
        self.intake.distrust = reason
        try:
            self._take(message)
        finally:
            self.intake.distrust = ""
        self._commit()

    def _start_over(self) -> None:
        self.intake.start_batch(self.store.load(self._now_ms()))

    def _do(self, job: _Job) -> None:
        if not job.result.set_running_or_notify_cancel():
            return  # whoever asked has gone
        try:
            result = job.run()
            self._commit()
        except sqlite3.IntegrityError as error:
            self._start_over()
            job.result.set_exception(error)
        except sqlite3.Error as error:
            self._refuse(job, error)
        except Exception as error:  # whoever asked is told; the writer goes on with what the database holds
            self._start_over()
            job.result.set_exception(error)
        else:
            job.result.set_result(result)

    def _refuse(self, job: _Job, error: sqlite3.Error) -> None:
        """Tell whoever asked that it could not be written."""
        told: Exception = error
        if may_pass(error):
            told = CannotWriteError(f"expected room to write on the gateway's disk, found: {error}")
        try:
            self._wait_out(error)
        finally:
            job.result.set_exception(told)

    def _commit(self) -> None:
        batch = self.intake.batch
        if batch:
            self.store.write(batch)
            self.trouble.well(self._now_ms())
        answers = self.intake.after_commit(self._now_ms())
        self.intake.start_batch(batch.books)
        self._say(answers)
        self.changes += 1
        self.on_commit()

    def _idle(self) -> None:
        self._say(self.intake.due(self._now_ms()))
        try:
            self._tidy()
        except sqlite3.Error as error:
            self._wait_out(error)

    def _follow_clock(self) -> None:
        """What the clock alone brings is written like anything else; it stays due when it cannot be."""
        try:
            if self.trouble.may_try(self._now_ms()):
                self.intake.follow_clock(self._now_ms())
                if self.intake.batch:
                    self._commit()
        except sqlite3.Error as error:
            self._wait_out(error)

    def _tidy(self) -> None:
        """Forget what the cloud has long had; after a failure, find out whether writing is well again."""
        if self.trouble.since_ms:
            if self.trouble.may_try(self._now_ms()):
                self.store.try_to_write()
                self.trouble.well(self._now_ms())
            return
        books = self.intake.books
        if books.upload_through - books.pruned > PRUNE_KEEP + PRUNE_ROWS_MAX:
            books.pruned = self.store.prune_outbox(books.upload_through - PRUNE_KEEP, PRUNE_ROWS_MAX)

    def _say(self, messages: list[Outgoing]) -> None:
        for message in messages:
            self.send(message)

    def _refuse_jobs(self) -> None:
        while True:
            try:
                item = self._queue.get_nowait()
            except queue.Empty:
                return
            if isinstance(item, _Job) and item.result.set_running_or_notify_cancel():
                item.result.set_exception(RuntimeError("the writer has ended"))


def _without_rows(group: list[Received]) -> list[Received]:
    """Of a group, what is only shown and never written: people at an open door go on seeing what they do."""
    return [message for message in group if message.topic.endswith("/live")]
