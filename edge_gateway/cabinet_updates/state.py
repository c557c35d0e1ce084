"""How far a cabinet's update is: what its controller says, and what comes of that. Pure: values in, values out."""

from typing import Any

from msgspec.structs import astuple, replace

from edge_gateway.cabinet_updates.wanted import Wanted
from edge_gateway.upload_format import CabinetFirmware

ENDED = ("confirmed", "returned", "refused", "too_old")  # nothing more comes of this order by itself
_BY_EVENT = {
    "update_refused": "refused",
    "update_installed": "installed",
    "update_confirmed": "confirmed",
    "update_returned": "returned",
}
KINDS = frozenset(_BY_EVENT)

Row = tuple[Any, ...]


def row(firmware: CabinetFirmware, digest: str) -> Row:
    """As it stands in `cabinet_firmware`."""
    return (*astuple(firmware), digest)


def from_row(found: Row) -> tuple[CabinetFirmware, str]:
    """The same, read."""
    values = list(found)
    values[3] = bool(values[3])
    return CabinetFirmware(*values[:-1]), str(values[-1])


def heard_device(before: CabinetFirmware, word: dict[str, Any], now_ms: int) -> CabinetFirmware:
    """After a `device` message."""
    after = replace(
        before,
        firmware=word["firmware"],
        slot=word["slot"],
        trial=bool(word["trial"]),
        board=word["board"],
        got_bytes=word["got_bytes"] if word["installing"] else -1,
        of_bytes=word["of_bytes"] if word["installing"] else -1,
    )
    return _with(after, _by_device(after, word), now_ms)


def _by_device(firmware: CabinetFirmware, word: dict[str, Any]) -> str:
    if not firmware.wanted:
        return ""
    if word["firmware"] == firmware.wanted:
        return "installed" if word["trial"] else "confirmed"
    if word["slot"] == "none":
        return "too_old"
    if word["installing"] == firmware.wanted:
        return "loading"
    return firmware.state if firmware.state in ENDED else "waiting"


def heard_health(before: CabinetFirmware, health: dict[str, Any]) -> CabinetFirmware:
    """After a `health` message."""
    return replace(
        before,
        firmware=health["firmware"],
        starts=health["boot"],
        reset_cause=health["reset_cause"],
        sensor_errors=health["sensor_errors"],
    )


def heard_event(before: CabinetFirmware, body: dict[str, Any], at_ms: int) -> CabinetFirmware:
    """After an event `update_…`; one about another version than the wanted one changes nothing of the order."""
    state = _BY_EVENT[body["kind"]]
    if body["version"] != before.wanted or before.state == state:
        return before
    return replace(_with(before, state, at_ms), reason=body.get("reason", ""), trial=state == "installed")


def refused_command(before: CabinetFirmware, why: str, now_ms: int) -> CabinetFirmware:
    """After a command `update` that was refused as such."""
    return replace(_with(before, "refused", now_ms), reason=why)


def ordered(before: CabinetFirmware, order: Wanted | None, now_ms: int) -> CabinetFirmware:
    """After a new order, or the end of one."""
    if order is None:
        return replace(before, wanted="", state="", reason="", number=0, at_ms=now_ms)
    state = "confirmed" if before.firmware == order.version and not before.trial else "waiting"
    return replace(before, wanted=order.version, state=state, reason="", number=order.number, at_ms=now_ms)


def found_old(before: CabinetFirmware, now_ms: int) -> CabinetFirmware:
    """A controller that speaks and says nothing of itself as a device: it came before all this."""
    return _with(before, "too_old", now_ms)


def _with(firmware: CabinetFirmware, state: str, now_ms: int) -> CabinetFirmware:
    """In a state, since now if it is another one."""
    if state == firmware.state:
        return firmware
    reason = firmware.reason if state in ENDED else ""
    return replace(firmware, state=state, at_ms=now_ms, reason=reason)
