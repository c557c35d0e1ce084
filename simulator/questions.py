"""What a controller's world was asked and has not answered yet; the answers come by number, in any order, or never."""

import asyncio
from collections.abc import Callable
from typing import Any


class PowerCutError(Exception):
    """The controller lost its power before it could answer."""


class Questions:
    """The open questions to one controller."""

    def __init__(self) -> None:
        self._open: dict[int, asyncio.Future[Any]] = {}
        self._number = 0

    async def ask(self, send: Callable[[list[Any]], None], name: str, *arguments: Any) -> Any:
        """Send `[number, name, ...]` and wait for the answer (`PowerCutError`)."""
        self._number += 1
        number = self._number
        answer = self._open[number] = asyncio.get_running_loop().create_future()
        send([number, name, *arguments])
        try:
            return await answer
        finally:
            self._open.pop(number, None)

    def answered(self, number: int, value: Any) -> None:
        """The answer to a question; one that nobody waits for any more is dropped."""
        answer = self._open.get(number)
        if answer is not None and not answer.done():
            answer.set_result(value)

    def power_lost(self) -> None:
        """Nothing will be answered any more."""
        for answer in self._open.values():
            if not answer.done():
                answer.set_exception(PowerCutError("the controller lost its power before it could answer"))
