"""What has to be done about certificates while the gateway runs: renew its own, tell the cloud of its cabinets'.

It goes on beside the talk to the cloud. Renewal begins when two thirds of a certificate's life are over, and is tried
again with ever longer pauses, so that weeks without internet end nothing.
"""

import asyncio
import contextlib
import logging
import sqlite3
from base64 import b64encode
from collections.abc import Callable, Mapping

import httpx
import msgspec

from edge_gateway import certificates
from edge_gateway.enrolment_format import (
    PATH,
    REQUEST_TYPE,
    Answered,
    CabinetSecrets,
    Told,
    decode_answered,
    deposit_sha256,
    encode,
)
from edge_gateway.identity.own import CertificateAuth, Own, keep_own
from edge_gateway.identity.shop import Shop

log = logging.getLogger(__name__)

LOOK_S = 900.0  # how often it is looked whether something is due,
PAUSE_S, PAUSE_S_MAX = 20.0, 3600.0  # and how long after it did not go well


class Keeping:
    """One gateway's, for ever. `secrets`: what its cabinets share with it."""

    def __init__(
        self, auth: CertificateAuth, shop: Shop, secrets: Mapping[str, CabinetSecrets], now_ms: Callable[[], int]
    ) -> None:
        self._auth, self._shop, self._secrets, self._now_ms = auth, shop, dict(secrets), now_ms
        self._told = b""
        self._lost = False
        self._due = asyncio.Event()

    def wake(self) -> None:
        """Something of the cabinets' certificates has changed; called where the coroutine runs."""
        self._due.set()

    async def run(self, client: httpx.AsyncClient) -> None:
        """See to it for ever."""
        failures = 0
        while True:
            failures = 0 if await self._try(client) else failures + 1
            pause_s = min(PAUSE_S * 2 ** min(failures - 1, 10), PAUSE_S_MAX) if failures else LOOK_S
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._due.wait(), pause_s)
            self._due.clear()

    async def _try(self, client: httpx.AsyncClient) -> bool:
        try:
            await self.see_to(client)
        except (httpx.HTTPError, ValueError, OSError, sqlite3.Error) as error:
            if not self._lost:
                log.warning("certificates cannot be kept up with the cloud: %s; trying again", error)
            self._lost = True
            return False
        self._lost = False
        return True

    async def see_to(self, client: httpx.AsyncClient) -> None:
        """Do what is due now."""
        if self._now_ms() >= certificates.renew_ms(self._auth.own.certificate):
            await self._renew(client)
        await self._tell(client)

    async def _renew(self, client: httpx.AsyncClient) -> None:
        own, key = self._auth.own, certificates.new_key()
        body = b64encode(certificates.new_request(key, own.gateway))
        headers = {"Content-Type": REQUEST_TYPE}
        answer = await client.post(f"{PATH}/simplereenroll", content=body, headers=headers)
        _refuse_bad(answer)
        [made] = certificates.unpacked(answer.content)
        certificates.check(made, own.authority, now_ms=self._now_ms(), purpose="client", name=own.gateway)
        if certificates.public_key(made) != key.public_key():
            raise ValueError("expected a certificate for this gateway's key, found one for another")
        renewed = Own(key, made, own.authority)
        await asyncio.to_thread(keep_own, self._shop.folder, renewed)
        self._auth.own = renewed
        log.info("this gateway's certificate was renewed: %s", renewed.serial)

    async def _tell(self, client: httpx.AsyncClient) -> None:
        """Tell the cloud what it does not know; with the deposit when it has another."""
        deposit = self._shop.deposit(self._secrets)
        listed = await asyncio.to_thread(self._shop.told)
        said = encode(listed) + deposit_sha256(deposit).encode()
        if said == self._told:
            return
        answered = await self._put(client, Told(listed))
        if answered.deposit_sha256 != deposit_sha256(deposit):
            answered = await self._put(client, Told(listed, deposit))
        await asyncio.to_thread(self._shop.take_revoked, answered.revoked)
        self._told = said

    async def _put(self, client: httpx.AsyncClient, told: Told) -> Answered:
        answer = await client.put("/api/gateway/devices", content=encode(told))
        _refuse_bad(answer)
        try:
            return decode_answered(answer.content)
        except msgspec.DecodeError as error:
            raise ValueError(f"expected what the cloud knows of devices, found {answer.text[:80]!r}") from error


def _refuse_bad(answer: httpx.Response) -> None:
    if answer.status_code != httpx.codes.OK:
        raise ValueError(f"expected 200, found {answer.status_code}: {answer.text[:200]}")
