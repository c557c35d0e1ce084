"""Checks of a board's pins: each says in a sentence what was expected and what was found."""

from collections.abc import Iterator

from hardware.chips import Module, module_of
from hardware.pin_uses import Board, PinUse, pin_uses


def check(board: Board) -> Iterator[str]:
    """Everything that is wrong with the pins."""
    module = module_of(board)
    uses = pin_uses(board)
    yield from _twice(uses)
    for use in uses:
        yield from _unusable(use, module)
        yield from _straps(use, module)
        yield from _functions(use, module)
    yield from _serial_lines(board, module)


def _said(use: PinUse) -> str:
    return f"{use.to} {use.terminal}"


def _twice(uses: list[PinUse]) -> Iterator[str]:
    by_pin: dict[int, list[PinUse]] = {}
    for use in uses:
        by_pin.setdefault(use.pin, []).append(use)
    for pin, same in by_pin.items():
        if len(same) > 1:
            yield f"expected one use of pin {pin}, found {len(same)}: {', '.join(map(_said, same))}"


def _unusable(use: PinUse, module: Module) -> Iterator[str]:
    if use.pin in module.reserved:
        if use.kind != "phy" or module.ethernet_ma == 0 or "PSRAM" in module.reserved[use.pin]:
            yield f"expected a free pin for {_said(use)}, found {use.pin}: {module.reserved[use.pin]}"
    elif use.pin not in module.pins:
        yield f"expected a pin of the {module.title} for {_said(use)}, found {use.pin}, which it does not lead out"
    elif use.pin in module.input_only and use.kind in ("out", "coil", "light", "phy"):
        yield f"expected an output for {_said(use)}, found {use.pin}, which is an input only"
    elif use.pin in module.input_only and use.kind == "contact":
        yield f"expected a pin with a pull-up for {_said(use)}, found {use.pin}, which has none"


def _straps(use: PinUse, module: Module) -> Iterator[str]:
    strap = module.straps.get(use.pin)
    if strap is None or use.kind == "phy":
        return
    if use.kind == "coil":
        if strap.pulled == "up":
            yield f"expected a coil that is off while the chip starts, found {_said(use)} on {use.pin}, pulled up then"
        elif strap.must_be != "either":
            yield f"expected no coil on a strapping pin, found {_said(use)} on {use.pin}: {strap.why}"
    elif strap.must_be != "either" and use.kind in ("contact", "in", "out"):
        yield f"expected nothing that may pull pin {use.pin} while the chip starts, found {_said(use)}: {strap.why}"


def _functions(use: PinUse, module: Module) -> Iterator[str]:
    allowed = module.functions.get(use.function)
    if module.functions and use.function and (allowed is None or use.pin not in allowed):
        pins = ", ".join(map(str, sorted(allowed or ())))
        yield f"expected {use.function} on one of the pins {pins or 'it has'}, found {use.pin}"


def _serial_lines(board: Board, module: Module) -> Iterator[str]:
    taken: dict[int, str] = {}
    for to in ("rs485", "reader", "tags"):
        if to not in board:
            continue
        uart = board[to]["uart"]
        if uart not in module.uarts or uart == module.console_uart:
            yield f"expected a free serial line for {to}, found {uart}"
        elif uart in taken:
            yield f"expected a serial line for {to} alone, found {uart} used by {taken[uart]} too"
        taken[uart] = to
