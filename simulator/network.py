"""The network between a cabinet and its broker: a TCP proxy that can be cut, go silent, or be slow.

It passes bytes on and never looks at them; whoever wants to look listens in.
"""

import asyncio
import contextlib
from collections.abc import Callable

# (number of the connection, True: from the controller, bytes)
Listener = Callable[[int, bool, bytes], None]

_CHUNK_BYTES = 65536


class Network:
    """One way to the broker at (host, port); `port` is where the controller connects."""

    def __init__(self, host: str, port: int):
        self._broker = (host, port)
        self._server: asyncio.Server | None = None
        self._pairs: set[tuple[asyncio.StreamWriter, asyncio.StreamWriter | None]] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._cut = False
        self._silent = False
        self._connections = 0
        self.listeners: list[Listener] = []
        self.delay_s = 0.0
        self.port = 0

    async def start(self) -> None:
        """Listen on a free port of 127.0.0.1."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """End every connection and the proxy."""
        if self._server is not None:
            self._server.close()
        self._drop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.sleep(0)  # aborted transports close in the next turn of the loop

    def cut(self) -> None:
        """Break every connection, and each new one at once."""
        self._cut = True
        self._drop()

    def go_silent(self) -> None:
        """Half open: connections stay, new ones are taken, and every byte is swallowed."""
        self._silent = True

    def restore(self) -> None:
        """Work again; what was silent breaks, since its bytes are lost."""
        if self._silent:
            self._drop()
        self._cut = self._silent = False

    def _drop(self) -> None:
        for writer, other in self._pairs:
            writer.transport.abort()
            if other is not None:
                other.transport.abort()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._cut:
            writer.transport.abort()
            return
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        try:
            await self._connect(reader, writer)
        except (OSError, asyncio.CancelledError):
            pass  # either end broke off, or `stop` was called: so does the other
        finally:
            writer.transport.abort()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._silent:
            alone = (writer, None)
            self._pairs.add(alone)
            try:
                while await reader.read(_CHUNK_BYTES):
                    pass
            finally:
                self._pairs.discard(alone)
            return
        far_reader, far_writer = await asyncio.open_connection(*self._broker)
        pair = (writer, far_writer)
        self._pairs.add(pair)
        try:
            self._connections += 1
            number = self._connections
            await asyncio.gather(
                self._pump(reader, far_writer, number, from_controller=True),
                self._pump(far_reader, writer, number, from_controller=False),
            )
        finally:
            self._pairs.discard(pair)
            far_writer.transport.abort()

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int, *, from_controller: bool
    ) -> None:
        while data := await reader.read(_CHUNK_BYTES):
            if self._silent:
                continue
            if self.delay_s:
                await asyncio.sleep(self.delay_s)
            for listener in self.listeners:
                listener(number, from_controller, data)
            writer.write(data)
            await writer.drain()
        with contextlib.suppress(OSError):
            writer.write_eof()
