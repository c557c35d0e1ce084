"""The network between cabinet and broker: passing, cut, silent, slow."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from simulator.network import Network

PATIENCE_S = 60
opened: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []


def play(scene: Callable[[Network], Awaitable[None]]) -> None:
    """Play a scene with a network in front of an echo server."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(100):
            writer.write(data.upper())
        writer.close()

    async def whole() -> None:
        server = await asyncio.start_server(echo, "127.0.0.1", 0)
        network = Network("127.0.0.1", server.sockets[0].getsockname()[1])
        await network.start()
        try:
            async with asyncio.timeout(PATIENCE_S):
                await scene(network)
        finally:
            for _, writer in opened:
                writer.transport.abort()
            opened.clear()
            await network.stop()
            server.close()
            await asyncio.sleep(0)  # aborted transports close in the next turn of the loop

    asyncio.run(whole())


async def ask(connection: tuple[asyncio.StreamReader, asyncio.StreamWriter], text: bytes) -> bytes:
    reader, writer = connection
    writer.write(text)
    return await reader.read(100)


async def connect(network: Network) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    opened.append(await asyncio.open_connection("127.0.0.1", network.port))
    return opened[-1]


def test_bytes_pass() -> None:
    async def scene(network: Network) -> None:
        connection = await connect(network)
        assert await ask(connection, b"hello") == b"HELLO"

    play(scene)


def test_a_cut_breaks_connections_and_refuses_new_ones() -> None:
    async def scene(network: Network) -> None:
        connection = await connect(network)
        assert await ask(connection, b"a") == b"A"
        network.cut()
        with pytest.raises(ConnectionError):
            if not await ask(connection, b"b"):
                raise ConnectionError
        late = await connect(network)
        with pytest.raises(ConnectionError):
            if not await ask(late, b"c"):
                raise ConnectionError
        network.restore()
        assert await ask(await connect(network), b"d") == b"D"

    play(scene)


def test_silence_swallows_everything() -> None:
    async def scene(network: Network) -> None:
        connection = await connect(network)
        assert await ask(connection, b"a") == b"A"
        network.go_silent()
        late = await connect(network)
        for silent in (connection, late):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(ask(silent, b"b"), 0.1)
        network.restore()
        with pytest.raises(ConnectionError):
            if not await connection[0].read(1):
                raise ConnectionError
        assert await ask(await connect(network), b"d") == b"D"

    play(scene)


def test_a_slow_network_delays_both_ways() -> None:
    async def scene(network: Network) -> None:
        connection = await connect(network)
        network.delay_s = 0.05
        begun = time.monotonic()
        assert await ask(connection, b"a") == b"A"
        assert time.monotonic() - begun >= 0.1

    play(scene)
