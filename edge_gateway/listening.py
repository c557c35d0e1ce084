"""A TCP port served on a thread of its own: an asyncio loop from `start` to `close`, a coroutine per connection."""

import asyncio
import contextlib
import threading
from collections import Counter

_END_S = 10.0


class Listening:
    """Subclasses serve. Over `at_once_max` connections at a time are turned away unheard, and over `of_one_max` of one
    address: who holds as many as he can keeps nobody else out (0: of one as many as of all).
    """

    def __init__(self, name: str, host: str, port: int, at_once_max: int, of_one_max: int = 0) -> None:
        self.port = port
        self._host = host
        self._at_once_max = at_once_max
        self._of_one_max = of_one_max or at_once_max
        self._open: Counter[str] = Counter()  # by address
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Listen; `OSError` when the port is taken."""
        try:
            opening = asyncio.start_server(self._take, self._host or None, self.port)
            self._server = self._loop.run_until_complete(opening)
        except OSError:
            self._loop.close()
            raise
        self.port = self._server.sockets[0].getsockname()[1]
        self._thread.start()

    def close(self) -> None:
        """End every connection, and wait."""
        if self._thread.ident is None:
            return
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_END_S)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: str) -> None:
        """One connection; it is closed afterwards, and may fail as the network does."""
        raise NotImplementedError

    def turned_away(self, address: str) -> None:
        """One too many came."""

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        address = str((writer.get_extra_info("peername") or ("",))[0])
        self._open[address] += 1
        try:
            if self._open.total() <= self._at_once_max and self._open[address] <= self._of_one_max:
                await self.serve(reader, writer, address)
            else:
                self.turned_away(address)
        except (OSError, EOFError):
            pass  # it went away
        finally:
            self._open[address] -= 1
            self._open += Counter()  # without those that have none
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    def _run(self) -> None:
        self._loop.run_forever()
        self._loop.run_until_complete(self._end())
        self._loop.close()

    async def _end(self) -> None:
        if self._server is not None:
            self._server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
