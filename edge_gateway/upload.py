"""Sends the outbox to the cloud, in order, as often as it takes.

The cloud being away is normal: said once when it is lost and once when it is back. Nothing is forgotten before a
receipt says the cloud holds it. A cloud that holds less than it had confirmed was restored from a backup: it is sent
the rest again, as far as that is still held here.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Coroutine
from typing import Any

import httpx

from edge_gateway.disk import CannotWriteError
from edge_gateway.outgoing import Outgoing, Parcel
from edge_gateway.upload_format import Receipt, decode_receipt

log = logging.getLogger(__name__)

PAUSE_S = 0.5
PAUSE_S_MAX = 30.0
ASK_S = 900.0  # with nothing to send, how often the cloud is asked what it holds
FORGOTTEN_PAUSE_S = 300.0  # between two tries when the cloud wants what was forgotten here


class CloudVoice:
    """Says once that the cloud is lost, and once that it is back."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._lost = False

    def lost(self, why: object) -> None:
        """A request failed."""
        if not self._lost:
            log.warning("the cloud at %s is lost: %s; the shop goes on without it", self._url, why)
        self._lost = True

    def well(self) -> None:
        """A request succeeded."""
        if self._lost:
            log.warning("the cloud at %s is back", self._url)
        self._lost = False


def backoff_s(failures: int) -> float:
    """How long to wait after so many failures in a row: doubling, bounded, not in step with other gateways."""
    pause_s: float = min(PAUSE_S * 2 ** min(failures - 1, 10), PAUSE_S_MAX)
    return pause_s * random.uniform(0.5, 1.0)  # noqa: S311 - not a secret


class Uploader:
    """`wake` is set whenever the outbox has grown.

    `deliver` hands a receipt, with the last number sent, to the writer and says where to go on.
    """

    def __init__(
        self,
        client: httpx.AsyncClient,
        outgoing: Outgoing,
        voice: CloudVoice,
        deliver: Callable[[Receipt, int], Coroutine[Any, Any, int]],
    ) -> None:
        self._client = client
        self._outgoing = outgoing
        self._voice = voice
        self._deliver = deliver
        self._forgotten = False
        self.wake = asyncio.Event()

    async def run(self, through: int) -> None:
        """Send for ever, beginning after `through`; but nothing before the cloud has said what it holds."""
        failures = 0
        while (held := await self._try(self._outgoing.question(through))) is None:
            failures += 1
            await asyncio.sleep(backoff_s(failures))
        through = self._noted(through, held)
        failures = 0
        parcel = self._outgoing.next_parcel(through)
        await self._wait_when_forgotten(through, parcel)
        while True:
            parcel = parcel or await self._idle(through)
            if parcel is not None:
                held = await self._try(parcel)
                over_a_hole = parcel.first > through + 1  # has waited long enough already
                moved = held is not None and (held > through or held >= parcel.last or over_a_hole)
                failures = 0 if moved else failures + 1
                through = self._noted(through, held)
                if failures:
                    await asyncio.sleep(backoff_s(failures))
            self.wake.clear()
            parcel = self._outgoing.next_parcel(through)
            await self._wait_when_forgotten(through, parcel)

    async def _idle(self, through: int) -> Parcel | None:
        """Wait for something to send; now and then ask whether the cloud still holds the rest."""
        try:
            await asyncio.wait_for(self.wake.wait(), ASK_S)
        except TimeoutError:
            return self._outgoing.question(through)
        return None

    async def _try(self, parcel: Parcel) -> int | None:
        """What the cloud holds now; None when it did not say."""
        try:
            held = await self._deliver(await self._send(parcel), parcel.last)
        except (httpx.HTTPError, ValueError) as error:
            self._voice.lost(str(error) or type(error).__name__)
            return None
        except CannotWriteError:  # said by the writer, which will take the answer when it can
            return None
        except Exception:  # whatever it is, the next try may go well
            log.exception("an answer of the cloud could not be taken")
            return None
        self._voice.well()
        return held

    def _noted(self, through: int, held: int | None) -> int:
        if held is not None and held < through:
            log.warning("the cloud had confirmed %d items and holds %d: sending the others again", through, held)
        return through if held is None else held

    async def _wait_when_forgotten(self, through: int, parcel: Parcel | None) -> None:
        """Nothing can be sent over a hole. Said once; tried now and then, for the cloud may be restored better."""
        if parcel is None or parcel.first == through + 1:
            self._forgotten = False
            return
        if not self._forgotten:
            log.error(
                "the cloud wants items %d to %d again, which were forgotten here: nothing goes up until it has them",
                through + 1,
                parcel.first - 1,
            )
        self._forgotten = True
        await asyncio.sleep(FORGOTTEN_PAUSE_S)

    async def _send(self, parcel: Parcel) -> Receipt:
        headers = {"Content-Type": "application/json"}
        response = await self._client.post("/api/gateway/upload", content=parcel.body, headers=headers)
        if response.status_code != httpx.codes.CONFLICT:  # a gap: its answer is a receipt as well
            response.raise_for_status()
        return decode_receipt(response.content)
