"""The kiosk in front of a small shop, served as the gateway serves it."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from edge_gateway import kiosk
from tests.pages.small_shop import SmallShop


@contextlib.contextmanager
def running_kiosk(folder: Path, filled: bool = True) -> Iterator[tuple[str, SmallShop]]:
    """Its address and the shop behind it."""
    shop = SmallShop(folder, filled)
    try:
        served = kiosk.serve(shop, "127.0.0.1", 0)
        try:
            yield f"http://127.0.0.1:{served.port}", shop
        finally:
            served.close()
    finally:
        shop.close()
