"""A person's wish for a cabinet (unlock, light, identify, recalibrate) as a command message.

Pure but for the random id, by which the controller does it once.
"""

import secrets
from collections.abc import Callable

from cabinet import wire

from edge_gateway.kiosk_seam import ActionError, SendCommand
from edge_gateway.received import Outgoing

WAIT_MS_MAX = 600_000


def command_message(action: SendCommand, knows: Callable[[str], bool], now_ms: int) -> tuple[str, Outgoing]:
    """The id of a command and its message; `ActionError` when the wish cannot be one."""
    if not knows(action.cabinet):
        raise ActionError(f"expected a cabinet of this shop, found {action.cabinet!r}")
    if not 0 < action.for_ms <= WAIT_MS_MAX:
        raise ActionError(f"expected a command to wait 1 to {WAIT_MS_MAX} ms, found {action.for_ms}")
    identity = secrets.token_hex(8)
    command = {"id": identity, "kind": action.kind, "expires_utc_ms": now_ms + action.for_ms, **action.fields}
    try:
        payload = wire.encode_command(command)
    except wire.WireError as error:
        raise ActionError(str(error)) from error
    return identity, Outgoing(action.cabinet, "command", payload)
