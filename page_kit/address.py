"""Where a page is found, and how long it may take to be made.

@page("/shops")
async def shops(request: Request) -> Response | None: ...
"""

from typing import Final

from nicegui import ui

BUILT_WITHIN_S: Final = 30.0  # NiceGUI's own 3 s answer 500 to whoever presses while the machine is busy


def page(path: str, title: str = "Partsbay") -> ui.page:
    """Decorates what builds the page of an address."""
    return ui.page(path, title=title, response_timeout=BUILT_WITHIN_S)
