"""How the gateways and cabinets of a seeded fleet are just now: most are well, a few have troubles."""

from hashlib import sha256

from cloud.fleet_seed.asked import DAY_MS, HOUR_MS, Asked
from cloud.fleet_seed.fleets import ShopDrawn
from cloud.tables import CabinetStatus, Gateway

MINUTE_MS = 60_000


def gateway(asked: Asked, shop: ShopDrawn) -> Gateway:
    """The shop's gateway. Its key is nobody's: a drawn fleet has no gateways that could call."""
    draw = asked.draw("gateway", shop.id)
    row = Gateway(
        id=f"gw-{shop.id}",
        dealer_id=shop.dealer.id,
        shop_id=shop.id,
        key_sha256=sha256(draw.randbytes(32)).digest(),
        last_contact_ms=asked.until_ms - draw.randint(2_000, 50_000),
        disk_free_bytes=draw.randint(8, 90) * 10**9,
        disk_days=-1,
    )
    trouble = draw.random()
    if trouble < 0.03:  # silent since last night
        row.last_contact_ms = asked.until_ms - draw.randint(6, 40) * HOUR_MS
    elif trouble < 0.05:
        row.outbox_backlog, row.outbox_oldest_ms = draw.randint(40, 900), asked.until_ms - draw.randint(1, 9) * HOUR_MS
    elif trouble < 0.065:
        row.disk_low, row.disk_days, row.disk_free_bytes = True, draw.randint(1, 6), draw.randint(50, 900) * 10**6
    elif trouble < 0.08:
        row.quarantined, row.quarantine_oldest_ms = draw.randint(1, 4), asked.until_ms - draw.randint(1, 9) * DAY_MS
    elif trouble < 0.085:
        row.cannot_write_since_ms = asked.until_ms - draw.randint(10, 200) * MINUTE_MS
    return row


def cabinet_status(asked: Asked, shop: ShopDrawn, cabinet: str, gateway_row: Gateway) -> CabinetStatus:
    """How one cabinet is, as of its gateway's last word."""
    draw = asked.draw("status", shop.id, cabinet)
    told_ms = gateway_row.last_contact_ms
    row = CabinetStatus(
        shop_id=shop.id,
        cabinet=cabinet,
        dealer_id=shop.dealer.id,
        reported_ms=told_ms,
        last_heard_ms=told_ms - draw.randint(500, 9_000),
        online=True,
        journal_backlog=0,
        bins_blind=int(draw.random() < 0.012),
        firmware="0.1.0",
        taken_in_ms=told_ms - draw.randint(1, 240) * MINUTE_MS,
        journal_room_sessions=draw.randint(300, 800),
    )
    trouble = draw.random()
    if trouble < 0.01:
        row.online, row.last_heard_ms = False, told_ms - draw.randint(20, 900) * MINUTE_MS
    elif trouble < 0.015:
        row.journal_backlog, row.taken_in_ms = draw.randint(20, 900), told_ms - draw.randint(2, 30) * HOUR_MS
    elif trouble < 0.018:
        row.never_came, row.never_came_ms = draw.randint(1, 9), told_ms - draw.randint(1, 20) * DAY_MS
    return row
