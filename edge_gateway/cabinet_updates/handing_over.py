"""Hands bundles to cabinets: tells them what to run, answers what they ask for, follows what comes of it.

On the writer's thread, as a part of the intake: what it learns goes into the batch. A cabinet is told `update` when it
has said what it is, and again after a minute while it does not fetch. The pieces are read from the bundle's file; a
cabinet that asks for another version than it shall run gets no answer. It installs nothing: the controller judges
the bundle, decides when, and proves or gives up what it runs.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from cabinet import wire

from edge_gateway.batch import Batch
from edge_gateway.cabinet_updates import state
from edge_gateway.cabinet_updates.bundle_folder import BundleFolder
from edge_gateway.cabinet_updates.wanted import Wanted
from edge_gateway.received import Outgoing
from edge_gateway.upload_format import CabinetFirmware

log = logging.getLogger(__name__)

TELL_AGAIN_MS = 60_000
LOOK_MS = 2_000  # how often orders are looked for
SILENT_MS = 60_000  # a controller that says `health`, and no `device` for so long, is too old

Orders = Callable[[], Mapping[str, Wanted]]


class HandingOver:
    """`orders` says what each cabinet shall run; `bundles` has what is handed over."""

    def __init__(self, bundles: BundleFolder, orders: Orders) -> None:
        self._bundles = bundles
        self._orders = orders
        self._wanted: Mapping[str, Wanted] = {}
        self._looked_ms = -LOOK_MS
        self._devices: set[str] = set()  # cabinets that have said what they are since this start
        self._spoke_ms: dict[str, int] = {}  # when one that has not was first heard
        self._told: dict[str, tuple[str, int]] = {}  # cabinet: id of the last command, and when
        self._open: tuple[str, bytes] = ("", b"")  # the bundle last handed from: its digest and bytes

    # ---- what cabinets say ----

    def device(self, batch: Batch, cabinet: str, word: dict[str, Any], now_ms: int) -> list[Outgoing]:
        """A `device` message: note it, and tell the cabinet what it shall run."""
        self._devices.add(cabinet)
        self._look(batch, now_ms)
        before, digest = self._of(batch, cabinet)
        after = state.heard_device(before, word, now_ms)
        self._note(batch, after, digest)
        return self._tell(after, now_ms)

    def want(self, cabinet: str, word: dict[str, Any]) -> list[Outgoing]:
        """A `want` message: the piece, if the bundle is the one the cabinet shall run, and is here.

        Behind its end an empty one: the cabinet refuses what is shorter than was said, and does not ask for ever.
        """
        order = self._wanted.get(cabinet)
        if order is None or order.version != word["version"] or not self._bundles.holds(order.digest):
            return []
        piece = self._bytes(order.digest)[word["offset"] : word["offset"] + word["bytes"]]
        header = {"version": order.version, "offset": word["offset"]}
        return [Outgoing(cabinet, "bundle", wire.encode("bundle", header) + b"\n" + piece)]

    def health(self, batch: Batch, cabinet: str, health: dict[str, Any], now_ms: int) -> None:
        """A `health` message: what runs, and how it has started."""
        self._spoke_ms.setdefault(cabinet, now_ms)
        before, digest = self._of(batch, cabinet)
        self._note(batch, state.heard_health(before, health), digest)

    def event(self, batch: Batch, cabinet: str, body: dict[str, Any], at_ms: int) -> None:
        """Any event of a cabinet."""
        before, digest = self._of(batch, cabinet)
        if body["kind"] in state.KINDS:
            self._note(batch, state.heard_event(before, body, at_ms), digest)
        elif body.get("id") == self._told.get(cabinet, ("", 0))[0] and body["result"] != "done":
            self._note(batch, state.refused_command(before, body["detail"], at_ms), digest)

    # ---- what the clock brings ----

    def follow(self, batch: Batch, now_ms: int) -> None:
        """Take new orders into the batch, and notice controllers that are too old for them."""
        self._look(batch, now_ms)
        for cabinet, since_ms in self._spoke_ms.items():
            before, digest = self._of(batch, cabinet)
            if cabinet not in self._devices and before.state == "waiting" and now_ms - since_ms >= SILENT_MS:
                self._note(batch, state.found_old(before, now_ms), digest)

    def due(self, batch: Batch, now_ms: int) -> list[Outgoing]:
        """The commands that are due."""
        found = [self._of(batch, cabinet)[0] for cabinet in sorted(self._wanted)]
        return [message for firmware in found for message in self._tell(firmware, now_ms)]

    # ---- inside ----

    def _look(self, batch: Batch, now_ms: int) -> None:
        if 0 <= now_ms - self._looked_ms < LOOK_MS:
            return
        self._looked_ms = now_ms
        self._wanted = self._orders()
        for cabinet in {*self._wanted, *batch.books.firmware}:
            order = self._wanted.get(cabinet)
            before, digest = self._of(batch, cabinet)
            if (digest, before.number) != ((order.digest, order.number) if order else ("", 0)):
                self._told.pop(cabinet, None)
                self._note(batch, state.ordered(before, order, now_ms), order.digest if order else "")

    def _tell(self, firmware: CabinetFirmware, now_ms: int) -> list[Outgoing]:
        """The command `update`, when the cabinet does not fetch yet what it shall, and can."""
        order = self._wanted.get(firmware.cabinet)
        if order is None or firmware.state != "waiting" or firmware.cabinet not in self._devices or firmware.trial:
            return []
        told_ms = self._told.get(firmware.cabinet, ("", now_ms - TELL_AGAIN_MS))[1]
        if 0 <= now_ms - told_ms < TELL_AGAIN_MS or not self._bundles.holds(order.digest):
            return []
        identity = f"up-{order.digest[:8]}-{now_ms}"
        self._told[firmware.cabinet] = (identity, now_ms)
        command = {
            "kind": "update",
            "id": identity,
            "version": order.version,
            "bytes": order.bytes,
            "sha256": order.digest,
            "downgrade": int(order.downgrade),
        }
        return [Outgoing(firmware.cabinet, "command", wire.encode_command(command))]

    def _of(self, batch: Batch, cabinet: str) -> tuple[CabinetFirmware, str]:
        found: tuple[CabinetFirmware, str] = batch.books.firmware.get(cabinet, (CabinetFirmware(cabinet, ""), ""))
        return found

    def _note(self, batch: Batch, firmware: CabinetFirmware, digest: str) -> None:
        if batch.books.firmware.get(firmware.cabinet) == (firmware, digest):
            return
        batch.books.firmware[firmware.cabinet] = (firmware, digest)
        batch.touched_firmware.add(firmware.cabinet)

    def _bytes(self, digest: str) -> bytes:
        if self._open[0] != digest:
            self._open = (digest, self._bundles.path(digest).read_bytes())
        return self._open[1]
