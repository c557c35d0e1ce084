"""The shelf nodes of a board that has some, and what the world may do to them. Imported for such a board only."""

import machine
from chips.rs485_line import Rs485Line, ShelfNode


def make_line(world, boot, row, scales):
    """(The line of the board file's `rs485`, the net of its driver's pin)."""
    de = machine.FreePin()
    line = Rs485Line([ShelfNode(address, scales) for address in range(1, row["nodes"] + 1)], de, row["baud"])
    for address, kind in boot["nodes"]:
        line.nodes[address - 1].fault = kind

    def break_(number, address, kind):
        line.nodes[address - 1].fault = kind
        world.done(number)

    world.on("node", break_)
    return line, de
