"""The engine's chunks over a Dask cluster: for more bins than one machine plans in a night.

    with on_cluster("tcp://scheduler:8786") as each:
        engine.planned(demand, terms, each=each)

Dask is not part of an installation (`pip install dask distributed` where the cloud and the workers run, with the same
partsbay): it is imported when a cluster is asked for, and not before. No more chunks are on their way than the workers
are about to need, so that memory stays bounded here as there. A worker that is lost is Dask's to replace: its chunks
are worked on again, and a chunk has no effect but its result.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from cloud.replenishment.engine import Each

_AHEAD = 2  # chunks on their way for each thread of a worker


@contextmanager
def on_cluster(address: str, *, timeout_s: float = 30.0) -> Iterator[Each]:
    """A way to do work on each chunk (`OSError` when no scheduler answers in time)."""
    from distributed import Client  # noqa: PLC0415

    client: Any = Client(address, timeout=timeout_s, set_as_default=False)  # type: ignore[no-untyped-call]
    with client:
        yield lambda work, chunks: _each(client, work, chunks)


def _each(client: Any, work: Callable[[Any], Any], chunks: Iterable[Any]) -> Iterator[Any]:
    threads = sum(client.nthreads().values())
    waiting: deque[Any] = deque()
    for chunk in chunks:
        waiting.append(client.submit(work, chunk, pure=False))
        if len(waiting) >= _AHEAD * max(threads, 1):
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()
