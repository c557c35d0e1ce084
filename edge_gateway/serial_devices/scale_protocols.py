"""The protocols of bench scales, a row each: how one is read, what it is asked, at which speeds it is usually found."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from edge_gateway.serial_devices import a_and_d, cas, mt_sics, toledo
from edge_gateway.serial_devices.weight import Parser


@dataclass(frozen=True, slots=True)
class ScaleProtocol:
    """`ask` b"": it talks unasked. Commands that are b"" do not exist: the key at the scale is pressed instead."""

    parser: Callable[[], Parser]
    ask: bytes
    zero: bytes
    tare: bytes
    clear_tare: bytes
    bauds: tuple[int, ...]  # the likeliest first
    framing: str = "8N1"


SCALES: Mapping[str, ScaleProtocol] = {
    "mt-sics": ScaleProtocol(
        mt_sics.MtSics,
        mt_sics.WEIGH_NOW,
        mt_sics.ZERO,
        mt_sics.TARE,
        mt_sics.CLEAR_TARE,
        (9600, 19200, 4800, 38400, 2400),
    ),
    "toledo": ScaleProtocol(
        toledo.Toledo, b"", toledo.ZERO, toledo.TARE, toledo.CLEAR_TARE, (9600, 4800, 19200, 2400, 38400), "7E1"
    ),
    "cas": ScaleProtocol(cas.Cas, b"", cas.ZERO, cas.TARE, b"", (9600, 4800, 19200, 2400, 38400)),
    "a-and-d": ScaleProtocol(
        a_and_d.AandD, a_and_d.ASK, a_and_d.RE_ZERO, a_and_d.TARE, b"", (2400, 9600, 4800, 19200), "7E1"
    ),
}
