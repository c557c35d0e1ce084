"""That a closed page is freed when it is closed, and not when the garbage collector comes by."""

import asyncio
import gc
import weakref

from nicegui import Client, core
from nicegui.page import page

from page_kit.look import box, text
from page_kit.quick_elements import make_elements_quick


async def _closed_page() -> list[object]:
    core.loop = asyncio.get_running_loop()
    with Client(page(""), request=None) as client:
        for number in range(20):
            with box("pb-row").props(f"data-at={number}"):
                text("a row").on("click", lambda: None).style("width: 1px")
    held = [part for made in client.elements.values() for part in (made, made.classes, made.style, made.props)]
    gone = [weakref.ref(part) for part in held]
    del held
    client.delete()
    del client
    return [part() for part in gone]


def test_what_a_page_was_made_of_goes_with_it() -> None:
    make_elements_quick()
    gc.collect()
    gc.disable()
    try:
        left = asyncio.run(_closed_page())
    finally:
        gc.enable()
    assert len(left) > 160
    assert [part for part in left if part is not None] == []
