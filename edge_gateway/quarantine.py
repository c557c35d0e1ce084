"""Where bytes go that cannot be understood or do not belong: kept with their reason, within bounds.

It decides what is kept and counts what is not, so that a flood cannot fill the disk; the rows are written with the
batch. It never changes what was received and never blocks what comes after.
"""

from edge_gateway.batch import Batch
from edge_gateway.received import Received

ROWS_PER_HOUR_MAX = 200
BYTES_PER_HOUR_MAX = 1_048_576
BYTES_KEPT_MAX = 8192
_HOUR_MS = 3_600_000


def quarantine(
    batch: Batch, message: Received, reason: str, *, cabinet: str = "", epoch: str = "", seq: int = 0, data: bytes = b""
) -> bool:
    """Keep the bytes (`data`, or the whole payload) with the reason; False when this hour's bounds are reached."""
    data = data or message.payload
    kept = data[:BYTES_KEPT_MAX]
    refusals = batch.refused((cabinet, message.received_ms // _HOUR_MS))
    if refusals.kept >= ROWS_PER_HOUR_MAX or refusals.kept_bytes + len(kept) > BYTES_PER_HOUR_MAX:
        refusals.dropped += 1
        return False
    refusals.kept += 1
    refusals.kept_bytes += len(kept)
    topic = message.topic[:256]
    batch.quarantine.append((topic, kept, len(data), reason[:500], message.received_ms, cabinet, epoch, seq))
    return True


def count_broken(batch: Batch, cabinet: str, received_ms: int) -> None:
    """A broken envelope that is asked for again."""
    batch.refused((cabinet, received_ms // _HOUR_MS)).broken += 1
