"""Many connections over TLS, one after the other, in the heap of a controller: what came of them."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.firmware.brokers import micropython
from tests.firmware.link_world import HERE, compiled_firmware
from tests.firmware.shop_authority import ShopAuthority
from tests.firmware.tls_server import Server, broker, context_of

# A board with 128 KB, and TLS outside of them. Objects are twice as large here: what it has to spare is more.
OUTSIDE = ("outside", "128K")
# A board that has TLS within its 128 KB: 30 KB of that are bytes, and the rest, were it objects, would be 196 KB here.
INSIDE = ("inside", "160K")


@dataclass(frozen=True)
class Reconnected:
    """`handshake_us` is the median; `late_us_max` how late another task came at most while one was made."""

    attempts: int
    connects: int
    troubles: list[str]
    handshake_us: int
    handshake_us_max: int
    late_us_max: int
    secure_bytes: int
    held_bytes: int
    free_bytes: int
    resident_kb: int  # of the whole process, what TLS holds in libc's memory among it


def reconnect(folder: Path, count: int, where: tuple[str, str] = OUTSIDE) -> Reconnected:
    """Connect so often, to a server that hangs up as soon as it has answered SUBSCRIBE."""
    firmware = compiled_firmware(folder)
    shop = ShopAuthority(folder / "authority")
    server = Server(context_of(shop, shop.server), broker(b""))
    flash = folder / "flash"
    flash.mkdir()
    papers = folder / "settings.json"
    settings = {"cabinet": "cab-1", "broker_host": "127.0.0.1", "broker_port": server.port, "access_key": "5a" * 32}
    papers.write_text(json.dumps(settings | {"tls": shop.settings_of(shop.make("cab-1"))}))
    driver = str(HERE / "reconnect_driver.py")
    place, heap = where
    arguments = [str(firmware), str(flash), str(papers), str(count), place]
    command = [micropython(), "-X", f"heapsize={heap}", driver, *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=dict(os.environ))
    try:
        output, _ = process.communicate(timeout=600)
    finally:
        process.kill()
        server.close()
    last = output.decode(errors="replace").strip().splitlines()[-1]
    if not last.startswith("{"):
        raise AssertionError(output.decode(errors="replace"))
    return Reconnected(**json.loads(last))
