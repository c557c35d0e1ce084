"""Commands beside the running gateway: a code for a cabinet, and the end of a cabinet's certificates.

The gateway looks into the register every few seconds: it opens where cabinets enrol, and tells its broker.
"""

import time
import tomllib
from pathlib import Path

from edge_gateway import settings
from edge_gateway.identity.est_listener import new_secrets
from edge_gateway.identity.folder import replace_file
from edge_gateway.identity.settings_file import settings_text
from edge_gateway.identity.shop import Shop
from edge_gateway.settings import Settings


def wall_clock_ms() -> int:
    """Milliseconds since 1970-01-01 UTC."""
    return time.time_ns() // 1_000_000


def make_code(config: Path, cabinet: str) -> int:
    """Print a code for a cabinet; one that the settings do not name is added to them."""
    told, is_new = add_cabinet(config, cabinet)
    shop = Shop(told.data_dir, told.gateway, wall_clock_ms)
    made = shop.make_code(cabinet, "partsbay gateway enrol-code")
    minutes = (made.expires_ms - wall_clock_ms()) // 60_000 + 1
    lines = [
        f"{cabinet}: {made.code.text}",
        f"good once, for {minutes} minutes, at https://<this gateway>:{told.enrolment.port}",
        f"the shop's authority: {shop.shown_fingerprint()}",
    ]
    if is_new:
        lines.append(f"{cabinet} is new in {config}: start the gateway anew before the cabinet connects")
    if told.broker.tls == "off":
        lines.append('cabinets sign in by password here: set tls = "both" or "required" in [broker] for certificates')
    for line in lines:
        print(line)  # noqa: T201 - what a person called it for
    return 0


def add_cabinet(config: Path, cabinet: str) -> tuple[Settings, bool]:
    """The settings with this cabinet in them, and whether it was not before (`SettingsError`)."""
    told = settings.load(config)
    if cabinet in told.cabinets:
        return told, False
    before = config.read_bytes()
    table = tomllib.loads(before.decode())
    made = new_secrets()
    table.setdefault("cabinets", {})[cabinet] = {"password": made.password, "access_key": made.access_key}
    text = settings_text(table)
    parsed = settings.parse(tomllib.loads(text))
    replace_file(config.with_name(config.name + ".before"), before)
    replace_file(config, text.encode())
    return parsed, True


def revoke(config: Path, cabinet: str, why: str) -> int:
    """End a cabinet's certificates; 1 when it had none."""
    told = settings.load(config)
    ended = Shop(told.data_dir, told.gateway, wall_clock_ms).revoke(cabinet, why=why)
    print(f"{cabinet}: {ended} certificates ended")  # noqa: T201 - what a person called it for
    return 0 if ended else 1
