"""asyncio on virtual time: a task queue, tasks and stream waits that ask the virtual clock only.

The interpreter's own `Task` and `TaskQueue` are C and stamp the real clock; its `IOQueue` polls the host for every
stream. `install` puts the classes below into `asyncio.core`; the rest of asyncio stays the interpreter's.
Streams inside this process derive from `InProcessStream` and wake their readers themselves: nobody polls them.
"""

import asyncio
import io
import select
from asyncio import core

import virtual_time

_HALF = 1 << 29
_IOCTL_POLL = 3
_POLL_US = 2000  # virtual: a socket waits no longer for its task while other tasks run


class TaskQueue:
    """Tasks by the tick they are due at; equal ticks in the order they came."""

    def __init__(self):
        self._tasks = []

    def peek(self):
        return self._tasks[0] if self._tasks else None

    def push(self, task, key=None):
        if key is None:
            key = core.ticks()
        task.data = None
        task.ph_key = key
        tasks = self._tasks
        low = 0
        high = len(tasks)
        while low < high:
            middle = (low + high) >> 1
            if (key - tasks[middle].ph_key) & _HALF:  # negative modulo 2^30: that task is due later
                high = middle
            else:
                low = middle + 1
        tasks.insert(low, task)

    def pop(self):
        return self._tasks.pop(0)

    def remove(self, task):
        self._tasks.remove(task)


class Task:
    """A coroutine that is running (`state` True or the queue that waits for it) or done (None or False)."""

    def __init__(self, coro, globals=None):
        self.coro = coro
        self.data = None
        self.state = True
        self.ph_key = 0

    def __iter__(self):
        if not self.state:
            self.state = False  # its end has been seen
        elif self.state is True:
            self.state = TaskQueue()
        elif type(self.state) is not TaskQueue:
            raise RuntimeError("Task can't be waited on")
        return self

    def __next__(self):
        if not self.state:
            raise self.data
        self.state.push(core.cur_task)
        core.cur_task.data = self

    def done(self):
        return not self.state

    def cancel(self):
        if not self.state:
            return False
        if self is core.cur_task:
            raise RuntimeError("can't cancel self")
        return self.interrupt()

    def interrupt(self):
        """What `cancel` does; the agenda may, too, between two steps of this very task."""
        task = self
        while isinstance(task.data, Task):  # the one it waits for is the one to be cancelled
            task = task.data
        if hasattr(task.data, "remove"):
            task.data.remove(task)
            core._task_queue.push(task)
        elif core.ticks_diff(task.ph_key, core.ticks()) > 0:
            core._task_queue.remove(task)
            core._task_queue.push(task)
        task.data = core.CancelledError
        return True


class InProcessStream(io.IOBase):
    """A stream whose other end is in this process. Subclasses read, write and say what is `ready`."""

    def ready(self, events):
        """Those of the poll `events` that would not block now."""
        raise NotImplementedError

    def wake(self):
        """Let tasks that wait for this stream look again."""
        core._io_queue.wake(self)

    def ioctl(self, request, argument):
        return self.ready(argument) if request == _IOCTL_POLL else 0


class ThreadSafeFlag(InProcessStream):
    """asyncio's flag for interrupts; setting it wakes the one that waits, without a look at every stream."""

    def __init__(self):
        self.state = 0

    def ready(self, events):
        return events if self.state else 0

    def set(self):
        self.state = 1
        self.wake()

    def clear(self):
        self.state = 0

    async def wait(self):
        if not self.state:
            yield core._io_queue.queue_read(self)
        self.state = 0


class IOQueue:
    """Waits for sockets through the host, for in-process streams by their word, and for the hardware's agenda."""

    world_socket = None  # set by `install`
    serve_world = None

    def __init__(self):
        self.poller = select.poll()
        self._polled_us = -_POLL_US
        self.map = {}  # id(stream) -> [task that waits to read, task that waits to write, stream]
        if IOQueue.world_socket is not None:
            self.poller.register(IOQueue.world_socket, select.POLLIN)

    def queue_read(self, stream):
        self._enqueue(stream, 0, select.POLLIN)

    def queue_write(self, stream):
        self._enqueue(stream, 1, select.POLLOUT)

    def _enqueue(self, stream, side, event):
        in_process = isinstance(stream, InProcessStream)
        if in_process and stream.ready(event):
            core._task_queue.push(core.cur_task)
            return
        entry = self.map.get(id(stream))
        if entry is None:
            entry = self.map[id(stream)] = [None, None, stream]
            if not in_process:
                self.poller.register(stream, event)
        elif not in_process:
            self.poller.modify(stream, select.POLLIN | select.POLLOUT)
        if entry[side] is not None:
            raise RuntimeError("expected one task at each side of a stream, found two")
        entry[side] = core.cur_task
        core.cur_task.data = self

    def _dequeue(self, stream):
        del self.map[id(stream)]
        if not isinstance(stream, InProcessStream):
            self.poller.unregister(stream)

    def remove(self, task):
        while True:
            found = None
            for entry in self.map.values():
                if entry[0] is task or entry[1] is task:
                    found = entry[2]
                    break
            if found is None:
                return
            self._dequeue(found)

    def wake(self, stream):
        entry = self.map.get(id(stream))
        if entry is not None:
            self._release(entry, stream.ready(select.POLLIN | select.POLLOUT))

    def _release(self, entry, events):
        if events & ~select.POLLOUT and entry[0] is not None:
            core._task_queue.push(entry[0])
            entry[0] = None
        if events & ~select.POLLIN and entry[1] is not None:
            core._task_queue.push(entry[1])
            entry[1] = None
        stream = entry[2]
        if entry[0] is None and entry[1] is None:
            self._dequeue(stream)
        elif not isinstance(stream, InProcessStream):
            self.poller.modify(stream, select.POLLOUT if entry[0] is None else select.POLLIN)

    def wait_io_event(self, dt):
        """Wait until a stream is ready or the first task is due; `dt` is asyncio's own idea of when, in ms."""
        self._wait()
        while core._task_queue.peek() is None:  # asyncio runs the first task when this returns
            self._wait()

    def _wait(self):
        clock = virtual_time.clock
        now = clock.now_us()
        virtual_time.agenda.run(now)
        until = virtual_time.agenda.next_us()
        head = core._task_queue.peek()  # the agenda may have woken it
        if head is not None:
            due = (now // 1000 + core.ticks_diff(head.ph_key, core.ticks())) * 1000
            if until is None or due < until:
                until = due
            if due <= now and now - self._polled_us < _POLL_US:
                return  # asyncio comes here before every task: the host is asked less often
        ready = clock.wait_for_ever(self.poller) if until is None else clock.wait(self.poller, until)
        self._polled_us = clock.now_us()
        for stream, events in ready:
            if stream is IOQueue.world_socket:
                IOQueue.serve_world()
            else:
                self._release(self.map[id(stream)], events)


class Deadline:
    """The end of some task's patience."""

    def __init__(self, ms):
        self.over = False
        self._task = core.cur_task
        self._entry = virtual_time.after_ms(ms, self._end)

    def _end(self):
        self.over = True
        self._task.interrupt()

    def drop(self):
        virtual_time.agenda.drop(self._entry)


async def wait_for_ms(aw, timeout):
    """asyncio's, without a task of its own for what is waited for: that task would be made a thousand times a day."""
    deadline = Deadline(timeout)
    try:
        return await aw
    except core.CancelledError as error:
        raise core.TimeoutError if deadline.over else error
    finally:
        deadline.drop()


def install(world_socket=None, serve_world=None):
    """Put virtual time under asyncio; `world_socket` is served while the firmware waits."""
    IOQueue.world_socket = world_socket
    IOQueue.serve_world = serve_world
    asyncio.ThreadSafeFlag = ThreadSafeFlag
    asyncio.wait_for_ms = wait_for_ms
    core.Task = Task
    core.TaskQueue = TaskQueue
    core.IOQueue = IOQueue
    core.new_event_loop()
