"""What a virtual cabinet is plugged into: its controller with the power switch, and the way to the broker.

`ControllerProcess` and `Network` are what the demo has, `LockstepProcess` and `ModelledNetwork` what a simulation has.
"""

from collections.abc import Callable
from typing import Any, Protocol


class Power(Protocol):
    """The controller and its power switch."""

    @property
    def powered(self) -> bool:
        """Whether it is on."""
        ...

    @property
    def pid(self) -> int | None:
        """The process id while it is on."""
        ...

    async def power_on(self, boot: Callable[[], dict[str, Any]]) -> None:
        """Start it in a world, as `boot` finds it when it asks."""
        ...

    def power_cut(self) -> None:
        """Take the power away, now."""
        ...

    async def stop(self) -> None:
        """Take the power away for good."""
        ...

    async def ask(self, name: str, *arguments: Any) -> Any:
        """Tell its world something and wait for the answer (`PowerCutError`)."""
        ...


class Cable(Protocol):
    """The way to the broker. `port` is where the controller connects; 0: not yet."""

    port: int

    async def start(self) -> None:
        """Have a port."""
        ...

    async def stop(self) -> None:
        """End every connection."""
        ...

    def cut(self) -> None:
        """Break every connection, and each new one."""
        ...

    def restore(self) -> None:
        """Work again."""
        ...
