"""What a controller sends, written from `docs/mqtt.md` alone: event lines, `state`, `health`.

Nothing of the product is used here, so that the page and the product are held against each other.
"""

import json
import secrets
import zlib
from typing import Any

UTC_MS = 1_790_000_000_000
NOISE_MG = 150


def packed(value: Any) -> bytes:
    """JSON as the page wants it: no spaces, UTF-8, fields in the order given."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def sealed(line: bytes) -> bytes:
    """A line with the CRC of all bytes before `,"crc":`."""
    return line + b',"crc":"%08x"}' % zlib.crc32(line)


def event_line(cabinet: str, epoch: str, seq: int | str, body: bytes, version: int = 1) -> bytes:
    """The envelope around a body."""
    head = f'{{"v":{version},"cabinet":"{cabinet}","epoch":"{epoch}","seq":{seq},"body":'
    return sealed(head.encode() + body)


def state(epoch: str, last: int, boot: int = 1, online: int = 1) -> bytes:
    """The retained word that a controller is there."""
    return packed({"v": 1, "online": online, "epoch": epoch, "boot": boot, "journal_last": last})


def health(epoch: str, first: int, last: int, boot: int = 1, up_ms: int = 2030) -> bytes:
    """How a controller is."""
    return packed(
        {
            "v": 1,
            "epoch": epoch,
            "boot": boot,
            "up_ms": up_ms,
            "firmware": "stranger",
            "reset_cause": "power_on",
            "config_version": 0,
            "journal_first": first,
            "journal_last": last,
            "journal_through": 0,
            "journal_free_bytes": 393000,
            "mem_free_bytes": 61000,
            "mem_free_bytes_min": 52000,
            "scan_ms_max": 71,
            "bins_blind": 0,
            "sensor_errors": 0,
            "connects": 1,
            "refused": 0,
        }
    )


class Book:
    """A journal: numbered event lines of one epoch."""

    def __init__(self, cabinet: str) -> None:
        self.cabinet = cabinet
        self.epoch = secrets.token_hex(8)
        self.lines: list[bytes] = []
        self.write("journal_created", reason="first")

    def body(self, kind: str, **fields: Any) -> bytes:
        """The body the next event would have."""
        seq = len(self.lines) + 1
        return packed({"kind": kind, "boot": 1, "up_ms": seq * 1000, "utc_ms": UTC_MS + seq * 1000, **fields})

    def write(self, kind: str, **fields: Any) -> int:
        """The next event; its `seq`."""
        return self.write_body(self.body(kind, **fields))

    def write_body(self, body: bytes) -> int:
        """The next event, with whatever body."""
        seq = len(self.lines) + 1
        self.lines.append(event_line(self.cabinet, self.epoch, seq, body))
        return seq

    def session(self, before_mg: int, after_mg: int) -> None:
        """Somebody comes, bin 1 changes, and the door is shut again."""
        rows = [[1, before_mg, NOISE_MG, 0]]
        opened = self.write("session_opened", by="badge", badge="04A1B2C3", person="wang", door=1, bins=rows)
        self.write("door_opened", session=opened, door=1)
        self.write("door_shut", session=opened, door=1)
        rows = [[1, before_mg, NOISE_MG, after_mg, NOISE_MG, 0]]
        self.write("session_closed", session=opened, how="shut", missing="", open_ms=9000, bins=rows)
