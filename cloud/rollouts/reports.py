"""What gateways say of their cabinets' firmware: the newest word, and how often each cabinet started, day by day.

Days are what a cabinet's health under new firmware is compared with: how it was under the old one. A start is counted
when the controller's own count has grown; one that was forgotten (a new controller) begins anew.
"""

import json
from collections.abc import Iterable
from typing import Any, Final

from sqlmodel import Session, col, select

from cloud.ingest import GatewayIdentity
from cloud.tables import CabinetFirmware
from edge_gateway import upload_format

DAY_MS: Final = 86_400_000
DAYS_KEPT: Final = 30
STARTS_AT_ONCE_MAX: Final = 1000  # more at once is another controller
_TEXT: Final = 200
Day = list[int]  # day since 1970; starts, of them by the watchdog, sensor errors: all up to its end


def keep_firmware(
    session: Session, gateway: GatewayIdentity, told: Iterable[upload_format.CabinetFirmware], now_ms: int
) -> None:
    """Keep what a gateway says of cabinets that are its shop's."""
    known = {
        row.cabinet: row
        for row in session.exec(select(CabinetFirmware).where(col(CabinetFirmware.shop_id) == gateway.shop))
    }
    for each in told:
        row = known.get(each.cabinet)
        if row is None:
            row = CabinetFirmware(
                shop_id=gateway.shop,
                cabinet=each.cabinet,
                dealer_id=gateway.dealer,
                version="",
                reported_ms=now_ms,
            )
            session.add(row)
        _keep(row, each, now_ms)


def _keep(row: CabinetFirmware, told: upload_format.CabinetFirmware, now_ms: int) -> None:
    version = _plain(told.firmware)
    if version != row.version:
        row.version, row.since_ms = version, now_ms
    row.days = json.dumps(with_report(json.loads(row.days), row, told, now_ms))
    for name in ("slot", "wanted", "state", "reason", "board", "reset_cause"):
        setattr(row, name, _plain(getattr(told, name)))
    row.trial, row.reported_ms = told.trial, now_ms
    for name in ("at_ms", "number", "got_bytes", "of_bytes", "starts", "sensor_errors"):
        setattr(row, name, min(max(-1, getattr(told, name)), 2**53))


def _plain(text: str) -> str:
    return text.replace("\0", "")[:_TEXT]


def with_report(days: list[Day], row: Any, told: upload_format.CabinetFirmware, now_ms: int) -> list[Day]:
    """The days with what is new in a report since the row's one; a day without a report has no line."""
    started = told.starts - row.starts if row.starts >= 0 else 0
    started = started if 0 < started <= STARTS_AT_ONCE_MAX else 0
    by_watchdog = int(started > 0 and told.reset_cause == "watchdog")
    before = 0 if started else row.sensor_errors
    errors = told.sensor_errors - before if row.sensor_errors >= 0 and told.sensor_errors >= 0 else 0
    _, starts, watchdogs, all_errors = days[-1] if days else (0, 0, 0, 0)
    new = [now_ms // DAY_MS, starts + started, watchdogs + by_watchdog, all_errors + max(0, errors)]
    return [*(each for each in days if each[0] != new[0]), new][-DAYS_KEPT:]


def totals(days: list[Day]) -> tuple[int, int, int]:
    """Starts, starts by the watchdog and sensor errors, all that were told of."""
    _, starts, watchdogs, errors = days[-1] if days else (0, 0, 0, 0)
    return starts, watchdogs, errors


def rates_ppm(days: list[Day]) -> tuple[int, int]:
    """Starts and sensor errors in a million hours of the days that are known."""
    if len(days) < 2:
        return 0, 0
    hours = 24 * max(1, days[-1][0] - days[0][0])
    return tuple(1_000_000 * (days[-1][at] - days[0][at]) // hours for at in (1, 3))  # type: ignore[return-value]
