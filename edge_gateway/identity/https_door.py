"""A small HTTPS server that silence cannot hold: one request a connection, and no long wait for any of it.

So many connections are open at a time, of one address and of all. Where there is no room for another, the one that has
been silent longest gives way, of that address or else of the one that holds most: who only holds connections keeps
nobody out. It knows no routes and no codes: an ASGI app answers requests that have come whole.
"""

import asyncio
import socket
import ssl
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from starlette.types import ASGIApp

from edge_gateway.identity.one_request import Asked, Misheard, answer, read_request

AT_ONCE_MAX = 40
OF_ONE_MAX = 10  # of one address: whoever enrols a cabinet asks three times, one after the other
ASK_S = 10.0  # for the handshake and the request together
ANSWER_S = 15.0
_SHUT_S = 1.0  # for the other side to say that it has heard the end
_END_S = 2.0  # for answers that are under way when the door is shut
_REST_S = 0.2  # while the system lets no more connections be taken
Refuse = Callable[[str, str], None]  # address, why


@dataclass(eq=False)
class _Caller:
    """A connection. `is_silent` until its request has come whole."""

    connection: socket.socket
    address: str
    port: int
    is_silent: bool = True
    task: asyncio.Task[None] | None = None
    writer: asyncio.StreamWriter | None = None  # once the handshake is done


class HttpsDoor:
    """From `start` to `close`, on a thread of its own. It takes the listener over; `refuse` is told who was silent."""

    def __init__(
        self,
        listener: socket.socket,
        trust: ssl.SSLContext,
        app: ASGIApp,
        body_bytes_max: int,
        refuse: Refuse,
        *,
        ask_s: float = ASK_S,
    ) -> None:
        self._listener, self._trust, self._app = listener, trust, app
        self._body_bytes_max, self._refuse, self._ask_s = body_bytes_max, refuse, ask_s
        self._callers: list[_Caller] = []  # in the order in which they came
        self._loop = asyncio.new_event_loop()
        self._ending = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="enrolment", daemon=True)

    def start(self) -> None:
        """Begin to take connections; returns at once."""
        self._listener.setblocking(False)
        self._thread.start()

    def close(self) -> None:
        """Take no more, let answers that are under way go out, and end."""
        self._loop.call_soon_threadsafe(self._ending.set)
        self._thread.join()

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._serve_until_the_end())
        finally:
            self._loop.close()
            self._listener.close()

    async def _serve_until_the_end(self) -> None:
        taking = asyncio.create_task(self._take())
        await self._ending.wait()
        await _ended([taking])
        answering = [each.task for each in self._callers if each.task is not None and not each.is_silent]
        if answering:
            await asyncio.wait(answering, timeout=_END_S)
        await _ended([each.task for each in self._callers if each.task is not None])

    # ---- who comes ----

    async def _take(self) -> None:
        while True:
            try:
                connection, (address, port, *_) = await self._loop.sock_accept(self._listener)
            except OSError:  # no file descriptors left, or whoever came has gone
                await asyncio.sleep(_REST_S)
                continue
            self._let_in(_Caller(connection, str(address), port))
            await asyncio.sleep(0)  # it begins: from now on it closes its connection itself

    def _let_in(self, caller: _Caller) -> None:
        if not self._makes_room(caller.address):
            caller.connection.close()
            self._refuse(caller.address, "too many connections at once")
            return
        self._callers.append(caller)
        caller.task = self._loop.create_task(self._serve(caller))

    def _makes_room(self, address: str) -> bool:
        """Whether there is room for one more of an address: whoever has been silent longest gives way."""
        own = [each for each in self._callers if each.address == address]
        if len(own) >= OF_ONE_MAX:
            return self._gives_way(own)
        if len(self._callers) >= AT_ONCE_MAX:
            [(most, _), *_] = Counter(each.address for each in self._callers).most_common(1)
            return self._gives_way([each for each in self._callers if each.address == most])
        return True

    def _gives_way(self, callers: list[_Caller]) -> bool:
        oldest = next((each for each in callers if each.is_silent), None)
        if oldest is None or oldest.task is None:
            return False
        self._callers.remove(oldest)
        oldest.task.cancel()
        self._refuse(oldest.address, "held connections and asked nothing, while others came")
        return True

    # ---- one connection ----

    async def _serve(self, caller: _Caller) -> None:
        """Hear one request and answer it; whatever goes wrong costs this connection."""
        try:
            async with asyncio.timeout(self._ask_s):
                heard, writer = await self._hear(caller)
            caller.is_silent = False
            async with asyncio.timeout(ANSWER_S):
                writer.write(await answer(self._app, heard, (caller.address, caller.port)))
                writer.close()
                await writer.wait_closed()  # the other side has heard the end, or took too long
        except TimeoutError:
            if caller.is_silent:
                self._refuse(caller.address, f"expected a request within {self._ask_s:g} s, found none")
        except (OSError, EOFError):
            pass  # it went away, or does not speak TLS
        finally:
            if caller.writer is not None:
                caller.writer.transport.abort()
            if caller in self._callers:
                self._callers.remove(caller)

    async def _hear(self, caller: _Caller) -> tuple[Asked | Misheard, asyncio.StreamWriter]:
        """The handshake, which closes the connection when it fails, and the request."""
        reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(reader)
        transport, _ = await self._loop.connect_accepted_socket(
            lambda: protocol,
            caller.connection,
            ssl=self._trust,
            ssl_shutdown_timeout=_SHUT_S,
        )
        writer = caller.writer = asyncio.StreamWriter(transport, protocol, reader, self._loop)
        return await read_request(reader, writer, self._body_bytes_max), writer


async def _ended(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
